from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedup.article import Article
from dedup.calibrate import assign_folds
from dedup.errors import CalibrationError
from dedup.score.training import LabelledArticle


def labelled(families: list[int], *, dated: bool = True) -> list[LabelledArticle]:
    """One article for each number: that of its family, a day for each article."""
    start = datetime(2026, 3, 2, tzinfo=UTC)
    return [
        LabelledArticle(
            article=Article(
                id=f"{i}", title="t", body="", published=start + timedelta(days=family, minutes=i) if dated else None
            ),
            story=f"s{i}",
            family=f"{family:03}",
            text=None,
        )
        for i, family in enumerate(families)
    ]


@given(st.lists(st.integers(0, 12), min_size=2, max_size=60), st.integers(2, 6), st.booleans())
def test_families_are_whole_and_stand_in_the_order_of_time(families: list[int], folds: int, dated: bool) -> None:
    if len(set(families)) < folds:
        with pytest.raises(CalibrationError, match=rf"{len(set(families))} groups .* fewer than the {folds} folds"):
            assign_folds(labelled(families, dated=dated), folds)
        return
    found = assign_folds(labelled(families, dated=dated), folds).tolist()
    assert set(found) == set(range(folds))
    fold_of = dict(zip(families, found, strict=True))
    assert [fold_of[family] for family in families] == found
    assert [fold_of[family] for family in sorted(fold_of)] == sorted(found[families.index(f)] for f in fold_of)


def test_folds_of_small_families_are_about_equal() -> None:
    found = assign_folds(labelled([i // 3 for i in range(300)]), 5)
    assert max(Counter(found.tolist()).values()) - min(Counter(found.tolist()).values()) <= 3


def test_one_group_cannot_be_parted() -> None:
    with pytest.raises(CalibrationError, match="are of 1 groups") as caught:
        assign_folds(labelled([1, 1, 1]), 2)
    assert "--folds" not in str(caught.value)
