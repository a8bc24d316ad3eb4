"""The headline of a web page, which a page gives in many places, cut or with the name of the site."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from dedup.text.fold import fold_name

__all__ = ["TitleClaims", "choose_title", "is_claimed", "same_title", "without_site_name"]

_JOINT = re.compile(r"\s+[|–—•»:·/-]+\s+|\s*[|»]\s*")
_CUT = ("…", "...")
_LONGEST = 300  # characters of a headline
_MOST_LINES = 400  # among which it is looked for
_LEAST = 12  # characters that a title has at least which is the beginning of another


@dataclass(frozen=True, slots=True, kw_only=True)
class TitleClaims:
    """Where a page may give its headline."""

    linked: str | None = None
    """In JSON-LD."""
    meta: Sequence[str] = ()
    """In ``meta``, best first."""
    window: str | None = None
    """In ``title``."""
    headings: Sequence[str] = ()
    """Its ``h1``."""
    lines: Sequence[str] = ()
    """All that it shows."""
    site: str | None = None
    """The name of the site."""


def choose_title(claims: TitleClaims) -> str | None:
    """Return the headline, None where nothing says which line it is.

    A line of the page that the page's head claims as well, whole, cut, or with the name of the site, is it: what is
    shown is never cut. Else it is JSON-LD's, else the heading if there is but one, else that of ``meta``.
    """
    said = [without_site_name(text, claims.site) for text in (claims.linked, *claims.meta, claims.window) if text]
    lines = (line for line in claims.lines[:_MOST_LINES] if len(line) <= _LONGEST)
    shown = [*claims.headings[:_MOST_LINES], *lines]
    for claim in said:
        for line in shown:
            if is_claimed(line, claim):
                return line
    if claims.linked:
        return said[0]
    headings = [line for line in claims.headings if not same_title(line, claims.site or "")]
    if len(headings) == 1:
        return headings[0]
    return without_site_name(claims.meta[0], claims.site) if claims.meta else None


def same_title(one: str, other: str) -> bool:
    """Return whether two lines are one headline, but for signs, case and the spelling of letters."""
    return _fold(one) == _fold(other) != ""


def without_site_name(title: str, site: str | None) -> str:
    """Return a title without the name of the site before or after it.

    >>> without_site_name("Bridge opens - Harbour Post", "Harbour Post"), without_site_name("Bridge - a history", None)
    ('Bridge opens', 'Bridge - a history')
    """
    if not site:
        return title
    joints = list(_JOINT.finditer(title))
    name = _fold(site)
    for joint in joints:
        if _fold(title[: joint.start()]) == name != "":
            return title[joint.end() :].strip()
    for joint in reversed(joints):
        if _fold(title[joint.end() :]) == name != "":
            return title[: joint.start()].strip()
    return title


def is_claimed(heading: str, claim: str) -> bool:
    """Return whether a line is what a title claims: the same, the whole of one that was cut, or without a site."""
    whole, said = _fold(heading), _fold(claim)
    if not whole or not said:
        return False
    if whole == said or (len(whole) >= _LEAST and said.startswith(whole) and _at_joint(heading, claim)):
        return True
    return len(said) >= _LEAST and whole.startswith(said)


def _at_joint(heading: str, claim: str) -> bool:
    return any(same_title(claim[: joint.start()], heading) for joint in _JOINT.finditer(claim))


def _fold(text: str) -> str:
    for cut in _CUT:
        text = text.removesuffix(cut)
    return fold_name(text)
