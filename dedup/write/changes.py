"""Changes of a store as JSON lines."""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dedup.store import Change

__all__ = ["change_row"]


def change_row(change: Change) -> dict[str, Any]:
    """Return a change as it is written, ready for JSON; its time is in UTC, and what there is none of is null."""
    return {
        "cursor": change.cursor,
        "time": change.time.astimezone(UTC).isoformat(),
        "kind": change.kind,
        "cause": change.cause,
        "story": change.story,
        "other": change.other,
        "articles": list(change.articles),
        "pair": list(change.pair) if change.pair else None,
        "probability": change.probability,
    }
