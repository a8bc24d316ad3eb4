"""Runs a command and kills itself at one moment: ``killed_run.py WHERE AT LOG -- COMMAND...``.

WHERE is one of MOMENTS, or ``never``; the process is killed when it comes there for the time AT. For each article that
is read and each sentence that is encoded a byte is written to LOG.
"""

from __future__ import annotations

import importlib
import os
import signal
import sys
from typing import Any

MOMENTS = {
    "rejected": ("dedup.read.report", "RejectsFile.__exit__"),
    "manifest": ("dedup.cli.job", "Job._begin_anew"),
    "read": ("dedup.evidence.content", "ContentReader.of"),
    "kept": ("dedup.keyed_file", "KeyedFile.add"),
    "encode": ("dedup.encode.static", "StaticEncoder.encode"),
    "score": ("dedup.score.pairs", "score_pairs"),
    "stories": ("dedup.members", "make_members"),
    "write": ("os", "fsync"),
    "written": ("dedup.cli.job", "Job.finish"),
}


def main() -> None:
    where, at, log, _, *command = sys.argv[1:]
    file = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    _watch("dedup.evidence.content", "ContentReader.of", lambda *_: os.write(file, b"a"))
    _watch("dedup.encode.static", "StaticEncoder.encode", lambda _, sentences: os.write(file, b"s" * len(sentences)))
    if where != "never":
        left = [int(at)]

        def count(*_: Any, **__: Any) -> None:
            left[0] -= 1
            if not left[0]:
                os.kill(os.getpid(), signal.SIGKILL)

        _watch(*MOMENTS[where], count)

    from dedup.cli import app

    app.main(command, prog_name="dedup")


def _watch(module: str, name: str, told: Any) -> None:
    """Have ``told`` called before a function, with its arguments."""
    owner: Any = importlib.import_module(module)
    *path, last = name.split(".")
    for part in path:
        owner = getattr(owner, part)
    real = getattr(owner, last)

    def watched(*values: Any, **named: Any) -> Any:
        told(*values, **named)
        return real(*values, **named)

    setattr(owner, last, watched)


if __name__ == "__main__":
    main()
