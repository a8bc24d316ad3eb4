"""One row, whatever it is, as one article."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from dedup.article import Article
from dedup.errors import RecordError
from dedup.frames.plain import plain
from dedup.read.fields import FieldNames
from dedup.read.options import ReadOptions
from dedup.read.record import Converted, clean_text, convert_as_asked

__all__ = ["RowReader", "excerpt"]

_LONGEST_HEADLINE = 200  # characters; a longer first line is a paragraph


class RowReader:
    """Turns rows into articles: texts, mappings of field names to values, and articles, which stay as they are."""

    def __init__(self, options: ReadOptions) -> None:
        self.names = FieldNames(options.fields)
        self._options = options

    def read(self, row: Any) -> Converted:
        """Return a row as an article, with an empty id where it has none.

        Raises:
            RecordError: it is no article.
        """
        if isinstance(row, Article):
            return Converted(article=row)
        if isinstance(row, str):
            return Converted(article=_from_text(row))
        if isinstance(row, Mapping):
            return self._from_mapping(row)
        if plain(row) is None:
            raise RecordError("the row is empty")
        raise RecordError(
            f"a row of type {type(row).__name__} is no article; give text, a mapping of names to values, or an Article"
        )

    def _from_mapping(self, row: Mapping[Any, Any]) -> Converted:
        values = {key if isinstance(key, str) else str(key): value for key, value in row.items()}
        for keys in self.names.candidates(values).values():
            values |= {key: plain(values[key]) for key in keys}
        try:
            return convert_as_asked(values, self.names, self._options)
        except (RecursionError, TypeError, ValueError) as error:
            # what is carried is tried as JSON, which a value of Python's can refuse: a key that is a tuple, say
            raise RecordError(f"a field cannot be carried: {error}") from error


def _from_text(text: str) -> Article:
    r"""Take the first line of several for the headline, if it is short; a text of one line is a body.

    >>> article = _from_text("Floods close roads\nThe river rose overnight.")
    >>> article.title, article.body
    ('Floods close roads', 'The river rose overnight.')
    """
    text = clean_text(str(text), name="the text")
    if not text:
        raise RecordError("the text is empty")
    first, _, rest = text.partition("\n")
    if rest and len(first) <= _LONGEST_HEADLINE:
        return Article(id="", title=first.strip(), body=rest.strip())
    return Article(id="", title="", body=text)


def excerpt(row: Any) -> str:
    """Return how a row begins, for the report."""
    if isinstance(row, str):
        return row
    try:
        return json.dumps(dict(row) if isinstance(row, Mapping) else row, ensure_ascii=False, default=repr)
    except (RecursionError, ValueError, TypeError):
        return ""
