"""Opening a store with what the user gave, and nothing that the user left out."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from dedup.cli.declared import said_here
from dedup.cli.options import ModelChoice
from dedup.cli.options.values import FolderPath
from dedup.errors import StoreError
from dedup.settings import Settings

if TYPE_CHECKING:
    from dedup.store import Store

__all__ = ["as_made", "is_store", "open_for_articles", "open_store", "store_argument"]

Command = Callable[..., Any]


def store_argument(command: Command) -> Command:
    """Add STORE, which the command gets as ``path``."""
    return click.argument("path", metavar="STORE", type=FolderPath())(command)


@contextmanager
def open_store(path: Path, *, rehearse: bool = False) -> Iterator[Store]:
    """Open a store that is there, for what needs no model, or seldom: it is then the store's own.

    With ``rehearse`` changes are told and not kept.

    Raises:
        StoreError: see ``Store.open``.
    """
    from dedup.store import Store

    with Store.open(path, create=False) as store, store.rehearsal() if rehearse else nullcontext():
        yield store


@contextmanager
def open_for_articles(
    path: Path, model: ModelChoice, settings: Settings | None = None, *, create: bool = False
) -> Iterator[Store]:
    """Open a store for articles to be compared with it; an option that was not given is as the store was made.

    Args:
        path: Of the store.
        model: With ``settings`` what the options were made into, their defaults included, which are for a new store.
        settings: ``None`` where the command has no options for them.
        create: Make the store where there is none.

    Raises:
        StoreError: see ``Store.open``.
    """
    from dedup.store import Store

    if not create or is_store(path):
        model, settings = as_made(path, model, settings)
    calibration = model.calibration()
    with (
        model.cache() as cache,
        Store.open(
            path, encoder=model.encoder, calibration=calibration, settings=settings, cache=cache, create=create
        ) as store,
    ):
        yield store


def is_store(path: Path) -> bool:
    """Whether there is a store."""
    from dedup.store.database import FILE

    return (path / FILE).is_file()


def as_made(path: Path, model: ModelChoice, settings: Settings | None) -> tuple[ModelChoice, Settings]:
    """Return the model and the settings of a store, but for what was given; the store refuses what differs.

    Raises:
        StoreError: there is no store, or its model has to be named.
    """
    from dedup.encode.named import name_of_model

    context = click.get_current_context()
    given = {name for name in context.params if said_here(name)}  # dedup.toml says what new stores are made with
    with open_store(path) as store:
        made_with, name = store.settings, store.calibration.model
    if "model" not in given and (known := name_of_model(name)) is not None:
        model = replace(model, model=known)
    elif context.get_parameter_source("model") is ParameterSource.DEFAULT:
        raise StoreError(f"the store {path} was made with the model {name}; name it with --encoder")
    if "calibration_file" not in given:
        model = replace(model, calibration_file=None)
    if settings is not None:
        names = [field.name for field in fields(Settings) if field.name in given]
        made_with = replace(made_with, **{name: getattr(settings, name) for name in names})
    return model, made_with
