"""ninjs 1, 2 and 3, the JSON of news agencies.

https://iptc.org/standards/ninjs/
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from dedup.errors import RecordError
from dedup.read.jsonl import json_rows
from dedup.read.lines import ByteStream
from dedup.read.options import ReadOptions
from dedup.read.paragraphs import html_text, plain_text
from dedup.read.record import Row
from dedup.read.report import ReadReport

__all__ = ["NoArticleError", "is_ninjs", "known_row", "mixed_rows", "ninjs_row", "ninjs_rows", "ninjs_values"]

_TELLING = frozenset((
    "altids", "associations", "bodies", "bodytext", "bodyxhtml", "contentcreated", "copyrightholder", "copyrightnotice",
    "descriptiontext", "firstcreated", "headlines", "infosource", "infosources", "pubstatus", "representationtype",
    "usageterms", "versioncreated",
))  # fmt: skip
_LESS_TELLING = frozenset(("by", "byline", "located", "slugline", "urgency"))
"""Fields that together with ``uri`` tell ninjs from other JSON, and such as occur elsewhere and count for half."""
_ENOUGH = 3  # halves: one field might be chance
_TIMES = ("firstcreated", "versioncreated", "contentcreated")
"""Best first: the time of the first version orders who reported before whom."""
_WITHDRAWN = frozenset(("canceled", "cancelled", "withheld"))
_MAIN = frozenset(("", "main", "headline", "body", "text", "html", "story"))
_WRITTEN_AT = ("located", "dateline")
_PLAIN = ("", "text/plain")


class NoArticleError(Exception):
    """An item is no article, and no mistake either; the message says what it is."""


def ninjs_rows(stream: ByteStream, file: str, options: ReadOptions, report: ReadReport) -> Iterator[Row]:
    """Yield the items of a file: one, an array, or one a line. Pictures and the like without a text are counted.

    Raises:
        DamagedStreamError: compressed data is damaged or cut, after what came before it has been yielded.
        MissingPackageError: an item has its body in XHTML, and lxml is not installed.
    """
    for row in json_rows(stream, file, options, report):
        yield from _converted(row, file, options, report, known=True)


def mixed_rows(stream: ByteStream, file: str, options: ReadOptions, report: ReadReport) -> Iterator[Row]:
    """Yield the objects of a file of JSON: items of ninjs, which are known without being told, and others.

    Raises:
        DamagedStreamError: compressed data is damaged or cut, after what came before it has been yielded.
        MissingPackageError: an item of ninjs has its body in XHTML, and lxml is not installed.
    """
    for row in json_rows(stream, file, options, report):
        yield from _converted(row, file, options, report)


def _converted(row: Row, file: str, options: ReadOptions, report: ReadReport, *, known: bool = False) -> Iterator[Row]:
    try:
        yield ninjs_row(row, options) if known else known_row(row, options)
    except RecordError as error:
        report.reject(file, row.line, str(error))
    except NoArticleError as reason:
        report.skip_record(file, row.line, str(reason))


def known_row(row: Row, options: ReadOptions) -> Row:
    """Return a record as it is, or that of an item of ninjs where it plainly is one and no format has been named.

    Raises:
        NoArticleError: an item is no article.
        RecordError: an item cannot be read.
    """
    return ninjs_row(row, options) if options.format is None and is_ninjs(row.values) else row


def ninjs_row(row: Row, options: ReadOptions) -> Row:
    """Return the record of an item.

    Raises:
        NoArticleError: it is no article.
        RecordError: it cannot be read.
    """
    if why := _why_passed(row.values):
        raise NoArticleError(why)
    return Row(line=row.line, values=ninjs_values(row.values, fields=options.fields), named=True)


def is_ninjs(values: Mapping[str, Any]) -> bool:
    """Return whether an object is plainly an item of ninjs: it says so, or has its way of naming things.

    >>> is_ninjs({"uri": "urn:x:1", "type": "text", "versioncreated": "2026-03-02", "headline": "H", "body_text": "B"})
    True
    >>> is_ninjs({"uri": "https://example.org/1", "headline": "H", "body": "B", "byline": "N. N."})
    False
    """
    folded = {_fold(key): value for key, value in values.items() if len(key) < 40}
    standard = folded.get("standard", folded.get("$standard"))
    if isinstance(standard, dict) and standard.get("name") == "ninjs":
        return True
    if not isinstance(folded.get("uri"), str):
        return False
    return 2 * len(_TELLING & folded.keys()) + len(_LESS_TELLING & folded.keys()) >= _ENOUGH


def _why_passed(values: Mapping[str, Any]) -> str:
    """Why an item is no article; empty where it is one."""
    folded = {_fold(key): value for key, value in values.items()}
    status, kind = folded.get("pubstatus"), folded.get("type")
    if isinstance(status, str) and status.rpartition(":")[2] in _WITHDRAWN:
        return f"its status is {status}"
    bodies = (value for key, value in folded.items() if key.startswith("body") or key == "bodies")
    if isinstance(kind, str) and kind not in ("", "text", "composite") and not any(bodies):
        return f"it is of type {kind[:40]} and has no text"
    return ""


def ninjs_values(values: Mapping[str, Any], *, fields: Mapping[str, str]) -> dict[str, Any]:
    """Return the fields of an item under our names, and all others under their own.

    Args:
        values: an item. Its names count without regard to case and ``_``, in which the versions differ.
        fields: our names to those that the user has given fields; where an item has one of these, it goes first.

    Raises:
        RecordError: a body is no text, or cannot be read as XHTML.
    """
    item = _Item(values)
    ways: dict[str, Callable[[], Any]] = {
        "id": lambda: item.text("uri", "id", "guid"),
        "title": item.title,
        "body": item.body,
        "language": lambda: item.text("language", "lang"),
        "published": lambda: item.text(*_TIMES),
        "section": lambda: item.name("section", "sections") or item.peek_name("subjects", "subject", "genres"),
        "city": item.place,
        "agency": lambda: item.peek_name("infosources", "infosource", "provider"),
        "edition": lambda: item.peek_name("copyrightholder", "infosources", "infosource", "provider"),
    }
    found = {field: item.take(key) for field, key in fields.items() if key in values}
    found |= {name: value for name, way in ways.items() if name not in found and (value := way())}
    uri = found.get("id")
    if isinstance(uri, str) and uri.startswith(("https://", "http://")):
        found.setdefault("url", uri)
    rest = {_beside(key, found): value for key, value in values.items() if key not in item.used}
    return found | rest


def _beside(key: str, found: Mapping[str, Any]) -> str:
    """The name of a field that is carried along, such that it cannot be mistaken for one of ours."""
    return f"ninjs_{key}" if key in found else key


def _fold(key: str) -> str:
    return key.replace("_", "").lower()


class _Item:
    """Finds fields by several names, and notes which have been used up."""

    def __init__(self, values: Mapping[str, Any]) -> None:
        self._values = values
        self._keys: dict[str, str] = {}
        for key in values:
            self._keys.setdefault(_fold(key), key)
        self.used: set[str] = set()

    def take(self, key: str) -> Any:
        """A field by the name that it has."""
        self.used.add(key)
        return self._values[key]

    def text(self, *names: str) -> Any:
        """The first that is not empty, whatever it is: what is no text is refused, or told, further on."""
        for name in names:
            key = self._keys.get(name)
            if key is not None and (value := self._values[key]):
                self.used.add(key)
                return value
        return None

    def title(self) -> Any:
        """The main one of a list of headlines with roles, or the headline."""
        key = self._keys.get("headlines")
        value = None if key is None else self._values[key]
        if isinstance(value, list):
            texts = [each for each in value if isinstance(each, dict) and each.get("value")]
            main = [each for each in texts if str(each.get("role") or "") in _MAIN] or texts
            if main:
                self.used.update([key] if key and len(value) == 1 else [])  # else the others are carried along
                return main[0]["value"]
        return self.text("headline", "title")

    def body(self) -> str:
        """The text as such, else that of the XHTML, else any body there is, else a description."""
        plain = self._string("bodytext")
        if plain:
            return plain
        markup = self._string("bodyxhtml")
        if markup:
            return html_text(markup, name="body_xhtml")
        return (
            self._listed("bodies") or self._other("body") or self._listed("descriptions") or self._other("description")
        )

    def place(self) -> Any:
        """Where it was written: the name, or the place that is marked so."""
        located = self.text("located")
        if isinstance(located, str):
            return located
        if located:
            return _name(located)
        places = self._values.get(self._keys.get("places", self._keys.get("place", "")))
        listed = places if isinstance(places, list) else [places]
        marked = [each for each in listed if isinstance(each, dict) and each.get("rel") in _WRITTEN_AT]
        return _name(marked)

    def name(self, *names: str) -> str:
        """What a thing is called, which is then used up."""
        return _name(self.text(*names))

    def peek_name(self, *names: str) -> str:
        """What a thing is called, or the first of several; the field is carried along, since it says more."""
        for name in names:
            key = self._keys.get(name)
            if key is not None and (found := _name(self._values[key])):
                if isinstance(self._values[key], str):
                    self.used.add(key)
                return found
        return ""

    def _string(self, name: str) -> str:
        key = self._keys.get(name)
        value = None if key is None else self._values[key]
        if value is not None and not isinstance(value, str):
            raise RecordError(f"{key} is a {type(value).__name__}, not text")
        self.used.add(key or "")
        return value if value and value.strip() else ""

    def _listed(self, name: str) -> str:
        """The main one of a list of texts with roles and types; plain text rather than mark-up."""
        key = self._keys.get(name)
        value = None if key is None else self._values[key]
        if value is None:
            return ""
        if not isinstance(value, list):
            raise RecordError(f"{key} is a {type(value).__name__}, not a list")
        texts = [each for each in value if isinstance(each, dict) and isinstance(each.get("value"), str)]
        texts = [each for each in texts if each["value"].strip()]
        main = [each for each in texts if str(each.get("role") or "") in _MAIN] or texts
        main.sort(key=lambda each: _type(each) not in _PLAIN)
        if not main:
            return ""
        chosen = main[0]
        if len(value) == 1:  # else the others are carried along
            self.used.add(key or "")
        return chosen["value"] if _type(chosen) in _PLAIN else html_text(chosen["value"], name=name)

    def _other(self, start: str) -> str:
        """``body_caption`` and whatever else a version 1 may call it."""
        for folded, key in self._keys.items():
            value = self._values[key]
            if folded.startswith(start) and isinstance(value, str) and value.strip():
                self.used.add(key)
                return html_text(value, name=key) if "html" in folded else plain_text(value)
        return ""


def _type(text: Mapping[str, Any]) -> str:
    """The media type of one of several bodies, whose name changed its case between versions."""
    return str(text.get("contentType") or text.get("contenttype") or "").partition(";")[0].strip().lower()


def _name(value: object) -> str:
    """What a value calls a thing: itself, its ``name``, or that of its first member that has one."""
    for each in value if isinstance(value, list) else [value]:
        if isinstance(each, dict):
            each = each.get("name")  # a thing by its name
        if isinstance(each, str) and each.strip():
            return each.strip()
    return ""
