"""A node killed in each stage, and the command killed in each stage and begun again: the same stories."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

from benchmarks.cluster.nodes import Nodes, nodes_of
from dedup.article import Article
from dedup.encode.static import StaticEncoder
from dedup.engine import RayEngine
from dedup.engine.job import Limits
from dedup.pipeline import Deduplication
from dedup.stages import no_progress

__all__ = ["STAGES", "killed_drivers", "killed_nodes"]

STAGES = (
    *("read", "ids", "named", "parts", "fingerprints", "crowds"),
    *("pairs", "bins", "groups", "singles", "stories"),
)
_PARTITION = 500
_FILES = 4
_BAD_LINES = 3
_LOOK_SECONDS = 0.001


def killed_nodes(articles: Sequence[Article], expected: Deduplication) -> Iterator[dict[str, Any]]:
    """Yield a row for each stage of a run from files: a node that did a task of it was killed; stories and rejects.

    Last of all a node whose task held a GPU, as Ray counts them: no program here uses one.
    """
    from dedup.engine.base import Work
    from dedup.engine.ray_engine import FilesToRead
    from dedup.read import ReadOptions, ReadReport
    from dedup.read.sources import find_sources
    from dedup.score.registry import calibration_for
    from dedup.settings import Settings

    encoder = StaticEncoder()
    work = Work(settings=Settings(), encoder=encoder, calibration=calibration_for(encoder))
    wanted = [(story.id, [member.article.id for member in story.members]) for story in expected.stories]
    with tempfile.TemporaryDirectory() as folder, nodes_of(2, gpus=1) as nodes:
        news = Path(folder) / "news"
        write_files(articles, news)
        for stage, gpus in (*((stage, 0.0) for stage in STAGES), ("fingerprints", 1.0)):
            nodes.fill_up(2)
            killer, report = Killer(stage, nodes), ReadReport()
            sources = find_sources((news,), ReadOptions(), report)
            limits = Limits(partition=_PARTITION, encoder_gpus=gpus)
            engine = RayEngine(folder=Path(folder) / "job", limits=limits)
            files = FilesToRead(sources=sources, options=ReadOptions(), report=report)
            began = time.perf_counter()
            with engine.told(files, work, killer.progress) as told:
                assert told is not None
                found = [(story.id, [member.article.id for member in story.members]) for story in told.stories()]
            yield {
                "stage": stage,
                "gpu": bool(gpus),
                "killed_at_work": killer.killed,
                "same": found == wanted and report.rejected == _BAD_LINES,
                "seconds": round(time.perf_counter() - began, 1),
            }


class Killer:
    """Kills a node while it does a task of a stage.

    Args:
        stage: Its name.
        nodes: One of them is killed, once.
    """

    def __init__(self, stage: str, nodes: Nodes) -> None:
        self._stage, self._nodes = stage, nodes
        self._ended = threading.Event()
        self.killed = False

    @contextmanager
    def progress(self, stage: str, total: int) -> Iterator[Callable[[int], None]]:
        """Look on from the beginning to the end of the stage, as a ``Progress``."""
        looking = threading.Thread(target=self._look_on)
        if stage == self._stage:
            looking.start()
        with no_progress(stage, total) as advance:
            yield advance
        if stage == self._stage:
            self._ended.set()
            looking.join()

    def _look_on(self) -> None:
        while not self.killed and not self._ended.wait(_LOOK_SECONDS):
            self.killed = self._nodes.kill_one_at_work()


def killed_drivers(articles: Sequence[Article], expected: Deduplication) -> Iterator[dict[str, Any]]:
    """Yield a row for each stage: the command was killed in it and begun again with --resume; what it wrote."""
    with tempfile.TemporaryDirectory() as folder, nodes_of(2) as nodes:
        news, one, two = (Path(folder) / name for name in ("news", "one.jsonl", "two.jsonl"))
        write_files(articles, news)
        command = [sys.executable, "-m", "dedup", "cluster", str(news), "--encoder", "fast", "-q"]
        subprocess.run([*command, "-o", str(one)], check=True)
        command += ["--engine", "ray", "--address", nodes.cluster.address, "--partition", str(_PARTITION)]
        command += ["-o", str(two)]
        work = two.with_name(".two.jsonl.ray")
        for stage in STAGES:
            run = subprocess.Popen(command)
            while run.poll() is None and not (work / stage).exists():
                time.sleep(_LOOK_SECONDS)
            run.send_signal(signal.SIGKILL)
            was_killed = run.wait() == -signal.SIGKILL
            kept = {path: path.stat().st_mtime_ns for path in work.rglob("*.json") if path.parent != work}
            began = time.perf_counter()
            subprocess.run([*command, "--resume"], check=True)
            rejects = [path.with_name(f"{path.name}.rejects.jsonl").read_bytes() for path in (one, two)]
            yield {
                "stage": stage,
                "killed": was_killed,
                "tasks_kept": len(kept),
                "same": two.read_bytes() == one.read_bytes()
                and len(two.read_bytes().splitlines()) == len(expected.stories)
                and rejects[0] == rejects[1]
                and len(rejects[0].splitlines()) == _BAD_LINES,
                "seconds": round(time.perf_counter() - began, 1),
            }
            two.unlink()


def write_files(articles: Sequence[Article], folder: Path) -> None:
    """Write articles into files, and records that are none."""
    folder.mkdir()
    for number in range(_FILES):
        rows = [_row(article) for article in articles[number::_FILES]]
        bad = ["no json"] if number < _BAD_LINES else []
        (folder / f"{number}.jsonl").write_text("\n".join([*map(json.dumps, rows), *bad]), "utf-8")


def _row(article: Article) -> dict[str, Any]:
    row = {name: value for name, value in asdict(article).items() if value and name != "extra"}
    row.pop("language_confidence")
    if article.language == "und":
        row.pop("language")
    return row | ({"published": article.published.isoformat()} if article.published else {})
