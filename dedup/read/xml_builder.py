"""Items out of the elements that expat tells of, within bounds."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.entities import html5
from typing import Any
from xml.etree.ElementTree import Element, TreeBuilder  # built by the handlers below, parses nothing
from xml.parsers import expat

from dedup.read.options import NAME_ENCODING, ReadOptions
from dedup.read.report import ReadReport
from dedup.read.xml_bytes import WRONG_BYTE

__all__ = ["HostileError", "ItemBuilder", "ItemKinds", "XmlItem", "local_name"]

_DEEPEST = 100  # in an item; text in newsrooms' mark-up is some ten deep
_DEEPEST_FILE = 1000  # expat keeps the names of all that is open
_MOST_ENTITIES = 300  # HTML has 253
_LONGEST_ENTITY = 1000
_ELEMENT_BYTES = 64  # that an element counts for, besides its name: about a third of what it takes in memory


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


class HostileError(Exception):
    """The file is made to do harm, or of no use: nothing more of it is read."""


def local_name(name: str) -> str:
    """Return a name without its prefix.

    >>> local_name("nar:newsItem")
    'newsItem'
    """
    return name.rpartition(":")[2]


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


class ItemBuilder:
    """Builds items; of what is around them it knows the depth and the language.

    Args:
        file: name of the file, in the report.
        options: for the bound of an item.
        report: gets items that cannot be read, and counts those that are no articles.
        kinds: names of the elements that are items.
    """

    def __init__(self, file: str, options: ReadOptions, report: ReadReport, kinds: ItemKinds) -> None:
        self._file, self._report, self._kinds = file, report, kinds
        self._limit = options.max_record_bytes
        self._open: _Open | None = None
        self._languages: list[str | None] = []  # of what is open around items
        self._entities = 0
        self._resumed = False
        self._done: list[XmlItem] = []
        self.depth = 0
        self.quiet = True
        """Whether the parser has called nothing since this was set."""
        self.lines_before = 0
        """Lines of the file before the parser's start."""
        self.parser = self.start_parser(resumed=False)

    @property
    def line(self) -> int:
        """The line in the file where the parser is."""
        return self.lines_before + self.parser.CurrentLineNumber

    @property
    def is_in_item(self) -> bool:
        """Whether an item is open."""
        return self._open is not None

    def take(self) -> Iterator[XmlItem]:
        """Give the items that are whole."""
        done, self._done = self._done, []
        yield from done

    def reject(self, problem: str) -> None:
        """Give the open item up."""
        assert self._open is not None
        self._report.reject(self._file, self._open.line, problem, self._open.start)
        self._open = None

    def start_parser(self, *, resumed: bool) -> expat.XMLParserType:
        """Begin with another document, or with the rest of one whose beginning is lost."""
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
        parser.CommentHandler = self._note
        parser.ProcessingInstructionHandler = self._note
        self.parser, self._open, self._resumed = parser, None, resumed
        self.depth = self._entities = 0
        self._languages = self._languages[-1:] if resumed else []
        return parser

    def _note(self, *_: str) -> None:
        self.quiet = False

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self.quiet = False
        self.depth += 1
        if self.depth > _DEEPEST_FILE:
            raise HostileError(f"elements nested more than {_DEEPEST_FILE} deep")
        local = local_name(name)
        if self._open is None:
            self._start_outside(local, attributes)
        item = self._open
        if item is None or item.problem:
            return
        if self.depth - item.depth > _DEEPEST:
            item.refuse(f"elements nested more than {_DEEPEST} deep")
            return
        plain = {local_name(key): value for key, value in attributes.items() if not key.startswith("xmlns")}
        item.size += _ELEMENT_BYTES
        self._count(item, local, *plain.values())
        if not item.problem:
            item.builder.start(local, plain)

    def _start_outside(self, local: str, attributes: dict[str, str]) -> None:
        if self.depth == 1 and not self._resumed and local not in self._kinds.roots:
            roots = " or ".join(sorted(self._kinds.roots))
            raise HostileError(f"the root element is <{local[:60]}>, not {roots}; name the format of the file")
        around = self._languages[-1] if self._languages else None
        language = attributes.get("xml:lang", around)
        if local in self._kinds.read:
            start = f"<{local} {' '.join(f'{key}={value!r}' for key, value in attributes.items())}>"
            self._open = _Open(line=self.line, depth=self.depth, start=start, language=around)
        else:
            if local in self._kinds.passed:
                self._report.skip_record(self._file, self.line, f"<{local}>")
            self._languages.append(language)

    def _end(self, name: str) -> None:
        self.quiet = False
        item = self._open
        if item is None:
            if self._languages:
                self._languages.pop()
        elif not item.problem:
            item.builder.end(local_name(name))
        if item is not None and item.depth == self.depth:
            self._close(item)
        self.depth -= 1

    def _close(self, item: _Open) -> None:
        if item.problem:
            self.reject(item.problem)
        else:
            self._done.append(XmlItem(line=item.line, element=item.builder.close(), language=item.language))
        self._open = None

    def _text(self, text: str) -> None:
        self.quiet = False
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
                item.refuse(f"invalid UTF-8 in line {self.line}; {NAME_ENCODING}")
        if item.size > self._limit:
            item.refuse(f"the item is longer than max_record_bytes, {self._limit}")

    def _skipped(self, name: str, is_parameter: bool) -> None:
        if not is_parameter:
            known = html5.get(f"{name};")
            self._text(known if known is not None else f"&{name};")

    def _declared(self, name: str, is_parameter: bool, value: str | None, *_: Any) -> None:
        self.quiet = False
        self._entities += 1
        if self._entities > _MOST_ENTITIES:
            raise HostileError(f"more than {_MOST_ENTITIES} entities are declared")
        if value is not None and (len(value) > _LONGEST_ENTITY or re.search(r"[&%](?!#)", value)):
            kind = "%" if is_parameter else "&"
            raise HostileError(f"the entity {kind}{name[:60]}; is made of others or long, as those that harm are")

    def _external(self, context: str | None, *_: Any) -> int:
        """Load nothing: a DTD, which has no ``context``, is taken to be empty; an item that needs more is refused."""
        if context is None:
            self.parser.ExternalEntityParserCreate(context, "utf-8").Parse(b"", True)
        elif self._open is not None:
            self._open.refuse("it refers to an external entity, and none is loaded")
        return 1
