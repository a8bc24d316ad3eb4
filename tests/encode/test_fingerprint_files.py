"""Fingerprints as files: what is mapped is what was written."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from fakes import FakeEncoder, fake_calibration, invented_news

from dedup.encode.fingerprint import Fingerprints, fingerprint_articles
from dedup.encode.fingerprint_files import map_fingerprints, write_fingerprints
from dedup.encode.vectors import encode_sentences
from dedup.text.passage import article_sentences


def prints(stories: int) -> Fingerprints:
    articles = [article for story in invented_news(stories=stories, seed=3) for article in story]
    passages = [article_sentences(article, 12) for article in articles]
    vectors = encode_sentences([sentence for passage in passages for sentence in passage], FakeEncoder())
    return fingerprint_articles(articles, passages, vectors, fake_calibration())


def arrays(value: Any) -> dict[str, Any]:
    """Return every array and number in a value, by where it is."""
    if isinstance(value, tuple) and hasattr(value, "_asdict"):
        fields = value._asdict()
    elif dataclasses.is_dataclass(value):
        fields = {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
    else:
        return {"": value}
    return {f"{name}.{rest}": one for name, inner in fields.items() for rest, one in arrays(inner).items()}


@pytest.mark.parametrize("stories", [0, 4])
def test_what_is_mapped_is_what_was_written(stories: int, tmp_path: Path) -> None:
    written = prints(stories)
    write_fingerprints(written, tmp_path)
    expected, found = arrays(written), arrays(map_fingerprints(tmp_path))
    assert list(found) == list(expected)
    assert len(expected) > 25
    for name, value in expected.items():
        assert type(found[name]) is type(value), name
        if isinstance(value, np.ndarray):
            assert found[name].dtype == value.dtype, name
            np.testing.assert_array_equal(found[name], value, err_msg=name)
            assert not found[name].flags.writeable
        else:
            assert found[name] == value, name
