"""Names, numbers, scores and dates agree across scripts and calendars; siblings stay apart, recap or not.

With the bundled model and the shipped calibration where stories are found.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from functools import cache

import numpy as np
import pytest

from dedup.article import Article
from dedup.encode.transformer import TransformerEncoder
from dedup.evidence.background import Background
from dedup.evidence.columns import EvidenceColumns, evidence_columns
from dedup.evidence.dates import date_mentions
from dedup.evidence.day_columns import compare_days
from dedup.evidence.extraction import Extractor
from dedup.evidence.numbers import number_mentions
from dedup.evidence.place_columns import compare_places
from dedup.evidence.skeleton import skeletons
from dedup.evidence.slot_columns import compare_slots
from dedup.pipeline import deduplicate

THAT_YEAR = datetime(2023, 3, 1, 9, tzinfo=UTC)
PAIR = np.array([[0, 1]], np.int64)


def evidence(*told: tuple[str, str]) -> EvidenceColumns:
    """Return the evidence of articles of one sentence: text and language."""
    extractor = Extractor(Background())
    return evidence_columns(extractor.of([text], language, THAT_YEAR) for text, language in told)


class TestTheIssue:
    def test_a_name_is_one_in_four_scripts(self) -> None:
        spelled = [("Selami", "tr"), ("سلامي", "ar"), ("سلامی", "fa"), ("Salami", "en")]
        assert frozenset.intersection(*(skeletons(*one) for one in spelled)) == {"slm"}

    def test_a_score_is_not_its_reverse(self) -> None:
        told = [("won 3-1", "en"), ("lost 1-3", "en"), ("۳ بر ۱ برد", "fa")]
        assert [next(number_mentions([text], tag)).value for text, tag in told] == ["3-1", "1-3", "3-1"]
        assert compare_slots(evidence(told[0], told[1]).slots, PAIR).in_conflict.tolist() == [1]
        assert compare_slots(evidence(told[0], told[2]).slots, PAIR).agreeing.tolist() == [1]

    def test_a_decimal_is_one_number_in_all_digits(self) -> None:
        told = [
            ("زلزلهٔ ۷٫۳ ریشتری", "fa"),
            ("7,3 büyüklüğünde deprem", "tr"),
            ("magnitude 7.3", "en"),
            ("بقوة ٧٫٣", "ar"),
        ]
        assert {next(number_mentions([text], tag)).value for text, tag in told} == {"7.3"}
        for other in told[1:]:
            assert compare_slots(evidence(told[0], other).slots, PAIR).agreeing.tolist() == [1]

    def test_a_day_is_one_in_three_calendars(self) -> None:
        told = ["۱۴۰۱/۱۲/۰۸", "27 Şubat 2023", "February 27", "7 شعبان"]
        assert {str(next(date_mentions([text], THAT_YEAR)).day) for text in told} == {"2023-02-27"}
        for other in told[1:]:
            assert compare_days(evidence((told[0], "fa"), (other, "en")).days, PAIR).shared.tolist() == [1]

    @pytest.mark.parametrize(
        "told",
        [
            [("Talks in Vienna", "en"), ("مذاکرات وین", "fa"), ("محادثات فيينا", "ar"), ("Viyana'da görüşme", "tr")],
            [
                ("German soldiers", "en"),
                ("سربازان آلمانی", "fa"),
                ("جنود ألمان في ألمانيا", "ar"),
                ("Alman asker", "tr"),
            ],
            [("Fire in Jerusalem", "en"), ("حریق در قدس", "fa-AF"), ("حريق في القدس", "ar"), ("Kudüs'te yangın", "tr")],
        ],
    )
    def test_a_place_is_one_in_all_languages_whatever_it_is_called(self, told: list[tuple[str, str]]) -> None:
        for other in told[1:]:
            found = compare_places(evidence(told[0], other).places, PAIR)
            assert (found.lead_part.tolist(), found.known.tolist()) == ([1], [1])
        elsewhere = compare_places(evidence(told[0], ("Kahire'de yangın", "tr")).places, PAIR)
        assert (elsewhere.lead_part.tolist(), elsewhere.known.tolist()) == ([0], [1])

    def test_two_magnitudes_are_in_conflict(self) -> None:
        columns = evidence(("زلزله ۶٫۳ ریشتری", "fa"), ("A 6.1 Richter quake", "en"))
        found = compare_slots(columns.slots, PAIR)
        assert (found.agreeing.tolist(), found.in_conflict.tolist()) == ([0], [1])


@cache
def encoder() -> TransformerEncoder:
    """Return the bundled model, loaded once."""
    return TransformerEncoder()


def article(key: str, language: str, published: str, title: str, *body: str) -> Article:
    return Article(
        id=key, language=language, published=datetime.fromisoformat(published), title=title, body="\n".join(body)
    )


def stories(articles: Iterable[Article]) -> set[frozenset[str]]:
    result = deduplicate(list(articles), encoder=encoder())
    return {frozenset(one.id for one in story.articles) for story in result.stories}


QUAKES = (
    article(
        "first en",
        "en",
        "2023-02-27T09:00:00+03:30",
        "Magnitude 6.3 earthquake hits western Iran, killing four",
        "TEHRAN - An earthquake of magnitude 6.3 struck Sarbagh in western Iran early on Monday, killing four people "
        "and injuring 31, officials said.",
        "The quake hit at a depth of 10 kilometres at 4:12 am on 27 February, the seismological centre said.",
        "Hassan Salami, head of the provincial relief office, said rescue teams had reached three villages.",
        "Schools in the town stay closed until Wednesday.",
    ),
    article(
        "first tr",
        "tr",
        "2023-02-27T10:20:00+03:00",
        "İran'ın batısında 6,3 büyüklüğünde deprem: 4 ölü",
        "İran'ın batısındaki Sarbağ'da pazartesi sabaha karşı 6,3 büyüklüğünde deprem meydana geldi; 4 kişi öldü, 31 "
        "kişi yaralandı.",
        "Sismoloji merkezine göre deprem 27 Şubat günü saat 04.12'de 10 kilometre derinlikte oldu.",
        "İl kurtarma müdürü Hasan Selami, ekiplerin üç köye ulaştığını söyledi.",
        "İlçede okullar çarşambaya kadar kapalı kalacak.",
    ),
    article(
        "second fa",
        "fa",
        "2023-03-04T09:30:00+03:30",
        "زلزله ۶٫۱ ریشتری سرباغ را دوباره لرزاند؛ ۲ کشته",
        "سرباغ- زمین‌لرزه‌ای به بزرگی ۶٫۱ ریشتر بامداد شنبه ۱۳ اسفند شهر سرباغ در غرب کشور را لرزاند و دو نفر جان باختند "
        "و ۱۷ نفر زخمی شدند.",
        "کانون این زلزله در عمق ۱۴ کیلومتری زمین بود.",
        "محمود رستگار، فرماندار سرباغ، گفت برق دو روستا قطع شده است.",
        "هفته گذشته نیز زلزله‌ای به بزرگی ۶٫۳ ریشتر در همین شهر چهار کشته بر جا گذاشته بود و حسن سلامی از ادامه "
        "امدادرسانی خبر داد.",
    ),
    article(
        "second ar",
        "ar",
        "2023-03-04T11:00:00+03:00",
        "زلزال بقوة 6.1 درجة يضرب سرباغ مجددا ومقتل شخصين",
        "ضرب زلزال بقوة 6.1 درجة مدينة سرباغ غربي إيران فجر السبت 4 مارس، ما أدى إلى مقتل اثنين وإصابة 17 شخصا.",
        "وقال مركز رصد الزلازل إن الهزة وقعت على عمق 14 كيلومترا.",
        "وقال محمود رستكار قائم مقام سرباغ إن الكهرباء انقطعت عن قريتين.",
        "وكان زلزال بقوة 6.3 درجات قد ضرب المدينة نفسها الأسبوع الماضي وأسفر عن مقتل أربعة.",
    ),
)
MATCHES = (
    article(
        "win en",
        "en",
        "2023-04-08T22:10:00+03:00",
        "Derya Spor beat Kale 3-1 to go top",
        "Derya Spor beat Kale 3-1 at home on Saturday and moved to the top of the league.",
        "Emre Salur scored twice in the first half and Tamer Oksuz added the third after 71 minutes.",
        "It was the fifth win in a row for coach Nadir Selami.",
    ),
    article(
        "win fa",
        "fa",
        "2023-04-09T00:30:00+03:30",
        "دریا اسپور با نتیجه ۳ بر ۱ کاله را شکست داد و صدرنشین شد",
        "تیم دریا اسپور شنبه‌شب در خانه با نتیجه ۳ بر ۱ از سد کاله گذشت و صدرنشین لیگ شد.",
        "امره سالور در نیمه نخست دو گل زد و تامر اوکسوز در دقیقه ۷۱ گل سوم را به ثمر رساند.",
        "این پنجمین برد پیاپی شاگردان نادر سلامی بود.",
    ),
    article(
        "loss tr",
        "tr",
        "2023-04-12T22:20:00+03:00",
        "Lider Derya Spor, Hisar'a 3-1 yenildi",
        "Lider Derya Spor, çarşamba akşamı deplasmanda Hisar'a 3-1 mağlup oldu ve seriyi bitirdi.",
        "Hisar'ın gollerini 12, 40 ve 88. dakikalarda Bora Tekin attı.",
        "Teknik direktör Kenan Aslan, taraftardan özür diledi.",
        "Derya Spor geçen hafta Kale'yi 3-1 yenmişti.",
    ),
    article(
        "loss ar",
        "ar",
        "2023-04-13T01:00:00+03:00",
        "المتصدر ديريا سبور يخسر أمام حصار 1-3",
        "خسر المتصدر ديريا سبور مساء الأربعاء خارج أرضه أمام حصار 1-3 وتوقفت سلسلة انتصاراته.",
        "وسجل بورا تكين أهداف حصار الثلاثة في الدقائق 12 و40 و88.",
        "واعتذر المدرب كنان أصلان للجماهير بعد المباراة.",
        "وكان ديريا سبور قد هزم كالي 3-1 الأسبوع الماضي.",
    ),
)


@pytest.mark.parametrize("siblings", [QUAKES, MATCHES], ids=["quakes", "matches"])
def test_two_reports_of_one_event_are_one_story_and_its_sibling_of_next_week_is_another(
    siblings: tuple[Article, ...],
) -> None:
    """Though the later ones end with a recap of the earlier event, in its very figures, and all are candidates."""
    result = deduplicate(list(siblings), encoder=encoder(), all_pairs=True)
    assert len(result.scored.pairs) == 6
    expected = {frozenset(one.id for one in pair) for pair in (siblings[:2], siblings[2:])}
    assert stories(siblings) == expected


@pytest.mark.parametrize("language", ["tr", "en"])
def test_a_recap_in_the_last_paragraph_does_not_make_this_weeks_quake_last_weeks(language: str) -> None:
    first = next(one for one in QUAKES if one.id == f"first {language}")
    for later in QUAKES[2:]:
        assert stories([first, later]) == {frozenset({first.id}), frozenset({later.id})}
