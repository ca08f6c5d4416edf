"""Codes: the handles that people choose for their messages, so that they can speak of them later.

After a sign a code is 8 to 12 digits. After the written word it may also have letters: at least 8
letters and digits, one word, hyphens allowed. Letters of scripts that put no blanks between words
(Chinese, Burmese, Thai) make no code: there a whole sentence is one word.
"""

from __future__ import annotations

import re
import unicodedata
from itertools import pairwise
from typing import Final

from relay.rules.words.dates import is_date
from relay.rules.words.letters import folded

LEAST_CHARACTERS: Final = 8
"""Of a code. Fewer can be guessed, and are prices, years and hours."""

MOST_DIGITS: Final = 12
"""Of a code of digits. What is longer is no code: two numbers, or the number of a card."""

MOST_CHARACTERS: Final = 40
"""Of a code with letters."""

NO_BLANKS: Final = (
    "\u0e00-\u0fff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\ua9e0-\ua9ff\uaa60-\uaa7f"
    "\U00020000-\U0003ffff"
)
"""Letters of scripts without blanks between words, as they stand in a class of characters."""

_LETTERED: Final = re.compile(rf"[^\W_{NO_BLANKS}]+(?:[-_][^\W_{NO_BLANKS}]+)*")
_BETWEEN: Final = re.compile(r"[\s\-_]+")
_BLANKS: Final = re.compile(r"\s+")
_BURMESE: Final = re.compile("(?=[\u101d]*[\u1040-\u1049])[\u101d\u1040-\u1049]+")
_WA, _ZERO = "\u101d", "\u1040"


def digits_of(written: str) -> str:
    """The code that this is, if it is one of digits (of any script, blanks between them), in
    ASCII; else empty. ``written`` is folded."""
    run = _plain_digits(_BLANKS.sub("", written))
    return run if run.isdecimal() and LEAST_CHARACTERS <= len(run) <= MOST_DIGITS else ""


def lettered(written: str) -> str:
    """The code that this is, if it is one word with letters in it; else empty. Folded, as above."""
    if len(written) > MOST_CHARACTERS or not _LETTERED.fullmatch(written):
        return ""
    made = _plain_digits(_BETWEEN.sub("", written))
    return made if len(made) >= LEAST_CHARACTERS and not made.isdecimal() else ""


def normal(code: str) -> str:
    """The one form of a code, whatever keyboard it was typed on: digits in ASCII, letters in lower
    case, nothing between them. Of what is no code too: a caller that has any text may ask."""
    return _plain_digits(_BETWEEN.sub("", folded(code)))


def is_weak(code: str) -> bool:
    """Whether anybody would try it: at most two different characters, a run up or down (the 0
    comes after the 9), or a date. A weak code is never bound to a message, and is still taken off
    its text; but for a date after a sign, which is a hashtag."""
    plain = normal(code)
    steps = {_step(one, after) for one, after in pairwise(plain)}
    return len(set(plain)) <= 2 or steps in ({1}, {-1}) or is_date(plain)


def has_digit(code: str) -> bool:
    """Whether a normalised code has a digit in it: a word of a sentence has none."""
    return any(char.isdecimal() for char in code)


def _plain_digits(run: str) -> str:
    """The digits of any script in ASCII. The Burmese letter wa (U+101D) has the shape of a zero
    and lies nearer on many keyboards: among Burmese digits it is one."""
    if _BURMESE.fullmatch(run):
        run = run.replace(_WA, _ZERO)
    return "".join(
        char if (value := unicodedata.decimal(char, None)) is None else str(value) for char in run
    )


def _step(one: str, after: str) -> int:
    apart = ord(after) - ord(one)
    return {9: -1, -9: 1}.get(apart, apart) if (one + after).isdecimal() else apart
