"""Groups out of tellings that are known to one another.

As a tree is grown from its shortest edges: the nearest pair first, and never a pair that would
bring two together which tell two stories. So the outcome does not depend on who came first.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from relay.rules.alike.telling import Telling
from relay.rules.alike.verdicts import Verdict

_MORE: Final = Verdict.MORE | Verdict.LESS

Group = dict[Telling, None]


def formed(tellings: Iterable[Telling]) -> list[Group]:
    """The groups of some tellings, by what they are known to be to each other."""
    group_of = {telling: {telling: None} for telling in tellings}
    pairs = [
        (_distance(one, other), one, other)
        for one in group_of
        for other in one.same_as
        if one.words < other.words and other in group_of
    ]
    pairs.sort(key=lambda pair: (pair[0], pair[1].words, pair[2].words))
    for _, one, other in pairs:
        mine, theirs = group_of[one], group_of[other]
        if mine is theirs or are_apart(mine, theirs):
            continue
        if len(mine) < len(theirs):
            mine, theirs = theirs, mine
        mine.update(theirs)
        for moved in theirs:
            group_of[moved] = mine
    return list({id(group): group for group in group_of.values()}.values())


def are_apart(mine: Group, theirs: Group) -> bool:
    """Whether any of these is known to tell another story than any of those."""
    if len(mine) > len(theirs):
        mine, theirs = theirs, mine
    return any(other in theirs and one.is_apart(other) for one in mine for other in one.apart_from)


def _distance(one: Telling, other: Telling) -> tuple[bool, float]:
    lengths = sorted((len(one.words), len(other.words)))
    return bool(one.same_as[other] & _MORE), 1 - lengths[0] / lengths[1]
