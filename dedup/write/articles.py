"""Articles in the shape in which they came: our names of the known fields, and the unknown ones beside them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dedup.article import Article
from dedup.write.delimited import write_delimited
from dedup.write.json_lines import json_line
from dedup.write.kinds import Kind, kinds_of, plain_text
from dedup.write.output import STANDARD_OUTPUT, Destination, open_output
from dedup.write.typed import write_typed

if TYPE_CHECKING:
    from dedup.manifest import Manifest

__all__ = ["FIELDS", "article_kinds", "article_row", "typed_article_rows", "write_articles"]

FIELDS = ("id", "title", "body", "language", "published", "url", "edition", "section", "city", "agency")
"""The known fields, in the order in which they are written."""
_ALWAYS = ("id", "title", "body", "language")


def write_articles(
    articles: Iterable[Article],
    destination: str | Path | Destination = STANDARD_OUTPUT,
    *,
    manifest: Manifest | None = None,
) -> None:
    """Write articles as JSON lines or, by the ending of the destination, as a table; dedup reads either again.

    A table has a column for each field that any article has; a list or an object in it is written as JSON. In
    ``.parquet`` and ``.arrow`` a column of an unknown field has the type of its values where they have one.

    Args:
        articles: in the order in which they are to stand.
        destination: as for ``write_stories``.
        manifest: as for ``write_stories``.

    Raises:
        OutputError: as for ``write_stories``.
    """
    destination = destination if isinstance(destination, Destination) else Destination.of(destination)
    if destination.typed:
        articles = list(articles)
        kinds = article_kinds(articles)
        write_typed(destination, kinds, typed_article_rows(articles, kinds), manifest)
        return
    with open_output(destination) as file:
        if destination.format == "jsonl":
            file.writelines(json_line(article_row(article)) for article in articles)
        else:
            rows = [article_row(article) for article in articles]
            write_delimited(file, _columns(rows), rows, destination.format)


def _columns(rows: Iterable[Mapping[str, Any]]) -> list[str]:
    """Return the fields that any row has, ours first."""
    present = dict.fromkeys(key for row in rows for key in row)
    ours = [name for name in FIELDS if name in present or name in _ALWAYS]
    return [*ours, *(name for name in present if name not in FIELDS)]


def article_kinds(articles: Sequence[Article]) -> dict[str, Kind]:
    """Return the columns of a table of ``articles`` and what each holds."""
    columns = _columns(map(article_row, articles))
    unknown = kinds_of(article_row(article) for article in articles)
    ours: dict[str, Kind] = {name: "time" if name == "published" else "text" for name in FIELDS}
    return {name: ours.get(name) or unknown[name] for name in columns}


def typed_article_rows(articles: Iterable[Article], kinds: Mapping[str, Kind]) -> Iterator[dict[str, Any]]:
    """Yield articles as rows of ``kinds``."""
    texts = [name for name, kind in kinds.items() if kind == "text" and name not in FIELDS]
    for article in articles:
        row = article_row(article)
        # a field of the record that has the name of ours stands in for it where ours has no value
        row |= {name: plain_text(row[name]) for name in FIELDS if name in row}
        row |= {name: plain_text(row[name]) for name in texts if name in row}
        yield row | {"published": article.published}


def article_row(article: Article) -> dict[str, Any]:
    """Return an article as one flat record, ready for JSON: fields without a value are left out.

    An unknown field is written under its own name; where that is one of ours and ours has a value, ours is kept.
    """
    published = article.published.isoformat() if article.published else None
    values = {name: getattr(article, name) for name in FIELDS} | {"published": published}
    row = {name: value for name, value in values.items() if value is not None}
    return row | {name: value for name, value in article.extra.items() if name not in row}
