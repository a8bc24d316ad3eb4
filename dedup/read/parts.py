"""Some of the files of a run, read apart from the others: by another process, on another machine.

Which ids are taken nobody knows there. So each record says which it asks for, and ``settle_ids`` says afterwards what
one reader of all files would have said: the first keeps an id, a later record is rejected, a nameless copy is numbered.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from dedup.article import Article
from dedup.read.articles import SourceReader, excerpt_of
from dedup.read.ids import IdRegister, content_id
from dedup.read.options import ReadOptions
from dedup.read.report import ReadReport, make_excerpt
from dedup.read.sources import Source

__all__ = ["Claim", "Settled", "TakenArticle", "claim_root", "read_part", "settle_ids"]

_COPY = re.compile(r"-[0-9]+\Z")


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenArticle:
    """An article with the id that it asks for."""

    article: Article
    place: int
    """Counts the articles and rejects of its part from 1, in order."""
    file: str
    line: int
    given: bool
    """Whether the record has the id; else it is made of what the record says."""
    warnings: int
    excerpt: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """An id that a record asks for."""

    part: int
    place: int
    id: str
    file: str
    line: int
    given: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """A record that does not get the id it asks for: it gets another one, or is rejected."""

    part: int
    place: int
    id: str | None
    reason: str | None


class _Asked:
    """Takes note of what a record asks for, and grants it."""

    def __init__(self) -> None:
        self.file, self.line, self.given = "", 0, True

    def claim(self, article_id: str, *, file: str, line: int) -> None:  # noqa: ARG002 - as IdRegister
        self.file, self.line, self.given = file, line, True

    def name(self, article: Article, *, file: str, line: int) -> Article:
        self.file, self.line, self.given = file, line, False
        return replace(article, id=content_id(article))


def read_part(sources: Sequence[Source], options: ReadOptions, report: ReadReport) -> Iterator[TakenArticle]:
    """Yield the articles of some files with the ids that they ask for.

    Raises:
        InputError: a file that was named fails while it is being read.
    """
    asked, warned = _Asked(), 0
    reader = SourceReader(options, report, asked)
    for article in reader.read_all(sources):
        values = reader.row.values if reader.row else {}
        yield TakenArticle(
            article=article,
            place=report.read + report.rejected,
            file=asked.file,
            line=asked.line,
            given=asked.given,
            warnings=report.warnings - warned,
            excerpt=make_excerpt(excerpt_of(values)) if asked.given else "",
        )
        warned = report.warnings


def claim_root(article_id: str) -> str:
    """Return what two ids have in common that can get into each other's way: the id without the number of a copy.

    >>> claim_root("a0123456789abcdef-2"), claim_root("kabul-17-3")
    ('a0123456789abcdef', 'kabul-17')
    """
    return _COPY.sub("", article_id)


def settle_ids(claims: Sequence[Claim]) -> Iterator[Settled]:
    """Yield what becomes of the records that do not get what they ask for.

    Args:
        claims: All those of some roots, see ``claim_root``, in any order.
    """
    ids = IdRegister()
    for claim in sorted(claims, key=lambda claim: (claim.part, claim.place)):
        if not claim.given:
            name = ids.name_of(claim.id, file=claim.file, line=claim.line)
            if name != claim.id:
                yield Settled(part=claim.part, place=claim.place, id=name, reason=None)
        elif first := ids.claim(claim.id, file=claim.file, line=claim.line):
            reason = f"the id {claim.id[:80]!r} is taken by line {first[1]} of {first[0]}"
            yield Settled(part=claim.part, place=claim.place, id=None, reason=reason)
