"""What is gone through again gives what going through all from the beginning gives, ties and all."""

from __future__ import annotations

import itertools
import math
import random
from collections.abc import Iterable, Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dedup.store.chains import Chains
from dedup.store.pairs import Pair
from dedup.store.replay import joins_within, regrouped

LEAST = 4.0


class Worths:
    """Pairs of few different worths, so that many averages are equal; ids are not in the order of numbers."""

    least = LEAST

    def __init__(self, seed: int, numbers: Iterable[int], levels: int, density: float) -> None:
        self.dice = random.Random(seed)
        self.numbers = set(numbers)
        self.levels, self.density = levels, density
        self.of: dict[Pair, float] = {}
        self.ids: dict[int, str] = {}
        self.asked: set[int] = set()

    def add(self, number: int) -> None:
        self.ids[number] = f"{self.dice.randrange(10**6):06d}-{number}"
        for other in self.numbers:
            worth = self.dice.choice(range(1, self.levels + 1)) * 3.0 if self.dice.random() < self.density else 0.0
            self.of[min(number, other), max(number, other)] = worth
        self.numbers.add(number)

    def remove(self, number: int) -> None:
        self.numbers.discard(number)
        self.of = {pair: worth for pair, worth in self.of.items() if number not in pair}

    def id_of(self, number: int) -> str:
        return self.ids[number]

    def joining(self, numbers: Iterable[int]) -> list[dict[int, float]]:
        wanted = list(numbers)
        self.asked.update(wanted)
        found: list[dict[int, float]] = []
        for one in wanted:
            pairs = {other: self.of[min(one, other), max(one, other)] for other in self.numbers if other != one}
            found.append({other: worth for other, worth in pairs.items() if worth > LEAST})
        return found

    def worth(self, pairs: Sequence[Pair]) -> list[float]:
        return [self.of[pair] for pair in pairs]

    def groups(self) -> set[frozenset[int]]:
        """Return the groups by the definition: the surest two of all join, again and again."""
        groups = [[number] for number in self.numbers]
        while len(groups) > 1:
            found = []
            for one, other in itertools.combinations(groups, 2):
                first, second = sorted((self._key(one), self._key(other)))
                found.append((-self._average(one, other), first, second))
            average, first, second = min(found)
            if -average <= LEAST:
                break
            one, other = (next(group for group in groups if self._key(group) == key) for key in (first, second))
            groups = [group for group in groups if group is not one and group is not other] + [one + other]
        return {frozenset(group) for group in groups}

    def _average(self, one: list[int], other: list[int]) -> float:
        return sum(self.of[min(a, b), max(a, b)] for a in one for b in other) / (len(one) * len(other))

    def _key(self, group: list[int]) -> str:
        return min(map(self.id_of, group))


def _fellows(stories: set[frozenset[int]], there: set[int], numbers: Iterable[int]) -> dict[int, list[int]]:
    found = {one: sorted(story & there) for story in stories for one in story & there}
    return {number: found.get(number, [number]) for number in numbers}


@settings(max_examples=300, deadline=None)
@given(
    seed=st.integers(0, 10**6),
    levels=st.integers(1, 6),
    density=st.sampled_from([0.1, 0.3, 0.6, 1.0]),
    steps=st.lists(st.sampled_from(["one", "some", "remove", "judge"]), min_size=1, max_size=5),
)
def test_it_is_what_all_would_come_to(seed: int, levels: int, density: float, steps: list[str]) -> None:
    graph = Worths(seed, [], levels, density)
    dice = random.Random(seed)
    for number in range(dice.randint(2, 14)):
        graph.add(number)
    stories = graph.groups()
    for number, step in enumerate(steps):
        changed = _change(graph, stories, step, dice, 100 * (number + 1))
        there = set(graph.numbers)
        before = stories
        found = regrouped(graph, changed, lambda some: _fellows(before, there, some))  # noqa: B023 - called at once
        stories = graph.groups()
        touched = {one for group in found for one in group}
        assert {frozenset(group) for group in found} == {group for group in stories if group & touched}
        assert {group for group in stories if not group & touched} == {
            story & there for story in before if story & there and not story & touched
        }
        chains = Chains(graph)
        assert {frozenset(chains.group_of(one)) for one in graph.numbers} == stories


def _change(graph: Worths, stories: set[frozenset[int]], step: str, dice: random.Random, fresh: int) -> list[int]:
    """Change something; return the articles that have changed or lost one of their story."""
    if step == "remove" and len(graph.numbers) > 3:
        gone = dice.sample(sorted(graph.numbers), dice.randint(1, 3))
        for number in gone:
            graph.remove(number)
        return sorted({one for story in stories if story & set(gone) for one in story - set(gone)})
    if step == "judge" and graph.of:
        pair = dice.choice(sorted(graph.of))
        graph.of[pair] = dice.choice([math.inf, 0.0, 30.0])
        return list(pair)
    numbers = range(fresh, fresh + (1 if step == "one" else dice.randint(2, 5)))
    for number in numbers:
        graph.add(number)
    return list(numbers)


def test_what_nothing_loose_can_reach_is_not_looked_into() -> None:
    graph = Worths(1, [], 1, 0.0)
    for number in range(40):
        graph.add(number)
    for number in range(0, 38, 2):
        # a long chain: each is nearest to the next, and near to the one before
        graph.of[number, number + 1] = 30.0
        graph.of[number + 1, number + 2] = 20.0
    before = graph.groups()
    graph.add(100)
    graph.of[0, 100] = 6.0
    assert regrouped(graph, [100], lambda some: _fellows(before, graph.numbers, some)) == [[100]]
    assert graph.asked == {100}
    assert graph.groups() == before | {frozenset([100])}


@pytest.mark.parametrize("n", [2, 3, 9, 30])
@pytest.mark.parametrize("levels", [1, 3, 1000])
def test_joins_within_are_the_surest_of_all_each_time(n: int, levels: int) -> None:
    dice = random.Random(n * levels)
    worth = {pair: float(dice.randint(0, levels)) for pair in itertools.combinations(range(n), 2)}
    groups = {place: [place] for place in range(n)}
    for one, other, average in joins_within(n, list(worth.values())):
        averages = {
            (a, b): sum(worth[min(i, j), max(i, j)] for i in groups[a] for j in groups[b])
            / (len(groups[a]) * len(groups[b]))
            for a, b in itertools.combinations(sorted(groups), 2)
        }
        assert (one, other) == min(averages, key=lambda pair: (-averages[pair], pair))
        assert average == averages[one, other]
        groups[one] += groups.pop(other)
    assert groups == {0: groups[0]}
