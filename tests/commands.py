"""Running commands in tests: in this process with a model that needs no time, or in one of their own."""

from __future__ import annotations

import json
import os
import select
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from fakes import FakeEncoder, fake_calibration, invented_news, labelled_news

from dedup.article import Article
from dedup.cli import app
from dedup.score.training import LabelledArticle
from dedup.write import write_articles
from dedup.write.articles import article_row

__all__ = [
    "in_a_process",
    "json_lines",
    "labelled_file",
    "newsroom",
    "on_a_terminal",
    "run",
    "use_fake_model",
    "use_few_families",
]

ROOT = Path(__file__).resolve().parent.parent


def run(*arguments: str | Path, given: str | bytes | None = None) -> Result:
    """Run a command in this process."""
    return CliRunner().invoke(app, [str(argument) for argument in arguments], input=given)


def in_a_process(*arguments: str | Path, timeout: float = 120, **kwargs: Any) -> subprocess.CompletedProcess[str]:
    """Run a command in a process of its own."""
    command = [sys.executable, "-m", "dedup", *map(str, arguments)]
    return subprocess.run(
        command, capture_output=True, text=True, encoding="utf-8", timeout=timeout, check=False, **kwargs
    )


def on_a_terminal(command: list[str]) -> str:
    """Run a command on a pseudo-terminal, and return what it shows there on standard output."""
    import pty  # of Unix alone

    ours, theirs = pty.openpty()
    with subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=subprocess.PIPE) as process:
        os.close(theirs)
        shown = b""
        try:
            while process.poll() is None or select.select([ours], [], [], 0.2)[0]:
                if select.select([ours], [], [], 0.2)[0]:
                    data = os.read(ours, 4096)
                    if not data:
                        break
                    shown += data
        except OSError:  # how Linux says that the other side is closed
            pass
        finally:
            os.close(ours)
    return shown.decode()


def use_fake_model(monkeypatch: pytest.MonkeyPatch, folder: Path) -> FakeEncoder:
    """Have commands use a model without weights, its calibration in ``folder``, and keep their vectors there."""
    from dedup.score.registry import calibration_path, save_calibration

    encoder = FakeEncoder()
    monkeypatch.setenv("DEDUP_DATA", str(folder / "data"))
    monkeypatch.setenv("DEDUP_CACHE", str(folder / "cache"))
    monkeypatch.setattr("dedup.encode.transformer.TransformerEncoder", lambda *_, **__: encoder)
    save_calibration(fake_calibration(), calibration_path(encoder))
    return encoder


def use_few_families(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fit on a sixth as many articles as ship, and on a few further ones."""

    def read(path: Path | None = None) -> list[LabelledArticle]:
        return labelled_news(families=10) if path is None else labelled_news(families=3, seed=77)

    monkeypatch.setattr("dedup.data.families.read_families", read)


def newsroom(path: Path, *, stories: int = 4, seed: int = 7) -> list[list[Article]]:
    """Write invented articles to ``path`` and return them, story by story."""
    news = invented_news(stories=stories, seed=seed)
    write_articles((article for story in news for article in story), path)
    return news


def labelled_file(path: Path, *, families: int = 6, stated: bool = True) -> Path:
    """Write invented articles in families of two stories to ``path``, with their labels or without."""
    with path.open("w") as file:
        for one in labelled_news(families=families, seed=5):
            labels = {"story": one.story, "family": one.family} if stated else {}
            file.write(json.dumps(article_row(one.article) | labels) + "\n")
    return path


def json_lines(text: str | Iterable[str]) -> list[dict[str, Any]]:
    """Return the objects of JSON lines."""
    lines = text.split("\n") if isinstance(text, str) else text
    return [json.loads(line) for line in lines if line.strip()]
