"""Numbers that copies of one text have in common, also where a few words were changed.

Each is the least of a text's runs of three words in an order of its own, drawn by hashing: two texts have it in common
with the probability of the part of such runs that they share (min-wise hashing, Broder 1997). They are functions of the
text alone, so that who has which does not depend on what else there is.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

__all__ = ["KEYS", "copy_keys", "spread"]

KEYS = 4
"""Of a text with three words in 150 changed, one key is another with a probability of 12%, and all four with 0.1%."""
_WORDS = re.compile(r"\w+")
_RUN = 3
_STEP = np.uint64(0x9E3779B97F4A7C15)
_Hashes = npt.NDArray[np.uint64]


def copy_keys(sentences: Sequence[str]) -> tuple[int, ...]:
    """Return the keys of a text of these sentences, ``KEYS`` numbers from 0 to 2^63 - 1.

    >>> copy_keys(["Two bridges closed.", "One more."]) == copy_keys(["TWO bridges closed", "one more"])
    True
    """
    words = _WORDS.findall(" ".join(sentences).casefold())
    hashes = np.array([zlib.crc32(word.encode("utf-8", "surrogatepass")) for word in words or [""]], np.uint64)
    runs = spread(hashes[: max(1, len(hashes) - _RUN + 1)])
    for step in range(1, min(_RUN, len(hashes))):
        runs = spread(runs + hashes[step : step + len(runs)])
    orders = spread(runs + np.arange(1, KEYS + 1, dtype=np.uint64)[:, None] * _STEP)
    keys: list[int] = (orders.min(axis=1) >> np.uint64(1)).tolist()
    return tuple(keys)


def spread(values: _Hashes) -> _Hashes:
    """Spread numbers over all of 64 bits (splitmix64, Steele et al. 2014)."""
    mixed = values + _STEP
    mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return mixed ^ (mixed >> np.uint64(31))
