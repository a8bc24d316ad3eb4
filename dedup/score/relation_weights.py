"""The weights by which the relations of articles to their story are told: a part of the calibration."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

__all__ = ["LinearModel", "RelationWeights"]

_DIGITS = 4


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LinearModel:
    """A score that is linear in named signals and in an article vector."""

    intercept: float
    coefficients: Mapping[str, float]
    """Signal → weight; a signal that is not named weighs nothing."""
    direction: npt.NDArray[np.float64]
    """float64 ``[dimension]``, weights of the article vector; ``[0]`` where it weighs nothing."""

    def to_dict(self) -> dict[str, Any]:
        """Return the model as JSON can hold it."""
        return {
            "intercept": self.intercept,
            "coefficients": dict(self.coefficients),
            "direction": [round(float(value), _DIGITS) for value in self.direction],
        }

    @classmethod
    def from_dict(cls, document: Mapping[str, Any], dimension: int) -> LinearModel:
        """Read what ``to_dict`` returned.

        Raises:
            ValueError, KeyError, TypeError, AttributeError: it is none.
        """
        direction = np.asarray(document["direction"], np.float64)
        if direction.shape not in {(0,), (dimension,)} or not np.isfinite(direction).all():
            raise ValueError(f"a direction is not {dimension} finite numbers")
        numbers = {str(signal): float(weight) for signal, weight in document["coefficients"].items()}
        intercept = float(document["intercept"])
        if not all(math.isfinite(number) for number in (intercept, *numbers.values())):
            raise ValueError("a weight is not a finite number")
        return cls(intercept=intercept, coefficients=numbers, direction=direction)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RelationWeights:
    """Three linear models; their signals are those of ``dedup.relate.signals``."""

    same_text: LinearModel
    """Log-odds that two articles of a story are one text: copies or translations."""
    original: LinearModel
    """Of the articles of a story, how likely each is the first report, as the logarithm of a share."""
    update: LinearModel
    """Log-odds that an article in its own words is an update and no independent report."""

    def to_dict(self) -> dict[str, Any]:
        """Return the weights as JSON can hold them."""
        return {
            "same_text": self.same_text.to_dict(),
            "original": self.original.to_dict(),
            "update": self.update.to_dict(),
        }

    @classmethod
    def from_dict(cls, document: Mapping[str, Any], dimension: int) -> RelationWeights:
        """Read what ``to_dict`` returned.

        Raises:
            ValueError, KeyError, TypeError, AttributeError: they are none.
        """
        return cls(
            same_text=LinearModel.from_dict(document["same_text"], dimension),
            original=LinearModel.from_dict(document["original"], dimension),
            update=LinearModel.from_dict(document["update"], dimension),
        )
