"""Files that dedup wrote, or a person: stories, labels, pairs, a calibration, ``dedup.toml``; and rows in Python."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from benchmarks.fuzz import grammar
from benchmarks.fuzz.mutate import Mutation, mutate
from benchmarks.fuzz.readers import check_article, check_rejects
from benchmarks.fuzz.seeds import every_seed, seeds_of
from benchmarks.fuzz.target import Tally, Target, require
from dedup.errors import DedupError
from dedup.read import ReadReport, Reject

__all__ = ["check_message", "file_targets"]


def file_targets() -> list[Target]:
    """Return a target for each kind of file that is not articles, and one for rows."""
    return [
        _refusing("stories", _stories, (*grammar.JSON, *grammar.CELLS), _read_stories),
        _refusing("labels", _labels, (*grammar.JSON, *grammar.CELLS), _read_labels),
        _refusing("calibration", _calibration, grammar.JSON, _read_calibration),
        _refusing("config", _config, (change_setting, grammar.change_number), _read_config),
        Target(name="rows", make=_make_rows, check=_check_rows),
    ]


def _refusing(
    name: str, seeds: Callable[[], Sequence[bytes]], known: Sequence[Mutation], read: Callable[[bytes, Path], None]
) -> Target:
    """A file that is read whole, or refused in one line by an error of dedup's own."""

    def check(data: bytes, folder: Path) -> Tally:
        try:
            read(data, folder)
        except DedupError as error:
            check_message(error)
            return {"refused": 1}
        return {"read": 1}

    return Target(name=name, make=lambda dice: mutate(dice, seeds(), every_seed(), known), check=check)


def check_message(error: DedupError) -> None:
    """A message must be one line that can be printed, and not endless."""
    message = str(error)
    require(bool(message.strip()), "an error without a message")
    require(len(message.splitlines()) == 1, f"a message of several lines: {message[:200]!r}")
    require(len(message) < 3_000, f"a message of {len(message)} characters")
    message.encode()


_STORY = {
    "id": "s1",
    "headline": "Bridge over the Karun opens",
    "languages": ["en", "fa"],
    "editions": ["Caspian Bureau"],
    "first_published": "2026-03-02T07:20:00+03:30",
    "last_published": "2026-03-02T09:05:00+03:00",
    "representative": "a1",
    "articles": [
        {"id": "a1", "title": "Bridge over the Karun opens", "language": "en", "edition": "Caspian Bureau",
         "published": "2026-03-02T07:20:00+03:30", "url": None, "probability": 0.97, "relation": "original", "of": None,
         "relation_probability": 1.0, "extra": {"tags": ["a"]}},
        {"id": "a2", "title": "پل کارون گشایش یافت", "language": "fa", "edition": None, "published": None, "url": None,
         "probability": 0.9, "relation": "translation", "of": "a1", "relation_probability": 0.8},
    ],
}  # fmt: skip
_STORY_TABLE = (
    "story,headline,id,title,language,edition,published,url,probability,relation,of,relation_probability,representative\n"
    's1,H,a1,"T, with a comma",en,E,2026-03-02T07:20:00+00:00,,0.97,original,,1.0,true\n'
    "s1,H,a2,T2,fa,E,,,0.9,translation,a1,0.8,false\ns2,H2,a3,T3,fa-AF,,,,1.0,,,,true\n"
)


@cache
def _stories() -> tuple[bytes, ...]:
    other = json.loads(json.dumps(_STORY).replace('"a', '"b').replace('"s1"', '"s2"'))
    lines = "\n".join(json.dumps(one, ensure_ascii=False) for one in (_STORY, other))
    return lines.encode(), _STORY_TABLE.encode(), _STORY_TABLE.replace(",", "\t").encode()


@cache
def _labels() -> tuple[bytes, ...]:
    return (
        b'{"a": "a1", "b": "b7", "same": true}\n{"a": "a2", "b": "b7", "same": false}\n',
        b"a,b,same\na1,b7,true\na2,b7,0\n",
        b'{"id": "a1", "story": "s1", "language": "fa", "family": "f"}\n{"id": "a2", "story": "s1", "of": "a1"}\n',
        b"id;story;language\na1;s1;fa\na2;s2;prs\n",
        b'{"a": "a1", "b": "a7", "probability": 0.97310426}\n{"a": "a1", "b": "a8", "probability": 0.1}\n',
        _stories()[0],
    )


def _read_stories(data: bytes, folder: Path) -> None:
    from dedup.coverage.story_files import holds_stories, read_stories
    from dedup.write import write_stories

    path = folder / "stories.jsonl"
    path.write_bytes(data)
    holds_stories(path)
    stories = read_stories(path)
    # what is read can be written
    for ending in (".jsonl", ".csv"):
        write_stories(stories, folder / f"again{ending}")


def _read_labels(data: bytes, folder: Path) -> None:
    from dedup.evaluate.judged import read_judged
    from dedup.evaluate.labels import read_labels
    from dedup.evaluate.pairs import read_pairs

    path = folder / "labels"
    path.write_bytes(data)
    refused: list[DedupError] = []
    for read in (lambda: list(read_judged(path)), lambda: read_labels(path), lambda: read_pairs(path)):
        try:
            read()
        except DedupError as error:
            check_message(error)
            refused.append(error)
    if len(refused) == 3:
        raise refused[0]


@cache
def _calibration() -> tuple[bytes, ...]:
    from importlib import resources

    document = json.loads(resources.files("dedup.data").joinpath("calibration.json").read_text("utf-8"))
    document["background"]["frequencies"] = {
        language: dict(list(counts.items())[:20]) for language, counts in document["background"]["frequencies"].items()
    }
    small = json.loads(json.dumps(document))
    small["dimension"] = 3
    small["language_means"] = {language: mean[:3] for language, mean in document["language_means"].items()}
    small.pop("relations", None)
    return json.dumps(document, ensure_ascii=False, indent=1).encode(), json.dumps(small, ensure_ascii=False).encode()


def _read_calibration(data: bytes, folder: Path) -> None:
    from dedup.score.calibration import Calibration, load_calibration

    path = folder / "calibration.json"
    path.write_bytes(data)
    read = load_calibration(path)
    again = Calibration.from_json(read.to_json(), name="what was written of it")
    require(again.to_json() == read.to_json(), "what is read is not what is written")
    read.mean_of("fa-AF")


_CONFIG = b"""# settings of this newsroom
[reading]
timezone = "Asia/Tehran"
date-order = "dmy"
fields = { title = "kop", body = "tekst" }
max-record-mb = 8

[stories]
threshold = 0.6
window-days = 7.5
keep = ["fa", "en"]

[model]
encoder = "fast"

[cluster]
threshold = 0.65
output = "stories.jsonl"

[store.add]
batch-seconds = 2
"""


@cache
def _config() -> tuple[bytes, ...]:
    from dedup.cli import app
    from dedup.cli.configuration import schema_of
    from dedup.cli.configuration.template import template

    return _CONFIG, template(schema_of(app)).encode()


_SETTINGS = ("true", "1e999", "nan", "-1", "0", "9" * 5_000, '""', '"\\u0000"', '"\\uD800"', "[[[[]]]]", "{}",
             "{ a = { b = 1 } }", "2026-03-02", "07:20:00", "1979-05-27T07:32:00-99:99", "'''\n'''",
             '"' + "x" * 5_000 + '"', "[1, 'a']",
             "[" * 3_000,
             "0x7fffffffffffffffffff", "1_000", '"fa,,en"', '"../.."', '"~nobody/x"', '"\x7f"')  # fmt: skip


def change_setting(dice: random.Random, data: bytes) -> bytes:
    """Give a setting another value, another name or another table; or say it in a comment, or not."""
    lines = data.decode("utf-8", "replace").split("\n")
    number = dice.randrange(len(lines))
    key, mark, value = lines[number].partition("=")
    match dice.randrange(6):
        case 0 | 1 | 2 if mark:
            lines[number] = f"{key.lstrip('# ')}= {dice.choice(_SETTINGS)}"
        case 3:
            lines[number] = lines[number].lstrip("# ")
        case 4:
            lines[number] = f"{key.rstrip()}.{key.strip()} ={value}" if mark else f"[{lines[number]}]"
        case _:
            lines.insert(number, dice.choice(lines))
    return "\n".join(lines).encode("utf-8", "surrogatepass")


def _read_config(data: bytes, folder: Path) -> None:
    from dedup.cli import app
    from dedup.cli.configuration import read_config, schema_of

    path = folder / "dedup.toml"
    path.write_bytes(data)
    read_config(path, schema_of(app))


def _make_rows(dice: random.Random) -> bytes:
    return mutate(dice, seeds_of("jsonl"), seeds_of("ninjs"), grammar.JSON)


def _check_rows(data: bytes, _: Path) -> Tally:
    """Rows of mappings, and the same in frames: each row is an article or a reject."""
    from dedup.frames.intake import take

    rows = _rows(data)
    tally: dict[str, int] = {"articles": 0, "rejected": 0}
    for given in (rows, *_frames(rows)):
        rejects: list[Reject] = []
        report = ReadReport(sink=rejects.append)
        try:
            intake = take(given, report=report)
        except DedupError as error:
            check_message(error)
            continue
        for article in intake.articles:
            check_article(article)
        require(len(intake.articles) + report.rejected == len(rows), f"{len(rows)} rows, fewer or more with an account")
        require(len(intake.origin.row_ids) == len(rows), "ids of more or fewer rows than there are")
        if rejects:
            check_rejects(report, rejects, file=rejects[0].file)
        tally["articles"] += len(intake.articles)
        tally["rejected"] += report.rejected
    return tally


def _rows(data: bytes) -> list[Any]:
    rows: list[Any] = []
    for line in data.splitlines():
        try:
            value = json.loads(line)
        except (ValueError, RecursionError):
            value = line.decode("utf-8", "surrogateescape")
        rows += value if isinstance(value, list) else [value]
    return rows[:200]


def _is_deep(value: Any, most: int = 8) -> bool:
    level = [value]
    for _ in range(most):
        holders = [one for one in level if isinstance(one, (dict, list))]
        level = [inner for one in holders for inner in (one.values() if isinstance(one, dict) else one)]
    return bool(level)


def _frames(rows: Sequence[Any]) -> list[Any]:
    """The rows as a frame of each library that takes them."""
    import pandas as pd
    import polars as pl
    import pyarrow as pa

    mappings = [row for row in rows if isinstance(row, Mapping)]
    # of deep values some libraries take seconds and gigabytes to make a frame, before dedup sees it
    if not rows or len(mappings) != len(rows) or any(_is_deep(row) for row in rows):
        return []
    frames: list[Any] = []
    for make in (
        lambda: pd.DataFrame(mappings),
        lambda: pl.DataFrame(mappings),
        lambda: pa.Table.from_pylist(mappings),
    ):
        try:
            frames.append(make())
        except Exception:  # noqa: BLE001 - what a library does not take never comes to dedup
            continue
    return frames
