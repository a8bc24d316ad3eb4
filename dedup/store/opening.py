"""Making and opening the folder of a store: who may write, what it was made with, which format it has."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from dedup.errors import CalibrationError, StoreBusyError, StoreDamagedError, StoreError
from dedup.settings import Settings
from dedup.store.database import FILE, Database
from dedup.store.rules import Rules, settings_from_json, settings_to_json
from dedup.store.segments import sync_folder

if TYPE_CHECKING:
    from filelock import FileLock

    from dedup.encode.base import Encoder
    from dedup.score.calibration import Calibration

__all__ = [
    "VECTORS",
    "check_given",
    "encoder_of",
    "held",
    "is_old",
    "make_folder",
    "make_store",
    "rules_of",
    "writer_lock",
]

_LOCK = "writer.lock"
VECTORS = "vectors"
"""The folder of the segments, within that of the store."""


def writer_lock(folder: Path) -> FileLock:
    """Return what one process at a time can hold."""
    from filelock import FileLock

    return FileLock(folder / _LOCK)


@contextlib.contextmanager
def held(lock: FileLock, wait_seconds: float, folder: Path) -> Iterator[None]:
    """Hold the lock within.

    Raises:
        StoreBusyError: another process held it for all of ``wait_seconds``.
        StoreError: the folder cannot be written to.
    """
    from filelock import Timeout

    try:
        lock.acquire(timeout=wait_seconds)
    except Timeout as error:
        raise StoreBusyError(
            f"another process has been writing to the store {folder} for {wait_seconds:g} seconds; try again, or wait "
            "longer"
        ) from error
    except OSError as error:
        raise StoreError(f"cannot write to the store {folder}: {error.strerror}; give the right to write") from error
    try:
        yield
    finally:
        lock.release()


def make_folder(folder: Path) -> None:
    """Make the folder of a store, or find that it is empty.

    Raises:
        StoreError: it cannot be made, or holds something else.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        strangers = sorted(path.name for path in folder.iterdir() if path.name not in (_LOCK, VECTORS))
    except OSError as error:
        raise StoreError(f"cannot make a store in {folder}: {error.strerror}; name another folder") from error
    if strangers and not all(name.startswith(FILE) for name in strangers):
        raise StoreError(f"{folder} is no store, and holds {strangers[0]}; name an empty folder, or one to be made")


def make_store(
    folder: Path, encoder: Encoder | None, calibration: Calibration | None, settings: Settings | None
) -> None:
    """Make a store in a folder; what is None is chosen as ``Store.open`` says.

    Raises:
        StoreError: it cannot be written.
        CalibrationError: none belongs to the encoder.
    """
    from dedup.encode.transformer import TransformerEncoder
    from dedup.score.registry import calibration_for

    encoder = encoder or TransformerEncoder()
    calibration = calibration or calibration_for(encoder)
    calibration.check_encoder(encoder)
    # under its name there is never less than a whole store, whoever looks and whenever this process ends
    unfinished = folder / f"{FILE}.new"
    try:
        _clear(folder)
        database = Database(unfinished, create=True, write=True)
        try:
            with database.transaction(write=True):
                database.set_fact("calibration", calibration.to_json())
                database.set_fact("settings", settings_to_json(settings or Settings()))
                database.set_fact("encoder", json.dumps({"model": encoder.model, "settings": encoder.settings}))
        finally:
            database.close()
        unfinished.replace(folder / FILE)
        sync_folder(folder)
    except OSError as error:
        raise StoreError(f"cannot make a store in {folder}: {error.strerror}; name another folder") from error
    finally:
        with contextlib.suppress(OSError):
            _clear(folder)


def _clear(folder: Path) -> None:
    """Remove what is there of a store that was never finished."""
    for path in folder.glob(f"{FILE}.new*"):
        path.unlink()


def is_old(folder: Path) -> bool:
    """Tell whether opening a store will change its format."""
    from dedup.store.schema import FORMAT

    try:
        database = Database(folder / FILE, create=False, write=False)
    except StoreDamagedError:
        raise
    except StoreError:
        return True  # older; or newer, which opening it says
    try:
        return int(database.fact("format") or 0) < FORMAT
    finally:
        database.close()


def rules_of(database: Database, folder: Path) -> Rules:
    """Return what a store was made with.

    Raises:
        StoreDamagedError: it cannot be read.
    """
    from dedup.score.calibration import Calibration

    with database.transaction(write=False):
        calibration, settings = database.fact("calibration"), database.fact("settings")
    if calibration is None or settings is None:
        raise StoreDamagedError(f"the store {folder} was never finished; delete the folder and make it again")
    try:
        return Rules(
            settings=settings_from_json(settings),
            calibration=Calibration.from_json(calibration, name=f"the calibration of the store {folder}"),
        )
    except (CalibrationError, TypeError, ValueError) as error:
        raise StoreDamagedError(f"{folder / FILE} is damaged: {error}; restore it from a copy") from error


def check_given(
    rules: Rules, folder: Path, encoder: Encoder | None, calibration: Calibration | None, settings: Settings | None
) -> None:
    """Refuse what the store was not made with: scores of two kinds in one store would mean nothing."""
    if encoder is not None:
        try:
            rules.calibration.check_encoder(encoder)
        except CalibrationError as error:
            raise StoreError(
                f"the store {folder} was made with the model {rules.calibration.model} {rules.calibration.revision}, "
                f"not with {encoder.model} {encoder.revision}; leave it out, or make a new store and add the articles "
                "to it"
            ) from error
    for name, there, given in (
        ("calibration", rules.calibration.to_json(), calibration and calibration.to_json()),
        ("settings", settings_to_json(rules.settings), settings and settings_to_json(settings)),
    ):
        if given is not None and given != there:
            raise StoreError(
                f"the store {folder} was made with other {name}; leave them out, or make a new store and add the "
                "articles to it"
            )


def encoder_of(calibration: Calibration, folder: Path) -> Encoder:
    """Return the encoder that a store was made with, where it comes with dedup.

    Raises:
        StoreError: it does not.
    """
    from dedup.encode.bundled import BUNDLED_MODEL
    from dedup.encode.named import BUNDLED, FAST, encoder_named
    from dedup.encode.static import FAST_MODEL

    names: dict[str, str] = {BUNDLED_MODEL: BUNDLED, FAST_MODEL: FAST}
    if calibration.model not in names:
        raise StoreError(f"the store {folder} was made with the model {calibration.model}; give that encoder")
    encoder = encoder_named(names[calibration.model])
    calibration.check_encoder(encoder)
    return encoder
