"""From a time on a clock to an instant."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timezone, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

__all__ = ["IANA_NAME", "named_zone", "settle", "settle_instant"]

IANA_NAME = re.compile(r"[a-z]{2,12}/[a-z_]{2,32}(?:/[a-z_]{2,32})?(?![\w/])")
"""The name of a zone in small letters, such as ``asia/tehran``."""


def named_zone(name: str) -> tzinfo | None:
    """Return the zone of an IANA name in letters of any case, None where there is none.

    >>> named_zone("america/new_york"), named_zone("mars/olympus")
    (zoneinfo.ZoneInfo(key='America/New_York'), None)
    """
    try:
        return ZoneInfo(name.title().replace("_Es_", "_es_").replace("_Of_", "_of_"))
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def settle(clock: datetime, zone: tzinfo) -> datetime:
    """Return the instant at which clocks in ``zone`` show ``clock``, with the offset that they then have.

    An hour that comes twice, when summer time ends, is taken as the first of the two. One that is left out, when it
    begins, is counted on from before: 00:30 of a night that goes from 00:00 to 01:00 is 01:30. The offset is fixed, so
    that differences of the times of one zone are right across such nights too.

    Raises:
        OverflowError: it is not within the years 1 to 9999 there.

    >>> from zoneinfo import ZoneInfo
    >>> str(settle(datetime(2022, 3, 22, 0, 30), ZoneInfo("Asia/Tehran")))
    '2022-03-22 01:30:00+04:30'
    """
    return settle_instant(clock.replace(tzinfo=zone, fold=0), zone)


def settle_instant(moment: datetime, zone: tzinfo) -> datetime:
    """Return a moment as clocks in ``zone`` show it, with a fixed offset.

    Raises:
        OverflowError: it is not within the years 1 to 9999 there.
    """
    offset = moment.astimezone(UTC).astimezone(zone).utcoffset()
    return moment.astimezone(timezone(offset) if offset else UTC)
