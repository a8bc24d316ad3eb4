"""The one place where errors become a line on standard error and an exit code."""

from __future__ import annotations

import errno
import io
import sys
import traceback
from typing import Any

import click

from dedup.cli.colour import wants_colour
from dedup.cli.console import Console, console_logging, say
from dedup.cli.stopping import exit_code_of, heeding_signals
from dedup.cli.streams import close_standard_error, close_standard_output, hold_places
from dedup.errors import DedupError

__all__ = ["EXIT_CODES", "Edge", "ending"]

_FAILED, _WRONG_USAGE, _BUG, _BROKEN_PIPE = 1, 2, 70, 141

EXIT_CODES = """\b
Exit codes:
  0    done
  1    cannot be done: the message says why, and what helps
  2    wrong use of the command line
  70   a bug of dedup
  130  stopped by Ctrl-C; 143 by SIGTERM, 129 by SIGHUP
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
        hold_places()
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
            with heeding_signals():
                code = run(*args, standalone_mode=False, obj=console, color=console.color, **kwargs)
        except click.ClickException as error:
            _show_usage(error)
            return error.exit_code  # 2 for wrong usage
        except (click.Abort, KeyboardInterrupt) as error:
            say("stopped", color=console.color)
            return exit_code_of(error.__cause__ if isinstance(error, click.Abort) else error)
        except _ReaderGoneError:
            close_standard_output()
            return _BROKEN_PIPE
        except DedupError as error:
            _show_traceback(console)
            say(f"error: {error}", color=console.color)
            return _FAILED
        except OSError as error:
            if not _is_of_standard_output(error):
                return self._of_system(console, error)
            _show_traceback(console)
            say(
                f"error: cannot write standard output: {error.strerror or error}; free space or choose another place",
                color=console.color,
            )
            close_standard_output()
            return _FAILED
        except Exception as error:  # noqa: BLE001 - the last edge: what comes here is a bug, and the user is told so
            return self._bug(console, error)
        return code if isinstance(code, int) else 0

    @classmethod
    def _of_system(cls, console: Console, error: OSError) -> int:
        """Say which path cannot even be looked at: a name too long, a folder that is closed."""
        if error.filename is None:
            return cls._bug(console, error)
        _show_traceback(console)
        say(f"error: cannot use {error.filename}: {error.strerror}; check the path", color=console.color)
        return _FAILED

    @staticmethod
    def _bug(console: Console, error: Exception) -> int:
        _show_traceback(console)
        if _is_out_of_memory(error):
            say("error: out of memory; give fewer articles at once, or lower --max-sentences", color=console.color)
            return _FAILED
        hint = "" if console.debug else ", run with --debug for the traceback"
        say(f"error: {type(error).__name__}: {error}; this is a bug{hint}", color=console.color)
        return _BUG


class _ReaderGoneError(Exception):
    """Standard output was closed from the other side."""


def _is_of_standard_output(error: OSError) -> bool:
    """Tell whether an error of the system came of writing to standard output: of ``click.echo``, or the flush above."""
    *_, (frame, _) = traceback.walk_tb(error.__traceback__)
    if frame.f_code is click.echo.__code__:
        return not frame.f_locals.get("err")
    return frame.f_code is Edge.invoke.__code__


def _show_usage(error: click.ClickException) -> None:
    """Tell of wrong usage, also where nobody hears it."""
    try:
        error.show()
    except OSError:
        close_standard_error()


def _is_out_of_memory(error: Exception) -> bool:
    """Tell whether memory was too little, also for what is loaded on the way: then it is the loader that says so."""
    said_so = ("failed to map segment", "cannot allocate memory", "std::bad_alloc")
    return (
        isinstance(error, MemoryError)
        or (isinstance(error, OSError) and error.errno == errno.ENOMEM)
        or (isinstance(error, (ImportError, RuntimeError)) and any(text in str(error).casefold() for text in said_so))
    )


def _show_traceback(console: Console) -> None:
    if console.debug:
        traceback.print_exc()


def _forgive_narrow_terminals() -> None:
    """A terminal that has no Arabic letters shows marks in their place, and the run goes on."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")
