"""Stories: groups of articles about one event, in order, with one that stands for all."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from dedup.article import Article, canonical_language
from dedup.errors import SettingsError

__all__ = ["Member", "Story", "choose_representative", "make_story", "preferred_languages", "story_id"]

_RULES = ("earliest", "longest")
_HEADLINE_CHARACTERS = 120
_FAR_FUTURE = float("inf")


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """An article in its story."""

    article: Article
    probability: float
    """Probability that the article tells the same story as the others of it, from the average log-odds of its pairs
    with them; 1.0 for an article that is alone. Of one that follows another of its crowd (``dedup.crowds``), that of
    its pair with that; it does not count for the others."""
    relation: str | None = None
    """``original``, ``reprint``, ``translation``, ``independent`` or ``update``; None where no calibration says."""
    of: str | None = None
    """Id of the article that a reprint, translation or update is of; None for others."""
    relation_probability: float | None = None
    """Probability of ``relation``, given that the articles of the story belong together."""


@dataclass(frozen=True, kw_only=True)
class Story:
    """One event as reported: the earliest article first, those without a time last."""

    id: str
    members: tuple[Member, ...]
    representative: Article

    @property
    def articles(self) -> tuple[Article, ...]:
        """The articles of the story."""
        return tuple(member.article for member in self.members)

    @property
    def headline(self) -> str:
        """Headline of the representative, or the beginning of its text where it has none."""
        return headline_of(self.representative)

    @cached_property
    def languages(self) -> tuple[str, ...]:
        """Languages of the story, each once, in the order in which they came."""
        return tuple(dict.fromkeys(article.language for article in self.articles))

    @cached_property
    def editions(self) -> tuple[str, ...]:
        """Editions and outlets of the story, each once, in the order in which they came."""
        return tuple(dict.fromkeys(article.edition for article in self.articles if article.edition))

    @property
    def first_published(self) -> datetime | None:
        """Earliest known time of publication."""
        return min((article.published for article in self.articles if article.published), default=None)

    @property
    def last_published(self) -> datetime | None:
        """Latest known time of publication."""
        return max((article.published for article in self.articles if article.published), default=None)


def headline_of(article: Article) -> str:
    """Return the headline of an article, or the beginning of its text where it has none."""
    if article.title:
        return article.title
    text = " ".join(article.body.split())
    return text if len(text) <= _HEADLINE_CHARACTERS else text[: _HEADLINE_CHARACTERS - 1].rsplit(" ", 1)[0] + "…"


def make_story(members: Sequence[Member], *, keep: str) -> Story:
    """Put the members of one story in order and choose its representative.

    The id comes from the earliest article alone (the smallest id where no time is known), so that a story that grows
    keeps it.

    Args:
        members: One or more.
        keep: As in ``Settings.keep``.
    """
    ordered = tuple(sorted(members, key=lambda member: _time_order(member.article)))
    return Story(
        id=story_id(ordered[0].article.id),
        members=ordered,
        representative=choose_representative([member.article for member in ordered], keep),
    )


def story_id(first: str) -> str:
    """Return the id of a story whose earliest article has the id ``first``."""
    return "s" + hashlib.blake2b(first.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()


def choose_representative(articles: Sequence[Article], keep: str) -> Article:
    """Return the article that stands for all: the earliest, the longest, or the first of the preferred languages.

    Ties go to the longer text, then to the smaller id. Of a preferred language the earliest is taken.

    Raises:
        SettingsError: ``keep`` is neither a rule nor a list of languages.
    """
    return min(articles, key=_preference(keep))


def _preference(keep: str) -> Callable[[Article], tuple[float, float, float, str]]:
    if keep == "earliest":
        return lambda article: (0, _time(article), -len(article.text), article.id)
    if keep == "longest":
        return lambda article: (0, -len(article.text), _time(article), article.id)
    order = preferred_languages(keep)
    place = {language: i for i, language in reversed(list(enumerate(order)))}
    return lambda article: (place.get(article.language, len(order)), _time(article), -len(article.text), article.id)


def preferred_languages(keep: str) -> list[str]:
    """Return the languages that ``keep`` names, as BCP 47 tags; none for ``earliest`` and ``longest``.

    Raises:
        SettingsError: ``keep`` is neither a rule nor a list of languages.

    >>> preferred_languages("prs, Turkish")
    ['fa-AF', 'tr']
    """
    if keep in _RULES:
        return []
    try:
        languages = [canonical_language(tag) for tag in keep.split(",") if tag.strip()]
    except ValueError as error:
        raise SettingsError(f"keep is {keep!r}: {error}; use earliest, longest, or languages such as fa,en") from error
    if not languages:
        raise SettingsError(f"keep is {keep!r}, empty; use earliest, longest, or languages such as fa,en")
    return languages


def _time_order(article: Article) -> tuple[float, str]:
    return _time(article), article.id


def _time(article: Article) -> float:
    return article.published.timestamp() if article.published else _FAR_FUTURE
