"""What made vectors are made after: real articles, and how near their reports and siblings really are."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from benchmarks.datasets import Sample, dataset, distractors
from benchmarks.speed.made import Floats, Pattern
from dedup.article import Article

__all__ = ["pattern_of_news"]


def pattern_of_news(base: int) -> Pattern:
    """Return what vectors are made after: ``base`` articles of the unlabelled news, pairs of NTREX and the examples.

    Vectors as dedup compares them: the mean of an article's sentences, without the mean of its language.
    """
    translations, reports = dataset("ntrex").load(), dataset("examples").load()
    inside, siblings = [], []
    for sample in (translations, reports):
        cosines, same, kin = _labelled_cosines(sample)
        inside.append(cosines[same])
        siblings.append(cosines[kin])
    # translations and independent reports count alike, however many pairs there are of each
    most = max(map(len, inside))
    even = [np.quantile(some, np.linspace(0, 1, most)).astype(np.float32) for some in inside]
    return Pattern(
        articles=_documents(distractors(base)), inside=np.concatenate(even), siblings=np.concatenate(siblings)
    )


def _labelled_cosines(sample: Sample) -> tuple[Floats, npt.NDArray[np.bool_], npt.NDArray[np.bool_]]:
    """Return the cosine of each pair, whether it is of one story, and whether of two siblings."""
    documents = _documents(sample.articles)
    story = np.array([sample.labels.story[article.id] for article in sample.articles])
    family = np.array([sample.labels.family.get(article.id, "") for article in sample.articles])
    left, right = np.triu_indices(len(story), k=1)
    same = story[left] == story[right]
    kin = (family[left] == family[right]) & (family[left] != "") & ~same
    return np.einsum("ij,ij->i", documents[left], documents[right]), same, kin


def _documents(articles: Sequence[Article]) -> Floats:
    from dedup.cache import cache_folder
    from dedup.encode.fingerprint import fingerprint_articles
    from dedup.encode.transformer import TransformerEncoder
    from dedup.encode.vectors import VectorCache, encode_sentences
    from dedup.score.calibration import shipped_calibration
    from dedup.settings import Settings
    from dedup.text.language import with_language
    from dedup.text.passage import article_sentences

    known = [with_language(article) for article in articles]
    passages = [article_sentences(article, Settings().max_sentences) for article in known]
    encoder = TransformerEncoder()
    with VectorCache.for_encoder(encoder, cache_folder("vectors")) as cache:
        vectors = encode_sentences([sentence for passage in passages for sentence in passage], encoder, cache)
    return fingerprint_articles(known, passages, vectors, shipped_calibration()).documents
