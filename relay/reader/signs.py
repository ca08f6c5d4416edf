"""Signs that nobody sees, and blanks of odd widths: which of them have something to do where they
stand. What has nothing goes, since two copies of a text can differ in it alone, and who made the
copies would know which of them came out. ``relay.reader.text`` says what is done in all.

Each step looks at the signs on both sides, once over the text, and is done when it was done once.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

_SELECTOR: Final = "\ufe00-\ufe0f\U000e0100-\U000e01ef"
_EMPTY: Final = re.compile(f"[{_SELECTOR}\u115f\u1160\u2800\u3164\uffa0]+")
_IS_SELECTOR: Final = re.compile(f"[{_SELECTOR}]")
_BEGINS_HANGUL: Final = re.compile("[\u1100-\u115e\ua960-\ua97f]")
_HANGUL_VOWEL: Final = re.compile("[\u1161-\u11a7\ud7b0-\ud7c6]")
_IS_BRAILLE: Final = re.compile("[\u2800-\u28ff]")

_HAN: Final = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_IS_KEY: Final = re.compile("[#*0-9]")
_KEYCAP: Final = "\u20e3"
_OF_PICTURE: Final = re.compile("[\ufe0e\ufe0f]")
_PICTURE: Final = re.compile(
    "[\u00a9\u00ae\u203c\u2049\u2122\u2139\u2190-\u21ff\u2300-\u23ff\u24c2\u25a0-\u27bf\u2900-\u297f"
    "\u2b00-\u2bff\u3030\u303d\u3297\u3299\U0001f000-\U0001faff]"
)
_OF_FORM: Final = re.compile("[\ufe00-\ufe02]")
_HAS_FORMS: Final = re.compile(
    f"[{_HAN}\u1000-\u109f\uaa60-\uaa7f\ua840-\ua877\u2205-\u22ff\u2a00-\u2aff"
    "\u3001\u3002\uff01\uff0c\uff0e\uff1a\uff1b\uff1f]"
)
_OF_HAN: Final = re.compile("[\U000e0100-\U000e01ef]")
_IS_HAN: Final = re.compile(f"[{_HAN}]")

_WITHOUT_WIDTH: Final = re.compile("[\u034f\u17b4\u17b5\u180b-\u180f\u200b\u2060]+")
_NEEDED_BESIDE: Final = {
    # they set no blanks: where a line may end is said by signs without width
    "\u200b": (_UNPARTED := re.compile(
        "[\u0e00-\u0fff\u1000-\u109f\u1780-\u17b3\u17b6-\u17ff\u1950-\u1aaf\ua9e0-\ua9ff\uaa60-\uaadf]"
    )),
    "\u2060": _UNPARTED,
    "\u034f": re.compile("[\u0591-\u05ff]"),  # Hebrew's points keep their order by it
    # vowels of Khmer that are not written
    **dict.fromkeys("\u17b4\u17b5", re.compile("[\u1780-\u17b3\u17b6-\u17ff]")),
    **dict.fromkeys("\u180b\u180c\u180d\u180e\u180f", re.compile("[\u1800-\u180a\u1810-\u18af]")),
}  # fmt: skip

_DIRECTION: Final = re.compile("[\u061c\u200e\u200f]+")
_ANY_DIRECTION: Final = re.compile("[\u061c\u200e\u200f\u2066-\u2069]+")
_RIGHT: Final = re.compile(
    "[\u0590-\u061b\u061d-\u08ff\ufb1d-\ufdff\ufe70-\ufefe\U00010800-\U00010fff\U0001e800-\U0001efff]"
)
_SIDE: Final = {"L": "left", "EN": "left", "R": "right", "AL": "right", "AN": "number"}
_REPEATED: Final = re.compile(r"(.)\1+")

_MOST_MARKS: Final = 40
"""Marks on a letter that are looked over; more than 30 are cut."""

_ODD_BLANK: Final = re.compile("\u3000+|\u202f+|[\u00a0\u2000-\u200a\u205f]+")
_WIDE: Final = re.compile(
    f"[{_HAN}\u2e80-\u2fff\u3001-\u33ff\ua000-\ua4cf\uac00-\ud7af\ufe30-\ufe4f\uff01-\uffef]"
)
_IS_MONGOLIAN: Final = re.compile("[\u1800-\u180a\u1810-\u18af]")
_TWO_BLANKS: Final = re.compile(r"(?<=\S)  (?=\S)")


def without_unseen(text: str) -> str:
    """The text without signs that show nothing and have nothing to do where they stand."""
    if text.isascii():
        return text
    text = _EMPTY.sub(_shown, text)
    return _directed(_WITHOUT_WIDTH.sub(_needed, text))


def plain_blanks(text: str) -> str:
    """The text with plain blanks for odd ones, and one for two between words."""
    return _TWO_BLANKS.sub(" ", _ODD_BLANK.sub(_plain, text))


def _around(run: re.Match[str]) -> tuple[str, str]:
    """The signs before and after; empty at the ends of the text."""
    return run.string[max(0, run.start() - 1) : run.start()], run.string[run.end() : run.end() + 1]


def _beside(run: re.Match[str]) -> tuple[str, str]:
    """The letters before and after, without marks on the one before: normalising moves marks."""
    near = run.string[max(0, run.start() - _MOST_MARKS) : run.start()]
    before = next((sign for sign in reversed(near) if not unicodedata.combining(sign)), "")
    _, after = _around(run)
    return before, "" if unicodedata.combining(after or " ") else after


def _shown(run: re.Match[str]) -> str:
    """Of selectors and fillers those that have something to do."""
    before, after = _around(run)
    kept: list[str] = []
    for sign in run[0]:
        last = kept[-1] if kept else before
        if _IS_SELECTOR.match(sign):
            has_place = _selects(sign, last, after)
        elif sign == "\u2800":
            has_place = bool(_IS_BRAILLE.match(last) or _IS_BRAILLE.match(after))
        elif sign == "\u115f":
            has_place = last != sign and bool(_HANGUL_VOWEL.match(after))
        else:
            has_place = sign == "\u1160" and bool(_BEGINS_HANGUL.match(last))
        kept += [sign] * has_place
    return "".join(kept)


def _selects(selector: str, base: str, after: str) -> bool:
    """Whether a sign has forms that this can choose between: Unicode's StandardizedVariants,
    emoji-variation-sequences and the Ideographic Variation Database, by ranges."""
    if _OF_PICTURE.match(selector):
        of_key = _IS_KEY.match(base) and after == _KEYCAP
        return bool(_PICTURE.match(base) or of_key)
    if _OF_FORM.match(selector):
        return bool(_HAS_FORMS.match(base))
    return bool(_OF_HAN.match(selector) and _IS_HAN.match(base))


def _needed(run: re.Match[str]) -> str:
    """Of signs without width those that the script beside them needs, one of each in a row."""
    around = _beside(run)
    kept = "".join(sign for sign in run[0] if any(map(_NEEDED_BESIDE[sign].match, around)))
    return _REPEATED.sub(r"\1", kept)


def _directed(text: str) -> str:
    """The text without marks of direction that turn nothing: where nothing in it runs from right
    to left, within a word of one direction, and the same twice."""
    if not _RIGHT.search(text):
        return _ANY_DIRECTION.sub("", text)
    if not _DIRECTION.search(text):
        return text
    kept: list[str] = []
    side, at = "", 0
    for run in _DIRECTION.finditer(text):
        kept.append(text[at : run.start()])
        side = _side_of_last(kept[-1], side)
        at = run.end()
        after = text[at : at + 1]
        is_within = bool(side) and after and _SIDE.get(unicodedata.bidirectional(after)) == side
        if not (is_within or unicodedata.combining(after or " ")):
            kept.append(_REPEATED.sub(r"\1", run[0]))
    return "".join([*kept, text[at:]])


def _side_of_last(text: str, before: str) -> str:
    """To which side the word runs in whose middle a text ends; empty, if it ends in none."""
    for sign in reversed(text):
        kind = unicodedata.bidirectional(sign)
        if kind not in ("NSM", "BN"):
            return _SIDE.get(kind, "")
    return before


def _plain(run: re.Match[str]) -> str:
    """As many blanks; those of a script that has its own stay as they are."""
    around = _beside(run)
    is_wide = any(map(_WIDE.match, around))
    is_mongolian = any(map(_IS_MONGOLIAN.match, around))
    return "".join(
        sign if (sign == "\u3000" and is_wide) or (sign == "\u202f" and is_mongolian) else " "
        for sign in run[0]
    )
