from __future__ import annotations

from pathlib import PurePath

import pytest

from dedup.errors import InputError
from dedup.read.formats import COMPRESSED_ENDINGS, ENDINGS, FORMATS, REGISTRY, format_of
from dedup.read.packages import require_packages
from dedup.read.readers import READERS


def test_every_format_has_a_reader_and_every_reader_a_format() -> None:
    assert tuple(READERS) == FORMATS


def test_no_ending_is_of_two_formats() -> None:
    assert len(ENDINGS) == len(set(ENDINGS)) == sum(len(each.endings) for each in REGISTRY.values())
    assert not set(ENDINGS) & set(COMPRESSED_ENDINGS)


@pytest.mark.parametrize("compressed", ["", *COMPRESSED_ENDINGS, ".GZ"])
@pytest.mark.parametrize("ending", ENDINGS)
def test_an_ending_tells_the_format_below_a_compression(ending: str, compressed: str) -> None:
    for spelled in (ending, ending.upper()):
        found = format_of(PurePath(f"news/2028.02{spelled}{compressed}"))
        assert found is not None
        assert ending in found.endings


@pytest.mark.parametrize("name", ["jsonl", "a.docx", "a.jsonl.bak", ".gz", "a.gz", "a", "a.jsonl.gz.gz"])
def test_other_names_tell_none(name: str) -> None:
    assert format_of(PurePath(name)) is None


def test_a_package_that_is_missing_is_named_with_its_remedy() -> None:
    require_packages(["json"], kind="any files")
    message = "^odd files need the package no_such_package, .* pip install 'news-dedup.formats.'$"
    with pytest.raises(InputError, match=message):
        require_packages(["json", "no_such_package"], kind="odd files")
