"""Questions about the pairs in doubt, in a real browser without a network, and what becomes of the answers."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from accessibility import violations
from browser import browser, opened
from commands import json_lines, run, use_fake_model, use_few_families
from fakes import labelled_news
from pages import hostile_news, newsroom_run, rare_news, run_of, written

from dedup.report import ReportOptions
from dedup.report.doubt import pairs_in_doubt
from dedup.settings import Settings
from dedup.write import write_articles

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

    from dedup.pipeline import Deduplication

Pair = tuple[str, str]
SHOWN = "[...document.querySelectorAll('.pane')].map((one) => one.dataset.article)"
FORGETFUL = "Object.defineProperty(window, 'localStorage', {get() { throw new DOMException('no', 'SecurityError'); }});"


@dataclass(frozen=True, slots=True)
class Report:
    result: Deduplication
    path: Path
    asked: list[Pair]
    """Ids, in the order of the questions."""
    story: dict[str, str]
    """What is true: the story of each article."""


@pytest.fixture(scope="module")
def started() -> Iterator[Browser]:
    with browser() as one:
        yield one


def report_of(result: Deduplication, path: Path, story: dict[str, str]) -> Report:
    written(result, path)
    asked = [(result.articles[one.a].id, result.articles[one.b].id) for one in pairs_in_doubt(result, 200)]
    return Report(result, path, asked, story)


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Report:
    """Families of easily confused stories: 76 pairs in doubt, of both kinds more than twenty."""
    labelled = labelled_news(families=14, seed=5)
    result = run_of([one.article for one in labelled])
    story = {one.article.id: one.story for one in labelled}
    return report_of(result, tmp_path_factory.mktemp("review") / "report.html", story)


def place(page: Page) -> str:
    return page.inner_text(".review-place")


def told(page: Page) -> str:
    return page.inner_text(".review-told")


def shown_pair(page: Page) -> list[str]:
    """Return the ids of the two that are shown."""
    page.wait_for_selector(".pane")
    found: list[str] = page.evaluate(SHOWN)
    return found


def saved(page: Page) -> list[dict[str, Any]]:
    """Press the button, and return what was downloaded."""
    with page.expect_download() as waiting:
        page.get_by_role("button", name="Save labels").click()
    assert waiting.value.suggested_filename == "labels.jsonl"
    return json_lines(Path(waiting.value.path()).read_text("utf-8"))


def test_the_questions_are_those_of_python_in_that_order(started: Browser, report: Report) -> None:
    assert len(report.asked) == 76
    with opened(started, report.path, route="#review") as shown:
        for number, pair in enumerate(report.asked[:5], start=1):
            assert place(shown.page) == f"Pair {number} of 76"
            for side, key in zip("ab", pair, strict=True):
                shown.page.locator(f'.pane[data-side="{side}"][data-article="{key}"]').wait_for()
            shown.page.keyboard.press("ArrowRight")


def test_answers_by_keys(started: Browser, report: Report) -> None:
    with opened(started, report.path, route="#review") as shown:
        page = shown.page
        page.wait_for_selector(".pane")
        for key in ("s", "d", "u", "s"):
            page.keyboard.press(key)
        assert told(page) == "4 of 76 answered: 2 same, 1 different, 1 unsure"
        assert page.evaluate("document.querySelector('.review-side progress').value") == 4
        assert place(page) == "Pair 5 of 76"
        page.keyboard.press("z")
        assert told(page).startswith("3 of 76")
        assert place(page) == "Pair 4 of 76"
        page.keyboard.press("ArrowLeft")
        assert page.get_by_role("button", name="Unsure").get_attribute("aria-pressed") == "true"
        page.keyboard.press("d")  # another answer in the place of the first; then what is open comes
        assert told(page) == "3 of 76 answered: 1 same, 2 different, 0 unsure"
        assert place(page) == "Pair 4 of 76"
        page.keyboard.press("z")
        assert told(page) == "3 of 76 answered: 1 same, 1 different, 1 unsure"
        for _ in range(3):
            page.keyboard.press("z")
        assert told(page).startswith("0 of 76")
        assert page.get_by_role("button", name="Undo").is_disabled()
        page.keyboard.press("z")
        page.keyboard.press("Control+s")
        assert told(page).startswith("0 of 76")


def test_keys_of_a_persian_keyboard_and_keys_in_fields(started: Browser, report: Report) -> None:
    press = "(key, code) => document.body.dispatchEvent(new KeyboardEvent('keydown', {key, code, bubbles: true}))"
    with opened(started, report.path, route="#review") as shown:
        page = shown.page
        page.wait_for_selector(".pane")
        page.evaluate(f"({press})('\u0633', 'KeyS')")
        page.evaluate(f"({press})('\u06cc', 'KeyD')")
        page.evaluate(f"({press})('d', 'KeyK')")  # a Latin letter is what it is, wherever it is
        assert told(page) == "3 of 76 answered: 1 same, 2 different, 0 unsure"
        page.get_by_text("Keys, and what labels are for").click()
        page.get_by_label("Answer by keys").uncheck()
        page.locator("h1").click()
        page.keyboard.press("s")
        assert told(page).startswith("3 of 76")
        page.reload()
        page.wait_for_selector(".pane")
        page.keyboard.press("s")
        assert told(page).startswith("3 of 76")


def test_answers_by_mouse_and_what_was_answered(started: Browser, report: Report) -> None:
    with opened(started, report.path, route="#review") as shown:
        page = shown.page
        page.get_by_role("button", name="Same story").click()
        page.get_by_role("button", name="Different stories").click()
        page.get_by_role("button", name="Next").click()
        assert place(page) == "Pair 4 of 76"
        page.get_by_role("button", name="Previous").click()
        page.get_by_role("button", name="Unsure").click()
        page.get_by_text("Your answers (3)").click()
        rows = page.locator(".review-again")
        assert [one.split("\n")[0] for one in rows.all_inner_texts()] == ["Same story", "Different stories", "Unsure"]
        rows.nth(1).click()
        assert place(page) == "Pair 2 of 76"
        assert (
            page.get_by_role("button", name="Different stories", exact=False).first.get_attribute("aria-pressed")
            == "true"
        )
        page.get_by_role("button", name="Undo").click()
        assert told(page) == "2 of 76 answered: 1 same, 1 different, 0 unsure"


def test_both_texts_stand_side_by_side_with_what_they_share(started: Browser, report: Report) -> None:
    with opened(started, report.path, route="#review") as shown:
        page = shown.page
        one, other = shown_pair(page)
        bodies = {article.id: article.body for article in report.result.articles}
        for number, key in enumerate((one, other)):
            assert bodies[key].split("\n")[0] in page.locator(".pane").nth(number).inner_text()
        assert page.locator(".pane .sentence-linked").count() > 1
        assert page.locator(".gutter path").count() > 0
        left, right = (page.locator(".pane").nth(number).bounding_box() for number in (0, 1))
        assert left is not None
        assert right is not None
        assert left["x"] + left["width"] < right["x"]
        # arrows within the sentences move there, and not to another pair
        page.locator(".sentence-linked[tabindex='0']").first.focus()
        page.keyboard.press("ArrowRight")
        assert place(page) == "Pair 1 of 76"
        assert page.evaluate("document.activeElement.closest('.pane').dataset.side") == "b"
        # what dedup makes of them is not said before it is asked for
        probability = pairs_in_doubt(report.result, 1)[0].probability
        assert not page.get_by_text("The run put them into").is_visible()
        page.locator(".review-why > summary").click()
        assert f"{probability:.2f}" in page.inner_text(".review-why")
        assert page.locator(".review-why .weight").count() > 0


def test_labels_are_what_was_answered(started: Browser, report: Report) -> None:
    with opened(started, report.path, route="#review") as shown:
        page = shown.page
        page.wait_for_selector(".pane")
        assert page.get_by_role("button", name="Save labels").is_disabled()
        page.keyboard.press("u")
        assert page.get_by_role("button", name="Save labels").is_disabled()
        page.keyboard.press("s")
        page.keyboard.press("d")
        labels = saved(page)
        shown.asked[:] = [one for one in shown.asked if not one.startswith("blob:")]  # the download itself
    doubts = pairs_in_doubt(report.result, 3)
    assert [(row["a"], row["b"], row["same"]) for row in labels] == [
        (*report.asked[1], True),
        (*report.asked[2], False),
    ]
    assert [row["probability"] for row in labels] == [round(one.probability, 6) for one in doubts[1:]]


def test_answers_are_there_after_the_page_was_closed(started: Browser, report: Report) -> None:
    with opened(started, report.path, route="#review") as shown:
        page = shown.page
        page.wait_for_selector(".pane")
        assert "Answers are kept in this browser." in page.inner_text(".review-side")
        page.keyboard.press("s")
        page.keyboard.press("d")
        page.reload()
        page.wait_for_selector(".pane")
        assert told(page) == "2 of 76 answered: 1 same, 1 different, 0 unsure"
        page.goto(f"{report.path.as_uri()}#stories")
        page.goto(f"{report.path.as_uri()}#review")
        page.wait_for_selector(".view-review .pane")
        assert place(page) == "Pair 3 of 76"
        page.goto(f"{report.path.as_uri()}#review?at=2")
        page.locator(".review-place", has_text="Pair 2 of 76").wait_for()
        assert page.locator(".answer-different").get_attribute("aria-pressed") == "true"


def test_it_works_where_a_browser_keeps_nothing(started: Browser, report: Report, tmp_path: Path) -> None:
    with opened(started, report.path, route="#stories") as shown:
        page = shown.page
        page.add_init_script(FORGETFUL)
        page.reload()
        page.goto(f"{report.path.as_uri()}#review")
        page.wait_for_selector(".view-review .pane")
        page.keyboard.press("s")
        page.keyboard.press("d")
        assert "This browser keeps nothing for a file" in page.inner_text(".review-side")
        page.goto(f"{report.path.as_uri()}#stories")
        page.goto(f"{report.path.as_uri()}#review")
        page.wait_for_selector(".view-review .pane")
        assert told(page).startswith("2 of 76"), "as long as the page lasts"
        (tmp_path / "labels.jsonl").write_text("".join(json.dumps(row) + "\n" for row in saved(page)))
        page.reload()
        page.wait_for_selector(".pane")
        assert told(page).startswith("0 of 76")
        page.set_input_files("#review-load", tmp_path / "labels.jsonl")
        page.locator(".review-told", has_text="2 of 76 answered").wait_for()
        assert told(page) == "2 of 76 answered: 1 same, 1 different, 0 unsure"
        shown.asked[:] = [one for one in shown.asked if not one.startswith("blob:")]


def test_labels_of_other_pairs_and_no_labels(started: Browser, report: Report, tmp_path: Path) -> None:
    a, b = report.asked[0]
    rows = [{"a": b, "b": a, "same": True}, {"a": "x", "b": "y", "same": False}]
    good, bad = tmp_path / "good.jsonl", tmp_path / "bad.jsonl"
    good.write_text("".join(json.dumps(row) + "\n" for row in rows))
    bad.write_text(json.dumps({"a": a, "b": b, "same": False}) + "\nnonsense\n")
    with opened(started, report.path, route="#review") as shown:
        page = shown.page
        page.wait_for_selector(".pane")
        page.set_input_files("#review-load", good)
        page.get_by_text("1 label taken, 1 of other pairs left out.").wait_for()
        assert told(page).startswith("1 of 76 answered: 1 same")
        page.set_input_files("#review-load", bad)
        page.get_by_text("That is no file of labels").wait_for()
        assert told(page).startswith("1 of 76 answered: 1 same")


def test_answers_that_cannot_be_true_together_are_told(started: Browser, tmp_path: Path) -> None:
    """Of three articles: the first pair and the second are one story, the third is not."""
    import numpy as np

    from dedup.pipeline import ScoredPairs
    from dedup.story import Member, make_story

    result = newsroom_run(stories=1)
    scored = ScoredPairs(pairs=np.array([[0, 1], [0, 2], [1, 2]], np.int64), log_odds=np.array([0.1, 0.2, 0.3]))
    stories = tuple(make_story([Member(article=one, probability=1.0)], keep="earliest") for one in result.articles)
    written(replace(result, scored=scored, stories=stories), tmp_path / "r.html")
    with opened(started, tmp_path / "r.html", route="#review") as shown:
        page = shown.page
        page.wait_for_selector(".pane")
        page.keyboard.press("s")
        page.keyboard.press("s")
        assert page.locator(".review-warning").count() == 0
        page.keyboard.press("d")
        assert "Called different, and yet the same by way of other answers: pair 3." in page.inner_text(
            ".review-warning"
        )
        page.locator(".review-warning").get_by_role("button", name="pair 3").click()
        assert place(page) == "Pair 3 of 3"
        page.keyboard.press("s")
        assert page.locator(".review-warning").count() == 0
        assert "All pairs are answered." in page.inner_text(".review-side")


def test_pairs_that_are_not_explained_are_asked_about_all_the_same(
    started: Browser, report: Report, tmp_path: Path
) -> None:
    written(report.result, tmp_path / "r.html", ReportOptions(explained_pairs=0, review_pairs=3))
    with opened(started, tmp_path / "r.html", route="#review") as shown:
        page = shown.page
        assert place(page) == "Pair 1 of 3"
        assert shown_pair(page) == list(report.asked[0])
        page.locator(".review-why > summary").click()
        assert "This report does not explain these two" in page.inner_text(".review-why")
        page.keyboard.press("s")
        assert told(page).startswith("1 of 3 answered: 1 same")


def test_where_nothing_is_in_doubt_it_says_why(started: Browser, tmp_path: Path) -> None:
    sure = run_of([replace(one, id=f"{one.id}-{copy}") for one in rare_news()[3:4] for copy in range(2)])
    assert sure.scored.log_odds.tolist() == [8.0]
    for result, why in (
        (sure, "No pair of this run is in doubt"),
        (run_of(rare_news()[3:4]), "No pairs of a run are here"),
    ):
        written(result, tmp_path / "r.html")
        with opened(started, tmp_path / "r.html", route="#review") as shown:
            assert why in shown.page.inner_text(".view-review")


def test_texts_run_in_their_own_direction(started: Browser, tmp_path: Path) -> None:
    written(run_of(rare_news(), Settings(threshold=0.8)), tmp_path / "r.html")
    with opened(started, tmp_path / "r.html", route="#review") as shown:
        page = shown.page
        page.wait_for_selector(".pane")
        for title in page.locator(".pane .reading-title").all():
            assert title.evaluate("one => getComputedStyle(one).direction") == "rtl"
        assert "یزد" in page.inner_text(".panes")
        page.keyboard.press("s")
        page.get_by_text("Your answers (1)").click()
        assert page.locator(".review-title").first.evaluate("one => getComputedStyle(one).direction") == "rtl"
        assert (
            page.get_by_role("button", name="Same story").first.evaluate("one => getComputedStyle(one).direction")
            == "ltr"
        )


def test_hostile_articles_are_asked_about_as_text(started: Browser, tmp_path: Path) -> None:
    result = run_of(hostile_news())
    assert len(pairs_in_doubt(result, 200)) >= 3
    written(result, tmp_path / "r.html")
    with opened(started, tmp_path / "r.html", route="#review") as shown:
        page = shown.page
        page.wait_for_selector(".pane")
        number = len(pairs_in_doubt(result, 200))
        for _ in range(number):
            page.keyboard.press("s")
        page.locator(".review-told", has_text=f"{number} of {number} answered").wait_for()
        labels = saved(page)
        shown.asked[:] = [one for one in shown.asked if not one.startswith("blob:")]
        assert page.evaluate("window.stolen") is None
        assert page.locator(".view img, .view script").count() == 0
    ids = {article.id for article in hostile_news()}
    assert {row[name] for row in labels for name in ("a", "b")} <= ids | {None}


@pytest.mark.parametrize(("width", "dark"), [(1400, False), (390, True)])
def test_axe_finds_nothing(started: Browser, report: Report, width: int, dark: bool) -> None:
    with opened(started, report.path, route="#review", width=width, dark=dark) as shown:
        page = shown.page
        page.wait_for_selector(".pane")
        assert violations(page) == []
        page.keyboard.press("s")
        page.keyboard.press("d")
        page.get_by_text("Your answers (2)").click()
        page.get_by_text("Keys, and what labels are for").click()
        page.locator(".review-why > summary").click()
        assert violations(page) == []
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_from_the_report_to_a_calibration_and_a_store(
    started: Browser, report: Report, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Answered as it is true, saved, and read by what labels are for."""
    with opened(started, report.path, route="#review") as shown:
        page = shown.page
        page.wait_for_selector(".pane")
        for a, b in report.asked:
            page.keyboard.press("s" if report.story[a] == report.story[b] else "d")
        page.locator(".review-told", has_text="76 of 76 answered").wait_for()
        assert "Enough for ‘dedup calibrate’" in page.inner_text(".review-side")
        labels = saved(page)
        shown.asked[:] = [one for one in shown.asked if not one.startswith("blob:")]
    assert [(row["a"], row["b"]) for row in labels] == report.asked
    same = sum(row["same"] for row in labels)
    assert min(same, len(labels) - same) >= 20
    file, news = tmp_path / "labels.jsonl", tmp_path / "news.jsonl"
    file.write_text("".join(json.dumps(row) + "\n" for row in labels))
    write_articles(report.result.articles, news)

    use_few_families(monkeypatch)
    use_fake_model(monkeypatch, tmp_path / "model")
    calibrated = run("calibrate", news, "--pairs", file, "--model", "fake", "--folds", "3", "-o", tmp_path / "own.json")
    assert calibrated.exit_code == 0, calibrated.output
    assert f"{same} pairs of one story, {len(labels) - same} of different stories" in calibrated.stdout
    assert run("cluster", news, "--calibration", tmp_path / "own.json").exit_code == 0

    assert run("store", "add", tmp_path / "s", news, "--encoder", "fast").exit_code == 0
    corrected = run("store", "correct", tmp_path / "s", "--labels", file)
    assert corrected.exit_code == 0, corrected.output
    assert f"{len(labels)} kept, 0 said before, 0 refused" in corrected.stderr
    stories = json_lines(run("store", "list", tmp_path / "s").stdout)
    found = {article["id"]: row["id"] for row in stories for article in row["articles"]}
    assert [found[row["a"]] == found[row["b"]] for row in labels] == [row["same"] for row in labels]
