"""From one record, a mapping of names to values, to one article."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, tzinfo
from typing import Any

from dedup.article import UNDETERMINED, Article, canonical_language
from dedup.errors import LanguageTagError, RecordError
from dedup.read.fields import FieldNames
from dedup.read.options import NAME_FIELDS, TELL_ORDER, TELL_REFERENCE, ReadOptions
from dedup.read.times import read_time
from dedup.read.zones import date_order_of, zone_of_outlet
from dedup.text.stated_time import StatedTime, TimeRules
from dedup.text.time_parts import DateOrder

__all__ = ["Converted", "Row", "clean_text", "convert_as_asked", "convert_record"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One record as a format's reader hands it on."""

    line: int
    """Where the record starts, counted from 1."""
    values: Mapping[str, Any]
    named: bool = False
    """Whether these are our own names, also where the format leaves names to the user."""
    timezone: tzinfo | None = None
    """Of its times that state none, where its edition tells; None is the run's own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Converted:
    """An article and what was noted on the way."""

    article: Article
    """Its id is empty where the record has none."""
    warnings: tuple[str, ...] = ()


_ODD = re.compile("[\x00-\x08\x0b-\x1f\ud800-\udfff]")
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f]")
# Not in str.strip: byte order mark, joiners and direction marks, with which "empty" fields are sometimes filled.
_INVISIBLE = "\ufeff\u200b\u200c\u200d\u200e\u200f\u2060"
_DEEPEST = 100  # far from where writers, copies and comparisons run out of stack
_SHOWN = 60  # characters of a value in a message


def convert_record(
    values: Mapping[str, Any],
    *,
    names: FieldNames,
    timezone: tzinfo | None = None,
    as_of: datetime | None = None,
    date_order: DateOrder | None = None,
) -> Converted:
    """Turn a record into an article.

    Of several fields that could be one part, the first in the order of `USUAL_NAMES` that is not empty is taken; the
    others and every unknown field go to ``extra`` unchanged. A language or time that cannot be understood costs a
    warning, not the article: the raw value is kept in ``extra`` as ``language_raw`` or ``published_raw``. So it is
    with a URL, edition, section, city or agency that is no text, which stays in ``extra`` under its own name.

    Args:
        values: names to JSON values.
        names: which name means what.
        timezone: for times that state no zone; None is that of the edition's country where it is known, else UTC.
        as_of: what *2 hours ago* is told from where the record does not say when it was retrieved.
        date_order: of numbers before a year; None is that of the language where it is known.

    Raises:
        RecordError: neither title nor body holds text, or title, body or id is of a wrong type or holds a NUL or a
            lone surrogate.
    """
    times = TimeRules(timezone=timezone, reference=as_of, order=date_order)
    return _Conversion(values=values, names=names, times=times).run()


def convert_as_asked(
    values: Mapping[str, Any], names: FieldNames, options: ReadOptions, *, timezone: tzinfo | None = None
) -> Converted:
    """Turn a record into an article by the options of whoever reads; arguments and errors as for ``convert_record``.

    ``timezone`` is that which the record's source tells, where it does; it goes before that of the options.
    """
    return convert_record(
        values,
        names=names,
        timezone=timezone or options.zone,
        as_of=options.as_of,
        date_order=options.date_order,
    )


@dataclass(slots=True, kw_only=True)
class _Conversion:
    values: Mapping[str, Any]
    names: FieldNames
    times: TimeRules
    """Of any record; what this one tells comes on top."""
    used: set[str] = field(default_factory=set)
    extra: dict[str, Any] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)

    def run(self) -> Converted:
        keys = self._choose()
        text = {name: self._text(name, keys.get(name)) for name in ("title", "body")}
        if not any(text.values()):
            remedy = "" if self.names.own else f"; {NAME_FIELDS}"
            raise RecordError(f"neither title nor body holds text{remedy}")
        details = {name: self._detail(keys.get(name)) for name in ("url", "edition", "section", "city", "agency")}
        article_id = self._id(keys.get("id"))
        language = self._language(keys.get("language"))
        rules = self._time_rules(language, keys.get("language"), url=details["url"], edition=details["edition"])
        published = self._published(keys.get("published"), keys.get("retrieved"), rules)
        rest = {key: value for key, value in self.values.items() if key not in self.used}
        self.extra = rest | self.extra
        _check_writable(self.extra)
        article = Article(
            id=article_id,
            title=text["title"],
            body=text["body"],
            language=language,
            published=published,
            url=details["url"],
            edition=details["edition"] or details["agency"],
            section=details["section"],
            city=details["city"],
            agency=details["agency"],
            extra=self.extra,
        )
        return Converted(article=article, warnings=tuple(self.warnings))

    def _choose(self) -> dict[str, str]:
        """Our names to the key with the best value that is not empty."""
        chosen: dict[str, str] = {}
        for name, keys in self.names.candidates(self.values).items():
            filled = [key for key in keys if not _is_empty(self.values[key])]
            if filled:
                chosen[name] = filled[0]
            self.used.update(set(keys) - set(filled))  # an empty title is no news for `extra`
        return chosen

    def _text(self, name: str, key: str | None) -> str:
        if key is None:
            return ""
        value = self.values[key]
        if not isinstance(value, str):
            raise RecordError(f"{_called(name, key)} is {_kind(value)}, not text: {_show(value)}")
        self.used.add(key)
        return clean_text(value, name=_called(name, key))

    def _id(self, key: str | None) -> str:
        if key is None:
            return ""
        value = self.values[key]
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            self.used.add(key)
            return str(value)
        return self._text("id", key)

    def _detail(self, key: str | None) -> str | None:
        if key is None:
            return None
        value = self.values[key]
        if not isinstance(value, str):
            self.warnings.append(f"{key} is {_kind(value)}, not text: {_show(value)}; kept in extra")
            return None
        self.used.add(key)
        return clean_text(value, name=key) or None

    def _language(self, key: str | None) -> str:
        if key is None:
            return UNDETERMINED
        self.used.add(key)
        value = self.values[key]
        try:
            if isinstance(value, str):
                return canonical_language(clean_text(value, name=key).strip(_INVISIBLE))
        except LanguageTagError:
            pass  # told below, as for a value that is no text
        self.warnings.append(f"{key} is no language tag: {_show(value)}; the language will be detected")
        self.extra["language_raw"] = value
        return UNDETERMINED

    def _time_rules(self, language: str, key: str | None, *, url: str | None, edition: str | None) -> TimeRules:
        tag = str(self.values[key])[:_SHOWN] if key else ""
        return replace(
            self.times,
            reference=None,  # asked for only where it tells something
            timezone=self.times.timezone or zone_of_outlet(language, tag=tag, url=url, edition=edition),
            language=language if language != UNDETERMINED else "",
            order=self.times.order or date_order_of(language, tag=tag),
        )

    def _published(self, key: str | None, retrieved: str | None, rules: TimeRules) -> datetime | None:
        if key is None:
            return None
        self.used.add(key)
        value = self.values[key]
        stated = read_time(value, rules)
        if stated.lacks and (reference := self._reference(retrieved) or self.times.reference):
            stated = read_time(value, replace(rules, reference=reference))
        if stated.moment is None:
            self.warnings.append(f"{key} is no date that can be read: {_show(value)}{_why(stated)}")
            self.extra["published_raw"] = value
        elif stated.remark:
            self.warnings.append(f"{key} is read as {stated.moment.isoformat()}: {_show(value)}{_why(stated)}")
        return stated.moment

    def _reference(self, key: str | None) -> datetime | None:
        """When the record was retrieved, in UTC where neither it nor the option says otherwise: crawlers run there."""
        stated = read_time(self.values[key], self.times) if key else StatedTime()
        if key and stated.moment is None:
            self.warnings.append(f"{key} is no date that can be read: {_show(self.values[key])}{_why(stated)}")
        return stated.moment


_REMEDIES = {
    "order": f"; {TELL_ORDER}",
    "reference": f"; {TELL_REFERENCE}",
    None: "",
}


def _why(stated: StatedTime) -> str:
    return f"; {stated.remark}{_REMEDIES[stated.lacks]}" if stated.remark else ""


def clean_text(text: str, *, name: str) -> str:
    r"""Return ``text`` with ``\n`` as its only line break, control characters as spaces, and no space around it.

    Raises:
        RecordError: it holds a NUL or a lone surrogate, the marks of damaged data; ``name`` says where.
    """
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    if odd := _ODD.search(text):
        if "\x00" in text:
            raise RecordError(f"{name} holds a NUL character at {text.index(chr(0))}: {_show(text)}")
        if surrogate := re.search("[\ud800-\udfff]", text):
            raise RecordError(f"{name} holds a lone surrogate at {surrogate.start()}: {_show(text)}")
        text = text[: odd.start()] + _CONTROL.sub(" ", text[odd.start() :])
    text = text.strip()
    return text if text.strip(_INVISIBLE + " \t\n") else ""


def _check_writable(extra: Mapping[str, Any]) -> None:
    """Refuse what no writer of UTF-8 could write: it would end the run at its very end."""
    level: list[Any] = [extra]
    for _ in range(_DEEPEST):
        level = [value for holder in level for value in _members(holder) if isinstance(value, (dict, list))]
        if not level:
            break
    else:
        raise RecordError(f"a field is nested more than {_DEEPEST} deep")
    try:
        json.dumps(extra, ensure_ascii=False, default=str).encode()
    except UnicodeEncodeError:
        raise RecordError("a field holds a lone surrogate") from None


def _members(holder: Mapping[str, Any] | list[Any]) -> Iterable[Any]:
    return holder if isinstance(holder, list) else holder.values()


def _is_empty(value: object) -> bool:
    return value is None or (isinstance(value, str) and not value.strip(_INVISIBLE + " \t\r\n"))


def _called(name: str, key: str) -> str:
    return name if name == key else f"{name} ({key!r})"


def _kind(value: object) -> str:
    kinds = {bool: "true or false", int: "a number", float: "a number", list: "a list", dict: "an object"}
    return kinds.get(type(value), f"a {type(value).__name__}")


def _show(value: object) -> str:
    shown = repr(value[: _SHOWN + 1] if isinstance(value, (str, list)) else value)
    return shown if len(shown) <= _SHOWN else shown[:_SHOWN] + "…"
