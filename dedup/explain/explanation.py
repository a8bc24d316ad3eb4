"""What an explanation says: values only."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

__all__ = [
    "AlignedSentences",
    "Change",
    "Contribution",
    "EvidenceItem",
    "Explanation",
    "Flip",
    "Mention",
    "Step",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Contribution:
    """What one signal adds to the log-odds."""

    signal: str
    """One of ``dedup.score.signals.SIGNALS``; ``related``, the logarithm of the probability that the two
    are about one thing at all; or what happens to the sum: ``clipped`` to the bounds, ``rounded``, and ``recomputed``,
    the difference to the run's score where vectors had to be computed again and differ in their last bits."""
    value: float | None
    """Of the signal; of ``related`` its log-odds; None for what happens to the sum."""
    weight: float | None
    """Of the signal in the calibration; None for ``related`` and for what happens to the sum."""
    log_odds: float
    """The product of both, where there is a weight: below 0 it speaks against one story."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mention:
    """Something as it stands in a text."""

    sentence: int
    """Position in the article's sentences, 0 for the headline."""
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceItem:
    """Something that the articles share, or in which they differ."""

    kind: str
    """``name`` (of whom or where; in Arabic script any rare word), ``place`` (a country or city), ``number``,
    ``figure`` (a number that counts or measures something), ``ordinal``, ``date``, ``weekday``, ``month``,
    ``clock`` or ``day part``."""
    key: str
    """What is compared: consonants of a name, a place in English, a value, what a figure counts, days, times of day."""
    a: tuple[Mention, ...]
    """Where it stands in A, in the order of the text; empty where it does not."""
    b: tuple[Mention, ...]
    """The same for B."""
    worth: float
    """What the scorer counts it: of names, places and numbers how rare they are, from 0 to 1; 1.0 for other kinds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AlignedSentences:
    """A sentence of A and the sentence of B that is nearest to it."""

    a: int
    """Position in ``Explanation.sentences_a``."""
    b: int
    """Position in ``Explanation.sentences_b``."""
    similarity: float
    """Cosine of the two, their language means subtracted."""
    mutual: bool
    """Whether the sentence of A is also the nearest one to that of B."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One thing that could have been otherwise; the rest, sentence vectors too, stays as it is."""

    kind: str
    """The kind of evidence that would be missing from both texts, or ``published`` or ``similarity``."""
    text: str
    """In words."""
    item: EvidenceItem | None = None
    """What would not stand in the texts."""
    days: float | None = None
    """By how many days B would have been published later, or earlier where it is below 0. What its text calls Monday
    or yesterday is then another day too."""
    similarity: float | None = None
    """What mutual coverage would be; the other similarities of the texts change by as much."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Flip:
    """Changes after which the pair is on the other side of the threshold."""

    changes: tuple[Change, ...]
    """One, or several that only together are enough."""
    log_odds: float
    """What the log-odds then are, computed again."""
    probability: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A step on the way from one article to another through their story."""

    a: str
    """Id of an article."""
    b: str
    """Id of the next one."""
    probability: float
    """That these two tell the same story."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """Why two articles have the probability that they have. ``intercept`` and ``contributions`` add up to it."""

    a: str
    """Id of the article A."""
    b: str
    """Id of the article B."""
    kind: str
    """Which scorer judged the pair, one of ``dedup.score.calibration.KINDS``: ``dated``, ``undated`` or
    ``undated_one_language``."""
    probability: float
    """That a person would say "same story"."""
    log_odds: float
    threshold: float
    """Of probability, above which articles join."""
    candidate: bool
    """Whether a run scores the pair. Where not, it counts with the calibration's ``absent_log_odds`` when stories are
    put together, whatever is said here."""
    why_no_candidate: str | None
    same_story: bool | None
    """Whether the run put them into one story; None where there was no run. A story holds what is alike on average, so
    two of its articles need not be."""
    intercept: float
    """Log-odds that every pair of the kind starts from."""
    contributions: tuple[Contribution, ...]
    """Of all signals in the order of ``SIGNALS``, those of 0 too; then what happens to the sum."""
    shared: tuple[EvidenceItem, ...]
    """What stands in both, kind by kind, the most worth first."""
    conflicting: tuple[EvidenceItem, ...]
    """Figures, days and places of which both give values, and no common one."""
    only_a: tuple[EvidenceItem, ...]
    """Names and numbers of A that B lacks; names only where A's script tells them from other words."""
    only_b: tuple[EvidenceItem, ...]
    """Names and numbers of B that A lacks."""
    sentences_a: tuple[str, ...]
    """What was read of A, the headline first."""
    sentences_b: tuple[str, ...]
    """What was read of B."""
    aligned: tuple[AlignedSentences, ...]
    """The sentences of A that have a counterpart in B, in their order."""
    flips: tuple[Flip, ...]
    """What would have put the pair on the other side of the threshold, the least change of evidence first."""
    path: tuple[Step, ...] = ()
    """For articles of one story that are not directly alike, the surest way from A to B through others of it: its
    weakest step is as sure as can be. Known for pairs of a run only."""

    def to_dict(self) -> dict[str, Any]:
        """Return the explanation as JSON can hold it."""
        return asdict(self)
