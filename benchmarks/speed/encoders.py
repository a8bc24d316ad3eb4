"""The encoders that are measured, by the name of their tier; one that this version lacks is said to be missing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from importlib.util import find_spec

from dedup.encode.base import Encoder
from dedup.errors import DedupError

__all__ = ["ENCODERS", "EncoderUnavailableError", "check_encoder", "make_encoder"]


_STATIC = "dedup.encode.static"


class EncoderUnavailableError(DedupError):
    """There is no encoder of that name in this version of dedup."""


def make_encoder(name: str) -> Encoder:
    """Return a new encoder of the tier ``name``.

    Raises:
        EncoderUnavailableError: there is none.
    """
    if name not in ENCODERS:
        raise EncoderUnavailableError(f"no encoder {name!r}; there are {', '.join(ENCODERS)}")
    return ENCODERS[name]()


def check_encoder(name: str) -> None:
    """Refuse a tier that this version lacks, without making its encoder.

    Raises:
        EncoderUnavailableError: there is none.
    """
    if name == "fast" and find_spec(_STATIC) is None:
        raise EncoderUnavailableError(f"this version has no encoder 'fast': there is no {_STATIC}")


def _bundled() -> Encoder:
    from dedup.encode.transformer import TransformerEncoder

    return TransformerEncoder()


def _fast() -> Encoder:
    check_encoder("fast")
    made: Encoder = import_module(_STATIC).StaticEncoder()
    return made


ENCODERS: Mapping[str, Callable[[], Encoder]] = {"bundled": _bundled, "fast": _fast}
