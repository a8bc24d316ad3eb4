"""The signals of a pair of articles: what the scorer weighs.

Each is a function of the two articles alone, and symmetric in them. Every signal is worth 0 where the articles cannot
show it (a time that is not known), so that it then adds nothing to the log-odds.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator

import numpy as np
import numpy.typing as npt

from dedup.encode.fingerprint import Fingerprints
from dedup.evidence.clock_columns import compare_clocks
from dedup.evidence.columns import EvidenceColumns, all_judge, names_judge, shared_evidence
from dedup.evidence.day_columns import compare_days
from dedup.evidence.mentions import Mentions
from dedup.evidence.place_columns import compare_places
from dedup.evidence.slot_columns import compare_slots
from dedup.score.blocks import fill_by_blocks
from dedup.score.coverage import sentence_coverage

__all__ = [
    "COVERAGE_KNEE",
    "SIGNALS",
    "Pairs",
    "dated_pairs",
    "document_similarity",
    "pair_kinds",
    "pair_signals",
    "signals_in_common",
    "signals_without_sentences",
    "similarity_signals",
]

Pairs = npt.NDArray[np.int64]
"""int64 ``[pairs, 2]``: positions of two articles."""

_Signal = npt.NDArray[np.float32]
_Judge = Callable[[npt.NDArray[np.int64]], npt.NDArray[np.float64]]

SIGNALS = (
    "document",
    "document_above",
    "coverage",
    "coverage_above",
    "coverage_better",
    "headline",
    "same_language",
    "same_language_coverage",
    "few_sentences",
    "few_sentences_coverage",
    "names_shared",
    "names_shared_in_leads",
    "names_part",
    "names_lead_part",
    "names_known",
    "numbers_shared",
    "numbers_shared_in_leads",
    "numbers_part",
    "numbers_lead_part",
    "numbers_known",
    "figures_agreeing",
    "figures_in_conflict",
    "ordinals_agreeing",
    "ordinals_in_conflict",
    "days_shared",
    "days_in_conflict",
    "days_apart",
    "weekdays_shared",
    "weekdays_in_conflict",
    "months_shared",
    "months_in_conflict",
    "clocks_shared",
    "clocks_in_conflict",
    "dayparts_shared",
    "dayparts_in_conflict",
    "places_lead_part",
    "places_known",
    "hours",
    "days",
)
"""Names of the signals, in the order of the columns of ``pair_signals``."""

_PAIRS_AT_ONCE = 2_048
# An article of so many sentences is long enough for its coverage to mean what it means for any longer one.
_ENOUGH_SENTENCES = 6
_MOST_DAYS = 7.0
_MOST_FIGURES = 3
# Where the slopes of document similarity and coverage may change: about the median of translations in the development
# families, above nearly all independent reports.
_DOCUMENT_KNEE = 0.5
COVERAGE_KNEE = 0.4
"""Above it coverage may count by another weight."""


def dated_pairs(fingerprints: Fingerprints, pairs: Pairs) -> npt.NDArray[np.bool_]:
    """Tell which pairs have a time on both sides: bool ``[len(pairs)]``."""
    return ~np.isnan(fingerprints.hours[pairs[:, 0]] + fingerprints.hours[pairs[:, 1]])


def pair_kinds(fingerprints: Fingerprints, pairs: Pairs) -> npt.NDArray[np.int8]:
    """Tell which scorer judges each pair, as its place in ``dedup.score.calibration.KINDS``: int8 ``[len(pairs)]``."""
    one_language = fingerprints.languages[pairs[:, 0]] == fingerprints.languages[pairs[:, 1]]
    return np.where(dated_pairs(fingerprints, pairs), 0, np.where(one_language, 2, 1)).astype(np.int8)


def pair_signals(
    fingerprints: Fingerprints,
    pairs: Pairs,
    *,
    max_sentences: int,
    weighed: Collection[str] = SIGNALS,
    progress: Callable[[int], None] | None = None,
) -> _Signal:
    """Return the signals of ``pairs``: float32 ``[len(pairs), len(SIGNALS)]``.

    Args:
        fingerprints: Of ``n`` articles.
        pairs: int64 ``[p, 2]``.
        max_sentences: The most that any article has; sentences are padded to it, so that a pair's numbers do not depend
            on which other pairs are computed with it.
        weighed: The signals that are wanted; what takes work and is not among them may be left 0.
        progress: Called with the pairs done since its last call.
    """
    signals = np.zeros((len(pairs), len(SIGNALS)), np.float32)
    wanted = frozenset(weighed)

    def fill(some: slice) -> None:
        _fill(signals[some], fingerprints, pairs[some], max_sentences, wanted)

    fill_by_blocks(len(pairs), fill, progress)
    return signals


def _fill(
    signals: _Signal, fingerprints: Fingerprints, pairs: Pairs, max_sentences: int, wanted: frozenset[str]
) -> None:
    column = {name: i for i, name in enumerate(SIGNALS)}
    for name, values in _evidence_signals(fingerprints.evidence, pairs, wanted):
        signals[:, column[name]] = values
    for name, values in _time_signals(fingerprints.hours[pairs[:, 0]], fingerprints.hours[pairs[:, 1]]):
        signals[:, column[name]] = values
    for first in range(0, len(pairs), _PAIRS_AT_ONCE):
        some = pairs[first : first + _PAIRS_AT_ONCE]
        for name, values in _dense_signals(fingerprints, some, max_sentences, wanted):
            signals[first : first + len(some), column[name]] = values


def _dense_signals(
    fingerprints: Fingerprints, pairs: Pairs, max_sentences: int, wanted: frozenset[str]
) -> Iterator[tuple[str, _Signal]]:
    left, right = pairs[:, 0], pairs[:, 1]
    if _has_any(wanted, "document"):
        document = _document_similarity(fingerprints, pairs)
    else:
        document = np.zeros(len(pairs), np.float32)
    forward, backward, headline = sentence_coverage(fingerprints, pairs, max_sentences)
    fewest = np.minimum(fingerprints.counts[left], fingerprints.counts[right])
    same_language = fingerprints.languages[left] == fingerprints.languages[right]
    yield from similarity_signals(document, (forward, backward), headline, fewest, same_language)


def signals_in_common(
    fingerprints: Fingerprints, pairs: Pairs, document: _Signal | None = None
) -> Iterator[tuple[str, _Signal]]:
    """Yield the signals that cheaply say whether two articles are about one thing: names and float32 ``[pairs]``.

    ``document`` is the first of them, for who has it.
    """
    document = document_similarity(fingerprints, pairs) if document is None else document
    languages = fingerprints.languages[pairs]
    yield "document", document
    yield "document_above", np.maximum(0, document - _DOCUMENT_KNEE)
    yield "same_language", (languages[:, 0] == languages[:, 1]).astype(np.float32)
    yield from _name_signals(fingerprints.evidence, pairs)
    yield from _place_signals(fingerprints.evidence, pairs)


def signals_without_sentences(
    fingerprints: Fingerprints, pairs: Pairs, wanted: frozenset[str], document: _Signal | None = None
) -> Iterator[tuple[str, _Signal]]:
    """Yield the signals that need no comparison of sentences, but times, as ``pair_signals`` has them.

    Only those that are ``wanted``, and what comes along; ``document`` is one of them, for who has it.
    """
    yield from _evidence_signals(fingerprints.evidence, pairs, wanted)
    if _has_any(wanted, "document"):
        document = document_similarity(fingerprints, pairs) if document is None else document
        yield "document", document
        yield "document_above", np.maximum(0, document - _DOCUMENT_KNEE)
    languages, counts = fingerprints.languages[pairs], fingerprints.counts[pairs]
    yield "same_language", (languages[:, 0] == languages[:, 1]).astype(np.float32)
    yield "few_sentences", _few_sentences(counts.min(axis=1))


def _few_sentences(fewest: npt.NDArray[np.int64]) -> _Signal:
    few: _Signal = np.maximum(0, 1 - (fewest.astype(np.float32) - 1) / (_ENOUGH_SENTENCES - 1)).astype(np.float32)
    return few


def document_similarity(fingerprints: Fingerprints, pairs: Pairs) -> _Signal:
    """Return the similarity of the articles as a whole: float32 ``[pairs]``."""
    starts = range(0, len(pairs), _PAIRS_AT_ONCE)
    parts = [_document_similarity(fingerprints, pairs[start : start + _PAIRS_AT_ONCE]) for start in starts]
    return np.concatenate([np.empty(0, np.float32), *parts])


def _document_similarity(fingerprints: Fingerprints, pairs: Pairs) -> _Signal:
    similarity: _Signal = np.einsum(
        "ij,ij->i", fingerprints.documents.take(pairs[:, 0], axis=0), fingerprints.documents.take(pairs[:, 1], axis=0)
    )
    return similarity


def similarity_signals(
    document: _Signal,
    covers: tuple[_Signal, _Signal],
    headline: _Signal,
    fewest: npt.NDArray[np.int64],
    same_language: npt.NDArray[np.bool_],
) -> Iterator[tuple[str, _Signal]]:
    """Yield the signals that come from similarities of texts, by name: float32 ``[pairs]`` each.

    Args:
        document: Of the article vectors.
        covers: Coverage in both directions.
        headline: Of the first sentences.
        fewest: Sentences of the shorter article.
        same_language: Whether the languages are equal.
    """
    coverage = np.minimum(*covers)
    few = _few_sentences(fewest)
    alike = same_language.astype(np.float32)
    yield "document", document
    yield "document_above", np.maximum(0, document - _DOCUMENT_KNEE)
    yield "coverage", coverage
    yield "coverage_above", np.maximum(0, coverage - COVERAGE_KNEE)
    yield "coverage_better", np.maximum(*covers)
    yield "headline", headline
    yield "same_language", alike
    yield "same_language_coverage", alike * coverage
    yield "few_sentences", few
    yield "few_sentences_coverage", few * coverage


def _evidence_signals(evidence: EvidenceColumns, pairs: Pairs, wanted: frozenset[str]) -> Iterator[tuple[str, _Signal]]:
    if _has_any(wanted, "names"):
        yield from _name_signals(evidence, pairs)
    if _has_any(wanted, "numbers"):
        yield from _shared_signals("numbers", evidence.numbers, pairs, all_judge)
    if _has_any(wanted, "figures", "ordinals"):
        yield from _figure_signals(evidence, pairs)
    if _has_any(wanted, "places"):
        yield from _place_signals(evidence, pairs)
    if _has_any(wanted, "days", "weekdays", "months"):
        yield from _day_signals(evidence, pairs)
    if _has_any(wanted, "clocks", "dayparts"):
        yield from _clock_signals(evidence, pairs)


def _has_any(wanted: frozenset[str], *kinds: str) -> bool:
    return any(name.partition("_")[0] in kinds for name in wanted)


def _figure_signals(evidence: EvidenceColumns, pairs: Pairs) -> Iterator[tuple[str, _Signal]]:
    figures = compare_slots(evidence.slots, pairs)
    yield "figures_agreeing", np.minimum(figures.agreeing, _MOST_FIGURES).astype(np.float32)
    yield "figures_in_conflict", np.minimum(figures.in_conflict, _MOST_FIGURES).astype(np.float32)
    yield "ordinals_agreeing", figures.ordinals_agreeing.astype(np.float32)
    yield "ordinals_in_conflict", figures.ordinals_in_conflict.astype(np.float32)


def _day_signals(evidence: EvidenceColumns, pairs: Pairs) -> Iterator[tuple[str, _Signal]]:
    days = compare_days(evidence.days, pairs)
    yield "days_shared", days.shared.astype(np.float32)
    yield "days_in_conflict", days.in_conflict.astype(np.float32)
    yield "days_apart", days.apart.astype(np.float32)
    yield "weekdays_shared", days.weekdays_shared.astype(np.float32)
    yield "weekdays_in_conflict", days.weekdays_in_conflict.astype(np.float32)
    yield "months_shared", days.months_shared.astype(np.float32)
    yield "months_in_conflict", days.months_in_conflict.astype(np.float32)


def _clock_signals(evidence: EvidenceColumns, pairs: Pairs) -> Iterator[tuple[str, _Signal]]:
    clocks = compare_clocks(evidence.clocks, pairs)
    yield "clocks_shared", clocks.shared.astype(np.float32)
    yield "clocks_in_conflict", clocks.in_conflict.astype(np.float32)
    yield "dayparts_shared", clocks.parts_shared.astype(np.float32)
    yield "dayparts_in_conflict", clocks.parts_in_conflict.astype(np.float32)


def _name_signals(evidence: EvidenceColumns, pairs: Pairs) -> Iterator[tuple[str, _Signal]]:
    return _shared_signals("names", evidence.names, pairs, names_judge(evidence.marks_names))


def _shared_signals(kind: str, mentions: Mentions, pairs: Pairs, judge: _Judge) -> Iterator[tuple[str, _Signal]]:
    shared = shared_evidence(mentions, pairs, judge)
    # the tenth shared name adds less than the first
    yield f"{kind}_shared", np.log1p(shared.mass).astype(np.float32)
    yield f"{kind}_shared_in_leads", np.log1p(shared.lead_mass).astype(np.float32)
    yield f"{kind}_part", shared.part.astype(np.float32)
    yield f"{kind}_lead_part", shared.lead_part.astype(np.float32)
    yield f"{kind}_known", shared.known.astype(np.float32)


def _place_signals(evidence: EvidenceColumns, pairs: Pairs) -> Iterator[tuple[str, _Signal]]:
    places = compare_places(evidence.places, pairs)
    yield "places_lead_part", places.lead_part.astype(np.float32)
    yield "places_known", places.known.astype(np.float32)


def _time_signals(left: npt.NDArray[np.float64], right: npt.NDArray[np.float64]) -> Iterator[tuple[str, _Signal]]:
    apart = np.abs(left - right) / 24
    days = np.where(np.isnan(apart), 0.0, apart)
    yield "hours", np.minimum(1, days).astype(np.float32)
    yield "days", np.minimum(np.maximum(0, days - 1), _MOST_DAYS).astype(np.float32)
