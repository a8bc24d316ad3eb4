"""Ask whether weaknesses are known of what the lock names: ``make audit``, or ``python -m scripts.audit``.

pip-audit asks the package index, which must be PyPI or pass on what PyPI says of weaknesses. Where it cannot be
reached, or says nothing, that is said, and is no failure: nobody learns anything from it.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from typing import Any

from scripts.lock import LOCK, ROOT

_MINUTES = 10
_UNREACHED = ("ConnectionError", "Max retries exceeded", "Name or service not known", "name resolution", "timed out")


def verdict(returncode: int, output: str, complaint: str) -> tuple[int, list[str]]:
    """Return the exit code, and what to say, of what pip-audit said.

    Args:
        returncode: 0 for nothing found, 1 for weaknesses and for failures.
        output: JSON on standard output; empty where it failed.
        complaint: What it said on standard error.
    """
    try:
        dependencies = json.loads(output)["dependencies"]
    except (ValueError, KeyError, TypeError):
        last = (complaint.strip() or "no reason given").splitlines()[-1]
        if any(sign in complaint for sign in _UNREACHED):
            return 0, [f"audit skipped: the index cannot be reached ({last})"]
        return returncode or 1, [f"audit failed: {last}"]
    asked = [one for one in dependencies if "skip_reason" not in one]
    if not asked:
        return 0, [f"audit skipped: the index says nothing of the weaknesses of any of {len(dependencies)} packages"]
    found = [(one, weakness) for one in asked for weakness in one.get("vulns", ())]
    lines = [_line(one, weakness) for one, weakness in found]
    lines.append(f"{len(asked)} of {len(dependencies)} packages audited, {len(found)} weaknesses known")
    lines += [f"not audited: {one['name']}: {one['skip_reason']}" for one in dependencies if "skip_reason" in one]
    return (1 if found else 0), lines


def _line(package: Mapping[str, Any], weakness: Mapping[str, Any]) -> str:
    mended = ", ".join(weakness.get("fix_versions") or ()) or "no version yet"
    return f"{package['name']} {package['version']}: {weakness['id']}, mended in {mended}"


def main() -> int:
    """Audit, and return the exit code."""
    command = [sys.executable, "-m", "pip_audit", "--requirement", str(LOCK), "--require-hashes", "--disable-pip"]
    command += ["--progress-spinner", "off", "--format", "json"]
    try:
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=60 * _MINUTES)
    except subprocess.TimeoutExpired:
        print(f"audit skipped: the index did not answer within {_MINUTES} minutes")
        return 0
    code, lines = verdict(done.returncode, done.stdout, done.stderr)
    print("\n".join(lines))
    return code


if __name__ == "__main__":
    sys.exit(main())
