"""The same targets, their inputs made by atheris, which goes after what reaches new code."""

from __future__ import annotations

import logging
import sys
import tempfile
from pathlib import Path

from benchmarks.fuzz.target import Target, input_of

__all__ = ["run_coverage"]

_FIRST_INPUTS = 300


def run_coverage(target: Target, folder: Path) -> int:
    """Run until something is found or Ctrl-C; the corpus is kept in ``folder``. Return 1 where atheris is not there."""
    try:
        import atheris
    except ModuleNotFoundError:
        print("this needs atheris: pip install atheris", file=sys.stderr)
        return 1
    logging.disable(logging.CRITICAL)
    corpus = folder / f"{target.name}-corpus"
    corpus.mkdir(parents=True, exist_ok=True)
    for number in range(_FIRST_INPUTS):
        (corpus / f"made-{number}").write_bytes(input_of(target, 0, number))
    atheris.instrument_all()

    def one(data: bytes) -> None:
        with tempfile.TemporaryDirectory() as name:
            target.check(data, Path(name))

    atheris.Setup([sys.argv[0], str(corpus), f"-artifact_prefix={folder}/", "-timeout=20", "-rss_limit_mb=4096"], one)
    atheris.Fuzz()
    return 0
