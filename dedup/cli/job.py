"""A run that can be resumed: a folder beside its output keeps what was done, until the output is written.

What is kept is what takes time: vectors, and of each article its sentences and evidence. They are in the user's own
caches; where these are not used, the folder has caches of its own. What comes after them is done again.
"""

from __future__ import annotations

import json
import logging
import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from dedup.cli.manifest import manifest_of, mark_files
from dedup.cli.options import ModelChoice, Reading
from dedup.cli.run import is_special
from dedup.errors import DedupError, OutputError, SettingsError
from dedup.manifest import FileMark, difference

if TYPE_CHECKING:
    from filelock import BaseFileLock

    from dedup.evidence.content_cache import ContentCache
    from dedup.score.calibration import Calibration
    from dedup.settings import Settings
    from dedup.write import Destination

__all__ = ["Job", "job_folder", "open_job"]

logger = logging.getLogger(__name__)

_MANIFEST, _LOCK = "manifest.json", "lock"


class Job:
    """What one run keeps, and finds of a run that was stopped.

    Args:
        folder: Where.
        reading: What is read; the files are hashed at once, before they are read.
        outputs: All files that the run writes.
        resume: Go on with what is there, rather than begin anew.
    """

    def __init__(self, folder: Path, reading: Reading, outputs: Sequence[Path], *, resume: bool) -> None:
        self.folder = folder
        self._reading = reading
        self._outputs = tuple(outputs)
        self._resume = resume
        self.files: list[FileMark] = mark_files(reading)
        """What is read, as it was when the run began."""
        self._lock: BaseFileLock | None = None
        self.caches: Path | None = None
        """Where caches of the run's own may be, once it has begun; None where nothing can be kept."""
        self._is_resumed = False
        self.contents: ContentCache | None = None
        """What the run reads texts through, once it does."""

    def begin(self, settings: Settings, model: ModelChoice, calibration: Calibration) -> None:
        """Take possession of the folder, once it is known what the run depends on.

        Raises:
            SettingsError: the run that is to be resumed was another one.
            OutputError: it is going on; or the folder cannot be made.
        """
        try:
            self._take()
            manifest = manifest_of(self._reading, self.files, settings, model, calibration)
            self._clear_up()
            self._is_resumed = self._goes_on(manifest)
            if not self._is_resumed:
                self._begin_anew(manifest)
        except OutputError as error:
            self._give_up()
            if self._resume:
                raise
            logger.warning("should this run be stopped, it cannot be resumed: %s", error)
            return
        self.caches = self.folder

    def _take(self) -> None:
        from filelock import FileLock, Timeout

        lock = FileLock(self.folder / _LOCK)
        try:
            self.folder.mkdir(exist_ok=True)
            lock.acquire(timeout=0)
        except Timeout as error:
            raise OutputError(f"the run that keeps {self.folder} is going on; wait for it to end") from error
        except OSError as error:
            raise OutputError(f"cannot write {self.folder}: {error.strerror}; choose another place") from error
        self._lock = lock

    def _goes_on(self, manifest: dict[str, Any]) -> bool:
        before = self._before()
        if before is None:
            if self._resume:
                logger.info("no run to resume for this output; it begins now")
            return False
        if not self._resume:
            logger.warning("a run for this output was stopped, and is begun anew; --resume would go on with it")
            return False
        changed = difference(before, manifest)
        if changed is not None:
            self.release()
            raise SettingsError(
                f"cannot resume the run that {self.folder} keeps: {changed}; run it as it was, or without --resume to "
                "begin anew"
            )
        return True

    def _before(self) -> dict[str, Any] | None:
        """Return the manifest of the run that was stopped; None where there is none that can be read."""
        try:
            document = json.loads((self.folder / _MANIFEST).read_text("utf-8"))
        except (OSError, ValueError, RecursionError):
            return None
        return document if isinstance(document, dict) else None

    def _begin_anew(self, manifest: dict[str, Any]) -> None:
        from dedup.write.output import write_whole

        try:
            for path in self.folder.iterdir():
                if path.name != _LOCK:
                    path.unlink()
        except OSError as error:
            raise OutputError(f"cannot empty {self.folder}: {error.strerror}; remove it") from error
        # in ASCII: names of files can be any bytes, and come back as they were
        write_whole(self.folder / _MANIFEST, json.dumps(manifest, indent=1).encode())

    def _clear_up(self) -> None:
        """Remove what runs before left half written: they have ended, or they would hold the lock."""
        from dedup.write.output import remove_parts

        for path in self._outputs:
            remove_parts(path)

    @property
    def known(self) -> int:
        """The number of articles that a run which was stopped had read, where this one goes on with it."""
        return self.contents.found if self._is_resumed and self.contents is not None else 0

    @property
    def has_worked(self) -> bool:
        """Whether anything was done that takes time."""
        return self.contents is not None and self.contents.found + self.contents.added > 0

    def _give_up(self) -> None:
        """Leave nothing behind that another run could not go on with, and nothing of another run's changed."""
        if self._lock is not None and not (self.folder / _MANIFEST).exists():
            shutil.rmtree(self.folder, ignore_errors=True)
        self.release()

    def finish(self) -> None:
        """Remove the folder: the output is written."""
        if self._lock is not None:
            # while the lock is held: after that the folder may be that of another run
            shutil.rmtree(self.folder, ignore_errors=True)
            self.release()
            if os.name == "nt":  # where a file that is open stays
                shutil.rmtree(self.folder, ignore_errors=True)

    def release(self) -> None:
        """Let another run have the folder."""
        if self._lock is not None:
            self._lock.release()
            self._lock = None


def job_folder(destination: Destination) -> Path | None:
    """Return where a run with this output keeps what it has done; None for an output that is no file."""
    path = destination.path
    if path is None or is_special(path):
        return None
    return path.with_name(f".{path.name}.job")


def told_of_job(destination: Destination, reading: Reading, *, resume: bool) -> list[str]:
    """Return what there is to say of a run that was stopped; nothing is changed.

    Raises:
        UsageError: one is to be resumed that cannot be.
    """
    folder = _resumable(destination, reading, resume=resume)
    if folder is None:
        return []
    if (folder / _MANIFEST).is_file():
        what = "this one would go on with it" if resume else "--resume would go on with it, this one begins anew"
        return [f"a run for this output was stopped: {what}"]
    return ["no run for this output was stopped; this one would begin anew"] if resume else []


@contextmanager
def open_job(
    destination: Destination, reading: Reading, beside: Sequence[Path | None] = (), *, resume: bool
) -> Iterator[Job | None]:
    """Yield the job of a run; None for one that cannot be resumed: of what is read but once, or into no file.

    ``beside`` are the files that the run writes besides its result.

    Raises:
        UsageError: that one is to be resumed.
        InputError: an input is missing.
    """
    folder = _resumable(destination, reading, resume=resume)
    if folder is None:
        yield None
        return
    outputs = [path for path in (destination.path, *beside) if path is not None]
    job = Job(folder, reading, outputs, resume=resume)
    try:
        yield job
    except KeyboardInterrupt:
        if job.caches is not None:
            logger.warning("the same command with --resume goes on where this one was")
        raise
    except DedupError:
        if job.caches is not None and not job.has_worked:
            job.finish()
        raise
    finally:
        job.release()


def _resumable(destination: Destination, reading: Reading, *, resume: bool) -> Path | None:
    folder = job_folder(destination)
    hindrance = "-o FILE, beside which it finds what was done" if folder is None else _read_once(reading)
    if hindrance and resume:
        raise click.UsageError(f"--resume needs {hindrance}")
    return None if hindrance else folder


def _read_once(reading: Reading) -> str | None:
    """Say that inputs must be files, where one is not: a pipe is empty when it has been read."""
    for given in reading.inputs:
        path = Path(given)
        if given == "-" or is_special(path):
            return f"files to read again, and {'standard input' if given == '-' else given} is none"
    return None
