"""What is done with the text of an article before any model sees it, and times as texts state them."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from benchmarks.fuzz.grammar import TEXTS
from benchmarks.fuzz.mutate import BLIND, LARGEST, mutate
from benchmarks.fuzz.seeds import ROOT, seeds_of
from benchmarks.fuzz.target import Tally, Target, require
from dedup.article import CALIBRATED_LANGUAGES, UNDETERMINED, Article, canonical_language

if TYPE_CHECKING:
    from dedup.evidence.content import ContentReader

__all__ = ["text_targets"]

_LANGUAGES = (*CALIBRATED_LANGUAGES, UNDETERMINED, "de", "zh", "ja", "th", "hy", "my", "am", "und-Arab", "sr-Latn")
_ZONES = (None, UTC, ZoneInfo("Asia/Tehran"), ZoneInfo("Asia/Kabul"), ZoneInfo("America/Caracas"))
_MAX_SENTENCES = 12


def text_targets() -> list[Target]:
    """Return the targets of ``dedup/text`` and ``dedup/evidence``."""
    return [
        Target(name="text", make=_make_text, check=_check_text),
        Target(name="evidence", make=_make_text, check=_check_evidence),
        Target(name="times", make=_make_time, check=_check_time),
    ]


@cache
def _texts() -> tuple[bytes, ...]:
    lines = (ROOT / "examples" / "articles.jsonl").read_text("utf-8").splitlines()
    records = [json.loads(line) for line in lines[::5]]
    return tuple(
        (record["title"] + "\n" + str(record.get("text") or record.get("body"))).encode() for record in records
    )


def _odd_characters(dice: random.Random) -> bytes:
    """Characters of all of Unicode, or of one block, in words or not."""
    first = dice.choice((0, 0x2000, 0x600, 0xFB50, 0x1F300, 0xE0000, dice.randrange(0x110000)))
    letters = [chr(min(first + dice.randrange(256), 0x10FFFF)) for _ in range(dice.choice((1, 30, 2_000)))]
    return dice.choice(("", " ", ". ", "\n")).join(letters).encode("utf-8", "surrogatepass")


def _make_text(dice: random.Random) -> bytes:
    """An article, its language before it."""
    data = mutate(dice, _texts(), seeds_of("page"))
    place = dice.randrange(len(data) + 1)
    kind = dice.random()
    if kind < 0.2:
        data = data[:place] + dice.choice(TEXTS).encode("utf-8", "surrogatepass") + data[place:]
    elif kind < 0.4:
        data = data[:place] + _odd_characters(dice) + data[place:]
    elif kind < 0.5:
        numbers = [match.start() for match in re.finditer(rb"\d", data)] or [0]
        place = dice.choice(numbers)
        data = (
            data[:place]
            + dice.choice((b"9", b"1,", b"1.", "۳٫".encode(), b"0")) * dice.choice((30, 5_000))
            + data[place:]
        )
    return bytes([dice.randrange(len(_LANGUAGES))]) + data[:LARGEST]


def _article(data: bytes) -> Article:
    language = _LANGUAGES[data[0] % len(_LANGUAGES)] if data else UNDETERMINED
    text = data[1:].decode("utf-8", "surrogateescape")
    title, _, body = text.partition("\n")
    published = datetime(2026, 3, 2, 7, 20, tzinfo=UTC) if len(data) % 3 else None
    return Article(id="a", title=title, body=body or "x", language=language, published=published)


def _check_text(data: bytes, _: Path) -> Tally:
    from dedup.text.language import detect_language
    from dedup.text.normalise import fold_persian_letters, normalise_text
    from dedup.text.passage import article_sentences
    from dedup.text.sentences import split_sentences

    article = _article(data)
    normal = normalise_text(article.text)
    require(normalise_text(normal) == normal, "what is normal is changed when it is normalised again")
    fold_persian_letters(normal)
    sentences = article_sentences(article, _MAX_SENTENCES)
    require(0 < len(sentences) <= _MAX_SENTENCES, f"{len(sentences)} sentences")
    whole = split_sentences(normal, article.language)
    require(all(one.strip() for one in whole), "an empty sentence")
    require(_words("".join(whole)) == _words(normal), "a word is lost, or came from nowhere")
    tag, confidence = detect_language(article.text, edition=article.edition)
    require(canonical_language(tag) == tag, f"the language {tag!r}")
    require(0.0 <= confidence <= 1.0, f"the confidence {confidence}")
    return {"sentences": len(whole)}


def _words(text: str) -> str:
    return "".join(re.findall(r"\w", text))


def _check_evidence(data: bytes, _: Path) -> Tally:
    import numpy as np

    from dedup.evidence.columns import evidence_columns
    from dedup.evidence.messages import contents_line, parse_contents

    content = _content_reader().of(_article(data))
    (again,) = parse_contents(contents_line([content]))
    require(again == content, "what is kept of an article is not what comes back")
    for weighed in (content.evidence.names, content.evidence.numbers, content.evidence.places):
        require(all(np.isfinite(worth) for worth, _ in weighed.values()), "a worth that is no number")
    evidence_columns([content.evidence])
    return {"sentences": len(content.sentences)}


@cache
def _content_reader() -> ContentReader:
    from dedup.evidence.content import ContentReader
    from dedup.score.calibration import shipped_calibration

    return ContentReader(shipped_calibration().background, _MAX_SENTENCES)


@cache
def _times() -> tuple[bytes, ...]:
    return tuple(_stated_times())


def _stated_times() -> Iterator[bytes]:
    lines = (ROOT / "tests" / "text" / "stated_times.txt").read_text("utf-8").splitlines()
    for line in lines:
        if line.strip() and not line.startswith("#"):
            text = line.partition("=>")[0].partition(" ")[2].strip()
            yield text.encode("ascii", "backslashreplace").decode("unicode_escape").encode("utf-8", "surrogatepass")
    yield from (text.encode("utf-8", "surrogatepass") for text in TEXTS)


def _make_time(dice: random.Random) -> bytes:
    data = dice.choice(_times())
    for _ in range(dice.choice((1, 1, 2, 4))):
        kind = dice.random()
        if kind < 0.3:
            data = b" ".join((data, dice.choice(_times())))
        elif kind < 0.5:
            numbers = list(re.finditer(r"\d+", data.decode("utf-8", "replace")))
            if numbers:
                text, match = data.decode("utf-8", "replace"), dice.choice(numbers)
                other = str(
                    dice.choice((0, 9999, 10**5, 10**9, 1772409600, 10**12, 10**18, 10**40, 31, 13, 60, 1410, 1447))
                )
                data = (text[: match.start()] + other + text[match.end() :]).encode()
        elif kind < 0.6:
            words = data.split()
            dice.shuffle(words)
            data = b" ".join(words)
        else:
            data = dice.choice(BLIND)(dice, data)
    return dice.randbytes(1) + data[:20_000]


def _check_time(data: bytes, _: Path) -> Tally:
    from dedup.read.times import read_time
    from dedup.text.stated_time import TimeRules, is_date_line, is_update_line, read_stated_time

    choice, text = data[0] if data else 0, data[1:].decode("utf-8", "surrogateescape")
    rules = TimeRules(
        timezone=_ZONES[choice % len(_ZONES)],
        reference=datetime(2026, 3, 2, 7, 20, tzinfo=UTC) if choice & 32 else None,
        language=("", *CALIBRATED_LANGUAGES)[choice % 6],
        order=(None, "dmy", "mdy")[choice % 3],
    )
    stated = read_stated_time(text, rules)
    is_date_line(text)
    is_update_line(text)
    values: list[object] = [text]
    with_number = re.search(r"-?\d{1,4000}(\.\d+)?", text, re.ASCII)
    if with_number:
        values.append(float(with_number[0]) if "." in with_number[0] else int(with_number[0]))
    for value in values:
        moment = read_time(value, rules).moment
        if moment is not None:
            require(moment.utcoffset() is not None, "a time without a zone")
            moment.astimezone(UTC)  # outputs have it so
            datetime.fromisoformat(moment.isoformat())
            moment.timestamp()
    return {"read": int(stated.moment is not None)}
