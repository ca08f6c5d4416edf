"""Exact times: of the clock, or counted from now.

A telephone company looks up who sent what at 14:35, and who stood where. Days are none, nor how
long something took; the number of a verse is written like a time, and told by the word before it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

from relay.rules.danger.edges import by_edge
from relay.rules.danger.hour_words import AGO, HOURS, NUMBERS, SCRIPTS, SCRIPTURE
from relay.rules.seen import Seen, Span, unified


def _pattern(languages: Sequence[str]) -> re.Pattern[str]:
    words = " ".join(NUMBERS[one] for one in languages).split()
    word = "|".join(sorted(words, key=len, reverse=True))
    hour = rf"(?:(?<!\d)(?:[01]?\d|2[0-4])(?!\d)|{word})"
    clock = rf"(?:(?<!\d)(?:[01]?\d|2[0-4])(?:[:.][0-5]\d)?(?!\d)|{word})"
    forms = (form for one in languages for form in (*HOURS[one], *AGO[one]))
    filled = (form.format(hour=hour, clock=clock, n=r"\d{1,3}") for form in forms)
    return re.compile("|".join(by_edge([unified(one) for one in filled])))


_SAID: Final = tuple((re.compile(sign), _pattern(ones)) for sign, ones in SCRIPTS.items())

_CLOCK: Final = re.compile(
    r"(?<![\d:.,/\-+])(?:[01]?\d|2[0-4]):[0-5]\d(?::[0-5]\d)?(?![\d:]|[.,]\d)"
)
_AFTER_SCRIPTURE: Final = re.compile(
    rf"(?<!\w)(?:{'|'.join(unified(SCRIPTURE).split())})(?!\w)\.?\W{{0,3}}(?:\w{{1,12}}\W{{0,3}})??\Z"
)
_BEFORE_CLOCK: Final = re.compile(
    unified(
        r"(?:\bat|\bby|\bfrom|\btill|\buntil|\baround|\bsaat|\bum|\bas|\blas|\bà|\bв|\bа|\bу"
        r"|ساعت|الساعه|از|تا|نحو|[上下]午|t)[\s~]{0,2}\Z"
    )
)
_LOOKED_BACK: Final = 40


def hours(seen: Seen) -> Iterator[Span]:
    """Where they stand."""
    text = seen.small
    for letter, said in _SAID:
        if letter.search(text):
            yield from (found.span() for found in said.finditer(text))
    if not seen.has_digits:
        return
    for found in _CLOCK.finditer(text):
        before = text[max(0, found.start() - _LOOKED_BACK) : found.start()]
        if _AFTER_SCRIPTURE.search(before):
            continue
        if found[0].index(":") == 2 or found[0].count(":") == 2 or _BEFORE_CLOCK.search(before):
            yield found.span()
