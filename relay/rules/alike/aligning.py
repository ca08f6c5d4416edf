"""Two tellings laid side by side: one story, two, or nothing to do with each other.

Words that only one of them has are a text that was shortened, or added to. Where each has words
that the other lacks, and they are no typing errors, one has another place or number than the other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from enum import IntEnum
from typing import Final

from relay.rules.alike.small_words import FILLERS, NEGATIONS
from relay.rules.alike.typing_errors import looks_like, may_be
from relay.rules.alike.words import is_number, is_sign


class Verdict(IntEnum):
    """What two tellings are to each other."""

    UNRELATED = 0
    SAME = 1
    """Each has what the other has."""
    WITHIN = 2
    """The second says nothing that the first does not: a shortened copy."""
    AROUND = 3
    """The first says nothing that the second does not."""
    OTHER = 4
    """In one place each has its own words: another place, name or number."""
    BOTH_MORE = 5
    """Each has words of its own, in different places: two stories, or two parts of a longer
    telling."""
    DOUBT = 6
    """They differ in words that look alike, and by no typing error that is known as one: one of the
    two may be wrong, or two names."""
    AT_EDGE = 7
    """They differ in a few words before or after all the others: another place, or what two people
    put around one story."""

    @property
    def same(self) -> bool:
        """Whether they tell one story."""
        return Verdict.SAME <= self <= Verdict.AROUND

    @property
    def apart(self) -> bool:
        """Whether they cannot stand in one group, unless a longer telling holds both."""
        return self >= Verdict.OTHER

    @property
    def turned(self) -> Verdict:
        """The verdict with the two in the other order."""
        return _TURNED.get(self, self)


_TURNED: Final = {Verdict.WITHIN: Verdict.AROUND, Verdict.AROUND: Verdict.WITHIN}

_LEAST: Final = 8
"""What two tellings must share: four words, or eight signs where no blanks are set."""

_RELATED: Final = 0.4
"""The part of the shorter that is shared by two that are held against each other."""

_ALL_BUT_WHOLE: Final = 0.55
"""The part of the longer that a copy keeps, if it does not begin where the longer begins: less may
be one story out of a list of several."""

_BEGINNING: Final = 0.15
"""The part of it that a copy keeps which does."""

_FORE: Final = 3
"""Words that may be missing before where a copy begins as the longer does ("Last night")."""

_SURELY_CUT: Final = 2
"""Letters at the end of a text that are no name."""

_REMARK: Final = 4
"""Words of a sentence that is not the place or the name before or after a story."""

Words = tuple[str, ...]


def verdict(first: Words, second: Words, is_word: Callable[[str], bool]) -> Verdict:
    """What they are to each other; ``verdict(b, a)`` is ``verdict(a, b).turned``. ``is_word`` says
    of a word whether others use it too, so that it is none that was typed wrongly. Its time grows
    with the product of what is left of their lengths between equal begins and ends."""
    if len(first) < len(second) or (len(first) == len(second) and first < second):
        return _judged(second, first, is_word).turned
    return _judged(first, second, is_word)


def _judged(long: Words, short: Words, is_word: Callable[[str], bool]) -> Verdict:
    seen = _Seen()
    for mine, theirs, at in _gaps(long, short):
        if _is_cut(mine, theirs, short, is_word):
            theirs = theirs[:-1]
        seen.gap(mine, theirs, long, at)
    if not short or not seen.is_related(long, short):
        return Verdict.UNRELATED
    if seen.other:
        return Verdict.OTHER
    if any(is_word(one) and is_word(other) for one, other in seen.doubts):
        return Verdict.OTHER
    if seen.left[0] and seen.left[1]:
        if seen.replaced:
            return Verdict.UNRELATED if seen.only_remarks else seen.at_edge()
        return Verdict.DOUBT if min(map(len, seen.left)) >= _REMARK else Verdict.BOTH_MORE
    if seen.doubts:
        return Verdict.DOUBT
    if not seen.is_copy(long, short):
        return Verdict.UNRELATED
    if seen.left[0]:
        return Verdict.WITHIN
    return Verdict.AROUND if seen.left[1] else Verdict.SAME


class _Seen:
    """What has been found in the gaps between the words that two tellings share."""

    def __init__(self) -> None:
        self.left: tuple[list[str], list[str]] = ([], [])
        self.replaced = False
        self.other = False
        self.gaps = 0
        self.begins = True
        self.doubts: list[tuple[str, str]] = []
        self.only_remarks = True
        self.only_edges = True

    def gap(self, mine: Words, theirs: Words, long: Words, at: int) -> None:
        """Words between two shared ones; ``at`` is where those of the longer telling begin."""
        more, less = _unmatched(mine, theirs)
        if at == 0 and len(more) > _FORE:
            self.begins = False
        if not more and not less:
            return
        if _look_alike(more, less):
            self.doubts.extend(zip(more, less, strict=True))
            return
        self.gaps += 1
        self.left[0].extend(more)
        self.left[1].extend(less)
        if more and less:
            self.replaced = True
            at_edge = at == 0 or at + len(mine) == len(long)
            self.only_remarks &= at_edge and _is_remark(more) and _is_remark(less)
            self.only_edges &= at_edge and not any(map(is_number, more + less))
        elif len(more) + len(less) <= 2:
            self.other |= _changes_what_is_said(more or less, long, at, len(mine))

    def at_edge(self) -> Verdict:
        """What two tellings are in which words of one stand in the place of the other's."""
        few = self.gaps == 1 and not self.doubts and max(map(len, self.left)) < _REMARK
        return Verdict.AT_EDGE if few and self.only_edges else Verdict.OTHER

    def is_related(self, long: Words, short: Words) -> bool:
        shared = len(short) - len(self.left[1])
        return shared >= _RELATED * len(short) and (
            shared * _weight(short) >= _LEAST - 2 or not (self.left[0] or self.left[1])
        )

    def is_copy(self, long: Words, short: Words) -> bool:
        """Whether the one that has less is long enough to be a copy of this and no other."""
        if not self.left[0] and not self.left[1]:
            return True
        less = min(len(long) - len(self.left[0]), len(short) - len(self.left[1]))
        if less * _weight(short) < _LEAST or self.gaps > 1 + less // 3:
            return False
        return less >= len(long) * (_BEGINNING if self.begins else _ALL_BUT_WHOLE)


def _is_remark(words: list[str]) -> bool:
    """Whether this may be what somebody says about a story: a sentence without a number. It has
    then nothing to do with what somebody else says."""
    return len(words) >= _REMARK and not any(map(is_number, words))


def _weight(words: Words) -> int:
    return 1 if is_sign(words[0]) or is_sign(words[-1]) else 2


def _is_cut(mine: Words, theirs: Words, short: Words, is_word: Callable[[str], bool]) -> bool:
    """Whether the shorter telling ends within a word of the longer: an SMS has an end."""
    if len(theirs) != 1 or not mine or theirs[0] is not short[-1]:
        return False
    last = theirs[0]
    return (
        mine[0].startswith(last)
        and len(mine[0]) > len(last)
        and not is_number(last)
        and (len(last) <= _SURELY_CUT or not is_word(last))
    )


def _look_alike(more: list[str], less: list[str]) -> bool:
    return len(more) == len(less) <= 2 and all(map(looks_like, more, less))


def _changes_what_is_said(left: list[str], long: Words, at: int, size: int) -> bool:
    """Whether what one has more is a "not", or makes another number of the one beside it."""
    inner = at > 0 and at + size < len(long)
    if inner and any(word in NEGATIONS for word in left):
        return True
    if not any(map(is_number, left)):
        return False
    beside = (*long[max(at - 2, 0) : at], *long[at + size : at + size + 2])
    return any(map(is_number, beside))


def _unmatched(mine: Words, theirs: Words) -> tuple[list[str], list[str]]:
    """What neither a typing error nor a blank more or less explains, without words that carry
    nothing."""
    if not mine or not theirs:
        more, less = list(mine), list(theirs)
    elif "".join(mine) == "".join(theirs):
        return [], []
    else:
        more, less = _paired(mine, theirs)
    if more and less:
        return (
            [word for word in more if word not in FILLERS],
            [word for word in less if word not in FILLERS],
        )
    return more, less


def _paired(mine: Words, theirs: Words) -> tuple[list[str], list[str]]:
    """What is left on each side when words that may be one are taken away, in order."""
    more: list[str] = []
    less: list[str] = []
    begin = 0
    at = 0
    while at < len(theirs):
        found = _found(theirs, at, mine, begin)
        if found is None:
            less.append(theirs[at])
            at += 1
            continue
        here, of_mine, of_theirs = found
        more.extend(mine[begin:here])
        begin, at = here + of_mine, at + of_theirs
    more.extend(mine[begin:])
    return more, less


_NEAR: Final = 12
"""Words that are looked through for one that was typed wrongly."""


def _found(theirs: Words, at: int, mine: Words, begin: int) -> tuple[int, int, int] | None:
    """Where a word stands on the other side, and how many words there and here are it."""
    word = theirs[at]
    for here in range(begin, min(begin + _NEAR, len(mine))):
        if may_be(mine[here], word):
            return here, 1, 1
        if here + 1 < len(mine) and may_be(mine[here] + mine[here + 1], word):
            return here, 2, 1
        if at + 1 < len(theirs) and may_be(word + theirs[at + 1], mine[here]):
            return here, 1, 2
    return None


def _gaps(long: Words, short: Words) -> Iterator[tuple[Words, Words, int]]:
    """What stands between the words that both have in one order: of the longer, of the shorter, and
    where in the longer."""
    most = len(short)
    begin = 0
    while begin < most and long[begin] == short[begin]:
        begin += 1
    end = 0
    while end < most - begin and long[-1 - end] == short[-1 - end]:
        end += 1
    mine, theirs = long[begin : len(long) - end], short[begin : most - end]
    if not theirs:
        if mine:
            yield mine, theirs, begin
        return
    last_mine = last_theirs = 0
    for a, b in (*_shared(mine, theirs), (len(mine), len(theirs))):
        if a > last_mine or b > last_theirs:
            yield mine[last_mine:a], theirs[last_theirs:b], begin + last_mine
        last_mine, last_theirs = a + 1, b + 1


def _shared(mine: Words, theirs: Words) -> list[tuple[int, int]]:
    """The places of a longest common subsequence, by rows of bits (Hyyrö, "Bit-parallel LCS-length
    computation revisited", 2004)."""
    places: dict[str, int] = {}
    for at, word in enumerate(mine):
        places[word] = places.get(word, 0) | 1 << at
    if places.keys().isdisjoint(theirs):
        return []
    every = (1 << len(mine)) - 1
    row = every
    rows = []
    for word in theirs:
        here = row & places.get(word, 0)
        row = ((row + here) | (row - here)) & every
        rows.append(row)
    found = []
    a, b = len(mine) - 1, len(theirs) - 1
    while a >= 0 and b >= 0:
        if rows[b] >> a & 1:
            a -= 1
        elif b > 0 and not rows[b - 1] >> a & 1:
            b -= 1
        else:
            found.append((a, b))
            a -= 1
            b -= 1
    return found[::-1]
