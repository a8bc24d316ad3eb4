"""What people say may not contradict itself; that it holds is in test_equality."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stores import news, open_store

from dedup.errors import InputError
from dedup.label import Label
from dedup.store import Store
from dedup.store.corrections import Said, check_consistent
from dedup.store.database import Database

A, B, C, D = sorted(news(1), key=lambda one: one.id)[:4]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(tmp_path / "store") as opened:
        opened.add([A, B, C, D])
        yield opened


def test_labels_are_what_was_said_last(store: Store) -> None:
    store.correct(same=(B.id, A.id))
    store.correct(different=(C.id, D.id))
    assert store.labels() == [Label(a=A.id, b=B.id, same=True), Label(a=C.id, b=D.id, same=False)]
    store.correct(different=(A.id, B.id))
    assert store.labels()[0] == Label(a=A.id, b=B.id, same=False)
    store.correct(forget=(B.id, A.id))
    assert store.labels() == [Label(a=C.id, b=D.id, same=False)]
    store.remove([C.id])
    assert store.labels() == [Label(a=C.id, b=D.id, same=False)]
    store.correct(forget=(C.id, D.id))
    assert store.labels() == []


def test_what_contradicts_is_refused_and_changes_nothing(store: Store) -> None:
    store.correct(same=(A.id, B.id))
    store.correct(same=(B.id, C.id))
    before = store.changes(), store.labels()
    with pytest.raises(InputError, match="by way of what was said of others; take that back first"):
        store.correct(different=(A.id, C.id))
    store.correct(different=(A.id, D.id))
    with pytest.raises(InputError, match=f"'{A.id}' and '{D.id}', which would be the same then, are different"):
        store.correct(same=(D.id, C.id))
    assert store.labels() == [*before[1][:1], Label(a=A.id, b=D.id, same=False), *before[1][1:]]
    store.correct(different=(A.id, B.id))  # what is said of one pair replaces what was said of it
    store.correct(same=(D.id, C.id))


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({}, "say one thing"),
        ({"same": (A.id, B.id), "different": (C.id, D.id)}, "say one thing"),
        ({"same": (A.id, A.id)}, "name two"),
        ({"same": (A.id, "x")}, "'x'"),
        ({"forget": (A.id, B.id)}, "nothing was said"),
    ],
)
def test_what_makes_no_sense_is_refused(store: Store, values: dict[str, tuple[str, str]], message: str) -> None:
    with pytest.raises(InputError, match=message):
        store.correct(**values)
    assert store.labels() == []


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5), st.booleans()), max_size=14))
def test_it_is_refused_just_where_no_grouping_obeys(said: list[tuple[int, int, bool]]) -> None:
    kept: dict[tuple[int, int], bool] = {}

    class Rows(Database):
        def __init__(self) -> None:
            pass

        def rows(self, *_: object) -> list[tuple[str, str, bool]]:
            return [(str(a), str(b), same) for (a, b), same in sorted(kept.items())]

    for one, other, same in said:
        if one == other:
            continue
        pair = (min(one, other), max(one, other))
        try:
            check_consistent(Rows(), Label(a=str(pair[0]), b=str(pair[1]), same=same))
        except InputError:
            assert not _possible(kept | {pair: same})
        else:
            kept[pair] = same
            assert _possible(kept)


def _possible(said: dict[tuple[int, int], bool]) -> bool:
    """Let sameness spread until nothing changes."""
    group = list(range(6))
    for _ in group:
        for (a, b), same in said.items():
            if same:
                group[a] = group[b] = min(group[a], group[b])
    return all(same == (group[a] == group[b]) for (a, b), same in said.items() if same or group[a] == group[b])


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5), st.booleans()), max_size=25))
def test_many_labels_are_judged_as_one_after_the_other(given_labels: list[tuple[int, int, bool]]) -> None:
    """Labels that are taken in on the way are weighed as those that a store is asked for anew each time."""
    said, kept = Said(), dict[tuple[str, str], bool]()
    for one, other, same in given_labels:
        if one == other:
            continue
        label = Label(a=str(one), b=str(other), same=same)
        anew = Said(Label(a=a, b=b, same=truth) for (a, b), truth in kept.items())
        assert (said.why_not(label) is None) == (anew.why_not(label) is None)
        if said.why_not(label) is None:
            said.add(label)
            kept[label.pair] = same
        assert {pair: said.of(pair) for pair in kept} == kept


def test_many_labels_at_once_are_what_they_are_one_by_one(tmp_path: Path) -> None:
    labels = [
        Label(a=B.id, b=A.id, same=True),
        Label(a=C.id, b=D.id, same=False),
        Label(a=A.id, b=A.id, same=True),
        Label(a=A.id, b="x", same=True),
        Label(a=A.id, b=B.id, same=True),
        Label(a=B.id, b=C.id, same=True),
        Label(a=A.id, b=C.id, same=False),
        Label(a=A.id, b=B.id, same=False),
    ]
    with open_store(tmp_path / "one") as one, open_store(tmp_path / "all") as together:
        for each in (one, together):
            each.add([A, B, C, D])
        refused = []
        for position, label in enumerate(labels):
            try:
                one.correct(**{"same" if label.same else "different": (label.a, label.b)})
            except InputError as error:
                refused.append((position, str(error).partition(";")[0]))
        corrected = together.correct_all(labels)
        assert [(position, reason.partition(";")[0]) for position, reason in corrected.refused] == refused
        assert (corrected.kept, corrected.unchanged, len(refused)) == (4, 1, 3)
        assert together.labels() == one.labels()
        groups = [
            {frozenset(article.id for article in story.articles) for story in each.stories()}
            for each in (one, together)
        ]
        assert groups[0] == groups[1]
        assert list(corrected.changes) == together.changes()[-len(corrected.changes) :]
