"""An article: one text of one edition or outlet, and the languages that it can be in."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from dedup.errors import LanguageTagError

__all__ = ["CALIBRATED_LANGUAGES", "UNDETERMINED", "Article", "canonical_language", "primary_language"]

CALIBRATED_LANGUAGES = ("fa", "fa-AF", "ar", "en", "tr")
"""The languages that the shipped calibration was fitted on, as BCP 47 tags. Others work with a general mean."""

UNDETERMINED = "und"
"""BCP 47's tag for "language not known"."""

# ISO 639-3/639-2 codes and names that feeds use for the five languages. Everything else must be a BCP 47 tag.
_ALIASES = {
    "prs": "fa-AF",
    "dari": "fa-AF",
    "دری": "fa-AF",
    "fas": "fa",
    "per": "fa",
    "pes": "fa",
    "farsi": "fa",
    "persian": "fa",
    "فارسی": "fa",
    "ara": "ar",
    "arb": "ar",
    "arabic": "ar",
    "العربية": "ar",
    "العربیة": "ar",
    "eng": "en",
    "english": "en",
    "tur": "tr",
    "turkish": "tr",
    "türkçe": "tr",
    "pus": "ps",
    "pashto": "ps",
    "urd": "ur",
    "urdu": "ur",
    "rus": "ru",
    "russian": "ru",
    "kur": "ku",
    "kurdish": "ku",
}
_TAG = re.compile(
    r"(?P<language>[a-z]{2,3})(?:-(?P<script>[a-z]{4}))?(?:-(?P<region>[a-z]{2}|[0-9]{3}))?(?:-[a-z0-9]{1,8})*"
)


def canonical_language(tag: str) -> str:
    """Return the BCP 47 tag that dedup uses for ``tag``: ``prs``, ``fa_AF`` and ``Dari`` become ``fa-AF``.

    Regions are dropped (``en-GB`` is ``en``) but for ``fa-AF``, which is a language of its own here.

    Raises:
        LanguageTagError: ``tag`` is no language tag.

    >>> [canonical_language(tag) for tag in ("prs", "fa_IR", "EN-us", "Türkçe", "zh-Hans-CN")]
    ['fa-AF', 'fa', 'en', 'tr', 'zh']
    """
    key = tag.strip().replace("_", "-").lower()
    if key in _ALIASES:
        return _ALIASES[key]
    match = _TAG.fullmatch(key)
    if match is None:
        raise LanguageTagError(f"not a language tag: {tag[:80]!r}; use a BCP 47 tag such as fa, fa-AF, ar, en or tr")
    language = _ALIASES.get(match["language"], match["language"])
    return "fa-AF" if language == "fa" and match["region"] == "af" else language


def primary_language(tag: str) -> str:
    """Return the language of a tag without its region.

    >>> primary_language("fa-AF")
    'fa'
    """
    return tag.partition("-")[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """One article as it was published by one outlet or edition.

    At least one of ``title`` and ``body`` holds text. ``published`` is always aware of its time zone. Fields that
    an input carries and dedup does not know are kept in ``extra`` and written out again.
    """

    id: str
    title: str
    body: str
    language: str = UNDETERMINED
    """BCP 47 tag; ``fa-AF`` for Dari; ``und`` before detection."""
    language_confidence: float = 1.0
    """How sure the language is, from 0 to 1. Stated by the source: 1.0."""
    published: datetime | None = None
    url: str | None = None
    edition: str | None = None
    """The outlet, agency or edition that published the text."""
    section: str | None = None
    city: str | None = None
    agency: str | None = None
    extra: Mapping[str, Any] = field(default_factory=dict, hash=False)

    def __post_init__(self) -> None:
        if self.published is not None and self.published.tzinfo is None:
            raise ValueError(f"published has no time zone: {self.published!r}; give it one, e.g. datetime.UTC")
        object.__setattr__(self, "extra", dict(self.extra))

    @property
    def text(self) -> str:
        """Headline and body, one paragraph a line."""
        return f"{self.title}\n{self.body}" if self.title and self.body else self.title or self.body
