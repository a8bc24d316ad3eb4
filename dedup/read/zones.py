"""The time zone in which an outlet prints its times, and the order of its numbers: by language, country and name.

The city of a dateline is not asked: it is where the reporter was, and the clock is that of the newsroom. (In the
example pages an agency of Baghdad reports from Tehran, in the time of Baghdad.)
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import tzinfo
from types import MappingProxyType
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from dedup.read.editions import zone_of_edition
from dedup.text.fold import fold_text
from dedup.text.time_parts import DateOrder

__all__ = ["date_order_of", "zone_of_outlet"]

# Countries whose press has one zone, by ISO 3166 code. The code is that of their web addresses, too, but for the
# United Kingdom; those that serve as fancy names (.tv, .io, .ly, .so, .dj) are left out.
_COUNTRY_ZONES: Mapping[str, str] = MappingProxyType(
    {
        "ir": "Asia/Tehran", "af": "Asia/Kabul", "tr": "Europe/Istanbul", "iq": "Asia/Baghdad", "sy": "Asia/Damascus",
        "lb": "Asia/Beirut", "jo": "Asia/Amman", "ps": "Asia/Hebron", "il": "Asia/Jerusalem", "sa": "Asia/Riyadh",
        "ae": "Asia/Dubai", "qa": "Asia/Qatar", "kw": "Asia/Kuwait", "bh": "Asia/Bahrain", "om": "Asia/Muscat",
        "ye": "Asia/Aden", "eg": "Africa/Cairo", "sd": "Africa/Khartoum", "tn": "Africa/Tunis", "dz": "Africa/Algiers",
        "ma": "Africa/Casablanca", "mr": "Africa/Nouakchott", "pk": "Asia/Karachi", "in": "Asia/Kolkata",
        "bd": "Asia/Dhaka", "lk": "Asia/Colombo", "np": "Asia/Kathmandu", "tj": "Asia/Dushanbe", "uz": "Asia/Tashkent",
        "tm": "Asia/Ashgabat", "az": "Asia/Baku", "am": "Asia/Yerevan", "ge": "Asia/Tbilisi", "cy": "Asia/Nicosia",
        "gb": "Europe/London", "uk": "Europe/London", "ie": "Europe/Dublin", "de": "Europe/Berlin",
        "at": "Europe/Vienna", "ch": "Europe/Zurich", "fr": "Europe/Paris", "be": "Europe/Brussels",
        "nl": "Europe/Amsterdam", "it": "Europe/Rome", "gr": "Europe/Athens", "se": "Europe/Stockholm",
        "no": "Europe/Oslo", "dk": "Europe/Copenhagen", "fi": "Europe/Helsinki", "pl": "Europe/Warsaw",
        "bg": "Europe/Sofia", "ro": "Europe/Bucharest", "za": "Africa/Johannesburg", "ng": "Africa/Lagos",
        "ke": "Africa/Nairobi", "sg": "Asia/Singapore", "hk": "Asia/Hong_Kong", "cn": "Asia/Shanghai",
        "jp": "Asia/Tokyo", "kr": "Asia/Seoul", "my": "Asia/Kuala_Lumpur", "nz": "Pacific/Auckland",
    }
)  # fmt: skip
_REGION_ZONES = {**_COUNTRY_ZONES, "ly": "Africa/Tripoli", "so": "Africa/Mogadishu", "dj": "Africa/Djibouti"}

# Capitals that newspapers and channels bear in their names. Jerusalem is not among them: القدس العربي is printed in
# London.
_CITY_ZONES = {
    word: zone
    for zone, words in {
        "Asia/Tehran": "tehran|طهران|تهران", "Asia/Kabul": "kabul|كابول|كابل|کابل", "Asia/Baghdad": "baghdad|بغداد",
        "Europe/Istanbul": "ankara|istanbul|أنقرة|إسطنبول|اسطنبول", "Asia/Damascus": "damascus|دمشق",
        "Asia/Beirut": "beirut|بيروت", "Asia/Amman": "amman", "Asia/Riyadh": "riyadh|الرياض",
        "Asia/Qatar": "doha|الدوحة",
        "Asia/Dubai": "dubai|دبي|أبوظبي", "Asia/Kuwait": "kuwait|الكويت", "Asia/Bahrain": "manama|المنامة",
        "Asia/Muscat": "muscat|مسقط", "Asia/Aden": "sanaa|aden|صنعاء|عدن", "Africa/Cairo": "cairo|القاهرة",
        "Africa/Khartoum": "khartoum|الخرطوم", "Africa/Tripoli": "tripoli|طرابلس", "Africa/Tunis": "tunis|تونس",
        "Africa/Algiers": "algiers|الجزائر", "Africa/Casablanca": "rabat|casablanca|الرباط|الدار البيضاء",
    }.items()
    for word in fold_text(words).split("|")
}  # fmt: skip
_WORD = re.compile(r"[^\W\d_]+")

# English is written in both orders; these put the month first.
_MONTH_FIRST_REGIONS = frozenset({"us", "ph", "ca", "bz", "pr", "gu"})
_DAY_FIRST_LANGUAGES = frozenset({"fa", "fa-AF", "ar", "tr"})


def zone_of_outlet(
    language: str, *, tag: str = "", url: str | None = None, edition: str | None = None
) -> tzinfo | None:
    """Return the zone in which an outlet prints its times; None where nothing tells.

    The first of these that does: the region of the language tag (``ar-EG``), the language where it is that of one
    country (Farsi, Dari, Turkish), the country of the web address (``.iq``), a capital in the outlet's name.

    Args:
        language: as dedup writes it.
        tag: as the record has it, perhaps with a region.
        url: of the article.
        edition: name of the outlet, or its domain.

    >>> zone_of_outlet("ar", tag="ar-EG"), zone_of_outlet("en", url="https://news.example.com.tr/1")
    (zoneinfo.ZoneInfo(key='Africa/Cairo'), zoneinfo.ZoneInfo(key='Europe/Istanbul'))
    """
    region = _region(tag)
    if region in _REGION_ZONES:
        return ZoneInfo(_REGION_ZONES[region])
    if zone := zone_of_edition(language):
        return zone
    country = _country(url) or _country(edition if edition and "." in edition else None)
    if country in _COUNTRY_ZONES:
        return ZoneInfo(_COUNTRY_ZONES[country])
    zones = {_CITY_ZONES[word] for word in _WORD.findall(fold_text(edition or "")) if word in _CITY_ZONES}
    return ZoneInfo(zones.pop()) if len(zones) == 1 else None


def date_order_of(language: str, *, tag: str = "") -> DateOrder | None:
    """Return the order of numbers before a year; None for English of no known region and for other languages.

    >>> date_order_of("tr"), date_order_of("en", tag="en-GB"), date_order_of("en", tag="en_US"), date_order_of("en")
    ('dmy', 'dmy', 'mdy', None)
    """
    if language in _DAY_FIRST_LANGUAGES:
        return "dmy"
    region = _region(tag)
    if language != "en" or not region:
        return None
    return "mdy" if region in _MONTH_FIRST_REGIONS else "dmy"


def _region(tag: str) -> str:
    """The country in a language tag in small letters, empty where there is none."""
    parts = tag.strip().replace("_", "-").lower().split("-")[1:3]
    return next((part for part in parts if len(part) == 2 and part.isalpha()), "")


def _country(address: str | None) -> str:
    """The last part of the name of a host."""
    if not address:
        return ""
    try:
        host = urlsplit(address if "//" in address else f"//{address}").hostname or ""
    except ValueError:  # a bad IPv6 address
        return ""
    return host.rstrip(".").rpartition(".")[2]
