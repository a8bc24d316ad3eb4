"""dedup as a clusterer of scikit-learn."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self

import numpy as np
import numpy.typing as npt
from sklearn.base import BaseEstimator, ClusterMixin

from dedup.errors import InputError
from dedup.pipeline import deduplicate
from dedup.read.options import ReadOptions
from dedup.read.report import ReadReport
from dedup.settings import Settings

if TYPE_CHECKING:
    from dedup.encode.base import Encoder
    from dedup.frames import Articles
    from dedup.pipeline import Deduplication
    from dedup.score.calibration import Calibration
    from dedup.story import Story

__all__ = ["StoryClusterer"]

_DEFAULTS = Settings()


class StoryClusterer(ClusterMixin, BaseEstimator):  # type: ignore[misc]  # scikit-learn ships no types
    """Groups texts into stories, with the ways of scikit-learn: ``StoryClusterer().fit_predict(texts)``.

    Args:
        threshold: As in ``Settings``, like the next four.
        window_days: Articles further apart in time are not compared.
        max_sentences: Sentences read of each article.
        candidate_similarity: Least similarity of two articles at which the pair is scored.
        keep: Which article represents a story.
        encoder: The bundled model for None; ``"bundled"``, ``"fast"`` or the name of a model; or an encoder. Clones
            share it.
        calibration: For None the one that belongs to the encoder.
        fields: Names of fields or columns where the usual names do not fit: ``{"title": "kop"}``.
        timezone: Zone of times that state none.
    """

    def __init__(
        self,
        *,
        threshold: float = _DEFAULTS.threshold,
        window_days: float = _DEFAULTS.window_days,
        max_sentences: int = _DEFAULTS.max_sentences,
        candidate_similarity: float | None = _DEFAULTS.candidate_similarity,
        keep: str = _DEFAULTS.keep,
        encoder: Encoder | str | None = None,
        calibration: Calibration | None = None,
        fields: Mapping[str, str] | None = None,
        timezone: str = "UTC",
    ) -> None:
        # one parameter a setting, stored as it came: what scikit-learn asks of every estimator
        self.threshold = threshold
        self.window_days = window_days
        self.max_sentences = max_sentences
        self.candidate_similarity = candidate_similarity
        self.keep = keep
        self.encoder = encoder
        self.calibration = calibration
        self.fields = fields
        self.timezone = timezone

    labels_: npt.NDArray[np.int64]
    """int64 ``[n]``, a number for each row: the place of its story in ``stories_``; -1 where it was rejected."""
    stories_: tuple[Story, ...]
    """The stories, the largest first."""
    result_: Deduplication
    """The whole result, without what it was made of."""
    report_: ReadReport
    """Which rows were rejected, and why."""

    def fit(self, X: Articles, y: object = None) -> Self:  # noqa: ARG002, N803 - the signature of scikit-learn
        """Find the stories of ``X``: texts, mappings, articles, or a frame, as for ``dedup.deduplicate``.

        A column of an array, ``[n, 1]``, is taken for its values.

        Raises:
            SettingsError: a parameter has a value that it cannot have; it is a ValueError, too.
            InputError, CalibrationError, EncoderError: as ``dedup.deduplicate``.
        """
        settings = Settings(
            threshold=self.threshold,
            window_days=self.window_days,
            max_sentences=self.max_sentences,
            candidate_similarity=self.candidate_similarity,
            keep=self.keep,
        )
        options = ReadOptions(fields=self.fields or {}, timezone=self.timezone)
        report = ReadReport()
        result = deduplicate(
            _rows(X),
            settings,
            encoder=self._encoder(),
            calibration=self.calibration,
            options=options,
            report=report,
        )
        number = {article.id: place for place, story in enumerate(result.stories) for article in story.articles}
        assert result.origin is not None
        self.labels_ = np.array([-1 if one is None else number[one] for one in result.origin.row_ids], np.int64)
        self.stories_ = result.stories
        self.result_ = result.without_input()
        self.report_ = report
        return self

    def _encoder(self) -> Encoder | None:
        if not isinstance(self.encoder, str):
            return self.encoder
        from dedup.encode.named import encoder_named

        return encoder_named(self.encoder)

    def __sklearn_clone__(self) -> Self:
        # a copy of an encoder would be a model more in memory
        return type(self)(**self.get_params(deep=False))

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.one_d_array = True
        tags.input_tags.two_d_array = False
        tags.input_tags.string = True
        tags.input_tags.dict = True
        tags.no_validation = True  # by scikit-learn: rows are checked one by one, and what is none is rejected
        return tags


def _rows(X: Any) -> Any:  # noqa: N803 - as in fit
    """Return a column as its values, and all else as it is."""
    if not isinstance(X, np.ndarray) or X.ndim == 1:
        return X
    if X.ndim == 2 and X.shape[1] == 1:
        return X[:, 0]
    raise InputError(f"an array of shape {X.shape} is no list of texts; give one of shape ({len(X) if X.ndim else 1},)")
