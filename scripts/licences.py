"""Check the licences of all that a user of dedup installs with it: ``python -m scripts.licences``.

Read from the metadata of what is installed here, from the requirements of the project down, extras for users included.
"""

from __future__ import annotations

import re
import sys
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parent.parent

# fmt: off
ALLOWED = frozenset({
    "0BSD", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "BSL-1.0", "CC0-1.0", "CNRI-Python", "HPND", "ISC",
    "MIT", "MIT-CMU", "MPL-1.1", "MPL-2.0", "PSF-2.0", "Python-2.0", "Unlicense", "Zlib",
})
# fmt: on
"""SPDX names: permissive, or, as MPL, copyleft of the very files alone. Not GPL, LGPL, AGPL or non-commercial."""

EXTRAS = ("formats", "plot")
"""Those of our extras that are for users."""

_CLASSIFIERS = {
    "Apache Software License": "Apache-2.0",
    "BSD License": "BSD-3-Clause",
    "ISC License (ISCL)": "ISC",
    "MIT License": "MIT",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "Python Software Foundation License": "PSF-2.0",
}
_FREE_TEXT = {
    "apache 2.0": "Apache-2.0",
    "apache 2.0 license": "Apache-2.0",
    "apache license 2.0": "Apache-2.0",
    "bsd": "BSD-3-Clause",
    "isc license": "ISC",
    "mit license": "MIT",
}


def runtime_distributions(requirements: Sequence[Requirement]) -> tuple[dict[str, Distribution], list[str]]:
    """Return what is installed of ``requirements`` and of all that these need, by name; and the names of the rest."""
    found: dict[str, Distribution] = {}
    missing: list[str] = []
    waiting = list(requirements)
    followed: set[tuple[str, str]] = set()
    while waiting:
        wanted = waiting.pop()
        name = canonicalize_name(wanted.name)
        try:
            found.setdefault(name, distribution(wanted.name))
        except PackageNotFoundError:
            missing.append(name)
            continue
        for extra in ("", *wanted.extras):
            if (name, extra) not in followed:
                followed.add((name, extra))
                needs = map(Requirement, found[name].requires or ())
                waiting += [one for one in needs if one.marker is None or one.marker.evaluate({"extra": extra})]
    return found, sorted(set(missing))


def licence_of(metadata: Mapping[str, Any]) -> str:
    """Return the SPDX expression of a package's licence, from its metadata as JSON; empty where none can be told."""
    if expression := metadata.get("license_expression"):
        return str(expression)
    text = str(metadata.get("license") or "").strip()
    if text.lower() in _FREE_TEXT:
        return _FREE_TEXT[text.lower()]
    if text and all(word in ALLOWED for word in _words(text)):
        return text
    named = [one.rpartition(" :: ")[2] for one in metadata.get("classifier", ()) if one.startswith("License :: ")]
    named = [one for one in named if one != "OSI Approved"]
    return " AND ".join(_CLASSIFIERS.get(one, one) for one in named)


def is_allowed(expression: str) -> bool:
    """Whether a licence, an SPDX expression, may be among what users install.

    Of licences joined by OR one must be allowed, of those joined by AND all; an exception (WITH) only permits more.

    >>> is_allowed("MPL-1.1 OR GPL-2.0-only"), is_allowed("MIT AND GPL-3.0-only"), is_allowed("")
    (True, False, False)
    """
    tokens = re.findall(r"[()]|[^\s()]+", expression)
    allowed, rest = _either(tokens)
    return allowed and not rest


def _either(tokens: list[str]) -> tuple[bool, list[str]]:
    allowed, rest = _both(tokens)
    while rest[:1] == ["OR"]:
        other, rest = _both(rest[1:])
        allowed = allowed or other
    return allowed, rest


def _both(tokens: list[str]) -> tuple[bool, list[str]]:
    allowed, rest = _one(tokens)
    while rest[:1] == ["AND"]:
        other, rest = _one(rest[1:])
        allowed = allowed and other
    return allowed, rest


def _one(tokens: list[str]) -> tuple[bool, list[str]]:
    if not tokens:
        return False, []
    if tokens[0] == "(":
        allowed, rest = _either(tokens[1:])
        return allowed and rest[:1] == [")"], rest[1:]
    rest = tokens[1:]
    return tokens[0] in ALLOWED, rest[2:] if rest[:1] == ["WITH"] else rest


def _words(text: str) -> Iterator[str]:
    yield from (word for word in re.findall(r"[^\s()]+", text) if word not in ("AND", "OR"))


def for_users() -> list[Requirement]:
    """Return what a user of dedup installs with it."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    extras = [one for name in EXTRAS for one in project["optional-dependencies"][name]]
    named = map(Requirement, (*project["dependencies"], *extras))
    return [one for one in named if one.marker is None or one.marker.evaluate()]


def main() -> int:
    """Print each package with its licence, and return 1 where one is not allowed."""
    found, missing = runtime_distributions(for_users())
    refused = 0
    for name in sorted(found):
        licence = licence_of(found[name].metadata.json)
        refused += not is_allowed(licence)
        print(
            f"{name:<24}{found[name].version:<18}{licence or 'none stated'}{'' if is_allowed(licence) else '  REFUSED'}"
        )
    for name in missing:
        print(f"{name:<24}not installed, so not checked")
    print(f"{len(found)} packages, {refused} with a licence that is not allowed")
    return 1 if refused or missing else 0


if __name__ == "__main__":
    sys.exit(main())
