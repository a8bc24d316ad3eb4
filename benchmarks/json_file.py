"""Results on disk: whole or not at all."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

__all__ = ["read_json", "write_json"]


def write_json(path: Path, document: dict[str, Any]) -> None:
    """Write ``document``; a run that is stopped leaves the last results as they were."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f"{path.name}.part")
    part.write_text(json.dumps(document, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    part.replace(path)


def read_json(path: Path) -> dict[str, Any]:
    """Return what the file holds; nothing where there is none.

    Raises:
        ValueError: the file is no JSON object.
    """
    if not path.exists():
        return {}
    document = json.loads(path.read_text(encoding="utf-8"))
    if not isinstance(document, dict):
        raise ValueError(f"{path} holds {type(document).__name__}, no object; move it away")  # noqa: TRY004 - contents
    return document
