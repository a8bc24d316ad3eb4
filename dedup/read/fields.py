"""Which field of a record is which part of an article."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from types import MappingProxyType

from dedup.text.fold import fold_name

__all__ = ["ARTICLE_FIELDS", "USUAL_NAMES", "FieldNames", "shown_columns"]

USUAL_NAMES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "id": ("id", "article_id", "guid", "uid", "uuid", "doc_id", "news_id", "_id"),
        "title": ("title", "headline", "heading", "عنوان", "تیتر", "başlık", "baslik", "العنوان", "caption"),
        "body": (
            "body",
            "text",
            "content",
            "article",
            "full_text",
            "article_body",
            "article_text",
            "maintext",
            "متن",
            "النص",
            "metin",
            "içerik",
            # a summary rather than the text: only where nothing better is there
            "description",
            "summary",
            "abstract",
        ),
        "language": ("language", "lang", "locale", "زبان", "اللغة", "dil"),
        "published": (
            "published",
            "published_at",
            "date_published",
            "publication_date",
            "published_date",
            "publish_date",
            "publish_time",
            "published_time",
            "pub_date",
            "datetime",
            "date_time",
            "date",
            "timestamp",
            "time",
            "created_at",
            "تاریخ",
            "tarih",
            "تاریخ انتشار",
            "زمان انتشار",
            "تاريخ النشر",
            "yayın tarihi",
            "date_publish",
            "article:published_time",
            "parsely-pub-date",
            "dc.date",
        ),
        "retrieved": (
            "retrieved",
            "retrieved_at",
            "date_retrieved",
            "retrieval_date",
            "crawled",
            "crawled_at",
            "date_crawled",
            "crawl_date",
            "crawl_time",
            "fetched",
            "fetched_at",
            "date_fetched",
            "fetch_date",
            "fetch_time",
            "scraped_at",
            "date_scraped",
            "scrape_date",
            "downloaded_at",
            "date_download",
            "date_downloaded",
            "download_date",
            "accessed_at",
            "warc_date",
        ),
        "url": ("url", "link", "permalink", "href", "canonical_url", "web_url"),
        "edition": (
            "edition",
            "source",
            "outlet",
            "publisher",
            "newspaper",
            "site",
            "domain",
            "منبع",
            "المصدر",
            "kaynak",
        ),
        "section": ("section", "category", "rubric", "topic", "kategori"),
        "city": ("city", "dateline_city", "شهر", "المدينة", "şehir"),
        "agency": ("agency", "news_agency", "wire", "خبرگزاری", "ajans"),
    }
)
"""Our name of a field to the names that feeds give it, best first. Case, spaces, ``_`` and ``-`` do not matter."""

ARTICLE_FIELDS = tuple(USUAL_NAMES)
"""The fields of a record that are read; all others go to ``Article.extra``, and so does ``retrieved``, which only tells
what *2 hours ago* is told from."""

_COLUMNS_SHOWN, _CHARACTERS_SHOWN = 12, 200

_LONGEST_KEY = 64  # characters; longer keys are nobody's usual name and not worth remembering
_fold = lru_cache(maxsize=4096)(fold_name)


class FieldNames:
    """Finds the fields of an article in a record: by explicit names first, by the usual names for the rest."""

    def __init__(self, explicit: Mapping[str, str] | None = None, *, own: bool = False) -> None:
        self.own = own
        """Whether a reader has named the fields, so that nobody else can name them better."""
        self._explicit = dict(explicit or {})
        self._ranks: dict[str, tuple[str, int]] = {
            fold_name(name): (field, rank)
            for field, names in USUAL_NAMES.items()
            if field not in self._explicit
            for rank, name in enumerate(names)
        }
        # An explicit name means that very field, whatever it usually stands for.
        self._ranks |= {fold_name(name): (field, 0) for field, name in self._explicit.items() if fold_name(name)}

    def candidates(self, keys: Iterable[str]) -> dict[str, list[str]]:
        """Return our names to the keys that stand for them, best first; keys without a place are left out.

        >>> FieldNames().candidates(["pubDate", "Headline", "text", "description", "x"])
        {'published': ['pubDate'], 'title': ['Headline'], 'body': ['text', 'description']}
        """
        exact = {name: field for field, name in self._explicit.items()}
        found: dict[str, list[tuple[int, str]]] = {}
        for key in keys:
            if key in exact:
                found.setdefault(exact[key], []).append((-1, key))
            elif len(key) <= _LONGEST_KEY and (place := self._ranks.get(_fold(key))):
                found.setdefault(place[0], []).append((place[1], key))
        # a stable sort on the rank alone: of "Title" and "title" the first in the record is taken
        return {field: [key for _, key in sorted(ranked, key=lambda pair: pair[0])] for field, ranked in found.items()}


def shown_columns(names: Sequence[str]) -> str:
    """Return the names of a table's columns for a message, cut where there are many."""
    shown = ", ".join(names[:_COLUMNS_SHOWN])[:_CHARACTERS_SHOWN]
    return f"{shown} and {len(names) - _COLUMNS_SHOWN:,} more" if len(names) > _COLUMNS_SHOWN else shown
