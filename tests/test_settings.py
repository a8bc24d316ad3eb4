from __future__ import annotations

from dataclasses import FrozenInstanceError
from typing import Any

import pytest

from dedup.errors import DedupError, SettingsError
from dedup.settings import Settings

NAN = float("nan")


def test_the_defaults_are_settings() -> None:
    assert Settings() == Settings()
    with pytest.raises(FrozenInstanceError):
        Settings().threshold = 0.1  # type: ignore[misc]  # what must not be done


@pytest.mark.parametrize(
    "values",
    [
        {"threshold": 0.001},
        {"threshold": 0.999},
        {"window_days": 0.01},
        {"window_days": float("inf")},
        {"max_sentences": 1},
        {"candidate_similarity": -1.0},
        {"candidate_similarity": 0.0},
        {"candidate_similarity": 1.0},
        {"keep": "longest"},
        {"keep": "fa, prs,en"},
        {"keep": "tr"},
    ],
    ids=str,
)
def test_what_can_be(values: dict[str, Any]) -> None:
    settings = Settings(**values)
    assert {name: getattr(settings, name) for name in values} == values


@pytest.mark.parametrize(
    "values",
    [
        {"threshold": 0.0},
        {"threshold": 1.0},
        {"threshold": 50},
        {"threshold": -0.5},
        {"threshold": NAN},
        {"window_days": 0.0},
        {"window_days": -1},
        {"window_days": NAN},
        {"max_sentences": 0},
        {"max_sentences": -3},
        {"candidate_similarity": 1.5},
        {"candidate_similarity": -2.0},
        {"candidate_similarity": NAN},
        {"keep": ""},
        {"keep": " , "},
        {"keep": "newest"},
        {"keep": "fa,klingon"},
    ],
    ids=str,
)
def test_what_cannot_be_is_refused_before_a_run_with_value_and_remedy(values: dict[str, Any]) -> None:
    with pytest.raises(SettingsError) as caught:
        Settings(**values)
    ((name, value),) = values.items()
    assert name in str(caught.value)
    assert str(value).strip(" ,") in str(caught.value)
    assert isinstance(caught.value, DedupError)
    assert isinstance(caught.value, ValueError)
