"""Where dedup keeps what it can make again: the converted model and the vectors of sentences."""

from __future__ import annotations

import os
from pathlib import Path

from dedup.errors import CacheError

__all__ = ["cache_folder", "cache_path"]

CACHE_VARIABLE = "DEDUP_CACHE"


def cache_folder(part: str) -> Path:
    """Return the folder for ``part`` of the cache, made if absent.

    ``$DEDUP_CACHE`` where it is set, else the user's cache folder of the system (``~/.cache/dedup`` on Linux).

    Raises:
        CacheError: it cannot be made.
    """
    folder = cache_path(part)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise CacheError(
            f"cannot make the cache folder {folder}: {error}; set {CACHE_VARIABLE} to a folder you can write to"
        ) from error
    return folder


def cache_path(part: str) -> Path:
    """Return the folder for ``part`` of the cache, whether it is there or not."""
    from platformdirs import user_cache_path

    root = (
        Path(os.environ[CACHE_VARIABLE])
        if os.environ.get(CACHE_VARIABLE)
        else user_cache_path("dedup", appauthor=False)
    )
    return root / part
