"""``dedup completion``: what lets a shell complete what is typed."""

from __future__ import annotations

import click
from click.shell_completion import BashComplete, FishComplete, ShellComplete, ZshComplete

from dedup.cli.console import console_options
from dedup.cli.edge import ending

__all__ = ["completion"]

_SHELLS: dict[str, type[ShellComplete]] = {"bash": BashComplete, "zsh": ZshComplete, "fish": FishComplete}


@click.command(
    epilog=ending(
        "dedup completion bash > ~/.local/share/bash-completion/completions/dedup",
        "dedup completion zsh > ~/.zfunc/_dedup",
        "dedup completion fish > ~/.config/fish/completions/dedup.fish",
    )
)
@click.argument("shell", type=click.Choice(list(_SHELLS)))
@console_options
@click.pass_context
def completion(context: click.Context, *, shell: str) -> None:
    """Print what lets a shell complete commands, options, choices and files.

    SHELL is bash (4.4 or newer), zsh or fish. Write it to where the shell looks for completions, and open a new shell.
    """
    completer = _SHELLS[shell](context.find_root().command, {}, "dedup", "_DEDUP_COMPLETE")
    # not completer.source(): of bash it starts one to see how old it is
    click.echo(ShellComplete.source(completer))
