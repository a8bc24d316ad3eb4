"""Many copies of one text: taken along by those that lead them, and nothing else changes."""

from __future__ import annotations

import math
import random
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import numpy as np
import numpy.typing as npt
import pytest
from fakes import FakeEncoder, fake_calibration, invented_news
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from made_crowds import copies_of, crowded_news, lower

import dedup
from dedup import crowds
from dedup.article import Article
from dedup.crowds import GUIDES, LEADS, Asked, Verdicts, cells_of, find_following
from dedup.score.scorer import log_odds_of
from dedup.text.copies import KEYS

QUIET = [HealthCheck.function_scoped_fixture]


def run(articles: Sequence[Article], rules: dedup.Settings | None = None) -> dedup.Deduplication:
    return dedup.deduplicate(articles, rules, encoder=FakeEncoder(), calibration=fake_calibration())


def facts(result: dedup.Deduplication) -> dict[str, tuple[frozenset[str], tuple[object, ...]]]:
    """With whom each article is, and what is said of it."""
    return {
        member.article.id: (
            frozenset(other.article.id for other in story.members),
            (member.probability, member.relation, member.of, member.relation_probability),
        )
        for story in result.stories
        for member in story.members
    }


def followers(result: dedup.Deduplication) -> dict[str, str]:
    keys = [article.id for article in result.articles]
    return {keys[one]: keys[lead] for one, lead in result.scored.followers.tolist()}


def crowd(count: int, seed: int = 3, *, changed: float = 0.5) -> list[Article]:
    one = invented_news(stories=1, seed=seed)[0][0]
    return copies_of(one, count, random.Random(seed), changed=changed)


def news() -> list[Article]:
    return [article for story in invented_news(stories=3, seed=3) for article in story]


def by_the_definition(
    cells: npt.NDArray[np.int64],
    hours: list[float],
    rank: list[int],
    worth: npt.NDArray[np.float64],
    exempt: list[bool],
) -> list[int]:
    """Who follows whom, written out: one key after another, the first of each cell, the surest of its first."""
    lead = list(range(len(hours)))
    stays = set(np.flatnonzero(exempt).tolist())
    for key in range(cells.shape[1]):
        of_cell = defaultdict(list)
        for place in range(len(hours)):
            if lead[place] == place:
                time = math.inf if math.isnan(hours[place]) else hours[place]
                of_cell[cells[place, key]].append((time, rank[place], place))
        for cell in of_cell.values():
            some = [place for *_, place in sorted(cell)]
            if len(some) > crowds.LEADS:
                surest = {
                    place: max(some[: crowds.GUIDES], key=lambda guide: worth[guide, place])
                    for place in some[crowds.GUIDES :]
                }
                copies = {place for place, guide in surest.items() if worth[guide, place] > 0}
                if len(copies) < len(surest) / 2:
                    continue
                for place in some[crowds.LEADS :]:
                    if place in copies and place not in stays:
                        lead[place] = surest[place]
                stays.update(some[: crowds.LEADS])
    return lead


@settings(suppress_health_check=QUIET)
@given(
    rows=st.lists(
        st.tuples(st.tuples(*[st.integers(0, 2)] * 2), st.sampled_from([math.nan, 1.0, 5.0, 25.0]), st.booleans()),
        max_size=30,
    ),
    dice=st.randoms(use_true_random=False),
)
def test_who_follows_whom_is_what_the_definition_says(
    rows: list[tuple[tuple[int, int], float, bool]], dice: random.Random, monkeypatch: pytest.MonkeyPatch
) -> None:
    lower(monkeypatch, leads=3, guides=2)
    cells = 2 * np.array([cell for cell, _, _ in rows], np.int64).reshape(len(rows), 2) + np.array([0, 1])
    hours = [hour for _, hour, _ in rows]
    exempt = [said for _, _, said in rows]
    rank = list(range(len(rows)))
    dice.shuffle(rank)
    worth = np.array([dice.choice([-1.0, 1.0, 1.0, 2.0]) for _ in range(len(rows) ** 2)]).reshape(len(rows), len(rows))

    def judge(asked: Asked) -> Verdicts:
        values = worth[asked.guides, asked.others[:, None]]
        surest = values.argmax(axis=1)
        best = values.max(axis=1)
        lead = asked.guides[np.arange(len(surest)), surest]
        return Verdicts(np.where(best > 0, lead, -1), best, best)

    found = find_following(cells, np.array(hours), np.array(rank, np.int64), judge, exempt=np.array(exempt, np.bool_))
    assert found.lead.tolist() == by_the_definition(cells, hours, rank, worth, exempt)
    leads = found.lead[found.followers]
    assert not found.follows[leads].any()


def test_cells_are_of_one_text_one_day_and_one_language() -> None:
    keys = [(1, 2, 3, 4)] * 2
    same = cells_of(keys, ["en", "en"], np.array([1.0, 23.9]))
    assert (same[0] == same[1]).all()
    assert len(set(same[0].tolist())) == KEYS
    for other in (
        cells_of(keys, ["en", "fa"], np.array([1.0, 1.0])),
        cells_of(keys, ["en", "en"], np.array([23.0, 24.0])),
        cells_of(keys, ["en", "en"], np.array([1.0, math.nan])),
        cells_of([(1, 2, 3, 4), (4, 3, 2, 1)], ["en", "en"], np.array([1.0, 1.0])),
    ):
        assert not set(other[0].tolist()) & set(other[1].tolist())
    undated = cells_of(keys, ["tr", "tr"], np.array([math.nan, math.nan]))
    assert (undated[0] == undated[1]).all()


def test_four_hundred_copies_are_one_story_and_not_eighty_thousand_pairs() -> None:
    copies = crowd(400)
    result = run(copies + news())
    story = next(one for one in result.stories if any(article.id == copies[0].id for article in one.articles))
    assert {copy.id for copy in copies} <= {article.id for article in story.articles}
    assert result.counts["followed"] == len(result.scored.followers) > 300
    # of the leads with each other and the rest of the news; of each that follows with one
    assert result.counts["scored"] < 3_000
    assert len(result.scored.pairs) == result.counts["kept"] < 3_000
    sure = {member.article.id: member for member in story.members}
    assert min(sure[copy.id].probability for copy in copies) > 0.9
    for key, lead in followers(result).items():
        assert sure[key].relation == "reprint"
        assert sure[key].of in (lead, sure[lead].of)


def test_those_that_follow_change_nothing_for_others(monkeypatch: pytest.MonkeyPatch) -> None:
    articles = crowd(120) + news()
    result = run(articles)
    follows = followers(result)
    assert len(follows) > 60
    monkeypatch.setattr(crowds, "LEADS", len(articles))
    before = facts(run([article for article in articles if article.id not in follows]))
    for key, (members, said) in facts(result).items():
        if key not in follows:
            assert (members - follows.keys(), said) == before[key]


@settings(max_examples=4, suppress_health_check=QUIET)
@given(seed=st.integers(0, 1_000), undated=st.sampled_from([0.0, 0.3, 1.0]))
def test_neither_order_nor_names_of_places_change_anything(
    seed: int, undated: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    lower(monkeypatch)
    articles = crowded_news(seed, undated=undated)
    result = run(articles)
    assume(result.scored.followers.size)
    random.Random(seed).shuffle(articles)
    again = run(articles)
    assert facts(again) == facts(result)
    assert followers(again) == followers(result)


@settings(max_examples=4, suppress_health_check=QUIET)
@given(seed=st.integers(0, 1_000), undated=st.sampled_from([0.0, 0.3, 1.0]))
def test_with_few_leads_the_groups_are_those_of_comparing_all(
    seed: int, undated: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Stories that are apart stay apart, though copies of both are taken along."""
    articles = crowded_news(seed, undated=undated)
    whole = {key: told[0] for key, told in facts(run(articles)).items()}
    lower(monkeypatch)
    result = run(articles)
    assume(result.scored.followers.size)
    assert {key: told[0] for key, told in facts(result).items()} == whole


@pytest.mark.parametrize("count", [LEADS - 1, LEADS])
def test_as_many_copies_as_lead_are_compared_one_by_one(count: int) -> None:
    result = run(crowd(count, changed=0.0))
    assert result.counts["followed"] == 0
    assert len(result.scored.pairs) == count * (count - 1) // 2


def test_copies_without_a_time_and_of_other_days_are_crowds_of_their_own() -> None:
    one = invented_news(stories=1, seed=3)[0][0]
    assert one.published
    copies = [
        replace(one, id=f"copy{day}-{number}", published=None if day == 2 else one.published + timedelta(days=day))
        for day in range(3)
        for number in range(LEADS + 10)
    ]
    result = run(copies)
    assert len(result.stories) == 1
    assert result.counts["scored"] == 3 * LEADS * (3 * LEADS - 1) // 2
    assert result.counts["followed"] == 30


def test_who_shares_a_key_and_tells_something_else_is_compared_as_all_are(monkeypatch: pytest.MonkeyPatch) -> None:
    """A key may be shared by chance or by design."""
    lower(monkeypatch)
    monkeypatch.setattr("dedup.evidence.content.copy_keys", lambda sentences: (1,) * KEYS)
    articles = [replace(one, published=news()[0].published) for one in news()]
    found = run(articles)
    monkeypatch.undo()
    assert facts(found) == facts(run(articles))
    assert found.scored.followers.size == 0


def test_who_follows_is_one_story_and_one_text_with_the_one_followed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Also at a threshold below which whoever shares a key would go along."""
    lower(monkeypatch, leads=2, guides=2)
    one, other = news()[0], news()[5]
    copies = [replace(one, id=f"a{number}") for number in range(3)]
    half = "\n".join([*one.body.split("\n")[:2], *other.body.split("\n")[2:]])
    mixed = replace(one, id="z", body=half)
    monkeypatch.setattr("dedup.evidence.content.copy_keys", lambda sentences: (1,) * KEYS)
    result = run([*copies, mixed], dedup.Settings(threshold=0.01))
    log_odds = dict(zip(map(tuple, result.scored.pairs.tolist()), result.scored.log_odds.tolist(), strict=True))
    assert log_odds[0, 3] > log_odds_of(0.01)
    assert followers(result) == {"a2": "a0"}


def test_without_weights_of_relations_one_story_is_enough() -> None:
    calibration = replace(fake_calibration(), relations=None)
    result = dedup.deduplicate(crowd(60), encoder=FakeEncoder(), calibration=calibration)
    assert result.counts["followed"] > 20
    assert {member.relation for story in result.stories for member in story.members} == {None}


def test_where_nothing_comes_often_nothing_follows() -> None:
    assert GUIDES <= LEADS
    result = run(news())
    assert result.counts["followed"] == 0
    assert result.scored.followers.shape == (0, 2)


def test_of_one_that_follows_it_is_said_why_it_was_not_compared(monkeypatch: pytest.MonkeyPatch) -> None:
    lower(monkeypatch)
    result = run(crowded_news(2))
    one, lead = next(iter(followers(result).items()))
    with_lead = result.pair(one, lead)
    assert with_lead.candidate
    assert with_lead.same_story
    places = {article.id: place for place, article in enumerate(result.articles)}
    scored = {frozenset(pair) for pair in result.scored.pairs.tolist()}
    (story,) = (story for story in result.stories if one in {article.id for article in story.articles})
    other = next(
        article.id
        for article in story.articles
        if article.id != one and frozenset([places[one], places[article.id]]) not in scored
    )
    pair = result.pair(one, other)
    assert not pair.candidate
    assert pair.why_no_candidate == (
        f"{one} is one of many copies of a text: it goes where {lead} goes, and was not compared with others"
    )


def test_who_comes_twice_follows_nobody_whatever_shares_its_key(monkeypatch: pytest.MonkeyPatch) -> None:
    """A phrase that many use may be the key of unrelated texts, of which one happens to be a copy of another."""
    lower(monkeypatch)
    monkeypatch.setattr("dedup.evidence.content.copy_keys", lambda sentences: (1,) * KEYS)
    day = news()[0].published
    articles = [replace(story[0], published=day) for story in invented_news(stories=8, seed=9)]
    first = min(articles, key=lambda one: one.id)
    twice = [*articles, replace(first, id="z")]
    assert run(twice).counts["followed"] == 0
    often = [*articles, *(replace(first, id=f"z{number}") for number in range(8))]
    assert run(often).counts["followed"] == 8
