"""Take pictures of the report over the example articles, for docs/report.md.

python -m scripts.screenshots            # into docs/screenshots; needs Chromium, and a minute the first time
"""

from __future__ import annotations

import argparse
import os
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import dedup
from dedup.cache import cache_folder

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Playwright

__all__ = ["CHROMIUM_NAMES", "find_chromium", "launch_chromium"]

ROOT = Path(__file__).resolve().parent.parent
CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
_DESKTOP, _PHONE = (1280, 900), (390, 844)
_MOST_BYTES = 200_000
_SHOWN = "ea-quake-larestan-1"
"""An article of the story that is shown."""
_LIT = "[data-side=a] .sentence-linked:nth-of-type(1)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """One picture of one view."""

    name: str
    route: str
    size: tuple[int, int]
    dark: bool = False
    light: bool = False
    """Whether a sentence is lit."""
    scroll_to: str | None = None


def find_chromium() -> str | None:
    """Return the path of the system's Chromium, or None."""
    return next((found for name in CHROMIUM_NAMES if (found := shutil.which(name))), None)


def launch_chromium(playwright: Playwright) -> Browser:
    """Start the system's Chromium."""
    # its sandbox refuses to run as root, as in a container
    as_root = hasattr(os, "getuid") and os.getuid() == 0
    return playwright.chromium.launch(executable_path=find_chromium(), args=["--no-sandbox"] if as_root else [])


def example_report(path: Path) -> str:
    """Write the report over the examples, and return the id of the story that is shown."""
    encoder = dedup.TransformerEncoder()
    with dedup.VectorCache.for_encoder(encoder, cache_folder("vectors")) as cache:
        articles = dedup.read_articles(str(ROOT / "examples" / "articles.jsonl"))
        result = dedup.deduplicate(articles, encoder=encoder, cache=cache)
        dedup.write_report(result, path, options=dedup.ReportOptions(title="Invented news"))
    return next(story.id for story in result.stories if _SHOWN in {article.id for article in story.articles})


def pictures(story: str) -> list[Picture]:
    """Return what is taken."""
    route = f"#story/{story}"
    return [
        Picture(name="stories", route="#stories", size=_DESKTOP),
        Picture(name="story", route=route, size=_DESKTOP),
        Picture(name="side-by-side", route=route, size=_DESKTOP, light=True, scroll_to=".compare"),
        Picture(name="side-by-side-dark", route=route, size=_DESKTOP, light=True, dark=True, scroll_to=".compare"),
        Picture(name="charts", route="#charts", size=_DESKTOP),
        Picture(name="coverage", route="#coverage?by=language", size=_DESKTOP),
        Picture(name="review", route="#review?at=7", size=_DESKTOP),
        Picture(name="stories-phone", route="#stories", size=_PHONE),
        Picture(name="story-phone-dark", route=route, size=_PHONE, dark=True),
        Picture(name="side-by-side-phone", route=route, size=_PHONE, light=True, scroll_to=".panes"),
    ]


def take(browser: Browser, page_path: Path, picture: Picture, folder: Path) -> Path:
    """Take a picture and return its path."""
    width, height = picture.size
    page = browser.new_page(
        viewport={"width": width, "height": height},
        color_scheme="dark" if picture.dark else "light",
        reduced_motion="reduce",
        locale="en-GB",
    )
    page.goto(page_path.as_uri() + picture.route)
    page.wait_for_selector(".bar, .story-card, .reason .weight, .cell, .view-review .pane")
    if picture.light:
        page.locator(_LIT).nth(1).click()
    if picture.scroll_to:
        page.evaluate("selector => document.querySelector(selector).scrollIntoView()", picture.scroll_to)
    page.mouse.move(0, 0)
    page.wait_for_timeout(300)
    path = folder / f"{picture.name}.png"
    page.screenshot(path=path)
    page.close()
    _shrink(path)
    return path


def _shrink(path: Path) -> None:
    """Keep the 256 most used colours: a third of the bytes, and nothing that one sees."""
    from PIL import Image  # comes with matplotlib

    with Image.open(path) as image:
        image.convert("RGB").quantize(256, dither=Image.Dither.NONE).save(path, optimize=True)


def main() -> None:
    """Take all pictures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--output", type=Path, default=ROOT / "docs" / "screenshots", help="folder to write into")
    options = parser.parse_args()
    if find_chromium() is None:
        parser.error(f"no browser: none of {', '.join(CHROMIUM_NAMES)} is on the PATH; install Chromium")
    from playwright.sync_api import sync_playwright

    options.output.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        report = Path(folder) / "report.html"
        story = example_report(report)
        browser = launch_chromium(playwright)
        for picture in pictures(story):
            path = take(browser, report, picture, options.output)
            size = path.stat().st_size
            print(f"{size:>9,} bytes  {path}" + ("  too large" if size > _MOST_BYTES else ""))
        browser.close()


if __name__ == "__main__":
    main()
