"""Kinds of values that options take: each says no at once to what cannot be, completes, and says what it takes."""

from __future__ import annotations

import math
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.types import StringParamType

from dedup.article import CALIBRATED_LANGUAGES, canonical_language
from dedup.encode.named import BUNDLED, FAST
from dedup.errors import LanguageTagError, SettingsError
from dedup.read.fields import ARTICLE_FIELDS
from dedup.read.options import ReadOptions

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

__all__ = [
    "EncodingName",
    "FieldName",
    "FileName",
    "FolderPath",
    "Keep",
    "LanguageTag",
    "ModelName",
    "Moment",
    "MomentOrNow",
    "Real",
    "TimeZone",
    "takes",
]

_Context = click.Context | None
_Parameter = click.Parameter | None
_ENCODINGS = ("utf-8", "utf-16", "windows-1254", "windows-1256", "iso-8859-6", "iso-8859-9")


class Real(click.FloatRange):
    """A number within a range; nan, which compares with nothing, is none."""

    def convert(self, value: Any, param: _Parameter, ctx: _Context) -> float:
        """Return the number."""
        number: float = super().convert(value, param, ctx)
        if math.isnan(number):
            self.fail("nan is no number", param, ctx)
        return number


class _Word(StringParamType):
    """A text of which some are offered for completion."""

    takes = "a text"
    known: tuple[str, ...] = ()

    def convert(self, value: Any, param: _Parameter, ctx: _Context) -> str:
        """Return the text."""
        text: str = super().convert(value, param, ctx)
        try:
            self.check(text)
        except (SettingsError, LanguageTagError) as error:
            self.fail(str(error), param, ctx)
        return text

    def check(self, text: str) -> None:
        """Raise ``SettingsError`` or ``LanguageTagError`` for a text that cannot be."""

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:  # noqa: ARG002 - click's signature
        """Offer what is known."""
        from click.shell_completion import CompletionItem

        return [CompletionItem(word) for word in self.known if word.lower().startswith(incomplete.lower())]


class TimeZone(_Word):
    """An IANA time zone."""

    name = "zone"
    takes = "an IANA time zone, such as Asia/Tehran"

    def check(self, text: str) -> None:
        """Refuse a zone that is not known."""
        ReadOptions(timezone=text)

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:  # noqa: ARG002 - click's signature
        """Offer the zones of this machine."""
        from zoneinfo import available_timezones

        from click.shell_completion import CompletionItem

        zones = sorted(zone for zone in available_timezones() if zone.lower().startswith(incomplete.lower()))
        return [CompletionItem(zone) for zone in zones]


class Moment(click.ParamType[datetime]):
    """A time, as articles state theirs; without a zone it is in UTC."""

    name = "time"
    takes = "a time, such as 2026-03-02 or 2026-03-02T07:20+03:30"

    def convert(self, value: Any, param: _Parameter, ctx: _Context) -> datetime:
        """Return the time."""
        if isinstance(value, datetime):
            return value
        from dedup.text.calendar import parse_datetime

        found = parse_datetime(str(value), timezone=UTC)
        if found is None:
            self.fail(f"{value!r} is no time; write it as {self.takes.removeprefix('a time, such as ')}", param, ctx)
        return found


class MomentOrNow(Moment):
    """A time, or the word for that at which the command runs."""

    takes = f"{Moment.takes}, or now"

    def convert(self, value: Any, param: _Parameter, ctx: _Context) -> datetime:
        """Return the time."""
        return datetime.now(UTC) if value == "now" else super().convert(value, param, ctx)


class EncodingName(_Word):
    """An encoding of texts."""

    name = "encoding"
    takes = "an encoding that Python knows, such as windows-1256"
    known = _ENCODINGS

    def check(self, text: str) -> None:
        """Refuse an encoding that is not known."""
        ReadOptions(encoding=text)


class Keep(_Word):
    """Which article stands for its story; refused at once, and not after all the work."""

    name = "keep"
    takes = "earliest, longest, or languages in order of preference, such as fa,en"
    known = ("earliest", "longest", *CALIBRATED_LANGUAGES)

    def check(self, text: str) -> None:
        """Refuse what is neither and no list of languages."""
        if text in ("earliest", "longest"):
            return
        try:
            for tag in text.split(","):
                canonical_language(tag)
        except LanguageTagError as error:
            raise SettingsError(f"{error}; or use earliest or longest") from error


class LanguageTag(_Word):
    """A language, which is looked at where it is used."""

    name = "language"
    takes = "a language tag, such as fa-AF"
    known = CALIBRATED_LANGUAGES


class ModelName(_Word):
    """A model that comes with dedup, a folder, or a name on the model hub."""

    name = "model"
    takes = f"{BUNDLED}, {FAST}, a folder, or a name on the model hub"
    known = (BUNDLED, FAST)

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        """Offer the two that come with dedup, and folders where it is neither."""
        from click.shell_completion import CompletionItem

        return super().shell_complete(ctx, param, incomplete) or [CompletionItem(incomplete, type="dir")]

    @staticmethod
    def from_folder(text: str, folder: Path) -> str:
        """Return what ``text`` means in a file in ``folder``: a folder that is there goes before a name on the hub."""
        path = folder / text
        # os.path: a name that no path can have is that of no folder
        return str(path) if text not in (BUNDLED, FAST) and os.path.isdir(path) else text  # noqa: PTH112


class FieldName(_Word):
    """A field of ours and its name in the input."""

    name = "field"
    takes = "OURS=THEIRS, such as title=kop"
    known = tuple(f"{name}=" for name in ARTICLE_FIELDS)

    def check(self, text: str) -> None:
        """Refuse what has no two sides, and a field that is none of ours."""
        ours, equals, theirs = text.partition("=")
        if not (ours and equals and theirs):
            raise SettingsError(f"{text!r} is not of the form OURS=THEIRS, such as title=kop")
        ReadOptions(fields={ours: theirs})


class FileName(click.Path):
    """A file or, for standard input or output, ``-``: a text that is completed as a file, and looked at where used."""

    def __init__(self) -> None:
        super().__init__(allow_dash=True, readable=False)


class FolderPath(click.Path):
    """A path that is completed as a folder, and looked at where it is used."""

    def __init__(self) -> None:
        super().__init__(path_type=Path, readable=False)

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:  # noqa: ARG002 - click's signature
        """Offer folders."""
        from click.shell_completion import CompletionItem

        return [CompletionItem(incomplete, type="dir")]


def takes(option: click.Option) -> str:
    """Return in words what values an option takes.

    >>> takes(click.Option(["--threshold"], type=Real(min=0, max=1, min_open=True, max_open=True)))
    'a number above 0 and below 1'
    """
    if option.is_flag:
        return "true or false"
    kind = option.type
    words = _takes(kind)
    return f"a list; each {words}" if option.multiple else words


def _takes(kind: Any) -> str:
    match kind:
        case click.Choice():
            return ", ".join(map(str, kind.choices))
        case click.IntRange() | click.FloatRange():
            return _range(kind)
        case click.Path():
            return "a path"
        case _Word() | Moment():
            return kind.takes
    return {"integer": "a whole number", "float": "a number"}.get(kind.name, "a text")


def _range(kind: click.IntRange | click.FloatRange) -> str:
    words = []
    if kind.min is not None:
        words.append(f"{'above' if kind.min_open else 'from'} {kind.min:g}")
    if kind.max is not None:
        words.append(f"{'below' if kind.max_open else 'up to'} {kind.max:g}")
    number = "a whole number" if isinstance(kind, click.IntRange) else "a number"
    return f"{number} {' and '.join(words)}".rstrip()
