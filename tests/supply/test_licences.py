"""Licences of all that users install, as their packages state them."""

from __future__ import annotations

from typing import Any

import pytest
from packaging.requirements import Requirement

from scripts.licences import for_users, is_allowed, licence_of, runtime_distributions


def test_every_package_that_users_install_has_a_licence_on_the_list() -> None:
    found, missing = runtime_distributions(for_users())
    assert missing == []
    assert {"torch", "faiss-cpu", "trafilatura", "pyarrow", "tld"} <= set(found)  # ours, and what these need
    stated = {name: licence_of(one.metadata.json) for name, one in found.items()}
    refused = {name: licence for name, licence in stated.items() if not is_allowed(licence)}
    assert refused == {}


@pytest.mark.parametrize(
    ("expression", "allowed"),
    [
        ("MIT", True),
        ("MIT AND BSD-3-Clause", True),
        ("(MIT OR GPL-2.0-only) AND Zlib", True),
        ("Apache-2.0 WITH LLVM-exception AND MIT", True),
        ("MPL-1.1 OR GPL-2.0-only OR LGPL-2.1-or-later", True),
        ("GPL-3.0-or-later", False),
        ("LGPL-2.1-only", False),
        ("MIT AND GPL-2.0-only", False),
        ("MIT OR", True),
        ("GPL-2.0-only WITH Classpath-exception-2.0", False),
        ("CC-BY-NC-4.0", False),
        ("MIT License", False),
        ("(MIT", False),
        ("", False),
    ],
)
def test_an_expression_is_read(expression: str, allowed: bool) -> None:
    assert is_allowed(expression) is allowed


@pytest.mark.parametrize(
    ("metadata", "licence"),
    [
        ({"license_expression": "MIT", "license": "GPL"}, "MIT"),
        ({"license": "Apache 2.0 License"}, "Apache-2.0"),
        ({"license": "MPL-2.0 AND MIT"}, "MPL-2.0 AND MIT"),
        (
            {"license": "Copyright 2020, all rights", "classifier": ["License :: OSI Approved :: BSD License"]},
            "BSD-3-Clause",
        ),
        (
            {
                "classifier": [
                    "License :: OSI Approved",
                    "License :: OSI Approved :: GNU General Public License v3 (GPLv3)",
                ]
            },
            "GNU General Public License v3 (GPLv3)",
        ),
        ({"classifier": ["Programming Language :: Python"]}, ""),
    ],
)
def test_a_licence_is_found_where_packages_state_it(metadata: dict[str, Any], licence: str) -> None:
    assert licence_of(metadata) == licence


def test_what_is_not_installed_is_told() -> None:
    found, missing = runtime_distributions([Requirement("no-such-package-anywhere>=1")])
    assert (found, missing) == ({}, ["no-such-package-anywhere"])
