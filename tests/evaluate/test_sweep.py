from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from fakes import FakeEncoder, fake_calibration, invented_news
from hypothesis import given
from hypothesis import strategies as st
from made_crowds import crowded_news, lower

from dedup.errors import InputError
from dedup.evaluate import Labels, PairScores, evaluate, read_pairs, threshold_sweep
from dedup.evaluate.sweep import _log_odds, group_pairs
from dedup.pipeline import deduplicate
from dedup.score.scorer import LIMIT, probability_of
from dedup.settings import Settings
from dedup.write import write_pairs

ABSENT = -4.0


@pytest.mark.parametrize("all_pairs", [False, True])
@pytest.mark.parametrize("ending", ["jsonl", "csv.gz"])
def test_each_threshold_gives_the_stories_that_a_run_gives(tmp_path: Path, all_pairs: bool, ending: str) -> None:
    news = invented_news(stories=8, seed=5, kin=0.55)
    articles = [article for story in news for article in story]
    true = Labels(story={article.id: str(number) for number, story in enumerate(news) for article in story})
    calibration = fake_calibration()
    run = deduplicate(articles, encoder=FakeEncoder(), calibration=calibration, all_pairs=all_pairs)
    write_pairs(run, tmp_path / f"pairs.{ending}")
    scores = read_pairs(tmp_path / f"pairs.{ending}")
    points = threshold_sweep(
        scores, [article.id for article in articles], true, absent_log_odds=calibration.absent_log_odds
    )
    assert [point.threshold for point in points] == pytest.approx([0.05 * step for step in range(1, 20)])
    assert len({point.stories for point in points}) > 2  # the thresholds do differ
    for point in points:
        settings = Settings(threshold=point.threshold)
        again = deduplicate(articles, settings, encoder=FakeEncoder(), calibration=calibration)
        found = Labels(story={article.id: story.id for story in again.stories for article in story.articles})
        expected = evaluate(found, true)
        assert (point.b_cubed, point.pairwise, point.sibling_merges, point.stories) == (
            expected.b_cubed,
            expected.pairwise,
            expected.sibling_merges,
            expected.predicted_stories,
        )


@pytest.mark.parametrize("ending", ["jsonl", "csv", "tsv.gz"])
def test_copies_that_follow_others_go_with_these(tmp_path: Path, ending: str, monkeypatch: pytest.MonkeyPatch) -> None:
    lower(monkeypatch)
    run = deduplicate(crowded_news(1), encoder=FakeEncoder(), calibration=fake_calibration())
    assert run.counts["followed"] > 5
    write_pairs(run, tmp_path / f"pairs.{ending}")
    scores = read_pairs(tmp_path / f"pairs.{ending}")
    assert scores.follower is not None
    assert np.count_nonzero(scores.follower >= 0) == run.counts["followed"]
    keys = [article.id for article in run.articles]
    absent = fake_calibration().absent_log_odds
    found = group_pairs(scores, keys, threshold=0.5, absent_log_odds=absent)
    expected = {article.id: story.id for story in run.stories for article in story.articles}
    assert {(found[key], expected[key]) for key in keys} == dict(
        zip(found.values(), map(expected.__getitem__, found), strict=True)
    ).items()
    assert len(set(found.values())) == len(run.stories)
    alone = group_pairs(scores, keys, threshold=0.9999, absent_log_odds=absent)
    assert len(set(alone.values())) > len(run.stories)


def test_who_follows_is_one_of_the_two(tmp_path: Path) -> None:
    (tmp_path / "p.jsonl").write_text('{"a": "1", "b": "2", "probability": 0.9, "follows": "3"}')
    with pytest.raises(InputError, match=r"p\.jsonl, line 1: follows is '3', neither a nor b"):
        read_pairs(tmp_path / "p.jsonl")


@given(st.floats(-LIMIT, LIMIT))
def test_log_odds_are_what_they_were_before_they_were_written(log_odds: float) -> None:
    rounded = round(log_odds, 4)
    written = round(float(probability_of(np.array([rounded]))[0]), 8)
    assert _log_odds(np.array([written]))[0] == rounded


def test_sureness_without_doubt_is_finite() -> None:
    scores = PairScores(ids=["a", "b", "c"], pairs=np.array([[0, 1], [1, 2]]), probabilities=np.array([1.0, 0.0]))
    found = group_pairs(scores, ["a", "b", "c", "alone"], threshold=0.5, absent_log_odds=ABSENT)
    assert found["a"] == found["b"]
    assert len(set(found.values())) == 3


def test_pairs_of_another_run_are_refused() -> None:
    scores = PairScores(ids=["a", "strange"], pairs=np.array([[0, 1]]), probabilities=np.array([0.9]))
    with pytest.raises(InputError, match="the article 'strange', the stories have not"):
        threshold_sweep(scores, ["a", "b"], Labels(story={"a": "1"}), absent_log_odds=ABSENT)
