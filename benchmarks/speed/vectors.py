"""Vectors that are given, into stories: ``dedup.cluster_vectors`` at growing sizes, and how far peers get meanwhile."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from benchmarks.speed.apart import Event, Limits, memory_now_mib, memory_peak_mib, run_apart
from benchmarks.speed.grouping import Setting, best_setting, figures, timed_groupings
from benchmarks.speed.made import Floats, MadeVectors, make_vectors
from benchmarks.speed.news_pattern import pattern_of_news
from dedup.errors import DedupError
from dedup.evaluate import Labels

__all__ = ["ClusterVectorsMissingError", "candidate_recall", "measure_vectors"]

Row = dict[str, Any]

_COSINES = (0.3, 0.4, 0.5, 0.6, 0.7)
_QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
_FIRST_SIZE = 1_000
"""From which sizes of peers are doubled."""
_SEARCH_SIZE = 4_000
"""Of which settings are found in hindsight: of the news of two days. Of those of a few hours nearly all are alone, and
leaving them alone would be the best setting."""
_SIMILARITIES = tuple(round(0.35 + 0.05 * step, 2) for step in range(12))
_RECALL_ARTICLES, _RECALL_QUERIES, _RECALL_COSINE = 20_000, 500, 0.5
_START_SECONDS = 300.0
"""What a process may take besides what is timed: imports, reading vectors, judging what was found."""
WINDOW_HOURS = 168.0
_LAST_BITS = 1e-4


class ClusterVectorsMissingError(DedupError):
    """This version of dedup cannot cluster vectors that are given."""


def measure_vectors(
    sizes: Sequence[int], peers: Sequence[str], limits: Limits, base: int, folder: Path | None = None
) -> Iterator[Row]:
    """Yield what the vectors are like, a row for dedup at each size, rows for each peer, and the recall of candidates.

    A peer is run at 1,000 vectors, 2,000 and so on until it takes longer than dedup takes for the largest size.

    Raises:
        ClusterVectorsMissingError: dedup has no ``cluster_vectors``.
        RuntimeError: no vectors could be made.
    """
    cluster_vectors()
    largest = max(sizes)
    with tempfile.TemporaryDirectory(prefix="dedup-speed-", dir=folder) as place:
        allowed = replace(limits, seconds=limits.seconds + _START_SECONDS)
        made = run_apart(measure_making, {"count": largest, "base": base, "folder": place}, allowed)
        if made.ended != "finished":
            raise RuntimeError(f"no vectors were made ({made.ended}): {made.message}")
        yield made.events[-1] | {"method": "made"}
        few = {"size": min(_SEARCH_SIZE, largest), "folder": place}
        search = run_apart(search_similarity, few, allowed)
        if search.ended != "finished":
            raise RuntimeError(f"no similarity was found for dedup ({search.ended}): {search.message}")
        setting = {"similarity": search.events[-1]["similarity"]}
        seconds = limits.seconds
        for size in sorted(sizes):
            outcome = run_apart(measure_clustering, {"size": size, "folder": place} | setting, allowed)
            event = outcome.events[-1] if outcome.events else {}
            yield {"method": "dedup", "size": size, "ended": outcome.ended, "message": outcome.message} | event
            if outcome.ended != "finished":
                break
            seconds = event["seconds"]
        of = {"size": min(largest, _RECALL_ARTICLES), "folder": place}
        recall = run_apart(measure_recall, of, allowed)
        yield {"method": "recall", "ended": recall.ended, "message": recall.message} | dict(*recall.events)
        for peer in peers:
            yield from _doubled(peer, largest, replace(limits, seconds=seconds), allowed, place)


def _doubled(peer: str, largest: int, limits: Limits, patient: Limits, folder: str) -> Iterator[Row]:
    """Yield rows of one peer at doubling sizes, the last one over the limit; ``patient`` is for the search before."""
    first = min(_FIRST_SIZE, largest)
    allowed = replace(limits, seconds=limits.seconds + _START_SECONDS)
    few = {"size": min(_SEARCH_SIZE, largest), "folder": folder}
    search = run_apart(search_made, {"peer": peer} | few, patient)
    row: Row = {"method": peer, "limit_seconds": limits.seconds}
    if not search.events:
        yield row | {"size": first, "ended": search.ended, "message": f"search for a setting: {search.message}"}
        return
    setting = Setting.of(search.events[-1])
    size = first
    while size <= largest:
        arguments = {"peer": peer, "setting": dict(setting.chosen), "size": size, "folder": folder}
        outcome = run_apart(measure_peer, arguments, allowed)
        event = outcome.events[-1] if outcome.events else {}
        ended = "time" if event and event["seconds"] > limits.seconds else outcome.ended
        yield row | {"size": size, "message": outcome.message} | event | {"ended": ended}
        if ended != "finished":
            return
        size *= 2


def cluster_vectors() -> Any:
    """Return ``dedup.cluster_vectors``.

    Raises:
        ClusterVectorsMissingError: there is none.
    """
    import dedup

    try:
        return dedup.cluster_vectors  # type: ignore[attr-defined, unused-ignore]  # newer than this benchmark
    except AttributeError as error:
        raise ClusterVectorsMissingError("this version of dedup has no cluster_vectors; part left out") from error


def measure_making(count: int, base: int, folder: str) -> Iterator[Event]:
    """Yield one event: how the vectors that were made compare with the real ones that they are made after."""
    pattern = pattern_of_news(base)
    started = time.perf_counter()
    made = make_vectors(pattern, count, Path(folder, "made.f16"))
    seconds = time.perf_counter() - started
    np.save(Path(folder, "hours.npy"), made.hours)
    np.save(Path(folder, "stories.npy"), made.stories)
    vectors = made.vectors(min(count, 20_000)).astype(np.float32)
    stories = made.stories[: len(vectors)]
    same = _pairs_of_a_story(stories)
    yield {
        "size": count,
        "seconds": seconds,
        "dimension": made.dimension,
        "mapped_mib": count * made.dimension * 2 / 2**20,
        "stories": len(np.unique(made.stories)),
        "real_articles": len(pattern.articles),
        "shares_above": {
            "cosine": _COSINES,
            "real": _shares_above(pattern.articles),
            "made": _shares_above(vectors, stories),
        },
        "inside_a_story": {
            "quantile": _QUANTILES,
            "real": _quantiles(pattern.inside),
            "made": _quantiles(np.einsum("ij,ij->i", vectors[same[:, 0]], vectors[same[:, 1]])),
        },
        "between_siblings": {"quantile": _QUANTILES, "real": _quantiles(pattern.siblings)},
    }


def _shares_above(vectors: Floats, stories: npt.NDArray[np.int64] | None = None) -> list[float]:
    """Return the share of pairs, of different stories where those are known, at or above each of some cosines."""
    dice = np.random.default_rng(1)
    left, right = dice.integers(0, len(vectors), (2, 1_000_000))
    apart = left != right if stories is None else stories[left] != stories[right]
    cosines = np.concatenate(
        [
            np.einsum("ij,ij->i", vectors[some], vectors[other])
            for some, other in zip(np.array_split(left[apart], 64), np.array_split(right[apart], 64), strict=True)
        ]
    )
    return [float((cosines >= least).mean()) for least in _COSINES]


def _pairs_of_a_story(stories: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Return pairs of one story, each article with the next of its story: int64 ``[p, 2]``."""
    order = np.argsort(stories, kind="stable")
    follows = stories[order[1:]] == stories[order[:-1]]
    return np.stack([order[:-1][follows], order[1:][follows]], axis=1)


def _quantiles(values: npt.NDArray[np.floating]) -> list[float]:
    return [round(float(value), 3) for value in np.quantile(values, _QUANTILES)] if len(values) else []


def _read_made(folder: Path, size: int) -> MadeVectors:
    hours, stories = (np.load(folder / f"{name}.npy", allow_pickle=False) for name in ("hours", "stories"))
    path = folder / "made.f16"
    dimension = path.stat().st_size // (2 * len(hours))
    return MadeVectors(path=path, dimension=dimension, hours=hours[:size], stories=stories[:size])


def _labels(stories: npt.NDArray[np.int64]) -> Labels:
    return Labels(story={str(row): str(story) for row, story in enumerate(stories.tolist())})


def search_similarity(size: int, folder: str) -> Iterator[Event]:
    """Yield one event: the similarity that the stories made like best, found as the setting of a peer is."""
    made, cluster = _read_made(Path(folder), size), cluster_vectors()
    reference = _labels(made.stories)

    def quality(similarity: float) -> float:
        found = cluster(made.vectors(), hours=made.hours, similarity=similarity, window_hours=WINDOW_HOURS)
        return float(figures(_labels(found), reference)["b_cubed_f1"])

    yield {"similarity": max(_SIMILARITIES, key=quality)}


def measure_clustering(size: int, similarity: float, folder: str) -> Iterator[Event]:
    """Yield one event: what ``cluster_vectors`` took at a similarity, all else by default, and what it found."""
    made = _read_made(Path(folder), size)
    vectors, cluster = made.vectors(), cluster_vectors()
    cluster(vectors[:100], hours=made.hours[:100], similarity=similarity)  # what it imports is not what it takes
    before = memory_now_mib()
    started = time.perf_counter()
    labels = cluster(vectors, hours=made.hours, similarity=similarity, window_hours=WINDOW_HOURS)
    seconds = time.perf_counter() - started
    yield {
        "setting": {"similarity": similarity},
        "seconds": seconds,
        "before_mib": before,
        "peak_mib": memory_peak_mib(),
        "mapped_mib": vectors.nbytes / 2**20,
    } | figures(_labels(labels), _labels(made.stories))


def search_made(peer: str, size: int, folder: str) -> Iterator[Event]:
    """Yield one event: the setting of a peer that the stories made like best."""
    made = _read_made(Path(folder), size)
    reference = _labels(made.stories)
    yield asdict(best_setting(peer, _unit(made), list(reference.story), reference))


def measure_peer(peer: str, setting: dict[str, Any], size: int, folder: str) -> Iterator[Event]:
    """Yield one event: what a peer took to group the vectors, and what it found."""
    made = _read_made(Path(folder), size)
    reference = _labels(made.stories)
    yield from timed_groupings(peer, [setting], _unit(made), list(reference.story), reference)


def _unit(made: MadeVectors) -> Floats:
    vectors = made.vectors().astype(np.float32)
    unit: Floats = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    return unit


def measure_recall(size: int, folder: str) -> Iterator[Event]:
    """Yield one event: how many of the pairs that are near enough the index finds."""
    made = _read_made(Path(folder), size)
    yield candidate_recall(_unit(made), made.hours, _RECALL_COSINE, queries=_RECALL_QUERIES) | {"size": size}


def candidate_recall(
    vectors: Floats, hours: npt.NDArray[np.float64], similarity: float, *, queries: int, seed: int = 1
) -> Event:
    """Return how many pairs with an article of a sample are near enough, and the share of them that the index finds.

    Near enough: a cosine of ``similarity`` and at most 168 hours apart, by a product in float64 with every article.
    Cosines within 1e-4 of the bound are left out: either answer is right there.
    """
    from dedup.index import Bounds, candidate_pairs

    bounds = Bounds(similarity=similarity, one_language=similarity, undated=similarity, window_hours=WINDOW_HOURS)
    pairs = candidate_pairs(vectors, hours, np.zeros(len(vectors), np.int64), bounds)
    sample = np.sort(np.random.default_rng(seed).choice(len(vectors), min(queries, len(vectors)), replace=False))
    found = pairs[np.isin(pairs, sample).any(axis=1)]
    exact = vectors.astype(np.float64)
    wanted = set()
    for one in sample.tolist():
        near = (exact @ exact[one] >= similarity + _LAST_BITS) & (np.abs(hours - hours[one]) <= WINDOW_HOURS)
        near[one] = False
        wanted |= {(min(one, other), max(one, other)) for other in np.flatnonzero(near).tolist()}
    far = np.einsum("ij,ij->i", exact[found[:, 0]], exact[found[:, 1]]) < similarity - _LAST_BITS
    far |= np.abs(hours[found[:, 0]] - hours[found[:, 1]]) > WINDOW_HOURS
    hits = wanted & {(left, right) for left, right in found.tolist()}
    return {
        "similarity": similarity,
        "sampled": len(sample),
        "pairs_near": len(wanted),
        "candidate_recall": len(hits) / len(wanted) if wanted else None,
        "wrongly_found": int(far.sum()),
        "pairs": len(pairs),
    }
