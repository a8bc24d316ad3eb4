"""What each signal is worth: every group of signals alone and left out, on every development set.

    python -m benchmarks.ablation --docs docs/ablation.md

Families and siblings are cross-validated by family: a pair is judged by scorers that were fitted without the families
of both its articles. ECB+ dev is judged by scorers fitted on families, siblings and ECB+ train.
"""

from __future__ import annotations

import argparse
import logging
import sys
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from benchmarks.datasets import dataset
from benchmarks.markdown import replace_between_markers, table
from benchmarks.unrelated import UNRELATED_SHARE, unrelated_news
from dedup.article import Article
from dedup.cache import cache_folder
from dedup.data.families import read_families, read_further
from dedup.encode.fingerprint import Fingerprints, fingerprint_articles
from dedup.encode.passages import encode_articles
from dedup.encode.transformer import TransformerEncoder
from dedup.encode.vectors import VectorCache
from dedup.errors import DedupError
from dedup.evaluate import Labels, average_precision, evaluate, reliability_curve
from dedup.index import candidate_pairs
from dedup.score.calibration import KINDS, Calibration, shipped_calibration
from dedup.score.fit import fit_kind
from dedup.score.related import RelatedPairs, fit_related, related_pairs, unrelated_pairs
from dedup.score.scorer import log_odds_of, pair_log_odds, probability_of
from dedup.score.signals import SIGNALS, pair_kinds, pair_signals
from dedup.score.training import (
    LabelledArticle,
    ListedPairs,
    ShownPairs,
    TrainingPairs,
    beside,
    shown_pairs,
)
from dedup.settings import Settings
from dedup.singletons import group_articles

__all__ = ["GROUPS", "main"]

FOLDS = 5
ECB_SHARE = 2.0
"""As in ``scripts/fit_calibration.py``."""

# What an article is like, not how two agree: allowed beside any group, so that a group can be read rightly.
CONTEXT = ("same_language", "few_sentences")
GROUPS: Mapping[str, tuple[str, ...]] = {
    "document vectors": ("document", "document_above"),
    "sentence coverage": (
        "coverage",
        "coverage_above",
        "coverage_better",
        "same_language_coverage",
        "few_sentences_coverage",
    ),
    "headlines": ("headline",),
    "names": ("names_shared", "names_shared_in_leads", "names_part", "names_lead_part", "names_known"),
    "numbers": (
        "numbers_shared",
        "numbers_shared_in_leads",
        "numbers_part",
        "numbers_lead_part",
        "numbers_known",
    ),
    "figures by what they count": ("figures_agreeing", "figures_in_conflict"),
    "ordinals": ("ordinals_agreeing", "ordinals_in_conflict"),
    "days and months in the text": (
        "days_shared",
        "days_in_conflict",
        "days_apart",
        "weekdays_shared",
        "weekdays_in_conflict",
        "months_shared",
        "months_in_conflict",
    ),
    "times of day in the text": ("clocks_shared", "clocks_in_conflict", "dayparts_shared", "dayparts_in_conflict"),
    "places": ("places_lead_part", "places_known"),
    "hours between publication": ("hours", "days"),
}
"""Every signal but ``CONTEXT`` is in one group."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Set:
    """A development set, ready to be judged by any scorers."""

    name: str
    labels: Labels
    ids: Sequence[str]
    fold: npt.NDArray[np.int64]
    """int64 ``[n]``: by family; all -1 where nothing was fitted on the set."""
    pairs: npt.NDArray[np.int64]
    kinds: npt.NDArray[np.int8]
    signals: npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Figures:
    f1: float
    merged: float
    precision: float | None
    """Average precision of pairs within a family."""
    calibration_error: float


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print; return 0, or 1 where the shared data are absent."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--docs", type=Path, help="write the tables between the ablation markers of this file")
    options = parser.parse_args(arguments)
    try:
        text = _report()
    except DedupError as error:
        print(error, file=sys.stderr)
        return 1
    print(text)
    if options.docs:
        replace_between_markers(options.docs, "ablation", text)
    return 0


def _report() -> str:
    encoder = TransformerEncoder()
    calibration = shipped_calibration()
    with VectorCache.for_encoder(encoder, cache_folder("vectors")) as cache:
        taught = _Taught.read(encoder, calibration, cache)
        sets = list(_sets(encoder, calibration, cache))
    chosen: dict[str, tuple[str, ...]] = {"all signals": SIGNALS}
    chosen |= {f"{name} alone": (*signals, *CONTEXT) for name, signals in GROUPS.items()}
    chosen |= {
        f"without {name}": tuple(signal for signal in SIGNALS if signal not in signals)
        for name, signals in GROUPS.items()
    }
    results = {}
    for name, signals in chosen.items():
        print(name, file=sys.stderr, flush=True)
        results[name] = _measure(taught, sets, signals, calibration)
    whole = results["all signals"]
    first = table(
        ["set", "B-cubed F1", "siblings merged", "pair AP in families", "calibration error"],
        [
            [
                one.name,
                f"{whole[one.name].f1:.3f}",
                f"{whole[one.name].merged:.1%}",
                _shown(whole[one.name].precision),
                f"{whole[one.name].calibration_error:.3f}",
            ]
            for one in sets
        ],
    )
    rest = table(
        ["signals", *(one.name for one in sets)],
        [
            [name, *(f"{found[one.name].f1:.3f} / {_shown(found[one.name].precision)}" for one in sets)]
            for name, found in results.items()
        ],
    )
    return f"{first}\n\nB-cubed F1 / average precision of the pairs within families:\n\n{rest}"


def _shown(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Taught:
    """Training pairs of everything that scorers are fitted on."""

    families: ShownPairs
    further: Sequence[tuple[ShownPairs, float]]
    ecb: ShownPairs
    across: TrainingPairs
    unrelated: TrainingPairs

    @classmethod
    def read(cls, encoder: TransformerEncoder, calibration: Calibration, cache: VectorCache) -> _Taught:
        def shown(labelled: Sequence[LabelledArticle], listed: ListedPairs | None = None) -> ShownPairs:
            longest = Settings().max_sentences
            return shown_pairs(labelled, encoder, calibration, max_sentences=longest, cache=cache, listed=listed)

        sample = dataset("ecbplus-train").load()
        ecb = [
            LabelledArticle(
                article=article,
                story=sample.labels.story[article.id],
                family=sample.labels.family[article.id],
                text=None,
            )
            for article in sample.articles
        ]

        def strangers(labelled: Sequence[LabelledArticle], listed: ListedPairs | None = None) -> TrainingPairs:
            longest = Settings().max_sentences
            return unrelated_pairs(labelled, encoder, calibration, max_sentences=longest, cache=cache, listed=listed)

        strange = unrelated_news()
        return cls(
            families=shown(read_families()),
            across=strangers(read_families()),
            further=[(shown(labelled), share) for labelled, share in read_further()],
            ecb=shown(ecb),
            unrelated=strangers(strange.labelled, strange.listed),
        )

    def without(self, folds: Collection[int]) -> ShownPairs:
        """Return the pairs none of whose articles is in one of the folds, weighed as in the shipped fit."""
        further = [(_held_out(pairs, folds), share) for pairs, share in self.further]
        families = _held_out(self.families, folds)
        return beside(families, [*further, (self.ecb, ECB_SHARE)])

    def related_without(self, folds: Collection[int], taught: ShownPairs) -> RelatedPairs:
        """Return the pairs that tell what is about one thing at all, of the same articles as ``taught``."""
        return RelatedPairs(
            related=related_pairs(taught.dated),
            across=self.across.without(_held(self.across, folds)),
            news=self.unrelated,
            news_share=UNRELATED_SHARE,
        )


def _held_out(shown: ShownPairs, folds: Collection[int]) -> ShownPairs:
    parts = {kind: shown.of_kind(kind) for kind in KINDS}
    return ShownPairs(**{kind: pairs.without(_held(pairs, folds)) for kind, pairs in parts.items()})


def _held(pairs: TrainingPairs, folds: Collection[int]) -> npt.NDArray[np.bool_]:
    """Tell which families are in one of the folds, by number: bool ``[families]``."""
    families = 1 + int(pairs.families.max(initial=0))
    return np.isin(np.arange(families) % FOLDS, list(folds))


def _sets(encoder: TransformerEncoder, calibration: Calibration, cache: VectorCache) -> Iterator[_Set]:
    named = [("families", read_families()), ("siblings", read_further()[0][0])]
    for name, labelled in named:
        articles = [one.article for one in labelled]
        labels = Labels(
            story={one.article.id: one.story for one in labelled},
            family={one.article.id: one.family for one in labelled},
        )
        yield _set(name, articles, labels, encoder, calibration, cache, cross_validated=True)
        timeless = [replace(article, published=None) for article in articles]
        yield _set(f"{name}, no times", timeless, labels, encoder, calibration, cache, cross_validated=True)
    sample = dataset("ecbplus-dev").load()
    yield _set("ECB+ dev", sample.articles, sample.labels, encoder, calibration, cache, cross_validated=False)


def _set(
    name: str,
    articles: Sequence[Article],
    labels: Labels,
    encoder: TransformerEncoder,
    calibration: Calibration,
    cache: VectorCache,
    *,
    cross_validated: bool,
) -> _Set:
    settings = Settings()
    passages, vectors = encode_articles(articles, encoder, max_sentences=settings.max_sentences, cache=cache)
    prints: Fingerprints = fingerprint_articles(articles, passages, vectors, calibration)
    bounds = calibration.candidate_bounds(24 * settings.window_days)
    pairs = candidate_pairs(prints.documents, prints.hours, prints.languages, bounds)
    number = np.unique([labels.family.get(article.id, "") for article in articles], return_inverse=True)[1]
    return _Set(
        name=name,
        labels=labels,
        ids=[article.id for article in articles],
        fold=number % FOLDS if cross_validated else np.full(len(articles), -1),
        pairs=pairs,
        kinds=pair_kinds(prints, pairs),
        signals=pair_signals(prints, pairs, max_sentences=settings.max_sentences),
    )


def _measure(
    taught: _Taught, sets: Sequence[_Set], signals: Collection[str], calibration: Calibration
) -> dict[str, _Figures]:
    fitted: dict[tuple[int, ...], Calibration] = {}

    def judges(folds: tuple[int, ...]) -> Calibration:
        if folds not in fitted:
            shown = taught.without(folds)
            dated, undated, one_language = (fit_kind(shown.of_kind(kind), kind, signals) for kind in KINDS)
            related = fit_related(taught.related_without(folds, shown), signals)
            fitted[folds] = replace(
                calibration, dated=dated, undated=undated, undated_one_language=one_language, related=related
            )
        return fitted[folds]

    found = {}
    for one in sets:
        log_odds = np.empty(len(one.pairs))
        held = np.sort(one.fold[one.pairs], axis=1)
        for folds in np.unique(held, axis=0).tolist():
            chosen = (held == folds).all(axis=1)
            judge = judges(tuple(sorted(set(folds) - {-1})))
            log_odds[chosen] = pair_log_odds(one.signals[chosen], one.kinds[chosen], judge)
        found[one.name] = _figures(one, log_odds, calibration)
    return found


def _figures(one: _Set, log_odds: npt.NDArray[np.float64], calibration: Calibration) -> _Figures:
    story = np.array([one.labels.story[article] for article in one.ids])
    family = np.array([one.labels.family.get(article, article) for article in one.ids])
    left, right = one.pairs.T
    same = story[left] == story[right]
    inside = family[left] == family[right]
    told = log_odds > calibration.absent_log_odds
    groups = group_articles(
        one.ids,
        one.pairs[told],
        log_odds[told],
        threshold=log_odds_of(Settings().threshold),
        absent=calibration.absent_log_odds,
    )
    result = evaluate(Labels(story=dict(zip(one.ids, map(str, groups.tolist()), strict=True))), one.labels)
    return _Figures(
        f1=result.b_cubed.f1,
        merged=result.sibling_merges.share or 0.0,
        precision=average_precision(log_odds[inside], same[inside]),
        calibration_error=reliability_curve(probability_of(log_odds), same).expected_calibration_error or 0.0,
    )


if __name__ == "__main__":
    logging.getLogger("dedup.read").setLevel(logging.ERROR)
    sys.exit(main())
