"""One wording, and all the messages that have it."""

from __future__ import annotations

from collections.abc import Callable
from hashlib import blake2b
from itertools import islice
from typing import Final

from relay.rules.alike.aligning import verdict
from relay.rules.alike.around import story_of
from relay.rules.alike.folding import MOST, folded
from relay.rules.alike.verdicts import Verdict
from relay.rules.alike.words import is_number

MOST_WORDS: Final = 400
"""Words that are laid side by side. Of what comes after them only whether it is the same counts."""

_RELATED: Final = 0.35
"""The part of its words that a telling must share for the two to be looked at."""


def told(text: str) -> tuple[str, ...]:
    """The words that count of a text; never none."""
    words = story_of(folded(text))
    rest = "".join(text[MOST:].split()) + " ".join(words[MOST_WORDS:])
    if rest or not words:
        words = [*words[:MOST_WORDS], _digest(rest or text)]
    return tuple(words)


def _digest(text: str) -> str:
    """As a number is, so that it is never taken for another."""
    return "0x" + blake2b(text.encode(errors="surrogatepass"), digest_size=16).hexdigest()


class Telling:
    """What one wording is to others. Two of them are equal if they are one object."""

    __slots__ = (
        "apart_from",
        "group",
        "keys",
        "kinds",
        "number",
        "numbers",
        "same_as",
        "ties",
        "torn",
        "within",
        "words",
    )

    def __init__(self, words: tuple[str, ...], number: int) -> None:
        self.words = words
        self.number = number
        """In order of arrival, from 1."""
        self.kinds = frozenset(words)
        self.numbers = frozenset(filter(is_number, words))
        self.keys: dict[int, None] = {}
        self.ties: dict[Telling, Verdict] = {}
        """What it is to those it was held against."""
        self.same_as: dict[Telling, Verdict] = {}
        self.apart_from: dict[Telling, Verdict] = {}
        """The same for those that tell the same, and for those that differ."""
        self.torn = False
        """Whether it fits two that do not fit each other, and so stands alone."""
        self.within = False
        """Whether another member of its group says all that it says."""
        self.group = 0

    def tie(self, other: Telling, is_word: Callable[[str], bool]) -> Verdict:
        """What the two are to each other; both keep it. ``is_word``: see ``verdict``."""
        known = self.ties.get(other)
        if known is None:
            known = self._held_against(other, is_word)
            self._keep(other, known)
            other._keep(self, known.turned)
        return known

    def _keep(self, other: Telling, said: Verdict) -> None:
        self.ties[other] = said
        if said.same:
            self.same_as[other] = said
        elif said.apart:
            self.apart_from[other] = said

    def _held_against(self, other: Telling, is_word: Callable[[str], bool]) -> Verdict:
        shared = len(self.kinds & other.kinds)
        if shared < _RELATED * min(len(self.kinds), len(other.kinds)):
            return Verdict.UNRELATED
        if self.numbers - other.numbers and other.numbers - self.numbers:
            return Verdict.OTHER  # what an alignment would find, without one
        return verdict(self.words, other.words, is_word)

    def is_apart(self, other: Telling) -> bool:
        """Whether they may not stand in one group: they differ, or may do so, and are not known as
        parts of one longer telling."""
        if other not in self.apart_from:
            return False
        few, many = sorted((self.same_as, other.same_as), key=len)
        return not any(
            said is Verdict.AROUND and many.get(longer) is Verdict.AROUND
            for longer, said in few.items()
        )

    def tells_another(self, other: Telling, than: Telling) -> bool:
        """Whether these two, which a third fits, are known as two stories. That words look alike
        proves none, and that each has words more than the other only where others bear out the
        words of each."""
        known = self.apart_from.get(other)
        if known is None or known is Verdict.DOUBT or not self.is_apart(other):
            return False
        return known is Verdict.OTHER or (self._is_borne_out(than) and other._is_borne_out(than))

    def _is_borne_out(self, than: Telling) -> bool:
        more = self.kinds - than.kinds
        return any(more <= other.kinds and other is not than for other in self.same_as)

    def same(self) -> list[Telling]:
        """Those that tell the same, the nearest in length first."""
        size = len(self.words)
        return sorted(self.same_as, key=lambda one: (abs(len(one.words) - size), one.words))

    def first_same(self, most: int) -> list[Telling]:
        """Those that tell the same, as many at most, in the order in which they were found."""
        return list(islice(self.same_as, most))

    def forget(self) -> None:
        """Takes it from all that know it."""
        for other in self.ties:
            del other.ties[self]
            other.same_as.pop(self, None)
            other.apart_from.pop(self, None)
        for known in (self.ties, self.same_as, self.apart_from):
            known.clear()
