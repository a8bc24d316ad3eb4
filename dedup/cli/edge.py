"""The one place where errors become a line on standard error and an exit code."""

from __future__ import annotations

import contextlib
import io
import os
import sys
import traceback
from typing import Any

import click

from dedup.cli.colour import wants_colour
from dedup.cli.console import Console, console_logging, say
from dedup.errors import DedupError

__all__ = ["EXIT_CODES", "Edge", "ending"]

_FAILED, _WRONG_USAGE, _BUG, _INTERRUPTED, _BROKEN_PIPE = 1, 2, 70, 130, 141

EXIT_CODES = """\b
Exit codes:
  0    done
  1    cannot be done: the message says why, and what helps
  2    wrong use of the command line
  70   a bug of dedup
  130  stopped by Ctrl-C
  141  whoever read standard output has gone
"""


def ending(*examples: str) -> str:
    """Return what the help of a command ends with: examples of its use, one a line, and what its exit codes mean."""
    lines = "\n".join(f"  {example}" for example in examples)
    return f"\b\nExamples:\n{lines}\n\n{EXIT_CODES}"


class Edge(click.Group):
    """A group of commands that ends every error with one line and a code, never with a traceback unless asked for."""

    def main(self, *args: Any, standalone_mode: bool = True, **kwargs: Any) -> Any:
        """Run; exit with the code, or return it where ``standalone_mode`` is false."""
        console = Console(color=wants_colour())
        _forgive_narrow_terminals()
        with console_logging(console):
            code = self._run(console, *args, **kwargs)
        if standalone_mode:
            sys.exit(code)
        return code

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; click would end a broken pipe by an exit code of its own."""
        try:
            result = super().invoke(ctx)
            sys.stdout.flush()
        except BrokenPipeError as error:
            raise _ReaderGoneError from error
        return result

    def _run(self, console: Console, *args: Any, **kwargs: Any) -> int:
        try:
            run: Any = super().main
            code = run(*args, standalone_mode=False, obj=console, color=console.color, **kwargs)
        except click.ClickException as error:
            error.show()
            return error.exit_code  # 2 for wrong usage
        except (click.Abort, KeyboardInterrupt):
            say("stopped", color=console.color)
            return _INTERRUPTED
        except _ReaderGoneError:
            _close_standard_output()
            return _BROKEN_PIPE
        except DedupError as error:
            _show_traceback(console)
            say(f"error: {error}", color=console.color)
            return _FAILED
        except MemoryError:
            _show_traceback(console)
            say("error: out of memory; give fewer articles at once, or lower --max-sentences", color=console.color)
            return _FAILED
        except OSError as error:
            if error.filename is None:
                return self._tell_bug(console, error)
            _show_traceback(console)  # a path that cannot even be looked at: a name too long, a folder that is closed
            say(f"error: cannot use {error.filename}: {error.strerror}; check the path", color=console.color)
            return _FAILED
        except Exception as error:  # noqa: BLE001 - the last edge: what comes here is a bug, and the user is told so
            return self._tell_bug(console, error)
        return code if isinstance(code, int) else 0

    @staticmethod
    def _tell_bug(console: Console, error: Exception) -> int:
        _show_traceback(console)
        hint = "" if console.debug else ", run with --debug for the traceback"
        say(f"error: {type(error).__name__}: {error}; this is a bug{hint}", color=console.color)
        return _BUG


class _ReaderGoneError(Exception):
    """Standard output was closed from the other side."""


def _show_traceback(console: Console) -> None:
    if console.debug:
        traceback.print_exc()


def _forgive_narrow_terminals() -> None:
    """A terminal that has no Arabic letters shows marks in their place, and the run goes on."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")


def _close_standard_output() -> None:
    """Point standard output nowhere, so that Python's own flush at the end has nothing to complain of."""
    with contextlib.suppress(OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)
