"""Telephone numbers that are written so that a program does not see them: digits as words, letters
that look like digits, other signs between the groups.

Who hides a number on purpose finds a way that is not here. No speaker has checked the words.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from relay.rules.seen import Span, unified

_WORDS: Final = (
    "zero oh one two three four five six seven eight nine",
    "صفر یک دو سه چهار پنج شش شیش هفت هشت نه",
    "صفر واحد اثنان اثنین ثلاثه اربعه خمسه سته سبعه ثمانیه تسعه",
    "cero uno dos tres cuatro cinco seis siete ocho nueve",
    "zéro un deux trois quatre cinq six sept huit neuf",
    "ноль один два три четыре пять шесть семь восемь девять",
    "нуль адзін тры чатыры пяць шэсць сем восем дзевяць",
    "sıfır bir iki üç dört beş altı yedi sekiz dokuz",
    "သုည တစ် နှစ် သုံး လေး ငါး ခြောက် ခုနစ် ရှစ် ကိုး",
)
"""Words for the digits; as ``Seen.small`` has them once ``unified``."""

LEAST: Final = 7
"""Digits in words; fewer are counted aloud."""

_BETWEEN: Final = r"[\s,.\-–،、/]{1,3}"


_WORD: Final = f"(?:{'|'.join(sorted({*unified(' '.join(_WORDS)).split()}, reverse=True))}|[0-9])"
_SPOKEN: Final = re.compile(
    rf"(?<!\w){_WORD}(?:{_BETWEEN}{_WORD}(?!\w)){{{LEAST - 1},20}}"
    "|[〇零一二三四五六七八九幺壹贰貳叁參肆伍陆陸柒捌玖]{7,20}"
)
_HAS_WORD: Final = re.compile(r"[^\W\d]")

_LETTERED: Final = re.compile(r"(?<!\w)[0-9oоlіi][0-9oоlіi .\-]{7,22}[0-9oоlіi](?!\w)")
"""Digits, some of them as letters that look like them (also those of Cyrillic)."""

_ALONE: Final = re.compile(r"(?<!\w)[oоlіi](?!\w)")
"""Such a letter by itself: a word of Spanish, Russian or Belarusian."""

_FEWEST: Final = 6
"""True digits of such a number."""

_PARTED: Final = re.compile(
    r"(?<![\w.,:])0\d{2,4}( ?[^\w\s+(]{1,3} ?)\d{2,4}(?:\1\d{2,4}){1,4}(?!\w)"
)
"""Groups of digits with signs between them that no number has ("0912*345*6789"); it begins as one
that is dialled within a country."""


def disguised(text: str) -> Iterator[Span]:
    """Where such numbers stand. ``text``: as ``Seen.small``."""
    for found in _SPOKEN.finditer(text):
        if _HAS_WORD.search(found[0]):
            yield found.span()
    for found in _LETTERED.finditer(text):
        signs = re.sub("[ .\\-]", "", found[0])
        if signs.isdigit() or not 9 <= len(signs) <= 15 or _ALONE.search(found[0]):
            continue
        if len(_DIGIT.findall(signs)) >= _FEWEST:
            yield found.span()
    for found in _PARTED.finditer(text):
        if 9 <= len(_DIGIT.findall(found[0])) <= 14:
            yield found.span()


_DIGIT: Final = re.compile("[0-9]")
