"""What editors have set aside for a while: a way in, a network, a prefix or domain they typed.

What comes from there is held whatever its channel's policy says, and counted; nothing of it is
lost. A network is known by its tags of today and yesterday, whose keys lie in the memory of the
core: a rule about a network taken from a message ends with the process, one that was typed is made
anew from what was typed, which lies sealed. No rule outlives a day.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from secrets import token_hex
from typing import Any, Final

import trio

from relay.errors import Asked, Damaged
from relay.exit.record import Record
from relay.exit.remembering import remembered, to_remember
from relay.model import HOUR, Instant
from relay.ports import Clock, Spool
from relay.rules.networks import network_typed
from relay.wire.keys import ExitKeys
from relay.wire.names import network_tag

NAME: Final = "asides"
MOST: Final = 100
"""Rules at a time."""

LONGEST_S: Final = 24 * HOUR
ASIDE: Final = "set aside"
"""Why a message is held that such a rule fits."""

KINDS: Final = ("transport", "network", "typed")
MOST_VALUE: Final = 200
_TAG: Final = 16
_SHOWN: Final = 6

Tags = Callable[[], tuple[bytes, bytes]]
"""The tag keys of today and yesterday."""


@dataclass(frozen=True, slots=True, repr=False)
class Aside:
    """``value``: the name of a way in, the hex digits of a tag, or what was typed."""

    id: str
    kind: str
    value: str
    until: Instant
    by: str
    held: int = 0


@dataclass(frozen=True, slots=True, repr=False)
class Rules:
    """Those there are, the oldest first."""

    rules: tuple[Aside, ...] = ()


class Asides:
    """Those of one node. Nothing is set aside before ``begin``."""

    def __init__(self, spool: Spool, clock: Clock, tags: Tags) -> None:
        self._spool = spool
        self._clock = clock
        self._tags = tags
        self._rules: dict[str, Aside] = {}
        self._of: dict[tuple[str, bytes], bytes] = {}
        self._keys: ExitKeys | None = None
        self._counted = False
        self._turn = trio.Lock()

    async def begin(self, keys: ExitKeys) -> None:
        """Take up what a process before this one has kept, as far as it can still be told."""
        self._keys = keys
        value = (await self._spool.remembered()).get(NAME, b"")
        try:
            kept = remembered(Rules, NAME, value, keys).rules if value else ()
        except Damaged:
            kept = ()  # of other keys, or damaged: nobody can read it any more
        self._rules = {one.id: one for one in kept if one.kind != "network"}

    def why(self, record: Record) -> tuple[str, ...]:
        """Why a message is held, if a rule fits it. It is counted with each that does."""
        fitting = self.fitting(record)
        for one in fitting:
            self._rules[one.id] = replace(one, held=one.held + 1)
            self._counted = True
        return (ASIDE,) if fitting else ()

    def fitting(self, record: Record) -> list[Aside]:
        """The rules that fit a message now."""
        now = self._clock.now()
        return [one for one in self._rules.values() if one.until > now and self._fits(one, record)]

    def _fits(self, one: Aside, record: Record) -> bool:
        if one.kind == "transport":
            return record.transport == one.value
        if one.kind == "network":
            return bytes.fromhex(one.value) in record.network_tags
        return any(self._tag(key, one.value) in record.network_tags for key in self._tags())

    def _tag(self, key: bytes, typed: str) -> bytes:
        known = self._of.get((typed, key))
        if known is None:
            if len(self._of) >= 4 * MOST:
                self._of.clear()
            known = self._of[typed, key] = network_tag(key, network_typed(typed))
        return known

    # ------------------------------------------------------------ what editors do

    async def add(self, kind: str, value: str, for_s: int, by: str) -> str:
        """Set something aside; durable when this returns. Gives the id of the rule. Raises Asked,
        SpoolFull."""
        value = _checked(kind, value.strip())
        if not 0 < for_s <= LONGEST_S:
            raise Asked(f"something is set aside for 1 to {LONGEST_S} seconds")
        async with self._turn:
            now = self._clock.now()
            rules = {id: one for id, one in self._rules.items() if one.until > now}
            same = [one for one in rules.values() if (one.kind, one.value) == (kind, value)]
            made = replace(same[0], until=now + for_s, by=by) if same else None
            made = made or Aside(token_hex(8), kind, value, now + for_s, by)
            if len(rules) >= MOST and not same:
                raise Asked(f"no more than {MOST} things can be set aside at a time")
            await self._keep({**rules, made.id: made})
        return made.id

    async def end(self, id: str) -> None:
        """A rule ends now; durable when this returns. Raises Asked where there is none."""
        async with self._turn:
            if id not in self._rules:
                raise Asked("that is not set aside any more")
            await self._keep({other: one for other, one in self._rules.items() if other != id})

    async def tidy(self) -> bool:
        """Forget what is over, and keep what was counted; whether anything was over."""
        async with self._turn:
            now = self._clock.now()
            left = {id: one for id, one in self._rules.items() if one.until > now}
            over = len(left) < len(self._rules)
            if over or self._counted:
                await self._keep(left)
                self._counted = False
            return over

    async def _keep(self, rules: dict[str, Aside]) -> None:
        if self._keys is None:
            raise Asked("exit.key is locked: unlock it first")
        sealed = to_remember(NAME, Rules(tuple(rules.values())), self._keys)
        await self._spool.remember(NAME, sealed)
        for id, one in rules.items():  # what was counted meanwhile counts
            before = self._rules.get(id)
            rules[id] = one if before is None else replace(one, held=before.held)
        self._rules = rules

    def shown(self) -> Sequence[dict[str, Any]]:
        """What is set aside now, for the desk."""
        now = self._clock.now()
        return [
            {
                "id": one.id,
                "kind": one.kind,
                "shown": one.value[:_SHOWN] if one.kind == "network" else one.value,
                "until": one.until,
                "by": one.by,
                "held": one.held,
            }
            for one in self._rules.values()
            if one.until > now
        ]


def _checked(kind: str, value: str) -> str:
    """The value of a rule as it is kept. Raises Asked."""
    if kind not in KINDS or not 0 < len(value) <= MOST_VALUE:
        raise Asked("say what is to be set aside: a transport, a network, a prefix or a domain")
    if kind == "typed" and not network_typed(value):
        raise Asked("that is no prefix with its country (+98912) and no domain (mail.example)")
    if kind == "network" and not _is_tag(value):
        raise Asked("that is no network of a message")
    return value.lower() if kind == "network" else value


def _is_tag(value: str) -> bool:
    try:
        return len(bytes.fromhex(value)) == _TAG
    except ValueError:
        return False
