"""Make equal what only looks different, and keep everything that tells two events apart.

Digits, letters, case, hamza carriers and Turkish dotless ı stay as they are. What goes is what no reader sees:
bidi controls, zero-width marks (but the joiner that Persian spelling needs), presentation forms, soft hyphens,
Arabic vowel marks and tatweel, odd spaces. What is there to escape a comparison goes too: letters of another script
that look alike, marks heaped on letters, text turned round by an override.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from dedup.text.lookalikes import fold_lookalikes, has_lookalikes

__all__ = ["fold_arabic_letters", "fold_persian_letters", "is_overridden", "normalise_text"]

ZWNJ = "\u200c"

# Bidi marks, embeddings, isolates; zero-width space and joiner; BOM; soft hyphen; word joiner; variation selectors and
# tags; fillers and joiners of other scripts; halves of surrogate pairs, which JSON can spell and no library takes.
_INVISIBLE = re.compile(
    "[\u200b\u200d-\u200f\u202a-\u202e\u2060-\u206f\ufeff\u00ad\u061c\u180b-\u180f\ufe00-\ufe0f\ud800-\udfff"
    "\u034f\u115f\u1160\u17b4\u17b5\u3164\uffa0\ufff9-\ufffb\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
# An override shows what stands in it from the other end: Latin after the first, Arabic after the second.
_OVERRIDDEN = re.compile("\u202e([^\u202a-\u202e\n]*)\u202c?|\u202d([^\u202a-\u202e\n]*)\u202c?")
_RIGHT_TO_LEFT = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufeff]")
# Unicode's normal forms take quadratic time for a run of combining marks. No word has thirty (UAX 15, stream-safe).
# In Python's terms a mark is neither word nor space.
_LONG_RUN = re.compile(r"[^\w\s\x00-\x7f]{31,}")
_MOST_MARKS = 30
# Harakat, superscript alef, Quranic marks, tatweel. Hamza above/below (U+0654, U+0655) stay: NFC composes them.
_ARABIC_MARKS = re.compile("[\u0640\u064b-\u0653\u0656-\u065f\u0670\u06d6-\u06dc\u06df-\u06e8\u06ea-\u06ed]")
_PRESENTATION = re.compile(
    # and letters of mathematics, circled and squared ones
    "[\ufb00-\ufb06\ufb50-\ufdff\ufe70-\ufefc\uff01-\uff5e\u24b6-\u24e9\U0001d400-\U0001d7ff\U0001ee00-\U0001eeff"
    "\U0001f130-\U0001f149]"
)
# Lines through, under and over letters; and three and more marks on one letter, which no spelling of Latin, Greek or
# Cyrillic has.
_STRUCK = re.compile(r"(?<=[^\W\d_])[\u0305\u0332-\u0338\u033f\u20d0-\u20f0]+")
_HEAP = re.compile("[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20f0\ufe20-\ufe2f]{3,}")
_CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029]")
_ODD_SPACE = "\t\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000"
_ODD_SPACES = re.compile(f"[{_ODD_SPACE}]")
# Runs but for the single space, of which a text has hundreds.
_SPACES = re.compile(f"[{_ODD_SPACE}][ {_ODD_SPACE}]*| [ {_ODD_SPACE}]+")
_ZWNJS = re.compile(f"{ZWNJ}{{2,}}")
# No script but the Arabic one and those of India has a use for it; nor has a word of which every second letter has one.
_ZWNJ_ASTRAY = re.compile(f"(?<=[\x00-\u058f\u1e00-\u1fff]){ZWNJ}|{ZWNJ}(?=[\x00-\u058f\u1e00-\u1fff])")
_ZWNJ_HEAP = re.compile(f"(?:\\w{{1,2}}{ZWNJ}){{4,}}")
_ZWNJ_AT_EDGE = re.compile(rf"(?<!\S){ZWNJ}|{ZWNJ}(?!\S)")
_PERSIAN_LETTERS = (("ي", "ی"), ("ى", "ی"), ("ك", "ک"), ("ە", "ه"))
# Letters of Urdu, Sindhi, Kurdish and Pashto that look like those of Persian and Arabic.
_AS_PERSIAN = str.maketrans({"ڪ": "ک", "ۂ": "ه\u0654"} | dict.fromkeys("ہھە", "ه") | dict.fromkeys("ےېۍێ", "ی"))
_AS_ARABIC = str.maketrans(dict.fromkeys("ڪک", "ك") | dict.fromkeys("ہھە", "ه") | dict.fromkeys("ےېۍێی", "ي"))
_OF_NEIGHBOURS, _NOT_ARABIC = re.compile("[ڪہھۂےېۍێ]"), re.compile("[ڪہھەےېۍێکی]")


@lru_cache(maxsize=4096)
def _compatible(character: str) -> str:
    return unicodedata.normalize("NFKC", character)


def normalise_text(text: str) -> str:
    """Return ``text`` without what no reader sees; lines are kept, spaces within them collapse.

    NFC rather than NFKC: NFKC turns ``10²`` into ``102``. Only presentation forms and full-width Latin are folded.

    >>> normalise_text("Tehran\\u200f \\u00a0 (FNA)  -")
    'Tehran (FNA) -'
    >>> normalise_text("ﻼ") == "لا"
    True
    """
    # most texts have nothing that goes: to look through their letters, each once, takes a tenth of looking through them
    letters = "".join(set(text))
    if _PRESENTATION.search(letters):
        text = _PRESENTATION.sub(lambda match: _compatible(match[0]), text)
        letters = "".join(set(text))
    if _INVISIBLE.search(letters):
        text = _INVISIBLE.sub("", _OVERRIDDEN.sub(_as_shown, text))
    marked = any(map(unicodedata.combining, letters))
    if marked:
        text = _HEAP.sub("", _STRUCK.sub("", _LONG_RUN.sub(_without_surplus_marks, text)))
    # before the marks go, which compose with some letters, and after, when letters and marks have come together
    text = unicodedata.normalize("NFC", text)
    if _ARABIC_MARKS.search(text):
        text = unicodedata.normalize("NFC", _ARABIC_MARKS.sub("", text))
    if _CONTROLS.search(letters):
        text = _CONTROLS.sub(" ", text)
    if ZWNJ in letters:
        text = _ZWNJ_HEAP.sub(lambda run: run[0].replace(ZWNJ, ""), _ZWNJ_ASTRAY.sub("", _ZWNJS.sub(ZWNJ, text)))
        text = unicodedata.normalize("NFC", _ZWNJ_AT_EDGE.sub("", text))
    if marked and (_STRUCK.search(text) or _HEAP.search(text)):
        text = unicodedata.normalize("NFC", _HEAP.sub("", _STRUCK.sub("", text)))
    if has_lookalikes(letters):
        text = unicodedata.normalize("NFC", fold_lookalikes(text))
    if "  " in text or _ODD_SPACES.search(letters):
        text = _SPACES.sub(" ", text)
    return "\n".join([line.strip() for line in text.split("\n")]).strip()


def is_overridden(text: str) -> bool:
    """Tell whether some of a text is shown in another order than it is written in.

    >>> is_overridden("\u202ehserf"), is_overridden("fresh")
    (True, False)
    """
    return _OVERRIDDEN.search(text) is not None


def _without_surplus_marks(run: re.Match[str]) -> str:
    kept = run[0][:_MOST_MARKS]
    return kept + "".join(character for character in run[0][_MOST_MARKS:] if not unicodedata.combining(character))


def _as_shown(run: re.Match[str]) -> str:
    left_to_right, right_to_left = run.groups()
    if left_to_right is not None:
        return left_to_right if _RIGHT_TO_LEFT.search(left_to_right) else left_to_right[::-1]
    return right_to_left[::-1] if _RIGHT_TO_LEFT.search(right_to_left) else str(right_to_left)


def fold_persian_letters(text: str) -> str:
    """Write Persian with Persian letters: Arabic yeh and kaf, common in Iranian feeds, become ی and ک.

    So do letters of its neighbours that look like them. For texts in Persian and Dari only: in Arabic, ى and ي are
    different letters.

    >>> fold_persian_letters("تانكر در آبهاي")
    'تانکر در آبهای'
    """
    for arabic, persian in _PERSIAN_LETTERS:  # twenty times as fast as to translate letter by letter
        text = text.replace(arabic, persian)
    return text.translate(_AS_PERSIAN) if _OF_NEIGHBOURS.search(text) else text


def fold_arabic_letters(text: str) -> str:
    """Write Arabic with Arabic letters: Persian yeh and kaf, and those that look like them, become ي and ك.

    For texts in Arabic only. Letters that Arabic has for foreign sounds, such as گ and چ, stay.

    >>> fold_arabic_letters("وکالة الأنباء فی بغداد")
    'وكالة الأنباء في بغداد'
    """
    return text.translate(_AS_ARABIC) if _NOT_ARABIC.search(text) else text
