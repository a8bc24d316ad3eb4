"""What a report holds: a run made into the blocks of data that the page reads."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import dedup
from dedup.explain.wording import SIGNAL_WORDS
from dedup.report.bodies import body_bound, body_rows
from dedup.report.details import detail_row
from dedup.report.doubt import Doubt, pairs_in_doubt
from dedup.report.pairs import pair_rows, pairs_to_explain
from dedup.report.rows import article_rows, story_rows

if TYPE_CHECKING:
    from dedup.manifest import Manifest
    from dedup.pipeline import Deduplication, Progress
    from dedup.report.options import ReportOptions

__all__ = ["Contents", "report_contents"]

_ARTICLES_A_BLOCK = 1_000
_PAIRS_A_BLOCK = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Contents:
    """Data of a page. Bodies and details come in blocks, which the page unpacks when it needs them."""

    core: dict[str, Any]
    """All that the first sight needs: ``meta``, ``stories``, ``articles``, ``pairs``, ``review``."""
    bodies: list[list[Any]]
    """Of the articles in their order, ``meta.articlesABlock`` a block."""
    left_out: dict[str, int]
    """How much of the result is not there; see ``write_report``."""
    details: list[list[Any]]
    """Of the pairs that ``core["explained"]`` names, in its order, ``meta.pairsABlock`` a block."""

    def blocks(self) -> Iterator[tuple[str, Any]]:
        """Yield the name and the value of each block."""
        yield "core", self.core
        yield from ((f"bodies-{number}", block) for number, block in enumerate(self.bodies))
        yield from ((f"details-{number}", block) for number, block in enumerate(self.details))


def report_contents(
    result: Deduplication, options: ReportOptions, progress: Progress, manifest: Manifest | None = None
) -> Contents:
    """Return what a report on ``result`` holds.

    Raises:
        CalibrationError: see ``Deduplication.pair``.
        EncoderError: the model cannot be loaded to explain pairs.
    """
    articles, stories = result.articles, result.stories
    places = {article.id: place for place, article in enumerate(articles)}
    pairs = pair_rows(result, options.pairs)
    doubts = pairs_in_doubt(result, options.review_pairs)
    # a result that was put together without a run has nothing to explain with
    most = options.explained_pairs if result.yardstick else 0
    explained = pairs_to_explain(stories, places, pairs, result.settings.threshold, most)
    explained = _doubts_first(doubts, explained, most)
    details, sentences = _explain(result, explained, places, progress)
    bound = body_bound(articles, options)
    bodies = body_rows(articles, sentences, bound)
    meta = {
        "title": options.title,
        "version": dedup.__version__,
        "threshold": result.settings.threshold,
        "windowDays": result.settings.window_days,
        "bodyBound": bound,
        "bodiesCut": sum(row[1] > 0 for row in bodies),
        "counts": dict(result.counts),
        # without its times: equal runs give equal pages
        "manifest": (manifest or result.manifest()).to_dict(times=False),
        "pairsScored": len(result.scored.pairs),
        "articlesABlock": _ARTICLES_A_BLOCK,
        "pairsABlock": _PAIRS_A_BLOCK,
        "signals": dict(SIGNAL_WORDS),
    }
    return Contents(
        core={
            "meta": meta,
            "stories": story_rows(stories, places),
            "articles": article_rows(stories, places),
            "pairs": pairs,
            "review": [[doubt.a, doubt.b, round(doubt.probability, 6)] for doubt in doubts],
            "explained": [[a, b, row["probability"]] for (a, b), row in zip(explained, details, strict=True)],
        },
        left_out={
            "bodies_cut": meta["bodiesCut"],
            "pairs_left_out": len(result.scored.pairs) - len(pairs),
            "pairs_not_explained": len({row[:2] for row in pairs} - set(explained)),
        },
        bodies=_in_blocks(bodies, _ARTICLES_A_BLOCK),
        details=_in_blocks(details, _PAIRS_A_BLOCK),
    )


def _doubts_first(doubts: Sequence[Doubt], others: Sequence[tuple[int, int]], most: int) -> list[tuple[int, int]]:
    return list(dict.fromkeys([*((doubt.a, doubt.b) for doubt in doubts), *others]))[:most]


def _explain(
    result: Deduplication, pairs: Sequence[tuple[int, int]], places: Mapping[str, int], progress: Progress
) -> tuple[list[dict[str, Any]], dict[int, Sequence[str]]]:
    """Return the details of ``pairs``, and by the places of their articles what was read of these."""
    from dedup.explain.pair import pair_of_run

    yardstick = result.yardstick
    if yardstick is None or not pairs:
        return [], {}
    story_of = {places[article.id]: story for story in result.stories for article in story.articles}
    details = []
    sentences: dict[int, Sequence[str]] = {}
    with progress("details", len(pairs)) as advance:
        for a, b in pairs:
            pair = pair_of_run(
                (result.articles[a].id, result.articles[b].id),
                result.articles,
                (story_of[a], story_of[b]),  # of a large run it would take long to look through all
                result.scored.pairs,
                result.scored.log_odds,
                result.settings,
                yardstick,
            )
            explanation = pair.explain(flips=False)
            details.append(detail_row(explanation, places))
            sentences[a], sentences[b] = explanation.sentences_a, explanation.sentences_b
            advance(1)
    return details, sentences


def _in_blocks(rows: Sequence[Any], size: int) -> list[list[Any]]:
    return [list(rows[start : start + size]) for start in range(0, len(rows), size)]
