"""What others would do with one vector per article, each at its best setting in hindsight.

A peer takes unit vectors and a grid of similarity thresholds, and yields one grouping for each setting that it has.
The best setting is then chosen by the reference itself: more than any user of a peer can have, so a figure here is an
upper bound of what the peer would reach.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from dedup.evaluate import Evaluation, Labels, b_cubed, contingency, evaluate

__all__ = [
    "PEERS",
    "Best",
    "Grouping",
    "Peer",
    "average_linkage",
    "best_in_hindsight",
    "community_detection",
    "group_once",
    "hdbscan",
    "semhash",
    "threshold_grid",
]

Vectors = npt.NDArray[np.float32]
"""float32 [articles, dimension], rows of length 1."""
Stories = npt.NDArray[np.int64]
"""int64 [articles]: equal numbers, one story."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Grouping:
    """The stories that a peer finds at one of its settings."""

    setting: dict[str, Any]
    stories: Stories


Peer = Callable[[Vectors, Sequence[float]], Iterator[Grouping]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Best:
    """A peer at the setting that the reference likes best."""

    setting: dict[str, Any]
    settings_tried: int
    seconds: float
    """For all the settings together."""
    evaluation: Evaluation


def best_in_hindsight(
    peer: Peer, vectors: Vectors, ids: Sequence[str], reference: Labels, thresholds: Sequence[float] | None = None
) -> Best:
    """Return the setting of ``peer`` with the highest B-cubed F1 against ``reference``; of equals, the first.

    ``ids`` names the article of each row of ``vectors``. Without ``thresholds`` they come from
    :func:`threshold_grid`. Articles that the reference lacks are grouped too, as distractors.

    Raises:
        ValueError: ``ids`` and ``vectors`` differ in length, there are fewer than two, or the rows have not length 1.
    """
    _check(vectors, ids)
    started = time.perf_counter()
    best: Grouping | None = None
    best_f1 = -1.0
    tried = 0
    for grouping in peer(vectors, threshold_grid(vectors) if thresholds is None else thresholds):
        tried += 1
        f1 = b_cubed(contingency(dict(zip(ids, grouping.stories.tolist(), strict=True)), reference.story)).f1
        if f1 > best_f1:
            best, best_f1 = grouping, f1
    if best is None:
        raise ValueError("the peer has no setting to try; give it at least one threshold")
    seconds = time.perf_counter() - started
    story = {article: str(number) for article, number in zip(ids, best.stories.tolist(), strict=True)}
    return Best(
        setting=best.setting,
        settings_tried=tried,
        seconds=seconds,
        evaluation=evaluate(Labels(story=story), reference),
    )


def threshold_grid(vectors: Vectors, *, size: int = 60) -> tuple[float, ...]:
    """Return up to ``size`` similarity thresholds, ascending, that suit these vectors, whatever the model's scale.

    Models differ in where their cosines lie (those of E5 nearly all above 0.7). So the grid begins where a hundred
    pairs an article pass, or all pairs of a small set, and goes in equal steps up to 1.
    """
    bins = np.linspace(-1.0, 1.0, 2_001)
    counts = np.zeros(len(bins) - 1, dtype=np.int64)
    for start in range(0, len(vectors), 1024):
        similarities = vectors[start : start + 1024] @ vectors[start:].T
        rows, columns = np.triu_indices(len(similarities), k=1, m=similarities.shape[1])
        counts += np.histogram(np.clip(similarities[rows, columns], -1.0, 1.0), bins=bins)[0]
    passing = np.cumsum(counts[::-1])[::-1]  # pairs at or above the lower edge of each bin
    lowest = bins[np.flatnonzero(passing >= min(100 * len(vectors), passing[0]))[-1]]
    return tuple(np.unique(np.linspace(lowest, 1.0, size).round(4)).tolist())


def community_detection(vectors: Vectors, thresholds: Sequence[float]) -> Iterator[Grouping]:
    """``sentence_transformers.util.community_detection``; an article of no community is a story of one."""
    from sentence_transformers import util

    for threshold in thresholds:
        stories = np.arange(len(vectors))
        for community in util.community_detection(vectors, threshold=threshold, min_community_size=2):
            stories[community] = community[0]
        yield Grouping(setting={"threshold": threshold}, stories=stories)


def average_linkage(vectors: Vectors, thresholds: Sequence[float]) -> Iterator[Grouping]:
    """Average linkage over cosine distance, as scikit-learn's AgglomerativeClustering has it, from one tree.

    One tree of scipy serves all thresholds; cutting it is what ``distance_threshold`` does.
    """
    from scipy.cluster.hierarchy import fcluster, linkage
    from scipy.spatial.distance import squareform

    distances = np.clip(1.0 - vectors @ vectors.T, 0.0, 2.0)
    tree = linkage(squareform(distances, checks=False), method="average")
    for threshold in thresholds:
        stories = fcluster(tree, 1.0 - threshold, criterion="distance")
        yield Grouping(setting={"threshold": threshold}, stories=stories.astype(np.int64))


def hdbscan(vectors: Vectors, thresholds: Sequence[float]) -> Iterator[Grouping]:
    """scikit-learn's HDBSCAN with stories from two articles up; what it calls noise is a story of one.

    For each of a few ``min_samples`` it gets both of its ways to choose clusters without a threshold, and its cut of
    the hierarchy at each threshold (``dbscan_clustering``), as a Euclidean distance: on unit vectors d² = 2 - 2 cos,
    so both order all pairs alike.
    """
    for neighbours in (1, 2, 3, 5):
        if neighbours > len(vectors):
            break
        for method in ("eom", "leaf"):
            setting: dict[str, Any] = {"min_samples": neighbours, "method": method}
            model, found = _fitted_hdbscan(vectors, setting)
            yield Grouping(setting=setting, stories=_noise_apart(found))
        for threshold in thresholds:
            setting = {"min_samples": neighbours, "threshold": threshold}
            yield Grouping(setting=setting, stories=_cut_hdbscan(model, threshold))


def _fitted_hdbscan(vectors: Vectors, setting: Mapping[str, Any]) -> tuple[Any, Stories]:
    from sklearn.cluster import HDBSCAN

    model = HDBSCAN(
        min_cluster_size=2,
        min_samples=setting["min_samples"],
        cluster_selection_method=setting.get("method", "eom"),
        copy=True,
    )
    return model, model.fit_predict(vectors)


def _cut_hdbscan(model: Any, threshold: float) -> Stories:
    distance = float(np.sqrt(max(2.0 - 2.0 * threshold, 0.0)))
    return _noise_apart(model.dbscan_clustering(distance, min_cluster_size=2))


def _noise_apart(found: npt.NDArray[np.integer[Any]]) -> Stories:
    """Give each article of the noise, which HDBSCAN marks by a negative number, a story of its own."""
    numbers = np.arange(len(found), dtype=np.int64)
    return np.where(found >= 0, found, len(found) + numbers)


def semhash(vectors: Vectors, thresholds: Sequence[float]) -> Iterator[Grouping]:
    """SemHash's ``self_deduplicate``, over an exact index: an article and what it was filtered for are a story.

    SemHash depends on the order of its input and takes it here as the data set has it.
    """
    from semhash import SemHash
    from vicinity import Backend

    names = [str(row) for row in range(len(vectors))]
    index = SemHash.from_embeddings(vectors, names, model=_NoEncoder(), ann_backend=Backend.BASIC)
    result = index.self_deduplicate(threshold=min(thresholds))
    for threshold in sorted(thresholds):
        result.rethreshold(threshold)
        stories = np.arange(len(vectors))
        for duplicate in result.filtered:
            stories[int(duplicate.record)] = int(duplicate.duplicate_of)
        yield Grouping(setting={"threshold": threshold}, stories=stories)


class _NoEncoder:
    """The encoder that SemHash must be given, and asks only for texts that came without a vector: there are none."""

    def encode(self, inputs: Sequence[Any] | Any, **_: Any) -> npt.NDArray[np.float32]:
        raise NotImplementedError(f"SemHash asked for a vector of {inputs!r}; all were given")


PEERS: dict[str, Peer] = {
    "community_detection": community_detection,
    "HDBSCAN": hdbscan,
    "average linkage": average_linkage,
    "SemHash": semhash,
}
"""Every peer by the name that tables call it."""


def group_once(name: str, vectors: Vectors, setting: Mapping[str, Any]) -> Stories:
    """Return the stories that the peer ``name`` finds at one setting of its own, as one who knows it would run it."""
    if name == "HDBSCAN":
        model, found = _fitted_hdbscan(vectors, setting)
        return _cut_hdbscan(model, setting["threshold"]) if "threshold" in setting else _noise_apart(found)
    return next(PEERS[name](vectors, [setting["threshold"]])).stories


def _check(vectors: Vectors, ids: Sequence[str]) -> None:
    if len(vectors) != len(ids):
        raise ValueError(f"{len(vectors)} vectors for {len(ids)} articles; give one vector an article")
    if len(vectors) < 2:
        raise ValueError(f"{len(vectors)} articles to group; a peer needs two at least")
    lengths = np.linalg.norm(vectors, axis=1)
    if not np.allclose(lengths, 1.0, atol=1e-3):
        raise ValueError(f"vectors of length {lengths.min():.3f} to {lengths.max():.3f}; normalise them to 1")
