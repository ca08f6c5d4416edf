"""The words that two tellings have in one order."""

from __future__ import annotations

from relay.rules.alike.verdicts import Words

Pairs = list[tuple[int, int]]


def shared(mine: Words, theirs: Words) -> Pairs:
    """Where each of these words stands in the one and in the other."""
    most = min(len(mine), len(theirs))
    begin = 0
    while begin < most and mine[begin] == theirs[begin]:
        begin += 1
    end = 0
    while end < most - begin and mine[-1 - end] == theirs[-1 - end]:
        end += 1
    here, there = len(mine) - end, len(theirs) - end
    found = [(at, at) for at in range(begin)]
    if here > begin and there > begin:
        inner = _longest(mine[begin:here], theirs[begin:there])
        found += [(begin + a, begin + b) for a, b in inner]
    return found + [(here + at, there + at) for at in range(end)]


def _longest(mine: Words, theirs: Words) -> Pairs:
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
