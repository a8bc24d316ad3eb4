"""Labelled articles of a user: articles that state their stories, or articles with a file of judged pairs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from dedup.article import Article
from dedup.errors import InputError
from dedup.evaluate.judged import LABEL_ROWS, read_judged
from dedup.evaluate.rows import shown
from dedup.read import ReadOptions, ReadReport, read_articles
from dedup.score.training import LabelledArticle, ListedPairs
from dedup.text.language import with_language

__all__ = ["MOST_PAIRS", "LabelledNews", "read_labelled"]

MOST_PAIRS = 2_000_000
"""More pairs than this are refused: a fit holds all of them in memory. Stories of 2,000 articles have as many."""

_LEAST_PAIRS = 20
_SAME_TEXT = ("translation", "reprint")


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelledNews:
    """Articles with what a person says of them, in the order of their ids."""

    articles: Sequence[LabelledArticle]
    """Where pairs were judged, ``story`` is what those of one story connect, and ``family`` what all pairs connect, or
    the story where that is most of the articles."""
    listed: ListedPairs | None
    """The pairs that were judged, where stories are not known as a whole; else None."""
    left_out: int
    """Articles that were read but are in no story and no pair."""

    @property
    def pairs(self) -> npt.NDArray[np.int64]:
        """All labelled pairs: int64 ``[n, 2]``."""
        if self.listed is not None:
            return self.listed.pairs
        return np.stack(np.triu_indices(len(self.articles), 1), axis=1).astype(np.int64)

    @property
    def same(self) -> npt.NDArray[np.bool_]:
        """Which of ``pairs`` are one story: bool ``[n]``."""
        if self.listed is not None:
            return self.listed.same
        story = np.unique([one.story for one in self.articles], return_inverse=True)[1]
        left, right = np.triu_indices(len(self.articles), 1)
        same: npt.NDArray[np.bool_] = story[left] == story[right]
        return same


def read_labelled(
    inputs: Sequence[str | Path],
    *,
    options: ReadOptions | None = None,
    pairs: str | Path | None = None,
    report: ReadReport | None = None,
) -> LabelledNews:
    """Read labelled articles.

    Without ``pairs`` an article states its ``story``, and may state ``family`` (stories that are easily confused),
    ``relation`` and ``of`` (a translation or reprint is the same text as the article that it is ``of``). With
    ``pairs``, a file of JSON lines or CSV with ``a``, ``b`` and ``same``, nothing else is taken for a label. Articles
    without a label are left out.

    Args:
        inputs: As for ``read_articles``.
        options: As for ``read_articles``.
        pairs: The file of judged pairs.
        report: As for ``read_articles``.

    Raises:
        InputError: a file cannot be read; a label is no text; a story is in two families; a pair names an article that
            is not there or contradicts another row; or there are too few labels, or too many, for a fit.
    """
    articles = read_articles(*inputs, options=options or ReadOptions(), report=report)
    known = [with_language(article) for article in sorted(articles, key=lambda article: article.id)]
    news = _with_stories(known) if pairs is None else _with_pairs(known, Path(pairs))
    _check_number(news)
    return news


def _check_number(news: LabelledNews) -> None:
    number = len(news.articles) * (len(news.articles) - 1) // 2 if news.listed is None else len(news.listed.same)
    if number > MOST_PAIRS:
        raise InputError(
            f"{number:,} labelled pairs, more than the {MOST_PAIRS:,} that a fit takes; give fewer articles"
        )
    same = int(news.same.sum())
    for count, kind in ((same, "one story"), (number - same, "different stories")):
        if count < _LEAST_PAIRS:
            raise InputError(
                f"{count:,} labelled pairs of {kind}; a calibration needs {_LEAST_PAIRS} or more of either kind: "
                "label more articles"
            )


def _with_stories(articles: Sequence[Article]) -> LabelledNews:
    labelled = [article for article in articles if article.extra.get("story") not in (None, "")]
    if not labelled:
        raise InputError(
            f"none of {len(articles):,} articles states its story; give each a field 'story', or judged pairs: --pairs"
        )
    text_of = _texts({article.id: article for article in labelled})
    family_of: dict[str, str] = {}
    found = []
    for article in labelled:
        story = _label(article, "story")
        # the names of families and of lone stories are kept apart
        family = f"family {_label(article, 'family')}" if _label(article, "family") else f"story {story}"
        if family_of.setdefault(story, family) != family:
            raise InputError(
                f"article {article.id!r}: the story {story!r} is in the {family}, and in the {family_of[story]} by an "
                "article before it; a story has one family"
            )
        found.append(
            LabelledArticle(article=replace(article, extra={}), story=story, family=family, text=text_of[article.id])
        )
    return LabelledNews(articles=found, listed=None, left_out=len(articles) - len(found))


def _label(article: Article, name: str) -> str:
    value: Any = article.extra.get(name)
    if value is None:
        return ""
    if isinstance(value, str) or (isinstance(value, int) and not isinstance(value, bool)):
        return str(value).strip()
    raise InputError(f"article {article.id!r}: {name} is {shown(value)} where text is needed")


def _texts(articles: Mapping[str, Article]) -> dict[str, str | None]:
    """Return for each article the id of the one from which its text comes, None where that is not known."""
    sources = {_label(article, "of") for article in articles.values()}
    return {key: _root(key, articles, sources) for key in articles}


def _root(key: str, articles: Mapping[str, Article], sources: Iterable[str]) -> str | None:
    for _ in articles:  # bounds a circle of translations
        relation, of = _label(articles[key], "relation"), _label(articles[key], "of")
        if relation not in _SAME_TEXT:
            return key if relation or key in sources else None
        if not of:
            return None
        if of not in articles:
            return of
        key = of
    return key


def _with_pairs(articles: Sequence[Article], path: Path) -> LabelledNews:
    place = {article.id: i for i, article in enumerate(articles)}
    judged: dict[tuple[int, int], bool] = {}
    for where, label in read_judged(path):
        for end in label.pair:
            if end not in place:
                raise InputError(f"{where}: no article has the id {end!r}; give the file that it is in too")
        judged[place[label.pair[0]], place[label.pair[1]]] = label.same  # the articles are in the order of their ids
        if len(judged) > MOST_PAIRS:
            raise InputError(f"{path}: more than the {MOST_PAIRS:,} pairs that a fit takes; give fewer")
    if not judged:
        raise InputError(f"{path}: no labelled pair; {LABEL_ROWS}")
    pairs = np.array(sorted(judged), np.int64)
    same = np.array([judged[left, right] for left, right in pairs.tolist()], np.bool_)
    used, pairs = np.unique(pairs, return_inverse=True)
    pairs = pairs.reshape(-1, 2)
    stories, families = _connected(len(used), pairs[same]), _connected(len(used), pairs)
    if 2 * max(Counter(families).values()) > len(used):
        families = stories  # all hang together; pairs between folds are then neither learnt from nor measured
    return LabelledNews(
        articles=[
            LabelledArticle(article=replace(articles[i], extra={}), story=f"{story}", family=f"{family}", text=None)
            for i, story, family in zip(used.tolist(), stories, families, strict=True)
        ],
        listed=ListedPairs(pairs=pairs.astype(np.int64), same=same),
        left_out=len(articles) - len(used),
    )


def _connected(number: int, pairs: npt.NDArray[np.int64]) -> list[int]:
    """Return for each of ``number`` articles which group it is in, where pairs connect."""
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import connected_components

    graph = coo_matrix((np.ones(len(pairs), np.int8), (pairs[:, 0], pairs[:, 1])), shape=(number, number))
    groups: list[int] = connected_components(graph, directed=False)[1].tolist()
    return groups
