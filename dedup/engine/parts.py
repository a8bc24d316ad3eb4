"""Tasks on parts of the articles: contents and fingerprints, pairs of parts, bins of stories.

An article has a number; see ``dedup.engine.layout``.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from dedup.article import UNDETERMINED
from dedup.engine.base import Work
from dedup.engine.crowds import followers_among, followers_in
from dedup.engine.folder import JobFolder
from dedup.engine.layout import Layout
from dedup.engine.tables import (
    articles_of,
    edge_table,
    edges_of,
    fingerprint_table,
    followers_of,
    known_of,
    prints_of,
    stories_in,
    story_table,
    when_of,
)

if TYPE_CHECKING:
    from dedup.article import Article
    from dedup.cluster import ScoredBlock
    from dedup.store.stored import Known

__all__ = [
    "bin_stories",
    "compared_parts",
    "fingerprint_part",
    "pair_name",
    "score_parts",
    "sort_into_bins",
    "write_bin",
]

_Numbers = npt.NDArray[np.int64]


def fingerprint_part(folder: JobFolder, name: str, work: Work) -> dict[str, Any]:
    """Read and encode the articles of a part, and write what they are compared by."""
    from dedup.crowds import cells_of
    from dedup.evidence.packed import pack_evidence, packed_columns
    from dedup.evidence.workers import article_contents
    from dedup.stages import Texts, fingerprints_of_texts, in_language, no_progress
    from dedup.text.passage import exceeds_reading

    articles = articles_of(folder.read_table("parts", name))
    articles.sort(key=lambda article: (when_of(article), article.id))
    known: list[Article] = []
    passages: list[list[str]] = []
    copies: list[tuple[int, ...]] = []
    evidence: list[bytes] = []
    cut, most = 0, work.settings.max_sentences
    contents = article_contents(articles, work.calibration.background, most, workers=0)
    for article, content in zip(articles, contents, strict=True):
        cut += content.cut or exceeds_reading(article, most)
        known.append(in_language(article, content))
        passages.append(content.sentences)
        copies.append(content.copies)
        evidence.append(pack_evidence(content.evidence))
    keys = np.array(copies, np.int64)
    texts = Texts(articles=known, passages=passages, evidence=packed_columns(evidence), copies=keys, cut=cut)
    prints = fingerprints_of_texts(texts, work.encoder, work.calibration, None, no_progress)
    cells = cells_of(keys, [article.language for article in known], prints.hours)
    folder.write_table("fingerprints", name, fingerprint_table(known, prints, evidence, cells))
    hours = prints.hours[~np.isnan(prints.hours)]
    return {
        "articles": len(articles),
        "cut": cut,
        "first": [when_of(articles[0]), articles[0].id],
        "last": float(hours.max()) if len(hours) else when_of(articles[0]),
        "undated": len(articles) - len(hours),
        "detected": sum(
            article.language == UNDETERMINED != one.language for article, one in zip(articles, known, strict=True)
        ),
    }


def compared_parts(layout: Layout, window_hours: float) -> list[tuple[int, int]]:
    """Return which parts hold articles that may be near in time, the earlier first, each also with itself."""
    parts = layout.parts
    found = []
    for one, part in enumerate(parts):
        for other in range(one, len(parts)):
            later = parts[other]
            if one == other or part.undated or later.undated or later.first[0] - part.last <= window_hours:
                found.append((one, other))
    return found


def pair_name(one: int, other: int) -> str:
    """Return the name of the task that compares two parts."""
    return f"{one:05}-{other:05}"


def score_parts(folder: JobFolder, layout: Layout, pair: tuple[int, int], work: Work) -> dict[str, Any]:
    """Find and score the candidates between two parts, or within one, and write those that tell something."""
    from dedup.index import SearchWork
    from dedup.stages import scored_blocks

    one, other = pair
    numbers, known = _compared(folder, layout, one)
    across = None
    if other != one:
        across = len(known)
        more, known_more = _compared(folder, layout, other)
        numbers, known = np.concatenate([numbers, more]), known + known_more
    done = SearchWork()
    pairs, log_odds = [np.empty((0, 2), np.int64)], [np.empty(0)]
    blocks: Iterable[ScoredBlock] = ()
    if len(known) > (across or 0) and across != 0:  # all of a part may follow others
        prints = prints_of(known)
        del known
        blocks = scored_blocks(prints, work.settings, work.calibration, done, across=across, all_pairs=work.all_pairs)
    for block in blocks:
        pairs.append(numbers[block.pairs])
        log_odds.append(block.log_odds)
    folder.write_table("pairs", pair_name(one, other), edge_table(np.concatenate(pairs), np.concatenate(log_odds)))
    kept = sum(map(len, log_odds))
    return {"compared": done.compared, "candidates": done.candidates, "scored": done.scored, "kept": kept}


def _compared(folder: JobFolder, layout: Layout, part: int) -> tuple[_Numbers, list[Known]]:
    """Return the articles of a part that are compared as all are, by number: those that follow none."""
    rows = np.arange(layout.parts[part].articles)
    rows = np.setdiff1d(rows, followers_in(folder, layout, part) - layout.starts[part])
    table = folder.read_table("fingerprints", layout.parts[part].name)
    return layout.starts[part] + rows, known_of(table if len(rows) == len(table) else table.take(rows))


def sort_into_bins(folder: JobFolder, layout: Layout, names: Sequence[str], size: int, work: Work) -> dict[str, Any]:
    """Write which articles each bin has: whole components of the graph of edges that can join, about ``size`` articles.

    Groups join, and single articles join groups, only along such edges; see ``dedup.singletons.near_log_odds``. Those
    that follow others are with these.
    """
    import pyarrow
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    from dedup.singletons import near_log_odds
    from dedup.stages import cuts

    articles = int(layout.starts[-1])
    # a little below too: more edges than needed change nothing
    least = near_log_odds(*cuts(work.settings, work.calibration)) - 1e-3
    edges = [np.empty((0, 2), np.int64)]
    for name in names:
        pairs, log_odds = edges_of(folder.read_table("pairs", name))
        edges.append(pairs[log_odds > least])
    for part in layout.parts:
        articles_that_follow, leads, _, _ = followers_of(folder.read_table("crowds", part.name))
        edges.append(np.stack([articles_that_follow, leads], axis=1))
    joined = np.concatenate(edges)
    graph = coo_array((np.ones(len(joined), np.int8), (joined[:, 0], joined[:, 1])), shape=(articles, articles))
    label = connected_components(graph, directed=False)[1]
    # components in the order of their first articles, so that the articles of a bin lie in few parts
    _, first, label, counts = np.unique(label, return_index=True, return_inverse=True, return_counts=True)
    place = np.empty(len(first), np.int64)
    place[np.argsort(first)] = np.arange(len(first))
    ordered = np.argsort(place[label], kind="stable")
    ends = np.cumsum(counts[np.argsort(first)])
    bounds = [0]
    while bounds[-1] < articles:
        last = int(np.searchsorted(ends, bounds[-1] + size, side="left"))
        bounds.append(int(ends[min(last, len(ends) - 1)]))
    for number, (start, end) in enumerate(itertools.pairwise(bounds)):
        folder.write_table("bins", f"{number:05}", pyarrow.table({"article": np.sort(ordered[start:end])}))
    return {"bins": len(bounds) - 1, "largest": int(counts.max(initial=0))}


def bin_stories(
    folder: JobFolder, layout: Layout, bin_name: str, pair_names: frozenset[str], work: Work
) -> dict[str, Any]:
    """Find the stories among the articles of a bin and write them, in the order in which they are told."""
    from dedup.held_pairs import HeldPairs
    from dedup.stages import group_articles, relations_of, stories_of, with_singletons

    settings, calibration = work.settings, work.calibration
    numbers = folder.read_table("bins", bin_name).column("article").to_numpy().astype(np.int64)
    articles, known = _chosen(folder, layout, numbers)
    order = np.array(sorted(range(len(articles)), key=lambda row: articles[row].id), np.int64)
    articles, known = [articles[row] for row in order.tolist()], [known[row] for row in order.tolist()]
    rank = np.empty_like(order)
    rank[order] = np.arange(len(order))
    following = followers_among(folder, layout, numbers, rank)
    held = HeldPairs(len(articles))
    for pairs, log_odds in _edges_among(folder, layout, numbers, pair_names):
        telling = log_odds > calibration.absent_log_odds
        ends = np.sort(rank[np.searchsorted(numbers, pairs[telling])], axis=1)
        held.add(ends, log_odds[telling], np.empty(0, np.int64))
    groups = group_articles(len(articles), held, settings, calibration)
    pairs, log_odds = held.give_up()
    groups = with_singletons(groups, pairs, log_odds, settings, calibration)
    relations = relations_of(articles, groups, prints_of(known), settings, calibration)
    stories = stories_of(articles, groups, relations, pairs, log_odds, settings, calibration, following)
    folder.write_table("stories", bin_name, story_table(stories))
    languages: dict[str, int] = {}
    for article in articles:
        languages[article.language] = languages.get(article.language, 0) + 1
    return {"stories": len(stories), "languages": languages}


def write_bin(folder: JobFolder, bin_name: str, target: str, keep: str) -> dict[str, Any]:
    """Write the stories of a bin as a table of articles into the folder ``target``.

    Raises:
        OutputError: it cannot be written.
    """
    from dedup.write import write_stories

    stories = stories_in(folder.read_table("stories", bin_name).column("story").to_pylist(), keep)
    write_stories(stories, Path(target) / f"part-{bin_name}.parquet")
    return {}


def _chosen(folder: JobFolder, layout: Layout, numbers: _Numbers) -> tuple[list[Article], list[Known]]:
    """Return articles by their numbers, sorted, read part by part."""
    articles: list[Article] = []
    known: list[Known] = []
    for part, rows in layout.by_part(numbers):
        name = layout.parts[part].name
        some = articles_of(folder.read_table("parts", name))
        some.sort(key=lambda article: (when_of(article), article.id))
        table = folder.read_table("fingerprints", name).take(rows)
        known += known_of(table)
        languages, sure = table.column("language").to_pylist(), table.column("confidence").to_pylist()
        articles += [
            replace(some[row], language=language, language_confidence=confidence)
            for row, language, confidence in zip(rows.tolist(), languages, sure, strict=True)
        ]
    return articles, known


def _edges_among(
    folder: JobFolder, layout: Layout, numbers: _Numbers, pair_names: frozenset[str]
) -> Iterable[tuple[_Numbers, npt.NDArray[np.float64]]]:
    """Yield the edges between some articles, from the tasks that compared their parts."""
    parts = [part for part, _ in layout.by_part(numbers)]
    for one in parts:
        for other in parts:
            name = pair_name(one, other)
            if name not in pair_names:
                continue
            pairs, log_odds = edges_of(folder.read_table("pairs", name))
            place = np.minimum(np.searchsorted(numbers, pairs), len(numbers) - 1)
            inside = (numbers[place] == pairs).all(axis=1)
            yield pairs[inside], log_odds[inside]
