"""Data inside a page of HTML: JSON, compressed, as letters and digits that no HTML parser can take for markup."""

from __future__ import annotations

import base64
import gzip
import json
from typing import Any

__all__ = ["pack", "unpack"]

_LEVEL = 6


def pack(value: Any) -> str:
    """Return ``value`` as JSON, gzipped, in base64: equal values are equal texts.

    The page undoes it with ``atob`` and ``DecompressionStream``. Whatever stands in ``value``, the result consists of
    ``A-Z a-z 0-9 + / =`` only.

    >>> unpack(pack({"title": "</script><!-- خبر"}))
    {'title': '</script><!-- خبر'}
    """
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    # backslashreplace writes a lone surrogate as \udxxx, which is the escape that JSON has for it
    return base64.b64encode(gzip.compress(text.encode("utf-8", "backslashreplace"), _LEVEL, mtime=0)).decode("ascii")


def unpack(packed: str) -> Any:
    """Return what ``pack`` was given."""
    return json.loads(gzip.decompress(base64.b64decode(packed)))
