"""What a fault is, and the list of them."""

from __future__ import annotations

import re
import signal
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.faults.place import Place, Seen, end_all

__all__ = ["FAULTS", "Fault", "NotAsItMustBeError", "Row", "cause", "fault", "take"]

_UNFINISHED = re.compile(r"\.part$|\.part-|\.new$")


class NotAsItMustBeError(Exception):
    """What came of a fault is not what must come of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """A fault, and what must come of it."""

    area: str
    what: str
    how: str
    """How it is caused."""
    code: int = 0
    says: str = ""
    """Part of the line that is shown; nothing where nothing may be said."""
    left: str
    """What is there afterwards; checked by ``test``."""
    test: Callable[[Place], Seen]
    """Causes it, looks at what is there afterwards, and returns what was seen of the command."""
    quick: bool = False
    mounts: bool = False
    seconds: float = 3600
    """Most that it may take, on a machine that is very busy; what hangs is not as it must be."""

    @property
    def name(self) -> str:
        """Area and fault, by which it is known."""
        return f"{self.area}: {self.what}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """What came of a fault."""

    fault: Fault
    line: str
    """As it was shown, but for the folder that it happened in."""
    wrong: str = ""
    run: str = ""
    """When the run of all that were caused with it began, ISO 8601."""
    seconds: float = 0.0


FAULTS: list[Fault] = []


def take(*faults: Fault) -> None:
    """Put the rows of a table on the list: faults that are caused by one function, each with other values."""
    FAULTS.extend(faults)


def fault(
    area: str,
    what: str,
    how: str,
    *,
    code: int = 0,
    says: str = "",
    left: str,
    quick: bool = False,
    mounts: bool = False,
) -> Callable[[Callable[[Place], Seen]], Callable[[Place], Seen]]:
    """Put a function on the list that causes a fault of its own."""

    def add(test: Callable[[Place], Seen]) -> Callable[[Place], Seen]:
        take(
            Fault(area=area, what=what, how=how, code=code, says=says, left=left, test=test, quick=quick, mounts=mounts)
        )
        return test

    return add


def cause(one: Fault, folder: Path) -> Row:
    """Cause a fault in an empty folder, and look at what came of it."""
    place = Place(folder)
    try:
        with _at_most(one.seconds):
            seen = one.test(place)
        line = _line(one, seen)
        _check_common(one, seen, place)
    except Exception as error:  # noqa: BLE001 - whatever is missing or of another shape is not as it must be
        failed = traceback.extract_tb(error.__traceback__)[-1].line or "an assertion"
        return Row(fault=one, line="", wrong=place.without_names(str(error) or failed))
    finally:
        place.leave()
    return Row(fault=one, line=place.without_names(line))


@contextmanager
def _at_most(seconds: float) -> Iterator[None]:
    """End with an error what does not end by itself."""

    def end(_number: int, _frame: object) -> None:
        end_all()  # or leaving the context of what was started would wait for it
        raise NotAsItMustBeError(f"it has not ended after {seconds:g} s")

    before = signal.signal(signal.SIGALRM, end)
    timer = signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
        signal.setitimer(signal.ITIMER_REAL, *timer)


def _line(one: Fault, seen: Seen) -> str:
    if seen.code != one.code:
        raise NotAsItMustBeError(f"the exit code is {seen.code} and not {one.code}: {seen.err[-500:]}")
    lines = seen.err.splitlines()
    if not one.says:
        said = [line for line in lines if line.startswith("dedup: ")]
        if said:
            raise NotAsItMustBeError(f"it says {said[0]!r}")
        return ""
    found = [line for line in lines if one.says in line]
    if not found:
        raise NotAsItMustBeError(f"no line with {one.says!r}: {seen.err[-500:]}")
    return found[0]


def _check_common(one: Fault, seen: Seen, place: Place) -> None:
    """Check what must hold after any fault."""
    if "Traceback" in seen.err or "Exception ignored" in seen.err:
        raise NotAsItMustBeError(f"a traceback is shown: {seen.err[-900:]}")
    errors = sum(line.startswith("dedup: error: ") for line in seen.err.splitlines())
    if errors != (one.code == 1):
        raise NotAsItMustBeError(f"{errors} lines of errors: {seen.err[-500:]}")
    unfinished = [path.name for path in place.all_files() if _UNFINISHED.search(path.name)]
    if unfinished:
        raise NotAsItMustBeError(f"unfinished files stay: {', '.join(unfinished)}")
