"""Inputs by the thousand, in a process of their own, so that one that hangs or ends it is a finding too."""

from __future__ import annotations

import contextlib
import gc
import json
import logging
import os
import re
import resource
import subprocess
import sys
import tempfile
import time
import traceback
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

from benchmarks.fuzz.target import FaultError, Tally, Target, input_of
from benchmarks.fuzz.targets import TARGETS

__all__ = ["Finding", "Summary", "check_input", "run_campaign", "run_inputs", "work"]

_HANGS_SECONDS = 60.0
"""By the clock, after which a process is taken to hang, on however busy a machine."""
_LOOK_SECONDS = 0.5
_ADDRESS_SPACE = 6 << 30
_AT_ONCE = 2_500
_MOST_DEATHS = 20
"""Of processes; each costs seconds, and they tell the same."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """An input on which something that must hold does not."""

    target: str
    seed: int
    number: int
    what: str
    trace: str = ""

    @property
    def kind(self) -> str:
        """What findings of one cause have in common, more or less."""
        lines = re.findall(r'File "([^"]+)", line (\d+)', self.trace)
        ours = [f"{Path(file).name}:{line}" for file, line in lines if "/dedup/" in file]
        return f"{self.what.partition(':')[0]} {ours[-1] if ours else ''}".strip()


@dataclass(slots=True, kw_only=True)
class Summary:
    """What came of the inputs of one target."""

    target: str
    inputs: int = 0
    tally: dict[str, int] = field(default_factory=dict)
    slowest_seconds: float = 0.0
    most_mebibytes: float = 0.0
    findings: list[Finding] = field(default_factory=list)

    def count(self, tally: Tally) -> None:
        """Add to the tally."""
        for what, number in tally.items():
            self.tally[what] = self.tally.get(what, 0) + number

    def add(self, other: Summary) -> None:
        """Add what came of further inputs."""
        self.inputs += other.inputs
        self.count(other.tally)
        self.slowest_seconds = max(self.slowest_seconds, other.slowest_seconds)
        self.most_mebibytes = max(self.most_mebibytes, other.most_mebibytes)
        self.findings += other.findings


def check_input(target: Target, data: bytes, summary: Summary) -> tuple[str, str] | None:
    """Read one input; return what is wrong and a traceback, or None. Time and memory are measured and bounded."""
    with tempfile.TemporaryDirectory() as name:
        _reset_peak()
        before, started = _resident(), time.process_time()
        wrong: tuple[str, str] | None = None
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("error")
                summary.count(target.check(data, Path(name)))
        except FaultError as fault:
            wrong = f"fault: {fault}", traceback.format_exc(limit=-4)
        except Exception as error:  # noqa: BLE001 - whatever comes here is a finding
            wrong = f"{type(error).__name__}: {error}"[:600], traceback.format_exc(limit=-12)
        seconds, mebibytes = time.process_time() - started, max(0.0, _peak() - before)
    summary.inputs += 1
    summary.slowest_seconds = max(summary.slowest_seconds, seconds)
    summary.most_mebibytes = max(summary.most_mebibytes, mebibytes)
    if wrong is None and seconds > target.seconds:
        wrong = f"slow: {seconds:.1f} s", ""
    if wrong is None and mebibytes > target.mebibytes:
        wrong = f"memory: {mebibytes:.0f} MiB", ""
    return wrong


def _status(name: str) -> float:
    with contextlib.suppress(OSError):
        found = re.search(rf"{name}:\s+(\d+) kB", Path("/proc/self/status").read_text("ascii"))
        if found:
            return int(found[1]) / 1024
    return 0.0


def _resident() -> float:
    """MiB; 0 where the system does not tell."""
    return _status("VmRSS")


def _peak() -> float:
    return _status("VmHWM")


def _reset_peak() -> None:
    with contextlib.suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5", "ascii")


def run_inputs(target: Target, seed: int, numbers: Sequence[int]) -> Iterator[Summary]:
    """Check inputs in this process; yield what came of each."""
    for number in numbers:
        summary = Summary(target=target.name)
        wrong = check_input(target, input_of(target, seed, number), summary)
        if wrong is not None:
            finding = Finding(target=target.name, seed=seed, number=number, what=wrong[0], trace=wrong[1])
            summary.findings.append(finding)
        yield summary


def work(name: str, seed: int, first: int, last: int) -> None:
    """Check the inputs ``first`` to ``last - 1``; print the number of each, then what came of it as a line of JSON."""
    logging.disable(logging.CRITICAL)
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_AS, (_ADDRESS_SPACE, resource.RLIM_INFINITY))
    out = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # whatever else prints
    target = TARGETS[name]
    check_input(target, input_of(target, seed, -1), Summary(target=name))  # imports what it needs
    for number in range(first, last):
        print(number, file=out, flush=True)
        (summary,) = run_inputs(target, seed, [number])
        print(json.dumps(asdict(summary)), file=out, flush=True)
        if number % 200 == 199:
            gc.collect()


def run_campaign(name: str, seed: int, first: int, last: int) -> Iterator[Summary]:
    """Check inputs in another process, and in a new one after each that ends or hangs; yield what came of each."""
    deaths = 0
    while first < last:
        for summary, number in _one_process(name, seed, first, min(last, first + _AT_ONCE)):
            first = number + 1
            deaths += any(finding.what.startswith("died") for finding in summary.findings)
            yield summary
        if deaths > _MOST_DEATHS:
            return


def _one_process(name: str, seed: int, first: int, last: int) -> Iterator[tuple[Summary, int]]:
    command = [sys.executable, "-m", "benchmarks.fuzz", "--work", name, str(seed), str(first), str(last)]
    number = first
    with (
        tempfile.TemporaryFile("w+") as errors,
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors) as process,
    ):
        assert process.stdout is not None
        pending = b""
        os.set_blocking(process.stdout.fileno(), False)
        heard = time.monotonic()
        while True:
            data: bytes | None = process.stdout.read()  # None: nothing yet
            if data == b"" or (data is None and process.poll() is not None):
                break
            if data is None:
                if time.monotonic() - heard > _HANGS_SECONDS:
                    process.kill()
                    process.wait()
                    yield _died(name, seed, number, f"hangs: no end after {_HANGS_SECONDS:.0f} s"), number
                    return
                time.sleep(_LOOK_SECONDS / 10)
                continue
            heard = time.monotonic()
            *lines, pending = (pending + data).split(b"\n")
            for line in lines:
                if line.startswith(b"{"):
                    yield _summary(json.loads(line)), number
                    number += 1
                elif line.isdigit():
                    number = int(line)
        if process.wait() != 0:
            errors.seek(0)
            yield _died(name, seed, number, f"died: code {process.returncode}: {errors.read()[-800:].strip()}"), number


def _died(name: str, seed: int, number: int, what: str) -> Summary:
    return Summary(target=name, inputs=1, findings=[Finding(target=name, seed=seed, number=number, what=what)])


def _summary(document: dict[str, object]) -> Summary:
    values = dict(document)
    findings = values.pop("findings")
    assert isinstance(findings, list)
    return Summary(findings=[Finding(**one) for one in findings], **values)  # type: ignore[arg-type]  # as asdict wrote them
