"""The text of the article in a web page, by trafilatura."""

from __future__ import annotations

import logging
import re
from configparser import ConfigParser
from copy import deepcopy
from functools import lru_cache
from itertools import islice
from typing import Any

from dedup.read.markup import text_lines

__all__ = ["main_lines"]

_MOST_ELEMENTS = 50_000  # no page of news has so many, and trafilatura takes 0.2 ms for each
_NOTICE_CHARACTERS = 200
_NOTICE = re.compile(
    "©|All rights reserved|Tüm hakları (?:saklıdır|mahfuzdur)|(?:همهٔ?|همه‌ی|تمامی?|کلیهٔ?|کلیه‌ی) حقوق"
    "|حق نشر محفوظ|جميع الحقوق محفوظة|كل الحقوق محفوظة",
    re.IGNORECASE,
)
_SHORTEST = "60"  # characters below which trafilatura takes all there is on the page; its own 250 is a whole brief


def main_lines(root: Any) -> list[str]:
    """Return the paragraphs of the page's article, without its headline where that stands apart; none if there is none,
    or the page is too large.

    trafilatura says which elements are the article, favouring recall, without comments; the text is then taken from
    them, because its own text lacks what Python does not call printable: the joiners of Persian, the marks of
    direction.

    Args:
        root: the page, parsed; left as it is.
    """
    from trafilatura import bare_extraction

    if sum(1 for _ in islice(root.iter(), _MOST_ELEMENTS + 1)) > _MOST_ELEMENTS:
        return []
    logger = logging.getLogger("trafilatura")
    if logger.level == logging.NOTSET:  # it tells of every page without an article
        logger.setLevel(logging.CRITICAL)
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
    return [] if body is None else _without_notice(_restored(text_lines(body), text_lines(root)))


@lru_cache(maxsize=1)
def _config() -> ConfigParser:
    from trafilatura.settings import use_config

    config: ConfigParser = deepcopy(use_config())
    config.set("DEFAULT", "MIN_EXTRACTED_SIZE", _SHORTEST)
    return config


def _restored(lines: list[str], originals: list[str]) -> list[str]:
    """Lines in the order and with the invisible characters that they have on the page: its later tries lose both."""
    places: dict[str, list[int]] = {}
    for place in range(len(originals) - 1, -1, -1):
        places.setdefault(_visible(originals[place]), []).append(place)
    restored: list[tuple[int, str]] = []
    last = -1
    for line in lines:
        if places.get(key := _visible(line)):
            last = places[key].pop()
            line = originals[last]
        restored.append((last, line))
    return [line for _, line in sorted(restored, key=lambda pair: pair[0])]


def _without_notice(lines: list[str]) -> list[str]:
    """Lines without a copyright notice at the end, which trafilatura takes for text where it is no ``footer``."""
    end = len(lines)
    while end and len(lines[end - 1]) <= _NOTICE_CHARACTERS and _NOTICE.search(lines[end - 1]):
        end -= 1
    return lines[:end]


def _visible(line: str) -> str:
    return "".join(character for character in line if character.isprintable() and not character.isspace())
