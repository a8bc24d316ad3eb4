"""Vectors of any number of news articles, made from those of real ones: the same for the same seed, on disk.

A story is a real article's vector, moved a little; its reports lie around it as near as reports of one story really
lie, and a sibling story lies as far from it as siblings really do. What moves a vector is noise with the covariance of
real vectors, so that pairs that have nothing to do with each other are about as near as real ones. A real article is
used again only after all the others were: the same subject comes back later, as in the news.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

__all__ = ["MadeVectors", "Pattern", "make_vectors"]

Floats = npt.NDArray[np.float32]

ARTICLES_A_DAY = 2_000
# Of stories: 79% of one article, 12% of two, 4% of three, 0.2% of ten and more, mean 1.5.
SIZE_EXPONENT = 2.7
LARGEST_STORY = 60
SIBLING_SHARE = 0.25
"""Of stories: those that are a sibling of an earlier one, of the same day or two."""
HOURS_BETWEEN = 14.0
"""Mean time from a story's first report to another one; four days at most."""
LAST_HOURS = 96.0
RETURN_COSINE = 0.8
"""Between two stories made from one real article; lower, and unrelated stories would be too far from each other."""
# Noise around the whole mean of real articles would make unrelated pairs nearer than real ones, noise around zero
# farther: found by the share of pairs with a cosine of 0.3 and more.
_MEAN_SHARE = 0.5
_STORIES_AT_ONCE = 4_096


@dataclass(frozen=True, slots=True, kw_only=True)
class Pattern:
    """What vectors are made after."""

    articles: Floats
    """float32 ``[n, dimension]``: vectors of real articles on different stories, unit rows."""
    inside: Floats
    """float32 ``[k]``: cosines of real pairs of one story, of which any is as likely as any other."""
    siblings: Floats
    """float32 ``[k]``: cosines of real pairs of two sibling stories."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MadeVectors:
    """What was made, in the order of the times. The first ``m`` are the news of the first days."""

    path: Path
    """A file of float16 ``[n, dimension]``, unit rows but for rounding, as ``numpy.memmap`` reads it."""
    dimension: int
    hours: npt.NDArray[np.float64]
    """float64 ``[n]``, ascending."""
    stories: npt.NDArray[np.int64]
    """int64 ``[n]``: equal numbers, one story."""

    def vectors(self, count: int | None = None) -> npt.NDArray[np.float16]:
        """Return the first ``count`` vectors, or all, mapped: nothing is read until it is used."""
        rows = len(self.hours) if count is None else count
        mapped: npt.NDArray[np.float16] = np.memmap(self.path, np.float16, "r", shape=(rows, self.dimension))
        return mapped


def make_vectors(pattern: Pattern, count: int, path: Path, *, seed: int = 1) -> MadeVectors:
    """Write ``count`` vectors into a new file and return what they are; memory does not grow with the vectors.

    Raises:
        ValueError: there is nothing to make, or nothing to make it from.
    """
    if count < 1 or len(pattern.articles) < 2 or not len(pattern.inside) or not len(pattern.siblings):
        raise ValueError(
            f"{count} vectors of {len(pattern.articles)} articles, {len(pattern.inside)} pairs of one story and "
            f"{len(pattern.siblings)} of siblings; give one vector to make, two articles and a pair of each kind"
        )
    sizes = _story_sizes(count, np.random.default_rng([seed, 0]))
    stories = np.repeat(np.arange(len(sizes)), sizes)
    hours = _hours(sizes, count, np.random.default_rng([seed, 1]))
    order = np.argsort(hours, kind="stable")
    place = np.empty(count, np.int64)
    place[order] = np.arange(count)
    dimension = pattern.articles.shape[1]
    file = np.memmap(path, np.float16, "w+", shape=(count, dimension))
    start = 0
    for block in _blocks(pattern, sizes, seed):
        file[place[start : start + len(block)]] = block
        start += len(block)
    file.flush()
    return MadeVectors(path=path, dimension=dimension, hours=hours[order], stories=stories[order])


def _story_sizes(count: int, dice: np.random.Generator) -> npt.NDArray[np.int64]:
    """Return the articles of each story, ``count`` together: a power law, cut off."""
    possible = np.arange(1, LARGEST_STORY + 1)
    weights = possible**-SIZE_EXPONENT
    drawn = dice.choice(possible, size=count, p=weights / weights.sum())
    last = int(np.searchsorted(np.cumsum(drawn), count))
    sizes = drawn[: last + 1].astype(np.int64)
    sizes[-1] -= int(sizes.sum()) - count
    return sizes


def _hours(sizes: npt.NDArray[np.int64], count: int, dice: np.random.Generator) -> npt.NDArray[np.float64]:
    """Return the time of each article, story by story: stories begin evenly, their reports follow at random."""
    length = 24.0 * count / ARTICLES_A_DAY
    begins = np.sort(dice.uniform(0.0, length, len(sizes)))
    after = np.minimum(dice.exponential(HOURS_BETWEEN, count), LAST_HOURS)
    after[np.cumsum(sizes) - sizes] = 0.0
    return np.repeat(begins, sizes) + after


def _blocks(pattern: Pattern, sizes: npt.NDArray[np.int64], seed: int) -> Iterator[Floats]:
    """Yield the vectors of some stories at a time, story by story."""
    noise = _Noise(pattern.articles)
    inside = np.sqrt(np.clip(pattern.inside, 0.0, 1.0))
    # two reports are nearer to their stories than the reports of one are to those of the other
    apart = np.clip(pattern.siblings / max(float(pattern.inside.mean()), 1e-3), 0.0, 0.98)
    used = np.random.default_rng([seed, 2]).permutation(len(pattern.articles))
    for block, start in enumerate(range(0, len(sizes), _STORIES_AT_ONCE)):
        dice = np.random.default_rng([seed, 3, block])
        some = sizes[start : start + _STORIES_AT_ONCE]
        real = pattern.articles[used[np.arange(start, start + len(some)) % len(used)]]
        centres = noise.moved(real, np.full(len(some), np.sqrt(RETURN_COSINE)), dice)
        is_kin = dice.random(len(some)) < SIBLING_SHARE
        is_kin[0] = False
        kin, others = np.flatnonzero(is_kin), np.flatnonzero(~is_kin)
        elder = others[dice.integers(0, np.searchsorted(others, kin))]
        centres[kin] = noise.moved(centres[elder], dice.choice(apart, len(kin)), dice)
        reports = np.repeat(centres, some, axis=0)
        # a story of one is where its article is
        near = np.where(np.repeat(some, some) > 1, dice.choice(inside, len(reports)), 1.0)
        yield noise.moved(reports, near, dice)


class _Noise:
    """Directions with the covariance of real vectors, around a part of their mean."""

    def __init__(self, articles: Floats) -> None:
        self._mean = _MEAN_SHARE * articles.mean(axis=0)
        values, axes = np.linalg.eigh(np.cov(articles.astype(np.float64), rowvar=False, bias=True))
        self._root = (axes * np.sqrt(np.maximum(values, 0.0))).T.astype(np.float32)

    def moved(self, vectors: Floats, cosines: npt.NDArray[np.floating], dice: np.random.Generator) -> Floats:
        """Return unit vectors that have the given cosines with ``vectors``."""
        noise = self._mean + dice.standard_normal(vectors.shape, dtype=np.float32) @ self._root
        noise -= np.einsum("ij,ij->i", noise, vectors)[:, None] * vectors
        noise /= np.maximum(np.linalg.norm(noise, axis=1, keepdims=True), np.float32(1e-12))
        along = np.asarray(cosines, np.float32)[:, None]
        moved: Floats = along * vectors + np.sqrt(1 - along**2) * noise
        moved /= np.linalg.norm(moved, axis=1, keepdims=True)
        return moved
