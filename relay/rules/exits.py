"""What is wrong with the keys of exits, of an entry's and our own, in sentences with a remedy."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

WARN_DAYS: Final = 14
"""Days before the last key that a node says so."""


@dataclass(frozen=True, slots=True)
class ExitFacts:
    """What is known of one exit. ``days``: for how many days after this one there are keys, None if
    not even for this; ``known``: there is a bundle of it here; ``revoked``; ``refused``: why the
    last bundle that came is not in force; ``only``: envelopes that nobody else could get when it
    was revoked; ``today``: there is a key for this very day."""

    days: int | None
    known: bool
    revoked: bool = False
    refused: str = ""
    only: int = 0
    today: bool = True


@dataclass(frozen=True, slots=True)
class Own:
    """What is known of our own. ``days``: for how many days after this one there are keys, None if
    not even for this; ``locked``: none can be made now; ``ended``: it was revoked. ``odd`` has what
    else is wrong with them, as ``troubles_of`` gives it."""

    days: int | None
    locked: bool = False
    ended: bool = False
    odd: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Exits:
    """All of them, and ``own``, that of this node (None: it is an entry). ``damaged``: envelopes
    that this disk has damaged; ``seals``: there is a key to seal to."""

    of: Mapping[str, ExitFacts] = field(default_factory=dict)
    damaged: int = 0
    seals: bool = True
    own: Own | None = None


def ending(days: int) -> str:
    """When the last key ends, for a sentence."""
    return f"in {days} days" if days > 1 else "tomorrow" if days else "today"


_FETCH: Final = "its link brings newer ones, or `relay keys import` does"


CLOCK: Final = "is the clock of this machine behind? `relay clock show`, here and there"


def troubles_of(exits: Exits) -> Iterator[tuple[str, str]]:
    """Each as the key of a trouble, which stays the same while it lasts, and a sentence."""
    if not exits.seals:
        said = "there is no key to seal to: everybody is answered 'try again later'"
        bring = "bring the keys of an exit, by a link or `relay keys import`"
        early = any(_is_early(one) for one in exits.of.values())
        yield "keys", f"{said}; {CLOCK if early else bring}"
    for name, one in exits.of.items():
        yield from _of(name, one)
    if exits.own is not None:
        yield from _of_own(exits.own)
    if exits.damaged:
        said = f"{exits.damaged} envelopes were damaged on this disk and are set aside"
        yield "damaged", f"{said}: `relay queue list`, and look at the disk"


def _of_own(own: Own) -> Iterator[tuple[str, str]]:
    unlock = "none is made while exit.key is locked: `relay unlock`"
    sign = "sign those that wait: `relay keys export --request`, then `relay keys import`"
    remedy = unlock if own.locked else sign
    yield from own.odd
    if own.ended:
        yield "own keys", "this exit was revoked: nobody seals to it, and it takes nothing new"
    elif own.days is None:
        yield "own keys", f"the keys of this exit have ended, nobody can seal to it; {remedy}"
    elif own.days < WARN_DAYS:
        yield "own keys", f"the keys of this exit end {ending(own.days)}; {remedy}"


def _is_early(one: ExitFacts) -> bool:
    """Whether there are keys, and all of them for days that come: to whom a clock is behind."""
    return one.days is not None and not one.today and not one.revoked


def _of(name: str, one: ExitFacts) -> Iterator[tuple[str, str]]:
    if one.revoked:
        lost = f", and {one.only} were for it alone: they are refused" if one.only else ""
        yield f"revoked {name}", f"exit {name} was revoked{lost}; take it out of [peers]"
    elif not one.known:
        yield f"keys {name}", f"the keys of exit {name} are not here: {_FETCH}"
    elif _is_early(one):
        yield f"keys {name}", f"exit {name} has keys for later days and none for today: {CLOCK}"
    elif one.days is None:
        yield f"keys {name}", f"the keys of exit {name} have ended: {_FETCH}"
    elif one.days < WARN_DAYS:
        yield f"keys {name}", f"the keys of exit {name} end {ending(one.days)}: {_FETCH}"
    if one.only and not one.revoked:
        said = f"keys of exit {name} were revoked, and {one.only} were sealed to these alone"
        yield f"lost {name}", f"{said}: they are refused"
    if one.refused:
        yield f"bundle {name}", f"keys of exit {name} that came were refused: {one.refused}"
