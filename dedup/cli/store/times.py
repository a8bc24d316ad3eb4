"""Times on the command line."""

from __future__ import annotations

from datetime import UTC, datetime

import click

__all__ = ["time_of"]


def time_of(value: str) -> datetime:
    """Return the time that an option names, as articles state theirs; without a zone it is in UTC.

    Raises:
        BadParameter: it is none.
    """
    from dedup.text.calendar import parse_datetime

    found = parse_datetime(value, timezone=UTC)
    if found is None:
        raise click.BadParameter(f"{value!r} is no time; write it as 2026-03-02 or 2026-03-02T07:20+03:30")
    return found
