"""Mutations of bytes that know nothing of formats. Each is a function of the dice and the data alone."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence

__all__ = ["BLIND", "LARGEST", "Mutation", "mutate"]

Mutation = Callable[[random.Random, bytes], bytes]
"""Returns data that differs from what it was given, or cannot be changed so."""

LARGEST = 400_000
"""Bytes of an input, at most: what takes seconds at that size is no reader to have."""
_ODD = (
    b"\x00",
    b"\xff",
    b"\xfe\xff",
    b"\xef\xbb\xbf",
    b"\xed\xa0\x80",  # half a surrogate pair, as no UTF-8 has it
    b"\xf4\x90\x80\x80",  # beyond Unicode
    "\u202e".encode(),
    "\u2066\u2069\u200f".encode(),
    "\u200c\u200d\ufeff".encode(),
    "\u0085".encode(),
    "\u2028".encode(),
    "e\u0301\u0301\u0301".encode() * 40,
    "ﷺ".encode(),
    "İ".encode(),
    "۱۲۳۴۵۶۷۸۹۰".encode(),
    b"\r",
    b"\r\n",
    b"\x0c",
    b"\x1a",
    b"\x1b[31m",
    b'"',
    b"'",
    b"\\",
    b"\\u0000",
    b"\\ud800",
    b"9" * 400,
    b"9" * 5_000,
    b"-1",
    b"1e999",
    b"NaN",
    b"<",
    b"&",
    b"]]>",
    b"=1+1",
    b"../../etc/passwd",
    b"\x1f\x8b\x08\x00",
    b"\x28\xb5\x2f\xfd",
)
_EXTREMES = (b"\x00", b"\x7f", b"\x80", b"\xff")


def _place(dice: random.Random, data: bytes) -> int:
    return dice.randrange(len(data) + 1)


def _piece(dice: random.Random, data: bytes, most: int = 2_000) -> tuple[int, int]:
    start = _place(dice, data)
    return start, min(len(data), start + dice.randint(1, most))


def flip_bits(dice: random.Random, data: bytes) -> bytes:
    """Flip one bit, or a few."""
    changed = bytearray(data)
    for _ in range(dice.choice((1, 1, 2, 8, 30)) if data else 0):
        changed[dice.randrange(len(changed))] ^= 1 << dice.randrange(8)
    return bytes(changed)


def set_bytes(dice: random.Random, data: bytes) -> bytes:
    """Overwrite a run with zeros, with ones, or with anything."""
    start, end = _piece(dice, data, dice.choice((1, 4, 8, 60, 600)))
    filling = dice.choice(_EXTREMES) * (end - start) if dice.random() < 0.5 else dice.randbytes(end - start)
    return data[:start] + filling + data[end:]


def cut_end(dice: random.Random, data: bytes) -> bytes:
    """Cut the end off."""
    return data[: _place(dice, data)]


def cut_start(dice: random.Random, data: bytes) -> bytes:
    """Cut the beginning off."""
    return data[min(_place(dice, data), dice.randint(1, 100)) :]


def drop_piece(dice: random.Random, data: bytes) -> bytes:
    """Leave a piece out."""
    start, end = _piece(dice, data)
    return data[:start] + data[end:]


def repeat_piece(dice: random.Random, data: bytes) -> bytes:
    """Have a piece several times."""
    start, end = _piece(dice, data, dice.choice((3, 30, 2_000)))
    return data[:end] + data[start:end] * dice.choice((1, 2, 20, 1_000)) + data[end:]


def swap_pieces(dice: random.Random, data: bytes) -> bytes:
    """Let two pieces change places."""
    (a, b), (c, d) = sorted((_piece(dice, data), _piece(dice, data)))
    return data if c < b else data[:a] + data[c:d] + data[b:c] + data[a:b] + data[d:]


def swap_lines(dice: random.Random, data: bytes) -> bytes:
    """Let lines change places, come twice, be joined, or have other ends."""
    lines = data.split(b"\n")
    one, other = dice.randrange(len(lines)), dice.randrange(len(lines))
    match dice.randrange(4):
        case 0:
            lines[one], lines[other] = lines[other], lines[one]
        case 1:
            lines.insert(one, lines[other])
        case 2:
            lines[one : one + 2] = [b"".join(lines[one : one + 2])]
        case _:
            return data.replace(b"\n", dice.choice((b"\r\n", b"\r", b"\n\n", b"\x0b", b"")))
    return b"\n".join(lines)


def insert_odd(dice: random.Random, data: bytes) -> bytes:
    """Insert what is odd in some format."""
    place = _place(dice, data)
    return data[:place] + dice.choice(_ODD) * dice.choice((1, 1, 1, 3, 50)) + data[place:]


def recode(dice: random.Random, data: bytes) -> bytes:
    """Write the text in another encoding, with a mark or without, or with the mark of another."""
    name = dice.choice(
        ("utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-8-sig", "cp1256", "cp1254", "latin-1", "utf-7")
    )
    return data.decode("utf-8", "replace").encode(name, "replace")


def twice_coded(_: random.Random, data: bytes) -> bytes:
    """Take UTF-8 for Latin and write that as UTF-8, as broken exports do."""
    return data.decode("cp1252", "replace").encode("utf-8", "replace")


BLIND: Sequence[Mutation] = (
    flip_bits,
    flip_bits,
    set_bytes,
    cut_end,
    cut_start,
    drop_piece,
    repeat_piece,
    swap_pieces,
    swap_lines,
    insert_odd,
    insert_odd,
    recode,
    twice_coded,
)
"""All of them; those that come twice are taken twice as often."""


def splice(dice: random.Random, data: bytes, other: bytes) -> bytes:
    """Return the beginning of one file with a piece, or the end, of another."""
    start, end = _piece(dice, other, 6_000)
    place = _place(dice, data)
    return data[:place] + (other[start:] if dice.random() < 0.5 else other[start:end] + data[place:])


def mutate(
    dice: random.Random, seeds: Sequence[bytes], strangers: Sequence[bytes], known: Sequence[Mutation] = ()
) -> bytes:
    """Return one of ``seeds`` after one mutation or several.

    Args:
        dice: decide everything.
        seeds: sound files of a format.
        strangers: files of any format, for splices.
        known: mutations that know the format; taken as often as the blind ones.
    """
    data = dice.choice(seeds)
    for _ in range(dice.choice((1, 1, 2, 3, 6))):
        kind = dice.random()
        if kind < 0.08:
            data = splice(dice, data, dice.choice(seeds))
        elif kind < 0.13:
            data = splice(dice, data, dice.choice(strangers))
        else:
            data = dice.choice(known if known and kind < 0.6 else BLIND)(dice, data)
        data = data[:LARGEST]
    return data
