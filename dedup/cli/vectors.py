"""``dedup vectors``: vectors of any model in, stories out."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from dedup.cli.console import Console, console_options
from dedup.cli.declared import once_option
from dedup.cli.edge import ending
from dedup.cli.options import EngineChoice, output_option, vector_engine_options
from dedup.cli.options.values import Real

if TYPE_CHECKING:
    from dedup.given_vectors import Linkage
    from dedup.write import Destination

__all__ = ["vectors"]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    """What a run is asked for."""

    inputs: tuple[Path, ...]
    hours: Path | None
    linkage: Linkage
    engine: EngineChoice
    resume: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class _Told:
    """What a run found: vectors with the first of their story, or nothing, where they are written already."""

    rows: Iterable[tuple[int | str, int | str]]
    by_id: bool
    vectors: int
    stories: int


@click.command(
    epilog=ending(
        "dedup vectors vectors.npy --hours hours.npy --similarity 0.7 -o stories.jsonl",
        "dedup vectors monday.parquet tuesday.parquet -o stories.parquet",
        "dedup vectors archive.parquet --engine ray --address auto -o stories/",
    )
)
@click.argument("inputs", nargs=-1, required=True, metavar="INPUT...", type=click.Path(path_type=Path, readable=False))
@click.option(
    "--hours",
    type=click.Path(path_type=Path, readable=False),
    metavar="FILE",
    help="Of an array its times: a .npy of numbers, hours since any moment, NaN where unknown. Without it all are "
    "compared with all.",
)
@click.option(
    "--similarity",
    type=Real(-1, 1, min_open=True, max_open=True),
    default=0.8,
    show_default=True,
    metavar="COSINE",
    help="Two groups join while their average cosine is above this. What is right depends on the model.",
)
@click.option(
    "--window-hours",
    type=Real(0, min_open=True),
    default=168.0,
    show_default=True,
    metavar="HOURS",
    help="Most hours apart of two vectors that can be neighbours.",
)
@output_option(".jsonl or .ndjson for one vector a line, .csv or .tsv for one a row")
@once_option(
    "--resume",
    is_flag=True,
    help="With --engine ray: go on with a run of the same command that was stopped, whatever stopped it.",
)
@vector_engine_options
@console_options
@click.pass_obj
def vectors(
    console: Console,
    *,
    inputs: tuple[Path, ...],
    hours: Path | None,
    similarity: float,
    window_hours: float,
    output: str,
    resume: bool,
    engine: EngineChoice,
) -> None:
    """Group vectors that you have, of any model, into stories.

    INPUT is an array of NumPy, .npy, of floats [n, dimension], or a Parquet table with a column 'vector' of lists of
    floats and, if there are, 'id' and 'hours' (numbers) or 'published' (timestamps). Each vector is written with the
    first of its story: by its id, else by its row, counted from 0 through all inputs. With --engine ray an output that
    ends in / is a folder, for a Parquet table of each part.
    """
    from dedup.cli.distributed import check_engine
    from dedup.cli.summary import tell_lines
    from dedup.given_vectors import Linkage
    from dedup.write.vectors import write_vector_stories

    began = time.perf_counter()
    check_engine(engine, pairs=None, manifest=None)
    if resume and engine.is_local:
        raise click.UsageError("--resume goes on with a run of --engine ray; give that too")
    linkage = Linkage(similarity=similarity, window_hours=window_hours)
    asked = _Asked(inputs=inputs, hours=hours, linkage=linkage, engine=engine, resume=resume)
    if engine.is_local:
        target = _destination(output, asked)
        told = _here(asked)
        write_vector_stories(told.rows, target, by_id=told.by_id)
    else:
        with _on_cluster(asked, output, console) as (told, destination):
            if destination is not None:
                write_vector_stories(told.rows, destination, by_id=told.by_id)
    lines = [
        ("vectors", f"{told.vectors:,}"),
        ("stories", f"{told.stories:,}, {told.vectors - told.stories:,} duplicates found"),
        ("seconds", f"{time.perf_counter() - began:.1f}"),
    ]
    tell_lines(lines, console)


def _destination(output: str, asked: _Asked) -> Destination:
    from dedup.cli.run import keep_apart
    from dedup.write import Destination

    destination = Destination.of(output)
    if destination.path is not None:
        keep_apart(destination.path, _read_by(asked))
    return destination


def _read_by(asked: _Asked) -> list[str]:
    return [str(path) for path in (*asked.inputs, *([] if asked.hours is None else [asked.hours]))]


def _here(asked: _Asked) -> _Told:
    from dedup.given_vectors.files import read_whole, slices_of
    from dedup.given_vectors.telling import group_and_tell

    slices = slices_of(asked.inputs, asked.hours, asked.engine.partition)
    given = read_whole(slices, asked.engine.partition)
    rows, stories = group_and_tell(given, asked.linkage)
    return _Told(rows=rows, by_id=given.ids is not None, vectors=len(given.vectors), stories=stories)


@contextmanager
def _on_cluster(asked: _Asked, output: str, console: Console) -> Iterator[tuple[_Told, Destination | None]]:
    from dedup.cli.distributed import tables_folder, work_folder
    from dedup.engine.job import Limits
    from dedup.engine.ray_engine import RayEngine
    from dedup.write import Destination

    tables = tables_folder(output, _read_by(asked))
    destination = None if tables else _destination(output, asked)
    target = Destination(path=tables) if destination is None else destination
    engine = RayEngine(
        address=asked.engine.address,
        folder=work_folder(asked.engine, target, resume=asked.resume),
        resume=asked.resume,
        limits=Limits(vectors=asked.engine.partition),
    )
    paths = [path.absolute() for path in asked.inputs]
    hours = None if asked.hours is None else asked.hours.absolute()
    with engine.grouped(paths, hours, asked.linkage, console.progress, tables=tables) as grouped:
        if grouped is None:
            yield _Told(rows=(), by_id=False, vectors=0, stories=0), destination
            return
        told = _Told(rows=grouped.rows(), by_id=grouped.by_key, vectors=grouped.vectors, stories=grouped.stories)
        yield told, destination
