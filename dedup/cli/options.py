"""The options that commands share, and what they are made into."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from dedup.article import canonical_language
from dedup.encode.named import BUNDLED, FAST, PRECISIONS
from dedup.errors import CacheError, LanguageTagError, SettingsError
from dedup.read.fields import ARTICLE_FIELDS
from dedup.read.formats import COMPRESSED_ENDINGS, ENDINGS, FORMATS
from dedup.read.options import ReadOptions
from dedup.settings import Settings
from dedup.text.time_parts import DATE_ORDERS, DateOrder

if TYPE_CHECKING:
    from dedup.encode.base import Encoder
    from dedup.encode.vectors import VectorCache
    from dedup.score.calibration import Calibration

__all__ = [
    "ModelChoice",
    "Reading",
    "encoder_options",
    "input_options",
    "json_option",
    "keep_option",
    "labelled_options",
    "model_options",
    "optional_reading_options",
    "output_option",
    "reading_options",
    "settings_options",
    "store_encoder_options",
]

Command = Callable[..., Any]

_DEFAULTS = Settings()
_READ_DEFAULTS = ReadOptions()


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What is read and how."""

    inputs: tuple[str, ...]
    options: ReadOptions
    rejects: Path | None
    """Where rejected records are written; None leaves it to the command."""


@dataclass(frozen=True, kw_only=True)
class ModelChoice:
    """Which model makes the vectors, and how."""

    model: str
    precision: str
    device: str | None
    calibration_file: Path | None
    use_cache: bool

    @functools.cached_property
    def encoder(self) -> Encoder:
        """The encoder, one for all that a command does; the model is loaded when it is first used."""
        from dedup.encode.named import encoder_named

        return encoder_named(self.model, precision=self.precision, device=self.device)

    def calibration(self) -> Calibration | None:
        """Return the calibration that was named, or None for the one that belongs to the model."""
        from dedup.score.calibration import load_calibration

        return load_calibration(self.calibration_file) if self.calibration_file else None

    @contextmanager
    def cache(self) -> Iterator[VectorCache | None]:
        """Open the cache of vectors; where it cannot be used the run does without, and says so."""
        # the fast encoder is faster than the disk
        cache = self._open_cache() if self.use_cache and self.model != FAST else None
        try:
            yield cache
        finally:
            if cache is not None:
                cache.close()

    @contextmanager
    def working_cache(self) -> Iterator[VectorCache]:
        """Open the cache of vectors, or one in memory, for a command that meets every sentence several times."""
        with self.cache() as kept:
            yield self._memory if kept is None else kept

    @functools.cached_property
    def _memory(self) -> VectorCache:
        from dedup.encode.vectors import VectorCache

        return VectorCache.in_memory(self.encoder)

    def _open_cache(self) -> VectorCache | None:
        from dedup.cache import cache_folder
        from dedup.cli.console import say
        from dedup.encode.vectors import VectorCache

        try:
            return VectorCache.for_encoder(self.encoder, cache_folder("vectors"))
        except CacheError as error:
            say(f"warning: vectors are not kept: {error}")
            return None


def reading_options(command: Command) -> Command:
    """Add INPUT... and how it is read; the command gets them as ``reading``."""
    return _with_options(
        _with_reading(command),
        click.argument("inputs", nargs=-1, required=True, metavar="INPUT..."),
        *_READING,
        click.option(
            "--rejects",
            type=click.Path(path_type=Path),
            metavar="FILE",
            help="Write rejected records here as JSON lines: file, line, reason, beginning. Without it they go to the "
            "output FILE with .rejects.jsonl added; where the output is standard output, only a summary is shown.",
        ),
    )


def input_options(command: Command) -> Command:
    """Add INPUT... and how it is read, but not where rejected records go; the command gets them as ``reading``."""
    argument = click.argument("inputs", nargs=-1, required=True, metavar="INPUT...")
    return _with_options(_with_reading(command), argument, *_READING)


def optional_reading_options(command: Command) -> Command:
    """Add [INPUT...] and how it is read; the command gets them as ``reading``, perhaps without any input."""
    return _with_options(_with_reading(command), click.argument("inputs", nargs=-1, metavar="[INPUT]..."), *_READING)


def labelled_options(command: Command) -> Command:
    """Add [LABELLED...] and how it is read; the command gets them as ``reading``, perhaps without any input."""
    return _with_options(_with_reading(command), click.argument("inputs", nargs=-1, metavar="[LABELLED]..."), *_READING)


def _with_reading(command: Command) -> Command:
    @functools.wraps(command)
    def with_reading(
        *args: Any,
        inputs: tuple[str, ...],
        form: str | None,
        fields: dict[str, str],
        timezone: str | None,
        as_of: datetime | None,
        date_order: DateOrder | None,
        encoding: str | None,
        max_record_bytes: int,
        rejects: Path | None = None,
        **others: Any,
    ) -> Any:
        with _wrong_usage():
            options = ReadOptions(
                format=form,
                fields=fields,
                timezone=timezone,
                as_of=as_of,
                date_order=date_order,
                encoding=encoding,
                max_record_bytes=max_record_bytes,
            )
        return command(*args, reading=Reading(inputs=inputs, options=options, rejects=rejects), **others)

    return with_reading


def _parse_fields(context: click.Context, option: click.Parameter, values: tuple[str, ...]) -> dict[str, str]:
    fields: dict[str, str] = {}
    for value in values:
        ours, equals, theirs = value.partition("=")
        if not (ours and equals and theirs):
            raise click.BadParameter(f"{value!r} is not of the form OURS=THEIRS, such as title=kop", context, option)
        if ours in fields:
            raise click.BadParameter(f"{ours!r} is given twice: {fields[ours]} and {theirs}", context, option)
        fields[ours] = theirs
    return fields


def _parse_as_of(context: click.Context, option: click.Parameter, value: str | None) -> datetime | None:
    if value is None or value == "now":
        return datetime.now(UTC) if value else None
    from dedup.text.calendar import parse_datetime

    found = parse_datetime(value, timezone=UTC)
    if found is None:
        message = f"{value!r} is no time; write it as 2026-03-02T07:20+03:30, or now"
        raise click.BadParameter(message, context, option)
    return found


_READING = (
    click.option(
        "--format",
        "form",
        type=click.Choice(FORMATS),
        help=f"Format of every input. Without it the ending of each file decides: {' '.join(ENDINGS)}, "
        f"each also with {' or '.join(COMPRESSED_ENDINGS)}; standard input is JSON lines.",
    ),
    click.option(
        "--field",
        "fields",
        multiple=True,
        metavar="OURS=THEIRS",
        callback=_parse_fields,
        help="Name of a field in the input where the usual names do not fit, such as title=kop. Ours: "
        f"{', '.join(ARTICLE_FIELDS)}. Can be given again.",
    ),
    click.option(
        "--timezone",
        metavar="ZONE",
        help="Zone of times that state none, such as Asia/Tehran. Without it that of the edition's country where "
        "its language, address or name tells, else UTC.",
    ),
    click.option(
        "--as-of",
        metavar="TIME",
        callback=_parse_as_of,
        help="The time that '2 hours ago' and 'yesterday' are told from, such as 2026-03-02T07:20+03:30 or now, where "
        "a record does not say when it was retrieved. Without either such times are not read.",
    ),
    click.option(
        "--date-order",
        type=click.Choice(DATE_ORDERS),
        help="Which number comes first in 03/04/2025. Without it that of the language where it is known; where it is "
        "not, a date that can mean two days is not read.",
    ),
    click.option("--encoding", metavar="NAME", help="Encoding of the inputs if not UTF-8, such as windows-1256."),
    click.option(
        "--max-record-bytes",
        type=click.IntRange(min=1),
        default=_READ_DEFAULTS.max_record_bytes,
        show_default=True,
        metavar="N",
        help="A longer line, row, page or entry is rejected.",
    ),
)


def settings_options(command: Command) -> Command:
    """Add what a run can be told; the command gets it as ``settings``. `keep_option` adds one more."""

    @functools.wraps(command)
    def with_settings(
        *args: Any,
        threshold: float,
        window_days: float,
        max_sentences: int,
        candidate_similarity: float | None,
        keep: str = _DEFAULTS.keep,
        **others: Any,
    ) -> Any:
        with _wrong_usage():
            settings = Settings(
                threshold=threshold,
                window_days=window_days,
                max_sentences=max_sentences,
                candidate_similarity=candidate_similarity,
                keep=keep,
            )
        return command(*args, settings=settings, **others)

    return _with_options(
        with_settings,
        click.option(
            "--threshold",
            type=float,
            default=_DEFAULTS.threshold,
            show_default=True,
            metavar="P",
            help="Least probability of 'same story', between 0 and 1, at which groups of articles join. Higher: fewer "
            "articles together, and surer.",
        ),
        click.option(
            "--window-days",
            type=float,
            default=_DEFAULTS.window_days,
            show_default=True,
            metavar="DAYS",
            help="Articles further apart in time are not compared.",
        ),
        click.option(
            "--max-sentences",
            type=click.IntRange(min=1),
            default=_DEFAULTS.max_sentences,
            show_default=True,
            metavar="N",
            help="Sentences read of each article, the headline included.",
        ),
        click.option(
            "--candidate-similarity",
            type=float,
            metavar="COSINE",
            help="Least similarity of two articles, -1 to 1, at which the pair is looked at. Without it the "
            "calibration's.",
        ),
    )


def keep_option(command: Command) -> Command:
    """Add --keep, which `settings_options` takes up."""
    return click.option(
        "--keep",
        default=_DEFAULTS.keep,
        show_default=True,
        metavar="earliest|longest|LANGS",
        callback=_check_keep,
        help="Which article stands for its story: the earliest, the longest, or of the first of these languages that "
        "it has, such as fa,en.",
    )(command)


def model_options(command: Command) -> Command:
    """Add which model is used and how; the command gets it as ``model``."""
    return _with_options(
        _with_model(command),
        click.option(
            "--encoder",
            "--model",
            "model",
            default=BUNDLED,
            show_default=True,
            metavar="MODEL",
            help="'bundled'; 'fast', a vector a word piece, many times faster and less sure of independent reports; or "
            "a sentence-transformers model: a folder, or a name on the model hub, which needs 'dedup calibrate' once.",
        ),
        click.option(
            "--calibration",
            "calibration_file",
            type=click.Path(path_type=Path),
            metavar="FILE",
            help="A calibration made by 'dedup calibrate -o FILE'. Without it the one that belongs to the model.",
        ),
        *_ENCODING,
    )


def store_encoder_options(command: Command) -> Command:
    """Add the model options of a command on a store that is there: the model is the store's."""
    return _with_options(
        _with_model(command),
        click.option(
            "--encoder",
            "--model",
            "model",
            default=BUNDLED,
            show_default="that of the store",
            metavar="MODEL",
            help="The model of the store: a folder, or a name on the model hub. One that comes with dedup need not be "
            "named.",
        ),
        *_ENCODING,
    )


def encoder_options(command: Command) -> Command:
    """Add the model options of `calibrate`, which makes a calibration and takes none."""
    return _with_options(
        _with_model(command),
        click.option(
            "--encoder",
            "--model",
            "model",
            default=BUNDLED,
            show_default=True,
            metavar="MODEL",
            help="'bundled', 'fast', or a sentence-transformers model: a folder, or a name on the model hub.",
        ),
        *_ENCODING,
    )


_ENCODING = (
    click.option(
        "--precision",
        type=click.Choice(PRECISIONS),
        default="auto",
        show_default=True,
        help="Numbers to compute vectors with; auto takes the fastest that the machine has units for.",
    ),
    click.option(
        "--device",
        metavar="DEVICE",
        help="Where to compute vectors, such as cpu, cuda or mps. Without it a GPU where there is one.",
    ),
    click.option("--no-cache", is_flag=True, help="Neither use vectors of earlier runs nor keep those of this one."),
)


def _with_model(command: Command) -> Command:
    @functools.wraps(command)
    def with_model(
        *args: Any,
        model: str,
        precision: str,
        device: str | None,
        calibration_file: Path | None = None,
        no_cache: bool,
        **others: Any,
    ) -> Any:
        choice = ModelChoice(
            model=model,
            precision=precision,
            device=device,
            calibration_file=calibration_file,
            use_cache=not no_cache,
        )
        return command(*args, model=choice, **others)

    return with_model


def output_option(what: str) -> Callable[[Command], Command]:
    """Add -o FILE, which the command gets as ``output``; ``what`` is what each format holds."""
    return click.option(
        "-o",
        "--output",
        default="-",
        metavar="FILE",
        help=f"Where to write: {what}, each also with .gz; .parquet or .arrow for the rows of the table with types; - "
        "is standard output. The file appears whole or not at all.",
    )


def json_option(help_text: str) -> Callable[[Command], Command]:
    """Add --json, which the command gets as ``as_json``."""
    return click.option("--json", "as_json", is_flag=True, help=help_text)


def _with_options(command: Command, *options: Callable[[Command], Command]) -> Command:
    for option in reversed(options):  # click lists first what was added last
        command = option(command)
    return command


@contextmanager
def _wrong_usage() -> Iterator[None]:
    """A value that cannot be is a wrong use of the command line."""
    try:
        yield
    except SettingsError as error:
        raise click.UsageError(str(error)) from error


def _check_keep(context: click.Context, option: click.Parameter, value: str) -> str:
    """Refuse at once what would else be refused after all the work."""
    if value not in ("earliest", "longest"):
        try:
            for tag in value.split(","):
                canonical_language(tag)
        except LanguageTagError as error:
            message = f"{error}; or use earliest or longest"
            raise click.BadParameter(message, context, option) from error
    return value
