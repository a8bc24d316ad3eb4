"""The whole run, read top to bottom: articles in, stories out."""

from __future__ import annotations

import itertools
import logging
import time
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from dedup.article import UNDETERMINED, Article
from dedup.errors import InputError
from dedup.frames import Articles, InFrames, Origin, take
from dedup.settings import Settings
from dedup.stages import (
    Progress,
    fingerprints_of_texts,
    following_copies,
    group_articles,
    hold_pairs,
    no_progress,
    read_texts,
    relations_of,
    stories_of,
    with_singletons,
)
from dedup.story import Story

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dedup.crowds import Following
    from dedup.encode.base import Encoder
    from dedup.encode.vectors import VectorCache
    from dedup.engine import Engine, Found
    from dedup.evidence.content_cache import ContentCache
    from dedup.explain.pair import Pair, Yardstick
    from dedup.manifest import Basis, Manifest, Times
    from dedup.read.options import ReadOptions
    from dedup.read.report import ReadReport
    from dedup.score.calibration import Calibration

__all__ = ["Deduplication", "Progress", "ScoredPairs", "deduplicate", "no_progress", "nothing"]

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoredPairs:
    """Candidate pairs that are not plainly different, or all of them where that was asked for.

    Positions are those in ``Deduplication.articles``. Plainly different is what counts no more than a pair that is no
    candidate: log-odds of at most the calibration's ``absent_log_odds``.
    """

    pairs: npt.NDArray[np.int64]
    """int64 ``[p, 2]``, the smaller position first, sorted."""
    log_odds: npt.NDArray[np.float64]
    """float64 ``[p]``, log-odds of "same story"."""
    followers: npt.NDArray[np.int64] = field(default_factory=lambda: np.empty((0, 2), np.int64))
    """int64 ``[f, 2]``: each article that follows another of its crowd (``dedup.crowds``), and which. Of its pairs this
    one alone is in ``pairs``."""

    @classmethod
    def together(
        cls, pairs: npt.NDArray[np.int64], log_odds: npt.NDArray[np.float64], following: Following
    ) -> ScoredPairs:
        """Put the pairs of articles that follow others among the sorted pairs of all others."""
        followers = following.followers
        if len(followers):
            more, more_log_odds = following.pairs
            pairs, log_odds = np.concatenate([pairs, more]), np.concatenate([log_odds, more_log_odds])
            order = np.lexsort((pairs[:, 1], pairs[:, 0]))
            pairs, log_odds = pairs[order], log_odds[order]
        return cls(pairs=pairs, log_odds=log_odds, followers=np.stack([followers, following.lead[followers]], axis=1))


@dataclass(frozen=True, slots=True, kw_only=True)
class Deduplication(InFrames):
    """Result of a run."""

    stories: tuple[Story, ...]
    """All stories, single articles too: the largest first, then by time of their first article, then by id."""
    articles: tuple[Article, ...]
    """The articles with their languages known, in the order of their ids."""
    scored: ScoredPairs
    settings: Settings
    seconds: dict[str, float] = field(default_factory=dict)
    """Time that each stage took."""
    counts: dict[str, int] = field(default_factory=dict)
    """What the run did, the same on every machine. ``articles``, and rows ``rejected``; of the articles those ``cut``
    to ``max_sentences``, ``undated``, whose language was ``detected``, of ``unknown_language``, and in languages that
    are ``uncalibrated``, for which the general mean stands in. Similarities ``compared``, pairs that are
    ``candidates``, those of them ``scored``, where the rest is screened out as plainly different, and those ``kept``
    in ``scored``. The search for candidates is exact. Articles that have ``followed`` others of their crowd
    instead of being compared: see ``dedup.crowds``."""
    yardstick: Yardstick | None = field(default=None, repr=False, compare=False)
    """Internal: what the articles were measured with, for ``pair``; None for a run without any."""
    origin: Origin | None = field(default=None, repr=False, compare=False)
    """Internal: which article each row of the input became, for ``to_pandas`` and its like."""
    basis: Basis | None = field(default=None, repr=False, compare=False)
    """Internal: what the result depends on besides the articles, for ``manifest``."""
    times: Times | None = field(default=None, repr=False, compare=False)
    """Internal: when the run was, for ``manifest``."""

    def pair(self, a: str, b: str) -> Pair:
        """Return two articles of the run, by their ids, with their place in it: ``result.pair("1", "2").explain()``.

        Their vectors are taken from the run's cache while it is open, else they are made again.

        Raises:
            InputError: an id is unknown, or both are one.
            CalibrationError: the result comes from another process, without the encoder, and that was not the bundled
                one; call ``dedup.explain_pair``, which takes an encoder.
        """
        from dedup.explain.pair import pair_of_run, unknown_id

        if self.yardstick is None:
            raise unknown_id(a, (article.id for article in self.articles))
        scored = self.scored
        return pair_of_run(
            (a, b),
            self.articles,
            self.stories,
            scored.pairs,
            scored.log_odds,
            self.settings,
            self.yardstick,
            following=dict(scored.followers.tolist()),
        )

    def manifest(self, report: ReadReport | None = None) -> Manifest:
        """Return what the result depended on and what the run did, to make it again or to tell it from another.

        Args:
            report: Of reading the articles, whose counts are added.
        """
        from dedup.manifest import Manifest, basis_of, mark_articles

        counts = {"reading": report.counts()} if report is not None else {}
        return Manifest(
            basis=self.basis or basis_of(self.settings),
            articles=mark_articles(self.articles),
            counts={**counts, "run": {**self.counts, "stories": len(self.stories)}},
            times=self.times,
        )

    @property
    def unique(self) -> tuple[Article, ...]:
        """One article for each story."""
        return tuple(story.representative for story in self.stories)


def deduplicate(
    articles: Articles,
    settings: Settings | None = None,
    *,
    encoder: Encoder | None = None,
    calibration: Calibration | None = None,
    cache: VectorCache | None = None,
    contents: ContentCache | None = None,
    all_pairs: bool = False,
    progress: Progress = no_progress,
    options: ReadOptions | None = None,
    report: ReadReport | None = None,
    engine: Engine | str | None = None,
) -> Deduplication:
    """Find which of ``articles`` tell the same story.

    Args:
        articles: Articles with distinct ids; texts; mappings of field names to values; or a frame of pandas, polars,
            Arrow or datasets. A row that is no article is rejected and passed by. Their order changes nothing but the
            ids of rows that have none.
        settings: The defaults are what every published figure was measured with.
        encoder: The bundled model where ``None``.
        calibration: For ``None`` the one that belongs to the encoder: shipped, or fitted by ``dedup calibrate``.
        cache: Vectors on disk; for ``None`` none are kept.
        contents: What was read of texts, sentences and evidence, on disk; for ``None`` all are read.
        all_pairs: Keep every candidate pair in ``scored``, those that are plainly different too: 24 bytes each, and
            there are many. The stories are the same.
        progress: Told how far each stage is.
        options: Names of fields and columns, and the zone of times that state none.
        report: Filled with the rows that were rejected.
        engine: ``"ray"`` or a ``dedup.engine.RayEngine`` does the work in parts on a Ray cluster; for ``None`` this
            process does it. The stories are the same. ``cache`` and ``contents`` are this process's, and not used then.

    Raises:
        InputError: two articles have one id; or what is given holds no articles, such as a single text or a frame
            without a column for title or body.
        CalibrationError: no calibration belongs to the encoder.
        EncoderError: the model cannot be loaded.
        EngineError: the engine is not installed, not reached, or lost for good.
    """
    from dedup.encode.transformer import TransformerEncoder
    from dedup.engine import Work, engine_named
    from dedup.explain.pair import Yardstick
    from dedup.index import SearchWork
    from dedup.manifest import Times, basis_of
    from dedup.score.registry import calibration_for

    started = _now()
    settings = settings or Settings()
    own_encoder = encoder
    encoder = encoder or TransformerEncoder()
    calibration = calibration or calibration_for(encoder)
    calibration.check_encoder(encoder)
    clock = _Clock()

    with clock("read"):
        intake = take(articles, options, report)
        ordered = given = _in_order(intake.articles)
    # not the bundled model that was loaded here: it would stay in memory as long as the result
    yardstick = Yardstick(calibration=calibration, encoder=own_encoder, cache=cache)
    if engine is not None:
        work = Work(settings=settings, encoder=encoder, calibration=calibration, all_pairs=all_pairs)
        found = engine_named(engine).find(ordered, work, progress)
        result = _by_engine(ordered, found, settings, yardstick, intake.origin)
        counts = _counted(ordered, result.articles, calibration) | {"rejected": intake.origin.row_ids.count(None)}
        return replace(
            result,
            counts=counts | result.counts,
            basis=basis_of(settings, encoder, calibration),
            times=Times(started=started, ended=_now(), seconds=result.seconds),
        )
    with clock("text"):
        texts = read_texts(ordered, settings, calibration, progress, contents)
        ordered, cut = texts.articles, texts.cut
    with clock("encode"):
        fingerprints = fingerprints_of_texts(texts, encoder, calibration, cache, progress)
    searched = SearchWork()
    with clock("score"):
        following = following_copies(texts, fingerprints, settings, calibration)
        del texts
        held = hold_pairs(
            fingerprints, settings, calibration, searched, progress, following=following, all_pairs=all_pairs
        )
    with clock("cluster"):
        groups = group_articles(len(ordered), held, settings, calibration)
        pairs, log_odds = held.give_up()
        scored = ScoredPairs.together(pairs, log_odds, following)
        if all_pairs:
            telling = log_odds > calibration.absent_log_odds
            pairs, log_odds = pairs[telling], log_odds[telling]
        groups = with_singletons(groups, pairs, log_odds, settings, calibration)
    with clock("relate"):
        relations = relations_of(ordered, groups, fingerprints, settings, calibration)
    with clock("stories"):
        stories = stories_of(ordered, groups, relations, pairs, log_odds, settings, calibration, following)
    logger.info("%d articles, %d scored pairs, %d stories", len(ordered), len(pairs), len(stories))
    return Deduplication(
        stories=stories,
        articles=tuple(ordered),
        scored=scored,
        settings=settings,
        seconds=clock.seconds,
        counts={
            **_counted(given, ordered, calibration),
            "rejected": intake.origin.row_ids.count(None),
            "cut": cut,
            "compared": searched.compared,
            "candidates": searched.candidates,
            "scored": searched.scored,
            "kept": len(scored.pairs),
            "followed": len(scored.followers),
        },
        yardstick=yardstick,
        origin=intake.origin,
        basis=basis_of(settings, encoder, calibration),
        times=Times(started=started, ended=_now(), seconds=clock.seconds),
    )


def _by_engine(
    given: Sequence[Article], found: Found, settings: Settings, yardstick: Yardstick, origin: Origin
) -> Deduplication:
    """Return what an engine found, with what it was not told of the articles."""
    extra = {article.id: article.extra for article in given}
    stories = tuple(_with_extra(story, extra) for story in found.stories)
    articles = sorted((article for story in stories for article in story.articles), key=lambda article: article.id)
    return Deduplication(
        stories=stories,
        articles=tuple(articles),
        scored=ScoredPairs(pairs=found.pairs, log_odds=found.log_odds, followers=found.followers),
        settings=settings,
        seconds=found.seconds,
        counts=found.counts,
        yardstick=yardstick,
        origin=origin,
    )


def _with_extra(story: Story, extra: Mapping[str, Mapping[str, Any]]) -> Story:
    def whole(article: Article) -> Article:
        return replace(article, extra=extra[article.id])

    members = tuple(replace(member, article=whole(member.article)) for member in story.members)
    return Story(id=story.id, members=members, representative=whole(story.representative))


def nothing(settings: Settings) -> Deduplication:
    """Return the result of a run without any article, for which no model need be loaded."""
    empty = ScoredPairs(pairs=np.empty((0, 2), np.int64), log_odds=np.empty(0))
    return Deduplication(stories=(), articles=(), scored=empty, settings=settings)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")


def _counted(given: Sequence[Article], articles: Sequence[Article], calibration: Calibration) -> dict[str, int]:
    """Count the articles, with their languages known, and those that are judged with less than others."""
    languages = Counter(article.language for article in articles)
    untold = sum(article.language == UNDETERMINED for article in given)
    return {
        "articles": len(articles),
        "undated": sum(article.published is None for article in articles),
        "detected": untold - languages[UNDETERMINED],
        "unknown_language": languages[UNDETERMINED],
        "uncalibrated": sum(
            count for tag, count in languages.items() if tag != UNDETERMINED and not calibration.knows(tag)
        ),
    }


class _Clock:
    """Times the stages."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    @contextmanager
    def __call__(self, stage: str) -> Iterator[None]:
        start = time.perf_counter()
        yield
        self.seconds[stage] = round(time.perf_counter() - start, 3)
        logger.debug("%s: %.2f s", stage, self.seconds[stage])


def _in_order(articles: Iterable[Article]) -> list[Article]:
    """Return the articles in the order of their ids: from here on the order of input is forgotten."""
    ordered = sorted(articles, key=lambda article: article.id)
    for one, next_one in itertools.pairwise(ordered):
        if one.id == next_one.id:
            raise InputError(f"two articles have the id {one.id!r}; give each its own (readers reject the second)")
    return ordered
