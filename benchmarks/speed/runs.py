"""Whole runs, from articles to stories: dedup beside plain sentence-transformers and each peer's way to group."""

from __future__ import annotations

import json
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from benchmarks.datasets import Sample, dataset
from benchmarks.quality import stories_of
from benchmarks.speed.apart import Event, Limits, Outcome, memory_now_mib, memory_peak_mib, run_apart
from benchmarks.speed.encoders import make_encoder
from benchmarks.speed.encoding import PLAIN, PROMPT
from benchmarks.speed.grouping import Setting, best_setting, figures, timed_groupings
from dedup.evaluate import Labels

__all__ = ["NOT_RUN", "measure_dedup", "measure_runs"]

NOT_RUN = "not run"
"""How a run "ended" that was never begun, because a smaller one shows that it would take too long."""
_HOPELESS = 1.2
"""Times the limit that a run must be expected to take not to be begun."""

Row = dict[str, Any]
"""One method at one size. ``ended`` says whether it finished; if it did, ``seconds`` is what it took."""


def measure_runs(
    sizes: Sequence[int], encoders: Sequence[str], peers: Sequence[str], limits: Limits, folder: Path | None = None
) -> Iterator[Row]:
    """Yield a row for each method at each size, NTREX among ``size`` other articles, the smallest first.

    dedup runs twice: first without, then with what the first run kept of texts and vectors.
    """
    with tempfile.TemporaryDirectory(prefix="dedup-speed-", dir=folder) as place:
        ours = {name: _Ours(encoder=name, folder=Path(place)) for name in encoders}
        plain = _Plain(peers=peers, folder=Path(place))
        for size in sorted(sizes):
            for one in ours.values():
                yield from one.rows(size, limits)
            if peers:
                yield from plain.rows(size, limits)


@dataclass(slots=True, kw_only=True)
class _Ours:
    """dedup with one encoder, at growing sizes."""

    encoder: str
    folder: Path
    last: Row | None = None
    """The first run that finished last, the largest so far."""
    given_up: bool = False

    def rows(self, size: int, limits: Limits) -> Iterator[Row]:
        row: Row = {"size": size, "method": "dedup", "encoder": self.encoder, "run": "first"}
        expected = expected_seconds(self.last, size)
        if self.given_up or (expected or 0.0) > _HOPELESS * limits.seconds:
            yield row | {"ended": NOT_RUN, "expected_seconds": expected}
            return
        with tempfile.TemporaryDirectory(prefix=f"vectors-{size}-", dir=self.folder) as cache:
            for run in ("first", "second"):
                arguments = {"size": size, "encoder": self.encoder, "cache": cache}
                outcome = run_apart(measure_dedup, arguments, limits)
                yield row | {"run": run} | _last(outcome)
                if outcome.ended != "finished":
                    # an encoder that is missing or fails will not be there for more articles
                    self.given_up = True
                    return
                if run == "first":
                    self.last = outcome.events[-1] | {"size": size}


@dataclass(slots=True, kw_only=True)
class _Plain:
    """One vector per article of plain sentence-transformers, then each peer on them, at growing sizes."""

    peers: Sequence[str]
    folder: Path
    last: Row | None = None
    settings: dict[str, Setting] = field(default_factory=dict)
    """What was best for each peer at the last size."""
    given_up: dict[str, str] = field(default_factory=dict)

    def rows(self, size: int, limits: Limits) -> Iterator[Row]:
        encoded = self._encode(size, limits)
        for peer in self.peers:
            row: Row = {"size": size, "method": peer, "encoder": PLAIN, "run": "first"}
            if encoded["ended"] != "finished":
                yield row | {key: encoded[key] for key in encoded if key != "seconds"} | {"stage": "encode"}
            elif peer in self.given_up:
                yield row | {"ended": NOT_RUN, "stage": "cluster", "message": self.given_up[peer]}
            else:
                yield row | self._group(size, peer, encoded, limits)

    def _encode(self, size: int, limits: Limits) -> Row:
        expected = expected_seconds(self.last, size)
        if (expected or 0.0) > _HOPELESS * limits.seconds:
            return {"ended": NOT_RUN, "expected_seconds": expected}
        outcome = run_apart(measure_plain_encoding, {"size": size, "folder": str(self.folder)}, limits)
        if outcome.ended == "finished":
            self.last = outcome.events[-1] | {"size": size}
        return _last(outcome)

    def _group(self, size: int, peer: str, encoded: Row, limits: Limits) -> Row:
        if peer not in self.settings:
            found = run_apart(search_setting, {"peer": peer, "folder": str(self.folder)}, limits)
            if found.ended != "finished":
                self.given_up[peer] = f"the search for its best setting did not finish at {size:,}"
                return _last(found) | {"stage": "search"}
            self.settings[peer] = Setting.of(found.events[-1])
        tried = self.settings[peer].with_neighbours()
        arguments = {"peer": peer, "settings": tried, "folder": str(self.folder)}
        outcome = run_apart(measure_grouping, arguments, limits)
        if not outcome.events:
            self.given_up[peer] = f"it did not finish at {size:,}"
            return _last(outcome) | {"stage": "cluster"}
        # over the limit with some settings tried: each is a run of its own, and the best of those counts
        best = max(outcome.events, key=lambda event: event["b_cubed_f1"])
        self.settings[peer] = self.settings[peer].moved_to(best["setting"])
        return best | {
            "ended": "finished",
            "settings_tried_here": len(outcome.events),
            "seconds": encoded["seconds"] + best["seconds"],
            "stages": {"encode": encoded["seconds"], "cluster": best["seconds"]},
            "peak_mib": max(encoded["peak_mib"], best["peak_mib"]),
        }


def expected_seconds(known: Row | None, size: int) -> float | None:
    """Return what a run will take if it costs as much an article as a smaller one that is known."""
    if known is None:
        return None
    added = size - known["size"]
    return float(known["seconds"] * (known["articles"] + added) / known["articles"])


def _last(outcome: Outcome) -> Row:
    found = dict(outcome.events[-1]) if outcome.events else {}
    return found | {"ended": outcome.ended} | ({"message": outcome.message} if outcome.message else {})


def _sample(size: int) -> Sample:
    return dataset(f"ntrex+{size}").load()


def measure_dedup(size: int, encoder: str, cache: str) -> Iterator[Event]:
    """Yield one event: what a run of dedup at its defaults took, and what it found."""
    from dedup.encode.vectors import VectorCache
    from dedup.evidence.content_cache import ContentCache
    from dedup.pipeline import deduplicate

    sample = _sample(size)
    before = memory_now_mib()
    started = time.perf_counter()
    chosen = make_encoder(encoder)
    folder = Path(cache)
    with VectorCache.for_encoder(chosen, folder) as vectors, ContentCache.in_folder(folder) as contents:
        result = deduplicate(sample.articles, encoder=chosen, cache=vectors, contents=contents)
    seconds = time.perf_counter() - started
    yield {
        "articles": len(sample.articles),
        "seconds": seconds,
        "stages": result.seconds,
        "before_mib": before,
        "peak_mib": memory_peak_mib(),
    } | figures(stories_of(result), sample.labels)


def measure_plain_encoding(size: int, folder: str) -> Iterator[Event]:
    """Yield one event: what ``SentenceTransformer.encode`` took for whole articles; the vectors are left in a file."""
    from dedup.encode.bundled import bundled_model_folder

    model_folder = str(bundled_model_folder())
    sample = _sample(size)
    before = memory_now_mib()
    started = time.perf_counter()
    from sentence_transformers import SentenceTransformer

    model = SentenceTransformer(model_folder)
    vectors = model.encode([article.text for article in sample.articles], prompt=PROMPT, show_progress_bar=False)
    seconds = time.perf_counter() - started
    peak = memory_peak_mib()
    np.save(Path(folder, "plain.npy"), vectors)
    named = {"ids": [article.id for article in sample.articles], "stories": dict(sample.labels.story)}
    Path(folder, "plain.json").write_text(json.dumps(named), encoding="utf-8")
    yield {"articles": len(sample.articles), "seconds": seconds, "before_mib": before, "peak_mib": peak}


def search_setting(peer: str, folder: str) -> Iterator[Event]:
    """Yield one event: the setting of a peer that the reference likes best."""
    yield asdict(best_setting(peer, *_read_plain(Path(folder))))


def measure_grouping(peer: str, settings: Sequence[Mapping[str, Any]], folder: str) -> Iterator[Event]:
    """Yield an event for each setting: what a peer took to group the vectors, and what it found."""
    yield from timed_groupings(peer, settings, *_read_plain(Path(folder)))


def _read_plain(folder: Path) -> tuple[npt.NDArray[np.float32], list[str], Labels]:
    vectors: npt.NDArray[np.float32] = np.load(folder / "plain.npy", allow_pickle=False).astype(np.float32)
    named = json.loads((folder / "plain.json").read_text("utf-8"))
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True), named["ids"], Labels(story=named["stories"])
