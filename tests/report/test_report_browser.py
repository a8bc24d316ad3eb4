"""The page in a real browser, offline: what readers see, type, point at and hear."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from browser import browser, opened
from pages import HOSTILE, hostile_news, many_stories, rare_news, run_of, told_news

from dedup.pipeline import Deduplication
from dedup.report import ReportOptions, write_report
from dedup.story import Story

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

SECONDS = 3.0
"""In which a page of 20,000 articles has its list, and answers a search."""


@pytest.fixture(scope="module")
def started() -> Iterator[Browser]:
    with browser() as running:
        yield running


@pytest.fixture(scope="module")
def run() -> Deduplication:
    """Return the hand-written articles and a story of five in five languages."""
    return run_of([*rare_news(), *told_news()])


@pytest.fixture(scope="module")
def report(run: Deduplication, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("report") / "report.html"
    write_report(run, path)
    return path


@pytest.fixture(scope="module")
def story(run: Deduplication) -> str:
    return f"#story/{run.stories[0].id}"


@pytest.fixture(scope="module")
def copies(run: Deduplication) -> str:
    """Return the address of a story with two articles chosen that are one text."""
    for story in run.stories:
        for a, b in itertools.combinations(story.articles, 2):
            if a.text == b.text:
                return f"#story/{story.id}?a={a.id}&b={b.id}"
    raise AssertionError("no two articles are one text")


def earliest(story: Story) -> datetime:
    return min(article.published for article in story.articles if article.published)


def latest(story: Story) -> datetime:
    return max(article.published for article in story.articles if article.published)


def shown(page: Page) -> list[str]:
    """Return the headlines in the list, in its order."""
    return [text.strip() for text in page.locator(".story-headline a > bdi").all_inner_texts()]


def search(page: Page, words: str) -> list[str]:
    before = page.inner_text(".results-summary")
    page.fill("input[type=search]", words)
    page.wait_for_function("dedupReport.search().isReady()")
    page.wait_for_function(
        "before => document.querySelector('.results-summary').textContent !== before", arg=before, timeout=5_000
    )
    page.wait_for_timeout(250)
    return shown(page)


def test_all_stories_are_listed_in_the_order_of_the_run(started: Browser, report: Path, run: Deduplication) -> None:
    with opened(started, report) as it:
        assert shown(it.page) == [story.headline for story in run.stories]
        assert it.page.inner_text(".results-summary") == f"{len(run.stories)} stories, {len(run.articles)} articles"


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("apricot", ["en-1"]),
        ("APRICOT orchards", ["en-1"]),
        ('"ruins apricot"', ["en-1"]),
        ('"apricot ruins"', []),
        ("plateau courier", ["en-1"]),  # the outlet
        ("smudge pots", ["en-1"]),  # of the text
        ("ığdır", ["tr-1", "en-1"]),
        ("IGDIR", ["tr-1", "en-1"]),
        ("ıslak", ["tr-1"]),
        ("islak", ["tr-1"]),
        ("İSLAK", ["tr-1"]),
        ("capljina", ["en-2"]),
        ("ملك", ["fa-1", "fa-2", "ar-1"]),  # Arabic kaf finds the Persian one
        ("ملک", ["fa-1", "fa-2", "ar-1"]),
        ("کتابخانه", ["fa-1", "fa-2"]),
        ("كتابخانه", ["fa-1", "fa-2"]),
        ("می\u200cشود", ["fa-1"]),
        ("ميشود", ["fa-1"]),
        ("1200", ["fa-1", "fa-2", "ar-1"]),
        ("۱۲۰۰", ["fa-1", "fa-2", "ar-1"]),
        ("no such word", []),
    ],
)  # fmt: skip
def test_a_search_finds_what_only_looks_different(
    started: Browser, report: Path, run: Deduplication, words: str, found: list[str]
) -> None:
    by_id = {article.id: article for article in run.articles}
    stories = {next(story.headline for story in run.stories if by_id[one] in story.articles) for one in found}
    with opened(started, report) as it:
        assert set(search(it.page, words)) == stories
        assert f"q={words[:2]}" in it.page.evaluate("decodeURIComponent(location.hash).replaceAll('+', ' ')")


def test_what_was_found_is_lit_in_its_own_spelling(started: Browser, report: Path) -> None:
    with opened(started, report) as it:
        search(it.page, "igdir")
        assert set(it.page.locator(".hit").all_inner_texts()) == {"Iğdır", "Igdir"}
        search(it.page, "ملك")
        # as it was written, with the letter that the article has
        assert set(it.page.locator(".story-headline .hit").all_inner_texts()) <= {"ملک", "ملك"}
        search(it.page, "smudge")
        assert it.page.locator(".story-where .hit").inner_text() == "Smudge"


def test_filters_leave_what_they_say(started: Browser, report: Path, run: Deduplication) -> None:
    def headlines(wanted: Callable[[Story], bool]) -> set[str]:
        return {story.headline for story in run.stories if wanted(story)}

    with opened(started, report) as it:
        page = it.page
        page.get_by_label("Turkish").check()
        assert set(shown(page)) == headlines(lambda story: "tr" in story.languages)
        page.get_by_label("English").check()
        assert set(shown(page)) == headlines(lambda story: {"tr", "en"} <= set(story.languages))
        page.get_by_label("Turkish").uncheck()
        page.get_by_label("English").uncheck()
        page.get_by_label("Edition or outlet").select_option("Plateau Courier")
        assert set(shown(page)) == headlines(lambda story: "Plateau Courier" in story.editions)
        page.get_by_label("Edition or outlet").select_option("")
        page.get_by_label("Articles", exact=True).select_option("2")
        several = headlines(lambda story: len(story.members) > 1)
        assert set(shown(page)) == several < {story.headline for story in run.stories}
        page.get_by_label("Articles", exact=True).select_option("alone")
        assert set(shown(page)) == headlines(lambda story: len(story.members) == 1) != set()
        page.get_by_label("Articles", exact=True).select_option("1")
        page.get_by_label("Lowest probability").select_option("0.95")
        assert set(shown(page)) == headlines(lambda story: min(m.probability for m in story.members) < 0.95)
        page.get_by_label("Lowest probability").select_option("")
        page.get_by_label("From (UTC)").fill("2026-04-12")
        page.get_by_label("To (UTC)").fill("2026-04-12")
        day = datetime(2026, 4, 12, tzinfo=UTC)
        of_the_day = headlines(lambda story: latest(story) >= day and earliest(story) < day + timedelta(days=1))
        assert set(shown(page)) == of_the_day != set()
        page.get_by_role("button", name="Clear all").click()
        page.wait_for_function(
            "count => document.querySelectorAll('.story-card').length === count", arg=len(run.stories)
        )
        page.get_by_label("Order").select_option("newest")
        newest = sorted(run.stories, key=lambda story: -latest(story).timestamp())
        assert shown(page)[0] == newest[0].headline


def test_the_address_keeps_the_list_and_back_brings_it_again(started: Browser, report: Path) -> None:
    with opened(started, report, route="#stories?q=frost&size=alone") as it:
        page = it.page
        assert page.input_value("input[type=search]") == "frost"
        assert len(shown(page)) == 1
        page.locator(".story-headline a").click()
        page.wait_for_selector(".view-story h1")
        page.get_by_role("link", name="All stories").click()
        page.wait_for_selector(".view-stories")
        assert page.input_value("input[type=search]") == "frost"


def test_a_story_has_its_texts_links_figure_and_reasons(
    started: Browser, report: Path, run: Deduplication, story: str
) -> None:
    members = run.stories[0].members
    with opened(started, report, route=story) as it:
        page = it.page
        page.wait_for_selector(".pane .sentence-linked")
        assert page.inner_text("h1") == run.stories[0].headline
        assert page.locator(".pane").count() == 2
        assert page.locator(".spread-label").count() == len(members)
        assert page.locator(".spread-drawing .node").count() == len(members)
        assert page.locator(".edge").count() == sum(member.of is not None for member in members)
        assert page.locator(".reason").count() == len(members)
        for member, text in zip(members, page.locator(".reason").all_inner_texts(), strict=True):
            assert (member.relation or "Unknown").capitalize() in text
            assert "belongs here" in text
        page.wait_for_selector(".reason .weight")
        assert page.locator(".why .fact-row").count() > 0
        for side in ("a", "b"):
            marks = page.locator(f"[data-side={side}] mark.fact").all_inner_texts()
            assert set(marks) & {"40", "41", "42"}
        # a mark and its row in the list light each other
        number = page.locator("[data-side=a] mark.fact", has_text="4").first
        number.hover()
        assert page.locator("[data-side=b] mark.fact-on").all_inner_texts() == [number.inner_text()]
        assert page.locator(".fact-row.fact-on").count() == 1
        # two others
        page.get_by_label("First article").select_option(index=1)
        page.get_by_label("Second article").select_option(index=4)
        page.wait_for_function("id => location.hash.includes(encodeURIComponent(id))", arg=members[4].article.id)
        page.wait_for_function(
            "label => document.querySelectorAll('.pane')[1].getAttribute('aria-label').startsWith(label)",
            arg={"fa": "Farsi", "fa-AF": "Dari", "ar": "Arabic", "en": "English", "tr": "Turkish"}[
                members[4].article.language
            ],
        )
        assert page.locator(".pane").nth(1).locator(".reading-title").inner_text() == members[4].article.title


def lit(page: Page, side: str) -> list[str]:
    return page.locator(f"[data-side={side}] .sentence-lit").all_inner_texts()


def test_sentences_light_together_by_mouse(started: Browser, report: Path, copies: str) -> None:
    with opened(started, report, route=copies) as it:
        page = it.page
        first = page.locator("[data-side=a] .sentence-linked").nth(1)
        first.hover()
        [left], [right] = lit(page, "a"), lit(page, "b")
        assert left == right == first.inner_text()
        assert page.locator(".link-lit").count() == 1
        page.mouse.move(2, 2)
        page.wait_for_function("!document.querySelector('.sentence-lit')")
        first.click()
        page.mouse.move(2, 2)
        assert lit(page, "b") == [right]
        assert first.get_attribute("aria-pressed") == "true"
        first.click()
        assert first.get_attribute("aria-pressed") == "false"


def test_sentences_light_together_by_keyboard(started: Browser, report: Path, copies: str) -> None:
    with opened(started, report, route=copies) as it:
        page = it.page
        page.wait_for_selector(".pane .sentence-linked")
        page.get_by_role("button", name="Swap the two articles").focus()
        page.keyboard.press("Tab")  # the second choice
        page.keyboard.press("Tab")

        def here() -> tuple[str, str]:
            return page.evaluate(  # type: ignore[no-any-return]  # what a page returns has no type
                "[document.activeElement.closest('[data-side]').dataset.side, document.activeElement.textContent]"
            )

        side, text = here()
        assert side == "a"
        assert lit(page, "a") == [text]
        assert lit(page, "b") == [text]
        page.keyboard.press("ArrowDown")
        assert here()[1] != text
        assert lit(page, "b") == [here()[1]]
        page.keyboard.press("ArrowRight")
        assert here()[0] == "b"
        page.keyboard.press("Enter")
        assert page.evaluate("document.activeElement.getAttribute('aria-pressed')") == "true"
        page.keyboard.press("ArrowLeft")
        assert here()[0] == "a"
        page.keyboard.press("Escape")
        assert page.locator("[aria-pressed=true]").count() == 0
        assert page.locator(".sentence-lit").count() == 0


def test_a_phone_shows_the_counterpart_below(started: Browser, report: Path, copies: str) -> None:
    with opened(started, report, route=copies, width=390) as it:
        page = it.page
        first = page.locator("[data-side=a] .sentence-linked").nth(1)
        first.click()
        strip = page.locator(".counterpart")
        assert strip.is_visible()
        assert first.inner_text() in strip.inner_text()
        box = strip.bounding_box()
        assert box is not None
        assert box["y"] + box["height"] <= 900


@pytest.mark.parametrize("width", [390, 768, 1280])
@pytest.mark.parametrize("route", ["", "story", "#charts"])
def test_nothing_is_wider_than_the_window(started: Browser, report: Path, story: str, route: str, width: int) -> None:
    with opened(started, report, route=story if route == "story" else route, width=width) as it:
        it.page.wait_for_timeout(300)
        assert it.page.evaluate("document.documentElement.scrollWidth") <= width


def test_texts_stand_in_their_own_direction(started: Browser, report: Path, run: Deduplication) -> None:
    with opened(started, report) as it:
        page = it.page
        directions = {"fa": "rtl", "fa-AF": "rtl", "ar": "rtl", "en": "ltr", "tr": "ltr"}
        for story, card in zip(run.stories, page.locator(".story-card").all(), strict=True):
            style = card.locator(".story-headline bdi").evaluate(
                "one => { const its = getComputedStyle(one); return [its.direction, its.unicodeBidi, one.lang]; }"
            )
            assert style == [directions[story.representative.language], "isolate", story.representative.language]
        assert page.evaluate("getComputedStyle(document.documentElement).direction") == "ltr"
    two = next(one for one in run.stories if {"fa", "en"} <= set(one.languages))
    with opened(started, report, route=f"#story/{two.id}") as it:
        it.page.wait_for_selector(".pane .reading")
        for pane in it.page.locator(".pane").all():
            language, direction, align = pane.locator(".reading").evaluate(
                "one => [one.lang, getComputedStyle(one).direction, getComputedStyle(one).textAlign]"
            )
            assert (direction, align) == (directions[language], "start")
            # a paragraph from right to left ends at the right
            assert pane.locator("p").last.evaluate("one => getComputedStyle(one).direction") == direction


def test_charts_have_their_numbers_as_tables(started: Browser, report: Path, run: Deduplication) -> None:
    with opened(started, report, route="#charts") as it:
        page = it.page
        assert page.locator(".plot svg .bar").count() > 8
        for title, total in (
            ("Sizes of stories", len(run.stories)),
            ("Languages", len(run.articles)),
            ("Articles over time", len(run.articles)),
            ("How sure", sum(len(story.members) for story in run.stories if len(story.members) > 1)),
        ):
            figure = page.locator("figure", has=page.get_by_role("heading", name=title, exact=True))
            figure.locator("summary").click()
            assert sum(int(text) for text in figure.locator("tbody td").all_inner_texts()) == total


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390], ids=["desktop", "phone"])
@pytest.mark.parametrize("view", ["stories", "story", "charts"])
def test_there_is_nothing_that_axe_complains_of(
    started: Browser, report: Path, story: str, view: str, width: int, dark: bool
) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    with opened(started, report, route=story if view == "story" else f"#{view}", width=width, dark=dark) as it:
        page = it.page
        page.wait_for_selector({"stories": ".story-card", "story": ".reason .weight", "charts": ".bar"}[view])
        for summary in page.locator("summary").all():
            if summary.is_visible() and summary.evaluate("one => !one.parentElement.open"):
                summary.click()
        if view == "story":
            page.locator("[data-side=a] .sentence-linked").first.click()
        found = axe.run(page)
        assert found.violations_count == 0, found.generate_report()


def test_the_link_to_the_content_keeps_the_address(started: Browser, report: Path) -> None:
    with opened(started, report, route="#charts") as it:
        it.page.keyboard.press("Tab")
        assert it.page.evaluate("document.activeElement.textContent") == "Skip to content"
        it.page.keyboard.press("Enter")
        assert it.page.evaluate("[document.activeElement.id, location.hash]") == ["main", "#charts"]


def test_what_holds_together_through_others_shows_the_way(started: Browser, run: Deduplication, tmp_path: Path) -> None:
    # one pair of the story is put below the threshold: the others still hold it together
    story = run.stories[0]
    first, second = sorted(article.id for article in story.articles)[:2]
    places = [[article.id for article in run.articles].index(one) for one in (first, second)]
    log_odds = run.scored.log_odds.copy()
    log_odds[(run.scored.pairs == places).all(axis=1)] = -2.0
    path = tmp_path / "r.html"
    write_report(replace(run, scored=replace(run.scored, log_odds=log_odds)), path)
    with opened(started, path, route=f"#story/{story.id}?a={first}&b={second}") as it:
        shown = it.page.inner_text(".verdict")
        assert "0.12 probability that these two tell one story, not above the threshold" in shown
        assert "Together through others: " in shown
        ends = [next(article.edition for article in story.articles if article.id == one) for one in (first, second)]
        assert it.page.locator(".path bdi").first.inner_text() == ends[0]
        assert it.page.locator(".path bdi").last.inner_text() == ends[1]


def test_the_colours_can_be_chosen(started: Browser, report: Path) -> None:
    with opened(started, report) as it:
        page = it.page
        ground = "getComputedStyle(document.body).backgroundColor"
        light = page.evaluate(ground)
        button = page.locator("#theme")
        assert "as the system" in (button.get_attribute("aria-label") or "")
        button.click()
        assert page.evaluate(ground) == light
        button.click()
        assert page.evaluate(ground) != light
        page.reload()
        page.wait_for_selector(".story-card")
        assert page.evaluate(ground) != light


def test_hostile_texts_are_shown_and_do_nothing(started: Browser, tmp_path: Path) -> None:
    result = run_of(hostile_news())
    path = tmp_path / "hostile.html"
    write_report(result, path, options=ReportOptions(title=HOSTILE[1]))
    with opened(started, path) as it:
        page = it.page
        listed = page.locator(".story-headline bdi").all_inner_texts()
        assert len(listed) == len(result.stories)
        for text in HOSTILE[:4]:
            assert any(text in headline for headline in listed)
        assert page.locator(".brand").inner_text().strip() == HOSTILE[1]
        for story in result.stories:
            page.evaluate("id => dedupReport.go('story', [id])", story.id)
            page.wait_for_selector(".view-story h1")
            page.wait_for_selector(".reading")
            assert page.locator(".view-story a[target]").count() == 0
        page.evaluate("dedupReport.go('charts')")
        page.wait_for_selector(".bar")
        assert page.evaluate("window.stolen") is None
        assert page.locator("img, iframe, object, embed, svg[onload]").count() == 0


def test_overrides_of_direction_are_marks_and_turn_nothing_round(started: Browser, tmp_path: Path) -> None:
    path = tmp_path / "hostile.html"
    write_report(run_of(hostile_news()), path)
    with opened(started, path) as it:
        marks = it.page.locator(".control-mark").all_inner_texts()
        assert {"U+202E", "U+2066", "U+202B", "U+0000", "U+001B"} <= set(marks)
        text = it.page.evaluate("document.body.innerText")
        assert not re.search("[\u202a-\u202e\u2066-\u2069]", text)


def test_the_policy_stops_what_would_slip_through(started: Browser, report: Path) -> None:
    """Were a text ever taken for markup, it would still not run, nor load anything."""
    with opened(started, report) as it:
        it.page.evaluate(
            """() => {
              const box = document.createElement('div');
              document.body.append(box);
              box.innerHTML = '<img src="x" onerror="window.stolen = 1"><a href="javascript:window.stolen=1">x</a>';
              const script = document.createElement('script');
              script.textContent = 'window.stolen = 1';
              document.body.append(script);
              box.querySelector('a').click();
            }"""
        )
        it.page.wait_for_timeout(300)
        assert it.page.evaluate("window.stolen") is None
        refused = [text for text in it.complaints if "Content Security Policy" in text]
        assert len(refused) >= 3
        it.complaints.clear()
        it.asked.clear()


def test_twenty_thousand_articles_are_there_and_searched_in_time(started: Browser, tmp_path: Path) -> None:
    result = many_stories(20_000)
    path = tmp_path / "many.html"
    write_report(result, path)
    word = result.stories[len(result.stories) // 2].articles[0].body.split()[7]
    holding = sum(
        any(word in article.title.casefold() or word in article.body for article in story.articles)
        for story in result.stories
    )
    times = []
    for _ in range(_TRIES):
        with opened(started, path) as it:
            page = it.page
            page.wait_for_selector(".story-card")
            listed = page.evaluate("performance.now()") / 1000
            took, summary = page.evaluate(_SEARCH, word)
            times.append((listed, took))
            assert re.match(r"[\d,]+ of 7,\d+ stories", summary), summary
            # the page finds a word inside another one too
            assert int(summary.split()[0].replace(",", "")) >= holding > 0
            # every story can be reached
            page.fill("input[type=search]", "")
            page.wait_for_selector(f"text={len(result.stories):,} stories, 20,000 articles")
            page.get_by_role("button", name="Next").click()
            assert page.locator(".story-card").count() == 40
            assert "Page 2 of" in page.locator(".pager").inner_text()
        if max(times[-1]) < SECONDS:
            break
    assert any(max(one) < SECONDS for one in times), times


# Other work on the machine makes a try slow, never fast.
_TRIES = 3
_SEARCH = """async (word) => {
  const start = performance.now();
  const field = document.querySelector('input[type=search]');
  field.value = word;
  field.dispatchEvent(new Event('input'));
  const text = () => document.querySelector('.results-summary').textContent;
  const before = text();
  while (text() === before || text().includes('unpacked')) await new Promise((resume) => setTimeout(resume, 10));
  return [(performance.now() - start) / 1000, text()];
}"""
"""Type a word; how many seconds until all texts have been searched for it, and what is said then."""


def test_a_view_can_be_added(started: Browser, report: Path) -> None:
    with opened(started, report) as it:
        page = it.page
        page.evaluate(
            """() => dedupReport.view({name: 'extra', title: 'Extra', order: 15, render(container, data, params) {
              container.append(`${data.stories.length} ${params.path.join('|')} ${params.query.get('x')}`);
              return () => { window.left = true; };
            }})"""
        )
        page.evaluate("dedupReport.go('extra', ['a/b', 'ج'], {x: 'y z'})")
        page.wait_for_selector(".view-extra")
        assert page.inner_text(".view-extra").endswith("a/b|ج y z")
        assert page.locator(".page-nav a").all_inner_texts()[:2] == ["Stories", "Extra"]
        page.evaluate("dedupReport.go('stories')")
        page.wait_for_selector(".story-card")
        assert page.evaluate("window.left") is True
