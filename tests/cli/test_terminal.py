"""What is shown to people: tables that keep their width, and text that cannot steer a terminal."""

from __future__ import annotations

import io
import logging
import os
import re
import sys
import unicodedata
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from commands import on_a_terminal
from hypothesis import given
from hypothesis import strategies as st

from dedup.article import Article
from dedup.cli.console import Console, console_logging
from dedup.cli.show import article_line, show_articles, show_stories
from dedup.cli.text import display_width, fit, printable
from dedup.story import Member, make_story

TEHRAN = timezone(timedelta(hours=3, minutes=30))


@given(st.text())
def test_nothing_steers_a_terminal(text: str) -> None:
    shown = printable(text)
    assert len(shown) == len(text)
    assert "\n" not in shown
    assert all(unicodedata.category(c) not in ("Cc", "Cs", "Zl", "Zp") for c in shown)
    assert not set(shown) & set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\ufeff")


@given(st.text(st.characters(codec="utf-8")), st.integers(min_value=1, max_value=40))
def test_a_text_fits(text: str, columns: int) -> None:
    shown = fit(text, columns)
    assert display_width(shown) <= columns
    whole = " ".join(printable(text).split())
    assert shown == whole if display_width(whole) <= columns else shown.endswith("…")


@pytest.mark.parametrize(
    ("text", "width"), [("Ankara", 6), ("می‌رود", 5), ("e\u0301", 1), ("東京", 4), ("بَ", 1), ("", 0)]
)
def test_widths(text: str, width: int) -> None:
    assert display_width(text) == width


def articles() -> list[Article]:
    return [
        Article(
            id="1",
            title="سیل در گلستان " * 20,
            body="",
            language="fa",
            edition="خبرگزاری کرانه",
            published=datetime(2026, 3, 2, 7, 20, tzinfo=TEHRAN),
        ),
        Article(id="2", title="Floods", body="", language="en", published=datetime(2026, 3, 2, 4, tzinfo=UTC)),
        Article(id="3", title="", body="no title, no time, no language", edition="E" * 80),
    ]


def test_a_line_is_tag_time_headline_outlet_and_no_wider_than_asked() -> None:
    one, two, three = articles()
    for width in (80, 100):
        lines = [article_line(article, width=width) for article in (one, two, three)]
        assert all(display_width(line) <= width for line in lines)
    assert lines[0].startswith("fa     2026-03-02 03:50  سیل")
    assert lines[0].endswith("… (خبرگزاری کرانه)")
    assert lines[1] == "en     2026-03-02 04:00  Floods"
    assert lines[2].startswith("und    no time           no title, no time, no language (EEE")


def test_stories_are_shown_with_what_they_have_in_common(capsys: pytest.CaptureFixture[str]) -> None:
    one, two, three = articles()
    together = make_story(
        [
            Member(article=one, probability=0.98, relation="original", relation_probability=1.0),
            Member(article=two, probability=0.9, relation="translation", of="1", relation_probability=0.8),
        ],
        keep="earliest",
    )
    alone = make_story([Member(article=three, probability=1.0)], keep="earliest")
    show_stories([together, alone])
    heading, first, second, blank, rest, last = capsys.readouterr().out.splitlines()
    assert heading == "2 articles  fa en  2026-03-02 03:50 to 2026-03-02 04:00 UTC"
    assert first.startswith("  fa     03-02 03:50  0.98  original     سیل")
    assert second == "  en     03-02 04:00  0.90  translation  Floods"
    assert blank == ""
    assert rest == "1 article stands alone (times in UTC)"
    assert "no title" in last
    show_articles([two])
    assert capsys.readouterr().out == "en     2026-03-02 04:00  Floods\n"
    show_stories([])
    assert capsys.readouterr().out == ""


def test_a_story_without_times(capsys: pytest.CaptureFixture[str]) -> None:
    three = articles()[2]
    show_stories([make_story([Member(article=three, probability=0.9)] * 2, keep="earliest")])
    assert capsys.readouterr().out.splitlines()[0] == "2 articles  und  no time"


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_progress_is_drawn_on_a_terminal_and_cleared(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = Terminal()
    monkeypatch.setattr(sys, "stderr", screen)
    with Console().progress("sentences", 200) as advance:
        advance(50)
        advance(150)
    shown = screen.getvalue()
    assert " 25% of 200" in shown
    assert "100% of 200" in shown
    assert shown.endswith("\r\033[K")
    assert list(Console().counting(range(2500), "read")) == list(range(2500))
    assert "read: 2,000" in screen.getvalue()


@pytest.mark.parametrize("quiet", [True, False])
def test_no_progress_where_nobody_looks(monkeypatch: pytest.MonkeyPatch, quiet: bool) -> None:
    screen = Terminal() if quiet else io.StringIO()
    monkeypatch.setattr(sys, "stderr", screen)
    console = Console(quiet=quiet)
    with console.progress("sentences", 200) as advance:
        advance(200)
    with Console().progress("nothing", 0) as advance:
        advance(0)
    assert list(console.counting(range(5), "read")) == [0, 1, 2, 3, 4]
    assert screen.getvalue() == ""


@pytest.mark.parametrize(
    ("console", "expected"),
    [
        (Console(), ["warning: w", "error: e", "converting"]),
        (Console(quiet=True), ["error: e"]),
        (Console(verbose=True), ["i", "warning: w", "error: e", "converting", "warning: reject"]),
        (Console(debug=True), ["debug: d", "i", "warning: w", "error: e", "converting", "warning: reject"]),
    ],
    ids=["usual", "quiet", "verbose", "debug"],
)
def test_how_much_of_the_log_is_shown(
    console: Console, expected: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with console_logging(console):
        logger = logging.getLogger("dedup.pipeline")
        for level, text in ((10, "d"), (20, "i"), (30, "w"), (40, "e")):
            logger.log(level, text)
        logging.getLogger("dedup.encode.bundled").info("converting")
        logging.getLogger("dedup.read.report").warning("reject")
        logging.getLogger("torch").warning("of no concern")
    assert capsys.readouterr().err.splitlines() == [f"dedup: {line}" for line in expected]


@pytest.mark.skipif(os.name != "posix", reason="needs a pseudo-terminal")
def test_a_terminal_gets_a_table_and_a_pipe_json(tmp_path: Path) -> None:
    """Of an empty input, so that no model is needed: the choice is made all the same."""
    (tmp_path / "empty.jsonl").touch()
    script = (
        "import sys; from dedup.cli import show, app; "
        "show.show_stories = lambda stories: print('a table'); app.main(sys.argv[1:])"
    )
    for options, expected in (([], "a table"), (["--json"], "")):
        shown = on_a_terminal([sys.executable, "-c", script, "cluster", str(tmp_path / "empty.jsonl"), "-q", *options])
        assert re.sub(r"\s+", " ", shown).strip() == expected
