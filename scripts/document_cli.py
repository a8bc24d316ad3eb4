"""Write what the code knows into the documents: help texts, names of fields and, if asked, output of commands.

python -m scripts.document_cli            # the help texts
python -m scripts.document_cli --demo     # what README.md and docs/first-steps.md show of commands: a minute or two
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import click

from dedup.cli import app
from dedup.read import USUAL_NAMES
from scripts.document_figures import figures_document
from scripts.document_outputs import COLUMNS, with_outputs

ROOT = Path(__file__).resolve().parent.parent
_COLUMNS = 96
_PAGES = "pages of text, read straight in"
_EXPLAINED = ("ea-quake-larestan-6", "ea-quake-larestan-4", "examples/articles.jsonl")
_STORY_SHOWN = "eb-derail-malayer-1"
_LATER_FIELDS = {"section", "city", "agency", "extra"}
_EXPLAIN_SHOWN = ("What counted", "Shared", "In conflict", "What would have")


def help_texts() -> Iterator[tuple[str, str]]:
    """Yield each command as it is called and its help text, groups before what is in them."""
    yield from _help_of(app, _context(app, "dedup", None))


def _help_of(command: click.Command, context: click.Context) -> Iterator[tuple[str, str]]:
    yield context.command_path, command.get_help(context)
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            inner = command.get_command(context, name)
            if inner is not None:
                yield from _help_of(inner, _context(inner, name, context))


def _context(command: click.Command, name: str, parent: click.Context | None) -> click.Context:
    return click.Context(
        command,
        info_name=name,
        parent=parent,
        terminal_width=_COLUMNS,
        max_content_width=_COLUMNS,
        **command.context_settings,
    )


def help_document() -> str:
    """Return the help texts as they stand in docs/cli.md."""
    return "\n\n".join(f"### `{call}`\n\n```text\n{text.strip()}\n```" for call, text in help_texts())


def fields_document() -> str:
    """Return the table of fields in docs/formats.md."""
    rows = [f"| {name} | {' '.join(f'`{usual}`' for usual in names)} |" for name, names in USUAL_NAMES.items()]
    return "\n".join(["| field | names that are recognised |", "| :-- | :-- |", *rows])


def demo_document() -> str:
    """Run the demo and return two of its stories, the siblings and the figures."""
    return f"```text\n{demo_excerpt(_output_of('demo', '--quiet'))}\n```"


def explain_document() -> str:
    """Explain a pair of the examples and return what is told of its score, and of the evidence a part."""
    return f"```text\n{explain_excerpt(_output_of('explain', *_EXPLAINED))}\n```"


def _output_of(*arguments: str) -> str:
    run = subprocess.run(
        [sys.executable, "-m", "dedup", *arguments], capture_output=True, text=True, check=True, cwd=ROOT
    )
    return run.stdout


def first_steps_document(document: str) -> str:
    """Return docs/first-steps.md with what its commands print, in the order in which they stand there."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "examples").symlink_to(ROOT / "examples", target_is_directory=True)

        def run(arguments: tuple[str, ...]) -> str:
            command = [sys.executable, "-m", "dedup", *arguments]
            done = subprocess.run(
                command,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                check=True,
                cwd=folder,
                env=os.environ | {"PYTHONPATH": str(ROOT), "COLUMNS": COLUMNS},
            )
            return done.stdout

        before, _, after = between_markers(with_outputs(document, run), "story")
        return f"{before}\n{story_document(folder / 'stories.jsonl')}\n\n{after}"


def story_document(stories: Path) -> str:
    """Return a story of the examples as JSON, with its first article, of that the fields that every article has."""
    rows = [json.loads(line) for line in stories.read_text("utf-8").splitlines()]
    story = next(row for row in rows if row["representative"] == _STORY_SHOWN)
    first = {name: value for name, value in story["articles"][0].items() if name not in _LATER_FIELDS}
    return f"```json\n{json.dumps(story | {'articles': [first]}, ensure_ascii=False, indent=2)}\n```"


def demo_excerpt(output: str) -> str:
    """Return the demo's output without its third story and all that follows the figures."""
    paragraphs = output.strip().split("\n\n")
    end = next(i for i, paragraph in enumerate(paragraphs) if _PAGES in paragraph)
    return "\n\n".join([*paragraphs[:3], "...", *paragraphs[4:end]])


def explain_excerpt(output: str) -> str:
    """Return an explanation without what stands in one of the texts only and without the sentences."""
    first, *paragraphs = output.strip().split("\n\n")
    return "\n\n".join([first, *(paragraph for paragraph in paragraphs if paragraph.startswith(_EXPLAIN_SHOWN))])


def between_markers(document: str, name: str) -> tuple[str, str, str]:
    """Return what stands before, between and after the lines ``<!-- NAME -->`` and ``<!-- /NAME -->``."""
    before, begin, rest = document.partition(f"<!-- {name} -->\n")
    text, end, after = rest.partition(f"<!-- /{name} -->")
    if not begin or not end:
        raise ValueError(f"no lines <!-- {name} --> and <!-- /{name} --> in the document")
    return before + begin, text.strip(), end + after


def replace(path: Path, name: str, text: str) -> None:
    """Put ``text`` between the markers of that name."""
    before, _, after = between_markers(path.read_text("utf-8"), name)
    path.write_text(f"{before}{text}\n{after}", "utf-8")


def main() -> None:
    """Write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--demo", action="store_true", help="run demo and explain and write their output into README.md"
    )
    options = parser.parse_args()
    replace(ROOT / "docs" / "cli.md", "help", f"\n{help_document()}\n")
    replace(ROOT / "docs" / "formats.md", "fields", f"\n{fields_document()}\n")
    benchmarks = (ROOT / "docs" / "benchmarks.md").read_text("utf-8")
    replace(ROOT / "docs" / "operations.md", "figures", f"\n{figures_document(benchmarks)}\n")
    if options.demo:
        first_steps = ROOT / "docs" / "first-steps.md"
        first_steps.write_text(first_steps_document(first_steps.read_text("utf-8")), "utf-8")
        replace(ROOT / "README.md", "demo", f"\n{demo_document()}\n")
        replace(ROOT / "README.md", "explain", f"\n{explain_document()}\n")


if __name__ == "__main__":
    main()
