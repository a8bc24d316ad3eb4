"""Make equal what only looks different, and keep everything that tells two events apart.

Digits, letters, case, hamza carriers and Turkish dotless ı stay as they are. What goes is what no reader sees:
bidi controls, zero-width marks (but the joiner that Persian spelling needs), presentation forms, soft hyphens,
Arabic vowel marks and tatweel, odd spaces.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

__all__ = ["fold_persian_letters", "normalise_text"]

ZWNJ = "\u200c"

# Bidi marks, embeddings, isolates; zero-width space and joiner; BOM; soft hyphen; word joiner; variation selectors;
# halves of surrogate pairs, which JSON can spell and no library takes.
_INVISIBLE = re.compile(
    "[\u200b\u200d-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff\u00ad\u061c\u180e\ufe00-\ufe0f\ud800-\udfff]"
)
# Unicode's normal forms take quadratic time for a run of combining marks. No word has thirty (UAX 15, stream-safe).
# In Python's terms a mark is neither word nor space.
_LONG_RUN = re.compile(r"[^\w\s\x00-\x7f]{31,}")
_MOST_MARKS = 30
# Harakat, superscript alef, Quranic marks, tatweel. Hamza above/below (U+0654, U+0655) stay: NFC composes them.
_ARABIC_MARKS = re.compile("[\u0640\u064b-\u0653\u0656-\u065f\u0670\u06d6-\u06dc\u06df-\u06e8\u06ea-\u06ed]")
_PRESENTATION = re.compile("[\ufb00-\ufb06\ufb50-\ufdff\ufe70-\ufefc\uff01-\uff5e]")
_CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029]")
_ODD_SPACE = "\t\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000"
_ODD_SPACES = re.compile(f"[{_ODD_SPACE}]")
# Runs but for the single space, of which a text has hundreds.
_SPACES = re.compile(f"[{_ODD_SPACE}][ {_ODD_SPACE}]*| [ {_ODD_SPACE}]+")
_ZWNJS = re.compile(f"{ZWNJ}{{2,}}")
_ZWNJ_AT_EDGE = re.compile(rf"(?<!\S){ZWNJ}|{ZWNJ}(?!\S)")
_PERSIAN_LETTERS = (("ي", "ی"), ("ى", "ی"), ("ك", "ک"), ("ە", "ه"))


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
        text = _INVISIBLE.sub("", text)
    if any(map(unicodedata.combining, letters)):
        text = _LONG_RUN.sub(_without_surplus_marks, text)
    # before the marks go, which compose with some letters, and after, when letters and marks have come together
    text = unicodedata.normalize("NFC", text)
    if _ARABIC_MARKS.search(text):
        text = unicodedata.normalize("NFC", _ARABIC_MARKS.sub("", text))
    if _CONTROLS.search(letters):
        text = _CONTROLS.sub(" ", text)
    if ZWNJ in letters:
        text = _ZWNJ_AT_EDGE.sub("", _ZWNJS.sub(ZWNJ, text))
    if "  " in text or _ODD_SPACES.search(letters):
        text = _SPACES.sub(" ", text)
    return "\n".join([line.strip() for line in text.split("\n")]).strip()


def _without_surplus_marks(run: re.Match[str]) -> str:
    kept = run[0][:_MOST_MARKS]
    return kept + "".join(character for character in run[0][_MOST_MARKS:] if not unicodedata.combining(character))


def fold_persian_letters(text: str) -> str:
    """Write Persian with Persian letters: Arabic yeh and kaf, common in Iranian feeds, become ی and ک.

    For texts in Persian, Dari and Urdu only: in Arabic, ى and ي are different letters.

    >>> fold_persian_letters("تانكر در آبهاي")
    'تانکر در آبهای'
    """
    for arabic, persian in _PERSIAN_LETTERS:  # twenty times as fast as to translate letter by letter
        text = text.replace(arabic, persian)
    return text
