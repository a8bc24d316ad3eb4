"""The matrix of stories against editions, in a real browser without a network."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from accessibility import violations
from browser import browser, opened
from fakes import invented_news
from pages import hostile_news, many_stories, rare_news, run_of, written

from dedup.coverage import GapQuery, coverage_of, find_gaps
from dedup.coverage.matrix import Side

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

    from dedup.pipeline import Deduplication

RELATIONS = {one: one.capitalize() for one in ("original", "reprint", "translation", "independent", "update")}
LANGUAGES = {"fa": "Farsi", "fa-AF": "Dari", "ar": "Arabic", "en": "English", "tr": "Turkish"}


@dataclass(frozen=True, slots=True)
class Report:
    result: Deduplication
    path: Path


@pytest.fixture(scope="module")
def started() -> Iterator[Browser]:
    with browser() as one:
        yield one


@pytest.fixture(scope="module")
def news(tmp_path_factory: pytest.TempPathFactory) -> Report:
    """Stories that are missing here and there, and articles by hand in several languages."""
    stories = invented_news(stories=7, seed=11)
    kept = [one for s, story in enumerate(stories) for i, one in enumerate(story) if (s * 2 + i * 3) % 5]
    result = run_of([*kept, *rare_news()])
    path = tmp_path_factory.mktemp("coverage") / "report.html"
    written(result, path)
    return Report(result, path)


def table(page: Page) -> tuple[list[str], dict[str, list[str]]]:
    """Return the names of the columns, and for each story the words of its cells."""
    found: dict[str, Any] = page.evaluate(
        """() => ({
          columns: [...document.querySelectorAll('.coverage-name')].map((one) => one.textContent),
          rows: [...document.querySelectorAll('.coverage-table tbody tr')].map((row) => [row.dataset.story,
            [...row.querySelectorAll('.cell')].map((cell) => cell.innerText.trim().replace(/\\s+/g, ' '))]),
        })"""
    )
    return found["columns"], dict(found["rows"])


@pytest.mark.parametrize("by", ["edition", "language"])
def test_it_says_what_dedup_coverage_says(started: Browser, news: Report, by: Side) -> None:
    expected = coverage_of(news.result.stories, by)
    with opened(started, news.path, route=f"#coverage?by={by}") as shown:
        columns, rows = table(shown.page)
        names = [column.name if by == "edition" else LANGUAGES[column.name] for column in expected.columns]
        assert columns == names
        assert len(rows) == len(expected.rows) > 10
        for row in expected.rows:
            ran = {one.column: one for one in row.appearances}
            for column, words in zip(expected.columns, rows[row.story.id], strict=True):
                if column.name not in ran:
                    assert words == "· did not run it"
                    continue
                cell = ran[column.name]
                assert words.startswith(RELATIONS[str(cell.first.relation)])
                assert (f" {len(cell.members)}× " in words) == (len(cell.members) > 1)
                first = row.story.first_published
                assert words.endswith("first") == (cell.first_published == first)
        counts = shown.page.locator(".coverage-count").all_inner_texts()
        assert counts == [f"{one.stories} {'story' if one.stories == 1 else 'stories'}" for one in expected.columns]


def test_how_much_later_is_said_in_the_two_largest_units(started: Browser, news: Report) -> None:
    with opened(started, news.path, route="#coverage?by=language") as shown:
        _, rows = table(shown.page)
        minutes = {}
        for row in coverage_of(news.result.stories, "language").rows:
            for one in row.appearances:
                assert one.first_published
                assert row.story.first_published
                minutes[row.story.id, one.column] = (
                    one.first_published - row.story.first_published
                ).total_seconds() / 60
        order = [column.name for column in coverage_of(news.result.stories, "language").columns]
        said = {(key, order[i]): words for key, cells in rows.items() for i, words in enumerate(cells)}
        late = {key: number for key, number in minutes.items() if number > 0}
        assert late
        for key, number in late.items():
            hours = round(number) // 60
            expected = f"+{hours // 24} d {hours % 24} h" if hours >= 24 else f"+{hours} h"
            assert said[key].endswith(expected.removesuffix(" 0 h"))


def test_filters_are_the_gaps(started: Browser, news: Report) -> None:
    with opened(started, news.path, route="#coverage?by=language") as shown:
        page = shown.page
        page.get_by_label("Ran in").first.select_option("fa")
        page.get_by_label("Did not run in").select_option("fa-AF")
        gaps = find_gaps(news.result.stories, GapQuery(have=("fa",), lack=("fa-AF",)))
        columns, rows = table(page)
        assert set(rows) == {gap.story.id for gap in gaps}
        assert 0 < len(rows) < len(news.result.stories)
        assert columns[:2] == ["Farsi", "Dari"]
        assert (
            f"{len(rows)} of {len(news.result.stories)} stories that ran in Farsi and did not run in Dari"
            in page.inner_text(".results-summary")
        )
        page.get_by_label("Articles").select_option("3")
        assert set(table(page)[1]) == {gap.story.id for gap in gaps if len(gap.story.members) >= 3}
        # the address keeps it
        page.reload()
        page.wait_for_selector(".coverage-table")
        assert set(table(page)[1]) == {gap.story.id for gap in gaps if len(gap.story.members) >= 3}
        page.get_by_role("button", name="Clear all").click()
        page.locator(f"tbody tr >> nth={len(news.result.stories) - 1}").wait_for()


def test_by_edition_language_and_time(started: Browser, news: Report) -> None:
    stories = news.result.stories
    with opened(started, news.path, route="#coverage?by=edition&lack=Outlet%200") as shown:
        page = shown.page
        found = find_gaps(stories, GapQuery(by="edition", lack=("Outlet 0",)))
        assert set(table(page)[1]) == {gap.story.id for gap in found}
        page.get_by_label("Has an article in").select_option("ar")
        assert set(table(page)[1]) == {gap.story.id for gap in found if "ar" in gap.story.languages}
        page.get_by_label("From (UTC)").fill("2026-03-10")
        page.get_by_label("To (UTC)").fill("2026-03-25")
        page.wait_for_timeout(100)
        expected = {
            gap.story.id
            for gap in found
            if "ar" in gap.story.languages
            and any(
                article.published and "2026-03-10" <= f"{article.published:%Y-%m-%d}" <= "2026-03-25"
                for article in gap.story.articles
            )
        }
        assert expected
        assert set(table(page)[1]) == expected


def test_it_is_ordered_by_a_click_on_a_column(started: Browser, news: Report) -> None:
    with opened(started, news.path, route="#coverage?by=language") as shown:
        page = shown.page
        times = {
            row.story.id: one.first_published
            for row in coverage_of(news.result.stories, "language").rows
            for one in row.appearances
            if one.column == "en"
        }
        ascending = sorted(times, key=lambda key: str(times[key]))
        button = page.get_by_role("columnheader", name="English").get_by_role("button")
        for order, expected in (("descending", ascending[::-1]), ("ascending", ascending)):
            button.click()
            assert list(table(page)[1])[: len(times)] == expected
            assert page.locator("th[aria-sort]").get_attribute("aria-sort") == order
            assert page.evaluate("document.activeElement.textContent").startswith("English")
        page.get_by_role("button", name="Ran in").click()
        shares = [int(one.split()[0]) for one in page.locator("td.coverage-share").all_inner_texts()]
        assert shares == sorted(shares, reverse=True)
        page.get_by_role("button", name="Ran in").click()
        shares = [int(one.split()[0]) for one in page.locator("td.coverage-share").all_inner_texts()]
        assert shares == sorted(shares)
        assert page.locator("th[aria-sort]").get_attribute("aria-sort") == "ascending"


def test_keys_move_between_cells_and_open_a_story(started: Browser, news: Report) -> None:
    with opened(started, news.path, route="#coverage?by=language") as shown:
        page = shown.page
        where = (
            "(() => { const cell = document.activeElement.closest('th, td');"
            " return [cell.parentElement.rowIndex, cell.cellIndex]; })()"
        )
        page.locator("tbody th a").first.focus()
        for key, place in (
            ("ArrowRight", [1, 1]),
            ("ArrowRight", [1, 2]),
            ("ArrowDown", [2, 2]),
            ("ArrowDown", [3, 2]),
            ("ArrowRight", [3, 3]),
            ("ArrowUp", [2, 3]),
            ("ArrowLeft", [2, 2]),
        ):
            page.keyboard.press(key)
            assert page.evaluate(where) == place
        ran = page.locator("tbody tr:nth-child(2) .cell a").first
        ran.focus()
        story = page.locator("tbody tr:nth-child(2)").get_attribute("data-story")
        page.keyboard.press("Enter")
        page.wait_for_selector(".view-story")
        assert f"#story/{story}?a=" in page.url


def test_it_is_a_table_for_who_hears_it(started: Browser, news: Report) -> None:
    with opened(started, news.path, route="#coverage") as shown:
        page = shown.page
        names = len(coverage_of(news.result.stories, "edition").columns)
        assert page.locator("table caption").inner_text()
        assert page.get_by_role("columnheader").count() == min(14, names) + 2
        assert page.get_by_role("rowheader").count() == page.locator("tbody tr").count()
        assert page.get_by_role("region", name="Which story ran where").get_attribute("tabindex") == "0"


def test_headlines_run_in_their_own_direction(started: Browser, news: Report) -> None:
    with opened(started, news.path, route="#coverage?by=language") as shown:
        for story in news.result.stories:
            language = story.representative.language
            link = shown.page.locator(f'tr[data-story="{story.id}"] .coverage-headline')
            assert link.inner_text() == story.headline
            direction = "rtl" if language in ("fa", "fa-AF", "ar") else "ltr"
            assert link.evaluate("one => getComputedStyle(one).direction") == direction
            assert link.get_attribute("lang") == language


def test_the_heads_stay_in_sight(started: Browser, news: Report) -> None:
    with opened(started, news.path, route="#coverage", width=700) as shown:
        page = shown.page
        place = (
            "() => { const scroll = document.querySelector('.coverage-scroll').getBoundingClientRect();"
            " const head = document.querySelector('thead .coverage-share').getBoundingClientRect();"
            " const side = document.querySelector('tbody th').getBoundingClientRect();"
            " return [Math.round(head.top - scroll.top), Math.round(side.left - scroll.left)]; }"
        )
        before = page.evaluate(place)
        scrolled = page.evaluate(
            "() => { const one = document.querySelector('.coverage-scroll'); one.scrollTo(300, 250);"
            " return [one.scrollLeft, one.scrollTop]; }"
        )
        assert min(scrolled) > 100
        assert page.evaluate(place) == before


@pytest.mark.parametrize(("width", "dark"), [(1280, False), (390, True)])
def test_axe_finds_nothing(started: Browser, news: Report, width: int, dark: bool) -> None:
    with opened(started, news.path, route="#coverage", width=width, dark=dark) as shown:
        assert violations(shown.page) == []
        assert shown.page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_hostile_names_are_names(started: Browser, tmp_path: Path) -> None:
    written(run_of(hostile_news()), tmp_path / "r.html")
    for by in ("edition", "language"):
        with opened(started, tmp_path / "r.html", route=f"#coverage?by={by}") as shown:
            assert shown.page.locator("tbody tr").count() > 0
            assert shown.page.evaluate("window.stolen") is None
            assert shown.page.locator(".view img, .view svg, .view script").count() == 0


def test_twenty_thousand_articles(started: Browser, tmp_path: Path) -> None:
    result = many_stories(20_000)
    written(result, tmp_path / "r.html")
    with opened(started, tmp_path / "r.html", route="#coverage") as shown:
        page = shown.page
        assert page.locator("tbody tr").count() == 50
        assert page.locator(".cell").count() == 50 * 14
        started_at = time.perf_counter()
        page.get_by_label("Did not run in").select_option("Outlet 7")
        page.locator(".results-summary", has_text="did not run").wait_for()
        assert time.perf_counter() - started_at < 5
        expected = len(find_gaps(result.stories, GapQuery(by="edition", lack=("Outlet 7",))))
        assert page.inner_text(".results-summary").startswith(f"{expected:,} of {len(result.stories):,} stories")
        first = list(table(page)[1])
        page.get_by_role("navigation", name="Pages of stories").get_by_role("button", name="Next").click()
        assert not set(first) & set(table(page)[1])
        names = table(page)[0]
        page.get_by_role("navigation", name="Pages of editions").get_by_role("button", name="Next").click()
        assert not set(names) & set(table(page)[0])
        assert len(table(page)[0]) == 14
