"""Words for what a number counts or measures, in five languages: two values of one slot agree or are in conflict."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from dedup.text.calendar_names import fold_name

__all__ = ["COUNTED_WORDS", "SLOTS", "UNIT_SLOTS", "slot_of"]

# fmt: off
COUNTED_WORDS: Mapping[str, str] = MappingProxyType({
    "dead": "dead killed kills death deaths died dies bodies fatalities lives ölü öldü öldürüldü hayatını can ölen "
        "yaşamını cenaze کشته جان‌باخته جان جانباخته تلفات قربانی مرگ شهید جسد قتيل قتلى قتيلا قتل مقتل مصرع وفاة شخصا "
        "ضحايا ضحية حتفهم شهيدا شهداء جثة",
    "wounded": "wounded injured injuries hurt hospital hospitalised yaralı yaralandı زخمی مجروح مصدوم جريح جرحى جريحا "
        "إصابة مصابا أصيب",
    "missing": "missing kayıp مفقود مفقودین ناپدید لادرک",
    "detained": "arrested detained suspects gözaltı tutuklandı şüpheli بازداشت دستگیر متهم اعتقال موقوفا معتقلا أوقف "
        "توقيف",
    "magnitude": "magnitude richter büyüklüğünde büyüklük şiddetinde بزرگی بزرگای قدرت شدت ریشتر ریکتر درجة بقوة قوته "
        "ريختر درجه",
    "percent": "percent per cent % yüzde درصد فیصد بالمئة بالمائة المئة المائة",
    "money": "dollars dollar $ lira liras euros euro € £ tomans rials afghanis pounds dinars dolar avro tümen riyal "
        "دلار دالر تومان ریال یورو افغانی لیره دولار ليرة دينار جنيه يورو دينارا",
    "weight": "kilograms kilogram kilos kg tons tonnes ton tonne kilo کیلوگرم کیلو تن طن طنا كيلوغراما "
        "كيلوغرام كغ أطنان",
    "length": "kilometres kilometers km miles metres meters kilometre mil metre کیلومتر کیلومتری مایل متر متری "
        "كيلومترا كيلومتر كلم ميلا أميال مترا متر",
    "area": "hectares hectare hektar هکتار هكتار هكتارا جریب",
    "depth": "depth deep derinlikte derinliğinde عمق عمقی بعمق",
    "barrels": "barrels varil بشکه برميل",
    "volume": "cubic litres liters metreküp litre مکعب لیتر لتر مكعب",
    "votes": "votes oy رأی رای صوتا أصوات صوت",
    "houses": "houses homes buildings ev konut bina خانه واحد منزل منازل منزلا مبنى",
    "age": "aged year-old yaşındaki yaşında ساله عاما سنة",
    "vehicles": "buses cars trucks vehicles araç otobüs kamyon tır خودرو کامیون موتر دستگاه عراده شاحنة حافلة",
    "goals": "goals goal gol گل گول هدف أهداف",
})
# fmt: on
"""Slot → words that say that the number beside them fills it."""

SLOTS = (*COUNTED_WORDS, "score", "ordinal")
"""All slots, in the order of the columns."""

UNIT_SLOTS = frozenset({"magnitude", "percent", "money", "depth"})
"""Slots whose word may also stand before the number: yüzde 36, بقوة 6.1, $30."""


def _by_key() -> Mapping[str, str]:
    slots: dict[str, str] = {}
    for slot, words in COUNTED_WORDS.items():
        for word in words.split():
            slots.setdefault(fold_name(word) or word, slot)
    return MappingProxyType(slots)


_SLOT_BY_KEY = _by_key()


def slot_of(key: str) -> str | None:
    """Return the slot that a word speaks of; ``key`` is the word as ``fold_name`` returns it, or a sign such as ``%``.

    >>> slot_of("killed"), slot_of("%"), slot_of("minister")
    ('dead', 'percent', None)
    """
    return _SLOT_BY_KEY.get(key)
