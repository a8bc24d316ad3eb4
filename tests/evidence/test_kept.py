"""Contents on disk: whatever a kill or a disk left of the file, what comes out is what reading gives."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_workers import ARTICLES, BACKGROUND, LIMIT, UNLIKELY

from dedup.article import Article
from dedup.evidence.content import Content
from dedup.evidence.kept import KeptContents
from dedup.evidence.workers import article_contents

SOME = [*UNLIKELY, *ARTICLES[:140]]


def read(articles: Sequence[Article]) -> Generator[Content, None, None]:
    return article_contents(articles, BACKGROUND, LIMIT, workers=0)


EXPECTED = list(read(SOME))


def known(asked: list[Article]) -> Callable[[Sequence[Article]], Generator[Content, None, None]]:
    """Return what gives the contents without reading them again, and notes of which articles they were asked."""

    def give(articles: Sequence[Article]) -> Generator[Content, None, None]:
        for article, content in list(zip(SOME, EXPECTED, strict=True))[len(SOME) - len(articles) :]:
            asked.append(article)
            yield content

    return give


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The file of a run that came to its end."""
    path = tmp_path_factory.mktemp("whole") / "contents.bin"
    assert list(KeptContents(path).of(SOME, known([]))) == EXPECTED
    return path.read_bytes()


@given(data=st.data())
def test_whatever_is_left_of_the_file(
    data: st.DataObject, whole: bytes, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("left") / "contents.bin"
    left = bytearray(whole[: data.draw(st.integers(0, len(whole)))])
    if left and data.draw(st.booleans()):
        left[data.draw(st.integers(0, len(left) - 1))] ^= data.draw(st.integers(1, 255))
    left += data.draw(st.binary(max_size=40))
    path.write_bytes(left)
    asked: list[Article] = []
    kept = KeptContents(path)
    assert list(kept.of(SOME, known(asked))) == EXPECTED
    assert asked == SOME[kept.found :]
    assert path.read_bytes() == whole  # what was damaged is gone


def test_what_was_yielded_before_the_end_is_there_in_chunks(tmp_path: Path) -> None:
    path = tmp_path / "contents.bin"
    stopped = KeptContents(path).of(SOME, read)
    assert [next(stopped) for _ in range(100)] == EXPECTED[:100]
    stopped.close()
    again = KeptContents(path)
    asked: list[Article] = []
    assert list(again.of(SOME, known(asked))) == EXPECTED
    assert again.found == 64


def test_nothing_is_read_of_a_file_that_has_all(tmp_path: Path, whole: bytes) -> None:
    path = tmp_path / "contents.bin"
    path.write_bytes(whole)
    asked: list[Article] = []
    assert list(KeptContents(path).of(SOME, known(asked))) == EXPECTED
    assert asked == []
