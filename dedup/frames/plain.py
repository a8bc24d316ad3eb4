"""Values of numpy and pandas as Python's own."""

from __future__ import annotations

from typing import Any

__all__ = ["plain"]

_PYTHON = (str, int, float, bool, type(None))
_MISSING = ("NAType", "NaTType")


def plain(value: Any) -> Any:
    """Return a scalar of numpy or pandas as Python's own, and None for what stands for "missing": NaN, NaT, NA.

    All else is returned as it is.

    >>> plain(float("nan")) is None
    True
    """
    if isinstance(value, float) and value != value:
        return None
    if type(value) in _PYTHON:
        return value
    match type(value).__module__.partition(".")[0]:
        case "numpy":
            return _of_numpy(value)
        case "pandas":
            return _of_pandas(value)
    return value


def _of_numpy(value: Any) -> Any:
    import numpy as np

    if isinstance(value, np.datetime64):
        return value.astype("datetime64[us]").item()  # in nanoseconds it would become a number
    return value.item() if isinstance(value, np.generic) else value


def _of_pandas(value: Any) -> Any:
    if type(value).__name__ in _MISSING:
        return None
    if type(value).__name__ == "Timestamp":
        return value.to_pydatetime(warn=False)
    return value
