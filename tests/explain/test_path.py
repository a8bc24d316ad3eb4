"""The widest path against the definition, and against a spanning tree of networkx."""

from __future__ import annotations

import itertools

import networkx as nx
from hypothesis import given
from hypothesis import strategies as st

from dedup.explain.path import Edge, widest_path

ENDS = "abcdef"
edges_between = st.dictionaries(
    st.sampled_from(list(itertools.combinations(ENDS, 2))), st.integers(-8, 8).map(float), max_size=15
).map(lambda found: [(one, other, weight) for (one, other), weight in found.items()])


def all_paths(edges: list[Edge], start: str, goal: str) -> list[tuple[float, int, list[str]]]:
    """Return every simple path with how good it is: the widest, then the shortest, then the first."""
    graph = nx.Graph()
    graph.add_nodes_from([start, goal])
    graph.add_weighted_edges_from(edges)
    return sorted(
        (-min(graph.edges[pair]["weight"] for pair in itertools.pairwise(path)), len(path), path)
        for path in nx.all_simple_paths(graph, start, goal)
    )


@given(edges_between, st.permutations(list(ENDS)))
def test_the_path_is_the_best_of_all(edges: list[Edge], ends: list[str]) -> None:
    start, goal = ends[:2]
    possible = all_paths(edges, start, goal)
    assert widest_path(edges, start, goal) == (possible[0][2] if possible else [])


@given(edges_between, st.randoms(use_true_random=False))
def test_order_and_direction_of_edges_change_nothing(edges: list[Edge], dice: object) -> None:
    expected = widest_path(edges, "a", "f")
    turned = [(other, one, weight) for one, other, weight in edges]
    dice.shuffle(turned)  # type: ignore[attr-defined]  # a random.Random
    assert widest_path(turned, "a", "f") == expected


def test_the_weakest_step_is_that_of_the_maximum_spanning_tree() -> None:
    weights = [((7 * i + 3) % 23 / 23, pair) for i, pair in enumerate(itertools.combinations(range(12), 2))]
    edges = [(str(one), str(other), weight) for weight, (one, other) in weights]
    graph = nx.Graph()
    graph.add_weighted_edges_from(edges)
    tree = nx.maximum_spanning_tree(graph)
    for start, goal in itertools.combinations(map(str, range(12)), 2):
        through = nx.shortest_path(tree, start, goal)
        widest = min(tree.edges[pair]["weight"] for pair in itertools.pairwise(through))
        found = widest_path(edges, start, goal)
        assert min(graph.edges[pair]["weight"] for pair in itertools.pairwise(found)) == widest
