"""The signals of a pair of articles: what the scorer weighs.

Each is a function of the two articles alone, and symmetric in them. Every signal is worth 0 where the articles cannot
show it (a time that is not known), so that it then adds nothing to the log-odds.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from dedup.encode.fingerprint import Fingerprints
from dedup.evidence.columns import EvidenceColumns, all_judge, names_judge, shared_evidence
from dedup.evidence.day_columns import compare_days
from dedup.evidence.mentions import Mentions
from dedup.evidence.place_columns import compare_places
from dedup.evidence.slot_columns import compare_slots
from dedup.score.blocks import fill_by_blocks

__all__ = [
    "SIGNALS",
    "Pairs",
    "dated_pairs",
    "pair_kinds",
    "pair_signals",
    "sentence_coverage",
    "signals_in_common",
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
    "places_lead_part",
    "places_known",
    "hours",
    "days",
)
"""Names of the signals, in the order of the columns of ``pair_signals``."""

_PAIRS_AT_ONCE = 2_048
# Rows of a matrix product that stay in a core's cache.
_PARTNERS_AT_ONCE = 64
# An article of so many sentences is long enough for its coverage to mean what it means for any longer one.
_ENOUGH_SENTENCES = 6
_MOST_DAYS = 7.0
_MOST_FIGURES = 3
# Where the slopes of document similarity and coverage may change: about the median of translations in the development
# families, above nearly all independent reports.
_DOCUMENT_KNEE = 0.5
_COVERAGE_KNEE = 0.4


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
    progress: Callable[[int], None] | None = None,
) -> _Signal:
    """Return the signals of ``pairs``: float32 ``[len(pairs), len(SIGNALS)]``.

    ``max_sentences`` is the most that any article has; all blocks are padded to it, so that a pair's numbers do not
    depend on which other pairs are computed with it. ``progress`` is called with the pairs done since its last call.
    """
    signals = np.empty((len(pairs), len(SIGNALS)), np.float32)

    def fill(some: slice) -> None:
        _fill(signals[some], fingerprints, pairs[some], max_sentences)

    fill_by_blocks(len(pairs), fill, progress)
    return signals


def _fill(signals: _Signal, fingerprints: Fingerprints, pairs: Pairs, max_sentences: int) -> None:
    column = {name: i for i, name in enumerate(SIGNALS)}
    for name, values in _evidence_signals(fingerprints.evidence, pairs):
        signals[:, column[name]] = values
    for name, values in _time_signals(fingerprints.hours[pairs[:, 0]], fingerprints.hours[pairs[:, 1]]):
        signals[:, column[name]] = values
    for first in range(0, len(pairs), _PAIRS_AT_ONCE):
        some = pairs[first : first + _PAIRS_AT_ONCE]
        for name, values in _dense_signals(fingerprints, some, max_sentences):
            signals[first : first + len(some), column[name]] = values


def _dense_signals(fingerprints: Fingerprints, pairs: Pairs, max_sentences: int) -> Iterator[tuple[str, _Signal]]:
    left, right = pairs[:, 0], pairs[:, 1]
    document = _document_similarity(fingerprints, pairs)
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
    if document is None:
        starts = range(0, len(pairs), _PAIRS_AT_ONCE)
        parts = [_document_similarity(fingerprints, pairs[start : start + _PAIRS_AT_ONCE]) for start in starts]
        document = np.concatenate([np.empty(0, np.float32), *parts])
    languages = fingerprints.languages[pairs]
    yield "document", document
    yield "document_above", np.maximum(0, document - _DOCUMENT_KNEE)
    yield "same_language", (languages[:, 0] == languages[:, 1]).astype(np.float32)
    yield from _name_signals(fingerprints.evidence, pairs)
    yield from _place_signals(fingerprints.evidence, pairs)


def _document_similarity(fingerprints: Fingerprints, pairs: Pairs) -> _Signal:
    similarity: _Signal = np.einsum(
        "ij,ij->i", fingerprints.documents[pairs[:, 0]], fingerprints.documents[pairs[:, 1]]
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
    few = np.maximum(0, 1 - (fewest.astype(np.float32) - 1) / (_ENOUGH_SENTENCES - 1)).astype(np.float32)
    alike = same_language.astype(np.float32)
    yield "document", document
    yield "document_above", np.maximum(0, document - _DOCUMENT_KNEE)
    yield "coverage", coverage
    yield "coverage_above", np.maximum(0, coverage - _COVERAGE_KNEE)
    yield "coverage_better", np.maximum(*covers)
    yield "headline", headline
    yield "same_language", alike
    yield "same_language_coverage", alike * coverage
    yield "few_sentences", few
    yield "few_sentences_coverage", few * coverage


def sentence_coverage(fingerprints: Fingerprints, pairs: Pairs, max_sentences: int) -> tuple[_Signal, _Signal, _Signal]:
    """Return how well each article of a pair covers the other, and the similarity of their first sentences.

    For each sentence the similarity of its best match in the other article, averaged over the article by the weights of
    its sentences: float32 ``[len(pairs)]`` for the left article, for the right one, and of the first sentences alone.
    The smaller of both directions is mutual coverage; compare BERTScore's recall and precision (Zhang et al. 2020,
    arXiv:1904.09675).
    """
    articles, place = np.unique(pairs, return_inverse=True)
    block = _padded(fingerprints, articles, max_sentences)
    place = place.reshape(pairs.shape)
    left_weights, right_weights = block.weights[place[:, 0]], block.weights[place[:, 1]]
    similarity = _similarities(block, place)
    headline = similarity[:, 0, 0].copy()
    absent = np.float32(-2)
    best_of_left = np.where(right_weights[:, None, :] > 0, similarity, absent).max(axis=2)
    best_of_right = np.where(left_weights[:, :, None] > 0, similarity, absent).max(axis=1)
    return _weighted_mean(best_of_left, left_weights), _weighted_mean(best_of_right, right_weights), headline


class _Padded(NamedTuple):
    """Sentences of ``n`` articles, each padded to as many."""

    codes: npt.NDArray[np.int8]
    """int8 ``[n, max_sentences, dimension]``."""
    scales: npt.NDArray[np.float32]
    """float32 ``[n, max_sentences]``."""
    weights: npt.NDArray[np.float32]
    """float32 ``[n, max_sentences]``, 0 for no sentence."""


def _padded(fingerprints: Fingerprints, articles: npt.NDArray[np.int64], max_sentences: int) -> _Padded:
    step = np.arange(max_sentences)
    there = step[None, :] < fingerprints.counts[articles][:, None]
    rows = np.where(there, fingerprints.offsets[articles][:, None] + step[None, :], 0)
    return _Padded(
        codes=fingerprints.codes[rows],
        scales=fingerprints.scales[rows],
        weights=np.where(there, fingerprints.weights[rows], np.float32(0)),
    )


def _similarities(block: _Padded, place: Pairs) -> npt.NDArray[np.float32]:
    """Return the similarity of each sentence of one article to each of the other: float32 ``[pairs, s, s]``.

    Pairs of one left article that follow each other share a matrix product, which is exact: see ``Fingerprints.codes``.
    """
    _, sentences, dimension = block.codes.shape
    similarity = np.empty((len(place), sentences, sentences), np.float32)
    changes = np.flatnonzero(np.diff(place[:, 0])) + 1
    for start, end in itertools.pairwise([0, *changes.tolist(), len(place)]):
        left = block.codes[place[start, 0]].astype(np.float32)
        for first in range(start, end, _PARTNERS_AT_ONCE):
            some = slice(first, min(first + _PARTNERS_AT_ONCE, end))
            right = block.codes[place[some, 1]].astype(np.float32).reshape(-1, dimension)
            similarity[some] = (left @ right.T).reshape(sentences, -1, sentences).transpose(1, 0, 2)
    similarity *= block.scales[place[:, 0]][:, :, None] * block.scales[place[:, 1]][:, None, :]
    return similarity


def _weighted_mean(values: _Signal, weights: npt.NDArray[np.float32]) -> _Signal:
    mean: _Signal = ((values * weights).sum(axis=1) / weights.sum(axis=1)).astype(np.float32)
    return mean


def _evidence_signals(evidence: EvidenceColumns, pairs: Pairs) -> Iterator[tuple[str, _Signal]]:
    yield from _name_signals(evidence, pairs)
    yield from _shared_signals("numbers", evidence.numbers, pairs, all_judge)
    figures = compare_slots(evidence.slots, pairs)
    yield "figures_agreeing", np.minimum(figures.agreeing, _MOST_FIGURES).astype(np.float32)
    yield "figures_in_conflict", np.minimum(figures.in_conflict, _MOST_FIGURES).astype(np.float32)
    yield "ordinals_agreeing", figures.ordinals_agreeing.astype(np.float32)
    yield "ordinals_in_conflict", figures.ordinals_in_conflict.astype(np.float32)
    yield from _place_signals(evidence, pairs)
    days = compare_days(evidence.days, pairs)
    yield "days_shared", days.shared.astype(np.float32)
    yield "days_in_conflict", days.in_conflict.astype(np.float32)
    yield "days_apart", days.apart.astype(np.float32)
    yield "weekdays_shared", days.weekdays_shared.astype(np.float32)
    yield "weekdays_in_conflict", days.weekdays_in_conflict.astype(np.float32)
    yield "months_shared", days.months_shared.astype(np.float32)
    yield "months_in_conflict", days.months_in_conflict.astype(np.float32)


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
