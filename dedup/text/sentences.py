"""Cut a text into sentences, the unit that is compared between articles."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice

from dedup.article import primary_language

__all__ = ["split_sentences"]

# sentencex cuts after every full stop that its lists of abbreviations do not know. Three cases matter in news: a
# stop between digits (۷.۳, 1.250), a Turkish ordinal ("12. kez") and initials or titles before a name ("د. أحمد").
# There the stop is replaced for the time of the cut by a character that ends no sentence.
_STAND_IN = "\ue000"
_GUARDED_STOP = re.compile(
    r"\.(?:"
    r"(?<=\d\.)(?=\d|\s+[a-zçğıöşü])"
    r"|(?<=\b[^\W\d_]\.)(?=\s*\S)"
    r")"
)
_HAS_WORD = re.compile(r"\w")
# Enough for any article that is read to its end; a text without line ends cannot make one call expensive.
_MAX_PARAGRAPH = 20_000


def split_sentences(text: str, language: str, *, limit: int | None = None) -> list[str]:
    """Return the sentences of ``text`` in order, at most ``limit`` of them.

    Line ends always end a sentence. Uses sentencex (Wikimedia), which knows abbreviations and quotation marks of the
    language and falls back to a related one. Fragments without a letter or digit are dropped.

    >>> split_sentences("Prof. Dr. Kaya konuştu. Toplantı 12. kez yapıldı.", "tr")
    ['Prof. Dr. Kaya konuştu.', 'Toplantı 12. kez yapıldı.']
    """
    sentences = (sentence for line in text.split("\n") for sentence in _split_line(line, language))
    return list(islice(sentences, limit))


def _split_line(line: str, language: str) -> Iterator[str]:
    import sentencex

    for start in range(0, len(line), _MAX_PARAGRAPH):
        guarded = _GUARDED_STOP.sub(_STAND_IN, line[start : start + _MAX_PARAGRAPH])
        for sentence in sentencex.segment(primary_language(language), guarded):
            sentence = sentence.replace(_STAND_IN, ".").strip()
            if _HAS_WORD.search(sentence):
                yield sentence
