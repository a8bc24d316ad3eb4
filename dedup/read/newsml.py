"""NewsML-G2, the XML of news agencies: a news item, or a message with many.

https://iptc.org/standards/newsml-g2/
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from xml.etree.ElementTree import Element  # nothing is parsed with it: only trees to search

from dedup.errors import RecordError
from dedup.read.dateline import place_of_dateline
from dedup.read.lines import ByteStream
from dedup.read.nitf import nitf_values
from dedup.read.options import ReadOptions
from dedup.read.paragraphs import element_text, html_text, line_text, line_texts, plain_text
from dedup.read.record import Row
from dedup.read.report import ReadReport
from dedup.read.xml_items import ItemKinds, XmlItem, xml_items

__all__ = ["NEWSML_ROOTS", "newsml_rows"]

_OTHERS = frozenset(("packageItem", "conceptItem", "knowledgeItem", "planningItem", "catalogItem"))
NEWSML_ROOTS = frozenset(("newsMessage", "newsItem")) | _OTHERS
"""Names of the elements with which a file of NewsML-G2 can begin."""
_KINDS = ItemKinds(roots=NEWSML_ROOTS, read=frozenset(("newsItem",)), passed=_OTHERS)
_TIMES = ("itemMeta/firstCreated", "itemMeta/versionCreated", "contentMeta/contentCreated")
"""Where the time of publication stands, best first: that of the first version orders who reported before whom."""
_WITHDRAWN = frozenset(("canceled", "cancelled", "withheld"))


def newsml_rows(stream: ByteStream, file: str, options: ReadOptions, report: ReadReport) -> Iterator[Row]:
    """Yield the news items of a file; packages, pictures without a text and what was withdrawn are counted.

    Raises:
        DamagedStreamError: compressed data is damaged or cut, after what came before it has been yielded.
    """
    for item in xml_items(stream, file, options, report, kinds=_KINDS):
        try:
            values = newsml_values(item)
        except RecordError as error:
            report.reject(file, item.line, str(error))
            continue
        why = _why_passed(item.element, values)
        if why:
            report.skip_record(file, item.line, why)
        else:
            yield Row(line=item.line, values=values)


def newsml_values(item: XmlItem) -> dict[str, Any]:
    """Return the fields of a news item under our names, and under its own those that we have none for.

    Raises:
        RecordError: a body in HTML cannot be read.
    """
    root = item.element
    body, content = _content(root)
    language = (
        _attribute(root, "contentMeta/language", "tag")
        or content.pop("language", None)
        or root.get("lang")
        or item.language
    )
    dateline = line_text(root.find("contentMeta/dateline")) or content.get("dateline", "")
    city, agency = place_of_dateline(dateline, language=language or "")
    guid = root.get("guid", "")
    subjects = [name for each in root.iterfind("contentMeta/subject") if (name := _name(each, language))]
    times = {path.rpartition("/")[2]: time for path in _TIMES if (time := line_text(root.find(path)))}
    published = next(iter(times), "")
    found = {
        "id": guid,
        "title": _headline(root, language) or content.get("title") or line_text(root.find("itemMeta/title")),
        "body": body or _description(root, language),
        "language": language,
        "published": times.pop(published, None) or content.get("published"),
        "url": guid if guid.startswith(("http://", "https://")) else None,
        "edition": _name(root.find("itemMeta/provider"), language) or content.get("edition"),
        "section": subjects[0] if subjects else content.get("section"),
        "city": _name(root.find("contentMeta/located"), language) or content.get("city") or city,
        "agency": _name(root.find("contentMeta/infoSource"), language) or content.get("agency") or agency,
        "version": root.get("version"),
        "byline": "; ".join(line_texts(root.iterfind("contentMeta/by"))) or content.get("byline"),
        "dateline": dateline,
        "slugline": line_text(root.find("contentMeta/slugline")),
        "subjects": subjects,
        "keywords": line_texts(root.iterfind("contentMeta/keyword")),
        "urgency": line_text(root.find("contentMeta/urgency")),
        "ednote": line_text(root.find("itemMeta/edNote")),
        "copyrightHolder": _name(root.find("rightsInfo/copyrightHolder"), language),
        **times,
    }
    return {name: value for name, value in found.items() if value}


def _content(root: Element) -> tuple[str, dict[str, Any]]:
    """The text of an item, and what its content says besides. Of several renditions the first with a text is taken."""
    for holder in root.iterfind("contentSet/*"):
        body, details = "", dict[str, Any]()
        if holder.tag == "inlineXML" and len(holder):
            inner = holder[0]
            if inner.tag == "nitf":
                details = nitf_values(inner, language=holder.get("lang"))
                body = details.pop("body", "")
            else:
                body = element_text(inner)
                details = {"language": inner.get("lang") or holder.get("lang"), "title": _html_title(inner)}
        elif holder.tag == "inlineXML" or holder.tag == "inlineData":
            markup = "".join(holder.itertext())
            kind = holder.get("contenttype", "text/plain")
            body = plain_text(markup) if kind.startswith("text/plain") else html_text(markup, name=holder.tag)
            details = {"language": holder.get("lang")}
        if body:
            return body, details
    return "", {}


def _html_title(inner: Element) -> str:
    """The headline of a page whose item has none."""
    return line_text(inner.find("head/title"))


def _headline(root: Element, language: str | None) -> str:
    """The headline in the content's language; of several, one that has no role or the main one."""
    headlines = _in_language(root.findall("contentMeta/headline"), language)
    main = [each for each in headlines if each.get("role", "main").rpartition(":")[2] in ("main", "headline")]
    return next(iter(line_texts(main or headlines)), "")


def _description(root: Element, language: str | None) -> str:
    """A summary or caption, in place of a body."""
    described = _in_language(root.findall("contentMeta/description"), language)
    return next((text for each in described if (text := element_text(each))), "")


def _in_language(elements: list[Element], language: str | None) -> list[Element]:
    """Those in a language, or that state none; all where there are none such."""
    wanted = (language or "").lower()
    fitting = [each for each in elements if wanted and each.get("lang", "").lower() == wanted]
    return fitting or [each for each in elements if "lang" not in each.attrib] or elements


def _name(element: Element | None, language: str | None) -> str:
    """What a concept is called: its name, or the text or literal that stands for it, or a code that is a word."""
    if element is None:
        return ""
    names = line_texts(_in_language(element.findall("name"), language))
    code = element.get("qcode", "").rpartition(":")[2]
    return next(iter(names), "") or element.get("literal", "") or (code if code.isalpha() else "")


def _attribute(root: Element, path: str, name: str) -> str | None:
    element = root.find(path)
    return None if element is None else element.get(name)


def _why_passed(root: Element, values: dict[str, Any]) -> str:
    """Why an item is no article; empty where it is one."""
    status = (_attribute(root, "itemMeta/pubStatus", "qcode") or "").rpartition(":")[2]
    kind = (_attribute(root, "itemMeta/itemClass", "qcode") or "text").rpartition(":")[2]
    if status in _WITHDRAWN:
        return f"its status is {status}"
    if kind not in ("text", "composite") and not _content(root)[0] and values:
        return f"it is of class {kind} and has no text"
    return ""
