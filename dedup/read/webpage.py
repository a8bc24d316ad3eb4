"""The articles of a saved web page: usually one, at times several.

The text is what `dedup.read.main_text` finds, without what surrounds it; everything else is what the page says about
itself, in JSON-LD first, then in ``meta`` and ``time``. Where it says too little, the lines around the headline are
read as those of a page of text are, by `dedup.read.page`: bar of editions, section, date.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from dedup.read.decoding import decode_markup
from dedup.read.lines import ByteStream, read_up_to
from dedup.read.markup import MarkupError, parse_html
from dedup.read.options import ReadOptions
from dedup.read.page_article import Fetched, articles_of
from dedup.read.record import Row
from dedup.read.report import ReadReport

__all__ = ["WebPage", "page_articles", "webpage_rows"]


@dataclass(frozen=True, slots=True, kw_only=True)
class WebPage:
    """The bytes of one page, and where they come from."""

    data: bytes
    file: str
    line: int = 1
    """Where the page starts in its file."""
    charset: str | None = None
    """Of the HTTP header that came with it."""
    fetched: Fetched = field(default_factory=Fetched)


def webpage_rows(stream: ByteStream, file: str, options: ReadOptions, report: ReadReport) -> Iterator[Row]:
    """Yield the articles of the page that a file is, with our own field names.

    Raises:
        DamagedStreamError: compressed data is damaged or cut, after what came before it has been yielded.
    """
    data, damage = read_up_to(stream, options.max_record_bytes)
    if len(data) > options.max_record_bytes:
        report.reject(file, 1, f"the page has more than max_record_bytes, {options.max_record_bytes}", data)
        return
    yield from page_articles(WebPage(data=data, file=file), options, report)
    if damage is not None:
        raise damage


def page_articles(page: WebPage, options: ReadOptions, report: ReadReport) -> Iterator[Row]:
    """Yield the articles of a page as records; what is none goes to the report."""
    if not page.data.strip():
        report.reject(page.file, page.line, "the page is empty")
        return
    try:
        decoded = decode_markup(page.data, encoding=options.encoding, transport=page.charset)
        root = parse_html(decoded.text)
    except (MarkupError, ValueError) as error:
        report.reject(page.file, page.line, str(error), page.data)
        return
    if decoded.replaced:
        message = f"{decoded.replaced} bytes mean nothing in {decoded.encoding}; each is now U+FFFD"
        report.warn(page.file, page.line, message)
    try:
        for article in articles_of(root, text=decoded.text, fetched=page.fetched):
            line = page.line if page.line > 1 else article.line
            yield Row(line=line, values=article.values | {"file": page.file}, timezone=article.timezone)
    except RecursionError:
        report.reject(page.file, page.line, "elements are nested too deep", page.data)
