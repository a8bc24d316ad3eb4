"""dedup as a clusterer of scikit-learn, by scikit-learn's own checks where they make sense for texts."""

from __future__ import annotations

import pickle
import subprocess
import sys
from dataclasses import replace
from typing import Any, Self

import numpy as np
import pandas as pd
import pytest
from fakes import FakeEncoder, fake_calibration, invented_news
from sklearn.base import clone
from sklearn.exceptions import SkipTestWarning
from sklearn.metrics import adjusted_rand_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer
from sklearn.utils.estimator_checks import check_estimator, parametrize_with_checks

from dedup.errors import InputError, SettingsError
from dedup.estimator import StoryClusterer
from dedup.pipeline import deduplicate
from dedup.settings import Settings

NEWS = [article for story in zip(*invented_news(stories=4, seed=23, kin=0.2), strict=True) for article in story]
ROWS: list[dict[str, Any]] = [
    {"title": one.title, "text": one.body, "language": one.language, "published": one.published} for one in NEWS
]
TEXTS = [one.text for one in NEWS]


def clusterer(**values: Any) -> StoryClusterer:
    return StoryClusterer(encoder=FakeEncoder(), calibration=fake_calibration(), **values)


class OfNumbers(StoryClusterer):
    """For the checks, which know numbers alone: a row of numbers is a text of words that stand for them."""

    def fit(self, X: Any, y: object = None) -> Self:  # noqa: N803 - the signature of scikit-learn
        from sklearn.utils.validation import validate_data

        rows = validate_data(self, X, ensure_min_samples=2)
        return super().fit([" ".join(f"w{round(float(number))}" for number in row) for row in rows])

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.one_d_array = False
        tags.input_tags.two_d_array = True
        tags.no_validation = False
        return tags


@parametrize_with_checks([OfNumbers()])  # type: ignore[untyped-decorator]  # scikit-learn ships no types
def test_the_checks_of_scikit_learn_hold_on_texts_that_stand_for_numbers(
    estimator: Any, check: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dedup.encode.transformer.TransformerEncoder", FakeEncoder)
    monkeypatch.setattr("dedup.score.registry.calibration_for", lambda encoder: fake_calibration())
    check(estimator)  # not one is expected to fail


def test_the_clusterer_itself_says_that_it_takes_texts() -> None:
    tags = clusterer().__sklearn_tags__()
    assert (tags.estimator_type, tags.input_tags.string, tags.input_tags.two_d_array) == ("clusterer", True, False)
    with pytest.warns(SkipTestWarning, match="Can't test estimator StoryClusterer which requires input"):
        results = check_estimator(clusterer(), on_fail="warn")
    assert [result["check_name"] for result in results if result["status"] == "failed"] == []


class TestFit:
    def test_labels_are_places_of_stories(self) -> None:
        model = clusterer().fit(ROWS)
        assert model.labels_.dtype == np.int64
        assert model.labels_.shape == (20,)
        for row, label in enumerate(model.labels_):
            assert f"{row:02}" in {article.id for article in model.stories_[label].articles}
        truth = [number % 4 for number in range(20)]
        assert adjusted_rand_score(truth, model.labels_) > 0.7
        assert set(model.labels_) == set(range(len(model.stories_)))

    @pytest.mark.parametrize(
        "given",
        [
            TEXTS,
            np.array(TEXTS),
            np.array(TEXTS, object),
            np.array(TEXTS, object).reshape(-1, 1),
            pd.Series(TEXTS),
            pd.DataFrame({"text": TEXTS, "row": range(20)}).assign(text=lambda frame: frame["text"]),
        ],
        ids=["list", "str array", "object array", "column", "series", "frame"],
    )
    def test_texts_in_any_shape(self, given: Any) -> None:
        if isinstance(given, pd.DataFrame):  # a frame's column of bodies has no headlines
            expected = clusterer().fit([{"text": text} for text in TEXTS])
        else:
            expected = clusterer().fit(TEXTS)
        assert clusterer().fit_predict(given).tolist() == expected.labels_.tolist()

    def test_articles_dicts_and_frames_agree(self) -> None:
        expected = clusterer().fit(ROWS).labels_.tolist()
        assert clusterer().fit_predict(pd.DataFrame(ROWS)).tolist() == expected
        bare = [replace(one, id=f"{row:02}", edition=None) for row, one in enumerate(NEWS)]
        assert clusterer().fit_predict(bare).tolist() == expected

    def test_a_row_that_is_no_article_is_minus_one(self) -> None:
        model = clusterer().fit([TEXTS[0], None, TEXTS[1], 5])
        assert model.labels_.tolist()[1::2] == [-1, -1]
        assert (model.labels_[::2] >= 0).all()
        assert model.report_.rejected == 2

    def test_parameters_are_the_settings(self) -> None:
        given = {
            "threshold": 0.9,
            "window_days": 2.0,
            "max_sentences": 3,
            "candidate_similarity": 0.5,
            "keep": "longest",
        }
        expected = deduplicate(ROWS, Settings(**given), encoder=FakeEncoder(), calibration=fake_calibration())  # type: ignore[arg-type]  # fields by name
        model = clusterer(**given).fit(ROWS)
        assert model.stories_ == expected.stories
        assert model.result_.settings == Settings(**given)  # type: ignore[arg-type]  # likewise
        fields = Settings.__dataclass_fields__
        assert {name: field.default for name, field in fields.items()} == {
            name: value for name, value in StoryClusterer().get_params().items() if name in fields
        }
        assert set(fields) | {"encoder", "calibration", "fields", "timezone"} == set(StoryClusterer().get_params())

    def test_names_of_fields_and_zone(self) -> None:
        rows = [{"kop": row["title"], "t": row["text"], "date": "2026-03-02 10:00"} for row in ROWS]
        model = clusterer(fields={"title": "kop", "body": "t"}, timezone="Asia/Tehran").fit(rows)
        assert model.report_.rejected == 0
        assert {str(article.published) for article in model.result_.articles} == {"2026-03-02 10:00:00+03:30"}

    def test_a_wrong_parameter_is_told_by_fit(self) -> None:
        with pytest.raises(SettingsError, match="threshold is 2"):
            clusterer(threshold=2).fit(TEXTS)
        with pytest.raises(InputError, match=r"an array of shape \(3, 2\) is no list of texts"):
            clusterer().fit(np.zeros((3, 2)))
        with pytest.raises(InputError, match="one str in place of a list"):
            clusterer().fit(TEXTS[0])


class TestCustoms:
    def test_clones_share_the_encoder_and_know_no_fit(self) -> None:
        model = clusterer(threshold=0.7).fit(TEXTS)
        other = clone(model)
        assert other.get_params() == model.get_params()
        assert other.encoder is model.encoder
        assert not hasattr(other, "labels_")
        assert other.set_params(threshold=0.6).threshold == 0.6
        assert model.threshold == 0.7

    def test_an_encoder_by_its_name(self, monkeypatch: pytest.MonkeyPatch) -> None:
        asked: list[str] = []

        def named(name: str) -> FakeEncoder:
            asked.append(name)
            return FakeEncoder()

        monkeypatch.setattr("dedup.encode.named.encoder_named", named)
        StoryClusterer(encoder="fast", calibration=fake_calibration()).fit(TEXTS)
        assert asked == ["fast"]

    def test_in_a_pipeline_and_pickled(self) -> None:
        line = make_pipeline(FunctionTransformer(lambda rows: [row["text"] for row in rows]), clusterer())
        assert line.fit_predict(ROWS).shape == (20,)
        model = clusterer().fit(pd.DataFrame(ROWS).assign(blob="x" * 10_000))
        data = pickle.dumps(model)
        assert len(data) < 150_000
        assert pickle.loads(data).labels_.tolist() == model.labels_.tolist()
        assert "StoryClusterer" in repr(model)


def test_scikit_learn_is_imported_when_it_is_needed() -> None:
    script = "import sys, dedup; from dedup import deduplicate; print('sklearn' in sys.modules); dedup.StoryClusterer"
    shown = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert shown.stdout.strip() == "False"
