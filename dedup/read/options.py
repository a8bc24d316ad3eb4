"""How inputs are to be read."""

from __future__ import annotations

import codecs
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from dedup.errors import SettingsError
from dedup.read.fields import ARTICLE_FIELDS
from dedup.read.formats import FORMATS

__all__ = ["ReadOptions"]

_MEBIBYTE = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadOptions:
    """How inputs are read. Every default suits UTF-8 files with the usual field names.

    Raises:
        SettingsError: an unknown format, field, time zone or encoding, or a bound below 1.
    """

    format: str | None = None
    """One of `FORMATS` for every input; None goes by each file's ending."""
    fields: Mapping[str, str] = field(default_factory=dict)
    """Our name of a field to its name in the input, where the usual names do not fit: ``{"title": "kop"}``."""
    timezone: str = "UTC"
    """IANA zone of times that state none, such as ``Asia/Tehran``. Pages in fa, fa-AF and tr have their own."""
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
        self._check_timezone()
        self._check_encoding()

    @property
    def zone(self) -> ZoneInfo:
        """`timezone` as an object."""
        return ZoneInfo(self.timezone)

    def _check_timezone(self) -> None:
        try:
            ZoneInfo(self.timezone)
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
