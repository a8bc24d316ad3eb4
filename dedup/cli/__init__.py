"""The command line: parse, call the API, print, exit."""

from __future__ import annotations

from dedup.cli.app import app

__all__ = ["app", "main"]


def main() -> None:
    """Run the command ``dedup`` and exit with its code; see ``dedup --help`` for the codes."""
    app.main(prog_name="dedup")
