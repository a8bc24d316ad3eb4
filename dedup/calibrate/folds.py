"""Which labelled articles are held out together."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from dedup.errors import CalibrationError
from dedup.score.training import LabelledArticle

__all__ = ["assign_folds"]

_NEVER = float("inf")


def assign_folds(labelled: Sequence[LabelledArticle], folds: int) -> npt.NDArray[np.int64]:
    """Return the fold of each article: int64 ``[n]``, from 0 to ``folds - 1``, none of them empty.

    A family is never parted. Families are taken in the order of their first article and cut into stretches of about as
    many articles: what happens in one week stays together, so that stories that are easily confused meet in one fold
    even where nobody has named their families, and news of the same days is not learnt from and measured on.

    Raises:
        CalibrationError: fewer families than folds.
    """
    sizes: dict[str, int] = {}
    first: dict[str, float] = {}
    for one in labelled:
        published = one.article.published
        sizes[one.family] = sizes.get(one.family, 0) + 1
        first[one.family] = min(first.get(one.family, _NEVER), published.timestamp() if published else _NEVER)
    if len(sizes) < folds:
        raise CalibrationError(
            f"the labels are of {len(sizes)} groups that do not touch, fewer than the {folds} folds; label more "
            f"families, stories or pairs" + (f", or use --folds {len(sizes)}" if len(sizes) >= 2 else "")
        )
    order = sorted(sizes, key=lambda family: (first[family], family))
    fold_of = dict(zip(order, _stretches([sizes[family] for family in order], folds), strict=True))
    return np.array([fold_of[one.family] for one in labelled], np.int64)


def _stretches(sizes: Sequence[int], folds: int) -> list[int]:
    """Return for each size the number of its stretch; each stretch gets its share of what is left, and at least one.

    >>> _stretches([5, 1, 1, 1, 4], 3)
    [0, 1, 1, 1, 2]
    """
    stretches, fold, filled, left = [], 0, 0, sum(sizes)
    for i, size in enumerate(sizes):
        full = filled and filled + size / 2 > (left + filled) / (folds - fold)
        if fold + 1 < folds and filled and (full or len(sizes) - i == folds - fold - 1):
            fold, filled = fold + 1, 0
        stretches.append(fold)
        filled, left = filled + size, left - size
    return stretches
