"""Data that come with the package: the calibration, labelled families of articles, and the examples."""

from __future__ import annotations

from pathlib import Path

from dedup.errors import InputError

__all__ = ["examples_folder"]


def examples_folder() -> Path:
    """Return the folder of the examples: ``articles.jsonl``, and ``pages`` with some of them as pages of text.

    They lie in the package where it was installed, and beside it in a checkout.

    Raises:
        InputError: they are in neither place.
    """
    here = Path(__file__).resolve().parent
    for folder in (here / "examples", here.parent.parent / "examples"):
        if (folder / "articles.jsonl").is_file():
            return folder
    raise InputError(f"the examples are neither in {here} nor beside the package; reinstall news-dedup")
