"""A number that copies of one text have in common, also where a few words were changed.

The least hash of all runs of three words: two texts have the same with the probability of the part of such runs that
they share (min-wise hashing, Broder 1997). It is a function of the text alone, so that who has it does not depend on
what else there is.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

__all__ = ["copy_key"]

_WORDS = re.compile(r"\w+")
_RUN = 3
_Hashes = npt.NDArray[np.uint64]


def copy_key(sentences: Sequence[str]) -> int:
    """Return the key of a text of these sentences, from 0 to 2^63 - 1.

    >>> copy_key(["Two bridges closed.", "One more."]) == copy_key(["TWO bridges closed", "one more"])
    True
    """
    words = _WORDS.findall(" ".join(sentences).casefold())
    hashes = np.array([zlib.crc32(word.encode("utf-8", "surrogatepass")) for word in words or [""]], np.uint64)
    runs = _mixed(hashes[: max(1, len(hashes) - _RUN + 1)])
    for step in range(1, min(_RUN, len(hashes))):
        runs = _mixed(runs + hashes[step : step + len(runs)])
    return int(runs.min() >> np.uint64(1))


def _mixed(values: _Hashes) -> _Hashes:
    """Spread numbers over all of 64 bits (splitmix64, Steele et al. 2014)."""
    mixed = values + np.uint64(0x9E3779B97F4A7C15)
    mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return mixed ^ (mixed >> np.uint64(31))
