"""The constants that a score depends on besides the two articles: a versioned file.

Language means: a sentence vector tells its language before anything else. Subtracting the mean vector of the language
(estimated once, on text unrelated to what is compared) makes vectors of different languages comparable.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from dedup.article import primary_language
from dedup.encode.base import Encoder
from dedup.encode.named import BUNDLED, FAST
from dedup.errors import CalibrationError
from dedup.evidence.background import Background
from dedup.index import Bounds
from dedup.score.relation_weights import RelationWeights

__all__ = ["FORMAT", "KINDS", "Calibration", "Relatedness", "Scorer", "load_calibration", "shipped_calibration"]

FORMAT = 3
_READ = (2, FORMAT)
"""Of format 2 there is no ``related``; else it is the same."""
KINDS = ("dated", "undated", "undated_one_language")
"""The kinds of pairs, each with a scorer of its own, by the names of the fields of ``Calibration``."""
_SHIPPED = {BUNDLED: "calibration.json", FAST: "calibration-fast.json"}
_MEAN_DIGITS = 5
_MOST_SHOWN = 200  # characters of what is wrong, in a message
_Mean = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scorer:
    """Weights of the signals named in ``dedup.score.signals``: their sum with ``intercept`` is the log-odds."""

    intercept: float
    coefficients: Mapping[str, float]
    candidate_similarity: float
    """Least similarity of article vectors at which a pair is scored at all."""
    one_language_similarity: float
    """The same for two articles of one language, both with a time; without, they have a scorer of their own."""
    coverage_above_document: tuple[float, float] | None = None
    """The most that mutual coverage, and the better of both directions, are above the similarity of article vectors;
    None where that is not known."""

    def to_dict(self) -> dict[str, Any]:
        """Return the scorer as JSON can hold it."""
        above = self.coverage_above_document
        return {
            "candidate_similarity": self.candidate_similarity,
            "one_language_similarity": self.one_language_similarity,
            **({} if above is None else {"coverage_above_document": list(above)}),
            "intercept": self.intercept,
            "coefficients": dict(self.coefficients),
        }

    @classmethod
    def from_dict(cls, document: Mapping[str, Any]) -> Scorer:
        """Read what ``to_dict`` returned."""
        return cls(
            intercept=_finite(document["intercept"]),
            coefficients={str(signal): _finite(weight) for signal, weight in document["coefficients"].items()},
            candidate_similarity=_finite(document["candidate_similarity"]),
            one_language_similarity=_finite(document["one_language_similarity"]),
            coverage_above_document=_two(document.get("coverage_above_document")),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Relatedness:
    """Weights of the signals whose sum with ``intercept`` is the log-odds that two articles are about one thing.

    The scorer of pairs with times is fitted where that is so. What it says is one factor; this is the other.
    """

    intercept: float
    coefficients: Mapping[str, float]

    def to_dict(self) -> dict[str, Any]:
        """Return the weights as JSON can hold them."""
        return {"intercept": self.intercept, "coefficients": dict(self.coefficients)}

    @classmethod
    def from_dict(cls, document: Mapping[str, Any]) -> Relatedness:
        """Read what ``to_dict`` returned."""
        return cls(
            intercept=_finite(document["intercept"]),
            coefficients={str(signal): _finite(weight) for signal, weight in document["coefficients"].items()},
        )


@dataclass(frozen=True, kw_only=True)
class Calibration:
    """Language means, coefficients of the scorer, and what they were made with.

    Frozen; equal files give equal scores.
    """

    model: str
    revision: str
    dimension: int
    language_means: Mapping[str, _Mean]
    """BCP 47 tag → float32 ``[dimension]``."""
    dated: Scorer
    """For pairs with a time on both sides."""
    undated: Scorer
    """For pairs of two languages without: there only the same text is sure to be the same story."""
    undated_one_language: Scorer
    """For pairs of one language without: wording, names and figures can be compared there as they stand."""
    absent_log_odds: float
    """Log-odds that count for a pair that is no candidate when groups of articles are compared."""
    background: Background = field(default_factory=Background)
    """How common names are in news."""
    related: Relatedness | None = None
    """Whether two articles with times are about one thing; None in a calibration from before that was asked."""
    relations: RelationWeights | None = None
    """For the relations of articles to their story; None in a calibration from before there were any."""
    about: Mapping[str, Any] = field(default_factory=dict)
    """When, how and on what it was fitted; for people."""

    @property
    def scorers(self) -> tuple[Scorer, ...]:
        """The scorers in the order of ``KINDS``."""
        return self.dated, self.undated, self.undated_one_language

    def candidate_bounds(self, window_hours: float, similarity: float | None = None) -> Bounds:
        """Return how near two articles must be to be scored; ``similarity`` overrides all bounds of its kind."""
        return Bounds(
            similarity=self.dated.candidate_similarity if similarity is None else similarity,
            one_language=self.dated.one_language_similarity if similarity is None else similarity,
            undated=self.undated.candidate_similarity if similarity is None else similarity,
            undated_one_language=self.undated_one_language.candidate_similarity if similarity is None else similarity,
            window_hours=window_hours,
        )

    @cached_property
    def general_mean(self) -> _Mean:
        """Mean over the languages, for a language that was never calibrated: float32 ``[dimension]``."""
        means = [self.language_means[language] for language in sorted(self.language_means)]
        general: _Mean = np.stack(means).mean(axis=0, dtype=np.float64).astype(np.float32)
        return general

    def mean_of(self, language: str) -> _Mean:
        """Return the mean vector for a language: its own, its primary language's, or the general one."""
        for tag in (language, primary_language(language)):
            if tag in self.language_means:
                return self.language_means[tag]
        return self.general_mean

    def knows(self, language: str) -> bool:
        """Whether it has a mean for a language, and need not take the general one."""
        return language in self.language_means or primary_language(language) in self.language_means

    def check_encoder(self, encoder: Encoder) -> None:
        """Refuse an encoder whose vectors are not those that the calibration was made with.

        Raises:
            CalibrationError: another model, revision or dimension.
        """
        made_with = (self.model, self.revision, self.dimension)
        if made_with != (encoder.model, encoder.revision, encoder.dimension):
            raise CalibrationError(
                f"the calibration was made for {self.model} {self.revision} ({self.dimension} dimensions), not for "
                f"{encoder.model} {encoder.revision} ({encoder.dimension}); fit one: dedup calibrate --encoder MODEL"
            )

    def to_json(self) -> str:
        """Return the calibration as a JSON document; equal calibrations give equal documents."""
        means = {
            language: [round(float(value), _MEAN_DIGITS) for value in self.language_means[language]]
            for language in sorted(self.language_means)
        }
        document = {
            "format": FORMAT,
            "model": self.model,
            "revision": self.revision,
            "dimension": self.dimension,
            "about": dict(self.about),
            "dated": self.dated.to_dict(),
            "undated": self.undated.to_dict(),
            "undated_one_language": self.undated_one_language.to_dict(),
            "absent_log_odds": self.absent_log_odds,
            "background": {
                "documents": dict(self.background.documents),
                "frequencies": {
                    language: dict(sorted(counts.items())) for language, counts in self.background.frequencies.items()
                },
            },
            "language_means": means,
        }
        if self.related is not None:
            document["related"] = self.related.to_dict()
        if self.relations is not None:
            document["relations"] = self.relations.to_dict()
        lines = json.dumps(document, ensure_ascii=False, indent=1)
        # numbers of one list or table share a line: one number a line makes a file of ten thousand lines
        return re.sub(r",\n {3,}", ", ", lines) + "\n"

    @classmethod
    def from_json(cls, text: str, *, name: str) -> Calibration:
        """Read what ``to_json`` wrote; ``name`` is used in messages.

        Raises:
            CalibrationError: not a calibration, of a newer format, or damaged.
        """
        try:
            document = json.loads(text)
            if document["format"] not in _READ:
                raise CalibrationError(
                    f"{name} has calibration format {_shown(repr(document['format']))}, this version reads {FORMAT}; "
                    "fit it again with this version (dedup calibrate), or upgrade news-dedup if it is the newer one"
                )
            dimension = int(document["dimension"])
            means = {tag: np.asarray(mean, np.float32) for tag, mean in document["language_means"].items()}
            if not means or any(mean.shape != (dimension,) or not np.isfinite(mean).all() for mean in means.values()):
                raise CalibrationError(
                    f"{name} is damaged: language means are not {dimension} finite numbers each; fit it again"
                )
            calibration = cls(
                model=str(document["model"]),
                revision=str(document["revision"]),
                dimension=dimension,
                language_means=means,
                dated=Scorer.from_dict(document["dated"]),
                undated=Scorer.from_dict(document["undated"]),
                undated_one_language=Scorer.from_dict(document["undated_one_language"]),
                absent_log_odds=_finite(document["absent_log_odds"]),
                background=_background(document["background"]),
                related=Relatedness.from_dict(document["related"]) if "related" in document else None,
                relations=RelationWeights.from_dict(document["relations"], dimension)
                if "relations" in document
                else None,
                about=dict(document.get("about", {})),
            )
        except (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError) as error:
            raise CalibrationError(
                f"{name} is no calibration or is damaged ({type(error).__name__}: {_shown(error)}); fit it again"
            ) from error
        return calibration


def _shown(value: object) -> str:
    text = str(value)
    return text if len(text) <= _MOST_SHOWN else f"{text[:_MOST_SHOWN]}…"


def _finite(value: Any) -> float:
    number = float(value)
    if not math.isfinite(number):
        raise ValueError(f"{number} is not a finite number")
    return number


def _two(value: Any) -> tuple[float, float] | None:
    if value is None:
        return None
    one, other = value
    return _finite(one), _finite(other)


def _background(document: Mapping[str, Any]) -> Background:
    documents = {str(language): int(count) for language, count in document["documents"].items()}
    frequencies = {
        str(language): {str(skeleton): int(count) for skeleton, count in counts.items()}
        for language, counts in document["frequencies"].items()
    }
    if set(documents) != set(frequencies):
        raise ValueError("background counts and their totals name different languages")
    return Background(documents=documents, frequencies=frequencies)


def load_calibration(path: str | Path) -> Calibration:
    """Read a calibration that ``dedup calibrate -o FILE`` wrote, for ``deduplicate`` and ``Store.open``.

    Raises:
        CalibrationError: it cannot be read or is none.
    """
    path = Path(path)
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise CalibrationError(f"cannot read the calibration {path}: {error}; fit one: dedup calibrate") from error
    return Calibration.from_json(text, name=str(path))


def shipped_calibration(encoder: str = BUNDLED) -> Calibration:
    """Return the calibration that comes with the package for ``bundled`` or for ``fast``."""
    name = _SHIPPED[encoder]
    text = resources.files("dedup.data").joinpath(name).read_text("utf-8")
    return Calibration.from_json(text, name=f"the shipped {name}")
