"""The words of a text, and where its sentences and lines part them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from relay.rules.alike.verdicts import Words
from relay.rules.alike.words import words_of

_MARK: Final = " \ua66e "
_LEFT_OUT: Final = " \ua66e\ua66e "
"""What stands for a mark and for dots, as a word: a letter that no language of today has."""

_DOTS: Final = re.compile(r"\.{2,}")
_PARTED: Final = re.compile(
    r"[.!?;:]+(?![0-9a-z])|[\n\u061f\u06d4\u3002\uff61\u104b\u0964\u055e\u0589]+"
)
"""A mark at the end of a sentence, a line, or a head ("Shiraz: ..."); none within 3.5 or t.me."""

_QUOTED: Final = re.compile(r"\n *>[ >]*(?=\S)")
"""The line of a quote, which a mail ends where its width does."""


@dataclass(frozen=True, slots=True)
class Sentences:
    """Words in order, and for each of them the number of its sentence."""

    words: Words
    of: tuple[int, ...]
    dots: frozenset[int] = frozenset()
    """The sentences before which stand dots."""

    def size(self, sentence: int) -> int:
        """Words of a sentence."""
        return self.of.count(sentence)

    def parts(self, at: int) -> bool:
        """Whether a sentence ends before the word at ``at``."""
        return at <= 0 or at >= len(self.words) or self.of[at] != self.of[at - 1]

    def is_left_out(self, at: int, many: int, weight: int) -> bool:
        """Whether so many words may have been left out before ``at``: two where dots say so, four
        between other sentences; twice as many signs."""
        if not self.parts(at) or at >= len(self.words):
            return False
        return many * weight >= (4 if self.of[at] in self.dots else 8)

    def is_dotted(self, at: int) -> bool:
        """Whether dots stand before the sentence at ``at``."""
        return self.of[at] in self.dots

    def begin(self, at: int) -> int:
        """Where the sentence begins that has the word before ``at``; there, if it ends there."""
        begin = at
        while not self.parts(begin):
            begin -= 1
        return begin

    def end(self, at: int) -> int:
        """Where the sentence ends that goes on at ``at``."""
        end = at
        while not self.parts(end):
            end += 1
        return end

    def cut(self, begin: int, end: int) -> Sentences:
        """These words alone."""
        return Sentences(self.words[begin:end], self.of[begin:end], self.dots)


def sentences(text: str) -> Sentences:
    """Those of a folded text."""
    marked = _QUOTED.sub(" ", text) if ">" in text else text
    marked = _PARTED.sub(_MARK, _DOTS.sub(_LEFT_OUT, marked))
    words: list[str] = []
    of: list[int] = []
    dots: set[int] = set()
    number = 0
    for word in words_of(marked):
        if word == "\ua66e" or word == "\ua66e\ua66e":
            number += 1
            if word != "\ua66e":
                dots.add(number)
        else:
            words.append(word)
            of.append(number)
    return Sentences(tuple(words), tuple(of), frozenset(dots))


def settle(pairs: list[tuple[int, int]], long: Sentences, short: Sentences) -> None:
    """Of equal words before and behind what only one has, takes those by which that is a sentence:
    pairs of words that both have, in order, are changed in place."""
    for at in range(len(pairs) - 1):
        (a, b), (c, d) = pairs[at], pairs[at + 1]
        mine = d == b + 1 and c > a + 1
        if not mine and not (c == a + 1 and d > b + 1):
            continue
        by = _shift(long, a + 1, c) if mine else _shift(short, b + 1, d)
        first, last = at + 1 + min(by, 0), at + 1 + max(by, 0)
        if first < 0 or last > len(pairs):
            continue
        here, there = pairs[first], pairs[last - 1] if last > first else pairs[first]
        if there[0] - here[0] == there[1] - here[1] == last - 1 - first:
            to = (a + 1, b + 1) if by > 0 else (c + by, d + by)
            pairs[first:last] = [(to[0] + n, to[1] + n) for n in range(last - first)]


_FURTHEST: Final = 6


def _shift(told: Sentences, begin: int, end: int) -> int:
    """By how many words further on or back the words from ``begin`` to ``end`` are a sentence,
    with the same words around them; 0 if nowhere."""
    words, size = told.words, len(told.words)
    if told.parts(begin) and told.parts(end):
        return 0
    for by in range(_FURTHEST):
        if end + by >= size or words[begin + by] != words[end + by]:
            break
        if told.parts(begin + by + 1) and told.parts(end + by + 1):
            return by + 1
    for by in range(1, _FURTHEST):
        if begin - by < 0 or words[begin - by] != words[end - by]:
            break
        if told.parts(begin - by) and told.parts(end - by):
            return -by
    return 0
