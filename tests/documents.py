"""The pages that people read, and the blocks of code in them."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

__all__ = ["DOCUMENTS", "PAGES", "ROOT", "Block", "blocks_of", "build_site", "calls_in", "prose_of"]

ROOT = Path(__file__).resolve().parent.parent
PAGES = sorted((ROOT / "docs").rglob("*.md"))
DOCUMENTS = [*(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md")), *PAGES]

_FENCE = re.compile(
    r"^(?P<indent> *)(?P<fence>```+)(?P<language>[^\n`]*)\n(?P<text>.*?)^(?P=indent)(?P=fence) *$",
    re.MULTILINE | re.DOTALL,
)
_MARKER = re.compile(r"<!-- not run: (?P<reason>[^\n]+?) -->\s*\Z")


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A fenced block."""

    where: str
    """File and line, such as ``docs/store.md:12``."""
    language: str
    text: str
    reason: str | None
    """Why it cannot run, where a comment before it says so: ``<!-- not run: needs a GPU -->``."""


def blocks_of(path: Path) -> list[Block]:
    """Return the fenced blocks of a page, in order."""
    document = path.read_text("utf-8")
    return list(_blocks(document, str(path.relative_to(ROOT))))


def _blocks(document: str, name: str) -> Iterator[Block]:
    for match in _FENCE.finditer(document):
        marker = _MARKER.search(document, 0, match.start())
        indent = len(match["indent"])
        yield Block(
            where=f"{name}:{document.count(chr(10), 0, match.start()) + 1}",
            language=match["language"].strip(),
            text="".join(line[indent:] for line in match["text"].splitlines(keepends=True)),
            reason=marker["reason"] if marker else None,
        )


def prose_of(path: Path) -> str:
    """Return a page without its fenced blocks and comments."""
    document = _FENCE.sub("", path.read_text("utf-8"))
    return re.sub(r"<!--.*?-->", "", document, flags=re.DOTALL)


def calls_in(text: str) -> list[str]:
    """Return the commands of a console or a script: a line each, comments and blank lines left out."""
    lines = re.sub(r"\\\n\s*", " ", text).splitlines()
    return [line.strip() for line in lines if line.strip() and not line.lstrip().startswith("#")]


def build_site(folder: Path) -> None:
    """Build the site as ``make docs`` does: what mkdocs warns of is an error."""
    built = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(folder)],
        cwd=ROOT,
        env=os.environ | {"NO_MKDOCS_2_WARNING": "1"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert built.returncode == 0, built.stderr
    assert "WARNING" not in built.stderr, built.stderr
