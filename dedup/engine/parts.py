"""Tasks on parts of the articles: contents and fingerprints, pairs of parts, bins of stories."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from dedup.article import UNDETERMINED
from dedup.engine.base import Work
from dedup.engine.bins import edges_among, numbers_of_bin
from dedup.engine.crowds import followers_among, followers_in
from dedup.engine.folder import JobFolder
from dedup.engine.layout import Layout, pair_name
from dedup.engine.tables import (
    articles_of,
    edge_table,
    fingerprint_table,
    known_of,
    prints_of,
    stories_in,
    story_table,
    when_of,
)

if TYPE_CHECKING:
    from dedup.article import Article
    from dedup.cluster import ScoredBlock
    from dedup.held_pairs import HeldPairs
    from dedup.store.stored import Known

__all__ = ["bin_stories", "fingerprint_part", "group_bin", "score_parts", "write_bin"]

_Numbers = npt.NDArray[np.int64]


def fingerprint_part(folder: JobFolder, name: str, work: Work, workers: int) -> dict[str, Any]:
    """Read and encode the articles of a part, and write what they are compared by.

    Args:
        folder: Of the run.
        name: Of the part.
        work: What the run is.
        workers: Processes that read texts; 0 for this one alone.
    """
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
    contents = article_contents(articles, work.calibration.background, most, workers=workers)
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


def score_parts(folder: JobFolder, pair: tuple[int, int], layout: Layout, work: Work) -> dict[str, Any]:
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


def group_bin(
    folder: JobFolder, bin_name: str, layout: Layout, pair_names: frozenset[str], work: Work
) -> dict[str, Any]:
    """Group the articles of a bin, and write the group of each: the number of its first article."""
    import pyarrow

    from dedup.stages import group_articles

    numbers = numbers_of_bin(folder, bin_name)
    ids = [
        tie
        for part, rows in layout.by_part(numbers)
        for tie in folder.read_table("parts", layout.parts[part].name, ["tie"]).column("tie").take(rows).to_pylist()
    ]
    order = np.array(sorted(range(len(ids)), key=ids.__getitem__), np.int64)
    held = _held(folder, layout, numbers, order, pair_names, work)
    labels = group_articles(len(order), held, work.settings, work.calibration)
    first = np.full(len(order), int(layout.starts[-1]))
    np.minimum.at(first, labels, numbers[order])
    groups = np.empty_like(numbers)
    groups[order] = first[labels]
    folder.write_table("groups", bin_name, pyarrow.table({"article": numbers, "group": groups}))
    return {"groups": len(np.unique(groups))}


def bin_stories(
    folder: JobFolder, bin_name: str, layout: Layout, pair_names: frozenset[str], work: Work
) -> dict[str, Any]:
    """Make the stories of some groups and write them, in the order in which they are told."""
    from dedup.stages import relations_of, stories_of

    settings, calibration = work.settings, work.calibration
    table = folder.read_table("singles", bin_name)
    numbers = table.column("article").to_numpy().astype(np.int64)
    articles, known = _chosen(folder, layout, numbers)
    order = np.array(sorted(range(len(articles)), key=lambda row: articles[row].id), np.int64)
    articles, known = [articles[row] for row in order.tolist()], [known[row] for row in order.tolist()]
    pairs, log_odds = _held(folder, layout, numbers, order, pair_names, work).give_up()
    groups = np.unique(table.column("group").to_numpy()[order], return_inverse=True)[1].astype(np.int64)
    following = followers_among(folder, layout, numbers, np.argsort(order))
    # as in a run, alone until all else is told
    groups[following.follows] = len(order) + following.followers
    relations = relations_of(articles, groups, prints_of(known), settings, calibration)
    stories = stories_of(articles, groups, relations, pairs, log_odds, settings, calibration, following)
    folder.write_table("stories", bin_name, story_table(stories))
    languages: dict[str, int] = {}
    for article in articles:
        languages[article.language] = languages.get(article.language, 0) + 1
    return {"stories": len(stories), "languages": languages}


def _held(
    folder: JobFolder, layout: Layout, numbers: _Numbers, order: _Numbers, pair_names: frozenset[str], work: Work
) -> HeldPairs:
    """Return the telling pairs among some articles, by their places in the order of ids."""
    from dedup.held_pairs import HeldPairs

    rank = np.argsort(order)
    held = HeldPairs(len(order))
    for _, pairs, log_odds in edges_among(folder, layout, numbers, pair_names):
        telling = log_odds > work.calibration.absent_log_odds
        ends = np.sort(rank[np.searchsorted(numbers, pairs[telling])], axis=1)
        held.add(ends, log_odds[telling], np.empty(0, np.int64))
    return held


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
