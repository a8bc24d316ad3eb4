from __future__ import annotations

import json
import logging
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import numpy as np
import pytest
import threadpoolctl
from fakes import FakeEncoder, fake_calibration
from hypothesis import given
from hypothesis import strategies as st

from dedup import stages
from dedup.article import Article
from dedup.encode.fingerprint import fingerprint_blocks
from dedup.encode.vectors import encode_sentences
from dedup.evidence import workers as module
from dedup.evidence.background import Background
from dedup.evidence.columns import evidence_columns
from dedup.evidence.content import Content, ContentReader
from dedup.evidence.messages import articles_line, parse_articles, parse_contents
from dedup.evidence.workers import article_contents, worker_count
from dedup.read import read_articles
from dedup.score.calibration import shipped_calibration
from dedup.score.signals import pair_signals
from dedup.settings import Settings

ROOT = Path(__file__).resolve().parent.parent.parent
EXAMPLES = list(read_articles(ROOT / "examples" / "articles.jsonl"))
BACKGROUND = shipped_calibration().background
LIMIT = 12
UNLIKELY = [
    Article(id="u1", title="", body="12:30"),
    Article(id="u2", title="\ud83d\ude00 halves", body="\ud83d", language="en"),
    Article(id="u3", title="\ud83d\ude00", body=""),
    Article(id="u4", title="Line\nbreak\r\u2028", body='{"a": 1}\n[]\x00\n', language="xx"),
    Article(id="u5", title="رئیس جمهور " * 400, body="در کابل ۱۲ تن کشته شدند. " * 4_000),
    Article(id="u6", title="Monday", body="", published=datetime(2026, 3, 2, 1, tzinfo=timezone(timedelta(hours=4.5)))),
    Article(id="u7", title="Yesterday", body="Today.", language="en", published=datetime(1, 1, 1, tzinfo=UTC)),
    Article(id="u8", title="9" * 500 + " killed", body="", language="en", language_confidence=0.25),
]
ARTICLES = [*EXAMPLES, *UNLIKELY, *(replace(article, language="und") for article in EXAMPLES[:20])]


def contents(articles: Sequence[Article], workers: int) -> list[Content]:
    return list(article_contents(articles, BACKGROUND, LIMIT, workers=workers))


@pytest.fixture(scope="module")
def alone() -> list[Content]:
    """What one process reads."""
    return contents(ARTICLES, 0)


class TestSame:
    def test_contents_are_those_that_one_process_reads(
        self, alone: list[Content], started: list[subprocess.Popen[bytes]], caplog: pytest.LogCaptureFixture
    ) -> None:
        assert repr(contents(ARTICLES, 2)) == repr(alone)
        assert len(started) == 2
        assert all(process.returncode is not None for process in started)
        assert not caplog.records

    def test_so_are_the_signals_of_pairs(self, monkeypatch: pytest.MonkeyPatch) -> None:
        encoder, calibration = FakeEncoder(), replace(fake_calibration(), background=BACKGROUND)
        found = []
        for workers in (0, 2):
            monkeypatch.setattr(module, "worker_count", lambda articles, workers=workers: workers)
            texts = stages.read_texts(ARTICLES, Settings(), calibration, stages.no_progress)
            known, passages = texts.articles, texts.passages
            vectors = encode_sentences([sentence for passage in passages for sentence in passage], encoder)
            prints = fingerprint_blocks(known, passages, texts.evidence, [vectors], encoder.dimension, calibration)
            pairs = np.stack(np.triu_indices(len(known), 1), axis=1)
            signals = pair_signals(prints, pairs, max_sentences=LIMIT)
            found.append((known, passages, texts.cut, texts.copies.tolist(), signals))
        assert found[0][:4] == found[1][:4]
        assert "und" not in {article.language for article in found[0][0][-20:]}
        np.testing.assert_array_equal(found[0][4], found[1][4])

    @given(
        title=st.text(), body=st.text(), language=st.sampled_from(["und", "fa", "tr", "xx"]), limit=st.integers(1, 3)
    )
    def test_what_is_sent_of_an_article_is_all_that_is_read(
        self, title: str, body: str, language: str, limit: int
    ) -> None:
        # long ones too: hypothesis makes no text of thousands of characters
        for times in (1, 700):
            article = Article(id="1", title=title * times, body=body * times, language=language, edition="Kabul")
            (sent,) = parse_articles(articles_line([article], limit))
            reader = ContentReader(Background(), limit)
            assert repr(reader.of(sent)) == repr(reader.of(article))


class TestFailing:
    def check(self, alone: list[Content], caplog: pytest.LogCaptureFixture, reason: str) -> None:
        with caplog.at_level(logging.WARNING):
            assert contents(ARTICLES, 2) == alone
        (record,) = caplog.records
        assert record.levelno == logging.WARNING
        assert "read in one process" in record.getMessage()
        assert reason in record.getMessage()

    def test_no_process_can_be_started(
        self, alone: list[Content], caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(sys, "executable", str(ROOT / "no-such-python"))
        self.check(alone, caplog, "no worker can be started")

    def test_the_program_is_another(
        self,
        alone: list[Content],
        caplog: pytest.LogCaptureFixture,
        monkeypatch: pytest.MonkeyPatch,
        started: list[subprocess.Popen[bytes]],
    ) -> None:
        monkeypatch.setattr(module, "_MODULE", "dedup_of_another_world")
        self.check(alone, caplog, "a worker has ended")
        assert all(process.returncode is not None for process in started)

    def test_a_worker_dies(
        self, alone: list[Content], caplog: pytest.LogCaptureFixture, started: list[subprocess.Popen[bytes]]
    ) -> None:
        found: list[Content] = []
        with caplog.at_level(logging.WARNING):
            for content in article_contents(ARTICLES, BACKGROUND, LIMIT, workers=2):
                if not found:
                    started[0].kill()
                found.append(content)
        assert found == alone
        assert [record.levelno for record in caplog.records] == [logging.WARNING]
        assert all(process.returncode is not None for process in started)

    @pytest.mark.parametrize("line", [b"", b"null\n", b"[1]\n", b'[["en", 1, ["a"], null]]\n', b"\xff\n"])
    def test_nonsense_is_no_answer(self, line: bytes) -> None:
        with pytest.raises(ValueError):
            parse_contents(line)


class TestEnding:
    def test_who_stops_listening_leaves_no_process(self, started: list[subprocess.Popen[bytes]]) -> None:
        reading = article_contents(ARTICLES, BACKGROUND, LIMIT, workers=2)
        next(reading)
        assert [process.poll() for process in started] == [None, None]
        reading.close()
        assert all(process.returncode is not None for process in started)

    def test_a_worker_ends_with_its_input(self) -> None:
        process = subprocess.Popen(
            [sys.executable, "-m", "dedup.evidence.worker"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT
        )
        assert process.communicate(b"", timeout=20)[0] == b""
        assert process.returncode == 0

    @pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")
    @pytest.mark.parametrize("sent", ["SIGINT", "SIGKILL"])
    def test_none_outlives_the_run(self, sent: str, tmp_path: Path) -> None:
        script = tmp_path / "script.py"
        script.write_text(
            "import subprocess, sys, time\n"
            "from dedup.article import Article\n"
            "from dedup.evidence.background import Background\n"
            "from dedup.evidence.workers import article_contents\n"
            "articles = [Article(id=str(i), title='A b', body='C d. ' * 50, language='en') for i in range(100_000)]\n"
            "reading = article_contents(articles, Background(), 12, workers=2)\n"
            "next(reading)\n"
            "print('on', flush=True)\n"
            "for _ in reading: pass\n"
        )
        run = subprocess.Popen(
            [sys.executable, str(script)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            start_new_session=True,
        )
        assert run.stdout is not None
        assert run.stdout.readline() == b"on\n"
        # Ctrl-C reaches the whole group
        (os.killpg if sent == "SIGINT" else os.kill)(run.pid, getattr(signal, sent))
        errors = run.communicate(timeout=20)[1].decode()
        # a worker complains of nothing
        assert errors.count("Traceback") == (1 if sent == "SIGINT" else 0)
        deadline = time.monotonic() + 10
        while _group_lives(run.pid) and time.monotonic() < deadline:
            time.sleep(0.05)
        assert not _group_lives(run.pid)


def _group_lives(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True


class TestStarting:
    def test_a_script_needs_no_guard_and_what_lies_beside_is_not_imported(self, tmp_path: Path) -> None:
        (tmp_path / "here").mkdir()
        for name in ("json.py", "sitecustomize.py"):
            (tmp_path / "here" / name).write_text("raise SystemExit('not me')")
        script = tmp_path / "script.py"
        script.write_text(
            "import logging, sys\n"
            "logging.basicConfig(level=logging.WARNING)\n"
            "from dedup.article import Article\n"
            "from dedup.evidence.background import Background\n"
            "from dedup.evidence.workers import article_contents\n"
            "articles = [Article(id=str(i), title='A b', body='C d.', language='en') for i in range(100)]\n"
            "print(len(list(article_contents(articles, Background(), 12, workers=2))))\n"
        )
        run = subprocess.run(
            [sys.executable, str(script)],
            capture_output=True,
            cwd=tmp_path / "here",
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            check=True,
        )
        assert (run.stdout, run.stderr) == (b"100\n", b"")

    def test_a_worker_loads_no_model_library(self) -> None:
        code = (
            "import json, sys\n"
            "from dedup.evidence.worker import main\n"
            "main()\n"
            "print(json.dumps(sorted(sys.modules)), file=sys.stderr)\n"
        )
        start = b"[12, {}, {}]\n"
        run = subprocess.run(
            [sys.executable, "-c", code],
            input=start + articles_line(EXAMPLES[:5], LIMIT),
            capture_output=True,
            cwd=ROOT,
            check=True,
        )
        assert len(parse_contents(run.stdout)) == 5
        loaded = set(json.loads(run.stderr))
        assert not loaded & {"torch", "sentence_transformers", "transformers", "faiss", "scipy", "dedup.pipeline"}

    def test_few_articles_and_one_thread_need_none(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("dedup.worker_processes.threads_allowed", lambda: 4)
        assert worker_count(10) == 0
        assert worker_count(100_000) == 4
        monkeypatch.setattr("dedup.worker_processes.threads_allowed", lambda: 64)
        assert worker_count(100_000) == 8
        monkeypatch.setattr(sys, "frozen", True, raising=False)
        assert worker_count(100_000) == 0

    def test_a_limit_around_the_call_turns_them_off(self) -> None:
        evidence_columns([])  # numpy's library is there
        with threadpoolctl.threadpool_limits(1):
            assert worker_count(100_000) == 0
