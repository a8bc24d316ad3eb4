"""Articles of a store as members of their stories: how sure the place of each is, and its relation to the others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from dedup.members import make_members, membership, with_followers
from dedup.score.scorer import LIMIT
from dedup.store.database import Database
from dedup.store.records import article_from_record
from dedup.store.rows import Row, RowPairs, following_of
from dedup.store.rules import Rules
from dedup.store.stored import StoredArticles, fingerprints_of

if TYPE_CHECKING:
    from dedup.article import Article
    from dedup.relate.relations import Relation
    from dedup.story import Member

__all__ = ["Members"]

_Numbers = npt.NDArray[np.int64]


class Members:
    """Makes members as a batch run does.

    Args:
        database: Of the store.
        stored: Likewise.
        rules: Likewise.
    """

    def __init__(self, database: Database, stored: StoredArticles, rules: Rules) -> None:
        self._database, self._stored, self._rules = database, stored, rules

    def of(self, rows: Sequence[Row], stories: Sequence[int], places: Sequence[int], pairs: RowPairs) -> list[Member]:
        """Return articles as members of their stories.

        Args:
            rows: The articles, in the order of their ids.
            stories: The number of the story of each.
            places: What each is called in ``pairs``, ascending.
            pairs: Of these and other articles.
        """
        from dedup.relate.relations import relations_of_followers

        following = following_of(rows)
        # those that follow others are alone until they are taken along
        groups = np.where(following.follows, -1 - np.arange(len(rows)), np.array(stories, np.int64))
        here = np.full(max(places) + 1, -1)
        here[list(places)] = np.arange(len(places))
        ends = pairs.ends[(pairs.ends <= places[-1]).all(axis=1)]
        log_odds = pairs.log_odds[(pairs.ends <= places[-1]).all(axis=1)]
        among = (here[ends] >= 0).all(axis=1) & (log_odds > self._rules.absent)
        bounded = np.clip(log_odds[among], -LIMIT, LIMIT)
        probability = membership(groups, here[ends[among]], bounded, self._rules.absent)
        numbers = [row.number for row in rows]
        records = dict(self._database.rows_among("SELECT number, record FROM articles WHERE number IN ({})", numbers))
        articles = [article_from_record(records[number]) for number in numbers]
        relations = relations_of_followers(self._relations(articles, numbers, groups, following.others), following)
        return list(make_members(articles, with_followers(probability, following), relations))

    def _relations(
        self, articles: Sequence[Article], numbers: Sequence[int], groups: _Numbers, compared: _Numbers
    ) -> list[Relation | None]:
        """Return the relations of those articles that are compared: of the others, and without a calibration, None."""
        from dedup.relate.relations import relate_articles

        found: list[Relation | None] = [None] * len(articles)
        weights = self._rules.calibration.relations
        if weights is None:
            return found
        of_those = [numbers[place] for place in compared.tolist()]
        known = self._stored.known(of_those)
        relations = relate_articles(
            [articles[place] for place in compared.tolist()],
            groups[compared],
            fingerprints_of([known[number] for number in of_those]),
            weights,
            max_sentences=self._rules.settings.max_sentences,
        )
        for place, one in zip(compared.tolist(), relations, strict=True):
            found[place] = one if one.of is None else replace(one, of=int(compared[one.of]))
        return found
