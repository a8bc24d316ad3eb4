"""The page as a file: one policy, one hash for each script and style, nothing from elsewhere."""

from __future__ import annotations

import base64
import hashlib
import re
from html.parser import HTMLParser
from importlib import resources
from pathlib import Path

import pytest
from pages import hostile_news, newsroom_run, run_of, written

ASSETS = resources.files("dedup.report") / "assets"
SOURCES = sorted(
    (file.name, file.read_text("utf-8"))
    for folder in ("core", "views")
    for file in (ASSETS / folder).iterdir()
    if file.name.endswith((".js", ".css"))
)
SCRIPTS = [(name, text) for name, text in SOURCES if name.endswith(".js")]


class Parts(HTMLParser):
    """The scripts, styles and elements of a page as an HTML parser sees them."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[tuple[str, str]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        if self.tags[-1:] and self.tags[-1][0] in ("script", "style") and data.strip():
            kind = "data" if self.tags[-1][1].get("type") else self.tags[-1][0]
            self.texts.append((kind, data))


@pytest.fixture(scope="module", params=["invented", "hostile"])
def page(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> str:
    result = newsroom_run() if request.param == "invented" else run_of(hostile_news())
    return written(result, tmp_path_factory.mktemp("page") / "report.html")


def test_the_policy_names_every_script_and_style_and_nothing_else(page: str) -> None:
    parts = Parts(page)
    [policy] = [
        attributes["content"] or ""
        for tag, attributes in parts.tags
        if tag == "meta" and attributes.get("http-equiv") == "Content-Security-Policy"
    ]
    rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))
    assert rules["default-src"] == rules["base-uri"] == rules["form-action"] == "'none'"
    assert set(rules) == {"default-src", "script-src", "style-src", "img-src", "base-uri", "form-action"}
    for kind in ("script", "style"):
        hashes = [
            f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
            for one, text in parts.texts
            if one == kind
        ]
        assert rules[f"{kind}-src"].split() == hashes
        assert len(hashes) >= 4
    assert "unsafe" not in policy


def test_nothing_is_loaded_and_nothing_runs_but_the_scripts(page: str) -> None:
    for tag, attributes in Parts(page).tags:
        assert not any(name.startswith("on") for name in attributes)
        assert "src" not in attributes
        assert "style" not in attributes
        if tag == "link":
            assert attributes == {"rel": "icon", "href": "data:,"}
        elif "href" in attributes:
            assert (attributes["href"] or "").startswith("#")
        assert tag not in ("iframe", "object", "embed", "base", "form", "img")


def test_the_policy_stands_before_all_that_it_governs(page: str) -> None:
    assert page.index("Content-Security-Policy") < page.index("<style>") < page.index("<script")


@pytest.mark.parametrize(("name", "text"), SCRIPTS, ids=[name for name, _ in SCRIPTS])
def test_scripts_are_strict_and_make_elements_without_markup(name: str, text: str) -> None:
    assert text.startswith("'use strict';\n")
    code = re.sub(r"/\*.*?\*/|(?m:^\s*//.*$)", "", text, flags=re.DOTALL)
    for refused in (
        "innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "Function(", "sendBeacon",
        "createContextualFragment", "fetch(", "XMLHttpRequest", "WebSocket", "import(", "http://", "https://",
        "setAttribute('style'",
    ):  # fmt: skip
        assert refused not in code.replace("http://www.w3.org/2000/svg", ""), f"{name} has {refused}"


@pytest.mark.parametrize(("name", "text"), SOURCES, ids=[name for name, _ in SOURCES])
def test_an_asset_cannot_end_its_element(name: str, text: str) -> None:
    assert not re.search(r"</script|</style|<!--|<script", text, re.IGNORECASE), name
    assert text.count("\n") <= 350


def test_styles_know_no_left_and_no_right() -> None:
    """Logical properties only: a page from right to left is the same page."""
    for name, text in SOURCES:
        if name.endswith(".css"):
            declarations = re.findall(r"(?<![\w-])([a-z-]+)\s*:", re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL))
            physical = {
                one
                for one in declarations
                if re.search(r"(margin|padding|border|inset)-(left|right)|^(left|right|float)$", one)
            }
            assert not physical, name
            assert not re.search(r"text-align:\s*(left|right)", text), name


def test_a_view_is_added_by_its_files(tmp_path: Path) -> None:
    page = written(newsroom_run(stories=1), tmp_path / "r.html")
    for name, text in SOURCES:
        assert text in page, name
    assert page.index((ASSETS / "core" / "start.js").read_text("utf-8")) > page.index(SCRIPTS[-1][1])
