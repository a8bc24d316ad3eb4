"""Pairs scored by several processes have the scores that one gives them, whatever becomes of the processes."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from fakes import FakeEncoder, fake_calibration, invented_news
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from dedup.encode.fingerprint import Fingerprints, fingerprint_articles
from dedup.encode.vectors import encode_sentences
from dedup.index import MARGIN, pair_products
from dedup.pipeline import deduplicate
from dedup.score import workers as module
from dedup.score.calibration import Calibration
from dedup.score.messages import (
    Request,
    answer_frame,
    parse_answer,
    parse_request,
    parse_start,
    read_frame,
    request_frame,
    start_line,
)
from dedup.score.nearly import Products
from dedup.score.pairs import score_pairs
from dedup.score.workers import Scores, score_blocks, worker_count
from dedup.text.passage import article_sentences
from dedup.worker_processes import WorkerPool

ROOT = Path(__file__).resolve().parent.parent.parent
MOST = 12
NEWS = [
    replace(article, published=None) if number % 4 == 0 else article
    for number, article in enumerate(one for story in invented_news(stories=12, seed=9, kin=0.4) for one in story)
]


@cache
def calibration() -> Calibration:
    return fake_calibration()


@cache
def prints() -> Fingerprints:
    passages = [article_sentences(article, MOST) for article in NEWS]
    vectors = encode_sentences([sentence for passage in passages for sentence in passage], FakeEncoder())
    return fingerprint_articles(NEWS, passages, vectors, calibration())


def requests(blocks: int = 9) -> list[Request]:
    pairs = np.stack(np.triu_indices(len(NEWS), 1), axis=1).astype(np.int64)
    values = pair_products(prints().documents, pairs) + MARGIN / 3
    parts = zip(np.array_split(pairs, blocks), np.array_split(values, blocks), strict=True)
    return [Request(some, Products(values=known, within=MARGIN)) for some, known in parts]


def alone() -> list[Scores]:
    return [
        score_pairs(prints(), pairs, calibration(), max_sentences=MOST, products=products)
        for pairs, products in requests()
    ]


def by(workers: int) -> Iterator[Scores]:
    return score_blocks(prints(), requests(), calibration(), max_sentences=MOST, workers=workers)


def listed(scores: Iterator[Scores] | list[Scores]) -> list[tuple[list[bool], list[float]]]:
    return [(enough.tolist(), log_odds.tolist()) for enough, log_odds in scores]


@pytest.fixture
def temporary(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def test_scores_are_those_of_one_process_and_nothing_is_left(
    started: list[subprocess.Popen[bytes]], temporary: Path, caplog: pytest.LogCaptureFixture
) -> None:
    assert any(len(log_odds) for _, log_odds in alone())
    assert listed(by(2)) == listed(by(0)) == listed(alone())
    assert len(started) == 2
    assert all(process.returncode is not None for process in started)
    assert not list(temporary.iterdir())
    assert not caplog.records


def test_a_run_finds_the_same_stories(monkeypatch: pytest.MonkeyPatch, started: list[subprocess.Popen[bytes]]) -> None:
    found = []
    for workers in (0, 2):
        monkeypatch.setattr(module, "worker_count", lambda articles, workers=workers: workers)
        found.append(deduplicate(NEWS, encoder=FakeEncoder(), calibration=calibration(), all_pairs=True))
    assert len(started) == 2
    assert found[0].stories == found[1].stories
    assert found[0].counts == found[1].counts
    assert found[0].scored.log_odds.tolist() == found[1].scored.log_odds.tolist()


@pytest.mark.parametrize(
    ("failing", "reason"),
    [
        ("python", "no worker can be started"),
        ("module", "a worker has ended"),
        ("room", "no room for what they are to compare"),
        ("nonsense", "a worker answers nonsense"),
    ],
)
def test_workers_that_fail_are_done_without(
    failing: str, reason: str, monkeypatch: pytest.MonkeyPatch, temporary: Path, caplog: pytest.LogCaptureFixture
) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    match failing:
        case "python":
            monkeypatch.setattr(sys, "executable", str(ROOT / "no-such-python"))
        case "module":
            monkeypatch.setattr(module, "_MODULE", "dedup_of_another_world")
        case "room":
            monkeypatch.setattr(np, "save", full)
        case "nonsense":
            monkeypatch.setattr(module, "read_frame", lambda source: read_frame(source) and b"\x01" * 11)
    with caplog.at_level(logging.WARNING):
        assert listed(by(2)) == listed(alone())
    (record,) = caplog.records
    assert "scored in one process" in record.getMessage()
    assert reason in record.getMessage()
    assert not list(temporary.iterdir())


def test_one_that_dies_midway(started: list[subprocess.Popen[bytes]], caplog: pytest.LogCaptureFixture) -> None:
    found: list[Scores] = []
    with caplog.at_level(logging.WARNING):
        for scores in by(2):
            if not found:
                started[0].kill()
                started[1].kill()
            found.append(scores)
    assert listed(found) == listed(alone())
    assert len(caplog.records) == 1
    assert all(process.returncode is not None for process in started)


def test_what_goes_wrong_where_pairs_come_from_is_not_hidden(temporary: Path) -> None:
    def broken() -> Iterator[Request]:
        yield from requests()[:2]
        raise OSError(5, "Input/output error")

    scores = score_blocks(prints(), broken(), calibration(), max_sentences=MOST, workers=2)
    with pytest.raises(OSError, match="Input/output error"):
        list(scores)
    assert not list(temporary.iterdir())


@pytest.mark.skipif(os.name != "posix", reason="what is mapped cannot be deleted elsewhere")
def test_no_files_are_there_once_all_have_mapped_them(
    started: list[subprocess.Popen[bytes]], temporary: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    there = []
    find = WorkerPool.answers

    def answers(pool: Any, asked: Any) -> Iterator[Any]:
        there.append(len(list(temporary.iterdir())))
        yield from find(pool, asked)

    monkeypatch.setattr(WorkerPool, "answers", answers)
    scores = by(2)
    found = [one for _, one in zip(requests()[1:], scores, strict=False)]
    assert there == [1]
    assert not list(temporary.iterdir())  # should the run be killed now
    assert all(process.poll() is None for process in started)
    assert listed([*found, *scores]) == listed(alone())


def test_who_stops_listening_leaves_nothing(started: list[subprocess.Popen[bytes]], temporary: Path) -> None:
    scores = score_blocks(prints(), requests(), calibration(), max_sentences=MOST, workers=2)
    next(scores)
    scores.close()
    assert all(process.returncode is not None for process in started)
    assert not list(temporary.iterdir())


def test_a_worker_ends_with_its_input() -> None:
    command = [sys.executable, "-m", "dedup.score.worker"]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT, env=os.environ)
    assert process.communicate(b"", timeout=30)[0] == b""
    assert process.returncode == 0


def test_few_articles_and_one_thread_need_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dedup.worker_processes.threads_allowed", lambda: 64)
    assert (worker_count(5_000), worker_count(100_000)) == (0, 8)
    monkeypatch.setattr("dedup.worker_processes.threads_allowed", lambda: 1)
    assert worker_count(100_000) == 0
    monkeypatch.setattr("dedup.worker_processes.threads_allowed", lambda: 4)
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    assert worker_count(100_000) == 0


class TestMessages:
    @given(
        pairs=arrays.arrays(np.int64, st.tuples(st.integers(0, 5), st.just(2))),
        within=st.floats(0, 1),
        data=st.data(),
    )
    def test_a_request_comes_as_it_was_sent(self, pairs: Any, within: float, data: st.DataObject) -> None:
        values = data.draw(arrays.arrays(np.float64, len(pairs)))
        sent = request_frame(Request(pairs, Products(values=values, within=within)))
        source = BytesIO(sent + sent)
        for _ in range(2):
            frame = read_frame(source)
            assert frame is not None
            found = parse_request(frame)
            np.testing.assert_array_equal(found.pairs, pairs)
            np.testing.assert_array_equal(found.products.values, values)
            assert found.products.within == within
        assert read_frame(source) is None

    @given(enough=arrays.arrays(np.bool_, st.integers(0, 9)), data=st.data())
    def test_so_does_an_answer_and_nothing_else_is_one(self, enough: Any, data: st.DataObject) -> None:
        log_odds = data.draw(arrays.arrays(np.float64, int(enough.sum()), elements=st.floats(-8, 8)))
        frame = read_frame(BytesIO(answer_frame(enough, log_odds)))
        assert frame is not None
        found = parse_answer(frame, len(enough))
        np.testing.assert_array_equal(found[0], enough)
        np.testing.assert_array_equal(found[1], log_odds)
        with pytest.raises(ValueError):
            parse_answer(frame + b"\0", len(enough))
        if frame:
            with pytest.raises(ValueError):
                parse_answer(frame[:-1], len(enough))

    @given(data=st.binary(max_size=30), cut=st.integers(1, 8))
    def test_a_frame_that_is_cut_off_is_none(self, data: bytes, cut: int) -> None:
        framed = len(data).to_bytes(8, "little") + data
        assert read_frame(BytesIO(framed)) == data
        assert read_frame(BytesIO(framed[: max(0, len(framed) - cut)])) is None or cut == 0

    def test_what_is_said_first(self, tmp_path: Path) -> None:
        folder = tmp_path / "a\nb \udcff"
        assert parse_start(start_line(folder, folder / "c", 7)) == (folder, folder / "c", 7)
