"""What a run would do, said without doing it: ``--dry-run``."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from dedup.cli.console import Console
from dedup.cli.declared import SharedOption, said_here
from dedup.cli.options import ModelChoice, Reading
from dedup.cli.text import printable
from dedup.encode.named import BUNDLED, FAST

if TYPE_CHECKING:
    from dedup.article import Article
    from dedup.settings import Settings

__all__ = ["InputFile", "Plan", "Records", "plan_run", "planned_place", "show_plan"]

_CHEAP_BYTES = 16 << 20
"""Inputs of so many bytes are read to count what is in them: some seconds."""
_PACKED = (".bz2", ".gz", ".parquet", ".xz", ".zst")
_TEXT_IN_PACKED = 5
_FILES_SHOWN = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class InputFile:
    """A file that would be read."""

    file: str
    format: str
    bytes: int | None
    """None of a stream, which can be read but once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Records:
    """What is in the inputs."""

    articles: int
    rejected: int
    sentences: int
    known: int | None
    """Sentences whose vectors are in the cache; None where that is not known without loading a model."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What a run would do."""

    command: str
    inputs: tuple[InputFile, ...]
    records: Records | None
    """None where counting them would take long."""
    model: str
    calibration: str
    settings: Mapping[str, tuple[Any, str]]
    """Those that are not at their defaults, each with where it was set."""
    outputs: Mapping[str, str]
    notes: tuple[str, ...] = ()
    articles: Sequence[Article] = field(default=(), repr=False)
    """What was read to be counted."""

    def to_dict(self) -> dict[str, Any]:
        """Return the plan as JSON has it."""
        return {
            "command": self.command,
            "inputs": [asdict(one) for one in self.inputs],
            "records": asdict(self.records) if self.records else None,
            "model": self.model,
            "calibration": self.calibration,
            "settings": {key: {"value": value, "where": where} for key, (value, where) in self.settings.items()},
            "outputs": dict(self.outputs),
            "notes": list(self.notes),
        }


def plan_run(
    reading: Reading,
    settings: Settings,
    model: ModelChoice,
    outputs: Mapping[str, Path | None],
    *,
    notes: Sequence[str] = (),
    tables: Sequence[str] = ("reading", "stories", "model"),
) -> Plan:
    """Return what the command that is running would do.

    Args:
        reading: What it would read. Small inputs are read, to count what is in them.
        settings: What it would be told.
        model: The model it would use, which is not loaded.
        outputs: What it would write, by what that is; None is standard output.
        notes: What else there is to say.
        tables: Of ``dedup.toml``, whose settings take effect.

    Raises:
        InputError: an input is missing or of unknown kind.
    """
    inputs = _input_files(reading)
    cheap = sum(map(_bytes_within, inputs)) <= _CHEAP_BYTES
    articles, rejected = _read(reading) if cheap else ([], 0)
    return Plan(
        command=click.get_current_context().command_path,
        inputs=inputs,
        records=_records(articles, rejected, settings, model) if cheap else None,
        model=f"{model.model}, precision {model.precision}" + (f", on {model.device}" if model.device else ""),
        calibration=str(model.calibration_file or "the one that belongs to the model"),
        settings=_changed_settings(tables),
        outputs={what: planned_place(path) for what, path in outputs.items()},
        notes=tuple(notes),
        articles=articles,
    )


def _input_files(reading: Reading) -> tuple[InputFile, ...]:
    from dedup.cli.manifest import silent_report
    from dedup.read.sources import find_sources

    return tuple(
        InputFile(
            file=source.label,
            format=source.format.name,
            bytes=source.path.stat().st_size if source.path is not None and source.path.is_file() else None,
        )
        for source in find_sources(reading.inputs, reading.options, silent_report())
    )


def _bytes_within(one: InputFile) -> float:
    """Return about how much text a file holds."""
    if one.bytes is None:
        return float("inf")
    return one.bytes * (_TEXT_IN_PACKED if Path(one.file).suffix.lower() in _PACKED else 1)


def _read(reading: Reading) -> tuple[list[Article], int]:
    from dedup.read import ReadReport, read_articles

    report = ReadReport()
    articles = list(read_articles(*reading.inputs, options=reading.options, report=report))
    return articles, report.rejected


def _records(articles: Sequence[Article], rejected: int, settings: Settings, model: ModelChoice) -> Records:
    from dedup.text.language import with_language
    from dedup.text.passage import article_sentences

    passages = (article_sentences(with_language(article), settings.max_sentences) for article in articles)
    sentences = {sentence for passage in passages for sentence in passage}
    return Records(
        articles=len(articles), rejected=rejected, sentences=len(sentences), known=_known_vectors(sentences, model)
    )


def _known_vectors(sentences: set[str], model: ModelChoice) -> int | None:
    """Return of how many sentences the vectors are in the cache; None where a model would have to be loaded first."""
    from dedup.cache import cache_path
    from dedup.encode.vectors import VectorCache, count_known

    if not model.use_cache or model.model == FAST:
        return 0
    folder = cache_path("vectors")
    if not any(folder.glob("vectors-*.sqlite")):
        return 0
    if model.model != BUNDLED:
        return None
    if not VectorCache.path_for(model.encoder, folder).exists():
        return 0
    with VectorCache.for_encoder(model.encoder, folder) as cache:
        return count_known(sentences, cache)[1]


def _changed_settings(tables: Sequence[str]) -> dict[str, tuple[Any, str]]:
    """Return the options of the command that are not at their defaults, by key."""
    from dedup.cli.configuration import configured_where, key_of

    context = click.get_current_context()
    where = configured_where(context, context.ensure_object(Console).config)
    changed: dict[str, tuple[Any, str]] = {}
    for option in context.command.params:
        if not isinstance(option, SharedOption) or option.table not in tables or not option.name:
            continue
        source = "command line" if said_here(option.name) else where.get(option.name)
        if source:
            changed[key_of(option)] = (_plain(context.params.get(option.name)), source)
    return changed


def _plain(value: Any) -> Any:
    return value if isinstance(value, (str, int, float, dict)) else str(value)


def planned_place(path: Path | None) -> str:
    """Return in words where something would be written; None is standard output."""
    if path is None:
        return "standard output"
    return f"{path}, in place of the file that is there" if path.exists() else str(path)


def show_plan(plan: Plan, *, as_json: bool) -> None:
    """Print a plan on standard output."""
    if as_json:
        click.echo(json.dumps(plan.to_dict(), ensure_ascii=False, indent=2))
        return
    for name, text in _lines(plan):
        click.echo(printable(f"{name:<10}{text}").rstrip())


def _lines(plan: Plan) -> Iterator[tuple[str, str]]:
    from dedup.cli.text import size

    total = sum(one.bytes or 0 for one in plan.inputs)
    yield "read", f"{len(plan.inputs):,} {'file' if len(plan.inputs) == 1 else 'files'}, {size(total)}"
    for one in plan.inputs[:_FILES_SHOWN]:
        yield "", f"{one.file}  {one.format}  {'a stream' if one.bytes is None else size(one.bytes)}"
    if len(plan.inputs) > _FILES_SHOWN:
        yield "", f"and {len(plan.inputs) - _FILES_SHOWN:,} more"
    if plan.records is None:
        yield "records", "not counted: that would take as long as to read them"
    else:
        yield "records", f"{plan.records.articles:,} articles, {plan.records.rejected:,} rejected"
    yield "model", plan.model
    yield "", f"calibration: {plan.calibration}"
    if plan.records is not None:
        known = "known when the model is loaded" if plan.records.known is None else f"{plan.records.known:,} kept"
        yield "vectors", f"{plan.records.sentences:,} sentences, {known}"
    for name, (value, where) in plan.settings.items():
        yield "setting", f"{name} {value}  ({where})"
    for what, path in plan.outputs.items():
        yield "write", f"{what}: {path}"
    for note in plan.notes:
        yield "note", note
    yield "done", "nothing (--dry-run)"
