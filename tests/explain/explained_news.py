"""Texts, an encoder and a calibration in which every signal counts, for explanations."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import numpy as np
from fakes import FakeEncoder, fake_calibration

from dedup.article import Article
from dedup.encode.base import Vectors
from dedup.score.calibration import Calibration, Scorer
from dedup.score.signals import SIGNALS

__all__ = ["LengthEncoder", "calibration", "news", "quake"]

MONDAY = datetime(2026, 3, 2, 8, tzinfo=UTC)
_AGAINST = ("in_conflict", "known", "apart", "hours", "days", "same_language", "few_sentences")


@dataclass(slots=True)
class LengthEncoder(FakeEncoder):
    """A sentence's vector comes from its length alone: other words of equal length change no vector."""

    def encode(self, sentences: Sequence[str]) -> Vectors:
        rows = [np.random.default_rng(len(sentence)).normal(size=self.dimension) for sentence in sentences]
        return np.array([row / np.linalg.norm(row) for row in rows], np.float32).reshape(-1, self.dimension)


def calibration(intercept: float = -1.0, **weights: float) -> Calibration:
    """Return one that weighs all signals by 0.25, for or against, but for those of ``weights``, and nothing else."""
    sign = {name: -1 if name.endswith(_AGAINST) and not name.endswith("days_shared") else 1 for name in SIGNALS}
    scorer = Scorer(
        intercept=intercept,
        coefficients={name: weights.get(name, 0.25 * sign[name]) for name in SIGNALS},
        candidate_similarity=-1.0,
        one_language_similarity=-1.0,
    )
    bare = replace(fake_calibration(), related=None)
    return replace(bare, dated=scorer, undated=scorer, undated_one_language=scorer)


def quake() -> tuple[Article, Article]:
    """Return two reports that share names, numbers and a day, and differ in a count."""
    english = Article(
        id="en",
        title="Magnitude 6.1 quake near Karvan kills 12",
        body="Rescuers reached Karvan on 2 March. Governor Selmani said 40 were injured. Power failed in 17 villages.",
        language="en",
        published=MONDAY,
    )
    turkish = Article(
        id="tr",
        title="Karvan yakınında 6,1 büyüklüğünde deprem",
        body="Depremde 19 kişi öldü. Vali Selmani, 40 yaralı olduğunu söyledi. Ekipler 2 Mart'ta Karvan'daydı.",
        language="tr",
        published=MONDAY + timedelta(hours=30),
    )
    return english, turkish


_NAMES = ("Karvan", "Selmani", "Torkham", "Mamund", "Vienna", "Yalova", "Turkish", "Aleppo")


def news(count: int, *, seed: int = 5) -> list[Article]:
    """Return articles of random names, numbers, days and words, some without a time."""
    dice = np.random.default_rng(seed)
    places = ("fa", "en", "tr", "ar", "fa-AF")

    def sentence() -> str:
        words = [
            str(dice.choice(_NAMES)),
            str(dice.choice(["killed", "injured", "saw", "left"])),
            str(dice.integers(2, 90)),
            str(dice.choice(["people", "on Tuesday", "on 3 March", "in July", "houses"])),
            f"word{dice.integers(30)}",
        ]
        return " ".join(words)

    return [
        Article(
            id=f"r{number:03}",
            title=sentence(),
            body=". ".join(sentence() for _ in range(int(dice.integers(1, 7)))) + ".",
            language=places[number % 5],
            published=MONDAY + timedelta(hours=int(dice.integers(0, 400))) if dice.random() < 0.7 else None,
        )
        for number in range(count)
    ]
