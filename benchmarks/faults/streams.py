"""Standard streams that are closed, or that nobody reads any more."""

from __future__ import annotations

from functools import partial

from benchmarks.faults.fault import Fault, fault, take
from benchmarks.faults.place import Place, Seen, expected

AREA = "Standard streams"
_DEDUP = "$DEDUP cluster news.jsonl --encoder fast"


def _shell(place: Place, line: str, *, whole: bool = False) -> Seen:
    """Run a line of the shell; ``whole`` where it must give the stories all the same."""
    seen = place.shell(line)
    assert not whole or place.stories() == expected()
    return seen


_row = partial(Fault, area=AREA)
take(
    _row(
        what="whoever reads standard output goes",
        how="`dedup cluster … | true`",
        code=141,
        left="Nothing is said, and nothing is left.",
        quick=True,
        test=partial(_shell, line=f"{_DEDUP} -q | true; exit ${{PIPESTATUS[0]}}"),
    ),
    _row(
        what="whoever reads standard error goes",
        how="`dedup cluster … -o FILE 2>&1 >/dev/null | true`",
        left="The stories, byte for byte those of an undisturbed run.",
        test=partial(
            _shell,
            line=f"{_DEDUP} -v -o stories.jsonl 2>&1 >/dev/null | true; exit ${{PIPESTATUS[0]}}",
            whole=True,
        ),
    ),
    _row(
        what="standard output is closed",
        how="`dedup cluster … >&-`",
        code=1,
        says="cannot write standard output: Bad file descriptor",
        left="Nothing.",
        quick=True,
        test=partial(_shell, line=f"{_DEDUP} >&-"),
    ),
    _row(
        what="all three are closed",
        how="`dedup cluster … -o FILE <&- >&- 2>&-`",
        left="The stories, byte for byte: nothing that is said goes into a file of the run.",
        test=partial(_shell, line=f"{_DEDUP} -v -o stories.jsonl <&- >&- 2>&-", whole=True),
    ),
    _row(
        what="standard input is closed",
        how="`dedup cluster - <&-`",
        code=1,
        says="standard input is closed",
        left="Nothing.",
        test=partial(_shell, line="$DEDUP cluster - --encoder fast <&-"),
    ),
    _row(
        what="standard input of a store is closed",
        how="`dedup store add STORE - <&-`",
        code=1,
        says="standard input is closed",
        left="Nothing.",
        test=partial(_shell, line="$DEDUP store add store - --encoder fast <&-"),
    ),
)


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
