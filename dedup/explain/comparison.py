"""Two articles side by side, with all that their score was made of, so that it can be made again with changes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from dedup.article import Article
from dedup.encode.fingerprint import Fingerprints, fingerprint_articles
from dedup.encode.vectors import HalfVectors, encode_sentences
from dedup.explain.explanation import Contribution
from dedup.score.calibration import KINDS, Calibration
from dedup.score.ceiling import LEAST_WITHOUT_TIMES, can_tell
from dedup.score.scorer import (
    LIMIT,
    log_probability,
    pair_sums,
    related_log_odds,
    rounded_log_odds,
    signal_weights,
)
from dedup.score.screen import LEAST_IN_COMMON, have_enough_in_common, in_common
from dedup.score.signals import SIGNALS, pair_kinds, pair_signals
from dedup.settings import Settings
from dedup.text.language import with_language
from dedup.text.passage import article_sentences

if TYPE_CHECKING:
    from dedup.encode.base import Encoder
    from dedup.encode.vectors import VectorCache

__all__ = ["Comparison", "Version", "compare_articles"]

# As candidates are compared in ``dedup.index``.
_SIMILARITY_DECIMALS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """The two articles as they could have been: other words, of the same length, or another time."""

    articles: tuple[Article, Article]
    passages: tuple[tuple[str, ...], tuple[str, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Articles A and B, their fingerprints and signals. A score does not depend on which of them is A."""

    now: Version
    """The articles as they are."""
    vectors: HalfVectors
    """float16 ``[sentences, dimension]``, raw: those of A, then those of B."""
    calibration: Calibration
    settings: Settings
    fingerprints: Fingerprints
    """Of A and B."""
    signals: npt.NDArray[np.float32]
    """float32 ``[len(SIGNALS)]``."""
    kind_number: int
    """Which scorer judges: a place in ``KINDS``."""

    @property
    def kind(self) -> str:
        """Name of the scorer that judges."""
        return KINDS[self.kind_number]

    @property
    def order(self) -> tuple[int, int]:
        """The places of A and B as a run takes them: in the order of their ids."""
        first, second = self.now.articles
        return (0, 1) if first.id <= second.id else (1, 0)

    def totals(self, rows: npt.NDArray[np.float32], kinds: npt.NDArray[np.int8]) -> npt.NDArray[np.float64]:
        """Return the sums that become log-odds, neither clipped nor rounded: float64 ``[len(rows)]``."""
        return pair_sums(rows, kinds, self.calibration)

    @property
    def total(self) -> float:
        """The sum for the articles as they are."""
        return float(self.totals(self.signals[None, :], np.array([self.kind_number], np.int8))[0])

    @property
    def log_odds(self) -> float:
        """What a run gives the pair, if it is a candidate."""
        return float(rounded_log_odds(np.array([self.total]))[0])

    def totals_of(self, versions: Sequence[Version]) -> npt.NDArray[np.float64]:
        """Return the sums for other versions of the articles, whose sentences keep their vectors: float64 ``[n]``."""
        fingerprints = fingerprint_articles(
            [article for version in versions for article in version.articles],
            [passage for version in versions for passage in version.passages],
            np.tile(self.vectors, (len(versions), 1)),
            self.calibration,
        )
        pairs = np.arange(len(versions), dtype=np.int64)[:, None] * 2 + np.array(self.order)
        rows = pair_signals(fingerprints, pairs, max_sentences=self.settings.max_sentences)
        return self.totals(rows, pair_kinds(fingerprints, pairs))

    def contributions(self, reported: float | None = None) -> tuple[Contribution, ...]:
        """Return what each signal adds to the intercept, and what then happens to the sum.

        ``reported`` is the log-odds that a run gave the pair, if one did.
        """
        weights = signal_weights(self.calibration)[self.kind_number].tolist()
        found = [
            Contribution(signal=signal, value=value, weight=weight, log_odds=value * weight)
            for signal, value, weight in zip(SIGNALS, map(float, self.signals), weights, strict=True)
        ]
        related = self.calibration.related
        if related is not None and self.kind == "dated":
            value = related_log_odds(self.signals[None, :], related, self.calibration.undated)
            found.append(
                Contribution(
                    signal="related", value=float(value[0]), weight=None, log_odds=float(log_probability(value)[0])
                )
            )
        total = self.total
        clipped = float(np.clip(total, -LIMIT, LIMIT))
        reported = self.log_odds if reported is None else reported
        for name, change in (
            ("clipped", clipped - total),
            ("rounded", self.log_odds - clipped),
            ("recomputed", reported - self.log_odds),
        ):
            if change:
                found.append(Contribution(signal=name, value=None, weight=None, log_odds=change))
        return tuple(found)

    @property
    def why_no_candidate(self) -> str | None:
        """Why a run would not score the pair; None where it would."""
        hours = float(np.abs(np.diff(self.fingerprints.hours))[0])
        if hours > 24 * self.settings.window_days:
            return f"published {hours / 24:.1f} days apart, more than {self.settings.window_days:g}"
        one, other = self.fingerprints.documents[[*self.order]]
        similarity = round(float(np.einsum("ij,ij->i", one[None], other[None])[0]), _SIMILARITY_DECIMALS)
        languages = self.fingerprints.languages
        bounds = self.calibration.candidate_bounds(24 * self.settings.window_days, self.settings.candidate_similarity)
        least = bounds.least(timed=self.kind == "dated", one_language=bool(languages[0] == languages[1]))
        if similarity < least:
            return f"similarity of the articles {similarity:.3f}, less than {least:g}"
        if self.kind != "dated":
            return self._why_not_told
        pair = np.array([self.order], np.int64)
        if have_enough_in_common(self.fingerprints, pair, self.calibration)[0]:
            return None
        shared = float(in_common(self.fingerprints, pair, self.calibration)[0])
        return f"they have too little in common: {shared:.2f} of what takes {LEAST_IN_COMMON:g}"

    @property
    def _why_not_told(self) -> str | None:
        pair = np.array([self.order], np.int64)
        can = can_tell(self.fingerprints, pair, self.kind_number, self.calibration)[0]
        if can and self.log_odds > LEAST_WITHOUT_TIMES:
            return None
        return f"without both times log-odds of {LEAST_WITHOUT_TIMES:g} or less, which tell nothing"


def compare_articles(
    a: Article,
    b: Article,
    *,
    encoder: Encoder,
    calibration: Calibration,
    settings: Settings,
    cache: VectorCache | None = None,
) -> Comparison:
    """Compare two articles as a run would.

    Raises:
        CalibrationError: the calibration was made for another encoder.
        EncoderError: the model cannot be loaded.
    """
    calibration.check_encoder(encoder)
    articles = with_language(a), with_language(b)
    passages = tuple(tuple(article_sentences(article, settings.max_sentences)) for article in articles)
    vectors = encode_sentences([sentence for passage in passages for sentence in passage], encoder, cache)
    now = Version(articles=articles, passages=(passages[0], passages[1]))
    fingerprints = fingerprint_articles(now.articles, now.passages, vectors, calibration)
    bare = Comparison(
        now=now,
        vectors=vectors,
        calibration=calibration,
        settings=settings,
        fingerprints=fingerprints,
        signals=np.zeros(len(SIGNALS), np.float32),
        kind_number=0,
    )
    pairs = np.array([bare.order], np.int64)
    return replace(
        bare,
        signals=pair_signals(fingerprints, pairs, max_sentences=settings.max_sentences)[0],
        kind_number=int(pair_kinds(fingerprints, pairs)[0]),
    )
