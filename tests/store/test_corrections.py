"""What people say may not contradict itself; that it holds is in test_equality."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stores import news, open_store

from dedup.errors import InputError
from dedup.store import Store
from dedup.store.corrections import Label, check_consistent
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
            check_consistent(Rows(), (str(pair[0]), str(pair[1])), same)
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
