"""Mutations that know a format: its values, tags, headers, rows and footers."""

from __future__ import annotations

import json
import random
import re
import struct
from typing import Any

from benchmarks.fuzz.mutate import Mutation

__all__ = ["ARCHIVE", "CELLS", "JSON", "MARKUP", "TABLE", "TEXTS", "VALUES"]

_NAMES = ("id", "title", "body", "text", "language", "published", "url", "uri", "edition", "extra", "articles", "story",
          "headlines", "bodies", "body_xhtml", "type", "same", "a", "b", "probability", "standard", "")  # fmt: skip
TEXTS = (
    "",
    " ",
    "\x00",
    "\ud800",
    "\udfff\ud800",
    "\u202eabc\u2066",
    "\u200c",
    "<script>alert(1)</script>",
    "<p>" * 300,
    "&#0;&#xd800;&lol;&nbsp",
    "ا" * 5_000,
    "a." * 3_000,
    "1" * 4_000,
    "=cmd|' /C calc'!A0",
    "fa-AF-x-" + "y" * 300,
    "2026-13-45T99:99:99+99:99",
    "0000-00-00",
    "9999-12-31T23:59:59.999999-23:59",
    "0001-01-01T00:00:00+14:00",
    "۱۴۰۴/۱۲/۳۰ ۲۵:۶۱",
    "30 صفر 1447",
    "3 hours ago",
    "99999999999999999 years ago",
    "http://[::1",
    "http://example.org:99999999/\u202e",
    "//[",
    "javascript:alert(1)",
    "urn:x:" + "9" * 2_000,
)


def _deep(dice: random.Random) -> Any:
    value: Any = 1
    for _ in range(dice.choice((5, 90, 110, 500))):
        value = [value] if dice.random() < 0.5 else {"a": value}
    return value


VALUES = (
    lambda dice: dice.choice((None, True, False, [], {}, [[]], [None], {"": None})),
    lambda dice: dice.choice(
        (0, -1, 2**31, 2**63, 2**64, -(2**63), 10**30, 10**400, 1772409600, 1772409600000, 20230227)
    ),
    lambda dice: dice.choice((0.0, -0.0, 1e308, 5e-324, 1e19, 0.1, -1e18, 1772409600.5)),
    lambda dice: dice.choice(TEXTS),
    lambda dice: dice.choice(TEXTS),
    _deep,
    lambda dice: [dice.choice(TEXTS), {dice.choice(_NAMES): dice.choice(TEXTS)}],
)
"""Makers of values that JSON can hold and nobody expects."""


def _holders(value: Any) -> list[Any]:
    """All objects and arrays in a value that have something in them."""
    found, waiting = [], [value]
    while waiting:
        one = waiting.pop()
        if isinstance(one, (dict, list)) and one:
            found.append(one)
            waiting.extend(one.values() if isinstance(one, dict) else one)
    return found


def _change(dice: random.Random, document: Any) -> Any:
    holders = _holders(document)
    if not holders:
        return dice.choice(VALUES)(dice)
    holder = dice.choice(holders)
    place = dice.choice(list(holder) if isinstance(holder, dict) else range(len(holder)))
    what = dice.random()
    if what < 0.6:
        holder[place] = dice.choice(VALUES)(dice)
    elif what < 0.7:
        del holder[place]
    elif isinstance(holder, dict):
        holder[dice.choice(_NAMES)] = holder[place] if dice.random() < 0.5 else dice.choice(VALUES)(dice)
    else:
        holder.append(holder[place])
    return document


def _written(dice: random.Random, document: Any) -> bytes:
    text = json.dumps(document, ensure_ascii=dice.random() < 0.5, indent=dice.choice((None, None, None, 1)))
    return text.encode("utf-8", "surrogatepass")


def change_json(dice: random.Random, data: bytes) -> bytes:
    """Change a value somewhere in the document, or in one of its lines."""
    try:
        return _written(dice, _change(dice, json.loads(data)))
    except (ValueError, RecursionError):
        pass
    lines = data.split(b"\n")
    for _ in range(4):
        number = dice.randrange(len(lines))
        try:
            lines[number] = _written(dice, _change(dice, json.loads(lines[number])))
        except (ValueError, RecursionError):
            continue
        break
    return b"\n".join(lines)


def change_number(dice: random.Random, data: bytes) -> bytes:
    """Put an odd number in the place of one that is there."""
    numbers = list(re.finditer(rb"-?\d+", data))
    if not numbers:
        return data
    match = dice.choice(numbers)
    other = dice.choice((b"0", b"-1", b"9" * 20, b"9" * 5_000, b"1e400", b"0x10", b"2147483648",
                         b"18446744073709551616", b"NaN", b"-Infinity", b"", "٣".encode()))  # fmt: skip
    return data[: match.start()] + other + data[match.end() :]


def nest_json(dice: random.Random, data: bytes) -> bytes:
    """Open more brackets than anybody closes, or as many."""
    depth = dice.choice((50, 1_000, 1_000, 100_000))
    opened, closed = dice.choice(((b"[", b"]"), (b'{"a":', b"}")))
    place = dice.choice([match.start() for match in re.finditer(rb'[\[{"]', data)] or [0])
    return data[:place] + opened * depth + (b"1" + closed * depth if dice.random() < 0.5 else b"") + data[place:]


def repeat_key(dice: random.Random, data: bytes) -> bytes:
    """Name a key twice."""
    keys = list(re.finditer(rb'"[^"\\]{1,40}"\s*:', data))
    if not keys:
        return data
    one, other = dice.choice(keys), dice.choice(keys)
    return data[: one.start()] + other[0] + b'"again",' + data[one.start() :]


def _tags(data: bytes) -> list[re.Match[bytes]]:
    return list(re.finditer(rb"<[^<>]{1,400}>", data))


def change_tag(dice: random.Random, data: bytes) -> bytes:
    """Drop a tag, repeat it, or put one in another's place."""
    tags = _tags(data)
    if not tags:
        return data
    one, other = dice.choice(tags), dice.choice(tags)
    new = dice.choice((b"", one[0] * 2, other[0], one[0] + other[0], one[0][:-1], one[0] * 300))
    return data[: one.start()] + new + data[one.end() :]


def move_element(dice: random.Random, data: bytes) -> bytes:
    """Copy a stretch from one tag to another to a third place."""
    tags = _tags(data)
    if not tags:
        return data
    start, end = sorted((dice.choice(tags).start(), dice.choice(tags).end()))
    place = dice.choice(tags).start()
    return data[:place] + data[start : min(end, start + 20_000)] + data[place:]


def nest_markup(dice: random.Random, data: bytes) -> bytes:
    """Open many elements, and close them or not."""
    tags = _tags(data)
    place = dice.choice(tags).end() if tags else 0
    name = dice.choice(
        (b"div", b"p", b"table", b"b", b"item", b"entry", b"newsItem", b"nitf", b"article", b"svg", b"x:y")
    )
    depth = dice.choice((30, 30, 100, 300, 600, 3_000, 3_000 if dice.random() < 0.9 else 30_000))
    closed = (b"text" + (b"</%s>" % name) * depth) if dice.random() < 0.5 else b""
    return data[:place] + (b"<%s>" % name) * depth + closed + data[place:]


_MARKS = (
    b"<!--",
    b"-->",
    b"<![CDATA[",
    b"]]>",
    b"<?xml version='1.0' encoding='utf-16'?>",
    b"<?xml version='1.0' encoding='base64'?>",
    b"<?php",
    b"<!DOCTYPE a [<!ENTITY e SYSTEM 'file:///etc/passwd'>]>",
    b"<!DOCTYPE a [<!ENTITY a 'aaaaaaaaaa'><!ENTITY b '&a;&a;&a;&a;'>]>",
    b"<!DOCTYPE html PUBLIC ''>",
    b"&e;&b;&lt;&#0;&#xd800;&#x110000;&#99999999999;&nbsp;&unknown;",
    b"<meta charset='utf-16'>",
    b"<meta charset='x-user-defined'>",
    b"<base href='http://[::1'>",
    b"<a href='http://[' rel=canonical>",
    b"<link rel=canonical href='http://[oops/'>",
    b"<script type='application/ld+json'>",
    b"</script>",
    b"<template><p>",
    b"<plaintext>",
    b"<frameset>",
    b"<svg><title>",
    b"<math><annotation-xml>",
    b'<script type="application/ld+json">{"@type":"NewsArticle","headline":["a",{}],"datePublished":1e400}</script>',
    b'<script type="application/ld+json">{"@graph":[[{"@type":["NewsArticle"],'
    b'"articleBody":7,"author":[null]}]]}</script>',
    b"<content type='application/octet-stream'>",
    b"<link href='http://[bad'/>",
    b"<guid>http://[bad</guid>",
    b"<pubDate>99999999999</pubDate>",
    b"<category term=''/>",
    b"<xml:a xml:lang='\xff'>",
)


def insert_markup(dice: random.Random, data: bytes) -> bytes:
    """Insert what parsers of markup have stumbled over."""
    places = [match.start() for match in re.finditer(rb"[<>]", data)] or [0]
    place = dice.choice(places) + dice.randint(0, 1)
    return data[:place] + dice.choice(_MARKS) + data[place:]


def change_attribute(dice: random.Random, data: bytes) -> bytes:
    """Put an odd value into an attribute."""
    found = list(re.finditer(rb"=\s*(\"[^\"]*\"|'[^']*')", data))
    if not found:
        return data
    match = dice.choice(found)
    value = dice.choice(TEXTS).encode("utf-8", "surrogatepass").replace(b'"', b"'")
    return data[: match.start()] + b'="' + value + b'"' + data[match.end() :]


def change_text(dice: random.Random, data: bytes) -> bytes:
    """Put an odd text between two tags."""
    tags = _tags(data)
    if not tags:
        return data
    place = dice.choice(tags).end()
    return data[:place] + dice.choice(TEXTS).encode("utf-8", "surrogatepass") + data[place:]


def change_cells(dice: random.Random, data: bytes) -> bytes:
    """Quote, unquote, add, drop or replace values of rows, the header's too."""
    lines = data.split(b"\n")
    number = 0 if dice.random() < 0.3 else dice.randrange(len(lines))
    mark = dice.choice((b",", b";", b"\t", b"|"))
    cells = lines[number].split(mark)
    place = dice.randrange(len(cells))
    match dice.randrange(7):
        case 0:
            cells[place] = b'"' + cells[place]
        case 1:
            cells[place] = b'"' + cells[place].replace(b'"', b'""') + b'"'
        case 2:
            cells.insert(place, dice.choice((b"", b"x", b'""', b'"\n"')))
        case 3:
            del cells[place]
        case 4:
            cells[place] = dice.choice(TEXTS).encode("utf-8", "surrogatepass")
        case 5:
            cells = cells * dice.choice((2, 50, 3_000))
        case _:
            lines[number] = lines[number].replace(mark, dice.choice((b",", b";", b"\t", b"|", b"\x00")))
            return b"\n".join(lines)
    lines[number] = mark.join(cells)
    return b"\n".join(lines)


def change_header(dice: random.Random, data: bytes) -> bytes:
    """Change a header of a record or of HTTP: its name, its value, how often it is there."""
    headers = list(re.finditer(rb"(?m)^([A-Za-z-]{3,40}): ?([^\r\n]*)\r?$", data))
    if not headers:
        return data
    one, other = dice.choice(headers), dice.choice(headers)
    value = dice.choice((b"", b"-1", b"0", b"9" * 30, b"1e3", b"12abc", other[2], one[2] * 2,
                         b"text/html; charset=utf-16", b"gzip", b"deflate", b"br", b"chunked", b"identity",
                         b"x" * 70_000, b"<http://[::1>",
                         "متن".encode(), b"\xff\xfe", b"text/html; charset=\"", b"a=b; c*=utf-8''%ff"))  # fmt: skip
    new = dice.choice((b"%s: %s" % (one[1], value), b"", one[0] + b"\r\n" + one[0], b"%s: %s" % (other[1], one[2]),
                       one[1], b" folded"))  # fmt: skip
    return data[: one.start()] + new + data[one.end() :]


def change_lengths(dice: random.Random, data: bytes) -> bytes:
    """Let a record claim to be a little longer or shorter, or much."""
    lengths = list(re.finditer(rb"(?i)content-length: ?(\d+)", data))
    if not lengths:
        return data
    match = dice.choice(lengths)
    length = int(match[1][:18]) + dice.choice((-1, 1, 2, -2, 100, -100, 10**9, 2**63))
    return data[: match.start(1)] + str(length).encode() + data[match.end(1) :]


def change_footer(dice: random.Random, data: bytes) -> bytes:
    """Flip bits where a file in columns has its index: at the end; or change how long it says that this is."""
    changed = bytearray(data)
    if len(changed) < 16:
        return data
    if dice.random() < 0.2:
        changed[-8:-4] = struct.pack("<I", dice.choice((0, 1, len(data), len(data) * 2, 2**31 - 1, 2**32 - 1)))
    else:
        for _ in range(dice.choice((1, 1, 3, 10))):
            changed[-dice.randint(1, min(len(changed), 4_000))] ^= 1 << dice.randrange(8)
    return bytes(changed)


def change_integer(dice: random.Random, data: bytes) -> bytes:
    """Write an integer of four or eight bytes somewhere: lengths, offsets and counts are such."""
    if len(data) < 16:
        return data
    width, kind = dice.choice(((4, "<i"), (8, "<q")))
    place = dice.randrange(0, len(data) - width)
    place -= place % dice.choice((1, 4, 8))
    value = dice.choice((0, 1, -1, len(data), 2**31 - 1, -(2**31), 1 << 20, 1 << 28))
    return data[:place] + struct.pack(kind, value) + data[place + width :]


JSON: tuple[Mutation, ...] = (change_json, change_json, change_json, change_number, nest_json, repeat_key)
MARKUP: tuple[Mutation, ...] = (
    change_tag,
    move_element,
    nest_markup,
    insert_markup,
    insert_markup,
    change_attribute,
    change_text,
)
CELLS: tuple[Mutation, ...] = (change_cells, change_cells, change_number)
ARCHIVE: tuple[Mutation, ...] = (change_header, change_header, change_lengths, *MARKUP)
TABLE: tuple[Mutation, ...] = (change_footer, change_integer)
