"""The site as it is built: whole, the same text as on GitHub, and without a word to any other server."""

from __future__ import annotations

import re
from collections import Counter
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from documents import PAGES, ROOT
from markdown_it import MarkdownIt

from scripts.site_hooks import ROOT_PAGES, formula, licence_page, site_link

_REPOSITORY = "https://example.org/{kind}/main/{path}"
_VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
_COUNTED = ("blockquote", "h1", "h2", "h3", "h4", "li", "ol", "pre", "table", "td", "ul")
pytestmark = pytest.mark.slow  # the site is built once, in some seconds
WRITTEN = [ROOT / name for name in ROOT_PAGES] + [path for path in PAGES if path.parent.name != "api"]


class _Page(HTMLParser):
    """Collects what a page asks for, and which elements its text has."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.asked: list[str] = []
        self.elements: Counter[str] = Counter()
        self._inside = 0
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        name = {"link": "href", "script": "src", "img": "src", "iframe": "src", "source": "src"}.get(tag)
        if name and given.get(name) and given.get("rel") != "canonical":
            self.asked.append(given[name] or "")
        if self._inside:
            self.elements[tag] += 1
        if tag == "article" or (self._inside and tag not in _VOID):
            self._inside += 1

    def handle_endtag(self, tag: str) -> None:
        if self._inside and tag not in _VOID:
            self._inside -= 1


def built_name(path: Path) -> str:
    name = ROOT_PAGES.get(path.name) if path.parent == ROOT else str(path.relative_to(ROOT / "docs"))
    assert name is not None
    return name.removesuffix(".md") + ".html"


def test_no_page_asks_another_server(site: Path) -> None:
    pages = list(site.rglob("*.html"))
    assert len(pages) >= 20
    for page in pages:
        foreign = [url for url in _Page(page.read_text("utf-8")).asked if re.match(r"(?:https?:)?//", url)]
        assert not foreign, f"{page.name}: {foreign}"
        assert 'data-md-component="source"' not in page.read_text("utf-8")  # it would ask for stars of the repository
    for sheet in site.rglob("*.css"):
        assert not re.search(r"(?:@import|url\()\s*['\"]?(?:https?:)?//", sheet.read_text("utf-8")), sheet.name


def test_search_is_on_the_site(site: Path) -> None:
    index = (site / "search" / "search_index.js").read_text("utf-8")
    for text in ("window-days", "cluster_vectors", "B-cubed", "dedup store expire"):
        assert text in index
    assert (site / "assets" / "iframe-worker.js").is_file()


@pytest.mark.parametrize("path", WRITTEN, ids=lambda path: path.name)
def test_a_page_has_the_shape_that_it_has_on_github(path: Path, site: Path) -> None:
    """Lists and blocks that only one of the two kinds of Markdown understands are told by their number."""
    expected: Counter[str] = Counter()
    tokens = MarkdownIt("commonmark").enable("table").parse(path.read_text("utf-8"))
    for token in tokens:
        if token.nesting == 1:
            expected[token.tag] += 1
        elif token.type == "fence" and token.info.strip() != "math":
            expected["pre"] += 1
    found = _Page((site / built_name(path)).read_text("utf-8")).elements
    assert {tag: found[tag] for tag in _COUNTED} == {tag: expected[tag] for tag in _COUNTED}


def test_the_pages_beside_docs_are_there_whole(site: Path) -> None:
    licence = (site / "licence.html").read_text("utf-8")
    for name in ("LICENSE", "NOTICE"):
        assert (ROOT / name).read_text("utf-8").strip() in licence_page()
        assert f'id="{name.lower()}"' in licence
    assert "Keep a Changelog" in (site / "changelog.html").read_text("utf-8")
    assert "pre-commit" in (site / "contributing.html").read_text("utf-8")
    assert "siblings wrongly merged" in (site / "index.html").read_text("utf-8")


@pytest.mark.parametrize(
    ("page", "target", "expected"),
    [
        ("store.md", "calibration.md#labels", "calibration.md#labels"),
        ("store.md", "../README.md#how-well", "index.md#how-well"),
        ("store.md", "../dedup/pipeline.py", "https://example.org/blob/main/dedup/pipeline.py"),
        ("store.md", "../dedup/store", "https://example.org/tree/main/dedup/store"),
        ("store.md", "../NOTICE", "licence.md"),
        ("store.md", "#format", "#format"),
        ("store.md", "https://example.org/x", "https://example.org/x"),
        ("store.md", "../no/such/file", "../no/such/file"),
        ("store.md", "../../outside", "../../outside"),
        ("api/store.md", "../store.md", "../store.md"),
        ("api/store.md", "../../README.md", "../index.md"),
        ("index.md", "docs/cli.md#exit-codes", "cli.md#exit-codes"),
        ("index.md", "CONTRIBUTING.md", "contributing.md"),
        ("index.md", "benchmarks", "https://example.org/tree/main/benchmarks"),
        ("contributing.md", "CHANGELOG.md", "changelog.md"),
    ],
)
def test_a_link_that_works_in_the_repository_works_on_the_site(page: str, target: str, expected: str) -> None:
    assert site_link(page, target, _REPOSITORY) == expected


def test_a_formula_is_drawn_without_fonts_and_scripts() -> None:
    drawn = formula(r"\frac{a_i}{\sum_k b_k} < \| v \|")
    assert drawn.startswith("<svg")
    assert '<path d="M' in drawn
    assert 'aria-label="\\frac{a_i}{\\sum_k b_k} &lt; \\| v \\|"' in drawn
    assert drawn == formula.__wrapped__(r"\frac{a_i}{\sum_k b_k} < \| v \|")
    with pytest.raises(ValueError, match="nosuch"):
        formula(r"\nosuch{x}")


def test_formulas_are_drawn_in_lines_and_lists(site: Path) -> None:
    page = (site / "how-it-works.html").read_text("utf-8")
    source = (ROOT / "docs" / "how-it-works.md").read_text("utf-8")
    formulas = len(re.findall(r"\$`[^`]+`\$", source)) + source.count("```math")
    assert formulas > 20
    assert page.count('<svg class="formula"') + page.count("<svg aria-label") == formulas


def test_the_site_in_a_browser_searches_and_stays_at_home(site: Path) -> None:
    sync_api = pytest.importorskip("playwright.sync_api")
    with sync_api.sync_playwright() as playwright:
        browser = _browser(playwright)
        page = browser.new_page()
        asked: list[str] = []
        broken: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        page.on("pageerror", lambda error: broken.append(str(error)))
        page.goto((site / "index.html").as_uri())
        page.fill("[data-md-component=search-query]", "expire")
        # attached: whether they are seen goes by the focus, and the page may have been filled before it listened for it
        page.wait_for_selector(".md-search-result__link[href*='store.html']", state="attached", timeout=20_000)
        browser.close()
    assert not broken
    assert asked
    assert all(url.startswith(("file:", "data:", "blob:", "about:")) for url in asked), asked


def _browser(playwright: Any) -> Any:
    """Start a Chromium: that of playwright, else one of the machine's."""
    import shutil

    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    try:
        return playwright.chromium.launch(executable_path=found, args=["--no-sandbox"] if found else [])
    except Exception as error:  # noqa: BLE001 - whatever playwright raises without a browser
        pytest.skip(f"no Chromium here: {error}")
