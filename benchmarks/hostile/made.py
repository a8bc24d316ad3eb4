"""Articles that are there to cost time or to weld stories: the same for the same seed. All of it is invented."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial

from dedup.article import Article

__all__ = ["MADE", "bridge_chain", "identical", "nearly_identical"]

_START = datetime(2026, 3, 2, 6, tzinfo=UTC)
_TITLE = "Warehouse fire in Port Lindow injures eleven dock workers"
_SENTENCES = (
    "PORT LINDOW - A fire that broke out in a timber warehouse at the northern docks injured eleven workers on Monday.",
    "Fire chief Maren Holt said the flames were under control within four hours and no one was missing.",
    "Two of the injured were taken to St Aldhelm's hospital with burns, the port authority said.",
    "The warehouse, built in 1962, belongs to Brannock Timber, which employs 140 people in the town.",
    "Ferries to Skarholm were suspended until noon because of the smoke, and 600 passengers had to wait.",
    "Police inspector Owen Tarrant said a welding machine may have started the fire.",
    "The mayor, Lucinda Pratt, thanked the crews of nine fire engines from three districts.",
    "Brannock Timber put the damage at 2.4 million crowns and said deliveries would resume next week.",
)
_SPARE = ("later", "early", "today", "officials", "again", "shortly", "nearby", "briefly", "wooden", "public", "final")
_ORDER = (
    "{0} {1} of the {2} council told reporters in {3} that the {4} {5} would close.",
    "A {4} owned by {0} {1} sank off {3}, and {6} sailors were brought to {2}.",
    "The {2} court gave {0} {1} {6} months for selling the {4} of {3}.",
    "{3} beat {2} {6} to 2 after a late goal by {0} {1} from the {4} line.",
    "Engineers of {0} {1} drained the {4} under the {5} of {3} in {6} hours.",
    "{6} households in {3} lost power when a {5} fell on the {4} at {2}.",
    "The painter {0} {1} left {6} works called {4} and {5} to the museum of {2}.",
    "Doctors in {2} say a {4} fever has reached {3}; {0} {1} heads the inquiry.",
)
_SYLLABLES = tuple(one + two for one in "bdfgklmnprstvz" for two in ("a", "e", "i", "o", "u", "an", "el", "or"))


def identical(count: int) -> list[Article]:
    """Return one article ``count`` times within three days."""
    return [_article(f"i{number:06}", _TITLE, _SENTENCES, number, count) for number in range(count)]


def nearly_identical(count: int, seed: int = 1) -> list[Article]:
    """Return an article ``count`` times with one to three words changed, added or left out in each."""
    dice = random.Random(seed)
    return [_article(f"e{number:06}", *_edited(dice), number, count) for number in range(count)]


def bridge_chain(count: int, seed: int = 1, a_day: int = 80) -> list[Article]:
    """Return articles each of which has half of its sentences from the one before it and half from the one after.

    They come at so many a day: how many are compared with each other is bounded by the window. At 80 a day that is 560
    articles, fewer than in any chain that is measured; at 400 it is 2,800.
    """
    dice = random.Random(seed)
    steps = [[_told(dice) for _ in range(4)] for _ in range(count + 1)]
    return [
        _article(f"c{number:06}", steps[number][0].rstrip("."), steps[number] + steps[number + 1], number, 3 * a_day)
        for number in range(count)
    ]


MADE: Mapping[str, Callable[[int], list[Article]]] = {
    "identical": identical,
    "nearly identical": nearly_identical,
    "bridge chain": bridge_chain,
    "bridge chain, 400 a day": partial(bridge_chain, a_day=400),
}


def _article(key: str, title: str, sentences: Sequence[str], number: int, count: int) -> Article:
    published = _START + timedelta(seconds=number * 3 * 86_400 // count)
    return Article(id=key, title=title, body="\n".join(sentences), language="en", published=published, edition="wire")


def _edited(dice: random.Random) -> tuple[str, list[str]]:
    words = [sentence.split() for sentence in (_TITLE, *_SENTENCES)]
    for _ in range(dice.randint(1, 3)):
        line = dice.choice(words)
        place = dice.randrange(len(line))
        change = dice.choice(("change", "add", "leave out"))
        if change == "add":
            line.insert(place, dice.choice(_SPARE))
        elif change == "change":
            line[place] = dice.choice(_SPARE)
        elif len(line) > 3:
            del line[place]
    title, *body = (" ".join(line) for line in words)
    return title, body


def _told(dice: random.Random) -> str:
    words = [_word(dice) for _ in range(6)]
    return dice.choice(_ORDER).format(*(word.capitalize() for word in words[:4]), *words[4:], dice.randint(3, 980))


def _word(dice: random.Random) -> str:
    return "".join(dice.choice(_SYLLABLES) for _ in range(3))
