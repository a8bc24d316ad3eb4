"""Tasks that turn files into articles with settled ids, part by part. What they say is what one reader would say."""

from __future__ import annotations

import hashlib
import heapq
import itertools
import json
import os
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import chdir, contextmanager
from dataclasses import asdict, dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any

from dedup.engine.folder import JobFolder
from dedup.engine.tables import article_table, articles_of, when_of
from dedup.errors import InputError
from dedup.read.parts import Claim, TakenArticle, claim_root, read_part, settle_ids
from dedup.read.report import ReadReport, Reject

if TYPE_CHECKING:
    from dedup.article import Article
    from dedup.read.options import ReadOptions
    from dedup.read.sources import Source

__all__ = [
    "FilePart",
    "Range",
    "chunk_names",
    "fill_report",
    "gather_range",
    "mark_files",
    "name_chunk",
    "ranges_of",
    "read_files",
    "settle_bucket",
]

_ROW_GROUP = 512
_KEYS_OF_A_CHUNK = 64
_COUNTS = ("blank_lines", "skipped_files", "skipped_records")


@dataclass(frozen=True, slots=True, kw_only=True)
class FilePart:
    """Files that one task reads."""

    number: int
    sources: tuple[Source, ...]
    base: str
    """The folder that paths start from which are not absolute; what is said of files names them as they were given."""

    @property
    def name(self) -> str:
        """Name of the task."""
        return f"{self.number:05}"

    @contextmanager
    def at_base(self) -> Iterator[None]:
        """Be in the folder that paths start from."""
        if all(source.path is None or source.path.is_absolute() for source in self.sources):
            yield
            return
        if not os.path.isdir(self.base):  # noqa: PTH112 - plain text, made on another machine
            raise InputError(
                f"{self.base} is not there on the machine {os.uname().nodename}; give absolute paths of a "
                "folder that all machines reach"
            )
        with chdir(self.base):
            yield


@dataclass(frozen=True, slots=True, kw_only=True)
class Range:
    """A range of time, and of ids where many have one time or none; and the chunks that have articles of it."""

    low: tuple[float, str] | None
    """The first hour and id in it; None for no bound."""
    high: tuple[float, str] | None
    """The first ones after it."""
    chunks: tuple[str, ...]

    def near(self) -> list[tuple[str, str, Any]] | None:
        """Return what Parquet filters rows by, by the bounds that it keeps of every few of them; not exact."""
        low, high = self.low, self.high
        found: list[tuple[str, str, Any]] = []
        if low is not None:
            found.append(("when", ">=", low[0]))
        if high is not None:
            found.append(("when", "<=", high[0]))
        if low is not None and high is not None and low[0] == high[0]:
            found += [("tie", ">=", _tie(low)), ("tie", "<", _tie(high))]
        return found or None


def mark_files(part: FilePart) -> dict[str, Any]:
    """Return the hash of what each file holds, by its name."""
    marks = {}
    with part.at_base():
        for source in part.sources:
            assert source.path is not None
            try:
                with source.path.open("rb") as file:
                    digest = hashlib.file_digest(file, partial(hashlib.blake2b, digest_size=16))
                marks[source.label] = digest.hexdigest()
            except OSError as error:  # whoever reads it says so
                marks[source.label] = f"not readable: {error.strerror}"
    return marks


def read_files(folder: JobFolder, part: FilePart, options: ReadOptions, chunk_articles: int) -> dict[str, Any]:
    """Read some files; their articles are in chunks, with the ids that they ask for, and their rejects in lines.

    Raises:
        InputError: a file that was named fails while it is being read.
    """
    rejects: list[tuple[int, Reject]] = []
    report = ReadReport(sink=lambda reject: rejects.append((report.read + report.rejected, reject)))
    chunks = 0
    with part.at_base():
        for chunk in _batches(read_part(part.sources, options, report), chunk_articles):
            _write_chunk(folder, f"{part.name}-{chunks:05}", chunk)
            chunks += 1
    folder.write_lines("read", part.name, (_reject_line(place, reject) for place, reject in rejects))
    counts = {name: getattr(report, name) for name in _COUNTS}
    return {"chunks": chunks, "read": report.read, **counts}


def _batches(taken: Iterator[TakenArticle], size: int) -> Iterator[list[TakenArticle]]:
    while chunk := list(itertools.islice(taken, size)):
        yield chunk


def chunk_names(part: FilePart, result: dict[str, Any]) -> list[str]:
    """Return the names of the chunks that ``read_files`` made."""
    return [f"{part.name}-{number:05}" for number in range(result["chunks"])]


def _write_chunk(folder: JobFolder, name: str, chunk: Sequence[TakenArticle]) -> None:
    import pyarrow

    table = article_table(taken.article for taken in chunk)
    for column, values, kind in (
        ("id", [taken.article.id for taken in chunk], pyarrow.string()),
        ("root", [zlib.crc32(claim_root(taken.article.id).encode()) for taken in chunk], pyarrow.int64()),
        ("place", [taken.place for taken in chunk], pyarrow.int64()),
        ("file", [taken.file for taken in chunk], pyarrow.string()),
        ("line", [taken.line for taken in chunk], pyarrow.int64()),
        ("given", [taken.given for taken in chunk], pyarrow.bool_()),
        ("warnings", [taken.warnings for taken in chunk], pyarrow.int64()),
        ("excerpt", [taken.excerpt for taken in chunk], pyarrow.string()),
    ):
        table = table.append_column(column, pyarrow.array(values, kind))
    folder.write_table("read", name, table)


def settle_bucket(folder: JobFolder, bucket: int, chunks: Sequence[str], buckets: int) -> dict[str, Any]:
    """Settle the ids whose roots fall into one of several buckets; who does not get what it asks for is in a table."""
    import pyarrow

    claims = []
    for chunk in chunks:
        table = folder.read_table("read", chunk, ["place", "id", "file", "line", "given", "root"])
        inside = table.column("root").to_numpy() % buckets == bucket
        part = int(chunk.partition("-")[0])
        claims += [Claim(part=part, **row) for row in table.drop_columns("root").filter(inside).to_pylist()]
    settled = [asdict(one) for one in settle_ids(claims)]
    kinds = {"part": pyarrow.int64(), "place": pyarrow.int64(), "id": pyarrow.string(), "reason": pyarrow.string()}
    folder.write_table("ids", str(bucket), pyarrow.Table.from_pylist(settled, schema=pyarrow.schema(kinds)))
    return {"settled": len(settled)}


def name_chunk(folder: JobFolder, chunk: str, buckets: int) -> dict[str, Any]:
    """Write the articles of a chunk under the ids that they get, and the rejects among them in lines."""
    part = int(chunk.partition("-")[0])
    settled = {
        row["place"]: row
        for bucket in range(buckets)
        for row in folder.read_table("ids", str(bucket)).to_pylist()
        if row["part"] == part
    }
    table = folder.read_table("read", chunk)
    articles, rejects, warnings = [], [], 0
    columns = ("place", "file", "line", "warnings", "excerpt")
    rows = table.select(list(columns)).to_pylist()
    for article, row in zip(articles_of(table), rows, strict=True):
        other = settled.get(row["place"])
        if other is not None and other["reason"] is not None:
            rejected = Reject(file=row["file"], line=row["line"], reason=other["reason"], excerpt=row["excerpt"])
            rejects.append((row["place"], rejected))
            continue
        warnings += row["warnings"]
        articles.append(article if other is None else replace(article, id=other["id"]))
    articles.sort(key=_key)
    folder.write_table("named", chunk, article_table(articles), row_group=_ROW_GROUP)
    folder.write_lines("named", chunk, (_reject_line(place, reject) for place, reject in rejects))
    step = max(1, len(articles) // _KEYS_OF_A_CHUNK)
    keys = [_key(articles[row]) for row in range(0, len(articles), step)]
    last = _key(articles[-1]) if articles else None
    return {"read": len(articles), "warnings": warnings, "keys": keys, "step": step, "last": last}


def _key(article: Article) -> tuple[float, str]:
    """Return what articles are put in order by."""
    return when_of(article), article.id


def ranges_of(named: Mapping[str, dict[str, Any]], size: int) -> list[Range]:
    """Return ranges of about ``size`` articles that hold all articles of the chunks, by what ``name_chunk`` says."""
    sample = sorted(((key[0], key[1]), result["step"]) for result in named.values() for key in result["keys"])
    if not sample:
        return []
    bounds: list[tuple[float, str]] = []
    articles = 0
    for key, step in sample:
        if articles >= size and key > (bounds[-1] if bounds else sample[0][0]):
            bounds.append(key)
            articles = 0
        articles += step
    ranges = []
    for low, high in itertools.pairwise([None, *bounds, None]):
        chunks = [
            name
            for name, result in named.items()
            if result["keys"]
            and (low is None or tuple(result["last"]) >= low)
            and (high is None or tuple(result["keys"][0]) < high)
        ]
        ranges.append(Range(low=low, high=high, chunks=tuple(chunks)))
    return ranges


def gather_range(folder: JobFolder, name: str, some: Range, *, stage: str = "named") -> dict[str, Any]:
    """Write the articles of a range as one part, in the order of time; of each chunk only the rows near it are read."""
    import pyarrow
    from pyarrow import compute, parquet

    tables = []
    for chunk in some.chunks:
        with folder.table_path(stage, chunk).open("rb") as file:
            table = parquet.read_table(file, filters=some.near())
        tables.append(table)
    table = pyarrow.concat_tables(tables)
    when, tie = table.column("when"), table.column("tie")
    inside = pyarrow.array([True] * len(table))
    for bound, compare in ((some.low, compute.greater_equal), (some.high, compute.less)):
        if bound is not None:
            beyond = compute.greater(when, bound[0]) if bound is some.low else compute.less(when, bound[0])
            level = compute.and_(compute.equal(when, bound[0]), compare(tie, _tie(bound)))
            inside = compute.and_(inside, compute.or_(beyond, level))
    table = table.filter(inside).sort_by([("when", "ascending"), ("tie", "ascending")])
    folder.write_table("parts", name, table)
    return {"articles": len(table)}


def _tie(key: tuple[float, str]) -> bytes:
    return key[1].encode("utf-8", "surrogatepass")


def _reject_line(place: int, reject: Reject) -> str:
    return json.dumps((place, asdict(reject))) + "\n"


def fill_report(
    folder: JobFolder,
    parts: Sequence[FilePart],
    read: Sequence[dict[str, Any]],
    named: Sequence[dict[str, Any]],
    report: ReadReport,
) -> None:
    """Tell a report what the tasks met, in the order in which one reader meets it."""
    for part, result in zip(parts, read, strict=True):
        lines = [_rejects(folder, "read", part.name)]
        later = (line for name in chunk_names(part, result) for line in _rejects(folder, "named", name))
        for _, reject in heapq.merge(*lines, later, key=lambda entry: entry[0]):
            report.reject(reject.file, reject.line, reject.reason, reject.excerpt)
        for name in _COUNTS:
            setattr(report, name, getattr(report, name) + result[name])
    report.read += sum(result["read"] for result in named)
    report.warnings += sum(result["warnings"] for result in named)


def _rejects(folder: JobFolder, stage: str, name: str) -> Iterator[tuple[int, Reject]]:
    with folder.lines_path(stage, name).open(encoding="utf-8") as file:
        for line in file:
            place, fields = json.loads(line)
            yield place, Reject(**fields)
