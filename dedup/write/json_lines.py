"""Rows as JSON lines that any reader of JSON takes."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any

__all__ = ["json_line"]


def json_line(row: Mapping[str, Any]) -> str:
    """Return ``row`` as one line of JSON with its line break.

    What JSON has no way to write becomes text, as ``str`` gives it: times of an input's unknown fields, infinities.

    >>> json_line({"title": "خبر", "weight": float("inf")})
    '{"title": "خبر", "weight": "inf"}\\n'
    """
    try:
        text = json.dumps(row, ensure_ascii=False, default=str, allow_nan=False)
    except ValueError:
        text = json.dumps(_finite(row), ensure_ascii=False, default=str, allow_nan=False)
    return text + "\n"


def _finite(value: Any) -> Any:
    match value:
        case float() if not math.isfinite(value):
            return str(value)
        case Mapping():
            return {key: _finite(entry) for key, entry in value.items()}
        case list() | tuple():
            return [_finite(entry) for entry in value]
    return value
