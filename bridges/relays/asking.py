"""What a relay shows: events by a filter (NIP-01), each of them verified."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import trio

from bridges.relays.events import LOGIN, Event, event_of, made_by
from bridges.relays.keys import Key
from bridges.relays.line import Line, TurnedAway
from relay.ports import Clock, Http, NoAnswer, NotSent

ANSWER_S: Final = 20.0
_NAME: Final = "a"

Filter = Mapping[str, Any]


class Shut(Exception):
    """The relay shows nothing of this to us."""


async def shown(
    http: Http, address: str, asked: Filter, key: Key, clock: Clock
) -> list[Event] | None:
    """What the relay has of it, complete as far as a relay shows it in one go; None if it cannot
    be asked now, or does not let us see."""
    try:
        line = await Line.open(http, address)
    except (NotSent, NoAnswer, TurnedAway):
        return None
    try:
        return await _Question(line, address, asked, key, clock).answered()
    except (NotSent, NoAnswer, Shut):
        return None
    finally:
        await line.aclose()


async def reached(http: Http, address: str, account: str) -> bool:
    """Whether a relay stands at this address and answers; it need not show us anything."""
    try:
        line = await Line.open(http, address)
    except (NotSent, NoAnswer, TurnedAway):
        return False
    try:
        await line.say("REQ", _NAME, {"authors": [account], "limit": 1})
        until = trio.current_time() + ANSWER_S
        while True:
            match await line.hear(until - trio.current_time()):
                case ["EOSE" | "CLOSED" | "EVENT", *_]:
                    return True
    except (NotSent, NoAnswer):
        return False
    finally:
        await line.aclose()


class _Question:
    """One subscription, up to the end of what is stored; with a log-in where that is wanted."""

    def __init__(self, line: Line, address: str, asked: Filter, key: Key, clock: Clock) -> None:
        self._line = line
        self._address = address
        self._asked = asked
        self._key = key
        self._clock = clock
        self._challenge = ""
        self._logged_in = False

    async def answered(self) -> list[Event]:
        events: list[Event] = []
        until = trio.current_time() + ANSWER_S
        await self._ask()
        while not self._complete(events):
            match await self._line.hear(until - trio.current_time()):
                case ["EVENT", str(name), said] if name == _NAME:
                    if event := event_of(said):
                        events.append(event)
                case ["EOSE", str(name)] if name == _NAME:
                    return events
                case ["AUTH", str(challenge)]:
                    self._challenge = challenge
                case ["CLOSED", str(name), str(why), *_] if name == _NAME:
                    await self._log_in(why)
        return events

    def _complete(self, events: list[Event]) -> bool:
        """Whether all ids that were asked for are here; rust-nostr ends there without an EOSE."""
        ids = set(self._asked.get("ids", ()))
        return bool(ids) and ids <= {event.id for event in events}

    async def _ask(self) -> None:
        await self._line.say("REQ", _NAME, self._asked)

    async def _log_in(self, why: str) -> None:
        if not why.startswith("auth-required") or not self._challenge or self._logged_in:
            raise Shut
        self._logged_in = True
        tags = (("relay", self._address), ("challenge", self._challenge))
        login = made_by(self._key, LOGIN, tags, self._clock.now())
        await self._line.say("AUTH", login.shown())
        await self._ask()
