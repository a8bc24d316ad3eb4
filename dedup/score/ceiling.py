"""The most that pairs without both times can be worth, told before their sentences are compared.

An article without a time is compared with all there are, and nearly all of those have nothing to do with it. What pairs
share of names, numbers and days is known at little cost; each sentence of one compared with each of the other costs
more than all of that together. And sentences seldom match better than the articles as a whole are alike: how much
better at most is found with the scorer (``dedup.score.fit``).
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from dedup.encode.fingerprint import Fingerprints
from dedup.score.blocks import fill_by_blocks
from dedup.score.calibration import KINDS, Calibration, Scorer
from dedup.score.coverage import headline_similarity
from dedup.score.nearly import Products, are_above, slack_of
from dedup.score.signals import COVERAGE_KNEE, SIGNALS, Pairs, document_similarity, signals_without_sentences

__all__ = ["LEAST_WITHOUT_TIMES", "can_tell", "ceiling_of_signals", "log_odds_ceiling"]

_Values = npt.NDArray[np.float64]

LEAST_WITHOUT_TIMES = -2.5
"""Log-odds of a pair without both times that is a candidate: likelier than 7.6%. The rest count as pairs that are no
candidates do. On the development sets (families, siblings and examples without times, ECB+ dev; cross-validated where
they are fitted on) B-cubed F1 is the same to 0.0002 with any bound up to here, with either shipped model; from -2 on,
reports of ECB+ dev fall apart."""

_OF_SENTENCES = (
    "headline",
    "coverage",
    "coverage_above",
    "coverage_better",
    "same_language_coverage",
    "few_sentences_coverage",
)


def can_tell(
    fingerprints: Fingerprints, pairs: Pairs, kind: int, calibration: Calibration, *, products: Products | None = None
) -> npt.NDArray[np.bool_]:
    """Tell which pairs of one kind may get log-odds above ``LEAST_WITHOUT_TIMES``: bool ``[len(pairs)]``.

    ``products`` are those of their articles' vectors, for who has them; where they are not exact, that changes nothing.
    """
    found = np.empty(len(pairs), np.bool_)
    slack = _slack(calibration.scorers[kind], products)

    def sums(some: Pairs, document: npt.NDArray[np.float32] | None) -> _Values:
        return log_odds_ceiling(fingerprints, some, kind, calibration, least=LEAST_WITHOUT_TIMES, document=document)

    def fill(some: slice) -> None:
        known = None if products is None else products.of(some)
        found[some] = are_above(LEAST_WITHOUT_TIMES, pairs[some], sums, known, slack)

    fill_by_blocks(len(pairs), fill)
    return found


def log_odds_ceiling(
    fingerprints: Fingerprints,
    pairs: Pairs,
    kind: int,
    calibration: Calibration,
    *,
    least: float,
    document: npt.NDArray[np.float32] | None = None,
) -> _Values:
    """Return log-odds that pairs of one kind reach at most, whatever their sentences say: float64 ``[len(pairs)]``.

    Coverage is taken for at least 0, which a best match among several sentences is, and for no more above the
    similarity of the articles as a whole than the scorer says.

    Args:
        fingerprints: Of ``n`` articles.
        pairs: int64 ``[p, 2]``, of the kind.
        kind: Its place in ``KINDS``: not that of pairs with times.
        calibration: Weighs the signals.
        least: Of pairs whose ceiling is this or less no more is asked.
        document: float32 ``[p]``, the similarity of the articles as a whole, for who has it.

    Raises:
        ValueError: the kind is that of pairs with times.
    """
    if KINDS[kind] == "dated":
        raise ValueError("pairs with times are weighed by two scorers; look at those without")
    scorer = calibration.scorers[kind]
    weights = scorer.coefficients
    most = np.ones((2, len(pairs)))
    if scorer.coverage_above_document is not None:
        document = document_similarity(fingerprints, pairs) if document is None else document
        most = _most_by(document, scorer.coverage_above_document)
    known = {name: weight for name, weight in weights.items() if weight and name not in _OF_SENTENCES}
    total = np.full(len(pairs), scorer.intercept)
    few = alike = np.zeros(len(pairs), np.float32)
    for name, values in signals_without_sentences(fingerprints, pairs, frozenset(known), document):
        total += values.astype(np.float64) * known.get(name, 0.0)
        few = values if name == "few_sentences" else few
        alike = values if name == "same_language" else alike
    total += _most_of_coverage(weights, few.astype(np.float64), alike.astype(np.float64), most)
    return total + _most_of_headlines(total, fingerprints, pairs, scorer, least)


def ceiling_of_signals(signals: npt.NDArray[np.float32], scorer: Scorer, above: tuple[float, float]) -> _Values:
    """Return the ceilings of pairs whose signals are known, if coverage is bounded by ``above``: float64 ``[n]``.

    Args:
        signals: float32 ``[n, len(SIGNALS)]``.
        scorer: Weighs the signals.
        above: As ``Scorer.coverage_above_document``.
    """

    def column(name: str) -> _Values:
        return signals[:, SIGNALS.index(name)].astype(np.float64)

    bounded = [name for name in _OF_SENTENCES if name != "headline"]
    total = np.full(len(signals), scorer.intercept)
    for name, weight in scorer.coefficients.items():
        if weight and name not in bounded:
            total += column(name) * weight
    most = _most_by(column("document"), above)
    return total + _most_of_coverage(scorer.coefficients, column("few_sentences"), column("same_language"), most)


def _most_by(document: npt.NDArray[np.floating], above: tuple[float, float]) -> _Values:
    """Return what coverage is at most by the similarity of the articles as a whole: float64 ``[2, pairs]``."""
    most: _Values = np.clip(document.astype(np.float64) + np.array(above)[:, None], 0, 1)
    return most


def _slack(scorer: Scorer, products: Products | None) -> float:
    """Return how far a ceiling may be off for the products being off."""
    slack = slack_of(scorer.coefficients, products)
    if not slack or products is None or scorer.coverage_above_document is None:
        return slack
    return slack + sum(abs(scorer.coefficients.get(name, 0.0)) for name in _OF_SENTENCES) * products.within


def _most_of_coverage(weights: Mapping[str, float], few: _Values, alike: _Values, most: _Values) -> _Values:
    """Return the most that coverage can add, which is from 0 to ``most``, float64 ``[2, pairs]``: mutual, the better.

    Its worth is a line with one knee, so that is there or at an end.
    """

    def weight(name: str) -> float:
        return weights.get(name, 0.0)

    slope = weight("coverage") + weight("same_language_coverage") * alike + weight("few_sentences_coverage") * few
    mutual, better = most
    at_knee = slope * np.minimum(mutual, COVERAGE_KNEE)
    at_end = slope * mutual + weight("coverage_above") * np.maximum(0, mutual - COVERAGE_KNEE)
    worth: _Values = np.maximum(0, np.maximum(at_knee, at_end)) + max(0.0, weight("coverage_better")) * better
    return worth


def _most_of_headlines(
    total: _Values, fingerprints: Fingerprints, pairs: Pairs, scorer: Scorer, least: float
) -> _Values:
    """Return what headlines add, for the pairs for which it decides; else the most that they can."""
    weight = scorer.coefficients.get("headline", 0.0)
    open_ = np.flatnonzero((total + abs(weight) > least) & (total - abs(weight) <= least))
    most = np.full(len(pairs), abs(weight))
    most[open_] = weight * headline_similarity(fingerprints, pairs[open_]).astype(np.float64)
    return most
