"""The stages of a run after reading, each a function over some articles: all of a run, or one part of them.

What a part gives does not depend on which other parts there are. So one machine calls them once each, and an engine
(``dedup.engine``) calls them part by part on many.
"""

from __future__ import annotations

import logging
from array import array
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager, closing, nullcontext
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol

import numpy as np
import numpy.typing as npt

from dedup.article import Article
from dedup.cluster import ScoredBlock
from dedup.settings import Settings
from dedup.story import Member, Story, make_story
from dedup.text.copies import KEYS

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

    from dedup.crowds import CrowdRules, Following
    from dedup.encode.base import Encoder
    from dedup.encode.fingerprint import Fingerprints
    from dedup.encode.vectors import VectorCache
    from dedup.evidence.columns import EvidenceColumns
    from dedup.evidence.content import Content
    from dedup.evidence.content_cache import ContentCache
    from dedup.evidence.extraction import ArticleEvidence
    from dedup.held_pairs import HeldPairs
    from dedup.index import SearchWork
    from dedup.relate.relations import Relation
    from dedup.score.calibration import Calibration

__all__ = [
    "Progress",
    "Texts",
    "crowd_rules",
    "cuts",
    "fingerprints_of_texts",
    "following_copies",
    "group_articles",
    "hold_pairs",
    "in_language",
    "no_progress",
    "read_texts",
    "relations_of",
    "scored_blocks",
    "stories_of",
    "story_order",
    "with_singletons",
]

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
class Texts:
    """Articles as they were read."""

    articles: list[Article]
    """With their languages known."""
    passages: list[list[str]]
    """The sentences that are read of each."""
    evidence: EvidenceColumns
    """What these tell."""
    copies: npt.NDArray[np.int64]
    """int64 ``[n, KEYS]``: what copies of a text have in common; see ``dedup.text.copies``."""
    cut: int
    """How many articles have more sentences."""


def read_texts(
    articles: Sequence[Article],
    settings: Settings,
    calibration: Calibration,
    progress: Progress,
    contents: ContentCache | None = None,
) -> Texts:
    """Read the texts of articles.

    Args:
        articles: What is read.
        settings: How many sentences of each.
        calibration: How common names are in news.
        progress: Told of each article.
        contents: What any run has read before; what is read now is added.
    """
    from dedup.evidence.columns import evidence_columns
    from dedup.evidence.workers import article_contents, worker_count
    from dedup.text.passage import exceeds_reading

    known: list[Article] = []
    passages: list[list[str]] = []
    copies = array("q")
    cut = 0

    def told(found: Iterable[Content], advance: Callable[[int], None]) -> Iterator[ArticleEvidence]:
        nonlocal cut
        for article, content in zip(articles, found, strict=True):
            cut += content.cut or exceeds_reading(article, settings.max_sentences)
            known.append(in_language(article, content))
            passages.append(content.sentences)
            copies.extend(content.copies)
            yield content.evidence
            advance(1)

    def read(some: Sequence[Article]) -> Generator[Content, None, None]:
        workers = worker_count(len(some))
        return article_contents(some, calibration.background, settings.max_sentences, workers=workers)

    def find(some: Sequence[Article]) -> Generator[Content, None, None]:
        if contents is None:
            return read(some)
        return contents.of(some, read, calibration.background, settings.max_sentences)

    with progress("texts", len(articles)) as advance, closing(find(articles)) as found:
        evidence = evidence_columns(told(found, advance))
    keys = np.array(copies, np.int64).reshape(-1, KEYS)
    return Texts(articles=known, passages=passages, evidence=evidence, copies=keys, cut=cut)


def in_language(article: Article, content: Content) -> Article:
    """Return the article in the language that its content was read in."""
    found = content.language, content.language_confidence
    if found == (article.language, article.language_confidence):
        return article
    return replace(article, language=found[0], language_confidence=found[1])


def fingerprints_of_texts(
    texts: Texts, encoder: Encoder, calibration: Calibration, cache: VectorCache | None, progress: Progress
) -> Fingerprints:
    """Encode the sentences of the articles, block by block, and make their fingerprints."""
    from dedup.encode.fingerprint import fingerprint_blocks
    from dedup.encode.vectors import encode_sentences

    articles, passages, evidence = texts.articles, texts.passages, texts.evidence
    blocks = [passages[start : start + _ARTICLES_AT_ONCE] for start in range(0, len(passages), _ARTICLES_AT_ONCE)]
    distinct = sum(len({sentence for passage in block for sentence in passage}) for block in blocks)
    with progress("sentences", distinct) as advance:
        vectors = (
            encode_sentences([sentence for passage in block for sentence in passage], encoder, cache, progress=advance)
            for block in blocks
        )
        return fingerprint_blocks(articles, passages, evidence, vectors, encoder.dimension, calibration)


def crowd_rules(settings: Settings, calibration: Calibration) -> CrowdRules:
    """Return what it takes for a copy to follow another."""
    from dedup.crowds import CrowdRules

    return CrowdRules(
        calibration=calibration,
        bounds=calibration.candidate_bounds(24 * settings.window_days, settings.candidate_similarity),
        threshold=cuts(settings, calibration)[0],
        max_sentences=settings.max_sentences,
    )


def following_copies(
    texts: Texts, fingerprints: Fingerprints, settings: Settings, calibration: Calibration
) -> Following:
    """Return which articles follow others of a crowd; the articles are in the order of their ids."""
    from dedup.crowds import cells_of, find_following, judge_by_fingerprints

    rules = crowd_rules(settings, calibration)
    cells = cells_of(texts.copies, [article.language for article in texts.articles], fingerprints.hours)
    return find_following(
        cells,
        fingerprints.hours,
        np.arange(len(cells)),
        lambda asked: judge_by_fingerprints(fingerprints, rules, asked),
    )


def scored_blocks(
    fingerprints: Fingerprints,
    settings: Settings,
    calibration: Calibration,
    work: SearchWork,
    progress: Callable[[int], None] | None = None,
    *,
    across: int | None = None,
    among: npt.NDArray[np.int64] | None = None,
    all_pairs: bool = False,
) -> Iterator[ScoredBlock]:
    """Find and score candidates block by block, and yield those that say more than a pair that is no candidate.

    Args:
        fingerprints: Of the articles.
        settings: The window, the bound of candidates, the most sentences.
        calibration: Weighs the signals.
        work: Counts what is done.
        progress: Called with the number of articles searched since its last call.
        across: As for ``dedup.index.candidate_blocks``, of those that are compared.
        among: int64 ``[k]``, ascending: the articles that are compared; ``None`` for all.
        all_pairs: Yield every candidate.
    """
    from dedup.index import MARGIN, candidate_blocks
    from dedup.score.messages import Request
    from dedup.score.nearly import Products
    from dedup.score.workers import score_blocks, worker_count

    bounds = calibration.candidate_bounds(24 * settings.window_days, settings.candidate_similarity)
    documents, hours, languages = fingerprints.documents, fingerprints.hours, fingerprints.languages
    if among is not None:
        documents, hours, languages = documents[among], hours[among], languages[among]
    waiting: deque[tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]] = deque()

    def requests() -> Iterator[Request]:
        for block in candidate_blocks(documents, hours, languages, bounds, work=work, progress=progress, across=across):
            pairs, settled = (part if among is None else among[part] for part in (block.pairs, block.settled))
            waiting.append((pairs, settled))
            yield Request(pairs, Products(values=block.products, within=MARGIN))

    workers = worker_count(len(hours))
    scores = score_blocks(fingerprints, requests(), calibration, max_sentences=settings.max_sentences, workers=workers)
    with closing(scores):
        for enough, log_odds in scores:
            pairs, settled = waiting.popleft()
            work.scored += len(log_odds)
            wanted = (log_odds > calibration.absent_log_odds) | all_pairs
            yield ScoredBlock(pairs=pairs[enough][wanted], log_odds=log_odds[wanted], settled=settled)


def hold_pairs(
    fingerprints: Fingerprints,
    settings: Settings,
    calibration: Calibration,
    work: SearchWork,
    progress: Progress,
    *,
    following: Following,
    all_pairs: bool,
) -> HeldPairs:
    """Find and score the candidates among the articles that follow none, and hold what ``scored_blocks`` yields."""
    from dedup.held_pairs import HeldPairs

    held = HeldPairs(len(fingerprints))
    # a copy of the vectors is not made for nothing
    among = following.others if following.follows.any() else None
    with progress("pairs", len(fingerprints) if among is None else len(among)) as advance:
        for block in scored_blocks(
            fingerprints, settings, calibration, work, advance, among=among, all_pairs=all_pairs
        ):
            held.add(block.pairs, block.log_odds, block.settled)
    return held


def group_articles(
    articles: int, held: HeldPairs, settings: Settings, calibration: Calibration
) -> npt.NDArray[np.int64]:
    """Return the group of each article by average linkage; the articles are in the order of their ids."""
    from dedup.cluster import cluster_blocks

    threshold, absent = cuts(settings, calibration)
    telling = (block.above(calibration.absent_log_odds) for block in held.blocks(threshold))
    # the articles are in the order of their ids
    return cluster_blocks(np.arange(articles), telling, threshold=threshold, absent=absent)


def with_singletons(
    groups: npt.NDArray[np.int64],
    pairs: npt.NDArray[np.int64],
    log_odds: npt.NDArray[np.float64],
    settings: Settings,
    calibration: Calibration,
) -> npt.NDArray[np.int64]:
    """Return the groups with the articles that are alone in the one story that each is near to, if any."""
    from dedup.singletons import join_singletons

    threshold, absent = cuts(settings, calibration)
    return join_singletons(groups, pairs, log_odds, threshold=threshold, absent=absent)


def cuts(settings: Settings, calibration: Calibration) -> tuple[float, float]:
    """Return the log-odds of the threshold, and those that count for a pair that is no candidate."""
    from dedup.score.scorer import log_odds_of

    threshold = log_odds_of(settings.threshold)
    return threshold, min(calibration.absent_log_odds, threshold)


def relations_of(
    articles: Sequence[Article],
    groups: npt.NDArray[np.int64],
    fingerprints: Fingerprints,
    settings: Settings,
    calibration: Calibration,
) -> Sequence[Relation | None]:
    """Return the relation of each article to its story; None where the calibration tells none."""
    from dedup.relate.relations import relate_articles

    if calibration.relations is None:
        logger.warning(
            "the calibration for %s says nothing of relations, so none are told; fit it again: dedup calibrate",
            calibration.model,
        )
        return [None] * len(articles)
    return relate_articles(articles, groups, fingerprints, calibration.relations, max_sentences=settings.max_sentences)


def stories_of(
    articles: Sequence[Article],
    groups: npt.NDArray[np.int64],
    relations: Sequence[Relation | None],
    pairs: npt.NDArray[np.int64],
    log_odds: npt.NDArray[np.float64],
    settings: Settings,
    calibration: Calibration,
    following: Following,
) -> tuple[Story, ...]:
    """Return the stories that groups of articles are, in the order in which they are told.

    Those that follow others are alone in ``groups``, and go where these go.
    """
    from dedup.members import make_members, membership, with_followers
    from dedup.relate.relations import relations_of_followers

    probability = membership(groups, pairs, log_odds, calibration.absent_log_odds)
    probability = with_followers(probability, following)
    relations = relations_of_followers(relations, following)
    groups = groups[following.lead]
    members: dict[int, list[Member]] = {}
    for group, member in zip(groups.tolist(), make_members(articles, probability, relations), strict=True):
        members.setdefault(group, []).append(member)
    stories = [make_story(group, keep=settings.keep) for group in members.values()]
    return tuple(sorted(stories, key=story_order))


def story_order(story: Story) -> tuple[int, float, str]:
    """Return what stories are sorted by: the largest first, then by time of their first article, then by id."""
    first = story.first_published
    return -len(story.members), first.timestamp() if first else float("inf"), story.id
