"""Links of the documents on GitHub; those of the site are checked by its strict build."""

from __future__ import annotations

import itertools
import re
import subprocess
from pathlib import Path

import pytest
from documents import DOCUMENTS, ROOT, prose_of
from markdown_it import MarkdownIt

_LINK = re.compile(r"\]\(([^)\s]+)\)")


def anchors(path: Path) -> list[str]:
    """Return the anchors that GitHub gives the headings of a page: lower case, no punctuation, hyphens for blanks."""
    tokens = MarkdownIt("commonmark").parse(path.read_text("utf-8"))
    headings = [text for mark, text in itertools.pairwise(tokens) if mark.type == "heading_open"]
    found: list[str] = []
    for heading in headings:
        plain = "".join(child.content for child in heading.children or [])
        slug = re.sub(r"[^\w\- ]", "", plain.strip().lower()).replace(" ", "-")
        found.append(f"{slug}-{found.count(slug)}" if slug in found else slug)
    return found


def tracked(path: Path) -> bool:
    """Return whether git knows a file, or a file below a folder: what is not there for others is no target."""
    told = subprocess.run(["git", "ls-files", "--", str(path)], cwd=ROOT, capture_output=True, text=True, check=False)
    return told.returncode != 0 or bool(told.stdout.strip())  # not 0: no repository, as in an unpacked sdist


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_lead_somewhere(path: Path) -> None:
    for link in _LINK.findall(prose_of(path)):
        target, _, anchor = link.partition("#")
        if link.startswith(("http://", "https://")):
            continue
        file = (path.parent / target).resolve() if target else path
        assert file.exists(), f"{link}: nothing there"
        assert file.is_relative_to(ROOT), f"{link}: outside the repository"
        assert tracked(file), f"{link}: not in the repository"
        assert not anchor or anchor in anchors(file), f"{link}: no such heading"


def test_a_heading_has_the_anchor_that_github_gives_it(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("# 5. Stories\n\n## `dedup store add`\n\n## How good, and how sure\n\n## A – B\n\n### A – B\n")
    expected = ["5-stories", "dedup-store-add", "how-good-and-how-sure", "a--b", "a--b-1"]
    assert anchors(page) == expected
