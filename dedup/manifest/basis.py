"""What a result depends on, besides its articles: versions, settings, model and calibration."""

from __future__ import annotations

import hashlib
import platform
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dedup.encode.base import Encoder
    from dedup.score.calibration import Calibration
    from dedup.settings import Settings

__all__ = ["Basis", "basis_of"]

_PACKAGES = ("numpy", "scipy", "sentencex", "py3langid", "tokenizers", "torch", "transformers", "sentence-transformers")
"""Those whose versions can change a result."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Basis:
    """What a result depends on, besides its articles. Of equal bases and articles, results are equal."""

    version: Mapping[str, str]
    """Of dedup, Python and the libraries that can change a result."""
    setting: Mapping[str, Any]
    """The fields of ``Settings``."""
    model: Mapping[str, str] | None = None
    """``name``, ``revision`` and ``settings`` of the encoder; None of a run without articles."""
    calibration: Mapping[str, str] | None = None
    """``hash`` of the calibration; None of a run without articles."""

    def to_dict(self) -> dict[str, Any]:
        """Return the basis as JSON has it."""
        return {
            "version": dict(self.version),
            "setting": dict(self.setting),
            "model": dict(self.model) if self.model is not None else None,
            "calibration": dict(self.calibration) if self.calibration is not None else None,
        }


def basis_of(settings: Settings, encoder: Encoder | None = None, calibration: Calibration | None = None) -> Basis:
    """Return what a run with these depends on; without an encoder and a calibration, of a run that needed none."""
    from dedup import __version__

    model = None
    if encoder is not None:
        model = {"name": encoder.model, "revision": encoder.revision, "settings": encoder.settings}
    return Basis(
        version={"dedup": __version__, **_versions()},
        setting=asdict(settings),
        model=model,
        calibration={"hash": _hash(calibration)} if calibration is not None else None,
    )


def _hash(calibration: Calibration) -> str:
    return hashlib.blake2b(calibration.to_json().encode(), digest_size=16).hexdigest()


@cache
def _versions() -> Mapping[str, str]:
    found = {"python": platform.python_version()}
    for name in _PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found
