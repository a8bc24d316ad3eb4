"""What ``make audit`` makes of pip-audit's answers."""

from __future__ import annotations

import json

from scripts.audit import verdict

CLEAN = {"name": "click", "version": "8.5.1", "vulns": []}
WEAK = {
    "name": "lxml",
    "version": "5.0",
    "vulns": [{"id": "PYSEC-2028-1", "fix_versions": ["5.0.1"]}, {"id": "CVE-2028-7", "fix_versions": []}],
}
UNKNOWN = {"name": "torch", "skip_reason": "Dependency not found on PyPI"}


def test_nothing_found_is_a_success_that_says_how_much_was_asked() -> None:
    code, lines = verdict(0, json.dumps({"dependencies": [CLEAN, UNKNOWN]}), "")
    assert (code, lines) == (
        0,
        ["1 of 2 packages audited, 0 weaknesses known", "not audited: torch: Dependency not found on PyPI"],
    )


def test_a_weakness_is_a_failure() -> None:
    code, lines = verdict(1, json.dumps({"dependencies": [CLEAN, WEAK]}), "Found 2 known vulnerabilities")
    assert code == 1
    assert lines == [
        "lxml 5.0: PYSEC-2028-1, mended in 5.0.1",
        "lxml 5.0: CVE-2028-7, mended in no version yet",
        "2 of 2 packages audited, 2 weaknesses known",
    ]


def test_an_index_that_knows_nothing_or_is_not_there_is_a_skip_that_says_so() -> None:
    assert verdict(0, json.dumps({"dependencies": [UNKNOWN]}), "") == (
        0,
        ["audit skipped: the index says nothing of the weaknesses of any of 1 packages"],
    )
    gone = "Traceback\nrequests.exceptions.ConnectionError: Max retries exceeded with url: /pypi"
    code, lines = verdict(1, "", gone)
    assert (code, lines) == (0, [f"audit skipped: the index cannot be reached ({gone.splitlines()[-1]})"])


def test_any_other_failure_is_one() -> None:
    assert verdict(1, "", "ERROR:pip_audit._cli:invalid requirements input: requirements/dev.lock") == (
        1,
        ["audit failed: ERROR:pip_audit._cli:invalid requirements input: requirements/dev.lock"],
    )
    assert verdict(0, "[]", "")[0] == 1
