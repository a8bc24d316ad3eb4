"""Count how common names are in real news, for the shipped calibration.

    python scripts/fit_background.py ../shared/data/news -o background.json

Reads up to --articles articles of each language, drawn by a hash of their ids, and counts in how many of them each
consonant skeleton stands. Skeletons of fewer than 3 in a thousand articles are left out: they count as rare either way.
"""

from __future__ import annotations

import argparse
import hashlib
import heapq
import json
from pathlib import Path

from dedup.article import Article, primary_language
from dedup.evidence.extraction import count_skeletons
from dedup.read import read_articles
from dedup.text.language import with_language
from dedup.text.passage import article_sentences

_LEAST_PER_THOUSAND = 3
_LANGUAGES = ("ar", "en", "fa", "tr")


def drawn(folder: Path, count: int) -> dict[str, list[Article]]:
    """Return ``count`` articles of each language, the same on every machine."""
    by_language: dict[str, list[Article]] = {language: [] for language in _LANGUAGES}
    for article in read_articles(folder):
        language = primary_language(with_language(article).language)
        if language in by_language:
            by_language[language].append(article)
    return {
        language: heapq.nsmallest(count, articles, key=lambda article: hashlib.blake2b(article.id.encode()).digest())
        for language, articles in by_language.items()
    }


def main() -> None:
    """Write the counts."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("news", type=Path, help="folder of news as JSON lines")
    parser.add_argument("-o", "--output", type=Path, required=True)
    parser.add_argument("--articles", type=int, default=4000, help="articles of each language (default: %(default)s)")
    parser.add_argument("--max-sentences", type=int, default=12)
    options = parser.parse_args()
    passages = (
        (article_sentences(article, options.max_sentences), language)
        for language, articles in drawn(options.news, options.articles).items()
        for article in articles
    )
    documents, frequencies = count_skeletons(passages)
    kept = {
        language: {
            skeleton: count
            for skeleton, count in sorted(counts.items())
            if count * 1000 >= _LEAST_PER_THOUSAND * documents[language]
        }
        for language, counts in frequencies.items()
    }
    options.output.write_text(json.dumps({"documents": documents, "frequencies": kept}, ensure_ascii=False), "utf-8")
    print({language: (documents[language], len(counts)) for language, counts in kept.items()})


if __name__ == "__main__":
    main()
