"""What one edition or language ran and another did not."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from dedup.article import canonical_language
from dedup.coverage.matrix import Appearance, Coverage, CoverageRow, Side, coverage_of, side_of
from dedup.errors import LanguageTagError, SettingsError
from dedup.story import Member, Story

__all__ = ["Gap", "GapQuery", "find_gaps", "gaps_in", "near_names"]


@dataclass(frozen=True, slots=True, kw_only=True)
class GapQuery:
    """Which gaps are asked for.

    Raises:
        SettingsError: a value that cannot be, a time without a zone, or a name on both sides.
        LanguageTagError: ``by`` is ``language``, and a name is no language tag.
    """

    by: Side = "language"
    have: tuple[str, ...] = ()
    """Languages or editions all of which ran the story; empty: whichever."""
    lack: tuple[str, ...] = ()
    """Languages or editions none of which ran it; empty: at least one of those that are in ``Coverage.columns``."""
    min_size: int = 1
    """Least articles of the story."""
    since: datetime | None = None
    """A story of which those that ran it published an article then or later..."""
    until: datetime | None = None
    """...and before this. An article without a time is in no span of time."""

    def __post_init__(self) -> None:
        side_of(self.by)
        if self.min_size < 1:
            raise SettingsError(f"min_size is {self.min_size}; a story has 1 article or more")
        for name in ("since", "until"):
            time = getattr(self, name)
            if time is not None and time.tzinfo is None:
                raise SettingsError(f"{name} is {time!r}, without a zone; give it one, such as datetime.UTC")
        for side in ("have", "lack"):
            object.__setattr__(self, side, tuple(dict.fromkeys(self._name(name) for name in getattr(self, side))))
        both = sorted(set(self.have) & set(self.lack))
        if both:
            raise SettingsError(f"{both[0]!r} cannot both have run a story and lack it; name it on one side")

    def _name(self, name: str) -> str:
        if self.by == "edition":
            return name.strip()
        try:
            return canonical_language(name)
        except LanguageTagError as error:
            raise LanguageTagError(f"{error}; names of editions go by edition") from error


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """A story that ran in some columns and not in others."""

    story: Story
    ran: tuple[Appearance, ...]
    """Where it ran, in the order in which they came."""
    lack: tuple[str, ...]
    """Where it did not: of the names that were asked for, or of all columns, in the order of ``Coverage.columns``."""
    first: Member
    """The first article of it, among those of the columns that were asked to have run it."""


def find_gaps(stories: Iterable[Story], query: GapQuery | None = None) -> list[Gap]:
    """Return the stories that ran in some editions, or languages, and not in others.

    Those that ran in the most columns come first, then those with the most articles, then the latest, then by id.

    Args:
        stories: Of a run, of a store or of a file (``read_stories``).
        query: Which gaps; by default every story that is missing in a language that another story is in.
    """
    query = query or GapQuery()
    return gaps_in(coverage_of(stories, query.by), query)


def gaps_in(coverage: Coverage, query: GapQuery) -> list[Gap]:
    """Return the gaps of a coverage, see ``find_gaps``.

    Raises:
        SettingsError: the coverage is by the other side.
    """
    if coverage.by != query.by:
        raise SettingsError(f"the gaps are asked for by {query.by}, and the coverage is by {coverage.by}")
    columns = query.lack or tuple(column.name for column in coverage.columns)
    found = (_gap(row, query, columns) for row in coverage.rows)
    return sorted((gap for gap in found if gap is not None), key=_order)


def near_names(wanted: str, coverage: Coverage) -> list[str]:
    """Return the names of columns that are most like one that is none, at most three."""
    names = {column.name.casefold(): column.name for column in reversed(coverage.columns)}
    return [names[near] for near in difflib.get_close_matches(wanted.casefold(), list(names), n=3)]


def _gap(row: CoverageRow, query: GapQuery, columns: Sequence[str]) -> Gap | None:
    if len(row.story.members) < query.min_size:
        return None
    ran_in = set(row.ran_in)
    lack = tuple(name for name in columns if name not in ran_in)
    is_gap = len(lack) == len(columns) if query.lack else bool(lack)
    if not (is_gap and ran_in.issuperset(query.have)):
        return None
    asked = [one for one in row.appearances if not query.have or one.column in query.have]
    if not any(_in_time(member, query) for appearance in asked for member in appearance.members):
        return None
    return Gap(story=row.story, ran=row.appearances, lack=lack, first=asked[0].first)


def _in_time(member: Member, query: GapQuery) -> bool:
    if query.since is None and query.until is None:
        return True
    time = member.article.published
    if time is None:
        return False
    return (query.since is None or time >= query.since) and (query.until is None or time < query.until)


def _order(gap: Gap) -> tuple[int, int, float, str]:
    last = gap.story.last_published
    return -len(gap.ran), -len(gap.story.members), -last.timestamp() if last else float("inf"), gap.story.id
