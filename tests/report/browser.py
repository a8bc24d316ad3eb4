"""A real browser without any network, for tests of the page."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from scripts.screenshots import CHROMIUM_NAMES, find_chromium, launch_chromium

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page, Route

__all__ = ["Opened", "browser", "opened"]


@contextmanager
def browser() -> Iterator[Browser]:
    """Start the system's Chromium; skip the test where there is none."""
    playwright = pytest.importorskip("playwright.sync_api", reason="no playwright: pip install 'news-dedup[dev]'")
    if find_chromium() is None:
        pytest.skip(f"no browser: none of {', '.join(CHROMIUM_NAMES)} is on the PATH")
    with playwright.sync_playwright() as running:
        started = launch_chromium(running)
        yield started
        started.close()


class Opened:
    """A page in the browser, and all that it complained of or asked for."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.complaints: list[str] = []
        self.asked: list[str] = []
        page.on("console", lambda message: self.complaints.append(f"{message.type}: {message.text}"))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("dialog", lambda dialog: self.complaints.append(f"dialog: {dialog.message}"))
        page.on("request", lambda request: self.asked.append(request.url))


@contextmanager
def opened(started: Browser, path: Path, *, route: str = "", width: int = 1280, dark: bool = False) -> Iterator[Opened]:
    """Open a file offline; afterwards it must have been silent and have asked for nothing but itself."""

    def refuse(route: Route) -> None:
        route.continue_() if route.request.url == path.as_uri() else route.abort()

    context = started.new_context(
        viewport={"width": width, "height": 900},
        color_scheme="dark" if dark else "light",
        reduced_motion="reduce",
        locale="en-GB",
        timezone_id="Asia/Tehran",
    )
    context.set_offline(True)
    context.route("**/*", refuse)
    context.set_default_timeout(20_000)
    shown = Opened(context.new_page())
    shown.page.goto(f"{path.as_uri()}{route}")
    shown.page.wait_for_selector("#main .view *")
    try:
        yield shown
        assert shown.complaints == []
        assert set(shown.asked) <= {path.as_uri()}
    finally:
        context.close()
