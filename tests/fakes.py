"""An encoder that needs no model, a calibration for it, and a newsroom whose articles it can tell apart.

The encoder knows no language: a word has the same vector everywhere. In its world a translation is therefore a text of
the same words under another language tag.
"""

from __future__ import annotations

import hashlib
import random
import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cache

import numpy as np

from dedup.article import CALIBRATED_LANGUAGES, Article
from dedup.encode.base import Vectors
from dedup.evidence.background import Background
from dedup.score.calibration import Calibration
from dedup.score.fit import fit_calibration
from dedup.score.relation_weights import LinearModel, RelationWeights
from dedup.score.training import LabelledArticle

__all__ = ["FakeEncoder", "fake_calibration", "fake_relation_weights", "invented_news", "labelled_news"]

DIMENSION = 32
MAX_SENTENCES = 12
_WORDS = re.compile(r"\w+")


@dataclass(slots=True)
class FakeEncoder:
    """A bag of words: each word is hashed to a vector, a sentence is the direction of the sum of its words.

    Row by row and in a fixed order, so that a sentence has the same vector in every batch, to the last bit.
    """

    model: str = "fake-bag-of-words"
    revision: str = "1"
    settings: str = "none"
    dimension: int = DIMENSION
    encoded: list[str] = field(default_factory=list)
    """Every sentence that was encoded, in order."""

    def encode(self, sentences: Sequence[str]) -> Vectors:
        """Return float32 ``[len(sentences), dimension]``, unit rows; a sentence without words gets a fixed one."""
        self.encoded.extend(sentences)
        vectors = np.empty((len(sentences), self.dimension), np.float32)
        for row, sentence in enumerate(sentences):
            total = np.zeros(self.dimension)
            for word in _WORDS.findall(sentence.casefold()) or ["∅"]:
                total += _word_vector(word, self.dimension)
            vectors[row] = total / np.linalg.norm(total)
        return vectors


@cache
def _word_vector(word: str, dimension: int) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    # surrogatepass: hostile texts hold lone surrogates
    digest = hashlib.shake_128(word.encode("utf-8", "surrogatepass")).digest(dimension)
    return np.frombuffer(digest, np.uint8).astype(np.float64) - 127.5


@cache
def fake_calibration() -> Calibration:
    """Return a calibration for ``FakeEncoder()``, fitted on invented news, with ``fake_relation_weights``."""
    fitted = fit_calibration(
        labelled_news(),
        FakeEncoder(),
        max_sentences=MAX_SENTENCES,
        about={"fitted on": "invented news"},
        background=Background(),
    )
    return replace(fitted, relations=fake_relation_weights())


def fake_relation_weights() -> RelationWeights:
    """Return weights that say: nine tenths of the sentences make one text, two days an update."""

    def model(intercept: float, **coefficients: float) -> LinearModel:
        return LinearModel(intercept=intercept, coefficients=coefficients, direction=np.empty(0))

    return RelationWeights(
        same_text=model(-36.0, coverage_better=40.0),
        original=model(0.0, same_text=2.0, coverage=2.0, cut=-4.0),
        update=model(-3.0, later_days=3.0),
    )


def labelled_news(*, families: int = 12, seed: int = 1) -> list[LabelledArticle]:
    """Return families of two easily confused stories, each story in the five languages."""
    labelled = []
    for family in range(families):
        for story, articles in enumerate(invented_news(stories=2, seed=1000 * seed + family, kin=0.4)):
            labelled += [
                LabelledArticle(
                    article=article,
                    story=f"{family}-{story}",
                    family=str(family),
                    # the last two are rewritten (see invented_news), the others are one text
                    text=f"{family}-{story}-{max(0, i - 2)}",
                    relation=("original", "translation", "translation", "independent", "update")[i],
                )
                for i, article in enumerate(articles)
            ]
    return labelled


def invented_news(
    *, stories: int, seed: int, languages: Sequence[str] = CALIBRATED_LANGUAGES, kin: float = 0.0
) -> list[list[Article]]:
    """Return ``stories`` stories, each one article a language, the same for the same arguments.

    The last two articles of a story of four or more are rewritten: half of the words of each of their sentences are
    their own. ``kin`` is the share of words that different stories have in common.
    """
    dice = random.Random(seed)
    common = [_invented_word(dice) for _ in range(40)]
    news = []
    for story in range(stories):
        own = [_invented_word(dice) for _ in range(60)]
        passage = [
            [dice.choice(common if dice.random() < kin else own) for _ in range(dice.randint(7, 12))] for _ in range(5)
        ]
        start = datetime(2026, 3, 2, tzinfo=UTC) + timedelta(days=4 * story, hours=dice.randint(0, 23))
        articles = []
        for i, language in enumerate(languages):
            rewritten = len(languages) >= 4 and i >= len(languages) - 2
            lines = [
                [_invented_word(dice) if rewritten and dice.random() < 0.5 else word for word in line]
                for line in passage
            ]
            title, *body = (" ".join(line).capitalize() for line in lines)
            articles.append(
                Article(
                    id=f"n{seed}-{story}-{i}",
                    title=title,
                    body="\n".join(sentence + "." for sentence in body),
                    language=language,
                    published=start + timedelta(hours=dice.randint(0, 20)),
                    edition=f"Outlet {i}",
                )
            )
        news.append(articles)
    return news


def _invented_word(dice: random.Random) -> str:
    return "".join(dice.choice("bdfgklmnprstvz") + dice.choice("aeiou") for _ in range(4))
