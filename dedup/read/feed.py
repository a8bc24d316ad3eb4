"""RSS 0.9x, 1.0 and 2.0 and Atom: a feed's entries as articles. Nothing is fetched."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from dedup.article import UNDETERMINED
from dedup.read.decoding import decode_markup
from dedup.read.editions import choose_language, zone_of_edition
from dedup.read.lines import ByteStream, read_up_to
from dedup.read.markup import fragment_text
from dedup.read.options import ReadOptions
from dedup.read.page_metadata import absolute_url
from dedup.read.record import Row
from dedup.read.report import ReadReport

__all__ = ["entry_values", "feed_rows"]

_DECLARATION = re.compile(r"\s*<\?xml[^>]{0,300}\?>")
_ENTRY = re.compile(r"<(?:[\w.-]{1,40}:)?(item|entry)(?=[\s>])")
_ENTRY_END = re.compile(r"</(?:[\w.-]{1,40}:)?(?:item|entry)\s*>")
_ROOT_END = re.compile(r"</(?:[\w.-]{1,40}:)?(?:rss|feed|RDF)\s*>\s*(?:<!--[^>]*-->\s*)?$")
_BARE_AMPERSAND = re.compile(r"&(?!#?\w{1,31};)")
_MEDIA_TEXT = re.compile(r"(</?media:)(description|title|text)\b")  # of a picture; feedparser takes it for the entry's
_URI = re.compile(r"[a-zA-Z][a-zA-Z0-9+.-]{1,20}:\S+")
_TAIL = 400  # characters
_TIMES = ("published", "updated", "created")  # best first
_UNSEEN = (("<![CDATA[", "]]>"), ("<!--", "-->"))


def feed_rows(stream: ByteStream, file: str, options: ReadOptions, report: ReadReport) -> Iterator[Row]:
    """Yield the entries of a feed, with our own field names; a feed is held in memory, so its size is bounded.

    An entry's full content goes before its summary. The id is the entry's own; where that is no URI, and so is unique
    in its feed only, the host of the feed stands before it.

    Raises:
        DamagedStreamError: compressed data is damaged or cut, after what came before it has been yielded.
    """
    data, damage = read_up_to(stream, options.max_array_bytes)
    if len(data) > options.max_array_bytes:
        report.reject(file, 1, f"a feed of more than max_array_bytes, {options.max_array_bytes}; split it", data[:400])
        return
    try:
        decoded = decode_markup(data, encoding=options.encoding)
    except ValueError as error:
        report.reject(file, 1, str(error), data[:400])
        return
    if decoded.replaced:
        report.warn(file, 1, f"{decoded.replaced} bytes mean nothing in {decoded.encoding}; each is now U+FFFD")
    yield from _entries(decoded.text, file, options, report, cut=damage is not None)
    if damage is not None:
        raise damage


def _entries(text: str, file: str, options: ReadOptions, report: ReadReport, *, cut: bool) -> Iterator[Row]:
    text = _DECLARATION.sub("", text, count=1)  # its encoding has been heeded, and is no longer true
    try:
        feed, entries = _parse(text)
    except ValueError as error:
        report.reject(file, 1, str(error), text[:400])
        return
    starts = _starts(text)
    if not entries and (starts or _ENTRY_END.search(text)):
        line = _line_of(text, starts[0]) if starts else 1
        report.reject(file, line, "no entry of the feed can be read: what stands around them is broken", text[:400])
        return
    lines = list(_lines_of(text, starts)) if len(starts) == len(entries) else [1] * len(entries)
    broken = len(entries) if entries and starts and not _ENTRY_END.search(text, starts[-1]) else None
    for number, (entry, line) in enumerate(zip(entries, lines, strict=True), 1):
        values = entry_values(entry, feed) | {"file": file}
        size = sum(len(value.encode("utf-8", "replace")) for value in values.values() if isinstance(value, str))
        if number == broken:
            if not cut:
                report.reject(file, line, "the feed breaks off in this entry", str(values.get("title", "")))
        elif size > options.max_record_bytes:
            message = f"the entry has {size} bytes, more than max_record_bytes, {options.max_record_bytes}"
            report.reject(file, line, message, str(values.get("title", "")))
        else:
            yield Row(line=line, values=values, timezone=zone_of_edition(values.get("language", UNDETERMINED)))
    if broken is None and not cut and not _ROOT_END.search(text[-_TAIL:]):
        line = _line_of(text, len(text))
        report.reject(file, line, "the feed breaks off here; entries that came after it are lost", text[-_TAIL:])


def _parse(text: str) -> tuple[Mapping[str, Any], list[Mapping[str, Any]]]:
    """The feed and its entries, as plain mappings: feedparser's own warn of names that it has changed.

    Raises:
        ValueError: it is no feed.
    """
    import feedparser

    # a stream, never a string: that could be taken for an address, and fetched
    document = io.BytesIO(_MEDIA_TEXT.sub(r"\1about-\2", _escaped(text)).encode("utf-8", "replace"))
    try:
        parsed = dict(feedparser.parse(document, resolve_relative_uris=False, sanitize_html=False))
    except Exception as error:  # a parser of broken markup on hostile input
        raise ValueError(f"the feed cannot be parsed: {type(error).__name__}: {error}") from error
    if not parsed.get("version") and not parsed["entries"]:
        raise ValueError("no RSS or Atom feed")
    return dict(parsed["feed"]), [dict(entry) for entry in parsed["entries"]]


def _escaped(text: str) -> str:
    """A feed with its bare ampersands escaped: else ``&lang=en`` in an address is read as a bracket."""
    if not _BARE_AMPERSAND.search(text):
        return text
    pieces: list[str] = []
    end = 0
    for start, stop in _marked_up(text):
        pieces += (text[end:start], _BARE_AMPERSAND.sub("&amp;", text[start:stop]))
        end = stop
    return "".join(pieces) + text[end:]


def _starts(text: str) -> list[int]:
    """Where entries start, but for what only looks so in comments and CDATA."""
    return [match.start() for start, stop in _marked_up(text) for match in _ENTRY.finditer(text, start, stop)]


def _marked_up(text: str) -> Iterator[tuple[int, int]]:
    """Start and end of what is neither comment nor CDATA."""
    ahead = {begin: text.find(begin) for begin, _ in _UNSEEN}
    position = 0
    while position < len(text):
        for begin in ahead:
            if 0 <= ahead[begin] < position:
                ahead[begin] = text.find(begin, position)
        hidden = [(ahead[begin], end) for begin, end in _UNSEEN if ahead[begin] >= 0]
        stop, end = min(hidden, default=(len(text), ""))
        yield position, stop
        closed = text.find(end, stop) if end else -1
        position = closed + len(end) if closed >= 0 else len(text)


def _lines_of(text: str, positions: Sequence[int]) -> Iterator[int]:
    """The lines of positions that rise, the text counted through once: a feed can have as many entries as lines."""
    line, counted = 1, 0
    for position in positions:
        line, counted = line + text.count("\n", counted, position), position
        yield line


def _line_of(text: str, position: int) -> int:
    return text.count("\n", 0, position) + 1


def entry_values(entry: Mapping[str, Any], feed: Mapping[str, Any]) -> dict[str, Any]:
    """Return an entry's fields under our own names; what is not known is left out."""
    title = " ".join(_plain(entry.get("title_detail"), entry.get("title")).split())
    body, lead = _body(entry)
    address = _link(entry) or None
    stated = [_text(entry.get("language")), *_detail_languages(entry), _text(feed.get("language"))]
    language = choose_language(f"{title}\n{body}", stated=stated)
    guid = _text(entry.get("id"))
    article_id = _unique_id(guid, _text(feed.get("link")) or address)
    tags = [term for tag in entry.get("tags") or () if (term := _text(tag.get("label")) or _text(tag.get("term")))]
    source = entry.get("source") or {}
    values = {
        "id": article_id,
        "title": title,
        "body": body,
        "language": language if language != UNDETERMINED else None,
        "published": next(filter(None, (_text(entry.get(name)) for name in _TIMES)), None),
        "url": address,
        "edition": _text(source.get("title")) or _text(feed.get("title")) or _text(entry.get("publisher")),
        "section": next(iter(tags), None),
        "author": _text(entry.get("author")),
        "updated": _text(entry.get("updated")) if entry.get("published") else None,
        "lead": lead,
        "tags": tags if len(tags) > 1 else None,
        "entry_guid": guid if guid != article_id else None,
    }
    return {name: value for name, value in values.items() if value is not None}


def _body(entry: Mapping[str, Any]) -> tuple[str, str | None]:
    """The full content, or the summary if that is all or more; and the summary, where the text does not begin so."""
    summary = _plain(entry.get("summary_detail"), entry.get("summary"))
    contents = [_plain(content, None) for content in entry.get("content") or ()]
    body = max([*contents, summary], key=len)  # of equals the first
    same = not summary or " ".join(body.split()).startswith(" ".join(summary.split()).rstrip("…. ["))
    return body, None if same else summary


def _plain(detail: Mapping[str, Any] | None, value: object) -> str:
    """The text of a construct, a paragraph a line."""
    detail = detail or {}
    text = _text(detail.get("value", value)) or ""
    if detail.get("type") == "text/plain":
        return "\n".join(filter(None, (" ".join(line.split()) for line in text.splitlines())))
    return fragment_text(text)


def _link(entry: Mapping[str, Any]) -> str | None:
    links = [link.get("href") for link in entry.get("links") or () if link.get("rel") in (None, "alternate")]
    for link in (entry.get("feedburner_origlink"), *links, entry.get("link")):
        if link and (url := absolute_url(link, None)):
            return url
    return None


def _detail_languages(entry: Mapping[str, Any]) -> list[str | None]:
    details = [*(entry.get("content") or ()), entry.get("summary_detail") or {}, entry.get("title_detail") or {}]
    return [_text(detail.get("language")) for detail in details]


def _unique_id(guid: str | None, address: str | None) -> str | None:
    """The entry's id where it is a URI, else with the host of the feed before it: "123" is another feed's too."""
    if guid is None or _URI.fullmatch(guid):
        return guid
    host = urlsplit(absolute_url(address or "", None) or "").hostname
    return f"{host}/{guid}" if host else guid


def _text(value: object) -> str | None:
    return value.strip() or None if isinstance(value, str) else None
