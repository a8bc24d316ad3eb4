"""SIGTERM and SIGHUP end a run as Ctrl-C does; what is ignored stays ignored."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner
from commands import newsroom

from dedup.cli.edge import Edge
from dedup.cli.stopping import SIGNALS, StoppedBySignal, exit_code_of, heeding_signals
from dedup.cli.store.interrupt import putting_off_interrupts

pytestmark = pytest.mark.skipif(os.name != "posix", reason="signals of Unix")


def _as_at_a_login() -> None:
    """Heed every signal: the tests themselves may run under nohup, which a child would inherit."""
    for number in SIGNALS:
        signal.signal(number, signal.SIG_DFL)


@pytest.mark.parametrize("number", SIGNALS, ids=lambda number: number.name)
def test_a_signal_ends_a_run_and_leaves_nothing(tmp_path: Path, number: signal.Signals) -> None:
    pipe = tmp_path / "news.jsonl"
    os.mkfifo(pipe)
    (tmp_path / "s.jsonl").write_text("of an earlier run")
    command = [sys.executable, "-m", "dedup", "cluster", str(pipe), "-o", str(tmp_path / "s.jsonl")]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, preexec_fn=_as_at_a_login) as process:
        assert process.stderr is not None
        with pipe.open("w") as writer:  # waits until the command reads, and has it wait for more
            writer.write("no JSON\n" * 3)
            writer.flush()
            process.send_signal(number)
            try:
                assert process.wait(60) == 128 + number
            finally:
                process.kill()
        assert process.stderr.read().splitlines()[-1] == "dedup: stopped"
    assert (tmp_path / "s.jsonl").read_text() == "of an earlier run"
    assert [path.name for path in tmp_path.iterdir() if path.suffix == ".part"] == []


def test_within_a_signal_is_raised_and_after_it_all_is_as_before() -> None:
    before = [signal.getsignal(number) for number in SIGNALS]
    with pytest.raises(StoppedBySignal) as caught, heeding_signals():
        signal.raise_signal(signal.SIGTERM)
    assert exit_code_of(caught.value) == 143
    assert exit_code_of(None) == exit_code_of(KeyboardInterrupt()) == 130
    assert [signal.getsignal(number) for number in SIGNALS] == before


def test_what_is_ignored_stays_ignored() -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with heeding_signals(), putting_off_interrupts() as interrupt:
            signal.raise_signal(signal.SIGHUP)
            assert not interrupt.asked
        assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGHUP, before)


def test_a_store_puts_every_signal_off_once() -> None:
    before = signal.getsignal(signal.SIGTERM)
    with putting_off_interrupts() as interrupt:
        signal.raise_signal(signal.SIGTERM)
        assert interrupt.asked
        assert exit_code_of(interrupt.error()) == 143
        with pytest.raises(StoppedBySignal):
            signal.raise_signal(signal.SIGTERM)
    assert signal.getsignal(signal.SIGTERM) is before


def test_the_code_comes_out_of_the_edge() -> None:
    import click

    from dedup.cli.console import console_options

    @console_options
    def raises() -> None:
        signal.raise_signal(signal.SIGTERM)

    result = CliRunner().invoke(Edge("dedup", commands={"x": click.command("x")(raises)}), ["x"])
    assert result.exit_code == 143
    assert [line for line in result.stderr.splitlines() if line] == ["dedup: stopped"]


def test_a_batch_at_hand_is_finished(tmp_path: Path) -> None:
    newsroom(tmp_path / "news.jsonl", stories=2)
    command = [sys.executable, "-m", "dedup", "store", "add", str(tmp_path / "store"), "-", "--encoder", "fast"]
    command += ["--batch-seconds", "0.1"]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, preexec_fn=_as_at_a_login
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdin.write((tmp_path / "news.jsonl").read_bytes())
        process.stdin.flush()
        process.stdout.readline()  # the batch is there
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 143
        told = process.stderr.read().decode()
    assert "10 new" in told
    assert told.splitlines()[-1] == "dedup: stopped"
