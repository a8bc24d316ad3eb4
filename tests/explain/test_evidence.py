"""Evidence in words against the signals that the scorer counts, and as it stands in the texts."""

from __future__ import annotations

import itertools
from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
from explained_news import MONDAY, calibration, news, quake
from fakes import FakeEncoder
from hypothesis import given
from hypothesis import strategies as st

from dedup.article import Article
from dedup.explain import EvidenceItem, Explanation, explain_pair
from dedup.score.signals import SIGNALS

NEWS = news(40, seed=11)


def explained(a: Article, b: Article) -> Explanation:
    return explain_pair(a, b, encoder=FakeEncoder(), calibration=calibration(), flips=False)


def value(explanation: Explanation, signal: str) -> float:
    found = explanation.contributions[SIGNALS.index(signal)].value
    assert found is not None
    return found


def item(items: tuple[EvidenceItem, ...], kind: str, key: str) -> EvidenceItem:
    (found,) = [one for one in items if (one.kind, one.key) == (kind, key)]
    return found


def texts(one: EvidenceItem) -> tuple[list[str], list[str]]:
    return [mention.text for mention in one.a], [mention.text for mention in one.b]


class TestAsItStands:
    def test_names_numbers_and_figures_of_two_reports(self) -> None:
        found = explained(*quake())
        assert texts(item(found.shared, "name", "slmn")) == (["Selmani"], ["Selmani"])
        karvan = item(found.shared, "name", "krn")
        assert [mention.sentence for mention in karvan.a] == [0, 1]
        assert [mention.sentence for mention in karvan.b] == [0, 3]
        assert texts(item(found.shared, "number", "6.1")) == (["6.1"], ["6,1"])
        assert texts(item(found.shared, "figure", "magnitude")) == (["6.1"], ["6,1"])
        assert texts(item(found.shared, "figure", "wounded")) == (["40"], ["40"])
        assert texts(item(found.conflicting, "figure", "dead")) == (["12"], ["19"])
        assert "17" in {one.key for one in found.only_a if one.kind == "number"}
        assert "dbrmd" not in {one.key for one in found.only_a}
        assert {one.a for one in found.only_b} == {()}

    def test_names_across_scripts(self) -> None:
        one = Article(id="1", title="Salami visits Torkham", body="", language="en", published=MONDAY)
        other = Article(id="2", title="سلامی از مرز تورخم دیدن کرد", body="", language="fa", published=MONDAY)
        found = explained(one, other)
        assert texts(item(found.shared, "name", "slm")) == (["Salami"], ["سلامی"])
        assert texts(item(found.shared, "name", "trhm")) == (["Torkham"], ["تورخم"])
        # words in Arabic script that a Latin text lacks are seldom names, and the scorer does not judge them
        assert not [one for one in found.only_b if one.kind == "name"]
        assert [one.key for one in found.only_a if one.kind == "name"] == ["fsts"] or not found.only_a

    @pytest.mark.parametrize(
        ("left", "right", "kind", "key", "agree"),
        [
            ("Talks on 27 February", "Talks on 28 February", "date", "2026-02-27 / 2026-02-28", False),
            ("Talks on 27 February", "گفت‌وگو در ۱۴۰۴/۱۲/۰۸", "date", "2026-02-27", True),
            ("Talks on Monday", "Talks on 2 March", "date", "2026-03-02", True),
            ("The fifth round", "The sixth round", "ordinal", "ordinal", False),
            ("Prices rose in July", "Prices rose in July", "month", "July", True),
            ("Prices rose in July", "Prices rose in June", "month", "July / June", False),
            ("A fire at 9:20 a.m.", "حریق ساعت نه و بیست دقیقه صبح گفت", "clock", "09:20", True),
            ("A fire at 9:20 a.m.", "A fire at 2:05 p.m.", "clock", "09:20 / 14:05", False),
            ("A fire before dawn", "A fire in the afternoon", "day part", "dawn / afternoon", False),
            ("A fire on Monday night", "A fire on Monday evening", "day part", "night", True),
        ],
    )
    def test_days_and_ordinals(self, left: str, right: str, kind: str, key: str, agree: bool) -> None:
        one = Article(id="1", title=left, body="", language="en", published=MONDAY)
        other = Article(id="2", title=right, body="", language="fa" if "گ" in right else "en", published=MONDAY)
        found = explained(one, other)
        assert item(found.shared if agree else found.conflicting, kind, key)
        assert kind not in {one.kind for one in (found.conflicting if agree else found.shared)}

    def test_places_by_their_names_in_both_languages(self) -> None:
        one = Article(id="1", title="German envoys meet in Vienna", body="", language="en", published=MONDAY)
        other = Article(id="2", title="مذاکرات آلمان در وین", body="", language="fa", published=MONDAY)
        found = explained(one, other)
        assert texts(item(found.shared, "place", "Germany")) == (["German"], ["آلمان"])
        # which also stands for Austria, that neither names
        assert texts(item(found.shared, "place", "Vienna")) == (["Vienna"], ["وین"])
        assert [one.key for one in found.shared if one.kind == "place"] == ["Germany", "Vienna"]
        assert "place" not in {one.kind for one in found.conflicting}

    def test_a_city_stands_for_its_country(self) -> None:
        one = Article(id="1", title="Fire in Aleppo", body="", language="en", published=MONDAY)
        other = Article(id="2", title="Şam'da yangın", body="", language="tr", published=MONDAY)
        found = explained(one, other)
        assert texts(item(found.shared, "place", "Syria")) == (["Aleppo"], ["Şam'da"])

    def test_places_in_conflict(self) -> None:
        one = Article(id="1", title="Fire in Aleppo", body="", language="en", published=MONDAY)
        other = Article(id="2", title="Viyana'da yangın", body="", language="tr", published=MONDAY)
        found = explained(one, other)
        assert texts(item(found.conflicting, "place", "Aleppo / Vienna")) == (["Aleppo"], ["Viyana'da"])
        assert "place" not in {one.kind for one in found.shared}

    def test_weekdays_and_days_of_unknown_years(self) -> None:
        one = Article(id="1", title="Talks on Tuesday, and on 1 May", body="", language="en")
        other = Article(id="2", title="Talks on Friday, and on 2 May", body="", language="en")
        found = explained(one, other)
        assert texts(item(found.conflicting, "weekday", "Tuesday / Friday")) == (["Tuesday"], ["Friday"])
        # a day apart may be one Jalali day in two years
        assert texts(item(found.shared, "date", "--05-01")) == (["1 May"], ["2 May"])


pairs_of_news = st.sampled_from(list(itertools.combinations(NEWS, 2)))


class TestAgainstTheSignals:
    @given(pairs_of_news)
    def test_what_agrees_and_what_is_in_conflict_is_what_the_scorer_counts(self, pair: tuple[Article, Article]) -> None:
        found = explained(*pair)
        shared = Counter(one.kind for one in found.shared)
        conflict = Counter(one.kind for one in found.conflicting)
        assert min(3, shared["figure"]) == value(found, "figures_agreeing")
        assert min(3, conflict["figure"]) == value(found, "figures_in_conflict")
        assert shared["ordinal"] == value(found, "ordinals_agreeing")
        assert conflict["ordinal"] == value(found, "ordinals_in_conflict")
        for kind, signal in (
            ("date", "days"),
            ("weekday", "weekdays"),
            ("month", "months"),
            ("clock", "clocks"),
            ("day part", "dayparts"),
        ):
            assert min(1, shared[kind]) == value(found, f"{signal}_shared")
            assert conflict[kind] == value(found, f"{signal}_in_conflict")

    @given(pairs_of_news)
    def test_places_are_shared_or_in_conflict_where_the_scorer_knows_any(self, pair: tuple[Article, Article]) -> None:
        found = explained(*pair)
        shared, conflict = ("place" in {one.kind for one in items} for items in (found.shared, found.conflicting))
        assert shared == (value(found, "places_lead_part") > 0)
        if shared or conflict:
            assert shared != conflict
            assert value(found, "places_known") == 1

    @given(pairs_of_news)
    def test_shared_names_and_numbers_are_worth_what_the_scorer_counts(self, pair: tuple[Article, Article]) -> None:
        found = explained(*pair)
        for kind in ("name", "number"):
            worth = sum(one.worth for one in found.shared if one.kind == kind)
            # the scorer takes the lesser side of the whole, the items the lesser of each
            assert worth <= np.expm1(value(found, f"{kind}s_shared")) + 1e-3
            assert bool(worth) == (value(found, f"{kind}s_shared") > 0)

    @given(pairs_of_news)
    def test_numbers_are_shared_or_lacking(self, pair: tuple[Article, Article]) -> None:
        found = explained(*pair)
        part = value(found, "numbers_part")
        shared = sum(one.worth for one in found.shared if one.kind == "number")
        parts = [
            shared / (shared + sum(one.worth for one in lacking if one.kind == "number"))
            for lacking in (found.only_a, found.only_b)
            if value(found, "numbers_known")
        ]
        assert part == pytest.approx(sum(parts) / 2, abs=1e-3) if parts else part == 0

    @given(pairs_of_news, st.booleans())
    def test_every_mention_stands_where_it_is_said_to(self, pair: tuple[Article, Article], dated: bool) -> None:
        one, other = pair if dated else (replace(article, published=None) for article in pair)
        found = explained(one, other)
        for items in (found.shared, found.conflicting, found.only_a, found.only_b):
            for evidence in items:
                assert evidence.a or evidence.b
                assert 0 < evidence.worth <= 1
                for mentions, sentences in ((evidence.a, found.sentences_a), (evidence.b, found.sentences_b)):
                    assert list(mentions) == sorted(mentions, key=lambda mention: mention.sentence)
                    for mention in mentions:
                        assert mention.text in sentences[mention.sentence]
        assert all(one.a and one.b for one in (*found.shared, *found.conflicting))
        assert all(one.a and not one.b for one in found.only_a)
        assert all(one.b and not one.a for one in found.only_b)
