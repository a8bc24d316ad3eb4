"""What two texts share and where they differ, as it stands in them: the evidence that the scorer counts, in words."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import NamedTuple

import numpy as np

from dedup.article import Article
from dedup.evidence.counted import SLOTS
from dedup.evidence.dates import UNKNOWN_YEAR, DateMention, date_mentions
from dedup.evidence.day_columns import LEAD_SENTENCES as DAY_SENTENCES
from dedup.evidence.day_columns import compare_days
from dedup.evidence.extraction import NameWeights, weighed_names, weighed_numbers
from dedup.evidence.names import name_mentions
from dedup.evidence.numbers import NumberMention, number_mentions
from dedup.evidence.slot_columns import LEAD_SENTENCES as FIGURE_SENTENCES
from dedup.evidence.slot_columns import are_near_tolls, value_as_number
from dedup.explain.comparison import Comparison
from dedup.explain.explanation import EvidenceItem, Mention
from dedup.explain.places import place_items
from dedup.explain.times_of_day import time_of_day_items

__all__ = ["Evidence", "collect_items"]

_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
_YEAR_DAYS = 366

_Mentions = tuple[Mention, ...]


class Evidence(NamedTuple):
    """Items by where they stand; see ``Explanation``."""

    shared: tuple[EvidenceItem, ...]
    conflicting: tuple[EvidenceItem, ...]
    only_a: tuple[EvidenceItem, ...]
    only_b: tuple[EvidenceItem, ...]


class _Found(NamedTuple):
    """The mentions of one kind in one article, by key, and what each key is worth."""

    mentions: Mapping[str, _Mentions]
    worth: Mapping[str, float]


def collect_items(comparison: Comparison) -> Evidence:
    """Collect the evidence of a pair, names first."""
    articles, passages = comparison.now.articles, comparison.now.passages
    marks_names = comparison.fingerprints.evidence.marks_names.tolist()
    names_a, names_b = (
        _names(passage, article, comparison) for passage, article in zip(passages, articles, strict=True)
    )
    counted = [
        list(number_mentions(passage, article.language)) for passage, article in zip(passages, articles, strict=True)
    ]
    numbers_a, numbers_b = map(_numbers, counted)
    figures, other_figures = _figures(comparison, *counted)
    days, other_days = _days(comparison)
    places, other_places = place_items(comparison)
    times, other_times = time_of_day_items(comparison)
    return Evidence(
        shared=(
            *_shared("name", names_a, names_b),
            *places,
            *_shared("number", numbers_a, numbers_b),
            *figures,
            *days,
            *times,
        ),
        conflicting=(*other_places, *other_figures, *other_days, *other_times),
        only_a=(
            *(_lacking("name", names_a, names_b) if marks_names[0] else ()),
            *_lacking("number", numbers_a, numbers_b),
        ),
        only_b=tuple(
            _turned(item)
            for item in (
                *(_lacking("name", names_b, names_a) if marks_names[1] else ()),
                *_lacking("number", numbers_b, numbers_a),
            )
        ),
    )


def _names(passage: Sequence[str], article: Article, comparison: Comparison) -> _Found:
    weighed = weighed_names(passage, article.language, NameWeights(comparison.calibration.background))
    mentions: dict[str, list[Mention]] = {}
    for sentence, text, found in name_mentions(passage, article.language):
        for skeleton in found & weighed.keys():
            mentions.setdefault(skeleton, []).append(Mention(sentence=sentence, text=text))
    return _Found({key: tuple(stands) for key, stands in mentions.items()}, {key: weighed[key][0] for key in weighed})


def _numbers(found: Sequence[NumberMention]) -> _Found:
    weighed = weighed_numbers(found)
    return _Found(
        {value: _where(one for one in found if one.value == value) for value in weighed},
        {value: weighed[value][0] for value in weighed},
    )


def _where(found: Iterable[NumberMention | DateMention]) -> _Mentions:
    """Return where numbers or dates stand, in the order of the text."""
    return tuple(sorted({Mention(sentence=one.sentence, text=one.text): None for one in found}, key=_place))


def _place(mention: Mention) -> int:
    return mention.sentence


def _shared(kind: str, left: _Found, right: _Found) -> tuple[EvidenceItem, ...]:
    """Return what both have; keys that stand in the same places, as spellings of one name do, are one item."""
    places: dict[tuple[_Mentions, _Mentions], list[str]] = {}
    for key in sorted(left.worth.keys() & right.worth.keys()):
        places.setdefault((left.mentions[key], right.mentions[key]), []).append(key)
    return _by_worth(
        EvidenceItem(kind=kind, key="|".join(keys), a=a, b=b, worth=_worth(keys, left, right))
        for (a, b), keys in places.items()
    )


def _lacking(kind: str, left: _Found, right: _Found) -> tuple[EvidenceItem, ...]:
    """Return what only the left one has. A name that is shared in one of its spellings is not lacking."""
    met = {mention for key in left.worth.keys() & right.worth.keys() for mention in left.mentions[key]}
    places: dict[_Mentions, list[str]] = {}
    for key in sorted(left.worth.keys() - right.worth.keys()):
        if not met.issuperset(left.mentions[key]):
            places.setdefault(left.mentions[key], []).append(key)
    return _by_worth(
        EvidenceItem(kind=kind, key="|".join(keys), a=a, b=(), worth=_worth(keys, left, left))
        for a, keys in places.items()
    )


def _worth(keys: Sequence[str], left: _Found, right: _Found) -> float:
    # spellings of one name share its worth
    return round(sum(min(left.worth[key], right.worth[key]) for key in keys), 4)


def _by_worth(items: Iterable[EvidenceItem]) -> tuple[EvidenceItem, ...]:
    return tuple(sorted(items, key=lambda item: (-item.worth, item.a[0].sentence, item.key)))


def _turned(item: EvidenceItem) -> EvidenceItem:
    return EvidenceItem(kind=item.kind, key=item.key, a=item.b, b=item.a, worth=item.worth)


def _figures(
    comparison: Comparison, left: Sequence[NumberMention], right: Sequence[NumberMention]
) -> tuple[list[EvidenceItem], list[EvidenceItem]]:
    """Return the slots that agree and those in conflict."""
    columns = comparison.fingerprints.evidence.slots
    agreeing: list[EvidenceItem] = []
    in_conflict: list[EvidenceItem] = []
    for slot, name in enumerate(SLOTS):
        rows = columns.row[:, slot]
        if not rows.all():
            continue
        one, other = ({value for value in columns.values[row].tolist() if value == value} for row in rows)
        wanted = one & other or one | other
        a, b = (
            _where(
                found
                for found in numbers
                if found.slot == name and found.sentence < FIGURE_SENTENCES and value_as_number(found.value) in wanted
            )
            for numbers in (left, right)
        )
        item = EvidenceItem(kind="ordinal" if name == "ordinal" else "figure", key=name, a=a, b=b, worth=1.0)
        if one & other:
            agreeing.append(item)
        elif not are_near_tolls(name, columns.values[rows[:1]], columns.values[rows[1:]])[0]:
            in_conflict.append(item)
    return agreeing, in_conflict


def _days(comparison: Comparison) -> tuple[list[EvidenceItem], list[EvidenceItem]]:
    """Return the days, weekdays and months that agree and those in conflict."""
    left, right = (
        list(date_mentions(passage[:DAY_SENTENCES], article.published))
        for passage, article in zip(comparison.now.passages, comparison.now.articles, strict=True)
    )
    compared = compare_days(comparison.fingerprints.evidence.days, np.array([[0, 1]], np.int64))
    dated = comparison.kind == "dated"
    agreeing: list[EvidenceItem] = []
    in_conflict: list[EvidenceItem] = []
    for kind, shared, conflict, keys in (
        ("date", compared.shared, compared.in_conflict, _dated_day if dated else _day_of_year),
        ("weekday", compared.weekdays_shared, compared.weekdays_in_conflict, _weekday),
        ("month", compared.months_shared, compared.months_in_conflict, _months),
    ):
        near = _is_next_day if kind == "date" and not dated else _is_same
        if shared[0]:
            agreeing += _common_days(kind, left, right, keys, near)
        elif conflict[0]:
            in_conflict.append(_different_days(kind, left, right, keys))
    return agreeing, in_conflict


_Keys = Callable[[DateMention], Sequence[str]]


def _dated_day(mention: DateMention) -> tuple[str, ...]:
    return (mention.day.isoformat(),) if mention.day and mention.day.year != UNKNOWN_YEAR else ()


def _day_of_year(mention: DateMention) -> tuple[str, ...]:
    """Return the day without its year, as ISO 8601 once wrote it: --02-27."""
    return (f"--{mention.day:%m-%d}",) if mention.day else ()


def _weekday(mention: DateMention) -> tuple[str, ...]:
    return (_WEEKDAYS[mention.weekday],) if mention.weekday is not None else ()


def _months(mention: DateMention) -> tuple[str, ...]:
    return tuple(_MONTHS[month - 1] for month in mention.months)


def _is_same(one: str, other: str) -> bool:
    return one == other


def _is_next_day(one: str, other: str) -> bool:
    """Tell whether two days of the year are one or lie side by side, as two readings of a Jalali day do."""
    days = [date(UNKNOWN_YEAR, int(key[2:4]), int(key[5:7])).toordinal() for key in (one, other)]
    apart = abs(days[0] - days[1])
    return min(apart, _YEAR_DAYS - apart) <= 1


def _common_days(
    kind: str,
    left: Sequence[DateMention],
    right: Sequence[DateMention],
    keys: _Keys,
    near: Callable[[str, str], bool],
) -> Iterator[EvidenceItem]:
    taken: set[tuple[_Mentions, _Mentions]] = set()
    for key in sorted({key for mention in left for key in keys(mention)}):
        a = _where(mention for mention in left if key in keys(mention))
        b = _where(mention for mention in right if any(near(key, other) for other in keys(mention)))
        # a Jalali month lies in two of ours: both may be the same words
        if b and (a, b) not in taken:
            taken.add((a, b))
            yield EvidenceItem(kind=kind, key=key, a=a, b=b, worth=1.0)


def _different_days(kind: str, left: Sequence[DateMention], right: Sequence[DateMention], keys: _Keys) -> EvidenceItem:
    a, b = ([mention for mention in found if keys(mention)] for found in (left, right))
    named = ("|".join(sorted({key for mention in found for key in keys(mention)})) for found in (a, b))
    return EvidenceItem(kind=kind, key=" / ".join(named), a=_where(a), b=_where(b), worth=1.0)
