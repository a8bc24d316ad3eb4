"""Runs on a Ray cluster of several nodes, which are processes of this machine, beside the run on one machine.

    python -m benchmarks.cluster [--articles 3000] [--only same,nodes,driver]

Same stories whatever the number of nodes and of articles in a part; a node killed in each stage; the driver killed in
each stage and started again. Any difference ends it with exit code 1. Prints what each stage took and the most memory
that a worker held. It takes minutes, and is no part of the tests.
"""

from __future__ import annotations

import argparse
import json
import logging
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

from benchmarks.datasets import CHECKOUT, DatasetUnavailableError, dataset
from dedup.article import Article
from dedup.encode.static import StaticEncoder
from dedup.engine import RayEngine
from dedup.engine.job import Limits
from dedup.pipeline import Deduplication, deduplicate
from dedup.stages import no_progress

STAGES = ("read", "ids", "named", "parts", "fingerprints", "pairs", "bins", "stories")
_NODE: dict[str, Any] = {"num_cpus": 1, "object_store_memory": 100 << 20, "memory": 1 << 30}
_KILL_AFTER_SECONDS = 0.2


class Nodes:
    """A cluster of so many nodes of one core each."""

    def __init__(self, count: int) -> None:
        from ray.cluster_utils import Cluster

        self.cluster: Any = Cluster(initialize_head=True, head_node_args={**_NODE, "include_dashboard": False})
        self.others = [self.cluster.add_node(**_NODE) for _ in range(count - 1)]

    def kill_one(self) -> None:
        """Kill a node that is not the head, with all that runs on it."""
        self.cluster.remove_node(self.others.pop(), allow_graceful=False)

    def fill_up(self, count: int) -> None:
        """Start nodes until there are so many; by the main thread, which alone may handle signals, as Ray does here."""
        while len(self.others) < count - 1:
            self.others.append(self.cluster.add_node(**_NODE))


@contextmanager
def nodes_of(count: int) -> Iterator[Nodes]:
    """Start nodes and connect to them; nothing of them is left afterwards."""
    import ray

    nodes = Nodes(count)
    try:
        ray.init(address=nodes.cluster.address, log_to_driver=False, logging_level=logging.ERROR)
        yield nodes
    finally:
        ray.shutdown()
        nodes.cluster.shutdown()


def main() -> int:
    """Run what is asked for, and say whether all of it was the same."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--articles", type=int, default=3_000, help="distractors beside NTREX (default 3000)")
    parser.add_argument("--only", default="same,nodes,driver", help="which of same, nodes, driver")
    asked = parser.parse_args()
    os.environ["PYTHONPATH"] = os.pathsep.join([str(CHECKOUT), os.environ.get("PYTHONPATH", "")])
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    try:
        articles = list(dataset(f"ntrex+{asked.articles}").load().articles)
    except DatasetUnavailableError as error:
        print(f"{error}\nthe examples take their place")
        articles = list(dataset("examples").load().articles)
    began = time.perf_counter()
    expected = deduplicate(articles, encoder=StaticEncoder())
    print(f"{len(articles)} articles, {len(expected.stories)} stories; one machine {time.perf_counter() - began:.1f} s")
    checks: dict[str, Callable[[list[Article], Deduplication], bool]] = {
        "same": same_stories,
        "nodes": killed_nodes,
        "driver": killed_drivers,
    }
    good = [checks[name](articles, expected) for name in asked.only.split(",")]
    return 0 if all(good) else 1


def same_stories(articles: list[Article], expected: Deduplication) -> bool:
    """Compare runs on one, two and three nodes with parts of several sizes."""
    good = True
    for count, partition in ((1, 100_000), (2, 1_000), (3, 400)):
        with nodes_of(count), tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "job"
            measured: dict[str, str] = {}
            began = time.perf_counter()
            engine = RayEngine(folder=path, limits=Limits(partition=partition))
            result = deduplicate(articles, encoder=StaticEncoder(), engine=engine, progress=_measuring(path, measured))
            same = result.stories == expected.stories and result.articles == expected.articles
            good = good and same
            print(f"{count} nodes, parts of {partition}: same {same}, {time.perf_counter() - began:.1f} s", flush=True)
            for stage, text in measured.items():
                print(f"    {stage:<14}{text}", flush=True)
    return good


def killed_nodes(articles: list[Article], expected: Deduplication) -> bool:
    """Kill a node in each stage of a run from files; the stories and rejects are the same."""
    from dedup.engine.base import Work
    from dedup.engine.ray_engine import FilesToRead
    from dedup.read import ReadOptions, ReadReport
    from dedup.read.sources import find_sources
    from dedup.score.registry import calibration_for
    from dedup.settings import Settings

    encoder = StaticEncoder()
    work = Work(settings=Settings(), encoder=encoder, calibration=calibration_for(encoder))
    good = True
    with tempfile.TemporaryDirectory() as folder, nodes_of(2) as nodes:
        news = Path(folder) / "news"
        write_files(articles, news)
        for stage in STAGES:
            nodes.fill_up(2)
            report = ReadReport()
            sources = find_sources((news,), ReadOptions(), report)
            engine = RayEngine(folder=Path(folder) / "job", limits=Limits(partition=500))
            files = FilesToRead(sources=sources, options=ReadOptions(), report=report)
            with engine.told(files, work, _killing(stage, nodes)) as told:
                assert told is not None
                found = [(story.id, [member.article.id for member in story.members]) for story in told.stories()]
            wanted = [(story.id, [member.article.id for member in story.members]) for story in expected.stories]
            same = found == wanted and report.rejected == _BAD_LINES
            good = good and same
            print(f"a node killed in {stage}: same {same}", flush=True)
    return good


def killed_drivers(articles: list[Article], expected: Deduplication) -> bool:
    """Kill the command in each stage, start it again with --resume, and compare its output with that of one machine."""
    good = True
    with tempfile.TemporaryDirectory() as folder, nodes_of(2) as nodes:
        news, one, two = (Path(folder) / name for name in ("news", "one.jsonl", "two.jsonl"))
        write_files(articles, news)
        command = [sys.executable, "-m", "dedup", "cluster", str(news), "--encoder", "fast", "-q"]
        subprocess.run([*command, "-o", str(one)], check=True)
        address = nodes.cluster.address
        command += ["--engine", "ray", "--address", address, "--partition", "500", "-o", str(two)]
        for stage in STAGES:
            run = subprocess.Popen(command)
            while run.poll() is None and not (two.with_name(".two.jsonl.ray") / stage).exists():
                time.sleep(0.02)
            run.send_signal(signal.SIGKILL)
            run.wait()
            kept = len(list(two.with_name(".two.jsonl.ray").rglob("*.json")))
            subprocess.run([*command, "--resume"], check=True)
            same = two.read_bytes() == one.read_bytes() and len(two.read_bytes().splitlines()) == len(expected.stories)
            good = good and same and kept > 0
            print(f"the driver killed in {stage}, {kept} tasks done: same {same}", flush=True)
            two.unlink()
    return good


_BAD_LINES = 3


def write_files(articles: list[Article], folder: Path) -> None:
    """Write articles into files, and records that are none."""
    folder.mkdir()
    for number in range(4):
        rows = [_row(article) for article in articles[number::4]]
        bad = ["no json"] if number < _BAD_LINES else []
        (folder / f"{number}.jsonl").write_text("\n".join([*map(json.dumps, rows), *bad]), "utf-8")


def _row(article: Article) -> dict[str, Any]:
    row = {name: value for name, value in asdict(article).items() if value and name != "extra"}
    row.pop("language_confidence")
    if article.language == "und":
        row.pop("language")
    return row | ({"published": article.published.isoformat()} if article.published else {})


def _killing(stage: str, nodes: Nodes) -> Any:
    """Return a progress that kills a node when a stage has begun."""

    @contextmanager
    def progress(name: str, total: int) -> Iterator[Callable[[int], None]]:
        timer = threading.Timer(_KILL_AFTER_SECONDS, nodes.kill_one) if name == stage else None
        if timer:
            timer.start()
        with no_progress(name, total) as advance:
            yield advance
        if timer:
            timer.join()

    return progress


def _measuring(folder: Path, measured: dict[str, str]) -> Any:
    """Return a progress that notes what the tasks of each stage took."""

    @contextmanager
    def progress(name: str, total: int) -> Iterator[Callable[[int], None]]:
        began = time.perf_counter()
        with no_progress(name, total) as advance:
            yield advance
        results = [json.loads(path.read_text()) for path in (folder / name).glob("*.json")]
        peak = max((result.get("peak_bytes", 0) for result in results), default=0)
        worked = sum(result.get("seconds", 0.0) for result in results)
        measured[name] = (
            f"{total} tasks, {time.perf_counter() - began:.1f} s, {worked:.1f} s in tasks, {peak >> 20} MB at most"
        )

    return progress


if __name__ == "__main__":
    sys.exit(main())
