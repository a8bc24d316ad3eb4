"""Standard streams that are closed, or that nobody reads any more."""

from __future__ import annotations

from benchmarks.faults.fault import fault
from benchmarks.faults.place import Place, Seen, expected

AREA = "Standard streams"
_DEDUP = "$DEDUP cluster news.jsonl --encoder fast"


@fault(
    AREA,
    "whoever reads standard output goes",
    "`dedup cluster … | true`",
    code=141,
    left="Nothing is said, and nothing is left.",
    quick=True,
)
def _reader_goes(place: Place) -> Seen:
    return place.shell(f"{_DEDUP} -q | true; exit ${{PIPESTATUS[0]}}")


@fault(
    AREA,
    "whoever reads standard error goes",
    "`dedup cluster … -o FILE 2>&1 >/dev/null | true`",
    left="The stories, byte for byte those of an undisturbed run.",
)
def _listener_goes(place: Place) -> Seen:
    seen = place.shell(f"{_DEDUP} -v -o stories.jsonl 2>&1 >/dev/null | true; exit ${{PIPESTATUS[0]}}")
    assert place.stories() == expected()
    return seen


@fault(
    AREA,
    "standard output is closed",
    "`dedup cluster … >&-`",
    code=1,
    says="cannot write standard output: Bad file descriptor",
    left="Nothing.",
    quick=True,
)
def _output_closed(place: Place) -> Seen:
    return place.shell(f"{_DEDUP} >&-")


@fault(
    AREA,
    "all three are closed",
    "`dedup cluster … -o FILE <&- >&- 2>&-`",
    left="The stories, byte for byte: nothing that is said goes into a file of the run.",
)
def _all_closed(place: Place) -> Seen:
    seen = place.shell(f"{_DEDUP} -v -o stories.jsonl <&- >&- 2>&-")
    assert place.stories() == expected()
    return seen


@fault(
    AREA,
    "standard input is closed",
    "`dedup cluster - <&-`",
    code=1,
    says="standard input is closed",
    left="Nothing.",
)
def _input_closed(place: Place) -> Seen:
    return place.shell("$DEDUP cluster - --encoder fast <&-")


@fault(
    AREA,
    "standard input of a store is closed",
    "`dedup store add STORE - <&-`",
    code=1,
    says="standard input is closed",
    left="Nothing.",
)
def _store_input_closed(place: Place) -> Seen:
    return place.shell("$DEDUP store add store - --encoder fast <&-")


@fault(
    AREA,
    "standard input ends within a record",
    "40 records and half of one into `dedup store add STORE -`",
    says="1 rejected",
    left="All whole records in the store; the half one is rejected and counted.",
)
def _half_record(place: Place) -> Seen:
    data = place.news.read_bytes()
    seen = place.dedup("store", "add", "store", "-", "--encoder", "fast", given=data + data[:700])
    assert "40 read, 1 rejected" in seen.err
    assert place.dedup("store", "verify", "store").code == 0
    return seen
