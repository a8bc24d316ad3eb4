"""Quality of dedup at its default settings, beside its peers at their best settings in hindsight.

    python -m benchmarks.quality --datasets ntrex examples --output quality.json --readme README.md

Both see the same articles. dedup is run as a user would run it; each peer gets one vector per article of the model
that dedup uses, and the setting at which the reference itself likes it best.
"""

from __future__ import annotations

import argparse
import logging
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from benchmarks.datasets import DATASETS, Dataset, DatasetUnavailableError, Sample, dataset
from benchmarks.environment import environment, measured_on
from benchmarks.json_file import write_json
from benchmarks.markdown import MarkerError, replace_between_markers, table
from benchmarks.peers import PEERS, best_in_hindsight
from dedup.article import Article
from dedup.evaluate import Labels, evaluate

if TYPE_CHECKING:
    from dedup.encode.base import Encoder
    from dedup.encode.vectors import VectorCache
    from dedup.pipeline import Deduplication

__all__ = ["encode_documents", "group_with_dedup", "main", "markdown", "measure", "stories_of"]

DEFAULT_DATASETS = (
    "ntrex",
    "ntrex-titles",
    "ntrex+1000",
    "ecbplus-dev",
    "examples",
)

Grouper = Callable[[Sequence[Article]], Labels]
DocumentEncoder = Callable[[Sequence[Article]], npt.NDArray[np.float32]]


def group_with_dedup(articles: Sequence[Article]) -> Labels:
    """Return the stories that dedup finds at its default settings."""
    import dedup

    with _cache(encoder := dedup.TransformerEncoder()) as cache:
        return stories_of(dedup.deduplicate(articles, encoder=encoder, cache=cache))


def stories_of(result: Deduplication) -> Labels:
    """Return the story of each article by its id, and its language."""
    found = [(article, story.id) for story in result.stories for article in story.articles]
    return Labels(
        story={article.id: story for article, story in found},
        language={article.id: article.language for article, _ in found},
    )


def encode_documents(articles: Sequence[Article]) -> npt.NDArray[np.float32]:
    """Return one plain vector per article: float32 [n, d], rows of length 1, no mean subtracted.

    By the model that dedup uses, so that a peer differs from dedup in what it does with the model only; of the whole
    text, up to the 512 tokens that the model takes.
    """
    from dedup.encode.transformer import TransformerEncoder
    from dedup.encode.vectors import encode_sentences

    encoder = TransformerEncoder(max_tokens=512)
    with _cache(encoder) as cache:
        vectors = encode_sentences([article.text for article in articles], encoder, cache).astype(np.float32)
    unit: npt.NDArray[np.float32] = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    return unit


def _cache(encoder: Encoder) -> VectorCache:
    """Return the vectors that earlier runs have kept, as the command line uses them."""
    from dedup.cache import cache_folder
    from dedup.encode.vectors import VectorCache

    return VectorCache.for_encoder(encoder, cache_folder("vectors"))


def measure(
    data: Dataset,
    sample: Sample,
    *,
    group: Grouper,
    encode: DocumentEncoder,
    peers: Sequence[str],
) -> dict[str, Any]:
    """Return what dedup and the peers reach on one data set, ready for JSON; ``peers`` are names in PEERS."""
    started = time.perf_counter()
    prediction = group(sample.articles)
    methods: list[dict[str, Any]] = [
        {
            "method": "dedup",
            "setting": "default",
            "settings_tried": 1,
            "seconds": time.perf_counter() - started,
            "evaluation": evaluate(prediction, sample.labels).to_dict(),
        }
    ]
    if peers:
        vectors = encode(sample.articles)
        ids = [article.id for article in sample.articles]
        for name in peers:
            best = best_in_hindsight(PEERS[name], vectors, ids, sample.labels)
            methods.append(
                {
                    "method": name,
                    "setting": best.setting,
                    "settings_tried": best.settings_tried,
                    "seconds": best.seconds,
                    "evaluation": best.evaluation.to_dict(),
                }
            )
    return {
        "name": data.name,
        "description": data.description,
        "licence": data.licence,
        "role": data.role,
        "articles": len(sample.articles),
        "labelled_articles": len(sample.labels.story),
        "methods": methods,
    }


def markdown(report: dict[str, Any]) -> str:
    """Return the table of a report, and under it what it was measured with."""
    header = ["data set", "method", "B³ P", "B³ R", "B³ F1", "pairs F1", "stories whole", "siblings merged", "largest"]
    rows = []
    for data in report["datasets"]:
        for entry in data["methods"]:
            scores = entry["evaluation"]
            rows.append(
                [
                    f"{data['name']} ({data['role']}, {data['articles']:,})",
                    entry["method"],
                    *(f"{scores['b_cubed'][part]:.3f}" for part in ("precision", "recall", "f1")),
                    f"{scores['pairwise']['f1']:.3f}",
                    _percent(scores["whole_stories_of_several"]),
                    _percent(scores["sibling_merges"]["share"]),
                    f"{scores['largest_story']:,}",
                ]
            )
    return "\n\n".join(
        [
            table(header, rows),
            "dedup at its default settings; the others on one vector per article of the same model, each at the "
            "setting that is best for it on the very data set. In brackets: what the set is used for (test: never "
            "fitted on) and its articles. Stories whole: of those with two and more articles. Siblings merged: pairs "
            "of articles of one family, but of two events, that ended together.",
            measured_on(report) + ". To repeat: `make benchmark`.",
        ]
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, write and print; return 0, or 1 where no data set could be had."""
    options = _parser().parse_args(arguments)
    measured: list[dict[str, Any]] = []
    for name in options.datasets:
        try:
            data = dataset(name)
            sample = data.load()
        except DatasetUnavailableError as error:
            print(f"left out {name}: {error}", file=sys.stderr)
            continue
        print(f"{name}: {len(sample.articles):,} articles", file=sys.stderr, flush=True)
        measured.append(measure(data, sample, group=group_with_dedup, encode=encode_documents, peers=options.peers))
    if not measured:
        print("no data set to measure on", file=sys.stderr)
        return 1
    report = environment() | {
        "settings": {"dedup": "default", "peers": "best in hindsight by B-cubed F1"},
        "datasets": measured,
    }
    if options.output:
        write_json(options.output, report)
    text = markdown(report)
    print(text)
    if options.readme:
        try:
            replace_between_markers(options.readme, "quality", text)
        except (MarkerError, OSError) as error:
            print(f"the table was not written: {error}", file=sys.stderr)
            return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.quality", description=__doc__.partition("\n")[0])
    parser.add_argument(
        "--datasets",
        nargs="+",
        default=DEFAULT_DATASETS,
        metavar="NAME",
        help=f"of {', '.join(DATASETS)}, or ntrex+N; without it: {', '.join(DEFAULT_DATASETS)}",
    )
    parser.add_argument(
        "--peers", nargs="+", choices=PEERS, default=list(PEERS), help="which peers to run; without it: all"
    )
    parser.add_argument("--no-peers", dest="peers", action="store_const", const=[], help="measure dedup alone")
    parser.add_argument("--output", type=Path, metavar="FILE", help="write everything that was measured as JSON")
    parser.add_argument(
        "--readme", type=Path, metavar="FILE", help="write the table between the benchmark:quality markers of FILE"
    )
    return parser


def _percent(share: float | None) -> str:
    return "–" if share is None else f"{share:.1%}"


if __name__ == "__main__":
    # Some of the sets state times that are none; that is known and would bury what is said here.
    logging.getLogger("dedup.read").setLevel(logging.ERROR)
    sys.exit(main())
