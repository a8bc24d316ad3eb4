"""The page: assets and data put together into one file of HTML that loads nothing else."""

from __future__ import annotations

import base64
import hashlib
import html
from collections.abc import Iterable, Iterator
from functools import cache
from importlib import resources
from string import Template
from typing import Any

from dedup.report.blocks import pack

__all__ = ["page_parts"]

_CORE = (
    "shell", "dom", "fields", "fold", "format", "unpack", "model", "search", "filters", "plot", "theme",
)  # fmt: skip
"""Scripts that views build upon, in the order in which they run; ``start`` runs after all views."""


def page_parts(title: str, blocks: Iterable[tuple[str, Any]]) -> Iterator[str]:
    """Yield the page piece by piece, data block by data block.

    Args:
        title: Of the page.
        blocks: Name and value of each block of data; see ``dedup.report.blocks``.
    """
    scripts = _scripts()
    styles = _styles()
    head, body = (Template(_asset(name)) for name in ("head.html", "body.html"))
    policy = (
        "default-src 'none'; "
        f"script-src {' '.join(map(_source, scripts))}; style-src {' '.join(map(_source, styles))}; "
        "img-src data:; base-uri 'none'; form-action 'none'"
    )
    yield head.substitute(
        title=html.escape(title), policy=policy, styles="\n".join(f"<style>{style}</style>" for style in styles)
    )
    yield body.substitute(title=html.escape(title))
    for name, value in blocks:
        yield f'<script type="application/octet-stream" data-block="{name}">{pack(value)}</script>\n'
    yield from (f"<script>{script}</script>\n" for script in scripts)
    yield "</body>\n</html>\n"


@cache
def _scripts() -> tuple[str, ...]:
    core = [_asset(f"core/{name}.js") for name in _CORE]
    return (*core, *_folder("views", ".js"), _asset("core/start.js"))


@cache
def _styles() -> tuple[str, ...]:
    return (*_folder("core", ".css"), *_folder("views", ".css"))


def _folder(name: str, ending: str) -> Iterator[str]:
    """Yield the assets of a folder in the order of their names: a view is added by adding its files."""
    folder = resources.files("dedup.report") / "assets" / name
    for file in sorted(folder.iterdir(), key=lambda file: file.name):
        if file.name.endswith(ending):
            yield file.read_text("utf-8")


def _asset(name: str) -> str:
    return resources.files("dedup.report").joinpath("assets", *name.split("/")).read_text("utf-8")


def _source(code: str) -> str:
    """Return the name of an inline script or style in a Content-Security-Policy (W3C CSP level 3)."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(code.encode()).digest()).decode()}'"
