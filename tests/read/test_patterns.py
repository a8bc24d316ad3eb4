from __future__ import annotations

from pathlib import Path

import pytest

from dedup.errors import InputError
from dedup.read import ReadReport, read_articles
from dedup.read.paths import match_pattern, would_match


@pytest.fixture
def news(tmp_path: Path) -> Path:
    for name in (
        "news/2028/01/a.txt",
        "news/2028/01/b.TXT",
        "news/2028/02/c.txt",
        "news/d.txt",
        "news/e.md",
        "news/.hidden/f.txt",
        "news/.g.txt",
        "odd [2028]/h1.txt",
        "odd [2028]/h2.txt",
        "odd [2028]/i[1].txt",
    ):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"{path.stem}\n\nText.\n", encoding="utf-8")
    (tmp_path / "news/2028/outside.txt").symlink_to(tmp_path / "odd [2028]/h1.txt")
    (tmp_path / "news/2028/01/again").symlink_to(tmp_path / "news/2028/01")
    return tmp_path


def titles(*inputs: str | Path, report: ReadReport | None = None) -> list[str]:
    return [article.title for article in read_articles(*inputs, report=report)]


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("news/**/*.txt", ["a", "c", "d"]),
        ("news/*/01/*", ["a", "b"]),
        ("news/20*/0[12]", ["a", "b", "c"]),
        ("news/**", ["d", "a", "b", "c"]),  # as the folder itself
        ("news/2028/0?/?.txt", ["a", "c"]),
        ("news/.*/*.txt", ["f"]),
        ("news/.*.txt", [".g"]),
        ("odd [2028]/h*.txt", ["h1", "h2"]),
        ("odd [2028]/i[1].txt", ["i[1]"]),
        ("odd [[]2028]/*2.txt", ["h2"]),
        ("o*/i*.txt", ["i[1]"]),
    ],
)
def test_patterns(news: Path, pattern: str, expected: list[str]) -> None:
    assert titles(news / pattern) == expected


def test_a_pattern_may_be_relative(news: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(news)
    assert titles("news/*/02/*.txt") == ["c"]
    assert titles("*/d.txt", "./news/*/0[12]/c.txt") == ["d", "c"]
    monkeypatch.chdir(news / "odd [2028]")
    assert titles("i[1].txt") == ["i[1]"]


def test_what_a_pattern_matches_is_chosen_as_in_a_folder(news: Path) -> None:
    report = ReadReport()
    assert titles(news / "news/*", report=report) == ["a", "b", "c", "d"]
    assert (report.read, report.rejected, report.skipped_files) == (4, 0, 2)  # e.md and the link outside


@pytest.mark.parametrize(
    ("pattern", "message"),
    [
        ("news/**/*.htm", r"^no readable file matches the pattern: .*\*\.htm; check it"),
        ("news/*.md", "^no readable file matches the pattern: "),
        ("news/2028/outside.tx?", "^no readable file matches the pattern: "),
        ("news/x**/*.txt", r"^cannot use the pattern .*: \*\* stands for whole folders; write it between slashes$"),
        ("odd [2028]/i[2].txt", "^no readable file matches the pattern: "),
        ("news/none.txt", "^no such file or folder: "),
    ],
)
def test_a_pattern_that_matches_nothing_is_an_error_at_once(news: Path, pattern: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        read_articles(news / pattern)


@pytest.mark.parametrize(
    ("pattern", "matched"),
    [
        ("news/**/*.txt", ["news/d.txt", "news/2028/01/a.txt", "news/new/x.txt"]),
        ("news/*/01", ["news/2028/01/a.txt", "news/2028/01/deep/x.csv"]),
        ("odd [2028]/h?.txt", ["odd [2028]/h1.txt", "odd [2028]/h9.txt"]),
        ("n*/**", ["news/x.csv", "news/2028/02/x.csv", "news/2028/01/a.txt"]),
    ],
)
def test_what_a_pattern_would_match(news: Path, pattern: str, matched: list[str]) -> None:
    others = ["other/x.txt", "news/x.csv", "odd [2028]/hh1.txt", "x.csv", "news/2028/02/x.csv", "../x.txt"]
    for name in {*matched, *others}:
        assert would_match(news / name, news / pattern) == (name in matched), name
    there = list(match_pattern(news / pattern, ReadReport()))
    assert there
    assert all(would_match(path, news / pattern) for path in there)
