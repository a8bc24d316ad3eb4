"""The manifest of a run."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from dedup.manifest.basis import Basis
from dedup.manifest.files import FileMark

if TYPE_CHECKING:
    from dedup.article import Article

__all__ = ["FORMAT", "Manifest", "Times", "mark_articles"]

FORMAT = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Times:
    """When a run was, and how long it took: all of a manifest that is another when the run is made again."""

    started: str
    """ISO 8601, UTC."""
    ended: str
    """ISO 8601, UTC."""
    seconds: Mapping[str, float] = field(default_factory=dict)
    """Of each stage."""

    def to_dict(self) -> dict[str, Any]:
        """Return the times as JSON has them."""
        return {"started": self.started, "ended": self.ended, "seconds": dict(self.seconds)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What a run depended on and what it did.

    Runs of equal inputs, settings, versions, model and calibration have equal manifests but for ``times``, on every
    machine where the model computes the same numbers.
    """

    basis: Basis
    articles: str
    """Hash of the articles; see ``mark_articles``."""
    counts: Mapping[str, Mapping[str, int]]
    """``reading``, as in ``ReadReport``, where something was read; and ``run``, as in ``Deduplication.counts``."""
    times: Times | None = None
    command: str | None = None
    """As it is called, without its arguments: ``dedup cluster``."""
    reading: Mapping[str, Any] | None = None
    """Inputs and how they were read."""
    files: tuple[FileMark, ...] = ()
    """The files that were read; standard input is none."""

    def to_dict(self, *, times: bool = True) -> dict[str, Any]:
        """Return the manifest as JSON has it; without ``times``, equal runs give equal documents."""
        document: dict[str, Any] = {"format": FORMAT, "command": self.command, **self.basis.to_dict()}
        document |= {
            "reading": dict(self.reading) if self.reading is not None else None,
            "files": [asdict(mark) for mark in self.files],
            "articles": self.articles,
            "counts": {name: dict(counts) for name, counts in self.counts.items()},
        }
        return document | ({"times": self.times.to_dict() if self.times is not None else None} if times else {})

    def to_json(self, *, times: bool = True) -> str:
        """Return the manifest as a document of JSON, with a line end."""
        text = json.dumps(self.to_dict(times=times), ensure_ascii=False, indent=1)
        return text.encode("utf-8", "backslashreplace").decode("utf-8") + "\n"  # names of files can be any bytes


def mark_articles(articles: Iterable[Article]) -> str:
    """Return a hash of what of ``articles``, in the order of their ids, a result depends on.

    That is id, title, body, language, time and edition: BLAKE2b of 128 bits, in hexadecimal.
    """
    digest = hashlib.blake2b(digest_size=16)
    for one in articles:
        published = one.published.isoformat() if one.published else None
        values = (one.id, one.title, one.body, one.language, published, one.edition)
        digest.update(json.dumps(values).encode() + b"\n")
    return digest.hexdigest()
