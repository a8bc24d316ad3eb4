from __future__ import annotations

import random
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stores import START, batch, calibration, holdings, news, open_store, replay

from dedup.errors import InputError
from dedup.settings import Settings
from dedup.store.succession import succeed

STORIES = st.one_of(st.none(), st.integers(1, 5))


@st.composite
def regroupings(draw: st.DrawFn) -> tuple[list[list[str]], dict[str, int]]:
    n = draw(st.integers(1, 12))
    ids = [f"a{number}" for number in range(n)]
    group = draw(st.lists(st.integers(0, 4), min_size=n, max_size=n))
    story = draw(st.lists(STORIES, min_size=n, max_size=n))
    groups = [[key for key, of in zip(ids, group, strict=True) if of == number] for number in range(5)]
    before = {key: of for key, of in zip(ids, story, strict=True) if of is not None}
    return [one for one in groups if one], before


def oracle(groups: list[list[str]], before: dict[str, int]) -> tuple[list[int | None], dict[int, int]]:
    """Let every story, the oldest first, look at every group in turn."""
    kept: list[int | None] = [None] * len(groups)
    merged: dict[int, int] = {}
    for story in sorted(set(before.values())):
        best: tuple[int, str] | None = None
        heir = -1
        for place, group in enumerate(groups):
            mine = sorted(key for key in group if before.get(key) == story)
            if mine and (best is None or len(mine) > best[0] or (len(mine) == best[0] and mine[0] < best[1])):
                best, heir = (len(mine), mine[0]), place
        if best is None:
            continue
        if kept[heir] is None:
            kept[heir] = story
        else:
            merged[story] = heir
    return kept, merged


@given(regroupings())
def test_it_is_what_plain_rules_say(regrouping: tuple[list[list[str]], dict[str, int]]) -> None:
    groups, before = regrouping
    after = succeed(groups, before)
    assert (list(after.kept), dict(after.merged)) == oracle(groups, before)


@given(regroupings(), st.randoms(use_true_random=False))
def test_no_order_changes_it(regrouping: tuple[list[list[str]], dict[str, int]], dice: random.Random) -> None:
    groups, before = regrouping
    after = succeed(groups, before)
    expected = {frozenset(group): story for group, story in zip(groups, after.kept, strict=True)}
    heirs = {story: frozenset(groups[place]) for story, place in after.merged.items()}
    shuffled = [dice.sample(group, len(group)) for group in dice.sample(groups, len(groups))]
    again = succeed(shuffled, dict(dice.sample(list(before.items()), len(before))))
    assert {frozenset(group): story for group, story in zip(shuffled, again.kept, strict=True)} == expected
    assert {story: frozenset(shuffled[place]) for story, place in again.merged.items()} == heirs


def test_a_story_that_grows_stays_itself() -> None:
    assert succeed([["a", "b", "c"]], {"a": 7, "b": 7}).kept == (7,)


def test_the_oldest_takes_in_the_others() -> None:
    after = succeed([["a", "b", "c", "d"]], {"a": 9, "b": 9, "c": 9, "d": 2})
    assert after.kept == (2,)
    assert after.merged == {9: 0}


def test_the_larger_part_stays_the_story_and_of_equal_parts_that_with_the_smallest_id() -> None:
    assert succeed([["a"], ["b", "c"]], {"a": 1, "b": 1, "c": 1}).kept == (None, 1)
    assert succeed([["b"], ["a"]], {"a": 1, "b": 1}).kept == (None, 1)


def test_a_story_of_which_nothing_is_left_goes_nowhere() -> None:
    after = succeed([["x"]], {})
    assert (after.kept, after.merged) == ((None,), {})


class TestIds:
    def test_a_story_keeps_its_id_while_it_grows_and_it_is_that_of_a_batch_run(self, tmp_path: Path) -> None:
        articles = sorted(news(5, undated=0), key=lambda one: one.published or START)
        with open_store(tmp_path / "store") as store:
            seen: dict[str, str] = {}
            for start in range(0, len(articles), 5):
                changes = store.add(articles[start : start + 5])
                merged = {change.other for change in changes if change.kind == "merged"}
                split = {one for change in changes if change.kind == "split" for one in change.articles}
                for story, held in holdings(store).items():
                    for key in held:
                        if key in seen and key not in split and seen[key] not in merged:
                            assert seen[key] == story
                        seen[key] = story
            in_order = not {change.kind for change in store.changes()} & {"merged", "split"}
            if in_order:
                assert {story.id for story in store.stories()} == {story.id for story in batch(articles).stories}

    def test_old_ids_lead_to_the_story_through_chains_of_merges(self, tmp_path: Path) -> None:
        articles = sorted(news(6, undated=0), key=lambda one: one.id)[::5]
        assert len(articles) == 8
        with open_store(tmp_path / "store") as store:
            for article in articles:
                store.add([article])
            ids = {next(iter(held)): story for story, held in holdings(store).items()}
            assert len(ids) == 8
            # the youngest two first, so that each heir is merged in its turn
            order = [ids[article.id] for article in articles]
            for one, other in zip(articles[-2::-1], articles[:0:-1], strict=True):
                store.correct(same=(one.id, other.id))
            for old in order:
                found = store.story(old)
                assert found is not None
                assert found.id == order[0]
                assert len(found.members) == 8

    def test_none_is_used_again(self, tmp_path: Path) -> None:
        articles = news(7, undated=0)[:10]
        ever: set[str] = set()
        with open_store(tmp_path / "store") as store:
            for _ in range(3):
                store.add(articles)
                now = set(holdings(store))
                assert not now & ever
                ever |= now
                store.remove([article.id for article in articles])
                for story in ever:
                    assert store.story(story) is None
            assert replay(store.changes()) == {}

    def test_an_id_that_no_story_had_is_said(self, tmp_path: Path) -> None:
        with open_store(tmp_path / "store", Settings()) as store:
            assert store.calibration.to_json() == calibration().to_json()
            with pytest.raises(InputError, match="'s0'"):
                store.story("s0")
