"""The items of an XML file, one at a time, from files that nobody vouches for.

Parsed with expat, item by item: what lies between items is never held. No DTD and no external entity is loaded, no
entity that is made of others is taken, and items are bounded in length and depth. A break in an item costs that item;
reading goes on where the next begins.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.entities import html5
from typing import Any
from xml.etree.ElementTree import Element, TreeBuilder  # built by the handlers below, parses nothing
from xml.parsers import expat  # the bounds that S407 misses are set below

from dedup.read.lines import ByteStream
from dedup.read.options import ReadOptions
from dedup.read.report import ReadReport
from dedup.read.xml_bytes import WRONG_BYTE, xml_chunks

__all__ = ["ItemKinds", "XmlItem", "local_name", "xml_items"]

_DEEPEST = 100  # in an item; text in newsrooms' mark-up is some ten deep
_DEEPEST_FILE = 1000  # expat keeps the names of all that is open
_MOST_ENTITIES = 300  # HTML has 253
_LONGEST_ENTITY = 1000
_WRAPPER = b"<resumed>"
_LONGEST_START = 200  # bytes of a start tag that tell which element it is

_AFTER_THE_END = frozenset(  # of a document: the next may follow
    expat.errors.codes[message]
    for message in (expat.errors.XML_ERROR_JUNK_AFTER_DOC_ELEMENT, expat.errors.XML_ERROR_MISPLACED_XML_PI)
)
_UNCLOSED = frozenset(
    expat.errors.codes[message]
    for message in (
        expat.errors.XML_ERROR_NO_ELEMENTS,
        expat.errors.XML_ERROR_UNCLOSED_TOKEN,
        expat.errors.XML_ERROR_UNCLOSED_CDATA_SECTION,
        expat.errors.XML_ERROR_PARTIAL_CHAR,
    )
)
_MISMATCH = expat.errors.codes[expat.errors.XML_ERROR_TAG_MISMATCH]


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemKinds:
    """Local names of the elements that matter to a format."""

    roots: frozenset[str]
    """With which a file of the format begins."""
    read: frozenset[str]
    """Its articles."""
    passed: frozenset[str] = frozenset()
    """Items that are no articles: counted, and passed by."""


@dataclass(frozen=True, slots=True, kw_only=True)
class XmlItem:
    """One item. Names are local: prefixes are dropped from those of elements and attributes."""

    line: int
    """Where its start tag begins, counted from 1."""
    element: Element
    language: str | None
    """``xml:lang`` of the nearest element around it that has one."""


class _HostileError(Exception):
    """The file is made to do harm, or of no use: nothing more of it is read."""


def local_name(name: str) -> str:
    """Return a name without its prefix.

    >>> local_name("nar:newsItem")
    'newsItem'
    """
    return name.rpartition(":")[2]


def xml_items(
    stream: ByteStream, file: str, options: ReadOptions, report: ReadReport, *, kinds: ItemKinds
) -> Iterator[XmlItem]:
    """Yield the items of a file; what is none, and where the file is broken, goes to the report.

    Several documents may follow one another in a file.

    Raises:
        DamagedStreamError: compressed data is damaged or cut, after what came before it has been yielded.
    """
    items = _Items(file, options, report, kinds)
    try:
        for chunk in xml_chunks(stream, options):
            items.feed(chunk)
            yield from items.take()
        items.finish()
    except _HostileError as error:
        report.reject(file, items.line, f"{error}; nothing more of the file is read")
    yield from items.take()


@dataclass(slots=True, kw_only=True)
class _Open:
    """An item that is being read."""

    line: int
    depth: int
    start: str
    language: str | None
    builder: TreeBuilder = field(default_factory=TreeBuilder)
    size: int = 0
    problem: str = ""

    def refuse(self, problem: str) -> None:
        self.problem = self.problem or problem
        self.builder = TreeBuilder()  # what is there is of no use any more


class _Items:
    """Takes a file in pieces and gives its items."""

    def __init__(self, file: str, options: ReadOptions, report: ReadReport, kinds: ItemKinds) -> None:
        self._file, self._report, self._kinds = file, report, kinds
        self._limit = options.max_record_bytes
        names = b"|".join(sorted(re.escape(name.encode()) for name in kinds.roots | kinds.read | kinds.passed))
        self._start_tag = re.compile(rb"<(?:[^\s<>/:=\"']{1,60}:)?(?:" + names + rb")(?=[\s/>])")
        self._done: list[XmlItem] = []
        self._open: _Open | None = None
        self._languages: list[str | None] = []  # of what is open around items
        self._depth = self._entities = 0
        self._resumed = self._seeking = False
        self._lost = b""  # the beginning of what stands after the end of a document
        self._recent = self._tail = b""  # the end of what has been fed, and of what has been looked through
        self._lines_before = 0  # of the parser's start in the file
        self._fed = self._quiet = 0  # bytes in this parser; bytes since it last called
        self._parser = self._new_parser()

    @property
    def line(self) -> int:
        """The line in the file where the parser is."""
        return self._lines_before + self._parser.CurrentLineNumber

    def take(self) -> Iterator[XmlItem]:
        """Give the items that are whole."""
        done, self._done = self._done, []
        yield from done

    def feed(self, data: bytes) -> None:
        """Take a piece of the file."""
        if not self._fed and not self._resumed:  # a blank line before the XML declaration is an error to expat
            stripped = data.lstrip()
            self._lines_before += data[: len(data) - len(stripped)].count(b"\n")
            data = stripped
        while data:
            if self._seeking:
                data = self._seek(data)
                continue
            try:
                self._parser.Parse(data, False)
            except expat.ExpatError as error:
                data = self._after_error(error, data)
            else:
                self._recent = (self._recent + data[-_LONGEST_START:])[-_LONGEST_START:]
                self._fed += len(data)
                self._quiet += len(data)
                if self._quiet > self._limit + (1 << 16):
                    raise _HostileError(f"a tag or comment longer than max_record_bytes, {self._limit}")
                return

    def finish(self) -> None:
        """Take the end of the file."""
        if self._seeking:
            self._note_lost()
            return
        if not self._fed:
            self._report.reject(self._file, 1, "the file is empty")
            return
        try:
            self._parser.Parse(b"", True)
        except expat.ExpatError as error:
            if self._open is not None:
                self._reject(f"the file ends within this item: {_message(error)}")
            elif not (self._resumed and error.code in _UNCLOSED):  # a resumed document has lost its beginning
                self._report.reject(self._file, self.line, f"the file is cut: {_message(error)}")

    # --- broken files

    def _after_error(self, error: expat.ExpatError, data: bytes) -> bytes:
        """Count what an error costs; return what is left of the data, to look for the next item in."""
        message = _message(error)
        if error.code == expat.errors.codes[expat.errors.XML_ERROR_AMPLIFICATION_LIMIT_BREACH]:
            raise _HostileError(message)
        missing = max(0, self._fed - self._parser.ErrorByteIndex)  # the error begins in what has been fed before
        data = (self._recent[-missing:] if missing else b"") + data
        offset = max(0, self._parser.ErrorByteIndex - self._fed)
        between = self._open is None and (
            (self._depth == 0 and error.code in _AFTER_THE_END)
            or (self._resumed and data.startswith((b"<?xml", b"<!DOCTYPE"), offset))
        )
        line = self._lines_before + self._parser.ErrorLineNumber
        if between:
            self._note_lost()
            self._lost = data[offset:][:_LONGEST_START]
        elif self._open is not None:
            self._reject(f"broken XML, this item is lost: {message} in line {line}")
        elif not (self._resumed and error.code == _MISMATCH):  # the end of what was opened before the break
            self._report.reject(self._file, line, f"broken XML: {message}", data[offset:][:_LONGEST_START])
        self._seeking, self._open, self._resumed = True, None, not between
        self._lines_before = line - 1
        skipped = 0 if between else 1  # past the tag that is broken itself
        self._lines_before += data[offset : offset + skipped].count(b"\n")
        return data[offset + skipped :]

    def _seek(self, data: bytes) -> bytes:
        """Return the data from the next item's start on, and make ready to read it; empty where there is none."""
        data, self._tail = self._tail + data, b""
        match = self._start_tag.search(data)
        if match is None:
            keep = data.rfind(b"<", max(0, len(data) - _LONGEST_START))
            self._tail = data[keep:] if keep >= 0 else b""
            self._lines_before += data[: len(data) - len(self._tail)].count(b"\n")
            return b""
        self._lines_before += data[: match.start()].count(b"\n")
        self._lost = b""
        self._seeking = False
        self._parser = self._new_parser()
        if self._resumed:  # what is open around the item was opened before the break
            self._parser.Parse(_WRAPPER, False)
            self._fed = len(_WRAPPER)
        return data[match.start() :]

    def _note_lost(self) -> None:
        """Tell of text after the end of a document that no item followed."""
        if self._lost and not re.fullmatch(rb"(?:\s|<\?[^>]*>|<!--[^>]*>)*", self._lost):
            self._report.reject(self._file, self.line, "text after the end of the document", self._lost)
        self._lost = b""

    def _reject(self, problem: str) -> None:
        assert self._open is not None
        self._report.reject(self._file, self._open.line, problem, self._open.start)
        self._open = None

    # --- expat's handlers

    def _new_parser(self) -> expat.XMLParserType:
        parser = expat.ParserCreate("utf-8")
        parser.buffer_text = True
        # as if each file had a DTD, an empty one: then &nbsp; is skipped, and told, instead of being an error
        parser.SetParamEntityParsing(expat.XML_PARAM_ENTITY_PARSING_ALWAYS)
        parser.UseForeignDTD(True)
        parser.ExternalEntityRefHandler = self._external
        parser.EntityDeclHandler = self._declared
        parser.SkippedEntityHandler = self._skipped
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._text
        parser.CommentHandler = self._quiet_part
        parser.ProcessingInstructionHandler = self._quiet_part
        self._depth = self._entities = self._fed = self._quiet = 0
        self._languages = self._languages[-1:] if self._resumed else []
        return parser

    def _quiet_part(self, *_: str) -> None:
        self._quiet = 0

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._quiet = 0
        self._depth += 1
        if self._depth > _DEEPEST_FILE:
            raise _HostileError(f"elements nested more than {_DEEPEST_FILE} deep")
        local = local_name(name)
        if self._open is None:
            self._start_outside(local, attributes)
        item = self._open
        if item is None or item.problem:
            return
        if self._depth - item.depth > _DEEPEST:
            item.refuse(f"elements nested more than {_DEEPEST} deep")
            return
        plain = {local_name(key): value for key, value in attributes.items() if not key.startswith("xmlns")}
        self._count(item, local, *plain.values())
        if not item.problem:
            item.builder.start(local, plain)

    def _start_outside(self, local: str, attributes: dict[str, str]) -> None:
        if self._depth == 1 and not self._resumed and local not in self._kinds.roots:
            roots = " or ".join(sorted(self._kinds.roots))
            raise _HostileError(f"the root element is <{local[:60]}>, not {roots}; name the format of the file")
        around = self._languages[-1] if self._languages else None
        language = attributes.get("xml:lang", around)
        if local in self._kinds.read:
            start = f"<{local} {' '.join(f'{key}={value!r}' for key, value in attributes.items())}>"
            self._open = _Open(line=self.line, depth=self._depth, start=start, language=around)
        else:
            if local in self._kinds.passed:
                self._report.skip_record(self._file, self.line, f"<{local}>")
            self._languages.append(language)

    def _end(self, name: str) -> None:
        self._quiet = 0
        item = self._open
        if item is None:
            if self._languages:
                self._languages.pop()
        elif not item.problem:
            item.builder.end(local_name(name))
        if item is not None and item.depth == self._depth:
            self._close(item)
        self._depth -= 1

    def _close(self, item: _Open) -> None:
        if item.problem:
            self._reject(item.problem)
        else:
            self._done.append(XmlItem(line=item.line, element=item.builder.close(), language=item.language))
        self._open = None

    def _text(self, text: str) -> None:
        self._quiet = 0
        item = self._open
        if item is None or item.problem:
            return
        self._count(item, text)
        if not item.problem:
            item.builder.data(text)

    def _count(self, item: _Open, *texts: str) -> None:
        for text in texts:
            item.size += len(text) if text.isascii() else len(text.encode())
            if WRONG_BYTE in text:
                item.refuse(
                    f"invalid UTF-8 in line {self.line}; "
                    "if the whole file is in another encoding, name it with the option 'encoding'"
                )
        if item.size > self._limit:
            item.refuse(f"the item is longer than max_record_bytes, {self._limit}")

    def _skipped(self, name: str, is_parameter: bool) -> None:
        if not is_parameter:
            known = html5.get(f"{name};")
            self._text(known if known is not None else f"&{name};")

    def _declared(self, name: str, is_parameter: bool, value: str | None, *_: Any) -> None:
        self._quiet = 0
        self._entities += 1
        if self._entities > _MOST_ENTITIES:
            raise _HostileError(f"more than {_MOST_ENTITIES} entities are declared")
        if value is not None and (len(value) > _LONGEST_ENTITY or re.search(r"[&%](?!#)", value)):
            kind = "%" if is_parameter else "&"
            raise _HostileError(f"the entity {kind}{name[:60]}; is made of others or long, as those that harm are")

    def _external(self, context: str | None, *_: Any) -> int:
        """Load nothing: a DTD, which has no ``context``, is taken to be empty; an item that needs more is refused."""
        if context is None:
            self._parser.ExternalEntityParserCreate(context, "utf-8").Parse(b"", True)
        elif self._open is not None:
            self._open.refuse("it refers to an external entity, and none is loaded")
        return 1


def _message(error: expat.ExpatError) -> str:
    return expat.errors.messages.get(error.code, str(error))
