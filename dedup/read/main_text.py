"""The text of the article in a web page, by trafilatura."""

from __future__ import annotations

import logging
from configparser import ConfigParser
from copy import deepcopy
from functools import lru_cache
from typing import Any

from dedup.read.markup import text_lines

__all__ = ["main_lines"]

_SHORTEST = "60"  # characters below which trafilatura takes all there is on the page; its own 250 is a whole brief


def main_lines(root: Any) -> list[str]:
    """Return the paragraphs of the page's article, without its headline where that stands apart; none if there is none.

    trafilatura says which elements are the article, favouring recall, without comments; the text is then taken from
    them, because its own text lacks what Python does not call printable: the joiners of Persian, the marks of
    direction.

    Args:
        root: the page, parsed; left as it is.
    """
    from trafilatura import bare_extraction

    logging.getLogger("trafilatura").setLevel(logging.CRITICAL)  # it tells of every page without an article
    try:
        found = bare_extraction(
            deepcopy(root),
            favor_recall=True,
            include_comments=False,
            include_tables=True,
            include_formatting=False,
            include_links=False,
            deduplicate=False,
            with_metadata=False,
            config=_config(),
        )
    except Exception:  # noqa: BLE001  # a library of many heuristics on hostile input: the page is then read without it
        return []
    body: Any = getattr(found, "body", None)
    return [] if body is None else _restored(text_lines(body), text_lines(root))


@lru_cache(maxsize=1)
def _config() -> ConfigParser:
    from trafilatura.settings import use_config

    config: ConfigParser = deepcopy(use_config())
    config.set("DEFAULT", "MIN_EXTRACTED_SIZE", _SHORTEST)
    return config


def _restored(lines: list[str], originals: list[str]) -> list[str]:
    """Lines with the invisible characters that they have on the page; its second and third try lose them."""
    by_visible = {_visible(line): line for line in originals}
    return [by_visible.get(_visible(line), line) for line in lines]


def _visible(line: str) -> str:
    return "".join(character for character in line if character.isprintable() and not character.isspace())
