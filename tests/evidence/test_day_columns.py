"""Days compared by columns, against a plain reading of the definitions."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dedup.evidence.dates import UNKNOWN_YEAR, DateMention, date_mentions
from dedup.evidence.day_columns import (
    LEAD_SENTENCES,
    DayColumns,
    DayComparison,
    article_days,
    compare_days,
    day_columns,
)

Told = tuple[list[str], datetime | None]

MONDAY = datetime(2023, 2, 27, 15, 44, tzinfo=UTC)
SAID = [
    "on 27 February 2023",
    "on February 28",
    "31 December",
    "2 January 2024",
    "8 اسفند",
    "۱۴۰۱/۱۲/۰۹",
    "yesterday",
    "on Tuesday",
    "Monday",
    "in February",
    "in March",
    "ماه حوت",
    "nothing at all",
]
TIMES = st.sampled_from(
    [None, MONDAY, MONDAY + timedelta(days=1), MONDAY + timedelta(days=3), MONDAY.replace(year=2024)]
)
ARTICLES = st.tuples(st.lists(st.sampled_from(SAID), min_size=1, max_size=5), TIMES)


def mentions(article: Told) -> list[DateMention]:
    return list(date_mentions(article[0][:LEAD_SENTENCES], article[1]))


def apart_in_a_year(one: date, other: date) -> int:
    first, second = (day.replace(year=UNKNOWN_YEAR).timetuple().tm_yday for day in (one, other))
    return min(abs(first - second), 366 - abs(first - second))


def expected(one: Told, other: Told) -> dict[str, float]:
    """Return the comparison of two articles by sets of days."""
    left, right = mentions(one), mentions(other)
    both_dated = one[1] is not None and other[1] is not None
    if both_dated:
        days = [{found.day for found in some if found.day and found.day.year != UNKNOWN_YEAR} for some in (left, right)]
        gaps = [abs((a - b).days) for a in days[0] for b in days[1]]
        # days more than a year apart are of no one story and in no conflict: one of them is background
        known, same = bool(gaps) and min(gaps) < 366, bool(gaps) and min(gaps) == 0
    else:
        days = [{found.day for found in some if found.day} for some in (left, right)]
        gaps = [apart_in_a_year(a, b) for a in days[0] for b in days[1]]
        known, same = bool(gaps), bool(gaps) and min(gaps) <= 1
    happened = [
        ({found.day for found in some if found.day and found.day.year != UNKNOWN_YEAR} or {time.date()})
        if time
        else set()
        for some, time in ((left, one[1]), (right, other[1]))
    ]
    weekdays = [{found.weekday for found in some if found.weekday is not None} for some in (left, right)]
    months = [{month for found in some for month in found.months} for some in (left, right)]
    by_weekday, by_month = not both_dated and all(weekdays), all(months)
    nearest = min(abs((a - b).days) for a in happened[0] for b in happened[1]) if both_dated else 0
    return {
        "apart": min(7, nearest),
        "shared": known and same,
        "in_conflict": known and not same,
        "weekdays_shared": by_weekday and bool(weekdays[0] & weekdays[1]),
        "weekdays_in_conflict": by_weekday and not weekdays[0] & weekdays[1],
        "months_shared": by_month and bool(months[0] & months[1]),
        "months_in_conflict": by_month and not months[0] & months[1],
    }


def columns_of(articles: list[Told]) -> DayColumns:
    return day_columns([article_days(*told) for told in articles])


def compared(articles: list[Told], one: int = 0, other: int = 1) -> dict[str, float]:
    found: DayComparison = compare_days(columns_of(articles), np.array([[one, other]], np.int64))
    return {name: float(column[0]) for name, column in found._asdict().items()}


@settings(max_examples=300)
@given(ARTICLES, ARTICLES, st.lists(ARTICLES, max_size=3))
def test_a_pair_is_compared_as_sets_say_and_knows_no_other_article(one: Told, other: Told, rest: list[Told]) -> None:
    alone = compared([one, other])
    assert alone == pytest.approx({name: float(value) for name, value in expected(one, other).items()})
    assert compared([other, one]) == alone
    assert compared([*rest, other, one], len(rest) + 1, len(rest)) == alone


def test_reports_of_one_day_in_three_calendars_agree_and_the_next_day_is_in_conflict() -> None:
    said = ["زلزله ۱۴۰۱/۱۲/۰۸", "deprem 27 Şubat 2023", "quake of February 27", "زلزال 28 فبراير"]
    articles: list[Told] = [([text], MONDAY + timedelta(days=1)) for text in said]
    for other in (1, 2):
        found = compared(articles, 0, other)
        assert (found["shared"], found["in_conflict"], found["apart"]) == (1, 0, 0)
    found = compared(articles, 0, 3)
    assert (found["shared"], found["in_conflict"], found["apart"]) == (0, 1, 1)


def test_the_turn_of_the_year_is_near() -> None:
    found = compared([(["on 31 December"], None), (["on 1 January"], None)])
    assert (found["shared"], found["in_conflict"]) == (1, 0)


def test_background_after_the_lead_says_nothing() -> None:
    said = ["Quake", "It shook Khoy", "None was hurt", "On 12 January another one struck"]
    found = compared([(said, MONDAY), (["On 12 January a quake struck"], MONDAY - timedelta(days=46))])
    assert (found["shared"], found["apart"]) == (0, 7)


def test_a_calendar_of_events_keeps_a_few_days() -> None:
    said = [" ".join(f"{day} March 2023," for day in range(1, 29))]
    columns = columns_of([(said, MONDAY), ([], None)])
    assert columns.named.shape == (2, 6)
    assert compared([(said, MONDAY), (["28 March 2023"], MONDAY)])["shared"] == 1


def test_no_pairs_and_no_articles() -> None:
    assert all(len(column) == 0 for column in compare_days(columns_of([(["x"], None)]), np.empty((0, 2), np.int64)))
    assert columns_of([]).named.shape == (0, 6)
