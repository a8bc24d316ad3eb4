"""The whole run, read top to bottom: articles in, stories out."""

from __future__ import annotations

import itertools
import logging
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager, closing, contextmanager, nullcontext
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Protocol

import numpy as np
import numpy.typing as npt

from dedup.article import Article
from dedup.errors import InputError
from dedup.frames import Articles, InFrames, Origin, take
from dedup.settings import Settings
from dedup.story import Member, Story, make_story

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

    from dedup.encode.base import Encoder
    from dedup.encode.fingerprint import Fingerprints
    from dedup.encode.vectors import VectorCache
    from dedup.evidence.columns import EvidenceColumns
    from dedup.evidence.content import Content
    from dedup.evidence.extraction import ArticleEvidence
    from dedup.evidence.kept import KeptContents
    from dedup.explain.pair import Pair, Yardstick
    from dedup.held_pairs import HeldPairs
    from dedup.index import SearchWork
    from dedup.read.options import ReadOptions
    from dedup.read.report import ReadReport
    from dedup.relate.relations import Relation
    from dedup.score.calibration import Calibration

__all__ = ["Deduplication", "Progress", "ScoredPairs", "deduplicate", "nothing"]

logger = logging.getLogger(__name__)

# Encoded at once: bounds memory, and is enough to sort sentences by length. Without a cache a sentence that comes again
# so many articles later is encoded again.
_ARTICLES_AT_ONCE = 8_192


class Progress(Protocol):
    """Told how far a stage is. The command line draws bars from it; the default does nothing."""

    def __call__(self, stage: str, total: int) -> AbstractContextManager[Callable[[int], None]]:
        """Return a context that is called with the amount of work done since the last call."""


def no_progress(stage: str, total: int) -> AbstractContextManager[Callable[[int], None]]:  # noqa: ARG001 - a Progress
    """Ignore progress."""
    return nullcontext(lambda done: None)  # noqa: ARG005 - a callback that ignores its argument


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
    """What the search for pairs took, the same on every machine: pairs ``compared``, ``candidates`` among them, all of
    which were scored, and those ``kept`` in ``scored``."""
    yardstick: Yardstick | None = field(default=None, repr=False, compare=False)
    """What the articles were measured with, for ``pair``; None for a run without any."""
    origin: Origin | None = field(default=None, repr=False, compare=False)
    """Which article each row of the input became, for ``to_pandas`` and its like."""

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
            (a, b), self.articles, self.stories, scored.pairs, scored.log_odds, self.settings, self.yardstick
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
    kept: KeptContents | None = None,
    all_pairs: bool = False,
    progress: Progress = no_progress,
    options: ReadOptions | None = None,
    report: ReadReport | None = None,
) -> Deduplication:
    """Find which of ``articles`` tell the same story.

    Args:
        articles: Articles with distinct ids; texts; mappings of field names to values; or a frame of pandas, polars,
            Arrow or datasets. A row that is no article is rejected and passed by. Their order changes nothing but the
            ids of rows that have none.
        settings: The defaults are what every published figure was measured with.
        encoder: The bundled model where ``None``.
        calibration: For ``None`` the one that belongs to the encoder: shipped, or fitted by ``dedup calibrate``.
        cache: Vectors on disk; for ``None`` nothing is kept.
        kept: What a run of the very same articles, ``max_sentences`` and calibration, that was stopped, has read of
            them; what is read now is added.
        all_pairs: Keep every candidate pair in ``scored``, those that are plainly different too: 24 bytes each, and
            there are many. The stories are the same.
        progress: Told how far each stage is.
        options: Names of fields and columns, and the zone of times that state none.
        report: Filled with the rows that were rejected.

    Raises:
        InputError: two articles have one id; or what is given holds no articles, such as a single text or a frame
            without a column for title or body.
        CalibrationError: no calibration belongs to the encoder.
        EncoderError: the model cannot be loaded.
    """
    from dedup.encode.transformer import TransformerEncoder
    from dedup.explain.pair import Yardstick
    from dedup.index import SearchWork
    from dedup.score.registry import calibration_for

    settings = settings or Settings()
    own_encoder = encoder
    encoder = encoder or TransformerEncoder()
    calibration = calibration or calibration_for(encoder)
    calibration.check_encoder(encoder)
    clock = _Clock()

    with clock("read"):
        intake = take(articles, options, report)
        ordered = _in_order(intake.articles)
    with clock("text"):
        ordered, passages, evidence = _texts(ordered, settings, calibration, progress, kept)
    with clock("encode"):
        fingerprints = _fingerprints(ordered, passages, evidence, encoder, calibration, cache, progress)
        del passages
    work = SearchWork()
    with clock("score"):
        held = _held_pairs(fingerprints, settings, calibration, work, progress, all_pairs=all_pairs)
    with clock("cluster"):
        groups = _cluster(len(ordered), held, settings, calibration)
        pairs, log_odds = held.give_up()
        scored = ScoredPairs(pairs=pairs, log_odds=log_odds)
        if all_pairs:
            telling = log_odds > calibration.absent_log_odds
            pairs, log_odds = pairs[telling], log_odds[telling]
        groups = _with_singletons(groups, pairs, log_odds, settings, calibration)
    with clock("relate"):
        relations = _relations(ordered, groups, fingerprints, settings, calibration)
    with clock("stories"):
        stories = _stories(ordered, groups, relations, pairs, log_odds, settings, calibration)
    logger.info("%d articles, %d scored pairs, %d stories", len(ordered), len(pairs), len(stories))
    return Deduplication(
        stories=stories,
        articles=tuple(ordered),
        scored=scored,
        settings=settings,
        seconds=clock.seconds,
        counts={
            "compared": work.compared,
            "candidates": work.candidates,
            "scored": work.scored,
            "kept": len(scored.pairs),
        },
        # not the bundled model that was loaded here: it would stay in memory as long as the result
        yardstick=Yardstick(calibration=calibration, encoder=own_encoder, cache=cache),
        origin=intake.origin,
    )


def nothing(settings: Settings) -> Deduplication:
    """Return the result of a run without any article, for which no model need be loaded."""
    empty = ScoredPairs(pairs=np.empty((0, 2), np.int64), log_odds=np.empty(0))
    return Deduplication(stories=(), articles=(), scored=empty, settings=settings)


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


def _texts(
    articles: Sequence[Article],
    settings: Settings,
    calibration: Calibration,
    progress: Progress,
    kept: KeptContents | None = None,
) -> tuple[list[Article], list[list[str]], EvidenceColumns]:
    """Return the articles with their languages known, the sentences that are read of each, and what they tell."""
    from dedup.evidence.columns import evidence_columns
    from dedup.evidence.workers import article_contents, worker_count

    known: list[Article] = []
    passages: list[list[str]] = []

    def told(contents: Iterable[Content], advance: Callable[[int], None]) -> Iterator[ArticleEvidence]:
        for article, content in zip(articles, contents, strict=True):
            known.append(_in_language(article, content))
            passages.append(content.sentences)
            yield content.evidence
            advance(1)

    def read(some: Sequence[Article]) -> Generator[Content, None, None]:
        workers = worker_count(len(some))
        return article_contents(some, calibration.background, settings.max_sentences, workers=workers)

    reading = kept.of(articles, read) if kept is not None else read(articles)
    with progress("texts", len(articles)) as advance, closing(reading) as contents:
        evidence = evidence_columns(told(contents, advance))
    return known, passages, evidence


def _in_language(article: Article, content: Content) -> Article:
    found = content.language, content.language_confidence
    if found == (article.language, article.language_confidence):
        return article
    return replace(article, language=found[0], language_confidence=found[1])


def _fingerprints(
    articles: Sequence[Article],
    passages: Sequence[Sequence[str]],
    evidence: EvidenceColumns,
    encoder: Encoder,
    calibration: Calibration,
    cache: VectorCache | None,
    progress: Progress,
) -> Fingerprints:
    from dedup.encode.fingerprint import fingerprint_blocks
    from dedup.encode.vectors import encode_sentences

    blocks = [passages[start : start + _ARTICLES_AT_ONCE] for start in range(0, len(passages), _ARTICLES_AT_ONCE)]
    distinct = sum(len({sentence for passage in block for sentence in passage}) for block in blocks)
    with progress("sentences", distinct) as advance:
        vectors = (
            encode_sentences([sentence for passage in block for sentence in passage], encoder, cache, progress=advance)
            for block in blocks
        )
        return fingerprint_blocks(articles, passages, evidence, vectors, encoder.dimension, calibration)


def _held_pairs(
    fingerprints: Fingerprints,
    settings: Settings,
    calibration: Calibration,
    work: SearchWork,
    progress: Progress,
    *,
    all_pairs: bool,
) -> HeldPairs:
    """Find and score candidates block by block, and keep those that say more than a pair that is no candidate."""
    from dedup.held_pairs import HeldPairs
    from dedup.index import candidate_blocks
    from dedup.score.pairs import score_pairs

    bounds = calibration.candidate_bounds(24 * settings.window_days, settings.candidate_similarity)
    documents, hours, languages = fingerprints.documents, fingerprints.hours, fingerprints.languages
    held = HeldPairs(len(fingerprints))
    with progress("pairs", len(fingerprints)) as advance:
        for block in candidate_blocks(documents, hours, languages, bounds, work=work, progress=advance):
            enough, log_odds = score_pairs(fingerprints, block.pairs, calibration, max_sentences=settings.max_sentences)
            work.scored += len(log_odds)
            wanted = (log_odds > calibration.absent_log_odds) | all_pairs
            held.add(block.pairs[enough][wanted], log_odds[wanted], block.settled)
    return held


def _cluster(articles: int, held: HeldPairs, settings: Settings, calibration: Calibration) -> npt.NDArray[np.int64]:
    from dedup.cluster import cluster_blocks

    threshold, absent = _cuts(settings, calibration)
    telling = (block.above(calibration.absent_log_odds) for block in held.blocks(threshold))
    # the articles are in the order of their ids
    return cluster_blocks(np.arange(articles), telling, threshold=threshold, absent=absent)


def _with_singletons(
    groups: npt.NDArray[np.int64],
    pairs: npt.NDArray[np.int64],
    log_odds: npt.NDArray[np.float64],
    settings: Settings,
    calibration: Calibration,
) -> npt.NDArray[np.int64]:
    from dedup.singletons import join_singletons

    threshold, absent = _cuts(settings, calibration)
    return join_singletons(groups, pairs, log_odds, threshold=threshold, absent=absent)


def _cuts(settings: Settings, calibration: Calibration) -> tuple[float, float]:
    """Return the log-odds of the threshold, and those that count for a pair that is no candidate."""
    from dedup.score.scorer import log_odds_of

    threshold = log_odds_of(settings.threshold)
    return threshold, min(calibration.absent_log_odds, threshold)


def _relations(
    articles: Sequence[Article],
    groups: npt.NDArray[np.int64],
    fingerprints: Fingerprints,
    settings: Settings,
    calibration: Calibration,
) -> Sequence[Relation | None]:
    from dedup.relate.relations import relate_articles

    if calibration.relations is None:
        logger.warning(
            "the calibration for %s says nothing of relations, so none are told; fit it again: dedup calibrate",
            calibration.model,
        )
        return [None] * len(articles)
    return relate_articles(articles, groups, fingerprints, calibration.relations, max_sentences=settings.max_sentences)


def _stories(
    articles: Sequence[Article],
    groups: npt.NDArray[np.int64],
    relations: Sequence[Relation | None],
    pairs: npt.NDArray[np.int64],
    log_odds: npt.NDArray[np.float64],
    settings: Settings,
    calibration: Calibration,
) -> tuple[Story, ...]:
    from dedup.members import make_members, membership

    probability = membership(groups, pairs, log_odds, calibration.absent_log_odds)
    members: dict[int, list[Member]] = {}
    for group, member in zip(groups.tolist(), make_members(articles, probability, relations), strict=True):
        members.setdefault(group, []).append(member)
    stories = [make_story(group, keep=settings.keep) for group in members.values()]
    return tuple(sorted(stories, key=_story_order))


def _story_order(story: Story) -> tuple[int, float, str]:
    first = story.first_published
    return -len(story.members), first.timestamp() if first else float("inf"), story.id
