"""The data that come with the package."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest

from dedup.data import examples_folder
from dedup.data.families import read_families, read_further
from dedup.errors import CalibrationError


def test_the_shipped_families_have_all_that_a_fit_needs() -> None:
    labelled = read_families()
    languages = Counter(one.article.language for one in labelled)
    assert set(languages) == {"fa", "fa-AF", "ar", "en", "tr"}
    assert min(languages.values()) >= 100
    assert all(one.article.published for one in labelled)
    assert all(not one.article.extra for one in labelled)  # no label can leak into what is learnt
    stories = {one.article.id: one.story for one in labelled}
    assert all(one.text is not None and stories[one.text] == one.story for one in labelled)
    family_of = {one.story: one.family for one in labelled}
    assert all(family_of[one.story] == one.family for one in labelled)


def test_the_further_sets_have_stories_of_their_own() -> None:
    families = read_families()
    ((siblings, share),) = read_further()
    assert 0 < share < 1
    assert {one.article.language for one in siblings} == {"fa", "fa-AF", "ar", "en", "tr"}
    assert all(one.article.published and not one.article.extra for one in siblings)
    for name in ("story", "family"):
        assert not {getattr(one, name) for one in siblings} & {getattr(one, name) for one in families}
    assert not {one.article.text for one in siblings} & {one.article.text for one in families}


def row(number: int, **fields: object) -> str:
    return json.dumps({"id": str(number), "title": f"t{number}", "story": "s", "family": "f", **fields})


def test_translations_and_reprints_are_one_text(tmp_path: Path) -> None:
    rows = [
        row(1, relation="original"),
        row(2, relation="translation", of="1"),
        row(3, relation="reprint", of="2"),
        row(4, relation="independent"),
        row(5, relation="update", of="1"),
        row(6, relation="translation", of="5"),
    ]
    (tmp_path / "f.jsonl").write_text("\n".join(rows))
    labelled = read_families(tmp_path / "f.jsonl")
    assert [one.text for one in labelled] == ["1", "1", "1", "4", "5", "5"]
    assert [one.relation for one in labelled[3:]] == ["independent", "update", "translation"]


@pytest.mark.parametrize(
    "bad",
    [
        json.dumps({"id": "9", "title": "t"}),
        row(9, relation="translation", of="nobody"),
        "nonsense",
        row(1),
    ],
)
def test_damaged_families_are_refused(tmp_path: Path, bad: str) -> None:
    (tmp_path / "f.jsonl").write_text(f"{row(1)}\n{bad}\n")
    with pytest.raises(CalibrationError):
        read_families(tmp_path / "f.jsonl")


def test_a_circle_of_translations_ends(tmp_path: Path) -> None:
    rows = [row(1, relation="translation", of="2"), row(2, relation="translation", of="1")]
    (tmp_path / "f.jsonl").write_text("\n".join(rows))
    assert len(read_families(tmp_path / "f.jsonl")) == 2


def test_the_examples_are_found() -> None:
    folder = examples_folder()
    assert (folder / "articles.jsonl").is_file()
    assert len(list((folder / "pages").glob("*.txt"))) >= 10
