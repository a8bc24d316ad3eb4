"""Results as frames: the input's own rows with what was found of each, or tables of articles and stories."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Literal, Protocol, Self

from dedup.errors import InputError, OutputError
from dedup.frames.source import Added, Column, Library, Source, module_for, open_source
from dedup.read.record import clean_text
from dedup.story import Story
from dedup.write.articles import article_kinds, typed_article_rows
from dedup.write.kinds import Kind, encodable
from dedup.write.stories import COLUMN_KINDS, table_rows

if TYPE_CHECKING:
    import datasets
    import pandas
    import polars
    import pyarrow

    from dedup.frames.intake import Origin

__all__ = ["ADDED_COLUMNS", "InFrames", "Rows"]

Rows = Literal["articles", "unique", "stories"]
"""What a row of a table is: an article, an article that stands for its story, or a story."""

ADDED_COLUMNS: Mapping[str, Kind] = {
    "story": "text",
    "probability": "number",
    "relation": "text",
    "of": "count",
    "relation_probability": "number",
    "representative": "flag",
}
"""What is added to an input."""

_STORY_COLUMNS: Mapping[str, Kind] = {
    "story": "text",
    "headline": "text",
    "languages": "texts",
    "editions": "texts",
    "first_published": "time",
    "last_published": "time",
    "representative": "text",
    "articles": "count",
}


class _Result(Protocol):
    @property
    def stories(self) -> tuple[Story, ...]: ...

    @property
    def origin(self) -> Origin | None: ...


class InFrames:
    """The ways of a result back to those who work with frames.

    Each ``to_*`` takes what a row is to be: ``articles`` (all), ``unique`` (those that stand for their stories) or
    ``stories``. Where the input was a frame, or is given again as ``frame``, the rows of ``articles`` and ``unique``
    are the input's own, with their columns, types and index, in their order, and six columns more:

    - ``story``: id of the story; null where the row was rejected, as are all others;
    - ``probability``, ``relation``, ``relation_probability``: as in ``Member``;
    - ``of``: what names the row that this one is a reprint, translation or update of: its value in the id column;
      without one its index label in pandas, where labels are texts or whole numbers, each once; else its number, from
      0;
    - ``representative``: whether it stands for its story.

    A name that the input has already is an error; ``prefix`` comes before the six, ``"dedup_"`` for example. Input of
    another library is converted. For other inputs the tables are those that ``dedup cluster`` and ``dedup unique``
    write, in the order of stories.

    A result keeps its input, without a copy, as long as it lives. When it is pickled it leaves it behind; then give it
    as ``frame``, in the same order.

    Raises:
        OutputError: a name is taken, the library is not installed, or a column does not fit into it.
        InputError: ``frame`` does not have the rows that the input had, or the input was left in another process.
    """

    __slots__ = ()

    def to_pandas(
        self: _Result, frame: object = None, *, rows: Rows = "articles", prefix: str = ""
    ) -> pandas.DataFrame:
        """Return the result as a DataFrame of pandas; see ``InFrames``."""
        return _table(self, "pandas", frame, rows, prefix)

    def to_polars(
        self: _Result, frame: object = None, *, rows: Rows = "articles", prefix: str = ""
    ) -> polars.DataFrame:
        """Return the result as a DataFrame of polars; see ``InFrames``."""
        found: polars.DataFrame = _table(self, "polars", frame, rows, prefix)
        return found

    def to_arrow(self: _Result, frame: object = None, *, rows: Rows = "articles", prefix: str = "") -> pyarrow.Table:
        """Return the result as a table of Arrow; see ``InFrames``."""
        return _table(self, "arrow", frame, rows, prefix)

    def to_dataset(
        self: _Result, frame: object = None, *, rows: Rows = "articles", prefix: str = ""
    ) -> datasets.Dataset:
        """Return the result as a Dataset of ``datasets``; see ``InFrames``."""
        return _table(self, "datasets", frame, rows, prefix)

    def without_input(self) -> Self:
        """Return the result without the frame that it was made of, which can then be let go."""
        origin: Origin | None = getattr(self, "origin", None)
        return replace(self, origin=origin.alone()) if origin else self  # type: ignore[type-var]  # a result is a dataclass


def _table(result: _Result, library: Library, frame: object, rows: Rows, prefix: str) -> Any:
    if rows not in ("articles", "unique", "stories"):
        raise OutputError(f"rows is {rows!r}; use articles, unique or stories")
    module = module_for(library)
    if rows == "stories":
        return module.make(_story_columns(result.stories))
    source = _source(result.origin, frame)
    if source is None or result.origin is None:
        return module.make(_article_columns(result.stories, unique=rows == "unique"))
    columns = _added_columns(result.stories, result.origin.row_ids)
    kept = None
    if rows == "unique":
        kept = [row for row, stands in enumerate(columns["representative"].values) if stands]
    found = source.with_results(_checked(columns, source, result.origin, prefix, kept))
    return found if source.library == library else module.from_arrow(source.to_arrow(found))


def _source(origin: Origin | None, frame: object) -> Source | None:
    if frame is None:
        if origin is not None and origin.framed and origin.source is None:
            raise InputError("the result left its input in another process, or was made without; give the frame again")
        return origin.source if origin else None
    source = open_source(frame)
    if source is None:
        raise InputError(f"an object of type {type(frame).__name__} is no frame of pandas, polars, Arrow or datasets")
    expected = len(origin.row_ids) if origin else 0
    if len(source) != expected:
        raise InputError(f"the frame has {len(source)} rows, the input had {expected}; give the same rows again")
    if origin is not None and origin.id_column is not None:
        _check_same_rows(source, origin.id_column, origin.row_ids)
    return source


def _check_same_rows(source: Source, id_column: str, row_ids: Sequence[str | None]) -> None:
    """Refuse rows in another order, as far as their ids tell."""
    if id_column not in source.names:
        raise InputError(f"the frame has no column {id_column!r}, which named the rows of the input")
    for row, (value, known) in enumerate(zip(source.cells(id_column, 0, len(source)), row_ids, strict=True)):
        if value is not None and known is not None and clean_text(str(value), name="id") != known:
            raise InputError(
                f"row {row + 1} of the frame is {value!r}, that of the input was {known!r}; give the same rows again, "
                "in the same order"
            )


def _checked(
    columns: Mapping[str, Column], source: Source, origin: Origin, prefix: str, kept: Sequence[int] | None
) -> Added:
    named = {prefix + name: column for name, column in columns.items()}
    if clash := sorted(named.keys() & set(source.taken())):
        raise OutputError(f"the input has a column {clash[0]!r} already; give a prefix, such as prefix='dedup_'")
    return Added(columns=named, of=f"{prefix}of", id_column=origin.id_column, kept=kept)


def _added_columns(stories: Sequence[Story], row_ids: Sequence[str | None]) -> dict[str, Column]:
    place = {one: row for row, one in enumerate(row_ids) if one is not None}
    values: dict[str, list[Any]] = {name: [None] * len(row_ids) for name in ADDED_COLUMNS}
    for story in stories:
        for member in story.members:
            row = place[member.article.id]
            values["story"][row] = story.id
            values["probability"][row] = member.probability
            values["relation"][row] = member.relation
            values["of"][row] = None if member.of is None else place[member.of]
            values["relation_probability"][row] = member.relation_probability
            values["representative"][row] = member.article.id == story.representative.id
    return {name: Column(kind=kind, values=values[name]) for name, kind in ADDED_COLUMNS.items()}


def _article_columns(stories: Sequence[Story], *, unique: bool) -> dict[str, Column]:
    if not unique:
        return _as_columns(list(table_rows(stories)), COLUMN_KINDS)
    articles = [story.representative for story in stories]
    kinds = article_kinds(articles)
    return _as_columns(list(typed_article_rows(articles, kinds)), kinds)


def _story_columns(stories: Sequence[Story]) -> dict[str, Column]:
    rows = [
        {
            "story": story.id,
            "headline": story.headline,
            "languages": list(story.languages),
            "editions": list(story.editions),
            "first_published": story.first_published,
            "last_published": story.last_published,
            "representative": story.representative.id,
            "articles": len(story.members),
        }
        for story in stories
    ]
    return _as_columns(rows, _STORY_COLUMNS)


def _as_columns(rows: Sequence[Mapping[str, Any]], kinds: Mapping[str, Kind]) -> dict[str, Column]:
    return {
        encodable(name): Column(kind=kind, values=[encodable(row.get(name)) for row in rows])
        for name, kind in kinds.items()
    }
