"""Two articles, of a run or of none, and why they are taken for one story."""

from __future__ import annotations

import difflib
import itertools
from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from dedup.article import Article
from dedup.errors import InputError
from dedup.explain.comparison import Comparison, compare_articles
from dedup.explain.evidence import collect_items
from dedup.explain.explanation import Explanation, Step
from dedup.explain.flips import find_flips
from dedup.explain.path import widest_path
from dedup.explain.sentences import align_sentences
from dedup.score.scorer import log_odds_of, probability_of
from dedup.settings import Settings
from dedup.story import Story

if TYPE_CHECKING:
    from dedup.encode.base import Encoder
    from dedup.encode.vectors import VectorCache
    from dedup.score.calibration import Calibration

__all__ = ["Pair", "Yardstick", "explain_pair", "pair_of_run", "unknown_id"]

_NEAR_IDS = 3
_IDS_SEARCHED = 100_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """Two articles of a run."""

    a: Article
    b: Article
    story_a: str
    """Id of the story that A is in."""
    story_b: str
    log_odds: float
    """Of "same story", as the run scored them; where it did not, as it would have."""
    candidate: bool
    """Whether the run scored them. Where not, they counted with the calibration's ``absent_log_odds``."""
    why_no_candidate: str | None
    path: tuple[Step, ...]
    """For articles of one story that are not directly alike, the surest way from A to B through others of it."""
    _comparison: Comparison = field(repr=False, compare=False)

    @property
    def probability(self) -> float:
        """Probability that a person would say "same story"."""
        return _probability(self.log_odds)

    @property
    def same_story(self) -> bool:
        """Whether the run put them into one story."""
        return self.story_a == self.story_b

    def explain(self, *, flips: bool = True) -> Explanation:
        """Return what the probability is made of.

        Without ``flips`` what would have changed the decision is left out; finding it takes most of the time.
        """
        found = _explanation(self._comparison, log_odds=self.log_odds, flips=flips)
        return replace(
            found,
            candidate=self.candidate,
            why_no_candidate=self.why_no_candidate,
            same_story=self.same_story,
            path=self.path,
        )


class Yardstick:
    """What a run measured its articles with, for pairs that are looked at later.

    An encoder is kept only if the caller gave one, and neither it nor the cache is pickled: they are files and weights
    of this machine. Without an encoder the bundled model is loaded when it is needed.
    """

    __slots__ = ("cache", "calibration", "encoder")

    def __init__(
        self, *, calibration: Calibration, encoder: Encoder | None = None, cache: VectorCache | None = None
    ) -> None:
        self.calibration = calibration
        self.encoder = encoder
        self.cache = cache

    def __reduce__(self) -> tuple[Any, ...]:
        return _yardstick_without_encoder, (self.calibration,)

    def compare(self, a: Article, b: Article, settings: Settings) -> Comparison:
        """Compare two articles.

        Raises:
            CalibrationError: the run's encoder is gone, and the calibration does not fit the bundled one.
        """
        if self.encoder is None:
            from dedup.encode.transformer import TransformerEncoder

            self.encoder = TransformerEncoder()
        cache = self.cache if self.cache is not None and self.cache.is_open else None
        return compare_articles(
            a, b, encoder=self.encoder, calibration=self.calibration, settings=settings, cache=cache
        )


def _yardstick_without_encoder(calibration: Calibration) -> Yardstick:
    return Yardstick(calibration=calibration)


def explain_pair(
    a: Article | str | Mapping[str, Any],
    b: Article | str | Mapping[str, Any],
    *,
    encoder: Encoder | None = None,
    calibration: Calibration | None = None,
    settings: Settings | None = None,
    cache: VectorCache | None = None,
    flips: bool = True,
) -> Explanation:
    """Explain how two articles are judged; no run is needed, for nothing but the two takes part in it.

    Args:
        a: An article, a text, or a mapping of field names to values, as ``deduplicate`` takes them; without an id it
            is called ``a``.
        b: Another one.
        encoder: The bundled model where ``None``.
        calibration: For ``None`` the one that belongs to the encoder.
        settings: As for ``deduplicate``.
        cache: Vectors on disk; for ``None`` nothing is kept.
        flips: Whether to find what would have changed the decision, which takes most of the time.

    Raises:
        RecordError: a text or mapping is no article.
        CalibrationError: no calibration belongs to the encoder.
        EncoderError: the model cannot be loaded.
    """
    from dedup.encode.transformer import TransformerEncoder
    from dedup.frames import article_from
    from dedup.score.registry import calibration_for

    one, other = article_from(a, default_id="a"), article_from(b, default_id="b")
    encoder = encoder or TransformerEncoder()
    comparison = compare_articles(
        one,
        other,
        encoder=encoder,
        calibration=calibration or calibration_for(encoder),
        settings=settings or Settings(),
        cache=cache,
    )
    return _explanation(comparison, log_odds=comparison.log_odds, flips=flips)


def pair_of_run(
    ids: tuple[str, str],
    articles: Sequence[Article],
    stories: Iterable[Story],
    pairs: npt.NDArray[np.int64],
    log_odds: npt.NDArray[np.float64],
    settings: Settings,
    yardstick: Yardstick,
    *,
    following: Mapping[int, int] | None = None,
) -> Pair:
    """Return two articles of a run.

    Args:
        ids: Of A and B.
        articles: In the order of their ids.
        stories: All of the run.
        pairs: int64 ``[p, 2]``, the scored pairs, as places in ``articles``, sorted.
        log_odds: float64 ``[p]``.
        settings: Of the run.
        yardstick: What the run measured with.
        following: Place of each article that follows another of its crowd → the place of that.

    Raises:
        InputError: an id is unknown, or both are one.
        CalibrationError: see ``Yardstick.compare``.
    """
    if ids[0] == ids[1]:
        raise InputError(f"both articles are {ids[0]!r}; name two")
    places = [_place(one, articles) for one in ids]
    a, b = (articles[place] for place in places)
    story_of = {one.id: story for story in stories for one in story.articles if one.id in ids}
    scored = _scored(min(places), max(places), pairs, log_odds)
    comparison = yardstick.compare(a, b, settings)
    why = None if scored is not None else _why_not_compared(places, articles, following) or comparison.why_no_candidate
    found = comparison.log_odds if scored is None else scored
    path: tuple[Step, ...] = ()
    if story_of[a.id] is story_of[b.id] and not found > log_odds_of(settings.threshold):
        path = _path(a.id, b.id, story_of[a.id], articles, pairs, log_odds)
    return Pair(
        a=a,
        b=b,
        story_a=story_of[a.id].id,
        story_b=story_of[b.id].id,
        log_odds=found,
        candidate=why is None,
        why_no_candidate=why,
        path=path,
        _comparison=comparison,
    )


def _why_not_compared(
    places: Sequence[int], articles: Sequence[Article], following: Mapping[int, int] | None
) -> str | None:
    """Return why a run did not score two articles that might be candidates; None where it would have."""
    follower = next((place for place in places if place in (following or {})), None)
    if follower is None or following is None:
        return None
    one, lead = articles[follower].id, articles[following[follower]].id
    return f"{one} is one of many copies of a text: it goes where {lead} goes, and was not compared with others"


def unknown_id(wanted: str, known: Iterable[str]) -> InputError:
    """Return the error for an id that no article has, with the ids most like it."""
    near = difflib.get_close_matches(wanted, list(itertools.islice(known, _IDS_SEARCHED)), n=_NEAR_IDS)
    hint = f"; near it: {', '.join(map(repr, near))}" if near else "; it has to be that of an article that was read"
    return InputError(f"no article has the id {wanted!r}{hint}")


def _place(wanted: str, articles: Sequence[Article]) -> int:
    place = bisect_left(articles, wanted, key=lambda article: article.id)
    if place == len(articles) or articles[place].id != wanted:
        raise unknown_id(wanted, (article.id for article in articles))
    return place


def _scored(first: int, second: int, pairs: npt.NDArray[np.int64], log_odds: npt.NDArray[np.float64]) -> float | None:
    start, stop = np.searchsorted(pairs[:, 0], [first, first + 1])
    place = int(start + np.searchsorted(pairs[start:stop, 1], second))
    return float(log_odds[place]) if place < stop and pairs[place, 1] == second else None


def _path(
    start: str,
    goal: str,
    story: Story,
    articles: Sequence[Article],
    pairs: npt.NDArray[np.int64],
    log_odds: npt.NDArray[np.float64],
) -> tuple[Step, ...]:
    members = np.array([_place(article.id, articles) for article in story.articles], np.int64)
    inside = np.flatnonzero(np.isin(pairs, members).all(axis=1))
    # the smaller id first, as articles are in the order of their ids
    weight = {
        (articles[left].id, articles[right].id): one
        for (left, right), one in zip(pairs[inside].tolist(), log_odds[inside].tolist(), strict=True)
    }
    path = widest_path([(one, other, strength) for (one, other), strength in weight.items()], start, goal)
    return tuple(
        Step(a=one, b=other, probability=_probability(weight[min(one, other), max(one, other)]))
        for one, other in itertools.pairwise(path)
    )


def _probability(log_odds: float) -> float:
    return float(probability_of(np.array([log_odds]))[0])


def _explanation(comparison: Comparison, *, log_odds: float, flips: bool) -> Explanation:
    evidence = collect_items(comparison)
    why = comparison.why_no_candidate
    a, b = comparison.now.articles
    return Explanation(
        a=a.id,
        b=b.id,
        kind=comparison.kind,
        probability=_probability(log_odds),
        log_odds=log_odds,
        threshold=comparison.settings.threshold,
        candidate=why is None,
        why_no_candidate=why,
        same_story=None,
        intercept=comparison.calibration.scorers[comparison.kind_number].intercept,
        contributions=comparison.contributions(log_odds),
        shared=evidence.shared,
        conflicting=evidence.conflicting,
        only_a=evidence.only_a,
        only_b=evidence.only_b,
        sentences_a=comparison.now.passages[0],
        sentences_b=comparison.now.passages[1],
        aligned=align_sentences(comparison),
        flips=find_flips(comparison, evidence) if flips else (),
    )
