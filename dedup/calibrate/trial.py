"""What a user's labels are worth: the same figures with and without them, on articles that nothing was fitted on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from dedup.calibrate.folds import assign_folds
from dedup.calibrate.material import Material, fit_with_labels
from dedup.encode.fingerprint import Fingerprints
from dedup.evaluate import Interval, Labels, Score, average_precision, b_cubed, contingency, reliability_curve
from dedup.evaluate.intervals import f1_difference
from dedup.index import candidate_blocks
from dedup.score.calibration import Calibration
from dedup.score.pairs import score_pairs
from dedup.score.scorer import log_odds_of, probability_of
from dedup.settings import Settings
from dedup.singletons import group_articles

__all__ = ["Figures", "Trial", "cross_validate"]


_LAST = -100.0  # below any log-odds


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """How good a calibration is on held-out articles."""

    average_precision: float | None
    """Of ranking the labelled pairs; a pair that is no candidate comes last. None without a pair of one story."""
    b_cubed: Score | None
    """Of the stories at the usual threshold; None where pairs were labelled and not stories."""
    calibration_error: float | None
    """Expected calibration error over the labelled pairs that are candidates; None where none is."""

    def to_dict(self) -> dict[str, Any]:
        """Return the figures by name, ready for JSON."""
        return {
            "average_precision": self.average_precision,
            "b_cubed": self.b_cubed.to_dict() if self.b_cubed else None,
            "calibration_error": self.calibration_error,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """A cross-validation: both figures on the same articles and the same pairs, those within a fold."""

    without_labels: Figures
    with_labels: Figures
    f1_gain: Interval | None
    """95% interval of how much higher the B-cubed F1 is with the labels; None without stories."""
    folds: int
    families: int
    articles: int
    pairs: int
    """Labelled pairs within the folds."""

    @property
    def pays(self) -> bool:
        """Whether the labels help: a higher B-cubed F1, or a higher average precision where there are no stories."""
        with_labels, without = self.with_labels, self.without_labels
        if with_labels.b_cubed is not None and without.b_cubed is not None:
            return with_labels.b_cubed.f1 > without.b_cubed.f1
        return (with_labels.average_precision or 0) > (without.average_precision or 0)

    def to_dict(self) -> dict[str, Any]:
        """Return everything by name, ready for JSON."""
        return {
            "folds": self.folds,
            "families": self.families,
            "articles": self.articles,
            "pairs": self.pairs,
            "without_labels": self.without_labels.to_dict(),
            "with_labels": self.with_labels.to_dict(),
            "f1_gain": self.f1_gain.to_dict() if self.f1_gain else None,
        }


@dataclass(slots=True)
class _HeldOut:
    """What one calibration says of the held-out pairs of all folds."""

    log_odds: list[npt.NDArray[np.float64]]
    candidates: list[npt.NDArray[np.bool_]]
    groups: npt.NDArray[np.int64]


def cross_validate(
    material: Material,
    without_labels: Calibration,
    *,
    folds: int = 5,
    only_mine: bool = False,
    settings: Settings | None = None,
    progress: Callable[[int], None] | None = None,
) -> Trial:
    """Measure what the user's labels are worth, on articles of theirs that the fit has not seen.

    The articles are cut into folds by family (see ``assign_folds``); the stories of each fold are found with a
    calibration fitted on the other folds, and with ``without_labels``, which must not have been fitted on any.

    Args:
        material: The labelled articles.
        without_labels: What to compare with.
        folds: How many.
        only_mine: As for ``fit_with_labels``.
        settings: Of the runs to come; ``max_sentences`` is that of the material.
        progress: Called with 1 after each fold.

    Raises:
        CalibrationError: too few families for so many folds, or too few labels for a fit without one.
    """
    settings = settings or Settings()
    fold = assign_folds(material.news.articles, folds)
    pairs, same = material.news.pairs, material.news.same
    inside = fold[pairs[:, 0]] == fold[pairs[:, 1]]
    pairs, same, fold_of_pair = pairs[inside], same[inside], fold[pairs[inside, 0]]
    families = material.families
    results: dict[str, _HeldOut] = {
        name: _HeldOut(log_odds=[], candidates=[], groups=np.zeros(len(fold), np.int64)) for name in ("with", "without")
    }
    labels: list[npt.NDArray[np.bool_]] = []
    new_prints, old_prints = material.prints(material.unfitted), material.prints(without_labels)
    for number in range(folds):
        held_out = np.zeros(families.max() + 1, np.bool_)
        held_out[families[fold == number]] = True
        fitted = fit_with_labels(material, only_mine=only_mine, held_out=held_out)
        chosen = fold_of_pair == number
        labels.append(same[chosen])
        for name, prints, calibration in (("with", new_prints, fitted), ("without", old_prints, without_labels)):
            _hold_out(results[name], prints, calibration, fold == number, pairs[chosen], material, settings)
        if progress is not None:
            progress(1)
    judged = np.concatenate(labels)
    reference = _reference(material)
    keys = list(reference.story)
    found = {name: dict(zip(keys, held.groups.tolist(), strict=True)) for name, held in results.items()}
    stories = material.news.listed is None
    with_labels, without = (
        _figures(results[name], judged, found[name] if stories else None, reference) for name in ("with", "without")
    )
    return Trial(
        without_labels=without,
        with_labels=with_labels,
        f1_gain=f1_difference(found["with"], found["without"], reference) if stories else None,
        folds=folds,
        families=int(families.max()) + 1,
        articles=len(fold),
        pairs=len(judged),
    )


def _reference(material: Material) -> Labels:
    return Labels(
        story={one.article.id: one.story for one in material.news.articles},
        family={one.article.id: one.family for one in material.news.articles},
    )


def _hold_out(
    held: _HeldOut,
    prints: Fingerprints,
    calibration: Calibration,
    members: npt.NDArray[np.bool_],
    pairs: npt.NDArray[np.int64],
    material: Material,
    settings: Settings,
) -> None:
    """Score and group the articles of one fold as a run would, and add what is found to ``held``.

    Args:
        held: Is added to.
        prints: Of all the user's articles.
        calibration: To score with.
        members: bool ``[n]``, the articles of the fold.
        pairs: int64 ``[p, 2]``, the labelled pairs of the fold.
        material: The labelled articles.
        settings: Threshold and window.
    """
    candidates, log_odds = _scored(prints, calibration, members, material.max_sentences, settings)
    at = _places(candidates, pairs, len(members))
    absent = calibration.absent_log_odds
    scores = np.full(len(pairs), _LAST)
    scores[at >= 0] = log_odds[at[at >= 0]]
    held.log_odds.append(scores)
    held.candidates.append(at >= 0)
    telling = log_odds > absent
    threshold = log_odds_of(settings.threshold)
    groups = group_articles(
        [one.article.id for one in material.news.articles],
        candidates[telling],
        log_odds[telling],
        threshold=threshold,
        absent=min(absent, threshold),
    )
    held.groups[members] = held.groups.max() + 1 + groups[members]


def _scored(
    prints: Fingerprints,
    calibration: Calibration,
    members: npt.NDArray[np.bool_],
    max_sentences: int,
    settings: Settings,
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float64]]:
    """Return the candidate pairs among ``members`` and their log-odds."""
    found, weights = [np.empty((0, 2), np.int64)], [np.empty(0)]
    for block in candidate_blocks(
        prints.documents,
        prints.hours,
        prints.languages,
        calibration.candidate_bounds(24 * settings.window_days, settings.candidate_similarity),
    ):
        pairs = block.pairs[members[block.pairs].all(axis=1)]
        enough, log_odds = score_pairs(prints, pairs, calibration, max_sentences=max_sentences)
        found.append(pairs[enough])
        weights.append(log_odds)
    return np.concatenate(found), np.concatenate(weights)


def _places(candidates: npt.NDArray[np.int64], pairs: npt.NDArray[np.int64], number: int) -> npt.NDArray[np.int64]:
    """Return where each of ``pairs`` stands among ``candidates``, -1 where it does not: int64 ``[len(pairs)]``."""
    keys, wanted = candidates @ [number, 1], pairs @ [number, 1]
    order = np.argsort(keys)
    at = np.searchsorted(keys[order], wanted)
    there = at < len(keys)
    there[there] = keys[order[at[there]]] == wanted[there]
    places = np.full(len(pairs), -1, np.int64)
    places[there] = order[at[there]]
    return places


def _figures(held: _HeldOut, same: npt.NDArray[np.bool_], found: dict[str, int] | None, reference: Labels) -> Figures:
    log_odds, candidates = np.concatenate(held.log_odds), np.concatenate(held.candidates)
    curve = reliability_curve(probability_of(log_odds[candidates]), same[candidates])
    return Figures(
        average_precision=average_precision(log_odds, same),
        b_cubed=b_cubed(contingency(found, reference.story)) if found is not None else None,
        calibration_error=curve.expected_calibration_error,
    )
