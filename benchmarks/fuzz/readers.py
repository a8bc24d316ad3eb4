"""The readers of all formats, the layers of compression, and standard input."""

from __future__ import annotations

import gzip
import io
import json
import random
import zlib
from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path

from benchmarks.fuzz import grammar
from benchmarks.fuzz.counters import COUNTERS, line_records
from benchmarks.fuzz.mutate import BLIND, Mutation, mutate
from benchmarks.fuzz.seeds import every_seed, seeds_of
from benchmarks.fuzz.target import Tally, Target, require
from dedup.article import Article, canonical_language
from dedup.read import ReadOptions, ReadReport, Reject, read_articles

__all__ = ["ENDINGS", "check_article", "check_rejects", "reader_targets"]

ENDINGS: Mapping[str, str] = {
    "jsonl": ".jsonl",
    "csv": ".csv",
    "tsv": ".tsv",
    "page": ".txt",
    "html": ".html",
    "feed": ".rss",
    "warc": ".warc",
    "ninjs": ".ninjs",
    "newsml": ".newsml",
    "nitf": ".nitf",
    "xml": ".xml",
    "parquet": ".parquet",
    "arrow": ".arrow",
}
_KNOWN: Mapping[str, Sequence[Mutation]] = {
    "jsonl": grammar.JSON,
    "ninjs": grammar.JSON,
    "csv": grammar.CELLS,
    "tsv": grammar.CELLS,
    "html": grammar.MARKUP,
    "feed": grammar.MARKUP,
    "newsml": grammar.MARKUP,
    "nitf": grammar.MARKUP,
    "xml": grammar.MARKUP,
    "warc": grammar.ARCHIVE,
    "parquet": grammar.TABLE,
    "arrow": grammar.TABLE,
}
_SEVERAL_A_RECORD = frozenset(("html", "warc"))
"""Formats of which one record can be several articles."""
_PACKED = ("jsonl", "csv", "page", "html", "newsml", "warc", "parquet")
_COMPRESSED_MEBIBYTES = 512
"""zstd may ask for a window of 128 MiB, and a piece that it makes of a kilobyte has up to 32."""


def reader_targets() -> list[Target]:
    """Return a target for each reader, each way of compression, and standard input."""
    return [
        *(_reader(name) for name in ENDINGS),
        _packed("gzip", ".gz", lambda data: gzip.compress(data, mtime=0), _unzipped),
        _packed("zstd", ".zst", _zstd_compressed, _unpacked_zstd),
        Target(name="stdin", make=_made("jsonl"), check=_check_stream),
    ]


def _made(name: str) -> Callable[[random.Random], bytes]:
    return lambda dice: mutate(dice, seeds_of(name), every_seed(), _KNOWN.get(name, ()))


def _reader(name: str) -> Target:
    return Target(
        name=name, make=_made(name), check=lambda data, folder: _check_file(name, ENDINGS[name], data, folder)
    )


def _check_file(
    name: str, ending: str, data: bytes, folder: Path, plain: bytes | None = None, *, whole: bool = True
) -> Tally:
    """Read a file; everything that went in must have an account."""
    path = folder / f"input{ending}"
    path.write_bytes(data)
    rejects: list[Reject] = []
    report = ReadReport(sink=rejects.append)
    # a mark of compression that a mutation made is not what this counts
    counted = COUNTERS[name](data if plain is None else plain) if name in COUNTERS and whole else None
    articles = list(read_articles(path, options=ReadOptions(), report=report))
    check_rejects(report, rejects, file=str(path))
    require(report.read == len(articles), f"{report.read} articles reported, {len(articles)} handed out")
    require(len({article.id for article in articles}) == len(articles), "an id stands twice")
    for article in articles:
        check_article(article)
    total = report.read + report.rejected + report.skipped_records + report.blank_lines
    about_the_file = any(reject.line == 0 or _is_about_the_file(reject.reason) for reject in rejects)
    if counted is not None and not about_the_file and not _is_packed(data if plain is None else plain):
        check_account(total, counted, at_least=name in _SEVERAL_A_RECORD)
    if name not in ("jsonl", "ninjs", "csv", "tsv", "feed", "newsml", "xml", "parquet", "arrow"):
        require(total > 0, "nothing is said of the file")
    return {"articles": report.read, "rejected": report.rejected, "counted": int(counted is not None)}


def _is_about_the_file(reason: str) -> bool:
    """Whether a reject stands for more, or less, than one record."""
    told = ("rest of the", "the file", "nothing more", "damaged", "header line", "archive is empty", "page is empty")
    return any(words in reason for words in told)


def check_account(total: int, counted: Collection[int], *, at_least: bool) -> None:
    """What became of all records must be as many as there are."""
    holds = total >= min(counted) if at_least else total in counted
    require(holds, f"{total} records have an account, and there are {' or '.join(map(str, sorted(counted)))}")


def check_rejects(report: ReadReport, rejects: Sequence[Reject], *, file: str) -> None:
    """Each reject must say where and why, in text that can be written."""
    require(report.rejected == len(rejects), f"{report.rejected} rejects reported, {len(rejects)} handed out")
    for reject in rejects:
        require(reject.file == file, f"a reject of the file {reject.file!r}")
        require(reject.line >= 0, f"a reject of line {reject.line}")
        require(bool(reject.reason.strip()), "a reject without a reason")
        require("\n" not in reject.reason + reject.excerpt, "a reject of several lines")
        (reject.reason + reject.excerpt).encode()


def check_article(article: Article) -> None:
    """An article must be one that every later step can take."""
    require(bool(article.id.strip()), "an article without an id")
    require(bool(article.title or article.body), "an article without text")
    for text in (article.title, article.body, article.id):
        require("\x00" not in text and "\r" not in text, "a control character in a text")
    require(canonical_language(article.language) == article.language, f"the language {article.language!r}")
    if article.published is not None:
        require(article.published.utcoffset() is not None, "a time without a zone")
        article.published.timestamp()
    values = [article.id, article.title, article.body, article.url, article.edition, article.section, article.city]
    json.dumps([*values, article.agency, dict(article.extra)], ensure_ascii=False).encode()


def _is_packed(data: bytes) -> bool:
    return data.startswith((b"\x1f\x8b", b"\x28\xb5\x2f\xfd")) or data[1:4] == b"\x2a\x4d\x18"


def _packed(
    name: str, ending: str, compress: Callable[[bytes], bytes], decompress: Callable[[bytes], bytes | None]
) -> Target:
    """Files within compression: what is in them is changed, then what they are packed as, or one of both."""

    def make(dice: random.Random) -> bytes:
        form = dice.choice(_PACKED)
        what = dice.random()
        inner = _made(form)(dice) if what < 0.5 else dice.choice(seeds_of(form))
        data = compress(inner)
        if dice.random() < 0.1:
            data += compress(dice.choice(seeds_of(form)))
        if what > 0.3:
            for _ in range(dice.choice((1, 1, 2, 5))):
                data = dice.choice(BLIND)(dice, data)
        return _PACKED.index(form).to_bytes() + data

    def check(data: bytes, folder: Path) -> Tally:
        form = _PACKED[data[0] % len(_PACKED)] if data else _PACKED[0]
        plain = decompress(data[1:])
        tally = _check_file(
            form, ENDINGS[form] + ending, data[1:], folder, plain if plain is not None else b"", whole=plain is not None
        )
        return dict(tally) | {"whole": int(plain is not None)}

    return Target(name=name, make=make, check=check, mebibytes=_COMPRESSED_MEBIBYTES)


def _unzipped(data: bytes) -> bytes | None:
    try:
        return gzip.decompress(data) if data.startswith(b"\x1f\x8b") else None
    except (OSError, EOFError, zlib.error):
        return None


def _zstd_compressed(data: bytes) -> bytes:
    from zstandard import ZstdCompressor

    return ZstdCompressor(write_checksum=True).compress(data)


def _unpacked_zstd(data: bytes) -> bytes | None:
    from zstandard import ZstdDecompressor, ZstdError

    try:
        reader = ZstdDecompressor(max_window_size=1 << 27).decompressobj()
        plain = reader.decompress(data)
    except (ZstdError, MemoryError):
        return None
    return plain if reader.eof and not reader.unused_data else None


def _check_stream(data: bytes, _: Path) -> Tally:
    """Standard input, line by line, as a store reads a feed."""
    from dedup.read.sources import as_buffered
    from dedup.read.stream import ArticleStream

    rejects: list[Reject] = []
    report = ReadReport(sink=rejects.append)
    raw: io.BufferedReader = as_buffered(io.BytesIO(data))
    stream = ArticleStream(raw, options=ReadOptions(), report=report)
    articles = []
    while not stream.ended:
        if (article := stream.poll(5.0)) is not None:
            articles.append(article)
    check_rejects(report, rejects, file="<stdin>")
    for article in articles:
        check_article(article)
    require(report.read == len(articles), f"{report.read} articles reported, {len(articles)} handed out")
    counted = line_records(data)
    total = report.read + report.rejected + report.skipped_records + report.blank_lines
    if counted is not None and not _is_packed(data):
        check_account(total, counted, at_least=False)
    return {"articles": report.read, "rejected": report.rejected, "counted": int(counted is not None)}
