"""Fit the calibrations that ship with the package, for the bundled model and for the fast one.

    python -m scripts.fit_background ../shared/data/news -o background.json
    python -m scripts.fit_calibration background.json ../shared/data/ecbplus_train_dev.jsonl
    python -m scripts.fit_calibration background.json ../shared/data/ecbplus_train_dev.jsonl --encoder fast

Development data, and nothing else: the families of siblings in ``dedup/data/families.jsonl`` (language means,
coefficients), the siblings of ``dedup/data/siblings.jsonl`` and the train split of ECB+ (coefficients), articles of
real news that are surely unrelated (``benchmarks/unrelated.py``, coefficients), and the counts of names in real news
(``fit_background.py``). Test sets and the dev split of ECB+ are never read.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from benchmarks.unrelated import unrelated_news
from dedup.article import Article
from dedup.cache import cache_folder
from dedup.data.families import read_families, read_further
from dedup.encode.named import BUNDLED, FAST, encoder_named
from dedup.encode.vectors import VectorCache
from dedup.evidence.background import Background
from dedup.relate.fit import fit_relations
from dedup.score.calibration import KINDS
from dedup.score.fit import fit_calibration
from dedup.score.registry import save_calibration
from dedup.score.training import LabelledArticle
from dedup.settings import Settings

DATA = Path(__file__).resolve().parent.parent / "dedup" / "data"
SHIPPED = {BUNDLED: "calibration.json", FAST: "calibration-fast.json"}
ECB_SHARE = 2.0
"""What ECB+ counts beside the families: real English articles without times. With less, real reports of one event
seldom join; with more, invented ones do not."""


def ecb_train(path: Path) -> list[LabelledArticle]:
    """Return the train split of ECB+ (Cybulska & Vossen 2014): two events a topic, whose stories are events."""
    rows = (json.loads(line) for line in path.read_text("utf-8").splitlines())
    return [
        LabelledArticle(
            article=Article(id=row["id"], title=row.get("title") or "", body=row["body"], language=row["lang"]),
            story=row["story"],
            family=row["topic"],
            text=None,
        )
        for row in rows
        if row["split"] == "train"
    ]


def main() -> None:
    """Write the calibration."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("background", type=Path, help="what fit_background.py wrote")
    parser.add_argument("ecb", type=Path, help="ECB+ as JSON lines with story, topic and split")
    parser.add_argument("--encoder", choices=SHIPPED, default=BUNDLED, help="default: %(default)s")
    parser.add_argument("-o", "--output", type=Path, help="default: the file that ships for the encoder")
    options = parser.parse_args()
    counts = json.loads(options.background.read_text("utf-8"))
    labelled = read_families()
    encoder = encoder_named(options.encoder)
    max_sentences = Settings().max_sentences
    with VectorCache.for_encoder(encoder, cache_folder("vectors")) as cache:
        calibration = fit_calibration(
            labelled,
            encoder,
            max_sentences=max_sentences,
            about={
                "fitted by": "scripts/fit_calibration.py",
                "fitted on": f"dedup/data/families.jsonl, {len(labelled)} articles; dedup/data/siblings.jsonl; "
                "ECB+ train (CC BY 3.0) for pairs of one language without times; unrelated real news with times "
                "(benchmarks/unrelated.py)",
                "background": "scripts/fit_background.py, articles by language: "
                + ", ".join(f"{language} {number}" for language, number in sorted(counts["documents"].items())),
                "max_sentences": max_sentences,
            },
            further=[*read_further(), (ecb_train(options.ecb), ECB_SHARE)],
            unrelated=unrelated_news(),
            background=Background(documents=counts["documents"], frequencies=counts["frequencies"]),
            cache=cache,
        )
        calibration = fit_relations(labelled, encoder, calibration, max_sentences=max_sentences, cache=cache)
    save_calibration(calibration, options.output or DATA / SHIPPED[options.encoder])
    for kind, scorer in zip(KINDS, calibration.scorers, strict=True):
        print(kind, scorer)


if __name__ == "__main__":
    main()
