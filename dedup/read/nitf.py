"""NITF 3, the XML of a single news story.

https://iptc.org/standards/nitf/
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from xml.etree.ElementTree import Element  # nothing is parsed with it: only trees to search

from dedup.read.dateline import place_of_dateline
from dedup.read.lines import ByteStream
from dedup.read.options import ReadOptions
from dedup.read.paragraphs import element_text, line_text, line_texts
from dedup.read.record import Row
from dedup.read.report import ReadReport
from dedup.read.xml_items import ItemKinds, xml_items

__all__ = ["nitf_rows", "nitf_values"]

_KINDS = ItemKinds(roots=frozenset(("nitf",)), read=frozenset(("nitf",)))


def nitf_rows(stream: ByteStream, file: str, options: ReadOptions, report: ReadReport) -> Iterator[Row]:
    """Yield the stories of a file: one, or several documents that follow one another.

    Raises:
        DamagedStreamError: compressed data is damaged or cut, after what came before it has been yielded.
    """
    for item in xml_items(stream, file, options, report, kinds=_KINDS):
        yield Row(line=item.line, values=nitf_values(item.element, language=item.language))


def nitf_values(root: Element, *, language: str | None = None) -> dict[str, Any]:
    """Return the fields of a story under our names, and under its own those that we have none for.

    Args:
        root: the ``nitf`` element, with local names.
        language: that of what is around it.
    """
    head = root.find("body/body.head")
    head = Element("body.head") if head is None else head
    language = _language(root) or language
    dateline = line_text(head.find("dateline"))
    city, agency = place_of_dateline(dateline, language=language or "")
    times = _times(root, head)
    published = next(iter(times), "")
    found = {
        "id": _first_attribute(root, ("head/docdata/doc-id", "id-string"), (".", "uno")),
        "title": line_text(head.find("hedline/hl1")) or line_text(root.find("head/title")),
        "body": "\n".join(text for part in root.iterfind("body/body.content") if (text := element_text(part))),
        "language": language,
        "published": times.pop(published, None),
        "edition": _first_attribute(root, ("head/pubdata", "name"), ("head/docdata/doc.copyright", "holder"))
        or line_text(head.find("rights/rights.owner")),
        "section": _first_attribute(
            root, ("head/pubdata", "position.section"), ("head/tobject/tobject.subject", "tobject.subject.type")
        ),
        "city": _city(head.find("dateline/location")) or city,
        "agency": line_text(head.find("distributor")) or agency,
        "byline": "; ".join(line_texts(head.iterfind("byline"))),
        "dateline": dateline,
        "subheadlines": line_texts(head.iterfind("hedline/hl2")),
        "abstract_text": element_text(head.find("abstract")),
        "keywords": [key for each in root.iterfind("head/docdata/key-list/keyword") if (key := each.get("key"))],
        "urgency": _first_attribute(root, ("head/docdata/urgency", "ed-urg")),
        "slugline": _first_attribute(root, ("head/docdata/du-key", "key"), ("head/docdata/fixture", "fix-id")),
        "tagline": element_text(root.find("body/body.end")),
        **times,
    }
    found["body"] = found["body"] or found.pop("abstract_text")
    return {name: value for name, value in found.items() if value}


def _times(root: Element, head: Element) -> dict[str, str]:
    """The times that a story states, best first."""
    stated = {
        "date.issue": _first_attribute(root, ("head/docdata/date.issue", "norm")),
        "date.release": _first_attribute(root, ("head/docdata/date.release", "norm")),
        "date.publication": _first_attribute(root, ("head/pubdata", "date.publication")),
        "story.date": _first_attribute(head, ("dateline/story.date", "norm")),
    }
    return {name: time for name, time in stated.items() if time}


def _language(root: Element) -> str | None:
    """``xml:lang`` from within outwards, or a meta element of that name."""
    stated = (_first_attribute(root, (path, "lang")) for path in ("body/body.content", "body", "."))
    named = (
        each.get("content")
        for each in root.iterfind("head/meta")
        if each.get("name", "").lower() in ("language", "lang", "content-language")
    )
    return next((tag for tag in (*stated, *named) if tag), None)


def _city(location: Element | None) -> str:
    """A place in a dateline: its city, or all of it up to a comma."""
    if location is None:
        return ""
    return line_text(location.find("city")) or place_of_dateline(line_text(location), language="")[0] or ""


def _first_attribute(root: Element, *places: tuple[str, str]) -> str:
    """The first of several attributes, each of an element with a path, that says something."""
    for path, name in places:
        for element in root.iterfind(path):
            if value := element.get(name, "").strip():
                return value
    return ""
