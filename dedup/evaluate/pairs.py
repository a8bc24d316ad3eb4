"""Scored pairs of articles, as ``dedup cluster --pairs`` writes them, and what a reference says of them."""

from __future__ import annotations

import math
from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from dedup.errors import InputError
from dedup.evaluate.metrics import Grouping
from dedup.evaluate.rows import Shape, read_rows, required, shown

__all__ = ["PairScores", "label_pairs", "read_pairs"]

_SHAPE = Shape(
    columns=("a", "b", "probability"),
    told='each row is a pair, {"a": id, "b": id, "probability": from 0 to 1}; a CSV file has these three columns',
)


@dataclass(frozen=True, slots=True, kw_only=True)
class PairScores:
    """Pairs of articles with the probability that they tell the same story."""

    ids: Sequence[str]
    """Each article once."""
    pairs: npt.NDArray[np.int64]
    """int64 ``[n, 2]``: positions in ``ids``."""
    probabilities: npt.NDArray[np.float64]
    """float64 ``[n]``, from 0 to 1."""
    follower: npt.NDArray[np.int64] | None = None
    """int64 ``[n]``: the position in ``ids`` of whichever of the two follows the other (``dedup.crowds``), -1 where
    neither does; None where none does at all."""


def read_pairs(path: str | Path) -> PairScores:
    """Read scored pairs from JSON lines or CSV, plain or gzipped, in UTF-8, with ``a``, ``b`` and ``probability``.

    ``follows`` is read where it is there, other fields are passed over. Memory is 32 bytes a pair, besides the ids.

    Raises:
        InputError: the file cannot be read, or a row is no pair, pairs an article with itself, or repeats a pair. A
            file without any pair is no error.
    """
    path = Path(path)
    number: dict[str, int] = {}
    ends, followers, probabilities = array("q"), array("q"), array("d")
    for where, row in read_rows(path, _SHAPE):
        for name in ("a", "b"):
            ends.append(number.setdefault(required(row, name, where, _SHAPE), len(number)))
        if ends[-1] == ends[-2]:
            raise InputError(f"{where}: a and b are one article, {shown(row['a'])}; a pair has two")
        probabilities.append(_probability(row, where))
        followers.append(_follower(row, ends[-2], ends[-1], where))
    pairs = np.array(ends, np.int64).reshape(-1, 2)
    ids = list(number)
    _refuse_repeats(pairs, ids, path)
    follower = np.array(followers, np.int64)
    return PairScores(
        ids=ids,
        pairs=pairs,
        probabilities=np.array(probabilities, np.float64),
        follower=follower if (follower >= 0).any() else None,
    )


def _follower(row: Mapping[str, Any], a: int, b: int, where: str) -> int:
    follows = row.get("follows")
    if follows is None or follows == "":
        return -1
    if follows not in (row["a"], row["b"]):
        raise InputError(f"{where}: follows is {shown(follows)}, neither a nor b; it is that of the two which follows")
    return a if follows == row["a"] else b


def _probability(row: Mapping[str, Any], where: str) -> float:
    value = row.get("probability")
    try:
        if isinstance(value, (str, int, float)) and not isinstance(value, bool) and 0 <= float(value) <= 1:
            return float(value)
    except (ValueError, OverflowError):
        pass
    raise InputError(f"{where}: probability is {shown(value)} where a number from 0 to 1 is needed; {_SHAPE.told}")


def _refuse_repeats(pairs: npt.NDArray[np.int64], ids: Sequence[str], path: Path) -> None:
    order = np.lexsort((pairs.max(axis=1), pairs.min(axis=1)))
    ordered = np.sort(pairs[order], axis=1)
    repeated = np.flatnonzero((ordered[1:] == ordered[:-1]).all(axis=1))
    if len(repeated):
        one, other = (ids[i] for i in ordered[repeated[0]])
        raise InputError(f"{path}: the pair {one!r}, {other!r} stands in two rows; leave one")


def label_pairs(scores: PairScores, reference: Grouping) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.bool_]]:
    """Return the probabilities of the pairs whose articles the reference both has, and whether they are one story.

    float64 ``[m]`` and bool ``[m]``, in the order of the pairs.

    >>> scores = PairScores(ids=["x", "y", "z"], pairs=np.array([[0, 1], [0, 2]]), probabilities=np.array([0.9, 0.2]))
    >>> label_pairs(scores, {"x": "quake", "y": "quake"})
    (array([0.9]), array([ True]))
    """
    numbers = {story: i for i, story in enumerate(dict.fromkeys(reference.values()))}
    story = np.array([numbers[reference[i]] if i in reference else math.nan for i in scores.ids], np.float64)
    left, right = story[scores.pairs[:, 0]], story[scores.pairs[:, 1]]
    known = ~np.isnan(left + right)
    same: npt.NDArray[np.bool_] = (left == right)[known]
    return scores.probabilities[known], same
