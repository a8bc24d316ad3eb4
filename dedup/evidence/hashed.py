"""Names and places of many articles by the hashes of their keys: enough to tell what articles have in common.

Parts of it are put together and taken out again without another look at the articles, and it is numbered only when some
of it is compared.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from dedup.evidence.mentions import Mentions

__all__ = ["HashedEvidence", "HashedMentions"]

_Numbers = npt.NDArray[np.int64]


class HashedMentions(NamedTuple):
    """One kind of evidence of ``n`` articles, as ``Mentions`` but for the keys."""

    counts: _Numbers
    """int64 ``[n]``: mentions of each article."""
    keys: _Numbers
    """int64 ``[m]``: hashes."""
    worth: npt.NDArray[np.float32]
    in_lead: npt.NDArray[np.bool_]
    totals: npt.NDArray[np.float64]
    lead_totals: npt.NDArray[np.float64]

    @classmethod
    def together(cls, parts: Sequence[HashedMentions]) -> HashedMentions:
        """Return the mentions of the articles of all parts, in their order."""
        return cls(*(np.concatenate(columns) for columns in zip(*parts, strict=True)))

    def chosen(self, rows: _Numbers) -> HashedMentions:
        """Return the mentions of some articles: int64 ``[k]``, in any order, as often as named."""
        ends = np.cumsum(self.counts)
        counts = self.counts[rows]
        begins = np.cumsum(counts) - counts
        places = np.repeat(ends[rows] - counts - begins, counts) + np.arange(int(counts.sum()))
        return HashedMentions(
            counts=counts,
            keys=self.keys[places],
            worth=self.worth[places],
            in_lead=self.in_lead[places],
            totals=self.totals[rows],
            lead_totals=self.lead_totals[rows],
        )

    def among(self, keys: _Numbers) -> Mentions:
        """Return the mentions of ``keys``, sorted, each once; the totals stay those of all mentions."""
        number = np.minimum(np.searchsorted(keys, self.keys), max(0, len(keys) - 1))
        kept = np.flatnonzero(keys[number] == self.keys) if len(keys) else np.empty(0, np.int64)
        row = np.repeat(np.arange(len(self.counts)), self.counts)[kept]
        counts = np.bincount(row, minlength=len(self.counts))
        return Mentions(
            starts=np.concatenate([[0], np.cumsum(counts)]).astype(np.int64),
            keys=number[kept],
            worth=self.worth[kept],
            in_lead=self.in_lead[kept],
            distinct=len(keys),
            totals=self.totals,
            lead_totals=self.lead_totals,
        )


class HashedEvidence(NamedTuple):
    """What of the evidence of ``n`` articles is looked at first."""

    names: HashedMentions
    places: HashedMentions
    marks_names: npt.NDArray[np.bool_]
    """bool ``[n]``; see ``dedup.evidence.columns.EvidenceColumns``."""

    @classmethod
    def together(cls, parts: Sequence[HashedEvidence]) -> HashedEvidence:
        """Return that of the articles of all parts, in their order."""
        return cls(
            names=HashedMentions.together([part.names for part in parts]),
            places=HashedMentions.together([part.places for part in parts]),
            marks_names=np.concatenate([part.marks_names for part in parts]),
        )

    def chosen(self, rows: _Numbers) -> HashedEvidence:
        """Return that of some articles: int64 ``[k]``."""
        return HashedEvidence(
            names=self.names.chosen(rows), places=self.places.chosen(rows), marks_names=self.marks_names[rows]
        )
