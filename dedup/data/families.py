"""The families of labelled articles that come with the package, to fit a calibration on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from dedup.errors import CalibrationError

if TYPE_CHECKING:
    from dedup.article import Article
    from dedup.score.training import LabelledArticle

__all__ = ["read_families", "read_further"]

_SHIPPED = Path(__file__).with_name("families.jsonl")
_FURTHER = ((Path(__file__).with_name("siblings.jsonl"), 0.3),)
"""Further sets and what their pairs count beside those of the families: 129 articles in 12 families whose siblings lie
days apart, as they mostly do."""
_SAME_TEXT = ("translation", "reprint")


def read_families(path: Path = _SHIPPED) -> list[LabelledArticle]:
    """Return labelled articles: JSON lines with the fields of articles, ``story``, ``family``, ``relation`` and ``of``.

    A translation or reprint is the same text as the article that it is ``of``.

    Raises:
        CalibrationError: a row is no article, lacks a label, or is ``of`` an article that is not there.
        InputError: the file cannot be read.
    """
    from dedup.read import ReadReport, read_articles
    from dedup.score.training import LabelledArticle

    report = ReadReport()
    articles = {article.id: article for article in read_articles(path, report=report)}
    if report.rejected:
        first = report.rejects[0]
        raise CalibrationError(f"{first.file}:{first.line}: {first.reason}; labelled articles must all be readable")
    try:
        return [
            LabelledArticle(
                article=replace(article, extra={}),
                story=article.extra["story"],
                family=article.extra["family"],
                text=_root(article.id, articles),
                relation=article.extra.get("relation"),
            )
            for article in articles.values()
        ]
    except KeyError as error:
        raise CalibrationError(f"{path}: no {error} where there should be; each row needs story and family") from error


def read_further() -> list[tuple[list[LabelledArticle], float]]:
    """Return the further labelled articles that come with the package, and what their pairs of a kind count together
    beside those of the families.

    Raises:
        CalibrationError: a file of the package is damaged.
    """
    return [(read_families(path), share) for path, share in _FURTHER]


def _root(article_id: str, articles: Mapping[str, Article]) -> str:
    """Return the id of the article from which all others of its text come."""
    for _ in articles:  # bounds a circle of translations
        extra = articles[article_id].extra
        if extra.get("relation") not in _SAME_TEXT or not extra.get("of"):
            break
        article_id = extra["of"]
    return article_id
