"""The most that a pair without times can be worth is never less than what it is worth, and spares most comparisons."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pytest
from fakes import FakeEncoder, fake_calibration, invented_news
from hypothesis import given
from hypothesis import strategies as st

from dedup.encode.fingerprint import Fingerprints, fingerprint_articles
from dedup.encode.vectors import encode_sentences
from dedup.index import MARGIN, pair_products
from dedup.score import blocks
from dedup.score.calibration import KINDS, Calibration
from dedup.score.ceiling import LEAST_WITHOUT_TIMES, can_tell, ceiling_of_signals, log_odds_ceiling
from dedup.score.coverage import headline_similarity, sentence_coverage
from dedup.score.nearly import Products
from dedup.score.pairs import score_pairs
from dedup.score.scorer import pair_log_odds, pair_sums, weighed_signals
from dedup.score.signals import SIGNALS, pair_kinds, pair_signals
from dedup.text.passage import article_sentences

MOST = 12
NEWS = [
    replace(one, published=None)
    for one in itertools.chain.from_iterable(invented_news(stories=6, seed=4, kin=0.4, languages=("en", "tr")))
]


def prints() -> Fingerprints:
    passages = [article_sentences(article, MOST) for article in NEWS]
    vectors = encode_sentences([sentence for passage in passages for sentence in passage], FakeEncoder())
    return fingerprint_articles(NEWS, passages, vectors, fake_calibration())


PRINTS = prints()
PAIRS = np.stack(np.triu_indices(len(NEWS), 1), axis=1).astype(np.int64)
KIND_OF = pair_kinds(PRINTS, PAIRS)
SIGNALS_OF = pair_signals(PRINTS, PAIRS, max_sentences=MOST)
TIMELESS = [KINDS.index("undated"), KINDS.index("undated_one_language")]


def weighing(weights: Mapping[str, float], intercept: float, above: tuple[float, float] | None = None) -> Calibration:
    base = fake_calibration()
    scorer = replace(base.undated, intercept=intercept, coefficients=weights, coverage_above_document=above)
    return replace(base, undated=scorer, undated_one_language=scorer)


def column(name: str) -> npt.NDArray[np.float64]:
    return SIGNALS_OF[:, SIGNALS.index(name)].astype(np.float64)


# by how much coverage exceeds the similarity of the articles as a whole, at most
ABOVE = (
    float((column("coverage") - column("document")).max()),
    float((column("coverage_better") - column("document")).max()),
)


@pytest.mark.parametrize("above", [None, ABOVE])
@pytest.mark.parametrize("kind", TIMELESS)
@given(st.dictionaries(st.sampled_from(SIGNALS), st.floats(-6, 6).map(lambda value: round(value, 3))), st.floats(-9, 3))
def test_no_pair_is_worth_more_than_its_ceiling(
    kind: int, above: tuple[float, float] | None, weights: dict[str, float], intercept: float
) -> None:
    calibration, rows = weighing(weights, intercept, above), kind == KIND_OF
    worth = pair_sums(SIGNALS_OF[rows], KIND_OF[rows], calibration)
    covered = SIGNALS_OF[rows][:, SIGNALS.index("coverage")] >= 0
    ceiling = log_odds_ceiling(PRINTS, PAIRS[rows], kind, calibration, least=LEAST_WITHOUT_TIMES)
    assert covered.any()
    assert (worth[covered] <= ceiling[covered] + 1e-4).all()
    if above is not None:
        # what the fit asks of pairs whose signals are known, headlines included, is no more than what a run asks
        by_signals = ceiling_of_signals(SIGNALS_OF[rows], calibration.scorers[kind], above)
        assert (worth[covered] <= by_signals[covered] + 1e-4).all()
        assert (by_signals <= ceiling + 1e-4).all()
        unbounded = log_odds_ceiling(PRINTS, PAIRS[rows], kind, weighing(weights, intercept), least=LEAST_WITHOUT_TIMES)
        assert (by_signals <= unbounded + 1e-4).all()


def test_a_bound_of_coverage_spares_more_and_changes_nothing_that_keeps_to_it() -> None:
    weights = {"document": 1.0, "coverage": 6.0, "coverage_better": 2.0, "headline": 0.5}
    intercept = float(LEAST_WITHOUT_TIMES - np.median(6 * column("coverage") + 2 * column("coverage_better")) - 1.0)
    free, bound = weighing(weights, intercept), weighing(weights, intercept, ABOVE)
    expected = score_pairs(PRINTS, PAIRS, free, max_sentences=MOST)
    found = score_pairs(PRINTS, PAIRS, bound, max_sentences=MOST)
    assert found[0].tolist() == expected[0].tolist()
    assert found[1].tolist() == expected[1].tolist()
    assert 0 < found[0].sum() < len(PAIRS)
    spared = [
        sum((~can_tell(PRINTS, PAIRS[kind == KIND_OF], kind, one)).sum() for kind in TIMELESS) for one in (free, bound)
    ]
    assert spared[1] > spared[0] + len(PAIRS) / 20


@pytest.mark.parametrize("off", [0.9, -0.9])
def test_products_known_nearly_bound_coverage_as_exact_ones_do(off: float) -> None:
    kind = TIMELESS[0]
    pairs = PAIRS[kind == KIND_OF]
    exact = pair_products(PRINTS.documents, pairs)
    weights = {"coverage": 6.0, "coverage_better": 2.0}
    ceilings = log_odds_ceiling(PRINTS, pairs, kind, weighing(weights, 0.0, ABOVE), least=-100.0)
    # the bound at a pair's own ceiling, where it is decided by the last bits
    for ceiling in np.sort(ceilings)[len(pairs) // 4 :: len(pairs) // 8]:
        calibration = weighing(weights, LEAST_WITHOUT_TIMES - float(ceiling), ABOVE)
        expected = can_tell(PRINTS, pairs, kind, calibration)
        nearly = Products(values=exact + off * MARGIN, within=MARGIN)
        assert can_tell(PRINTS, pairs, kind, calibration, products=nearly).tolist() == expected.tolist()


def test_there_are_pairs_of_both_kinds() -> None:
    assert sorted(set(KIND_OF.tolist())) == TIMELESS


def likely_by(name: str) -> Calibration:
    """Return scorers by one signal, above the bound for half of the pairs."""
    worth = 4 * SIGNALS_OF[:, SIGNALS.index(name)]
    return weighing({name: 4.0, "headline": 0.5, "coverage": 0.5}, float(LEAST_WITHOUT_TIMES - np.median(worth) - 0.3))


@pytest.mark.parametrize(("name", "share"), [("document", 0.2), ("names_shared", 0.02), ("names_lead_part", 0.02)])
def test_what_passes_is_what_is_likely_enough(name: str, share: float) -> None:
    calibration = likely_by(name)
    whole = pair_log_odds(SIGNALS_OF, KIND_OF, calibration)
    enough, log_odds = score_pairs(PRINTS, PAIRS, calibration, max_sentences=MOST)
    assert enough.tolist() == (whole > LEAST_WITHOUT_TIMES).tolist()
    assert log_odds.tolist() == whole[enough].tolist()
    assert 0 < enough.sum() < len(PAIRS)
    spared = sum((~can_tell(PRINTS, PAIRS[kind == KIND_OF], kind, calibration)).sum() for kind in TIMELESS)
    assert spared > share * len(PAIRS)


@pytest.mark.parametrize("together", [1, 7])
def test_a_pair_passes_whatever_it_is_looked_at_with(together: int, monkeypatch: pytest.MonkeyPatch) -> None:
    calibration, kind = likely_by("document"), TIMELESS[0]
    pairs = PAIRS[kind == KIND_OF]
    expected = can_tell(PRINTS, pairs, kind, calibration)
    monkeypatch.setattr(blocks, "_PAIRS_A_THREAD", together)
    assert can_tell(PRINTS, pairs, kind, calibration).tolist() == expected.tolist()
    alone = [bool(can_tell(PRINTS, pairs[place][None], kind, calibration)[0]) for place in range(len(pairs))]
    assert alone == expected.tolist()


def test_pairs_with_times_have_no_ceiling() -> None:
    with pytest.raises(ValueError, match="with times"):
        log_odds_ceiling(PRINTS, PAIRS[:1], KINDS.index("dated"), fake_calibration(), least=0.0)


def test_headlines_are_compared_as_with_all_sentences() -> None:
    assert headline_similarity(PRINTS, PAIRS).tolist() == sentence_coverage(PRINTS, PAIRS, MOST)[2].tolist()


@pytest.mark.parametrize("kind", range(len(KINDS)))
def test_signals_that_weigh_nothing_need_not_be_known(kind: int) -> None:
    calibration = replace(fake_calibration(), related=None)
    kinds = np.full(len(PAIRS), kind, np.int8)
    weighed = weighed_signals(calibration, kind)
    some = pair_signals(PRINTS, PAIRS, max_sentences=MOST, weighed=weighed)
    assert pair_log_odds(some, kinds, calibration).tolist() == pair_log_odds(SIGNALS_OF, kinds, calibration).tolist()
    chosen = [SIGNALS.index(name) for name in sorted(weighed)]
    assert some[:, chosen].tolist() == SIGNALS_OF[:, chosen].tolist()
