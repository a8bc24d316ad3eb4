"""``requirements/dev.lock``, and the script that makes it."""

from __future__ import annotations

import re
import tomllib
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from scripts.lock import LOCK, ROOT, LockError, lock_text

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
EXTRAS: dict[str, list[str]] = PROJECT["project"]["optional-dependencies"]
ENTRY = re.compile(r"([a-z0-9-]+)==(\S+) \\\n    --hash=sha256:([0-9a-f]{64})\n")


def named() -> list[Requirement]:
    """What development names: dedup's own needs, the extras that ``dev`` takes in, the benchmarks', the backend."""
    extras = [*EXTRAS["dev"], *EXTRAS["docs"], *EXTRAS["formats"], *EXTRAS["benchmarks"]]
    ours = PROJECT["project"]["name"]
    found = map(Requirement, [*PROJECT["project"]["dependencies"], *extras, *PROJECT["build-system"]["requires"]])
    return [
        one
        for one in found
        if one.name != ours and (one.marker is None or one.marker.evaluate({"sys_platform": "linux"}))
    ]


def locked() -> dict[str, Version]:
    return {name: Version(version) for name, version, _ in ENTRY.findall(LOCK.read_text("utf-8"))}


def test_every_line_is_a_package_with_a_hash() -> None:
    text = LOCK.read_text("utf-8")
    rest = re.sub(r"^#.*\n", "", ENTRY.sub("", text), flags=re.MULTILINE)
    assert rest == ""
    names = [name for name, _, _ in ENTRY.findall(text)]
    assert names == sorted(set(names))
    assert len(names) > 100


@pytest.mark.parametrize("requirement", named(), ids=lambda requirement: requirement.name)
def test_it_has_what_the_project_names(requirement: Requirement) -> None:
    version = locked().get(canonicalize_name(requirement.name))
    assert version is not None, f"{requirement.name} is not locked: make lock"
    assert requirement.specifier.contains(version, prereleases=True), f"{requirement} is locked at {version}: make lock"


def test_torch_is_the_one_that_constraints_pin() -> None:
    (pin,) = re.findall(r"^torch==(\S+)$", (ROOT / "constraints.txt").read_text("utf-8"), re.MULTILINE)
    assert locked()["torch"] == Version(pin)


def report(name: str = "Some_Thing", version: str = "1.2+cpu", **archive: Any) -> dict[str, Any]:
    environment = {
        "sys_platform": "linux",
        "platform_machine": "x86_64",
        "implementation_name": "cpython",
        "python_version": "3.11",
    }
    own = {
        "metadata": {"name": "news-dedup", "version": "0.1.0"},
        "download_info": {"url": "file:///src", "dir_info": {}},
    }
    download = {"url": "https://index.example/some_thing.whl", **archive}
    one = {"metadata": {"name": name, "version": version}, "download_info": download}
    return {"environment": environment, "install": [own, one]}


def test_a_lock_names_platform_package_and_hash_and_not_the_project() -> None:
    text = lock_text(report(archive_info={"hashes": {"sha256": "ab" * 32}}))
    assert "# For linux on x86_64 with cpython 3.11" in text
    assert text.endswith(f"\nsome-thing==1.2 \\\n    --hash=sha256:{'ab' * 32}\n")
    assert "news-dedup" not in text


def test_what_has_no_hash_is_not_locked() -> None:
    with pytest.raises(LockError, match=r"some-thing comes from https://index\.example/some_thing\.whl"):
        lock_text(report(vcs_info={"vcs": "git"}))


def test_make_installs_by_the_pin_and_not_by_the_hashes() -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    assert "--require-hashes" not in makefile
    assert re.search(r"^INSTALL := .*--constraint constraints.txt$", makefile, re.MULTILINE)
