"""Words that stand in the place of others, and which of them may be the same."""

from __future__ import annotations

from typing import Final

from relay.rules.alike.small_words import FILLERS
from relay.rules.alike.typing_errors import may_be
from relay.rules.alike.verdicts import Words


def unmatched(mine: Words, theirs: Words) -> tuple[list[str], list[str]]:
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
