"""The items of an XML file, one at a time, from files that nobody vouches for.

Parsed with expat, item by item: what lies between items is never held. No DTD and no external entity is loaded, no
entity that is made of others is taken, and items are bounded in length and depth. A break in an item costs that item;
reading goes on where the next begins.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from xml.parsers import expat

from dedup.read.lines import ByteStream
from dedup.read.options import ReadOptions
from dedup.read.report import ReadReport
from dedup.read.xml_builder import HostileError, ItemBuilder, ItemKinds, XmlItem, local_name
from dedup.read.xml_bytes import xml_chunks

__all__ = ["ItemKinds", "XmlItem", "local_name", "xml_items"]

_WRAPPER = b"<resumed>"
_LONGEST_START = 200  # bytes of a start tag that tell which element it is
_CODES = expat.errors.codes
_AFTER_THE_END = frozenset(  # of a document: the next may follow
    (_CODES[expat.errors.XML_ERROR_JUNK_AFTER_DOC_ELEMENT], _CODES[expat.errors.XML_ERROR_MISPLACED_XML_PI])
)
_UNCLOSED = frozenset(
    (
        _CODES[expat.errors.XML_ERROR_NO_ELEMENTS],
        _CODES[expat.errors.XML_ERROR_UNCLOSED_TOKEN],
        _CODES[expat.errors.XML_ERROR_UNCLOSED_CDATA_SECTION],
        _CODES[expat.errors.XML_ERROR_PARTIAL_CHAR],
    )
)
_MISMATCH = _CODES[expat.errors.XML_ERROR_TAG_MISMATCH]
_TOO_MUCH = _CODES[expat.errors.XML_ERROR_AMPLIFICATION_LIMIT_BREACH]
_NO_WORDS = re.compile(rb"(?:\s|<\?[^>]*>|<!--[^>]*>)*")


def xml_items(
    stream: ByteStream, file: str, options: ReadOptions, report: ReadReport, *, kinds: ItemKinds
) -> Iterator[XmlItem]:
    """Yield the items of a file; what is none, and where the file is broken, goes to the report.

    Several documents may follow one another in a file.

    Raises:
        DamagedStreamError: compressed data is damaged or cut, after what came before it has been yielded.
    """
    builder = ItemBuilder(file, options, report, kinds)
    feeder = _Feeder(builder, file, report, kinds, longest_tag=options.max_record_bytes + _LONGEST_START)
    try:
        for chunk in xml_chunks(stream, options):
            feeder.feed(chunk)
            yield from builder.take()
        feeder.finish()
    except HostileError as error:
        report.reject(file, builder.line, f"{error}; nothing more of the file is read")
    yield from builder.take()


class _Feeder:
    """Feeds parsers with a file in pieces: after a break, or the end of a document, another from the next item on."""

    def __init__(
        self, builder: ItemBuilder, file: str, report: ReadReport, kinds: ItemKinds, *, longest_tag: int
    ) -> None:
        self._builder, self._file, self._report = builder, file, report
        self._longest_tag = longest_tag
        names = b"|".join(sorted(re.escape(name.encode()) for name in kinds.roots | kinds.read | kinds.passed))
        self._start_tag = re.compile(rb"<(?:[^\s<>/:=\"']{1,60}:)?(?:" + names + rb")(?=[\s/>])")
        self._resumed = False  # after a break: what is open around the items is not known
        self._seeking = False
        self._fed = self._quiet = 0  # bytes in this parser; those since it last called
        self._recent = b""  # the end of what has been fed
        self._tail = b""  # the end of what has been looked through
        self._lost = b""  # the beginning of what stands after the end of a document

    def feed(self, data: bytes) -> None:
        """Take a piece of the file."""
        if not self._fed and not self._resumed:  # a blank line before the XML declaration is an error to expat
            stripped = data.lstrip()
            self._builder.lines_before += data[: len(data) - len(stripped)].count(b"\n")
            data = stripped
        while data:
            data = self._seek(data) if self._seeking else self._parse(data)

    def finish(self) -> None:
        """Take the end of the file."""
        if self._seeking:
            self._tell_lost()
        elif not self._fed:
            self._report.reject(self._file, 1, "the file is empty")
        else:
            try:
                self._builder.parser.Parse(b"", True)
            except expat.ExpatError as error:
                self._end_early(error)

    def _end_early(self, error: expat.ExpatError) -> None:
        if self._builder.is_in_item:
            self._builder.reject(f"the file ends within this item: {_message(error)}")
        elif not (self._resumed and error.code in _UNCLOSED):  # what was open before a break is closed nowhere
            self._report.reject(self._file, self._builder.line, f"the file is cut: {_message(error)}")

    def _parse(self, data: bytes) -> bytes:
        """Feed the parser; return what is left after an error."""
        self._builder.quiet = True
        try:
            self._builder.parser.Parse(data, False)
        except expat.ExpatError as error:
            return self._after(error, data)
        self._recent = (self._recent + data[-_LONGEST_START:])[-_LONGEST_START:]
        self._fed += len(data)
        self._quiet = self._quiet + len(data) if self._builder.quiet else 0
        if self._quiet > self._longest_tag:
            limit = self._longest_tag - _LONGEST_START
            raise HostileError(f"a tag or comment longer than max_record_bytes, {limit}")
        return b""

    def _after(self, error: expat.ExpatError, data: bytes) -> bytes:
        """Count what an error costs; return what is left of the data, to look for the next item in."""
        if error.code == _TOO_MUCH:
            raise HostileError(_message(error))
        builder = self._builder
        missing = max(0, self._fed - builder.parser.ErrorByteIndex)  # the error begins in what has been fed before
        data = (self._recent[-missing:] if missing else b"") + data
        offset = max(0, builder.parser.ErrorByteIndex - self._fed)
        line = builder.lines_before + builder.parser.ErrorLineNumber
        rest = data[offset:]
        between = not builder.is_in_item and (
            (builder.depth == 0 and error.code in _AFTER_THE_END)
            or (self._resumed and rest.startswith((b"<?xml", b"<!DOCTYPE")))
        )
        if between:
            self._tell_lost()
            self._lost = rest[:_LONGEST_START]
        elif builder.is_in_item:
            builder.reject(f"broken XML, this item is lost: {_message(error)} in line {line}")
        elif not (self._resumed and error.code == _MISMATCH):  # the end of what was opened before the break
            self._report.reject(self._file, line, f"broken XML: {_message(error)}", rest[:_LONGEST_START])
        self._seeking, self._resumed = True, not between
        past = 0 if between else 1  # the tag that is broken itself is not the next item
        builder.lines_before = line - 1 + rest[:past].count(b"\n")
        return rest[past:]

    def _seek(self, data: bytes) -> bytes:
        """Return the data from the next item's start on, and make ready to read it; empty where there is none."""
        data, self._tail = self._tail + data, b""
        match = self._start_tag.search(data)
        if match is None:
            keep = data.rfind(b"<", max(0, len(data) - _LONGEST_START))
            self._tail = data[keep:] if keep >= 0 else b""
            self._builder.lines_before += data[: len(data) - len(self._tail)].count(b"\n")
            return b""
        self._builder.lines_before += data[: match.start()].count(b"\n")
        self._seeking, self._lost = False, b""
        self._fed = self._quiet = 0
        parser = self._builder.start_parser(resumed=self._resumed)
        if self._resumed:
            parser.Parse(_WRAPPER, False)
            self._fed = len(_WRAPPER)
        return data[match.start() :]

    def _tell_lost(self) -> None:
        """Tell of text after the end of a document that no item followed."""
        if self._lost and not _NO_WORDS.fullmatch(self._lost):
            self._report.reject(self._file, self._builder.line, "text after the end of the document", self._lost)
        self._lost = b""


def _message(error: expat.ExpatError) -> str:
    return expat.errors.messages.get(error.code, str(error))
