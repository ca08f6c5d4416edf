"""A folded text in its words; where a script sets no blanks, in its signs or syllables."""

from __future__ import annotations

import re
from typing import Final

from relay.rules.alike.numbers import HAN, of_han, with_digits

_INDIC: Final = "\u0900-\u0903\u093a-\u094f\u0951-\u0957\u0981-\u0983\u09be-\u09d7"
_ON_BURMESE: Final = (
    "\u102b-\u103e\u1056-\u1059\u105e-\u1060\u1062-\u1064\u1067-\u106d\u1071-\u1074"
)
_ON_THAI: Final = "\u0e31\u0e34-\u0e3a\u0e47-\u0e4e\u0eb1\u0eb4-\u0ebc\u0ec8-\u0ece"
_ON_KHMER: Final = "\u17b4-\u17d3\u17dd"

_CHUNK: Final = re.compile(rf"[0-9]+|(?:[^\W0-9_]|[{_INDIC}{_ON_BURMESE}{_ON_THAI}{_ON_KHMER}])+")
"""A number with what parts its digits (3.5, 12:30), or letters with what stands on them."""

_PARTS: Final = str.maketrans(",:/\u2013-", ".....")
_THAI_NUMBER: Final = "(?:หนึ่ง|สอง|สาม|สี่|ห้า|หก|เจ็ด|แปด|เก้า|สิบ|ยี่|เอ็ด|ร้อย|พัน|หมื่น|แสน|ล้าน){1,12}"

_NO_BLANKS: Final = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff"
    "\U00020000-\U0003ffff]"
)
_PIECE: Final = re.compile(
    rf"[{''.join(sorted(HAN))}]{{1,12}}"
    "|[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]"
    rf"|[\u1000-\u102a\u103f\u1050-\u1055](?:\u1039[\u1000-\u1021]|[\u1000-\u1021]\u103a(?!\u1039)"
    rf"|[{_ON_BURMESE}]){{0,12}}"  # with the killed one at its end
    rf"|{_THAI_NUMBER}|[\u0e00-\u0eff][{_ON_THAI}]{{0,4}}"
    rf"|[\u1780-\u17b3](?:\u17d2[\u1780-\u17a2]|[{_ON_KHMER}]){{0,8}}"
    "|[^\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff"
    "\U00020000-\U0003ffff]+"
    "|."
)
_HAN_NUMBER: Final = re.compile(rf"[{''.join(sorted(HAN))}]+")


def words_of(folded: str) -> list[str]:
    """The words of a text that ``folding.folded`` made, in order. A number is one in ASCII digits,
    without noughts before it, however it was written."""
    words = _CHUNK.findall(folded)
    if has_signs(folded):
        words = [
            str(of_han(piece)) if _HAN_NUMBER.fullmatch(piece) else piece
            for word in words
            for piece in (_PIECE.findall(word) if _NO_BLANKS.search(word) else (word,))
        ]
    return with_digits([_number(word) if word[0] <= "9" else word for word in words])


def _number(digits: str) -> str:
    """A number without noughts before it, its parts after points."""
    return digits.translate(_PARTS).lstrip("0") or "0"


def is_number(word: str) -> bool:
    """Whether a word is a number."""
    return "0" <= word[0] <= "9"


def has_signs(text: str) -> bool:
    """Whether anything of it is in a script that sets no blanks."""
    return not text.isascii() and _NO_BLANKS.search(text) is not None


def is_sign(word: str) -> bool:
    """Whether it is a sign or syllable of a script that sets no blanks, rather than a word."""
    return _NO_BLANKS.match(word) is not None
