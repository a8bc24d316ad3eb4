"""Runs and pages for tests of the report: invented news, hostile news, a great many articles."""

from __future__ import annotations

import random
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
from fakes import FakeEncoder, fake_calibration, invented_news

from dedup.article import Article
from dedup.encode.vectors import VectorCache
from dedup.pipeline import Deduplication, ScoredPairs, deduplicate
from dedup.read import read_articles
from dedup.report import ReportOptions, write_report
from dedup.report.blocks import unpack
from dedup.settings import Settings
from dedup.story import Member, Story, make_story

__all__ = [
    "HOSTILE",
    "blocks_of",
    "hostile_news",
    "many_stories",
    "newsroom_run",
    "rare_news",
    "run_of",
    "told_news",
    "written",
]

_BLOCK = re.compile(r'<script type="application/octet-stream" data-block="([a-z0-9-]+)">([A-Za-z0-9+/=]*)</script>')

_ALPHABETS = {
    "fa": "ابپتجچحدرزسشعفقکگلمنوهی",
    "fa-AF": "ابپتجچحدرزسشعفقکگلمنوهی",
    "ar": "ابتةجحدرزسشصعفقكلمنوهيى",
    "en": "abcdefghiklmnoprstuvw",
    "tr": "abcçdefgğhıiklmnoöprsşuüvyz",
}

HOSTILE = (
    "</script><script>window.stolen = 1</script>",
    '<img src=x onerror="window.stolen = 1">',
    "<!-- <script> ]]> --!> <svg/onload=window.stolen=1>",
    "{{constructor.constructor('window.stolen=1')()}} ${window.stolen=1} &lt;b&gt; \"quoted\" 'single'",
    "\u202egnirts eht desrever \u2066 never closed \u202b and nested",
    "line \u2028 and \u2029 ends \x00 nul \x1b[31m escape \ud800 half a pair",
)
"""Texts that would do something where they were taken for anything but text."""


def run_of(articles: list[Article], settings: Settings | None = None) -> Deduplication:
    """Return a run with a model that needs no weights; its vectors stay at hand."""
    encoder = FakeEncoder()
    return deduplicate(
        articles, settings, encoder=encoder, calibration=fake_calibration(), cache=VectorCache.in_memory(encoder)
    )


def newsroom_run(*, stories: int = 4, seed: int = 7) -> Deduplication:
    """Return a run over invented stories, five articles each."""
    return run_of([article for story in invented_news(stories=stories, seed=seed) for article in story])


def written(result: Deduplication, path: Path, options: ReportOptions | None = None) -> str:
    """Write the report and return the page."""
    write_report(result, path, options=options)
    return path.read_text("utf-8")


def blocks_of(page: str) -> dict[str, Any]:
    """Return the data in a page, by the names of its blocks."""
    return {name: unpack(packed) for name, packed in _BLOCK.findall(page)}


def hostile_news() -> list[Article]:
    """Return two articles of one story for each hostile text, which stands in every field."""
    return [
        Article(
            id=f"{text}-{copy}",
            title=f"Bridge number {number} closed {text}",
            body=f"Engineers closed bridge {number} at dawn {text}.\nIt carried 4{number} buses a day.",
            language="en",
            published=datetime(2026, 3, 2 + 3 * number, 8 + copy, tzinfo=UTC),
            edition=f"Outlet {text}",
            section=text,
            city=text,
            agency=text,
            url=("javascript:window.stolen=1", "data:text/html,<script>1</script>")[copy],
        )
        for number, text in enumerate(HOSTILE)
        for copy in range(2)
    ]


def rare_news() -> list[Article]:
    """Return articles by hand in several languages and spellings, for what searches and pages must tell apart."""
    return list(read_articles(str(Path(__file__).with_name("rare_news.jsonl"))))


def told_news() -> list[Article]:
    """Return invented stories of five articles each that tell a number, which marks and lists show."""
    return [
        replace(article, body=f"{article.body}\nDoctors counted 4{number} wounded.")
        for number, story in enumerate(invented_news(stories=3, seed=7))
        for article in story
    ]


def many_stories(articles: int, *, seed: int = 3) -> Deduplication:
    """Return a run with so many articles, made up without a model: sizes and times as a week of news has them."""
    dice = random.Random(seed)
    words = {
        language: ["".join(dice.choices(letters, k=dice.randint(3, 8))) for _ in range(3_000)]
        for language, letters in _ALPHABETS.items()
    }
    stories: list[Story] = []
    made: list[Article] = []
    start = datetime(2026, 3, 2, tzinfo=UTC)
    while len(made) < articles:
        size = min(articles - len(made), dice.choice((1, 1, 1, 1, 2, 2, 3, 5, 9)))
        first = start + timedelta(minutes=dice.randrange(7 * 24 * 60))
        languages = dice.choices(list(words), k=size)
        group = [
            Article(
                id=f"m{len(made) + place:06}",
                title=" ".join(dice.choices(words[language], k=9)).capitalize(),
                body=" ".join(dice.choices(words[language], k=120)) + ".",
                language=language,
                published=first + timedelta(hours=place),
                edition=f"Outlet {dice.randrange(80)}",
            )
            for place, language in enumerate(languages)
        ]
        made += group
        stories.append(
            make_story([Member(article=one, probability=dice.uniform(0.4, 1.0)) for one in group], keep="earliest")
        )
    places = {article.id: place for place, article in enumerate(made)}
    pairs = sorted(
        tuple(sorted((places[story.articles[0].id], places[one.id]))) for story in stories for one in story.articles[1:]
    )
    scored = ScoredPairs(pairs=np.array(pairs, np.int64).reshape(-1, 2), log_odds=np.full(len(pairs), 2.0, np.float64))
    stories.sort(key=lambda story: -len(story.members))
    return Deduplication(stories=tuple(stories), articles=tuple(made), scored=scored, settings=Settings())
