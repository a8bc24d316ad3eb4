from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from fakes import FakeEncoder, fake_calibration, fake_relation_weights
from hypothesis import given
from hypothesis import strategies as st

from dedup.article import CALIBRATED_LANGUAGES
from dedup.encode.named import encoder_named
from dedup.errors import CalibrationError
from dedup.score.calibration import KINDS as SCORERS
from dedup.score.calibration import Calibration, load_calibration, shipped_calibration
from dedup.score.fit import SAME_TEXT_SIGNALS
from dedup.score.signals import SIGNALS

KEYS = [key for key in json.loads(fake_calibration().to_json()) if key not in {"about", "related", "relations"}]


def read(document: object) -> Calibration:
    return Calibration.from_json(json.dumps(document), name="c.json")


def written() -> dict[str, Any]:
    document = json.loads(fake_calibration().to_json())
    assert isinstance(document, dict)
    return document


class TestFile:
    def test_what_is_written_reads_back(self) -> None:
        one = replace(fake_calibration(), about={"fitted on": "خبر", "n": [1, 2]})
        back = Calibration.from_json(one.to_json(), name="c.json")
        assert (back.model, back.revision, back.dimension) == (one.model, one.revision, one.dimension)
        assert back.dated == one.dated
        assert back.scorers == one.scorers
        assert back.absent_log_odds == one.absent_log_odds
        assert back.background == one.background
        assert back.about == one.about
        assert back.language_means.keys() == one.language_means.keys()
        for language, mean in one.language_means.items():
            assert back.language_means[language].dtype == np.float32
            np.testing.assert_allclose(back.language_means[language], mean, atol=6e-6)

    def test_writing_what_was_read_gives_the_same_file(self) -> None:
        text = fake_calibration().to_json()
        assert Calibration.from_json(text, name="c.json").to_json() == text
        shipped = shipped_calibration().to_json()
        assert Calibration.from_json(shipped, name="c.json").to_json() == shipped

    def test_the_order_of_languages_changes_no_byte(self) -> None:
        one = fake_calibration()
        turned = replace(one, language_means=dict(reversed(list(one.language_means.items()))))
        assert turned.to_json() == one.to_json()

    def test_a_file_is_loaded(self, tmp_path: Path) -> None:
        path = tmp_path / "c.json"
        path.write_text(fake_calibration().to_json(), "utf-8")
        assert load_calibration(path).dated == fake_calibration().dated

    def test_a_file_that_is_not_there_or_no_text_is_named(self, tmp_path: Path) -> None:
        with pytest.raises(CalibrationError, match=r"absent\.json.*dedup calibrate"):
            load_calibration(tmp_path / "absent.json")
        (tmp_path / "binary.json").write_bytes(b"\xff\xfe\x00")
        with pytest.raises(CalibrationError, match=r"binary\.json"):
            load_calibration(tmp_path / "binary.json")
        with pytest.raises(CalibrationError):
            load_calibration(tmp_path)


class TestRelations:
    def test_weights_are_written_and_read_back(self) -> None:
        direction = np.linspace(-1, 1, 32)
        weights = fake_relation_weights()
        one = replace(
            fake_calibration(), relations=replace(weights, update=replace(weights.update, direction=direction))
        )
        back = Calibration.from_json(one.to_json(), name="c.json").relations
        assert back is not None
        for name in ("same_text", "original", "update"):
            assert getattr(back, name).intercept == getattr(one.relations, name).intercept
            assert getattr(back, name).coefficients == getattr(one.relations, name).coefficients
        np.testing.assert_allclose(back.update.direction, direction, atol=6e-5)
        assert back.original.direction.shape == (0,)

    def test_a_calibration_from_before_there_were_any_is_read(self) -> None:
        document = written()
        del document["relations"]
        assert read(document).relations is None
        assert "relations" not in json.loads(read(document).to_json())

    @pytest.mark.parametrize(
        "damage",
        [
            {"intercept": float("nan")},
            {"coefficients": {"coverage": "much"}},
            {"coefficients": [1.0]},
            {"direction": [0.0] * 31},
            {"direction": [float("inf")] * 32},
            {"direction": None},
        ],
        ids=str,
    )
    def test_damaged_weights_are_refused(self, damage: dict[str, Any]) -> None:
        document = written()
        document["relations"]["update"] |= damage
        with pytest.raises(CalibrationError, match=r"c\.json"):
            read(document)
        del document["relations"]["update"]
        with pytest.raises(CalibrationError, match=r"c\.json"):
            read(document)
        others: list[Any] = [None, [], 7, "x", {}]
        for nothing in others:
            with pytest.raises(CalibrationError, match=r"c\.json"):
                read(document | {"relations": nothing})


class TestDamage:
    @pytest.mark.parametrize("text", ["", "{", "[]", "null", "7", '"x"', "{}", '{"format": 2}', "[" * 100_000])
    def test_what_is_no_calibration_is_refused(self, text: str) -> None:
        with pytest.raises(CalibrationError, match=r"c\.json is no calibration or is damaged.*fit it again"):
            Calibration.from_json(text, name="c.json")

    def test_a_newer_format_says_so(self) -> None:
        with pytest.raises(CalibrationError, match=r"format 999.*upgrade news-dedup"):
            read(written() | {"format": 999})

    def test_an_older_format_is_to_be_fitted_again(self) -> None:
        older = written() | {"format": 1}
        del older["undated_one_language"]
        with pytest.raises(CalibrationError, match=r"c\.json has calibration format 1.*fit it again"):
            read(older)

    # any text is a name of a model: it is compared with the encoder's
    @pytest.mark.parametrize("key", [key for key in KEYS if key not in {"model", "revision"}])
    @pytest.mark.parametrize("value", [None, "lost", float("nan"), [], {}])
    def test_a_value_that_cannot_be_is_refused(self, key: str, value: object) -> None:
        with pytest.raises(CalibrationError, match=r"c\.json"):
            read(written() | {key: value})

    @pytest.mark.parametrize("key", KEYS)
    def test_a_value_that_is_not_there_is_refused(self, key: str) -> None:
        document = written()
        del document[key]
        with pytest.raises(CalibrationError, match=r"c\.json"):
            read(document)

    @pytest.mark.parametrize("number", [float("nan"), float("inf"), 10**400, "x", None], ids=lambda n: str(n)[:6])
    def test_no_weight_is_anything_but_a_finite_number(self, number: object) -> None:
        for kind in SCORERS:
            document = written()
            document[kind]["coefficients"][SIGNALS[0]] = number
            with pytest.raises(CalibrationError, match=r"c\.json"):
                read(document)

    def test_means_of_a_wrong_length_or_without_numbers_are_refused(self) -> None:
        for mean in ([0.0] * 31, [0.0] * 33, [], [float("nan")] * 32, ["x"] * 32, [[0.0] * 32], 0.0):
            document = written()
            document["language_means"]["fa"] = mean
            with pytest.raises(CalibrationError, match=r"c\.json"):
                read(document)

    @given(st.integers(0, len(fake_calibration().to_json()) - 2))
    def test_a_file_cut_short_is_refused(self, size: int) -> None:
        with pytest.raises(CalibrationError):
            Calibration.from_json(fake_calibration().to_json()[:size], name="c.json")


class TestMeans:
    def test_a_language_has_its_own_mean_or_its_relatives_or_the_general_one(self) -> None:
        one = fake_calibration()
        assert one.mean_of("fa-AF") is one.language_means["fa-AF"]
        without_dari = replace(one, language_means={k: v for k, v in one.language_means.items() if k != "fa-AF"})
        assert without_dari.mean_of("fa-AF") is one.language_means["fa"]
        for unknown in ("ru", "ur", "und", "ur-PK"):
            assert one.mean_of(unknown) is one.general_mean

    def test_the_general_mean_is_that_of_the_languages(self) -> None:
        one = fake_calibration()
        expected = np.mean([mean.astype(np.float64) for mean in one.language_means.values()], axis=0)
        np.testing.assert_allclose(one.general_mean, expected, atol=1e-7)
        assert one.general_mean.dtype == np.float32
        turned = replace(one, language_means=dict(reversed(list(one.language_means.items()))))
        np.testing.assert_array_equal(turned.general_mean, one.general_mean)


class TestEncoder:
    def test_the_encoder_that_it_was_made_with_is_taken_in_any_settings(self) -> None:
        fake_calibration().check_encoder(FakeEncoder())
        fake_calibration().check_encoder(FakeEncoder(settings="half precision"))

    @pytest.mark.parametrize("change", [{"model": "other"}, {"revision": "2"}, {"dimension": 64}])
    def test_any_other_is_refused(self, change: dict[str, Any]) -> None:
        with pytest.raises(CalibrationError, match=r"made for fake-bag-of-words.*dedup calibrate --encoder"):
            fake_calibration().check_encoder(FakeEncoder(**change))


@pytest.mark.parametrize("name", ["bundled", "fast"])
class TestShipped:
    def test_it_belongs_to_its_encoder_and_knows_the_five_languages(self, name: str) -> None:
        shipped, encoder = shipped_calibration(name), encoder_named(name)
        assert (shipped.model, shipped.revision, shipped.dimension) == (
            encoder.model,
            encoder.revision,
            encoder.dimension,
        )
        assert set(shipped.language_means) == set(CALIBRATED_LANGUAGES)

    def test_it_weighs_signals_that_this_version_knows(self, name: str) -> None:
        shipped = shipped_calibration(name)
        for scorer in shipped.scorers:
            assert set(scorer.coefficients) <= set(SIGNALS)
            assert any(scorer.coefficients.values())
            assert -1 < scorer.candidate_similarity < 1
        assert shipped.absent_log_odds < 0

    def test_without_times_articles_of_two_languages_are_compared_by_their_texts_alone(self, name: str) -> None:
        weighed = {signal for signal, weight in shipped_calibration(name).undated.coefficients.items() if weight}
        assert weighed <= set(SAME_TEXT_SIGNALS)
