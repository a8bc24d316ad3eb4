"""Whether a probability means what it says: of the pairs told to be 70% sure, 70% should be one story."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import fsum
from typing import Any

import numpy as np
import numpy.typing as npt

__all__ = ["BINS", "Reliability", "ReliabilityBin", "reliability_curve"]

BINS = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class ReliabilityBin:
    """The pairs whose probability is at least ``low`` and below ``high``; the last bin has 1 too."""

    low: float
    high: float
    pairs: int
    probability: float | None
    """Mean probability; None where the bin is empty."""
    same: float | None
    """Share of the pairs that are one story; None where the bin is empty."""

    def to_dict(self) -> dict[str, Any]:
        """Return the bin by name, ready for JSON."""
        return {
            "low": self.low,
            "high": self.high,
            "pairs": self.pairs,
            "probability": self.probability,
            "same": self.same,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Reliability:
    """A reliability curve: bins of equal width from 0 to 1."""

    bins: Sequence[ReliabilityBin]

    @property
    def pairs(self) -> int:
        """Pairs in all bins."""
        return sum(one.pairs for one in self.bins)

    @property
    def expected_calibration_error(self) -> float | None:
        """Mean distance of probability and truth over the bins, weighed by their pairs (Naeini et al. 2015).

        With n_b pairs in bin b, p_b their mean probability, s_b the share of them that are one story, and N pairs in
        all::

            Σ_b n_b / N · |p_b - s_b|

        From 0 to 1. None without any pair: nothing was said that could be wrong or right.
        """
        filled = [(one.pairs, one.probability, one.same) for one in self.bins]
        gaps = [n * abs(p - s) for n, p, s in filled if p is not None and s is not None]
        return fsum(gaps) / self.pairs if self.pairs else None

    def to_dict(self) -> dict[str, Any]:
        """Return error and bins by name, ready for JSON."""
        return {
            "expected_calibration_error": self.expected_calibration_error,
            "pairs": self.pairs,
            "bins": [one.to_dict() for one in self.bins],
        }


def reliability_curve(
    probabilities: npt.NDArray[np.float64], same: npt.NDArray[np.bool_], *, bins: int = BINS
) -> Reliability:
    """Return the reliability curve of pairs.

    Args:
        probabilities: float64 ``[n]``, from 0 to 1.
        same: bool ``[n]``, whether the pair is one story.
        bins: How many, of equal width.

    >>> curve = reliability_curve(np.array([0.05, 0.7, 0.8, 1.0]), np.array([False, False, True, True]), bins=2)
    >>> [one.pairs for one in curve.bins], curve.bins[0].same, round(curve.expected_calibration_error, 4)
    ([1, 3], 0.0, 0.1375)
    """
    # compared with the bounds themselves: a product such as 0.29 * 100 falls short of its bin
    bounds = np.arange(1, bins) / bins
    place = np.searchsorted(bounds, probabilities, side="right")
    pairs = np.bincount(place, minlength=bins)
    probability_sums = np.bincount(place, weights=probabilities, minlength=bins)
    same_sums = np.bincount(place, weights=same, minlength=bins)
    return Reliability(
        bins=tuple(
            ReliabilityBin(
                low=b / bins,
                high=(b + 1) / bins,
                pairs=int(n),
                probability=float(probability_sums[b] / n) if n else None,
                same=float(same_sums[b] / n) if n else None,
            )
            for b, n in enumerate(pairs)
        )
    )
