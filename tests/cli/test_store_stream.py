"""`dedup store add -` and `changes --follow`: what comes is taken in and told while more is to come."""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import pytest
from commands import in_a_process, newsroom, run

import dedup
from dedup.article import Article
from dedup.write.articles import article_row

pytestmark = pytest.mark.skipif(os.name != "posix", reason="signals and pipes of Unix")

PATIENCE = 60.0


@contextmanager
def running(*arguments: str | Path) -> Iterator[subprocess.Popen[str]]:
    """Start `dedup store`; it is gone at the end, whatever happened."""
    command = [sys.executable, "-m", "dedup", "store", *map(str, arguments)]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, text=True, bufsize=1) as process:
        try:
            yield process
        finally:
            process.kill()


def line(article: Article) -> str:
    return json.dumps(article_row(article)) + "\n"


def next_change(stream: IO[str] | None) -> dict[str, Any]:
    assert stream is not None
    assert select.select([stream], [], [], PATIENCE)[0], "nothing came"
    change: dict[str, Any] = json.loads(stream.readline())
    return change


def count(store: Path) -> int:
    with dedup.Store.open(store, create=False) as there:
        return len(there)


def test_a_batch_is_acknowledged_before_the_input_ends(tmp_path: Path) -> None:
    news = [article for story in newsroom(tmp_path / "news.jsonl", stories=2) for article in story]
    store = tmp_path / "s"
    with running("add", store, "-", "--encoder", "fast", "--batch-seconds", "0.2") as process:
        assert process.stdin is not None
        process.stdin.write("".join(line(article) for article in news[:5]) + "nonsense\n")
        process.stdin.flush()
        told: list[str] = []
        while len(told) < 5:
            told += next_change(process.stdout)["articles"]
        assert sorted(told) == sorted(article.id for article in news[:5])
        assert count(store) == 5  # what is told is there, for others too
        process.stdin.write(line(news[0]) + line(news[5]))
        process.stdin.flush()
        assert next_change(process.stdout)["articles"] == [news[5].id]
        assert process.poll() is None
        process.stdin.close()
        assert process.wait(PATIENCE) == 0
        assert process.stderr is not None
        said = process.stderr.read()
    assert "7 read, 1 rejected" in said
    assert "added     6 new, 0 replaced, 1 unchanged" in said
    assert count(store) == 6


def test_so_many_articles_are_a_batch_without_waiting(tmp_path: Path) -> None:
    news = [article for story in newsroom(tmp_path / "news.jsonl", stories=1) for article in story]
    options = ("--encoder", "fast", "--batch-seconds", "3600", "--batch-articles", "2")
    with running("add", tmp_path / "s", "-", *options) as process:
        assert process.stdin is not None
        process.stdin.write("".join(line(article) for article in news[:3]))
        process.stdin.flush()
        told: list[str] = []
        while len(told) < 2:
            told += next_change(process.stdout)["articles"]
        assert sorted(told) == sorted(article.id for article in news[:2])
        # Ctrl-C while the third waits for a fourth: it is the batch at hand, once it is read, of which nothing is told
        time.sleep(2)
        process.send_signal(signal.SIGINT)
        assert process.wait(PATIENCE) == 130
        assert process.stdout is not None
        assert process.stderr is not None
        assert news[2].id in process.stdout.read()
        said = process.stderr.read()
    assert "added     3 new" in said
    assert said.endswith("dedup: stopped\n")
    assert "Traceback" not in said
    assert count(tmp_path / "s") == 3
    assert run("store", "verify", tmp_path / "s").exit_code == 0


def test_ctrl_c_in_the_middle_of_much_work_loses_nothing_that_was_told(tmp_path: Path) -> None:
    news = [article for story in newsroom(tmp_path / "news.jsonl", stories=20) for article in story]
    with running(
        "add", tmp_path / "s", tmp_path / "news.jsonl", "--encoder", "fast", "--batch-articles", "9"
    ) as process:
        first = next_change(process.stdout)
        process.send_signal(signal.SIGINT)
        assert process.wait(PATIENCE) == 130
        assert process.stdout is not None
        assert process.stderr is not None
        changes = [first, *map(json.loads, process.stdout.read().splitlines())]
        assert process.stderr.read().endswith("dedup: stopped\n")
    told = {key for change in changes if change["kind"] in ("created", "joined") for key in change["articles"]}
    assert count(tmp_path / "s") == len(told)
    assert 0 < len(told) <= len(news)
    assert len(told) % 9 == 0 or len(told) == len(news)
    run("store", "add", tmp_path / "s", tmp_path / "news.jsonl")
    assert count(tmp_path / "s") == len(news)


def test_ctrl_c_while_a_silent_input_is_waited_for(tmp_path: Path) -> None:
    pipe = tmp_path / "news.jsonl"
    os.mkfifo(pipe)
    for given in (pipe, "-"):
        with running("add", tmp_path / "s", given, "--encoder", "fast") as process:
            writer = os.open(pipe, os.O_WRONLY) if given == pipe else None
            if writer is None:
                time.sleep(1.5)  # until it reads; opening the pipe has waited for that
            process.send_signal(signal.SIGINT)
            assert process.wait(PATIENCE) == 130
            assert process.stderr is not None
            said = process.stderr.read()
            assert said.endswith("dedup: stopped\n")
            assert "Traceback" not in said
            assert "Fatal" not in said
            if writer is not None:
                os.close(writer)


def test_a_reader_of_changes_that_goes_away(tmp_path: Path) -> None:
    news = [article for story in newsroom(tmp_path / "news.jsonl", stories=1) for article in story]
    with running("add", tmp_path / "s", "-", "--encoder", "fast", "--batch-seconds", "0") as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdout.close()
        process.stdin.write(line(news[0]))
        process.stdin.flush()
        assert process.wait(PATIENCE) == 141
        assert process.stderr is not None
        assert process.stderr.read() == ""
    assert count(tmp_path / "s") == 1


def test_standard_input_that_is_closed(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "dedup", "store", "add", str(tmp_path / "s"), "-", "--encoder", "fast"]
    quoted = " ".join(f"'{part}'" for part in command)
    result = subprocess.run(["sh", "-c", f"{quoted} <&-"], capture_output=True, text=True, check=False)
    assert result.returncode == 1
    assert result.stderr.startswith("dedup: error: standard input is closed")


def test_following_the_changes(tmp_path: Path) -> None:
    newsroom(tmp_path / "news.jsonl", stories=1)
    run("store", "add", tmp_path / "s", tmp_path / "news.jsonl", "--encoder", "fast")
    with running("changes", tmp_path / "s", "--follow") as process:
        first = next_change(process.stdout)
        assert first["kind"] == "created"
        run("store", "remove", tmp_path / "s", "n7-0-0")
        second = next_change(process.stdout)
        while second["cursor"] <= first["cursor"]:
            second = next_change(process.stdout)
        assert (second["kind"], second["articles"]) == ("removed", ["n7-0-0"])
        process.send_signal(signal.SIGINT)
        assert process.wait(PATIENCE) == 130
        assert process.stderr is not None
        assert process.stderr.read().split() == ["dedup:", "stopped"]


def test_an_empty_input_is_no_error(tmp_path: Path) -> None:
    result = in_a_process("store", "add", tmp_path / "s", "-", "--encoder", "fast", stdin=subprocess.DEVNULL)
    assert (result.returncode, result.stdout) == (0, "")
    assert "no articles in standard input" in result.stderr
    assert count(tmp_path / "s") == 0
