"""Two tellings laid side by side: one story, two, or nothing to do with each other.

Words that only one of them has are a text that was shortened, or added to. Where each has words
that the other lacks, and they are no typing errors, one has another place or number than the other.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from relay.rules.alike.gaps import gaps
from relay.rules.alike.pairing import unmatched
from relay.rules.alike.small_words import NEGATIONS
from relay.rules.alike.typing_errors import looks_like
from relay.rules.alike.verdicts import Verdict, Words
from relay.rules.alike.words import is_number, is_sign

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


def verdict(first: Words, second: Words, is_word: Callable[[str], bool]) -> Verdict:
    """What they are to each other; ``verdict(b, a)`` is ``verdict(a, b).turned``. ``is_word`` says
    of a word whether others use it too, so that it is none that was typed wrongly. Its time grows
    with the product of what is left of their lengths between equal begins and ends."""
    if len(first) < len(second) or (len(first) == len(second) and first < second):
        return _judged(second, first, is_word).turned
    return _judged(first, second, is_word)


def _judged(long: Words, short: Words, is_word: Callable[[str], bool]) -> Verdict:
    seen = _Seen()
    for mine, theirs, at in gaps(long, short):
        if _is_cut(mine, theirs, short, is_word):
            theirs = theirs[:-1]
        seen.gap(mine, theirs, long, at)
    if not short or not seen.is_related(long, short):
        return Verdict.UNRELATED
    if seen.other or any(is_word(one) and is_word(other) for one, other in seen.doubts):
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
        more, less = unmatched(mine, theirs)
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
