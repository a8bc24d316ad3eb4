"""What an encoder is: sentences in, unit vectors out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

import numpy as np
import numpy.typing as npt

__all__ = ["Encoder", "Vectors"]

Vectors = npt.NDArray[np.float32]
"""float32 ``[n, dimension]``, rows of length 1."""


@runtime_checkable
class Encoder(Protocol):
    """Anything that turns sentences into vectors.

    ``model`` and ``revision`` name what the vectors depend on as far as a calibration is concerned; ``settings`` what
    else changes them (prompt, cut, precision). Vectors of encoders that agree in all three are interchangeable, and
    the cache takes them for one another.
    """

    @property
    def model(self) -> str:
        """Name of the model."""

    @property
    def revision(self) -> str:
        """Which weights: a hash or a version."""

    @property
    def settings(self) -> str:
        """Everything else that changes the vectors, as one line of text."""

    @property
    def dimension(self) -> int:
        """Length of a vector."""

    def encode(self, sentences: Sequence[str]) -> Vectors:
        """Return float32 ``[len(sentences), dimension]``, unit rows, in the order of ``sentences``."""
