"""One wording, and all the messages that have it."""

from __future__ import annotations

from collections.abc import Callable
from hashlib import blake2b
from itertools import islice
from typing import Final

from relay.rules.alike.aligning import verdict
from relay.rules.alike.around import story_of
from relay.rules.alike.folding import MOST, folded
from relay.rules.alike.sentences import Sentences
from relay.rules.alike.verdicts import Verdict, Words

MOST_WORDS: Final = 400
"""Words that are laid side by side. Of what comes after them only whether it is the same counts."""

_RELATED: Final = 0.25
"""The part of its words that a telling must share for the two to be looked at."""


def told(text: str) -> Sentences:
    """The words that count of a text; never none."""
    found = story_of(folded(text))
    rest = "".join(text[MOST:].split()) + " ".join(found.words[MOST_WORDS:])
    if rest or not found.words:
        first = found.cut(0, MOST_WORDS)
        last = first.of[-1] if first.of else 0
        return Sentences((*first.words, _digest(rest or text)), (*first.of, last))
    return found


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
        "said",
        "same_as",
        "ties",
        "within",
        "words",
    )

    def __init__(self, said: Sentences, number: int) -> None:
        self.said = said
        self.words: Words = said.words
        self.number = number
        """In order of arrival, from 1."""
        self.kinds = frozenset(said.words)
        self.keys: dict[int, None] = {}
        self.ties: dict[Telling, Verdict] = {}
        """What it is to those it was held against."""
        self.same_as: dict[Telling, Verdict] = {}
        self.apart_from: dict[Telling, Verdict] = {}
        """The same for those that tell the same, and for those that differ."""
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
        return verdict(self.said, other.said, is_word)

    def is_apart(self, other: Telling) -> bool:
        """Whether they may not stand in one group: they differ, or each goes on where the other
        ends and no longer telling is known that has both."""
        said = self.apart_from.get(other)
        if said is None or Verdict.OTHER in said:
            return said is not None
        few, many = sorted((self.same_as, other.same_as), key=len)
        return not any(
            Verdict.MORE not in said and Verdict.MORE not in many.get(longer, Verdict.MORE)
            for longer, said in few.items()
        )

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
