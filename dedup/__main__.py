"""``python -m dedup`` is the command ``dedup``."""

from __future__ import annotations

import sys

__all__ = ["main"]


def main() -> None:
    """Run the command ``dedup`` and exit with its code; also Ctrl-C while it is being loaded shows no traceback."""
    try:
        from dedup.cli import main as run
    except KeyboardInterrupt:
        sys.exit(130)
    run()


if __name__ == "__main__":
    main()
