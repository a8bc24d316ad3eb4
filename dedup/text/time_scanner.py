"""A text that states a time, from left to right, into its parts."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import ClassVar

from dedup.text.calendar_names import Calendar
from dedup.text.digits import to_ascii_digits
from dedup.text.fold import fold_name, fold_text
from dedup.text.relative_times import ago_at, days_before, may_tell_ago
from dedup.text.time_parts import DayParts, Statement
from dedup.text.time_words import (
    CLOCK_WORDS,
    COUNTRY_ZONE,
    ERAS,
    FILLERS,
    LABELS,
    MERIDIEMS,
    MONTHS,
    ORDINALS,
    WEEKDAYS,
    ZONES,
    Label,
    Meridiem,
)
from dedup.text.time_zones import IANA_NAME, named_zone

__all__ = ["fold_time", "scan_statements"]

# Dashes of all kinds; slashes of all kinds; the Arabic date separator, decimal separator and comma below.
_MARKS_ALIKE = str.maketrans(
    dict.fromkeys("‐‑‒–—―−", "-") | dict.fromkeys("⁄∕؍", "/") | {"٫": ".", "’": "'", "‘": "'", "´": "'", "`": "'"}
)
_BASIC = re.compile(r"([12]\d{3})(-?)(\d\d)\2(\d\d)(?:[t ]?(\d\d)(\d\d)(\d\d)?(?=$|[^\d]))?(?!\d)(.*)", re.DOTALL)
_WEEK_DATE = re.compile(r"([12]\d{3})-?w(\d\d)-?([1-7])(?!\d)(.*)", re.DOTALL)
_ORDINAL_DATE = re.compile(r"((?:19|20)\d\d)-(\d{3})(?![\d-])(.*)", re.DOTALL)
_BASIC_CLOCK = re.compile(r"(\d\d)(\d\d)(\d\d)?(?!\d)")
# A name in brackets after an offset: +0330 (Iran Standard Time), +03:30[Asia/Tehran]
_COMMENT = re.compile(
    r"(.*\d:\d\d(?:[.,]\d{1,18})? ?(?:(?:gmt|utc)?[+-]\d\d:?\d\d|gmt|utc|z)) ?(?:\([a-z :+-]{1,40}\)|\[[a-z_/]{1,40}\])"
)


def fold_time(text: str) -> str:
    """Return a text with what is written in several ways written in one: digits, letters, marks, ISO 8601's forms."""
    # NFKD knows no Arabic slash, and takes the spacing acute apart
    folded = fold_text(to_ascii_digits(text.translate(_MARKS_ALIKE))).translate(_MARKS_ALIKE).strip()
    if comment := _COMMENT.fullmatch(folded):
        folded = comment[1].strip()
    return _spell_out_week(_spell_out_basic(folded))


def _spell_out_basic(text: str) -> str:
    """ISO 8601's basic form, of time or of both, in its extended form: 20230227T154400Z."""
    match = _BASIC.fullmatch(text)
    if match is None:
        return text
    year, _, month, day, hour, minute, second, rest = match.groups()
    clock = f"t{hour}:{minute}:{second or '00'}" if hour else ""
    return f"{year}-{month}-{day}{clock}{rest}"


def _spell_out_week(text: str) -> str:
    """ISO 8601's week and ordinal dates as days of a month: 2023-W09-1, 2023-058."""
    try:
        if week := _WEEK_DATE.fullmatch(text):
            day, rest = date.fromisocalendar(int(week[1]), int(week[2]), int(week[3])), week[4]
        elif ordinal := _ORDINAL_DATE.fullmatch(text):
            day, rest = date.fromisoformat(f"{ordinal[1]}-01-01"), ordinal[3]
            day = date.fromordinal(day.toordinal() + int(ordinal[2]) - 1)
            if not int(ordinal[2]) or day.year != int(ordinal[1]):
                return text
        else:
            return text
    except ValueError:
        return text
    if rest[:1] == "t" and (clock := _BASIC_CLOCK.match(rest, 1)):
        rest = f"t{clock[1]}:{clock[2]}:{clock[3] or '00'}{rest[clock.end() :]}"
    return day.isoformat() + rest


def scan_statements(text: str) -> list[Statement] | None:
    """Return what a folded text states, label by label; None where any part of it is not understood."""
    scanner = _Scanner(text, may_tell_ago(text))
    return scanner.statements if scanner.scan() else None


_SPACE = re.compile(r"\s+")
_CLOCK = re.compile(r"(\d{1,2})( ?: ?)(\d\d)(?:\2(\d\d)(?:[.,](\d{1,18}))?)?(?![\d:])")
_CLOCK_WITH_H = re.compile(r"(\d{1,2})h(\d\d)(?!\w)")
_DOTTED_CLOCK = re.compile(r"(\d{1,2})\.(\d\d)(?![\d.:])")
_WORDED_CLOCK = re.compile(r"(\d{1,2})(?: ?و ?)(\d{1,2})(?: ?دقیقه)?(?![\w:])")
_OFFSET = re.compile(r"([+-])(\d\d?)(?::?(\d\d))?(?![\d:/.-])")
_NUMERIC_DATE = re.compile(r"(\d{1,4})( ?[/.-] ?)(\d{1,2})\2(\d{1,4})(?!\d)")
_NUMBER = re.compile(r"'(?=\d\d(?!\d))|\d+")
_WORD = re.compile(r"[^\W\d_]+")
_JOINT = re.compile(r"[ .'-]{1,2}(?=[^\W\d_])")
# Turkish case endings after a number or name: 2023'te, Şubat'ın, 15.44'te
_ENDING = re.compile(r"'(?:n?[dt][ea](?:ki)?|[dt][ea]n|n?[iu]n|y?[iuea]|s[iu])(?!\w)")
_MONTH_SUFFIX = fold_name("ماه")
_MOST_WORDS = 6  # of one name: "Dhu al-Qi'dah" has four
_MOST_UNSURE = 2  # letters: et, pt and z are zones only after a clock
_MOST_HOURS_OFF = 14  # Kiribati
_MARKS = frozenset(",،-/.|؛;()[]·•–»«🕒🕓⏰📅🗓⏱⌚")
_AFTER_CLOCK = ("clock", "meridiem", "zone")


@dataclass(slots=True)
class _Scanner:
    """Reads a folded text into statements; `scan` is False at the first oddity."""

    text: str
    may_tell_ago: bool
    position: int = 0
    last: str = ""
    """The kind of the token before, spaces left out."""
    statements: list[Statement] = field(default_factory=lambda: [Statement()])

    _STEPS: ClassVar[tuple[Callable[[_Scanner], str], ...]]

    @property
    def now(self) -> Statement:
        """The statement that is being read."""
        return self.statements[-1]

    def scan(self) -> bool:
        while self.position < len(self.text):
            if space := _SPACE.match(self.text, self.position):
                self.position = space.end()
                continue
            kind = next((kind for step in self._STEPS if (kind := step(self))), "")
            if not kind:
                return False
            self.last = kind
        return True

    # Each step reads one token at `position` and returns its kind, or "" where there is none of that kind.

    def _match(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        match = pattern.match(self.text, self.position)
        if match:
            self.position = match.end()
        return match

    def _read_ago(self) -> str:
        found = ago_at(self.text, self.position) if self.may_tell_ago else None
        if found is None:
            return ""
        ago, self.position = found
        self.now.ago.append(ago)
        return "ago"

    def _read_clock(self) -> str:
        if match := self._match(_CLOCK):
            self._add_clock(match[1], match[3], match[4] or "0", match[5] or "0")
            return "clock"
        match = self._match(_CLOCK_WITH_H)
        if match is None and self.last == "clock word":  # saat 15.44, ساعت ۱۵ و ۴۴ دقیقه
            match = self._match(_DOTTED_CLOCK) or self._match(_WORDED_CLOCK)
        if match is None and self._may_be_dotted_clock():
            match = self._match(_DOTTED_CLOCK)  # 27 Şubat 2023 15.44
        if match is None:
            return ""
        self._add_clock(match[1], match[2])
        return "clock"

    def _add_clock(self, hour: str, minute: str = "0", second: str = "0", fraction: str = "0") -> None:
        self.now.clocks.append((int(hour), int(minute), int(second), int(fraction.ljust(6, "0")[:6])))

    def _may_be_dotted_clock(self) -> bool:
        dated = bool(self.now.days) and self.now.days[-1].is_complete()
        return (dated or bool(self.now.days_before)) and not self.now.clocks and self.text[self.position - 1].isspace()

    def _read_offset(self) -> str:
        follows_clock = self.now.clocks and self.last in _AFTER_CLOCK
        match = _OFFSET.match(self.text, self.position) if follows_clock else None
        if match is None or (len(match[2]) == 1 and self.last != "zone" and not match[3]):
            return ""
        sign, hours, minutes = match[1], int(match[2]), int(match[3] or 0)
        if hours > _MOST_HOURS_OFF or minutes > 59:
            return ""
        self.position = match.end()
        self.now.offsets.discard(0)  # UTC+3
        self.now.offsets.add((60 * hours + minutes) * (-1 if sign == "-" else 1))
        return "zone"

    def _read_zone_name(self) -> str:
        match = IANA_NAME.match(self.text, self.position) if self.now.clocks else None
        zone = named_zone(match[0]) if match else None
        if match is None or zone is None:
            return ""
        self.position = match.end()
        self.now.zones.add(zone)
        return "zone"

    def _read_numeric_date(self) -> str:
        match = self._match(_NUMERIC_DATE)
        if match is None:
            return ""
        day = DayParts(numbers=[match[1], match[3], match[4]], is_numeric=True, is_dotted="." in match[2])
        self.now.days.append(day)
        return "date"

    def _read_number(self) -> str:
        match = self._match(_NUMBER)
        if match is None:
            return ""
        digits = match[0]
        if digits == "'":  # '23
            digits += self.text[self.position : self.position + 2]
            self.position += 2
        if self.last == "clock word" and len(digits) <= 2:  # ساعت ۱۶
            self._add_clock(digits)
            return "clock"
        self._open_day().numbers.append(digits)
        return "number"

    def _open_day(self) -> DayParts:
        """The day that is still to be completed."""
        if not self.now.days or self.now.days[-1].is_complete():
            self.now.days.append(DayParts())
        return self.now.days[-1]

    def _read_ending(self) -> str:
        if self.last not in ("number", "month", "weekday", "clock", "date"):
            return ""
        return self.last if self._match(_ENDING) else ""

    def _read_words(self) -> str:
        """The longest run of words that means something."""
        ends: list[int] = []
        position = self.position
        while len(ends) < _MOST_WORDS and (word := _WORD.match(self.text, position)):
            ends.append(word.end())
            joint = _JOINT.match(self.text, word.end())
            if joint is None:
                break
            position = joint.end()
        for end in reversed(ends):
            key = fold_name(self.text[self.position : end])
            if kind := self._understand(key):
                self.position = end
                return kind
        return ""

    def _understand(self, key: str) -> str:
        if month := MONTHS.get(key) or MONTHS.get(key.removesuffix(_MONTH_SUFFIX)):
            self.now.home = self.now.home or COUNTRY_ZONE.get(key.removesuffix(_MONTH_SUFFIX))
            return self._understand_month(month)
        if key in WEEKDAYS:
            self.now.home = self.now.home or COUNTRY_ZONE.get(key)
            self.now.weekdays.add(WEEKDAYS[key])
            return "weekday"
        if key in ERAS and self._follows_year():  # before meridiems: م after a year is "A.D."
            self._add_era(key)
            return "era"
        if key in MERIDIEMS:
            return self._understand_meridiem(MERIDIEMS[key])
        if key in ZONES and (self.now.clocks or len(key) > _MOST_UNSURE):
            return self._understand_zone(ZONES[key])
        if key in LABELS:
            self._open_statement(LABELS[key])
            return "label"
        if key in CLOCK_WORDS:
            return "clock word"
        if key in ORDINALS and self.last == "number" and self.text[self.position - 1].isdigit():
            return "number"
        if (days := days_before(key)) is not None:
            self.now.days_before.add(days)
            return "relative day"
        return "filler" if key in FILLERS else ""

    def _open_statement(self, label: Label) -> None:
        """Begin what stands after a label, unless that goes on with what stands before it: date and hour apart."""
        if self.now.label not in (None, label) or (self.now.label is None and self.now.names_a_day()):
            self.statements.append(Statement())
        self.now.label = label

    def _understand_month(self, month: tuple[Calendar, int]) -> str:
        known = self.now.days[-1] if self.now.days else DayParts()
        if known.month == month and (self.last == "month" or (self.last == "mark" and not known.is_complete())):
            return "month"  # its name in another tradition: شباط/فبراير, شباط (فبراير)
        day = self._open_day()
        if day.month is not None:
            return ""
        day.month = month
        return "month"

    def _follows_year(self) -> bool:
        if self.last in ("date", "era"):
            return True
        return self.last == "number" and len(self.now.days[-1].numbers[-1]) == 4

    def _add_era(self, key: str) -> None:
        day = self.now.days[-1]
        day.calendars = tuple(one for one in ERAS[key] if one in (day.calendars or ERAS[key]))

    def _understand_meridiem(self, meridiem: Meridiem) -> str:
        if not self.now.clocks and self.last == "number" and len(self.now.days[-1].numbers[-1]) <= 2:  # 3 pm
            self._add_clock(self.now.days[-1].numbers.pop())
        self.now.meridiems.add(meridiem)
        return "meridiem"

    def _understand_zone(self, zone: int | str) -> str:
        if isinstance(zone, str):
            found = named_zone(zone)
            if found is not None:
                self.now.zones.add(found)
        elif zone or not self.now.offsets:
            self.now.offsets.add(zone)
        return "zone"

    def _read_mark(self) -> str:
        character = self.text[self.position]
        if character in _MARKS or (character == ":" and self.last in ("clock word", "label")):
            self.position += 1
            return self.last if character == ":" else "mark"
        return ""


_Scanner._STEPS = (
    _Scanner._read_ago,
    _Scanner._read_clock,
    _Scanner._read_offset,
    _Scanner._read_zone_name,
    _Scanner._read_numeric_date,
    _Scanner._read_number,
    _Scanner._read_ending,
    _Scanner._read_words,
    _Scanner._read_mark,
)
