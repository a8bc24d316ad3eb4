"""Which calibration belongs to an encoder: the shipped one, or one that was fitted on this machine."""

from __future__ import annotations

import hashlib
import logging
import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from dedup.encode.named import BUNDLED, FAST
from dedup.errors import CacheError, CalibrationError
from dedup.score.calibration import Calibration, load_calibration, shipped_calibration

if TYPE_CHECKING:
    from dedup.encode.base import Encoder

__all__ = ["calibration_for", "calibration_path", "save_calibration", "shipped_for"]

logger = logging.getLogger(__name__)


def calibration_for(encoder: Encoder) -> Calibration:
    """Return the calibration for ``encoder``: one fitted on this machine goes before the shipped one.

    Raises:
        CalibrationError: none belongs to it; the message says how to fit one.
    """
    fitted = calibration_path(encoder)
    if fitted.exists():
        calibration = load_calibration(fitted)
        calibration.check_encoder(encoder)
        return calibration
    shipped = shipped_for(encoder)
    if shipped is not None:
        return shipped
    raise CalibrationError(
        f"no calibration for the model {encoder.model} {encoder.revision}; "
        f"fit one, once: dedup calibrate --encoder {encoder.model}"
    )


def shipped_for(encoder: Encoder) -> Calibration | None:
    """Return the calibration that comes with the package for ``encoder``; None if it is neither of its two."""
    for name in (BUNDLED, FAST):
        shipped = shipped_calibration(name)
        if (shipped.model, shipped.revision) == (encoder.model, encoder.revision):
            return shipped
    return None


def calibration_path(encoder: Encoder) -> Path:
    """Return where a calibration for ``encoder`` is kept on this machine, whether it is there or not.

    In ``calibrations`` of ``$DEDUP_DATA``, else of the user's data folder of the system.
    """
    from platformdirs import user_data_path

    root = Path(os.environ["DEDUP_DATA"]) if os.environ.get("DEDUP_DATA") else user_data_path("dedup", appauthor=False)
    name = hashlib.blake2b(f"{encoder.model}\n{encoder.revision}".encode(), digest_size=8).hexdigest()
    return root / "calibrations" / f"{name}.json"


def save_calibration(calibration: Calibration, path: Path) -> None:
    """Write ``calibration`` to ``path``, whole or not at all.

    Raises:
        CacheError: it cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile("w", encoding="utf-8", dir=path.parent, suffix=".part", delete=False) as part:
            try:
                part.write(calibration.to_json())
                part.flush()
                os.fsync(part.fileno())
                Path(part.name).chmod(0o644)
                Path(part.name).replace(path)
            except BaseException:
                Path(part.name).unlink(missing_ok=True)
                raise
    except OSError as error:
        raise CacheError(f"cannot write the calibration {path}: {error}; name another file") from error
    logger.info("calibration written to %s", path)
