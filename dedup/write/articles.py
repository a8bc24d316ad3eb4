"""Articles in the shape in which they came: our names of the known fields, and the unknown ones beside them."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from dedup.article import Article
from dedup.write.delimited import write_delimited
from dedup.write.json_lines import json_line
from dedup.write.output import STANDARD_OUTPUT, Destination, open_output

__all__ = ["FIELDS", "article_row", "write_articles"]

FIELDS = ("id", "title", "body", "language", "published", "url", "edition", "section", "city", "agency")
"""The known fields, in the order in which they are written."""


def write_articles(articles: Iterable[Article], destination: str | Path | Destination = STANDARD_OUTPUT) -> None:
    """Write articles as JSON lines or, by the ending of the destination, as a table; dedup reads either again.

    A table has a column for each field that any article has; a list or an object in it is written as JSON.

    Args:
        articles: in the order in which they are to stand.
        destination: as for ``write_stories``.

    Raises:
        OutputError: as for ``write_stories``.
    """
    destination = destination if isinstance(destination, Destination) else Destination.of(destination)
    with open_output(destination) as file:
        if destination.format == "jsonl":
            file.writelines(json_line(article_row(article)) for article in articles)
        else:
            rows = [article_row(article) for article in articles]
            present = dict.fromkeys(key for row in rows for key in row)
            ours = [name for name in FIELDS if name in present or name in ("id", "title", "body", "language")]
            columns = [*ours, *(name for name in present if name not in FIELDS)]
            write_delimited(file, columns, rows, destination.format)


def article_row(article: Article) -> dict[str, Any]:
    """Return an article as one flat record, ready for JSON: fields without a value are left out.

    An unknown field is written under its own name; where that is one of ours and ours has a value, ours is kept.
    """
    published = article.published.isoformat() if article.published else None
    values = {name: getattr(article, name) for name in FIELDS} | {"published": published}
    row = {name: value for name, value in values.items() if value is not None}
    return row | {name: value for name, value in article.extra.items() if name not in row}
