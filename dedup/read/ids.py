"""Ids for records without one, and a register of all that have been seen."""

from __future__ import annotations

from dataclasses import replace
from hashlib import blake2b
from typing import Protocol

from dedup.article import Article

__all__ = ["IdRegister", "Ids", "content_id"]

_SEPARATOR = "\x1f"  # no cleaned text contains it, so fields cannot run into one another


def content_id(article: Article) -> str:
    """Return an id that depends on what the article says and on nothing else: ``a`` and 16 hexadecimal digits.

    Edition, URL, time of publication, headline and body count. The same record gives the same id in every run,
    file and order.
    """
    published = article.published.isoformat() if article.published else ""
    parts = (article.edition or "", article.url or "", published, article.title, article.body)
    return "a" + blake2b(_SEPARATOR.join(parts).encode(), digest_size=8).hexdigest()


class Ids(Protocol):
    """Decides the ids of records; see ``IdRegister``."""

    def claim(self, article_id: str, *, file: str, line: int) -> tuple[str, int] | None:
        """Take an id for a record; if it is taken already, return the file and line that has it."""

    def name(self, article: Article, *, file: str, line: int) -> Article:
        """Return an article that came without an id with one."""


class IdRegister:
    """Remembers where each id was first seen, in 16 bytes an id whatever its length."""

    def __init__(self) -> None:
        self._files: list[str] = []
        self._places: dict[bytes, tuple[int, int]] = {}
        self._copies: dict[str, int] = {}

    def claim(self, article_id: str, *, file: str, line: int) -> tuple[str, int] | None:
        """Take an id for a record; if it is taken already, return the file and line that has it."""
        key = blake2b(article_id.encode(), digest_size=16).digest()
        if (place := self._places.get(key)) is not None:
            return self._files[place[0]], place[1]
        if not self._files or self._files[-1] != file:
            self._files.append(file)
        self._places[key] = (len(self._files) - 1, line)
        return None

    def name(self, article: Article, *, file: str, line: int) -> Article:
        """Return an article that came without an id with one: its content id, for a full copy with ``-2``, ``-3``."""
        return replace(article, id=self.name_of(content_id(article), file=file, line=line))

    def name_of(self, base: str, *, file: str, line: int) -> str:
        """Take for a record the id ``base``, or where that is taken the first of ``-2``, ``-3`` that is not."""
        article_id = base
        while self.claim(article_id, file=file, line=line) is not None:
            self._copies[base] = self._copies.get(base, 1) + 1
            article_id = f"{base}-{self._copies[base]}"
        return article_id
