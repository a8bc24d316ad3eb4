"""Words for what a number counts or measures, in five languages: two values of one slot agree or are in conflict."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from dedup.text.fold import fold_name

__all__ = ["COUNTED_WORDS", "LEADING_WORDS", "SLOTS", "TOLLS", "leading_slot_of", "slot_of"]

# fmt: off
COUNTED_WORDS: Mapping[str, str] = MappingProxyType({
    "dead": "dead killed killing kills death deaths died dies bodies fatalities lives ölü öldü ölen öldüğü öldürüldü "
        "öldürülen hayatını can-kaybı can-verdi yaşamını cenaze کشته جان‌باخته جان جانباخته تلفات قربانی مرگ شهید جسد "
        "قتيل قتلى قتيلا قتل مقتل مصرع وفاة ضحايا ضحية حتفهم شهيدا شهداء جثة",
    "wounded": "wounded wounding injured injuring injuries hurt hospital hospitalised yaralı yaralandı yaralanan "
        "yaralandığı yaralanırken زخمی مجروح مصدوم جريح جرحى جريحا إصابة مصابا أصيب",
    "missing": "missing kayıp مفقود مفقودین ناپدید لادرک مفقودا فقدان",
    "detained": "arrested arresting detained detaining suspects gözaltı gözaltına tutuklandı şüpheli بازداشت دستگیر "
        "متهم اعتقال موقوفا معتقلا أوقف توقيف",
    "magnitude": "magnitude richter büyüklüğünde büyüklük büyüklüğündeki şiddetinde بزرگی بزرگای قدرت شدت ریشتر ریشتری "
        "ریکتر ریکتری درجة درجات بقوة قوته قوتها شدته ريختر درجه",
    "percent": "percent cent % ٪ yüzde درصد درصدی فیصد بالمئة بالمائة المئة المائة",
    "money": "dollars dollar $ lira liras liralık tl ₺ euros euro € £ tomans rials afghanis pounds dinars dolar "
        "dolarlık avro tümen riyal دلار دلاری دالر تومان تومانی ریال ریالی یورو افغانی لیره دولار دولارا ليرة دينار "
        "جنيه يورو دينارا",
    "weight": "kilograms kilogram kilos kg tons tonnes ton tonne kilo کیلوگرم کیلو طن طنا كيلوغراما "
        "كيلوغرام كغ أطنان",
    "length": "kilometres kilometers km miles metres meters kilometre mil metre کیلومتر کیلومتری مایل متر متری "
        "كيلومترا كيلومتر كلم ميلا أميال مترا متر",
    "area": "hectares hectare hektar هکتار هكتار هكتارا جریب",
    "depth": "depth deep derinlikte derinliğinde عمق عمقی بعمق",
    "barrels": "barrels varil بشکه برميل",
    "volume": "cubic litres liters metreküp litre مکعب لیتر لتر مكعب",
    "votes": "votes oy رأی رای صوتا أصوات صوت",
    "houses": "houses homes buildings ev konut bina خانه واحد منزل منازل منزلا مبنى",
    "age": "aged year-old years-old yaşındaki yaşında ساله عاما سنة",
    "vehicles": "buses cars trucks vehicles araç otobüs kamyon tır خودرو کامیون موتر دستگاه عراده شاحنة حافلة",
    "goals": "goals goal gol گل گول هدف أهداف",
})
# fmt: on
"""Slot → words that say that the number beside them fills it; those that stand one after the other with a hyphen.

تن is not among them: a ton, and oftener a person."""

SLOTS = (*COUNTED_WORDS, "score", "ordinal")
"""All slots, in the order of the columns."""

TOLLS = frozenset({"dead", "wounded", "missing", "detained"})
"""Slots in which persons are counted to whom something happened."""

# fmt: off
LEADING_WORDS: Mapping[str, str] = MappingProxyType({
    "dead": "killed killing kills claimed کشته-شدن جان-باختن شهادت مرگ قتل مقتل مصرع وفاة استشهاد",
    "wounded": "injured injuring wounded wounding hurt زخمی-شدن مجروح-شدن مصدومیت إصابة أصيب جرح",
    "missing": "فقدان",
    "detained": "arrested arresting detained detaining بازداشت دستگیری اعتقال أوقف توقيف",
    "magnitude": "magnitude بزرگی بزرگای قدرت شدت بقوة قوته قوتها شدته",
    "percent": "% ٪ yüzde",
    "money": "$ € £ ₺",
    "depth": "depth عمق عمقی بعمق",
    "age": "aged",
})
# fmt: on
"""Slot → words that stand before their number: killed 12, مقتل 12 شخصا, yüzde 36, $30."""


def _by_key(words_of: Mapping[str, str]) -> Mapping[str, str]:
    slots: dict[str, str] = {}
    for slot, words in words_of.items():
        for word in words.split():
            slots.setdefault(fold_name(word) or word, slot)
    return MappingProxyType(slots)


_SLOT_BY_KEY = _by_key(COUNTED_WORDS)
_LEADING_SLOT_BY_KEY = _by_key(LEADING_WORDS)


def slot_of(key: str) -> str | None:
    """Return the slot that a word speaks of; ``key`` is the word as ``fold_name`` returns it, or a sign such as ``%``.

    >>> slot_of("killed"), slot_of("%"), slot_of("minister")
    ('dead', 'percent', None)
    """
    return _SLOT_BY_KEY.get(key)


def leading_slot_of(key: str) -> str | None:
    """Return the slot of the number that follows a word, for words that stand before theirs; ``key`` as in ``slot_of``.

    >>> leading_slot_of("killed"), leading_slot_of("people")
    ('dead', None)
    """
    return _LEADING_SLOT_BY_KEY.get(key)
