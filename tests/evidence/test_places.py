"""Countries and cities in five languages, and whether two articles speak of the same ones."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedup.evidence import places as room
from dedup.evidence.background import Background
from dedup.evidence.columns import evidence_columns
from dedup.evidence.extraction import Extractor
from dedup.evidence.mentions import mention_columns
from dedup.evidence.place_columns import (
    LEAD_SENTENCES,
    PLACE_MARK,
    PlaceComparison,
    compare_places,
    weighed_places,
)
from dedup.evidence.place_names import LANGUAGES, country_of, english_name, is_country, place_key, place_names
from dedup.evidence.places import place_mentions

VIENNA, ALEPPO, JERUSALEM, TEHRAN, CAIRO = "2761369", "170063", "281184", "112931", "360630"
NEW_YORK, SANAA, ISTANBUL, KABUL = "5128581", "71137", "745044", "1138958"


def found(text: str, language: str) -> list[tuple[str, str]]:
    return [(one.text, one.place) for one in place_mentions([text], language)]


def places(text: str, language: str) -> list[str]:
    return [one.place for one in place_mentions([text], language)]


class TestNames:
    @pytest.mark.parametrize(
        ("place", "told"),
        [
            ("DE", {"en": "Germany", "fa": "آلمان", "tr": "Almanya", "ar": "ألمانيا"}),
            ("EG", {"en": "Egypt", "fa": "مصر", "tr": "Mısır", "ar": "مصر"}),
            ("GR", {"en": "Greece", "fa": "یونان", "tr": "Yunanistan", "ar": "اليونان"}),
            ("SE", {"en": "Sweden", "fa": "سوئد", "fa-AF": "سویدن", "tr": "İsveç", "ar": "السويد"}),
            ("US", {"en": "United States", "fa": "ایالات متحده", "tr": "ABD", "ar": "الولايات المتحدة"}),
            ("JP", {"en": "Japan", "fa": "ژاپن", "fa-AF": "جاپان", "tr": "Japonya", "ar": "اليابان"}),
            (VIENNA, {"en": "Vienna", "fa": "وین", "tr": "Viyana", "ar": "فيينا"}),
            (ALEPPO, {"en": "Aleppo", "fa": "حلب", "tr": "Halep", "ar": "حلب"}),
            (JERUSALEM, {"en": "Jerusalem", "fa": "قدس", "tr": "Kudüs", "ar": "القدس"}),
            (CAIRO, {"en": "Cairo", "fa": "قاهره", "tr": "Kahire", "ar": "القاهرة"}),
            (ISTANBUL, {"en": "Istanbul", "fa": "استانبول", "tr": "İstanbul", "ar": "إسطنبول"}),
            (KABUL, {"en": "Kabul", "fa-AF": "کابل", "ar": "كابول"}),
        ],
    )
    def test_a_place_is_one_in_all_languages(self, place: str, told: dict[str, str]) -> None:
        assert {language: places(name, language) for language, name in told.items()} == {
            language: [place] for language in told
        }

    @pytest.mark.parametrize(
        ("text", "language", "expected"),
        [
            ("Germany's talks with the German side", "en", [("Germany's", "DE"), ("German", "DE")]),
            (
                "Iranians left Sana'a for New York",
                "en",
                [("Iranians", "IR"), ("Sana'a", SANAA), ("New York", NEW_YORK)],
            ),
            ("Viyana'da, Kudüs’te", "tr", [("Viyana'da", VIENNA), ("Kudüs’te", JERUSALEM)]),
            ("Suriyeliler ve Ruslar", "tr", [("Suriyeliler", "SY"), ("Ruslar", "RU")]),
            ("İSTANBUL ve Istanbul", "tr", [("İSTANBUL", ISTANBUL), ("Istanbul", ISTANBUL)]),
            ("Birleşik Arap Emirlikleri'nin", "tr", [("Birleşik Arap Emirlikleri'nin", "AE")]),
            ("والقاهرة للعراق بمصر", "ar", [("والقاهرة", CAIRO), ("للعراق", "IQ"), ("بمصر", "EG")]),
            ("الأمريكية والإيرانيين", "ar", [("الأمريكية", "US"), ("والإيرانيين", "IR")]),
            ("ایرانی‌ها و روسی و ترکیه‌ای", "fa", [("ایرانی‌ها", "IR"), ("روسی", "RU"), ("ترکیه‌ای", "TR")]),
            ("كابل و کابل", "fa-AF", [("كابل", KABUL), ("کابل", KABUL)]),
        ],
    )
    def test_what_is_written_onto_a_name_is_taken_off(
        self, text: str, language: str, expected: list[tuple[str, str]]
    ) -> None:
        assert found(text, language) == expected

    @pytest.mark.parametrize(
        ("text", "language"),
        [
            ("turkey for dinner in nice weather", "en"),
            ("Turkey rose. A turkey rose", "en"),
            ("كامل ورقة سنة المالية", "ar"),
            ("خبر مالی دوشنبه", "fa"),
            ("Salı günü sarı", "tr"),
            ("Bay Vienna-like", "xx"),
            ("", "en"),
            ("ء '’ 12 ½ …", "ar"),
        ],
    )
    def test_other_words_are_no_places(self, text: str, language: str) -> None:
        assert [place for place in places(text, language) if place != VIENNA] == []

    def test_the_longest_name_counts(self) -> None:
        assert places("South Sudan and South Korea and Sudan", "en") == ["SS", "KR", "SD"]
        assert places("Guinea-Bissau", "en") == ["GW"]
        assert places("New, York", "en") != [NEW_YORK]

    def test_a_language_without_a_column_takes_one_of_its_script(self) -> None:
        assert place_names("de") is place_names("en")
        assert place_names("ur") is place_names("fa-AF") is place_names("fa")

    @given(st.lists(st.text(max_size=40), max_size=4), st.sampled_from(["en", "tr", "ar", "fa", "fa-AF", "ru"]))
    def test_any_text_is_read_and_every_mention_stands_in_its_sentence(self, texts: list[str], language: str) -> None:
        for one in place_mentions(texts, language):
            assert one.text in texts[one.sentence]
            assert country_of(one.place)

    @given(st.lists(st.sampled_from(["Iran", "in", "New York", "Vienna's", "12", "U.S.", "Korea"]), max_size=9))
    def test_sentences_are_read_one_by_one(self, words: list[str]) -> None:
        together = [(one.text, one.place) for one in place_mentions([" ".join(words), " ".join(words)], "en")]
        assert together == 2 * found(" ".join(words), "en")


class TestTable:
    def test_keys_are_keys_and_each_is_of_one_place_that_has_a_name_and_a_country(self) -> None:
        for language in LANGUAGES:
            names = place_names(language)
            assert len(names.places) > 3000
            for key, place in names.places.items():
                assert key == place_key(key)
                assert len(key) >= 3
                assert 1 <= len(key.split(" ")) <= names.most_words[key.split(" ")[0]] <= 4
                assert english_name(place)
                assert is_country(country_of(place))
                assert country_of(country_of(place)) == country_of(place)

    def test_countries_are_named_in_every_language(self) -> None:
        for language in LANGUAGES:
            countries = {place for place in place_names(language).places.values() if is_country(place)}
            assert len(countries) > 230

    def test_a_word_that_could_be_two_places_is_none(self) -> None:
        # Oman and Amman; the state and the country
        assert "عمان" not in place_names("ar").places
        assert "georgia" not in place_names("en").places


RARE = Background()
NEWS = Background(
    documents={"en": 100, "fa": 100},
    frequencies={"en": {f"{PLACE_MARK}IR": 20}, "fa": {f"{PLACE_MARK}IR": 90, f"{PLACE_MARK}{TEHRAN}": 60}},
)


def compared(*told: tuple[list[str], str], background: Background = RARE) -> PlaceComparison:
    extractor = Extractor(background)
    evidence = evidence_columns(extractor.of(text, tag, None) for text, tag in told)
    return compare_places(evidence.places, np.array([[0, 1]]))


class TestComparison:
    def test_a_city_is_shared_across_scripts(self) -> None:
        found = compared((["Talks in Vienna"], "en"), (["مذاکرات وین"], "fa"))
        assert (found.lead_part.tolist(), found.known.tolist()) == ([1], [1])

    def test_other_cities_share_nothing_and_those_of_one_country_half(self) -> None:
        assert compared((["Fire in Aleppo"], "en"), (["Viyana'da yangın"], "tr")).lead_part.tolist() == [0]
        assert compared((["Fire in Aleppo"], "en"), (["Şam'da yangın"], "tr")).lead_part.tolist() == [0.5]
        # a city and its country: all of one lead, half of the other
        assert compared((["Fire in Aleppo"], "en"), (["Suriye'de yangın"], "tr")).lead_part.tolist() == [0.75]

    def test_where_one_names_no_place_nothing_is_known(self) -> None:
        found = compared((["Fire in Aleppo"], "en"), (["yangın"], "tr"))
        assert (found.lead_part.tolist(), found.known.tolist()) == ([0], [0])

    def test_only_the_lead_is_asked_for_and_anywhere_it_is_found(self) -> None:
        late = [*["Nothing here."] * LEAD_SENTENCES, "It was in Vienna."]
        found = compared((["Talks in Vienna"], "en"), (late, "en"))
        assert (found.lead_part.tolist(), found.known.tolist()) == ([1], [1])
        found = compared((late, "en"), (late, "en"))
        assert (found.lead_part.tolist(), found.known.tolist()) == ([0], [0])

    def test_the_country_of_half_of_all_news_is_worth_little(self) -> None:
        def worth(text: str, language: str) -> dict[str, float]:
            weighed = weighed_places(place_mentions([text], language), language, NEWS)
            return {place: one for place, (one, _) in weighed.items()}

        persian, english = worth("تهران، وین و ایران", "fa"), worth("Tehran, Vienna and Iran", "en")
        assert persian["IR"] < persian[TEHRAN] < persian[VIENNA] == 1
        assert persian["IR"] < english["IR"] < english[TEHRAN] == 1
        common = compared((["Iran and Vienna"], "en"), (["ایران و پاریس"], "fa"), background=NEWS)
        rare = compared((["Vienna and Iran"], "en"), (["وین و لندن"], "fa"), background=NEWS)
        assert 0 < common.lead_part[0] < rare.lead_part[0] < 1


SAID = ["Vienna", "Austria", "Aleppo", "Damascus", "Syria", "Tehran", "nothing", "Cairo and Vienna", "Iran"]
ARTICLES = st.lists(st.lists(st.sampled_from(SAID), min_size=1, max_size=5), min_size=2, max_size=6)


def plain(one: list[str], other: list[str]) -> tuple[float, float]:
    """Return part and known of two articles by sets of places, all of which are worth 1."""

    def named(passage: list[str]) -> set[str]:
        cities = {mention.place for mention in place_mentions(passage, "en")}
        return cities | {country_of(place) for place in cities}

    leads, whole = [named(some[:LEAD_SENTENCES]) for some in (one, other)], [named(some) for some in (one, other)]
    if not all(whole) or not any(leads):
        return 0.0, 0.0
    parts = [len(lead & there) / len(lead) for lead, there in zip(leads, whole[::-1], strict=True) if lead]
    return sum(parts) / len(parts), 1.0


class TestAgainstSets:
    @given(ARTICLES)
    def test_pairs_are_compared_as_sets_say_either_way_round_and_whatever_else_is_there(
        self, articles: list[list[str]]
    ) -> None:
        weighed = [weighed_places(place_mentions(passage, "en"), "en", RARE) for passage in articles]
        mentions = mention_columns(weighed)
        pairs = np.array([(i, j) for i in range(len(articles)) for j in range(len(articles)) if i != j])
        found = compare_places(mentions, pairs)
        back = compare_places(mentions, pairs[:, ::-1])
        for column, (i, j) in enumerate(pairs.tolist()):
            expected = plain(articles[i], articles[j])
            assert (found.lead_part[column], found.known[column]) == pytest.approx(expected)
            alone = compare_places(mention_columns([weighed[i], weighed[j]]), np.array([[0, 1]]))
            assert found.lead_part[column] == back.lead_part[column] == alone.lead_part[0]
            assert found.known[column] == back.known[column] == alone.known[0]

    def test_no_pairs(self) -> None:
        assert len(compare_places(mention_columns([{}]), np.empty((0, 2), np.int64)).known) == 0


@pytest.mark.parametrize("language", ["en", "tr", "ar", "fa"])
def test_no_reading_is_lost_by_looking_at_the_first_letters_first(
    language: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys = sorted(place_names(language).most_words)[::40]
    affixes = [("", "")] + [("", ending) for ending in room._ENDINGS[language]] + [("", "'da"), ("", "’s")]
    affixes += [(prefix, "") for prefix in ("و", "ال", "وال", "لل", "بال")] if language == "ar" else []
    words = [before + key + after for key in keys for before, after in affixes]
    words += [word.capitalize() for word in words]
    looked_at = [room._readings(word, language) for word in words]
    monkeypatch.setattr(room, "_may_be_place", lambda *arguments: True)
    assert looked_at == [room._readings(word, language) for word in words]
    assert any(looked_at)
