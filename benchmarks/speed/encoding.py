"""Sentences into vectors: dedup's encoders beside plain sentence-transformers, turn by turn in one process."""

from __future__ import annotations

import json
import random
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from benchmarks.datasets import SEED, distractors
from benchmarks.speed.apart import Event
from benchmarks.speed.encoders import EncoderUnavailableError, make_encoder
from benchmarks.speed.operations import Passes, Shape, counted_passes, matrix_peaks

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

__all__ = ["PLAIN", "measure_encoding", "news_sentences"]

PLAIN = "sentence-transformers"
PROMPT = "query: "
_WARM_UP = 32
Vectors = npt.NDArray[np.float32]


@dataclass(slots=True, kw_only=True)
class _Contestant:
    name: str
    encode: Callable[[Sequence[str]], Vectors]
    precision: str | None
    seconds: list[float] = field(default_factory=list)
    passes: Passes = field(default_factory=Passes)
    vectors: Vectors = field(default_factory=lambda: np.empty((0, 0), np.float32))
    max_tokens: int | None = None
    """Where sentences are cut, if that is known."""


def measure_encoding(sentences: int, repetitions: int, encoders: Sequence[str]) -> Iterator[Event]:
    """Yield one event: what each encoder took for the same sentences of real news.

    Every repetition has all encoders in turn, forwards and backwards by turns, so that a machine that slows down slows
    all alike. What passes through the models is counted in a turn of its own, which is also the warm-up.
    """
    from sentence_transformers import SentenceTransformer

    from dedup.encode.bundled import bundled_model_folder

    texts = news_sentences(sentences)
    shape = Shape.of(json.loads((bundled_model_folder() / "config.json").read_text("utf-8")))
    model = SentenceTransformer(str(bundled_model_folder()))
    contestants, missing = [_plain(model)], []
    for name in encoders:
        try:
            contestants.append(_ours(name))
        except EncoderUnavailableError as error:
            missing.append(str(error))
    for one in contestants:
        one.encode(texts[:_WARM_UP])
        with counted_passes() as one.passes:
            one.vectors = one.encode(texts)
    for turn in range(repetitions):
        for one in contestants[:: 1 if turn % 2 == 0 else -1]:
            started = time.perf_counter()
            one.encode(texts)
            one.seconds.append(round(time.perf_counter() - started, 4))
    peaks = matrix_peaks(shape)
    plain = contestants[0]
    cuts = {one.max_tokens for one in contestants if one.passes.batches} - {plain.max_tokens}
    alike = {plain.max_tokens: plain.vectors} | {cut: _plain(model, cut).encode(texts) for cut in cuts}
    yield {
        "sentences": len(texts),
        "characters": sum(map(len, texts)),
        "repetitions": repetitions,
        "peaks_gflops": peaks,
        "encoders": [_figures(one, plain, alike, shape, peaks) for one in contestants],
        "missing": missing,
    }


def news_sentences(count: int) -> list[str]:
    """Return ``count`` distinct sentences of the unlabelled news as dedup reads them, drawn by a seed.

    Raises:
        DatasetUnavailableError: the news are not on this machine.
    """
    from dedup.settings import Settings
    from dedup.text.language import with_language
    from dedup.text.passage import article_sentences

    limit = Settings().max_sentences
    # an article has eight sentences on average; of each only a part is drawn, so that many articles are there
    articles = [with_language(article) for article in distractors(max(20, count // 3))]
    sentences = dict.fromkeys(sentence for article in articles for sentence in article_sentences(article, limit))
    drawn = random.Random(SEED).sample(sorted(sentences), min(count, len(sentences)))
    if len(drawn) < count:
        raise ValueError(f"{count:,} sentences wanted, {len(drawn):,} found in {len(articles):,} articles")
    return drawn


def _plain(model: SentenceTransformer, max_tokens: int | None = None) -> _Contestant:
    """Return ``encode`` of sentence-transformers with its defaults, but for a cut where one is given."""
    default = model.max_seq_length

    def encode(sentences: Sequence[str]) -> Vectors:
        model.max_seq_length = max_tokens or default
        vectors: Vectors = model.encode(list(sentences), prompt=PROMPT, show_progress_bar=False)
        model.max_seq_length = default
        return vectors

    return _Contestant(name=PLAIN, encode=encode, precision="float32")


def _ours(name: str) -> _Contestant:
    encoder = make_encoder(name)
    max_tokens = json.loads(encoder.settings).get("max_tokens") if encoder.settings.startswith("{") else None
    return _Contestant(
        name=name, encode=encoder.encode, precision=getattr(encoder, "precision", None), max_tokens=max_tokens
    )


def _figures(
    one: _Contestant, plain: _Contestant, alike: Mapping[int | None, Vectors], shape: Shape, peaks: dict[str, Any]
) -> dict[str, Any]:
    median = float(np.median(one.seconds))
    figures: dict[str, Any] = {
        "name": one.name,
        "precision": one.precision,
        "seconds": one.seconds,
        "median_seconds": median,
        "sentences_per_second": len(one.vectors) / median,
        "times_as_fast": float(np.median(plain.seconds)) / median,
    }
    # not of an encoder without a transformer, whose vectors have nothing in common with these
    if one.passes.batches and one.vectors.shape == plain.vectors.shape:
        cosines = np.einsum("ij,ij->i", one.vectors, alike[one.max_tokens])
        figures |= {"mean_cosine": float(cosines.mean()), "least_cosine": float(cosines.min())}
    if one.passes.batches:
        real, padded = one.passes.operations(shape)
        peak = (peaks.get(one.precision or "") or {}).get("square")
        figures |= {
            "batches": len(one.passes.batches),
            "real_tokens": one.passes.real_tokens,
            "padded_tokens": one.passes.padded_tokens,
            "gflops_real": real / median / 1e9,
            "gflops_padded": padded / median / 1e9,
            "share_of_peak_real": real / median / 1e9 / peak if peak else None,
            "share_of_peak_padded": padded / median / 1e9 / peak if peak else None,
        }
    return figures
