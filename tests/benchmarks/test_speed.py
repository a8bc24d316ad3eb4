"""Guards against falling back that count work and look at no clock."""

from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from fakes import MAX_SENTENCES, FakeEncoder, fake_calibration, invented_news
from made_pattern import invented_pattern

from benchmarks.speed.made import ARTICLES_A_DAY, MadeVectors, make_vectors
from benchmarks.speed.operations import counted_passes
from dedup import index
from dedup.article import Article
from dedup.encode.vectors import VectorCache
from dedup.index import Bounds, candidate_pairs
from dedup.pipeline import deduplicate
from dedup.read import read_articles
from dedup.settings import Settings
from dedup.text.passage import article_sentences

EXAMPLES = Path(__file__).parent.parent.parent / "examples" / "articles.jsonl"
MOST_PADDING = 0.15
"""Of the tokens of the texts. Measured 0.09 on the sentences below; batches of 32, sorted by length, have 0.28."""


@pytest.fixture(scope="module")
def articles() -> list[Article]:
    """News in which some sentences stand in several articles."""
    stories = invented_news(stories=6, seed=3)
    reprints = [
        Article(
            id=f"reprint {story}",
            title=first.title,
            body=first.body,
            language=first.language,
            published=first.published,
        )
        for story, (first, *_) in enumerate(stories)
    ]
    return [article for story in stories for article in story] + reprints


class TestEncoding:
    def test_each_distinct_sentence_is_encoded_once(self, articles: list[Article]) -> None:
        encoder = FakeEncoder()
        settings = Settings(max_sentences=MAX_SENTENCES)
        deduplicate(articles, settings, encoder=encoder, calibration=fake_calibration())
        sentences = [sentence for article in articles for sentence in article_sentences(article, MAX_SENTENCES)]
        assert len(set(sentences)) < len(sentences)
        assert sorted(encoder.encoded) == sorted(set(sentences))

    def test_a_second_run_encodes_none(self, articles: list[Article], tmp_path: Path) -> None:
        first, second = FakeEncoder(), FakeEncoder()
        for encoder in (first, second):
            with VectorCache.for_encoder(encoder, tmp_path) as cache:
                deduplicate(articles, encoder=encoder, calibration=fake_calibration(), cache=cache)
        assert first.encoded
        assert second.encoded == []

    @pytest.mark.model
    def test_little_of_what_the_model_computes_is_padding(self) -> None:
        from dedup.encode.transformer import TransformerEncoder

        sentences = [
            sentence
            for article in list(read_articles(EXAMPLES))[:24]
            for sentence in article_sentences(article, Settings().max_sentences)
        ]
        with counted_passes() as passes:
            # other precisions have larger batches, and for so few sentences more padding
            TransformerEncoder(precision="float32").encode(sentences)
        assert passes.real_tokens > 10 * len(sentences)
        assert passes.padded_tokens <= (1 + MOST_PADDING) * passes.real_tokens


BOUNDS = Bounds(similarity=0.5, one_language=0.5, undated=0.5, window_hours=36.0)
SIZES = tuple(days * ARTICLES_A_DAY for days in (2, 4, 8))


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> MadeVectors:
    return make_vectors(invented_pattern(), SIZES[-1], tmp_path_factory.mktemp("made") / "vectors")


class TestCandidates:
    """The news of 2, 4 and 8 days: after a day and a half each day has as much behind it as any other.

    So twice the days are at most 2.6 times the work where the window is kept, and four times where it is not.
    """

    def test_pairs_grow_with_days(self, made: MadeVectors) -> None:
        counts = []
        for size in SIZES:
            vectors = made.vectors(size).astype(np.float32)
            counts.append(len(candidate_pairs(vectors, made.hours[:size], np.zeros(size, np.int64), BOUNDS)))
        assert counts[0] > SIZES[0]
        for fewer, more in pairwise(counts):
            assert 1.6 < more / fewer < 3.0

    def test_comparisons_grow_with_days(self, made: MadeVectors) -> None:
        if not hasattr(index, "SearchWork"):
            pytest.skip("this index does not count its comparisons")
        compared = []
        for size in SIZES:
            work = index.SearchWork()
            vectors, languages = made.vectors(size).astype(np.float32), np.zeros(size, np.int64)
            search: Any = index.candidate_blocks
            for _ in search(vectors, made.hours[:size], languages, BOUNDS, work=work):
                pass
            compared.append(work.compared)
        for fewer, more in pairwise(compared):
            assert 1.6 < more / fewer < 3.0
