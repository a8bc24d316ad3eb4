"""Articles that are there to weld two stories or to be swallowed by one, and disguised ones, among the examples."""

from __future__ import annotations

import itertools
import random
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from benchmarks.datasets import Sample, dataset
from benchmarks.hostile.disguises import DISGUISES, disguised
from dedup.article import Article

if TYPE_CHECKING:
    from dedup.encode.base import Encoder
    from dedup.encode.vectors import VectorCache

__all__ = ["ATTACKS", "Attack", "measure_attacks", "measure_disguises", "victims"]

_SEED = 1
_ARTICLES = 100
_PAIRS = 12
_NAMES = re.compile(r"\b[^\W\d_a-z]\w+\b|\d[\d.,]*")
Attack = Callable[[Article, Article], list[Article]]


def _sentences(article: Article) -> list[str]:
    return [article.title, *re.split(r"(?<=[.!?؟])\s+|\n", article.body)]


def _mixed(one: Article, other: Article, key: str, title: str, sentences: Sequence[str]) -> Article:
    return replace(one, id=f"{one.id}~{other.id}~{key}", title=title, body="\n".join(sentences))


def _bridges(count: int) -> Attack:
    def make(one: Article, other: Article) -> list[Article]:
        """Return articles of sentences of both, from nearly all of the one to nearly all of the other."""
        first, second = _sentences(one), _sentences(other)
        made = []
        for number in range(1, count + 1):
            cut = round(len(first) * (1 - number / (count + 1)))
            rest = second[: max(1, round(len(second) * number / (count + 1)))]
            made.append(_mixed(one, other, f"bridge{number}", first[0], [*first[1 : max(2, cut)], *rest]))
        return made

    return make


def _stuffed(one: Article, other: Article) -> list[Article]:
    """Return the one with all names and numbers of the other behind each of its sentences."""
    names = ", ".join(dict.fromkeys(_NAMES.findall(other.text)))
    return [_mixed(one, other, "stuffed", f"{one.title} {names}", [f"{some} {names}" for some in _sentences(one)[1:]])]


def _keywords(one: Article, other: Article) -> list[Article]:
    """Return nothing but the names and numbers of both."""
    names = [" ".join(dict.fromkeys(_NAMES.findall(some.text))) for some in (one, other)]
    return [_mixed(one, other, "keywords", names[0], names)]


def _copied_lead(one: Article, other: Article) -> list[Article]:
    """Return headline and lead of the one over the body of the other."""
    return [_mixed(one, other, "lead", one.title, [*_sentences(one)[1:2], *_sentences(other)[2:]])]


ATTACKS: Mapping[str, Attack] = {
    "one bridge": _bridges(1),
    "five bridges": _bridges(5),
    "twenty bridges": _bridges(20),
    "stuffed with names": _stuffed,
    "a list of keywords": _keywords,
    "a copied lead": _copied_lead,
}
"""Name → what makes the articles of an attack on two stories, from an article of each."""


def victims(sample: Sample, pairs: int = _PAIRS) -> list[tuple[Article, Article]]:
    """Return pairs of articles of one language and of different stories, each of three and more articles."""
    story = sample.labels.story
    sizes: dict[str, int] = {}
    for one in story.values():
        sizes[one] = sizes.get(one, 0) + 1
    large = [one for one in sorted(sample.articles, key=lambda one: one.id) if sizes.get(story.get(one.id, ""), 0) >= 3]
    possible = [
        (one, other)
        for one, other in itertools.combinations(large, 2)
        if one.language == other.language and story[one.id] != story[other.id]
    ]
    return random.Random(_SEED).sample(possible, min(pairs, len(possible)))


def measure_attacks(encoder: Encoder, cache: VectorCache) -> dict[str, Any]:
    """Return for each attack how many of the pairs of stories that were apart are apart with it."""
    sample = dataset("examples").load()
    pairs = victims(sample)
    before = _stories(sample.articles, encoder, cache)
    apart = [(one, other) for one, other in pairs if before[one.id] != before[other.id]]
    found: dict[str, Any] = {}
    for name, attack in ATTACKS.items():
        held = swallowed = 0
        for one, other in apart:
            made = attack(one, other)
            after = _stories([*sample.articles, *made], encoder, cache)
            held += after[one.id] != after[other.id]
            swallowed += any(after[some.id] == after[other.id] for some in made)
        found[name] = {"pairs": len(apart), "apart": held, "joined_the_other": swallowed}
    return found


def measure_disguises(encoder: Encoder, cache: VectorCache, count: int = _ARTICLES) -> dict[str, Any]:
    """Return for each disguise how many of the articles in it are in the story of the article that they disguise."""
    articles = dataset("examples").load().articles
    chosen = random.Random(_SEED).sample(sorted(articles, key=lambda one: one.id), count)
    found = {}
    for name in DISGUISES:
        hidden = [disguised(one, name) for one in chosen]
        story = _stories([*articles, *hidden], encoder, cache)
        found[name] = {
            "articles": count,
            "joined": sum(story[one.id] == story[other.id] for one, other in zip(chosen, hidden, strict=True)),
        }
    return found


def _stories(articles: Sequence[Article], encoder: Encoder, cache: VectorCache) -> dict[str, str]:
    import dedup

    result = dedup.deduplicate(articles, encoder=encoder, cache=cache)
    return {article.id: story.id for story in result.stories for article in story.articles}
