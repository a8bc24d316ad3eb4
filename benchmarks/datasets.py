"""The data sets that dedup is measured on: where they lie, what may be done with them, how they become articles.

Most of them belong to others and lie in a folder beside the checkout, not in it: ``../shared``, or the folder that
the environment variable ``DEDUP_SHARED`` names. Without that folder only the sets of the repository can be had.
"""

from __future__ import annotations

import hashlib
import heapq
import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path
from typing import Literal

from dedup.article import Article
from dedup.errors import InputError
from dedup.evaluate import Labels

__all__ = ["DATASETS", "Dataset", "DatasetUnavailableError", "Sample", "dataset", "distractors", "shared_folder"]

Role = Literal["test", "dev", "fit"]
"""test: measured only, never fitted on or tuned to; dev: errors may be looked at; fit: may be learnt from."""

CHECKOUT = Path(__file__).resolve().parent.parent
SEED = 20260302
"""Which distractors are drawn. Another seed draws others."""


class DatasetUnavailableError(InputError):
    """A data set is not on this machine, or there is none of that name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """Articles, and the stories of all or some of them. Those without a story are distractors."""

    articles: tuple[Article, ...]
    """In an order that tells nothing, and with nothing of the reference in their fields but the ids, which name the
    story in some sets and are there for people to read."""
    labels: Labels


@dataclass(frozen=True, slots=True, kw_only=True)
class Dataset:
    """A data set by name."""

    name: str
    description: str
    licence: str
    role: Role
    load: Callable[[], Sample]
    """Raises DatasetUnavailableError where the set's file is absent."""


def dataset(name: str) -> Dataset:
    """Return the data set of that name; ``ntrex+N`` is NTREX among any number N of distractors.

    Raises:
        DatasetUnavailableError: there is none of that name.
    """
    if name in DATASETS:
        return DATASETS[name]
    base, plus, count = name.partition("+")
    if base == "ntrex" and plus and count.isascii() and count.isdigit():
        return _ntrex_among(int(count))
    raise DatasetUnavailableError(f"no data set {name!r}; there are {', '.join(DATASETS)} and ntrex+N for any number N")


def shared_folder() -> Path:
    """Return the folder of the data that are not in the repository; it need not exist."""
    named = os.environ.get("DEDUP_SHARED")
    return Path(named) if named else CHECKOUT.parent / "shared"


def distractors(count: int, *, seed: int = SEED) -> tuple[Article, ...]:
    """Return ``count`` articles of the unlabelled news, drawn evenly from all of them together.

    So each source is there in proportion to its size. Drawn are the articles with the smallest hashes of seed and
    id: the same on every machine, and a smaller draw is part of every larger one of that seed.

    Raises:
        DatasetUnavailableError: the folder of the news is absent, or holds fewer articles.
    """
    paths = sorted(_shared("news").glob("*.jsonl.gz"))
    news = chain.from_iterable(_read(path) for path in paths)
    chosen = heapq.nsmallest(count, news, key=lambda article: _drawn_by(article, seed))
    if len(chosen) < count:
        raise DatasetUnavailableError(
            f"{count:,} distractors wanted, {len(chosen):,} articles in {_shared('news')}; ask for fewer"
        )
    return tuple(replace(article, extra={}) for article in chosen)


def _shared(name: str) -> Path:
    return _present(
        shared_folder() / "data" / name,
        "put the shared data folder beside the checkout, or name it in the environment variable DEDUP_SHARED",
    )


def _present(path: Path, remedy: str) -> Path:
    if not path.exists():
        raise DatasetUnavailableError(f"{path} is not there; {remedy}")
    return path


def _read(path: Path) -> Iterator[Article]:
    from dedup.read import read_articles

    return read_articles(path)


def _sample(articles: Iterable[Article]) -> Sample:
    """Take the labels out of the articles: ``extra`` is where the reader puts what it does not know."""
    kept: list[Article] = []
    stories: dict[str, str] = {}
    languages: dict[str, str] = {}
    families: dict[str, str] = {}
    relations: dict[str, str] = {}
    for article in articles:
        extra = article.extra
        stories[article.id] = str(extra["story"])
        languages[article.id] = article.language
        if extra.get("family"):
            families[article.id] = str(extra["family"])
        if extra.get("relation"):
            relations[article.id] = str(extra["relation"])
        kept.append(replace(article, extra={}))
    labels = Labels(story=stories, language=languages, family=families, relation=relations)
    return Sample(articles=_shuffled(kept), labels=labels)


def _shuffled(articles: Iterable[Article], *, seed: int = SEED) -> tuple[Article, ...]:
    """Order articles by the hash of seed and id: files have a story's articles together, and some peers see that."""
    return tuple(sorted(articles, key=lambda article: _drawn_by(article, seed)))


def _drawn_by(article: Article, seed: int) -> bytes:
    return hashlib.blake2b(f"{seed}\0{article.id}".encode(), digest_size=16).digest()


def _ntrex() -> Sample:
    # Its "published" is the same span of months in every row: the reader takes it for no time of an article. Its
    # "source" is the site of the original, the same for all translations: no edition, and half a label.
    return _sample(replace(article, edition=None) for article in _read(_shared("ntrex.jsonl")))


def _ntrex_titles() -> Sample:
    sample = _ntrex()
    return replace(sample, articles=tuple(replace(article, body="") for article in sample.articles))


def _ntrex_among(count: int) -> Dataset:
    def load() -> Sample:
        sample = _ntrex()
        return replace(sample, articles=_shuffled(sample.articles + distractors(count)))

    return Dataset(
        name=f"ntrex+{count}",
        description=f"NTREX among {count:,} unlabelled news articles, drawn by a seed from all sources alike",
        licence="CC BY-SA 4.0; the distractors Apache-2.0 to research only",
        role="test",
        load=load,
    )


def _siblings_dev() -> Sample:
    return _sample(_read(_shared("siblings_dev.jsonl")))


def _siblings_dev_without_times() -> Sample:
    sample = _siblings_dev()
    return replace(sample, articles=tuple(replace(article, published=None) for article in sample.articles))


def _ecbplus(split: str) -> Callable[[], Sample]:
    def load() -> Sample:
        articles = _read(_shared("ecbplus_train_dev.jsonl"))
        # Its "topic", which the reader takes for a section, is the family of two events that are easily confused.
        return _sample(
            replace(article, section=None, extra={**article.extra, "family": article.section})
            for article in articles
            if article.extra["split"] == split
        )

    return load


def _of_the_repository(path: str) -> Callable[[], Sample]:
    def load() -> Sample:
        return _sample(_read(_present(CHECKOUT / path, "it belongs to the repository: check it out again")))

    return load


DATASETS = {
    entry.name: entry
    for entry in (
        Dataset(
            name="ntrex",
            description="NTREX-128: 123 news stories, each professionally translated into en, fa, fa-AF, ar and tr",
            licence="CC BY-SA 4.0",
            role="test",
            load=_ntrex,
        ),
        Dataset(
            name="ntrex-titles",
            description="NTREX-128 by headline only (the first sentence of each text)",
            licence="CC BY-SA 4.0",
            role="test",
            load=_ntrex_titles,
        ),
        _ntrex_among(1_000),
        _ntrex_among(10_000),
        Dataset(
            name="siblings-dev",
            description="40 invented stories of 12 families of easily confused events: translations, independent "
            "reports, updates and reprints in five languages",
            licence="MIT (written for this project)",
            role="fit",
            load=_siblings_dev,
        ),
        Dataset(
            name="siblings-dev-no-times",
            description="the same without the times of publication",
            licence="MIT (written for this project)",
            role="fit",
            load=_siblings_dev_without_times,
        ),
        Dataset(
            name="ecbplus-dev",
            description="ECB+, dev split: English web news, two different events of one kind per topic",
            licence="CC BY 3.0 (annotation); the texts belong to their sites",
            role="dev",
            load=_ecbplus("dev"),
        ),
        Dataset(
            name="ecbplus-train",
            description="ECB+, train split: English web news, two different events of one kind per topic",
            licence="CC BY 3.0 (annotation); the texts belong to their sites",
            role="fit",
            load=_ecbplus("train"),
        ),
        Dataset(
            name="examples",
            description="the invented fortnight of news that ships with dedup, in five languages",
            licence="MIT (written for this project)",
            role="dev",
            load=_of_the_repository("examples/articles.jsonl"),
        ),
        Dataset(
            name="families",
            description="invented families of siblings that the shipped calibration is fitted on",
            licence="MIT (written for this project)",
            role="fit",
            load=_of_the_repository("dedup/data/families.jsonl"),
        ),
    )
}
"""Every data set by its name."""
