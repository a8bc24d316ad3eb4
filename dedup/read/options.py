"""How inputs are to be read."""

from __future__ import annotations

import codecs
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from dedup.errors import SettingsError
from dedup.read.fields import ARTICLE_FIELDS
from dedup.read.formats import FORMATS
from dedup.text.time_parts import DATE_ORDERS, DateOrder

__all__ = ["ReadOptions"]

_MEBIBYTE = 1 << 20


# What messages say helps: rejects and warnings are read by people at the command line and by programs alike.
NAME_FIELDS = "name them with --field title=NAME or body=NAME; in Python ReadOptions(fields=...)"
NAME_ENCODING = "if the whole file is in another encoding, say --encoding NAME; in Python ReadOptions(encoding=...)"
TELL_ORDER = "--date-order tells which; in Python ReadOptions(date_order=...)"
TELL_REFERENCE = "say when it was retrieved with --as-of; in Python ReadOptions(as_of=...)"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadOptions:
    """How inputs are read. Every default suits UTF-8 files with the usual field names.

    Raises:
        SettingsError: an unknown format, field, time zone, order or encoding, a time without a zone, or a bound below
            1.
    """

    format: str | None = None
    """One of `FORMATS` for every input; None goes by each file's ending."""
    fields: Mapping[str, str] = field(default_factory=dict)
    """Our name of a field to its name in the input, where the usual names do not fit: ``{"title": "kop"}``."""
    timezone: str | None = None
    """IANA zone of times that state none, such as ``Asia/Tehran``. None is that of the edition's country where its
    language, address or name tells, else UTC."""
    as_of: datetime | None = None
    """The time that *2 hours ago* and *yesterday* are told from, with its zone, where a record does not say when it was
    retrieved. Without either they are not read."""
    date_order: DateOrder | None = None
    """``dmy`` or ``mdy``: which number comes first in 03/04/2025. None is that of the language where it is known; where
    it is not, a date that can mean two days is not read."""
    encoding: str | None = None
    """Encoding of the files if not UTF-8, such as ``windows-1256``. UTF-8 and UTF-16 marks are seen without it; pages
    and feeds that declare an encoding, rightly or wrongly, are read without it too."""
    max_record_bytes: int = 8 * _MEBIBYTE
    """A longer line, row, page or entry of a feed is skipped and rejected."""
    max_array_bytes: int = 256 * _MEBIBYTE
    """A file that is one JSON array, or a feed, is held in memory, so a longer one is refused; others have no bound."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "fields", MappingProxyType(dict(self.fields)))
        if self.format is not None and self.format not in FORMATS:
            raise SettingsError(f"unknown input format: {self.format!r}; use one of {', '.join(FORMATS)}")
        for name in self.fields:
            if name not in ARTICLE_FIELDS:
                raise SettingsError(f"unknown article field: {name!r}; use one of {', '.join(ARTICLE_FIELDS)}")
        for bound in ("max_record_bytes", "max_array_bytes"):
            if getattr(self, bound) < 1:
                raise SettingsError(f"{bound} is {getattr(self, bound)!r}; it must be 1 or more")
        self._check_times()
        self._check_encoding()

    @property
    def zone(self) -> ZoneInfo | None:
        """`timezone` as an object."""
        return None if self.timezone is None else ZoneInfo(self.timezone)

    def _check_times(self) -> None:
        if self.date_order is not None and self.date_order not in DATE_ORDERS:
            raise SettingsError(f"unknown order of dates: {self.date_order!r}; use {' or '.join(DATE_ORDERS)}")
        if self.as_of is not None and self.as_of.utcoffset() is None:
            raise SettingsError(f"as_of is {self.as_of.isoformat()}, a time without a zone; give it one, such as UTC")
        try:
            self.zone  # noqa: B018 - looked up to see whether it is there
        except (ZoneInfoNotFoundError, ValueError, OSError):
            message = f"unknown time zone: {self.timezone!r}; use an IANA name such as Asia/Tehran or UTC"
            raise SettingsError(message) from None

    def _check_encoding(self) -> None:
        if self.encoding is None:
            return
        try:
            codecs.getincrementaldecoder(self.encoding)()
            "".encode(self.encoding)  # refuses codecs that turn bytes into bytes, such as base64
        except LookupError:
            message = f"unknown text encoding: {self.encoding!r}; use a name such as utf-8 or windows-1256"
            raise SettingsError(message) from None
