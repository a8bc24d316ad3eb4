"""How well two articles cover each other: for each sentence of one its best match in the other."""

from __future__ import annotations

import itertools
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from dedup.encode.fingerprint import Fingerprints

__all__ = ["headline_similarity", "sentence_coverage"]

_Numbers = npt.NDArray[np.int64]
_Values = npt.NDArray[np.float32]

# Rows of a matrix product, made float32 for it, that stay in a core's cache.
_ROWS_AT_ONCE = 512
_NO_SENTENCE = np.float32(-4)


def sentence_coverage(fingerprints: Fingerprints, pairs: _Numbers, max_sentences: int) -> tuple[_Values, ...]:
    """Return how well each article of a pair covers the other, and the similarity of their first sentences.

    For each sentence the similarity of its best match in the other article, averaged over the article by the weights of
    its sentences. The smaller of both directions is mutual coverage; compare BERTScore's recall and precision (Zhang et
    al. 2020, arXiv:1904.09675).

    Args:
        fingerprints: Of ``n`` articles.
        pairs: int64 ``[p, 2]``. Those with the same left article that follow each other share a matrix product, which
            is exact: see ``Fingerprints.codes``.
        max_sentences: The most that any article has: weights are padded to it, so that sums have one order.

    Returns:
        float32 ``[p]`` three times: the left article's coverage, the right one's, the similarity of the first
        sentences.
    """
    left, right = pairs[:, 0], pairs[:, 1]
    laid = _lay_out(fingerprints, left, right)
    similarity = _similarities(fingerprints, laid, max_sentences)
    best_of_left = np.maximum.reduceat(similarity, laid.starts, axis=0) if len(pairs) else similarity
    best_of_right = np.zeros((len(pairs), max_sentences), np.float32)
    best_of_right[np.arange(max_sentences) < fingerprints.counts[right][:, None]] = _largest_of_rows(similarity)
    return (
        _weighted_mean(best_of_left, _padded(fingerprints.weights, fingerprints, left, max_sentences)),
        _weighted_mean(best_of_right, _padded(fingerprints.weights, fingerprints, right, max_sentences)),
        similarity[laid.starts, 0],
    )


def headline_similarity(fingerprints: Fingerprints, pairs: _Numbers) -> _Values:
    """Return the similarity of the first sentences alone, to the bit as ``sentence_coverage`` does: float32 ``[p]``."""
    first = fingerprints.offsets[pairs]
    left, right = (fingerprints.codes.take(first[:, side], axis=0).astype(np.float32) for side in (0, 1))
    scales = fingerprints.scales[first[:, 0]] * fingerprints.scales[first[:, 1]]
    similarity: _Values = np.einsum("ij,ij->i", left, right) * scales
    return similarity


class _Layout(NamedTuple):
    """Sentences of the right articles of pairs, one pair after the other."""

    rows: _Numbers
    """int64 ``[r]``: their places in the fingerprints."""
    starts: _Numbers
    """int64 ``[p]``: where each pair begins."""
    runs: list[tuple[int, int, int]]
    """Left article, and where the rows compared with it begin and end: pairs that follow each other."""
    run: _Numbers
    """int64 ``[r]``: the run of each row."""


def _lay_out(fingerprints: Fingerprints, left: _Numbers, right: _Numbers) -> _Layout:
    counts = fingerprints.counts[right]
    ends = np.cumsum(counts)
    starts = ends - counts
    total = int(counts.sum())
    rows = np.arange(total) + np.repeat(fingerprints.offsets[right] - starts, counts)
    changes = np.flatnonzero(np.diff(left)) + 1
    first = [0, *changes.tolist()] if len(left) else []
    bounds = [*starts[first].tolist(), total]
    runs = [(one, *bound) for one, bound in zip(left[first].tolist(), itertools.pairwise(bounds), strict=False)]
    return _Layout(rows, starts, runs, np.repeat(np.arange(len(runs)), np.diff(bounds)))


def _similarities(fingerprints: Fingerprints, laid: _Layout, max_sentences: int) -> _Values:
    """Return the similarity of each row to each sentence of its left article: float32 ``[r, max_sentences]``.

    Less than any similarity where the left article has no sentence.
    """
    codes, offsets, scales = fingerprints.codes, fingerprints.offsets, fingerprints.scales
    similarity = np.zeros((len(laid.rows), max_sentences), np.float32)
    for article, begin, end in laid.runs:
        sentences = codes[offsets[article] : offsets[article + 1]].astype(np.float32).T
        for start in range(begin, end, _ROWS_AT_ONCE):
            some = slice(start, min(start + _ROWS_AT_ONCE, end))
            rows = codes.take(laid.rows[some], axis=0).astype(np.float32)
            np.matmul(rows, sentences, out=similarity[some, : sentences.shape[1]])
    lefts = np.array([article for article, _, _ in laid.runs], np.int64)
    padded = _padded(scales, fingerprints, lefts, max_sentences)
    # take: to index rows holds up every other thread meanwhile
    similarity *= padded.take(laid.run, axis=0) * scales[laid.rows][:, None]
    missing = np.where(padded > 0, np.float32(0), _NO_SENTENCE)
    if missing.any():
        similarity += missing.take(laid.run, axis=0)
    return similarity


def _padded(values: _Values, fingerprints: Fingerprints, articles: _Numbers, max_sentences: int) -> _Values:
    """Return values of the sentences of articles, each padded with zeros to as many: ``[n, max_sentences]``."""
    step = np.arange(max_sentences)
    there = step[None, :] < fingerprints.counts[articles][:, None]
    rows = np.where(there, fingerprints.offsets[articles][:, None] + step[None, :], 0)
    return np.where(there, values[rows], np.float32(0))


def _largest_of_rows(values: _Values) -> _Values:
    """Return the largest of each row; of rows as short as here many times faster over columns."""
    largest: _Values = np.ascontiguousarray(values.T).max(axis=0)
    return largest


def _weighted_mean(values: _Values, weights: _Values) -> _Values:
    mean: _Values = ((values * weights).sum(axis=1) / weights.sum(axis=1)).astype(np.float32)
    return mean
