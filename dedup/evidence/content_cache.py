"""Contents of articles kept on disk by what they were read from, so that no text is read twice.

One SQLite file. The key of an entry is a hash of all that its content depends on: what is read of the article, how
common names are in news, and the code and the data that read it. What a newer version of dedup reads otherwise, it
reads anew.
"""

from __future__ import annotations

import hashlib
import platform
import zlib
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing
from functools import cache
from importlib import resources
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from types import TracebackType
from typing import Self

from dedup.article import Article
from dedup.evidence.background import Background
from dedup.evidence.content import Content
from dedup.evidence.messages import articles_line, contents_line, parse_contents, start_line
from dedup.keyed_file import Entries, KeyedFile, chunks

__all__ = ["ContentCache", "Reading"]

Reading = Callable[[Sequence[Article]], Generator[Content, None, None]]
"""Yields the content of each article."""

_KEY_BYTES = 16
_ARTICLES_AT_ONCE = 64
"""So many at most are lost with a run that is killed."""
_PAGE_BYTES = 16_384
"""Most contents take 1 to 3 kB."""
_FAST = 1
"""Level of compression: half the size for a thirtieth of the time that reading takes."""
_CODE = (("dedup.text", ".py"), ("dedup.evidence", ".py"), ("dedup.data", ".tsv"))
_LIBRARIES = ("hijridate", "persiantools", "py3langid", "sentencex")


class ContentCache:
    """Contents on disk. Several processes may read and write one file; a damaged one is set aside and begun anew.

    The file holds the sentences of the articles, and only its owner may read it.

    Raises:
        CacheError: the file cannot be opened or written.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        entries = Entries(name="contents", file="cache of contents", column="content", page_bytes=_PAGE_BYTES)
        self._file = KeyedFile(path, entries, private=True)
        self.found = self.added = 0
        """Articles whose content was there, and contents that were stored."""

    @classmethod
    def in_folder(cls, folder: Path) -> ContentCache:
        """Open the cache in ``folder``."""
        return cls(folder / "contents.sqlite")

    def of(
        self, articles: Sequence[Article], read: Reading, background: Background, max_sentences: int
    ) -> Generator[Content, None, None]:
        """Yield the content of each article: from the file, or what ``read`` yields, which is stored.

        Args:
            articles: Any.
            read: Reads with the background and the number of sentences given; called once for all that are not there.
            background: How common names and places are in news.
            max_sentences: Sentences read of each article.
        """
        salt = _identity(background, max_sentences)
        keys = [_key(article, max_sentences, salt) for article in articles]
        wanted = self._absent(keys, articles)
        with closing(read(list(wanted.values()))) as fresh:
            for rows in chunks(range(len(articles)), _ARTICLES_AT_ONCE):
                yield from self._some([keys[row] for row in rows], [articles[row] for row in rows], wanted, fresh, read)

    def _absent(self, keys: Sequence[bytes], articles: Sequence[Article]) -> dict[bytes, Article]:
        """Return the articles that must be read, each text once, in order."""
        absent: dict[bytes, Article] = {}
        for rows in chunks(range(len(keys)), _ARTICLES_AT_ONCE):
            known = self._file.find([keys[row] for row in rows])
            absent.update((keys[row], articles[row]) for row in rows if keys[row] not in known | absent)
        return absent

    def _some(
        self,
        keys: Sequence[bytes],
        articles: Sequence[Article],
        wanted: dict[bytes, Article],
        fresh: Iterator[Content],
        read: Reading,
    ) -> Iterator[Content]:
        """Yield the contents of a few articles; of those of ``wanted`` what comes next is ``fresh``."""
        found = self._file.find(keys)
        known: dict[bytes, Content] = {}
        made: dict[bytes, Content] = {}
        for key, article in zip(keys, articles, strict=True):
            if wanted.pop(key, None) is not None:
                made[key] = known[key] = next(fresh)
            elif key not in known:
                content = _content(found.get(key))
                if content is None:  # the disk has changed it since it was looked for, or could not take it
                    content = made[key] = next(read([article]))
                known[key] = content
            self.found += key not in made
            yield known[key]
        if made and self._file.add((key, _data(content)) for key, content in made.items()):
            self.added += len(made)

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _key(article: Article, max_sentences: int, salt: bytes) -> bytes:
    return hashlib.blake2b(articles_line([article], max_sentences), digest_size=_KEY_BYTES, key=salt).digest()


def _data(content: Content) -> bytes:
    return zlib.compress(contents_line([content]), _FAST)


def _content(data: bytes | None) -> Content | None:
    if data is None:
        return None
    try:
        (content,) = parse_contents(zlib.decompress(data))
    except (ValueError, zlib.error):  # whole, but written by something else
        return None
    return content


def _identity(background: Background, max_sentences: int) -> bytes:
    """Return 32 bytes that tell one way to read articles from another."""
    return hashlib.blake2b(start_line(background, max_sentences) + _code(), digest_size=32).digest()


@cache
def _code() -> bytes:
    """Return a hash of the code and the data that read articles, and the versions of what they use."""
    from dedup import __version__

    found = hashlib.blake2b(platform.python_version().encode())
    for library in _LIBRARIES:
        found.update(f"\n{library} {_version(library)}".encode())
    found.update(f"\ndedup {__version__}".encode())
    for package, suffix in _CODE:
        files = (path for path in resources.files(package).iterdir() if path.name.endswith(suffix))
        for path in sorted(files, key=lambda path: path.name):
            found.update(f"\n{package} {path.name}\n".encode() + path.read_bytes())
    return found.digest()


def _version(library: str) -> str:
    try:
        return version(library)
    except PackageNotFoundError:  # such as in a program that was frozen
        return ""
