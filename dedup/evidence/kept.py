"""Contents of the articles of a run on disk, chunk by chunk, so that a run that was stopped reads no text twice.

A chunk is its length, a hash and the contents as ``dedup.evidence.messages`` has them, compressed. What a process left
unfinished when it was killed, and what a disk lost, shows by length and hash; it and all behind it are read again.
"""

from __future__ import annotations

import hashlib
import logging
import struct
import zlib
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import BinaryIO

from dedup.article import Article
from dedup.evidence.content import Content
from dedup.evidence.messages import contents_line, parse_contents

__all__ = ["KeptContents"]

logger = logging.getLogger(__name__)

_HEAD = struct.Struct("<I16s")
_ARTICLES_AT_ONCE = 64
"""So many are read again after a kill, at most."""
_MOST_BYTES = 1 << 30
_FAST = 1
"""Level of compression: half the size for a thirtieth of the time that reading takes."""

Reading = Callable[[Sequence[Article]], Generator[Content, None, None]]


class KeptContents:
    """The file of one run: of the same articles, in the same order, read in the same way. Who opens it sees to that."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.found = 0
        """Articles whose content was there."""

    def of(self, articles: Sequence[Article], read: Reading) -> Generator[Content, None, None]:
        """Yield the content of each article: what is in the file, then what ``read`` yields, which is written too.

        Where the file cannot be written, the run goes on without.
        """
        try:
            file = self.path.open("r+b" if self.path.exists() else "w+b", buffering=0)
        except OSError as error:
            self._give_up(error)
            yield from read(articles)
            return
        with file:
            end = 0
            while (some := _chunk(file)) and self.found + len(some) <= len(articles):
                end = file.tell()
                self.found += len(some)
                yield from some
            with closing(read(articles[self.found :])) as contents:
                yield from self._written(file, contents) if self._cut(file, end) else contents

    def _cut(self, file: BinaryIO, end: int) -> bool:
        """Drop what follows the last whole chunk; return whether more can be written there."""
        try:
            file.seek(end)
            file.truncate()
        except OSError as error:
            self._give_up(error)
            return False
        return True

    def _written(self, file: BinaryIO, contents: Iterator[Content]) -> Iterator[Content]:
        waiting: list[Content] = []
        fails = False
        for content in contents:
            waiting.append(content)
            if len(waiting) == _ARTICLES_AT_ONCE:
                fails = fails or not self._write(file, waiting)
                waiting = []
            yield content
        if waiting and not fails:
            self._write(file, waiting)

    def _write(self, file: BinaryIO, contents: Sequence[Content]) -> bool:
        data = zlib.compress(contents_line(contents), _FAST)
        whole = memoryview(_HEAD.pack(len(data), _hash(data)) + data)
        try:
            while whole:
                whole = whole[file.write(whole) :]
        except OSError as error:
            self._give_up(error)
            return False
        return True

    def _give_up(self, error: OSError) -> None:
        logger.warning("what is read is not kept in %s, in case the run is stopped: %s", self.path, error.strerror)


def _chunk(file: BinaryIO) -> Sequence[Content]:
    """Return the next chunk; nothing at the end and where one is damaged."""
    try:
        head = file.read(_HEAD.size)
        if len(head) < _HEAD.size:
            return ()
        length, expected = _HEAD.unpack(head)
        data = file.read(length) if length <= _MOST_BYTES else b""
        if len(data) < length or _hash(data) != expected:
            return ()
        return parse_contents(zlib.decompress(data))
    except (OSError, ValueError, zlib.error):  # a bad disk; or whole, but written by something else
        return ()


def _hash(data: bytes) -> bytes:
    return hashlib.blake2b(data, digest_size=16).digest()
