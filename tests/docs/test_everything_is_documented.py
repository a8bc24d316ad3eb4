"""Every command, every option and every public name stands on a page, and every page in the navigation."""

from __future__ import annotations

import ast
import html
import importlib
import re
import tomllib
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import pytest
from documents import DOCUMENTS, PAGES, ROOT, blocks_of
from mkdocs.config import load_config

import dedup
from dedup.cli import app
from scripts.site_hooks import LICENCE_PAGE, ROOT_PAGES

pytestmark = pytest.mark.slow  # the site is built once, in some seconds
NOT_DESCRIBED = {
    "dedup.cli": "the commands, on a page of their own",
    "dedup.given_vectors": "reached through cluster_vectors and the command vectors",
    "dedup.frames": "reached through deduplicate, Store.add and the methods of results",
}
PACKAGES = [
    "dedup",
    *sorted(
        package
        for path in (ROOT / "dedup").glob("*/__init__.py")
        if (package := f"dedup.{path.parent.name}") not in NOT_DESCRIBED and "__all__" in path.read_text("utf-8")
    ),
]


def commands(group: click.Command, call: str) -> Iterator[tuple[str, click.Command]]:
    yield call, group
    if isinstance(group, click.Group):
        context = click.Context(group)
        for name in group.list_commands(context):
            inner = group.get_command(context, name)
            assert inner is not None
            yield from commands(inner, f"{call} {name}")


COMMANDS = dict(commands(app, "dedup"))


@pytest.fixture(scope="module")
def names(site: Path) -> set[str]:
    """Return the Python names that the site describes, from the inventory that other sites link by."""
    _, _, _, _, packed = (site / "objects.inv").read_bytes().split(b"\n", 4)
    lines = zlib.decompress(packed).decode().splitlines()
    return {name for name, kind, *_ in map(str.split, lines) if kind.startswith("py:")}


def imports() -> Iterator[str]:
    """Yield every name of dedup that a program in the documents imports."""
    for block in (block for path in DOCUMENTS for block in blocks_of(path) if block.language == "python"):
        for node in ast.walk(ast.parse(block.text)):
            if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "dedup":
                yield from (f"{node.module}.{alias.name}" for alias in node.names)


@pytest.mark.parametrize("call", COMMANDS)
def test_every_command_and_option_is_on_the_page_of_the_command_line(call: str, site: Path) -> None:
    page = (site / "cli.html").read_text("utf-8")
    heading = f'id="{call.replace(" ", "-")}"'
    assert heading in page
    section = re.split(r"<h3 ", page.partition(heading)[2])[0]
    text = html.unescape(re.sub(r"<[^>]+>", "", section))
    for parameter in COMMANDS[call].params:
        if isinstance(parameter, click.Option):
            assert all(flag in text for flag in parameter.opts), f"{call} {parameter.opts}"


@pytest.mark.parametrize("package", PACKAGES)
def test_every_public_name_is_described(package: str, names: set[str]) -> None:
    missing = [name for name in importlib.import_module(package).__all__ if f"{package}.{name}" not in names]
    assert not missing, f"add ::: {package}.{missing[0]} to a page of docs/api"


def test_every_name_that_a_program_imports_is_described(names: set[str]) -> None:
    imported = set(imports())
    assert len(imported) >= 7
    assert imported <= names


def test_what_is_described_is_there(names: set[str]) -> None:
    described = [name for name in names if name.startswith("dedup.")]
    assert len(described) > 200
    for name in dedup.__all__:
        assert f"dedup.{name}" in described


def navigation(entry: Any) -> Iterator[str]:
    if isinstance(entry, str):
        yield entry
    else:
        for inner in entry.values() if isinstance(entry, dict) else entry:
            yield from navigation(inner)


def test_every_page_is_in_the_navigation(site: Path) -> None:
    listed = list(navigation(load_config(str(ROOT / "mkdocs.yml")).nav))
    assert len(listed) == len(set(listed))
    written = {str(path.relative_to(ROOT / "docs")) for path in PAGES}
    assert set(listed) == written | set(ROOT_PAGES.values()) | {LICENCE_PAGE}
    built = {str(path.relative_to(site)) for path in site.rglob("*.html")}
    assert built == {page.removesuffix(".md") + ".html" for page in listed} | {"404.html"}


def test_the_site_and_the_package_name_one_repository() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    repository = load_config(str(ROOT / "mkdocs.yml")).extra["repository"]
    assert project["urls"]["Documentation"].startswith(repository)


def test_make_docs_is_how_the_site_is_built() -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    assert re.search(r"^docs: .*\n\t.*mkdocs --quiet build --strict$", makefile, re.MULTILINE)
