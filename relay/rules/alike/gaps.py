"""Where two tellings differ: what stands between the words that both have in one order."""

from __future__ import annotations

from collections.abc import Iterator

from relay.rules.alike.verdicts import Words


def gaps(long: Words, short: Words) -> Iterator[tuple[Words, Words, int]]:
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
