"""JSON lines, one JSON array of objects, or objects that run over several lines."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from typing import Any, NoReturn

from dedup.read.lines import ByteStream, Line, decode_line, iter_lines, read_up_to
from dedup.read.options import ReadOptions
from dedup.read.record import Row
from dedup.read.report import ReadReport

__all__ = ["json_rows", "parse_line"]

_HEAD = 1 << 16
_BLANK = b" \t\r\n"


def json_rows(stream: ByteStream, file: str, options: ReadOptions, report: ReadReport) -> Iterator[Row]:
    """Yield the objects of a file: one a line, in one array, or printed over several lines, one after another.

    Anything else goes to the report.

    Raises:
        DamagedStreamError: compressed data is damaged or cut, after what came before it has been yielded.
    """
    head = stream.peek(_HEAD)[:_HEAD]
    if _is_array(head) or _is_printed(head):
        yield from _held_rows(stream, file, options, report)
    else:
        yield from _line_rows(stream, file, options, report)


def _is_array(head: bytes) -> bool:
    """Whether a file is one array, and not JSON lines of which the first happens to be, or begin like, an array."""
    first, _, rest = head.strip(_BLANK).partition(b"\n")
    if not first.startswith(b"["):
        return False
    following = rest.lstrip(_BLANK)
    return not following or first.rstrip(_BLANK).endswith((b"[", b"{", b",")) or following[:1] in b",]}"


def _is_printed(head: bytes) -> bool:
    """Whether a file begins with an object that is printed over several lines."""
    first, _, rest = head.strip(_BLANK).partition(b"\n")
    return (
        first.startswith(b"{") and first.rstrip(_BLANK).endswith((b"{", b",", b"[")) and rest.lstrip(_BLANK)[:1] == b'"'
    )


def _line_rows(stream: ByteStream, file: str, options: ReadOptions, report: ReadReport) -> Iterator[Row]:
    for line in iter_lines(stream, options.max_record_bytes):
        if line.data is not None and not line.data.strip():
            report.blank_lines += 1
            continue
        try:
            yield Row(line=line.number, values=parse_line(line, options))
        except ValueError as error:
            report.reject(file, line.number, str(error), line.data or b"")


def parse_line(line: Line, options: ReadOptions) -> dict[str, Any]:
    """Return the object that a line holds.

    Raises:
        ValueError: it holds none; the message says why.
    """
    if line.data is None:
        raise ValueError(f"the line has {line.size} bytes, more than max_record_bytes, {options.max_record_bytes}")
    text = decode_line(line.data)
    try:
        value = json.loads(text, parse_constant=_refuse_constant, parse_float=_number)
    except json.JSONDecodeError as error:
        raise ValueError(f"broken JSON: {error.msg} at character {error.pos}") from None
    except RecursionError:
        raise ValueError("JSON nested too deeply") from None
    return _as_object(value)


def _as_object(value: object) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise ValueError(f"not a JSON object but {type(value).__name__}")  # noqa: TRY004  # a bad record, not a bug
    return value


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"broken JSON: {name} is no JSON value")


def _number(text: str) -> float | str:
    """A number as a float, or as it is printed where no float is so large: JSON has no bound, and no infinity."""
    value = float(text)
    return value if math.isfinite(value) else text


def _held_rows(stream: ByteStream, file: str, options: ReadOptions, report: ReadReport) -> Iterator[Row]:
    data, damage = read_up_to(stream, options.max_array_bytes)
    if len(data) > options.max_array_bytes:
        report.reject(
            file,
            1,
            f"a JSON array of more than max_array_bytes, {options.max_array_bytes}; write it as JSON lines"
            if _is_array(data[:_HEAD])
            else f"an object over several lines in a file of more than max_array_bytes, {options.max_array_bytes}",
            data[:_HEAD],
        )
        return
    if damage is not None and damage.is_bomb:
        raise damage  # of a hundred million numbers each would be rejected by itself
    text = data.decode("utf-8", "surrogateescape")  # a wrong byte spoils its own object only
    del data
    yield from _elements(text, file, options, report, cut=damage is not None)
    if damage is not None:
        raise damage


def _elements(text: str, file: str, options: ReadOptions, report: ReadReport, *, cut: bool) -> Iterator[Row]:
    decoder = json.JSONDecoder(parse_constant=_refuse_constant, parse_float=_number)
    start = _skip_blank(text, 0)
    listed = text[start : start + 1] == "["
    what = "array" if listed else "file"
    position = _skip_blank(text, start + 1) if listed else start
    line, counted = 1, 0
    while position < len(text) and not (listed and text[position] == "]"):
        line, counted = line + text.count("\n", counted, position), position
        try:
            value, end = decoder.raw_decode(text, position)
        except (ValueError, RecursionError) as error:
            if not cut or position < text.rfind("\n"):
                reason = f"broken JSON, the rest of the {what} is lost: {str(error) or 'nested too deeply'}"
                report.reject(file, line, reason, text[position : position + _HEAD])
            return
        try:
            yield Row(line=line, values=_checked(value, text[position:end], options))
        except ValueError as error:
            report.reject(file, line, str(error), text[position : min(end, position + _HEAD)])
        position = _skip_blank(text, end)
        if text[position : position + 1] == ",":
            position = _skip_blank(text, position + 1)
        elif listed and text[position : position + 1] != "]" and not cut:
            line += text.count("\n", counted, position)
            report.reject(file, line, "broken JSON, the rest of the array is lost: no comma", text[position:][:_HEAD])
            return


def _checked(value: object, source: str, options: ReadOptions) -> dict[str, Any]:
    data = source.encode("utf-8", "surrogateescape")
    if len(data) > options.max_record_bytes:
        raise ValueError(f"the object has {len(data)} bytes, more than max_record_bytes, {options.max_record_bytes}")
    decode_line(data)
    return _as_object(value)


def _skip_blank(text: str, position: int) -> int:
    while position < len(text) and text[position] in " \t\r\n":
        position += 1
    return position
