"""Stories of an earlier run with the texts of their articles, as a run that a report can show."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from dedup.errors import InputError
from dedup.story import Member, Story

if TYPE_CHECKING:
    from dedup.article import Article
    from dedup.explain.pair import Yardstick
    from dedup.pipeline import Deduplication
    from dedup.settings import Settings

__all__ = ["earlier_run"]


def earlier_run(
    stories: Sequence[Story], articles: Iterable[Article], settings: Settings, yardstick: Yardstick | None = None
) -> Deduplication:
    """Return stories that were found before as a run, without the pairs that it scored.

    Args:
        stories: As ``read_stories`` reads them: their articles have no text.
        articles: The same with their texts; those that stand in no story are left out.
        settings: Of the earlier run.
        yardstick: What pairs are explained with; None explains none.

    Raises:
        InputError: an article of a story is not among ``articles``.
    """
    import numpy as np

    from dedup.pipeline import Deduplication, ScoredPairs

    wanted = {article.id for story in stories for article in story.articles}
    texts = {article.id: article for article in articles if article.id in wanted}
    missing = sorted(wanted - texts.keys())
    if missing:
        raise InputError(
            f"{len(missing):,} articles of the stories are not in the input, the first {missing[0]!r}; give the input "
            "in which they were found"
        )
    whole = tuple(_with_texts(story, texts) for story in stories)
    return Deduplication(
        stories=whole,
        articles=tuple(sorted((one for story in whole for one in story.articles), key=lambda article: article.id)),
        scored=ScoredPairs(pairs=np.empty((0, 2), np.int64), log_odds=np.empty(0)),
        settings=settings,
        yardstick=yardstick,
    )


def _with_texts(story: Story, texts: Mapping[str, Article]) -> Story:
    members = tuple(_with_text(member, texts[member.article.id]) for member in story.members)
    representative = next(one.article for one in members if one.article.id == story.representative.id)
    return replace(story, members=members, representative=representative)


def _with_text(member: Member, article: Article) -> Member:
    # the language that the earlier run knew it in, stated or detected
    return replace(member, article=replace(article, language=member.article.language))
