"""Two tellings laid side by side, sentence by sentence: one story, two, or nothing to do with each
other.

A sentence or a line that only one of them has is an addition or a cut, and proves nothing. Within a
sentence that both have, another word, or one more, is another place or number.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from itertools import pairwise
from typing import Final

from relay.rules.alike.gaps import Pairs, shared
from relay.rules.alike.pairing import unmatched
from relay.rules.alike.sentences import Sentences, settle
from relay.rules.alike.small_words import FILLERS, NEGATIONS
from relay.rules.alike.typing_errors import is_slip
from relay.rules.alike.verdicts import Verdict, Words
from relay.rules.alike.words import is_number, is_sign

IsWord = Callable[[str], bool]
Span = tuple[int, int]

_LEAST: Final = 8
"""What two tellings must share: four words, or eight signs where no blanks are set."""

_MOVED: Final = 4
"""The same of a sentence that stands elsewhere."""

_RELATED: Final = 0.4
"""The part of the shorter that two share which tell the same."""

_HELD: Final = 0.25
"""The part of it from which on they are held against each other."""

_ALL_BUT_WHOLE: Final = 0.45
"""The part of the longer that a copy keeps, if it does not begin where the longer begins: less may
be one story out of a list of several."""

_BEGINNING: Final = 0.15
"""The part of it that a copy keeps which does."""

_FORE: Final = 3
"""Words that may be missing before where a copy begins as the longer does ("Last night")."""

_OF_A_SENTENCE: Final = 0.5
"""The part of a sentence that another shares which is the same one."""

_CHANGED: Final = 0.3
"""The part of a sentence that it shares with what it was changed to."""

_HEAD: Final = 2
"""Words of a line that says where a story is ("Shiraz: ..."). After a story it has one."""

_SURELY_CUT: Final = 2
"""Letters at the end of a text that are no name."""

_OVERLAP: Final = 0.6
"""The part of the shorter that two share of which each has a sentence of its own; of less, they may
be parts of two stories."""


def verdict(first: Sentences, second: Sentences, is_word: IsWord) -> Verdict:
    """What they are to each other; ``verdict(b, a)`` is ``verdict(a, b).turned``. ``is_word`` says
    of a word whether others use it too, so that it is none that was cut. Its time grows with the
    product of what is left of their lengths between equal begins and ends."""
    one, other = first.words, second.words
    if len(one) < len(other) or (len(one) == len(other) and one < other):
        return _Laid(second, first, is_word).verdict().turned
    return _Laid(first, second, is_word).verdict()


class _Laid:
    """A longer telling and a shorter one, side by side."""

    def __init__(self, long: Sentences, short: Sentences, is_word: IsWord) -> None:
        self._long, self._short = long, short
        self._is_word = is_word
        self._more = self._less = self._open = self._opened = self._other = False
        self._shared = 0
        self._fore = 0
        self._counts = [False, False]
        """Whether each has a number in what it says more."""
        self._weight = 1 if short.words and is_sign(short.words[len(short.words) // 2]) else 2

    def verdict(self) -> Verdict:
        """What the two are to each other."""
        long, short = len(self._long.words), len(self._short.words)
        self._lay((0, long), (0, short))
        if self._shared * self._weight < _LEAST - 2 and self._shared < short:
            return Verdict.UNRELATED
        if self._other:
            return Verdict.OTHER if self._shared >= _HELD * short else Verdict.UNRELATED
        if self._shared < _RELATED * short:
            return Verdict.UNRELATED
        few = self._more and self._less and self._shared < _OVERLAP * short
        if few or self._goes_on():
            return self._seen() | Verdict.PARTS
        if not self._more and not self._less:
            return Verdict.SAME
        if self._shared * self._weight < _LEAST:
            return Verdict.UNRELATED
        least = _BEGINNING if self._fore <= _FORE else _ALL_BUT_WHOLE
        if self._shared < least * long:
            return Verdict.UNRELATED
        return self._seen() | Verdict.SAME

    def _seen(self) -> Verdict:
        """What each says that the other does not."""
        seen = Verdict.UNRELATED
        if self._more:
            seen |= Verdict.MORE | Verdict.OPEN if self._open else Verdict.MORE
        if self._less:
            seen |= Verdict.LESS | Verdict.OPENED if self._opened else Verdict.LESS
        return seen

    def _goes_on(self) -> bool:
        """Whether each goes on where the other ends or has a number in what it says more."""
        mine, theirs = self._counts
        return (self._open or mine) and (self._opened or theirs) and self._more and self._less

    def _lay(self, mine: Span, theirs: Span) -> None:
        """Lays parts of the two side by side; what stands before all that they share in the one and
        after it in the other, too."""
        pairs = self._matched(mine, theirs)
        if not pairs or self._other:
            return
        (a, b), (c, d) = pairs[0], pairs[-1]
        self._fore = a
        before, after = (
            ((mine[0], a), (theirs[0], b)),
            ((c + 1, mine[1]), (d + 1, theirs[1])),
        )
        moved = self._moved(before[0], after[1])
        if moved:
            (a, b), (c, d) = moved[0], moved[-1]
            self._fore = 0
            ahead, behind = (c + 1, before[0][1]), (after[1][0], b)
            self._before((mine[0], a), behind)
            self._after(ahead, (d + 1, theirs[1]))
            before, after = (ahead, before[1]), (after[0], behind)
        else:
            moved = self._moved(after[0], before[1])
            if moved:
                (a, b), (c, d) = moved[0], moved[-1]
                ahead, behind = (after[0][0], a), (d + 1, before[1][1])
                self._before(ahead, (theirs[0], b))
                self._after((c + 1, mine[1]), behind)
                before, after = (before[0], behind), (ahead, after[1])
        self._before(*before)
        self._after(*after)

    def _matched(self, mine: Span, theirs: Span) -> Pairs:
        """What two parts share, with a look at what stands between."""
        pairs = self._aligned(mine, theirs)
        self._shared += len(pairs)
        for (a, b), (c, d) in pairwise(pairs):
            if c - a > 1 or d - b > 1:
                self._inner(a + 1, c, b + 1, d)
                if self._other:
                    break
        return pairs

    def _moved(self, mine: Span, theirs: Span) -> Pairs:
        """What stands elsewhere in the other."""
        if min(mine[1] - mine[0], theirs[1] - theirs[0]) * self._weight < _MOVED:
            return []
        return self._matched(mine, theirs)

    def _aligned(self, mine: Span, theirs: Span) -> Pairs:
        """The words that both have in sentences that are the same; a word that two sentences have
        by chance is none of these."""
        long, short = self._long, self._short
        pairs = shared(long.words[mine[0] : mine[1]], short.words[theirs[0] : theirs[1]])
        pairs = [(a + mine[0], b + theirs[0]) for a, b in pairs]
        settle(pairs, long, short)
        together = Counter((long.of[a], short.of[b]) for a, b in pairs)
        telling = {(long.of[a], short.of[b]) for a, b in pairs if long.words[a] not in FILLERS}
        kept = {both for both in telling if self._is_one(both, together[both])}
        if len(kept) == len(together):
            return pairs
        return [(a, b) for a, b in pairs if (long.of[a], short.of[b]) in kept]

    def _is_one(self, both: Span, many: int) -> bool:
        """Whether two sentences that share so many words are the same one; of three words, any that
        counts will do."""
        least = min(self._long.size(both[0]), self._short.size(both[1]))
        return (many >= _OF_A_SENTENCE * least and many > 1) or least <= 3

    def _inner(self, i: int, j: int, k: int, m: int) -> None:
        """Words between two shared ones."""
        long, short = self._long, self._short
        ours, their = long.words[i:j], short.words[k:m]
        more, less = self._left(ours, their)
        if not more and not less:
            return
        mine_whole = long.parts(i) and long.parts(j)
        theirs_whole = short.parts(k) and short.parts(m)
        if more and less:
            short_one = min(len(_content(ours)), len(_content(their))) <= _HEAD
            whole = mine_whole and theirs_whole and not short_one
            if whole and not _are_one(ours, their, more, less):
                self._more = self._less = True
            else:
                self._other = True
        elif more:
            passage = short.is_left_out(k, j - i, self._weight)
            whole = (mine_whole or passage) and not their and not _is_of_number(long.words, i)
            self._more |= whole
            self._other |= not whole and not _is_twice(long.words, i, j)
        else:
            passage = long.is_left_out(i, m - k, self._weight)
            whole = (theirs_whole or passage) and not ours and not _is_of_number(short.words, k)
            self._less |= whole
            self._other |= not whole and not _is_twice(short.words, k, m)

    def _left(self, ours: Words, their: Words) -> tuple[list[str], list[str]]:
        """The words of each that the other lacks: without what carries nothing, and what is a slip
        of a word that others use."""
        if not ours or not their:
            return _content(ours), _content(their)
        more, less = map(_content, unmatched(ours, their))
        if len(more) == len(less):
            pairs = [both for both in zip(more, less, strict=True) if not self._is_slip(*both)]
            return [one for one, _ in pairs], [other for _, other in pairs]
        return more, less

    def _is_slip(self, one: str, other: str) -> bool:
        return is_slip(one, other) and not (self._is_word(one) and self._is_word(other))

    def _before(self, mine: Span, theirs: Span) -> None:
        """Words before all that is shared."""
        i, k = self._long.begin(mine[1]), self._short.begin(theirs[1])
        i, k = max(i, mine[0]), max(k, theirs[0])
        ours, their = self._long.words[i : mine[1]], self._short.words[k : theirs[1]]
        beside = (
            ours or self._long.words[max(self._long.begin(mine[1] - 1), mine[0]) : mine[1]],
            their
            or self._short.words[max(self._short.begin(theirs[1] - 1), theirs[0]) : theirs[1]],
        )
        cut = mine[1] > mine[0] and self._long.is_dotted(mine[0])
        cut |= theirs[1] > theirs[0] and self._short.is_dotted(theirs[0])
        self._edge(ours, their, beside, mine, theirs, _HEAD, cut=cut)

    def _after(self, mine: Span, theirs: Span) -> None:
        """Words after all that is shared."""
        i, k = self._long.end(mine[0]), self._short.end(theirs[0])
        i, k = min(i, mine[1]), min(k, theirs[1])
        ours, their = self._long.words[mine[0] : i], self._short.words[theirs[0] : k]
        beside = (
            ours or self._long.words[mine[0] : min(self._long.end(mine[0] + 1), mine[1])],
            their or self._short.words[theirs[0] : min(self._short.end(theirs[0] + 1), theirs[1])],
        )
        beside = self._uncut(*beside, mine[1], theirs[1])
        if not beside[0]:
            ours = ()
        if not beside[1]:
            their = ()
        self._edge(ours, their, beside, mine, theirs, 1, cut=True)

    def _edge(
        self,
        ours: Words,
        their: Words,
        beside: tuple[Words, Words],
        mine: Span,
        theirs: Span,
        head: int,
        *,
        cut: bool,
    ) -> None:
        """What goes on with the sentence that is shared, and what is a sentence of its own: the
        nearest one of each is held against that of the other."""
        more, less = self._left(*beside)
        one = (
            (ours and their)
            or max(map(len, beside)) <= head
            or (cut and min(len(_content(told)) for told in beside) <= _HEAD)
            or _are_one(*beside, more, less)
        )
        if more and less and one:
            self._other = True
            return
        if all(beside) and len(more) + len(less) <= 2 and not NEGATIONS.isdisjoint(more + less):
            self._other = True
            return
        if more and ours:
            self._open = True
        if less and their:
            self._opened = True
        if more or mine[1] - mine[0] > len(beside[0]):
            self._more = True
        if less or theirs[1] - theirs[0] > max(len(beside[1]), 1):
            self._less = True
        self._counts[0] |= any(map(is_number, self._long.words[slice(*mine)]))
        self._counts[1] |= any(map(is_number, self._short.words[slice(*theirs)]))

    def _uncut(self, ours: Words, their: Words, i: int, k: int) -> tuple[Words, Words]:
        """Without a word within which one of the two ends: an SMS has an end."""
        if k == len(self._short.words) and self._is_cut(ours, their):
            return ours, ()
        if i == len(self._long.words) and self._is_cut(their, ours):
            return (), their
        return ours, their

    def _is_cut(self, whole: Words, cut: Words) -> bool:
        if len(cut) != 1 or not whole:
            return False
        last = cut[0]
        return (
            whole[0].startswith(last)
            and len(whole[0]) > len(last)
            and not is_number(last)
            and (len(last) <= _SURELY_CUT or not self._is_word(last))
        )


def _is_of_number(words: Words, at: int) -> bool:
    """Whether the word at a place makes another number of the one before it."""
    return is_number(words[at - 1]) and any(map(is_number, words[at : at + 2]))


def _is_twice(words: Words, begin: int, end: int) -> bool:
    """Whether words more are nothing but a sign that was typed twice."""
    if end - begin > 1 or not is_sign(words[begin]):
        return False
    return words[begin] in (words[begin - 1], words[end])


def _are_one(ours: Words, their: Words, more: list[str], less: list[str]) -> bool:
    """Whether two sentences in one place are one that was changed: they share words that count."""
    shared = _said(ours) - sum(not is_number(word) for word in more)
    least = min(_said(ours), _said(their)) * _CHANGED
    return shared > 0 and shared >= least


def _said(words: Words) -> int:
    """How many words count, and are no numbers."""
    return sum(word not in FILLERS and not is_number(word) for word in words)


def _content(words: Iterable[str]) -> list[str]:
    """Without words that carry nothing."""
    return [word for word in words if word not in FILLERS]
