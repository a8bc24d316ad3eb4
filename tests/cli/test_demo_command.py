"""With the bundled model: the demo, and the page with which the project began."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

import pytest
from commands import json_lines, run

ROOT = Path(__file__).resolve().parents[2]
SHARED = Path(os.environ.get("DEDUP_SHARED") or ROOT.parent / "shared")
PAGE = SHARED / "data" / "page.txt"


@pytest.fixture(scope="module")
def shown() -> str:
    """Return what the demo prints; it encodes 180 articles, so it runs once."""
    result = run("demo")
    assert result.exit_code == 0, result.output
    return result.stdout


@pytest.mark.model
def test_the_demo_shows_stories_in_their_languages(shown: str) -> None:
    head, *_ = shown.split("\n\n")
    assert re.match(r"\d+ invented news articles: ", head)
    for language in ("fa", "fa-AF", "ar", "en", "tr"):
        assert re.search(rf"^  {language} +\d\d-\d\d \d\d:\d\d  [01]\.\d\d  [a-z]+ +\S", shown, re.MULTILINE)
    for relation in ("original", "translation", "independent"):
        assert f"  {relation} " in shown
    headings = re.findall(r"^(\d+) articles  (.+?)  \d{4}-", shown, re.MULTILINE)
    assert len(headings) == 3
    assert all(len(languages.split()) >= 3 for _, languages in headings)


@pytest.mark.model
def test_the_demo_tells_how_good_it_was(shown: str) -> None:
    figure = re.search(r"B-cubed +([\d.]+) +([\d.]+) +([\d.]+)", shown)
    assert figure
    assert float(figure[3]) >= 0.85
    assert re.search(r"siblings wrongly merged +[\d.]+% +\d+ of \d+ pairs", shown)
    assert "Two events that are easily confused, kept apart:" in shown
    merged = re.search(r"(\d+) of \d+ pairs", shown)
    assert merged
    assert ("Two events wrongly joined:" in shown) == (int(merged[1]) > 0)


@pytest.mark.model
def test_the_demo_reads_pages_and_says_what_to_try(shown: str) -> None:
    assert re.search(
        r"^\d+ pages of text, read straight in: \d+ stories, by the labels \d+\. One page:", shown, re.MULTILINE
    )
    for part in ("file", "language", "published", "section", "city", "title"):
        assert re.search(rf"^  {part} +\S", shown, re.MULTILINE)
    assert "dedup cluster " in shown.partition("To try next:")[2]


@pytest.mark.model
def test_russian_and_urdu_are_grouped_by_the_bundled_model(tmp_path: Path) -> None:
    rows = [
        {"id": "ru", "title": "В Казани открыли новый мост через Волгу длиной 900 метров", "date": "2026-03-02"},
        {"id": "en", "title": "New 900-metre bridge over the Volga opened in Kazan", "date": "2026-03-02"},
        {"id": "ur", "title": "لاہور ہائی کورٹ نے بجلی کے نرخوں میں اضافہ روک دیا", "date": "2026-03-02"},
    ]
    (tmp_path / "n.jsonl").write_text("\n".join(map(json.dumps, rows)))
    result = run("cluster", tmp_path / "n.jsonl", "--no-cache")
    assert result.exit_code == 0, result.output
    groups = [[article["id"] for article in row["articles"]] for row in json_lines(result.stdout)]
    assert ["ur"] in groups
    languages = {article["id"]: article["language"] for row in json_lines(result.stdout) for article in row["articles"]}
    assert languages == {"ru": "ru", "en": "en", "ur": "ur"}


@pytest.mark.model
@pytest.mark.shared
@pytest.mark.skipif(not PAGE.exists(), reason="needs data/page.txt of the shared folder")
def test_the_page_is_one_story(tmp_path: Path) -> None:
    result = run("cluster", PAGE, "-o", tmp_path / "s.jsonl")
    assert result.exit_code == 0, result.output
    (row,) = json_lines((tmp_path / "s.jsonl").read_text("utf-8"))
    (article,) = row["articles"]
    assert article["title"] == "Top Commander Underlines IRGC's Readiness to Train Iraqi Armed Forces"
    assert (article["section"], article["city"], article["agency"]) == ("Politics", "Tehran", "FNA")
    assert article["published"].startswith("2023-02-27T15:44")
    assert (article["language"], row["languages"]) == ("en", ["en"])
