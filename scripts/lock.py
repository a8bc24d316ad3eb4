"""Pin what development installs, every package with the hash of its file: ``python -m scripts.lock``.

pip resolves ``.[dev,benchmarks]`` and the build backend anew, with the user's own index and wheels and under
``constraints.txt``, installs nothing, and tells of each file its SHA-256. The lock holds for the platform and Python
that made it, which its head names: other machines need other files. It says what the project's own checks ran with;
``make`` does not use it.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
LOCK = ROOT / "requirements" / "dev.lock"

_PROJECT = "news-dedup"
_COMMENTS = {
    "torch": "the build for CPUs: the hash is that of the +cpu wheel, of a folder of wheels or of PyTorch's CPU index"
}
_LOCAL_VERSION = re.compile(r"\+.*$")


class LockError(Exception):
    """What pip resolved cannot be locked."""


def lock_text(report: Mapping[str, Any]) -> str:
    """Return a lock file of what pip reports, a package and its hash each, in the order of their names.

    A local version, such as ``+cpu``, is left out, since an index cannot serve it: the hash tells the build.

    Raises:
        LockError: a file has no SHA-256, as what comes from a repository has none.
    """
    machine = report["environment"]
    lines = [
        "# Made by: python -m scripts.lock",
        f"# For {machine['sys_platform']} on {machine['platform_machine']} with {machine['implementation_name']} "
        f"{machine['python_version']}",
        "# Installed by: python -m pip install --require-hashes --requirement requirements/dev.lock",
    ]
    for name, version, digest in sorted(_files(report)):
        if name in _COMMENTS:
            lines.append(f"# {_COMMENTS[name]}")
        lines += [f"{name}=={version} \\", f"    --hash=sha256:{digest}"]
    return "\n".join(lines) + "\n"


def _files(report: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    for one in report["install"]:
        name = re.sub(r"[-_.]+", "-", one["metadata"]["name"]).lower()
        if name == _PROJECT:
            continue
        digest = one["download_info"].get("archive_info", {}).get("hashes", {}).get("sha256")
        if digest is None:
            raise LockError(f"{name} comes from {one['download_info']['url']}, which has no SHA-256; lock a release")
        yield name, _LOCAL_VERSION.sub("", one["metadata"]["version"]), digest


def resolve(python: str, folder: Path) -> dict[str, Any]:
    """Return pip's report on what it would install into an empty environment.

    Raises:
        CalledProcessError: pip cannot resolve it; it has said why.
    """
    project = tomllib.loads((folder / "pyproject.toml").read_text("utf-8"))
    command = [python, "-m", "pip", "install", "--dry-run", "--ignore-installed", "--quiet", "--report", "-"]
    command += ["--disable-pip-version-check", "--constraint", str(folder / "constraints.txt")]
    command += [".[dev,benchmarks]", *project["build-system"]["requires"]]
    done = subprocess.run(command, cwd=folder, check=True, stdout=subprocess.PIPE)
    report: dict[str, Any] = json.loads(done.stdout)
    return report


def main(arguments: Sequence[str] | None = None) -> None:
    """Write the lock."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("-o", "--output", type=Path, default=LOCK, help="where to write the lock")
    parser.add_argument("--python", default=sys.executable, help="the Python whose pip resolves")
    given = parser.parse_args(arguments)
    text = lock_text(resolve(given.python, ROOT))
    given.output.write_text(text, "utf-8")
    print(f"{text.count('--hash=')} packages in {given.output}")


if __name__ == "__main__":
    main()
