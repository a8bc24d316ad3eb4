"""Fit the calibration that ships with the package, for the bundled model.

    python scripts/fit_background.py ../shared/data/news -o background.json
    python scripts/fit_calibration.py background.json

Development data, and nothing else: the families of siblings in ``dedup/data/families.jsonl`` (language means,
coefficients) and the counts of names in real news (``fit_background.py``). Test sets are never read.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from dedup.cache import cache_folder
from dedup.data.families import read_families
from dedup.encode.transformer import TransformerEncoder
from dedup.encode.vectors import VectorCache
from dedup.evidence.background import Background
from dedup.relate.fit import fit_relations
from dedup.score.fit import fit_calibration
from dedup.score.registry import save_calibration
from dedup.settings import Settings

SHIPPED = Path(__file__).resolve().parent.parent / "dedup" / "data" / "calibration.json"


def main() -> None:
    """Write the calibration."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("background", type=Path, help="what fit_background.py wrote")
    parser.add_argument("-o", "--output", type=Path, default=SHIPPED, help="default: %(default)s")
    options = parser.parse_args()
    counts = json.loads(options.background.read_text("utf-8"))
    labelled = read_families()
    encoder = TransformerEncoder()
    max_sentences = Settings().max_sentences
    with VectorCache.for_encoder(encoder, cache_folder("vectors")) as cache:
        calibration = fit_calibration(
            labelled,
            encoder,
            max_sentences=max_sentences,
            about={
                "fitted by": "scripts/fit_calibration.py",
                "fitted on": f"dedup/data/families.jsonl, {len(labelled)} articles",
                "background": "scripts/fit_background.py, articles by language: "
                + ", ".join(f"{language} {number}" for language, number in sorted(counts["documents"].items())),
                "max_sentences": max_sentences,
            },
            background=Background(documents=counts["documents"], frequencies=counts["frequencies"]),
            cache=cache,
        )
        calibration = fit_relations(labelled, encoder, calibration, max_sentences=max_sentences, cache=cache)
    save_calibration(calibration, options.output)
    print(f"{options.output}: dated {calibration.dated}\nundated {calibration.undated}")


if __name__ == "__main__":
    main()
