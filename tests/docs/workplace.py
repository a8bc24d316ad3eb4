"""A folder with small inputs under the names that the documents use, and dedup in it with a model that needs no time.

What the documents show runs there as it is printed. In place of the bundled model stands the fast encoder, which needs
no minutes; nothing else is changed.
"""

from __future__ import annotations

import ast
import csv
import gzip
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from commands import labelled_file, run, use_few_families
from documents import ROOT, Block, calls_in
from made_archives import make_archive

import dedup
from dedup.article import Article
from dedup.write import write_articles

__all__ = ["Workplace"]

EXAMPLES = ROOT / "examples"
FIXTURES = ROOT / "tests" / "read" / "fixtures"
_STORIES = ("eb-derail-malayer", "eb-wrestling-freestyle", "eb-polio", "eb-strike")
_IDS = {"eb-derail-malayer-1": "a1", "eb-derail-malayer-2": "b7", "eb-derail-malayer-3": "c3"}
"""Articles of one story under the ids that the documents use."""
_DEDUP = """#!{python}
import sys
sys.path.insert(0, {root!r})
import dedup.encode.transformer as transformer
from dedup.cli import main
from dedup.encode.static import StaticEncoder
transformer.TransformerEncoder = lambda *_, **__: StaticEncoder()
main()
"""
_WRITTEN = re.compile(r"write_\w+\([^\"\n]*\"([^\"]+)\"\)")
_TAIL = '#!/bin/sh\nfor last; do :; done\nexec cat "$last"\n'  # tail -f never ends


@dataclass(frozen=True, slots=True)
class Workplace:
    """The folder, which is the working folder too."""

    folder: Path
    patch: pytest.MonkeyPatch

    @classmethod
    def prepare(cls, folder: Path, patch: pytest.MonkeyPatch) -> Workplace:
        """Write the inputs, and change into their folder."""
        encoder = dedup.StaticEncoder()
        _ = dedup.TransformerEncoder  # the package keeps what it has loaded: that must not be the stand-in
        patch.setattr("dedup.encode.transformer.TransformerEncoder", lambda *_, **__: encoder)
        patch.setattr("dedup.TransformerEncoder", lambda *_, **__: encoder)
        use_few_families(patch)
        for variable in ("DEDUP_DATA", "DEDUP_CACHE"):
            patch.setenv(variable, str(folder / variable.lower()))
        place = folder / "work"
        place.mkdir()
        patch.chdir(place)
        _write_inputs(place)
        return cls(place, patch)

    def run(self, block: Block) -> None:
        """Run a block, or read it where it is data."""
        runners: dict[str, Callable[[Block], None]] = {
            "console": self._console,
            "python": self._python,
            "sh": self._shell,
            "shell": self._shell,
        }
        runners[block.language](block)

    def _console(self, block: Block) -> None:
        for call in calls_in(block.text):
            program, *arguments = shlex.split(call, comments=True)
            if program != "dedup":
                continue  # make: see test_every_command_can_be_typed
            with self.patch.context() as patch:
                endless = "--follow" in arguments
                if endless:
                    patch.setattr("dedup.cli.store.changes.time.sleep", _press_ctrl_c)
                result = run(*arguments)
            assert result.exit_code == (130 if endless else 0), f"{block.where}: {call}\n{result.output}"

    def _python(self, block: Block) -> None:
        names: dict[str, Any] = {"__name__": "shown"}
        try:
            exec(compile(ast.parse(block.text), block.where, "exec"), names)
        except Exception as error:
            raise AssertionError(f"{block.where}: {type(error).__name__}: {error}\n{block.text}") from error
        for name in _WRITTEN.findall(block.text):
            assert (self.folder / name).stat().st_size > 0, f"{block.where}: {name}"

    def _shell(self, block: Block) -> None:
        programs = self.folder.parent / "programs"
        programs.mkdir(exist_ok=True)
        for name, text in (("dedup", _DEDUP.format(python=sys.executable, root=str(ROOT))), ("tail", _TAIL)):
            (programs / name).write_text(text)
            (programs / name).chmod(0o755)
        path = f"{programs}{os.pathsep}{os.environ['PATH']}"
        done = subprocess.run(
            ["sh", "-e", "-c", block.text],
            cwd=self.folder,
            env=os.environ | {"PATH": path},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, f"{block.where}\n{done.stderr}"


def _press_ctrl_c(seconds: float) -> None:
    raise KeyboardInterrupt


def _write_inputs(place: Path) -> None:
    np.save(place / "vectors.npy", np.random.default_rng(1).normal(size=(20, 8)))
    np.save(place / "hours.npy", np.arange(20.0))
    articles = _news()
    for name in ("incoming", "news", "archive", "vectors"):
        (place / name).mkdir()
    for name in ("incoming", "news", "archive"):
        write_articles(articles, place / name / "news.jsonl")
    with (place / "archive.csv").open("w", encoding="utf-8", newline="") as table:
        rows = csv.writer(table, delimiter=";")
        rows.writerow(["kop", "tekst", "date"])
        rows.writerows([one.title, one.body, f"{one.published:%Y-%m-%d %H:%M}"] for one in articles)
    shutil.copytree(EXAMPLES, place / "examples")
    shutil.copytree(EXAMPLES / "pages", place / "pages")
    for name, page in (("one.txt", "ec-nowruz-message-1.txt"), ("other.txt", "ec-nowruz-message-2.txt")):
        shutil.copy(EXAMPLES / "pages" / page, place / name)
    for name in ("articles.jsonl", "feed.jsonl", "today.jsonl"):
        write_articles(articles, place / name)
    write_articles(articles[1:2], place / "one.jsonl")
    (place / "crawl" / "monday").mkdir(parents=True)
    shutil.copy(FIXTURES / "html" / "01-json-ld.html", place / "crawl" / "monday" / "page.html")
    shutil.copy(FIXTURES / "newsml" / "01-xhtml.xml", place / "wire.xml")
    records = (FIXTURES / "warc" / "01-crawl.records").read_text("utf-8")
    (place / "archive.warc.gz").write_bytes(gzip.compress(make_archive(records)))
    labelled_file(place / "labelled.jsonl")
    write_articles(articles[::2], place / "monday.csv")
    write_articles(articles[1::2], place / "tuesday.jsonl.gz")
    with (place / "labels.jsonl").open("w", encoding="utf-8") as file:
        file.write('{"a": "a1", "b": "b7", "same": true}\n{"a": "a1", "b": "eb-polio-1", "same": false}\n')
    with (place / "reference.jsonl").open("w", encoding="utf-8") as file:
        for article in articles:
            labels = {name: article.extra[name] for name in ("story", "family")}
            file.write(json.dumps({"id": article.id} | labels) + "\n")


def _news() -> list[Article]:
    articles = dedup.read_articles(EXAMPLES / "articles.jsonl")
    chosen = [article for article in articles if article.extra["story"] in _STORIES]
    return [replace(article, id=_IDS.get(article.id, article.id)) for article in chosen]
