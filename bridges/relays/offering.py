"""An event is given to one relay, which answers OK or not (NIP-01), or wants to know first who is
there (NIP-42).

One event a connection at a time: of an answer that refuses, some leave out the id.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto
from typing import Final

import trio

from bridges import kit
from bridges.relays.events import LOGIN, Event, made_by
from bridges.relays.keys import Key
from bridges.relays.line import TOO_BIG, HungUp, Line, TurnedAway
from relay.ports import Clock, Http, Instant, NoAnswer, NotSent

ANSWER_S: Final = 20.0
"""nostr-relay holds an answer back for up to 8 s after an error."""

CHALLENGE_S: Final = 5.0
CLOCKS_S: Final = 900
"""So far may a relay's clock be from ours: strfry takes what is so long ahead of its own."""


class Standing(Enum):
    """How an event stands with one relay."""

    TAKEN = auto()  #: it has it
    AWAY = auto()  #: it was not asked, or says that it cannot now
    DOUBT = auto()  #: it was given it, and did not answer
    EVENT = auto()  #: it will never take this event
    ACCOUNT = auto()  #: it does not take events of this account


@dataclass(frozen=True, slots=True)
class Told:
    """What one relay told, in our words. ``limited``: we were too many; ``again``: until when."""

    standing: Standing
    why: str = ""
    limited: bool = False
    again: Instant | None = None


TAKEN: Final = Told(Standing.TAKEN)
UNREACHED: Final = Told(Standing.AWAY, "cannot be reached")
NO_ANSWER: Final = Told(Standing.DOUBT, "did not answer")
TOO_LONG: Final = Told(Standing.EVENT, "finds the post too long")
STRANGER: Final = Told(Standing.ACCOUNT, "does not take posts of this account")
TWICE: Final = "auth-required"

_REFUSALS: Final = {
    # NIP-01 and NIP-42
    "pow": Told(Standing.EVENT, "wants more work than was done"),
    "invalid": Told(Standing.EVENT, "finds the post invalid"),
    "mute": Told(Standing.EVENT, "does not keep such posts"),
    "rate-limited": Told(Standing.AWAY, "takes no more posts for now", limited=True),
    "blocked": STRANGER,
    "restricted": STRANGER,
    TWICE: Told(Standing.ACCOUNT, "does not let this account log in"),
    # strfry's own, of an event whose removal it was asked for
    "deleted": Told(Standing.EVENT, "was told to delete the post"),
    # nostr-relay's own, for authors that are not on its list
    "rejected": STRANGER,
}
"""What stands before the colon of a refusal. All else may be a matter of the moment: "error", and
strfry's "Write error"."""


async def offered(http: Http, address: str, event: Event, key: Key, clock: Clock) -> Told:
    """Give the event to the relay at this address, and say how it stands there. To repeat it does
    no harm: it is the same event."""
    try:
        line = await Line.open(http, address)
    except TurnedAway as answer:
        return turned_away(answer, clock.now())
    except (NotSent, NoAnswer):
        return UNREACHED
    try:
        return await _Offer(line, address, event, key, clock).made()
    except HungUp as ended:
        return TOO_LONG if ended.code == TOO_BIG else NO_ANSWER
    except (NotSent, NoAnswer):
        return NO_ANSWER
    finally:
        await line.aclose()


def turned_away(answer: TurnedAway, now: Instant) -> Told:
    """What an answer means with which a relay opens no connection at all."""
    if answer.status == 429:
        again = kit.again_at(answer.headers, now)
        return Told(Standing.AWAY, "takes no more posts for now", limited=True, again=again)
    if answer.status in (401, 402, 403):
        return STRANGER
    if 400 <= answer.status < 500 and answer.status not in (408, 421, 425):
        return Told(Standing.ACCOUNT, "is no relay at this address")
    again = kit.retry_after(answer.headers, now)
    return Told(Standing.AWAY, "cannot be reached", again=again)


class _Offer:
    """One conversation about one event."""

    def __init__(self, line: Line, address: str, event: Event, key: Key, clock: Clock) -> None:
        self._line = line
        self._address = address
        self._event = event
        self._key = key
        self._clock = clock
        self._challenge = ""

    async def made(self) -> Told:
        told = await self._given()
        if told == _REFUSALS[TWICE] and await self._challenged():
            known = await self._logged_in()
            told = await self._given() if known == TAKEN else known
        return told

    async def _given(self) -> Told:
        await self._line.say("EVENT", self._event.shown())
        told = await self._answer(self._event.id)
        if told == _REFUSALS["invalid"] and self._too_new():
            # It may be the relay's clock: when it has caught up it will say so again, or not.
            return Told(Standing.AWAY, told.why, again=self._event.created_at + CLOCKS_S)
        return told

    def _too_new(self) -> bool:
        return self._clock.now() < self._event.created_at + CLOCKS_S

    async def _logged_in(self) -> Told:
        tags = (("relay", self._address), ("challenge", self._challenge))
        login = made_by(self._key, LOGIN, tags, self._clock.now())
        await self._line.say("AUTH", login.shown())
        told = await self._answer(login.id)
        return _REFUSALS[TWICE] if told.standing is Standing.EVENT else told

    async def _challenged(self) -> bool:
        """Whether there is a challenge; some relays send it only after they have refused."""
        until = trio.current_time() + CHALLENGE_S
        try:
            while not self._challenge:
                await self._hear(until - trio.current_time())
        except NoAnswer:  # the event was refused, whatever happens now
            return False
        return True

    async def _answer(self, id: str) -> Told:
        until = trio.current_time() + ANSWER_S
        while True:
            match await self._hear(until - trio.current_time()):
                case ["OK", str(of), True, *_] if of == id:
                    return TAKEN
                # nostr-relay refuses with an empty id, strfry with "?" if it found none
                case ["OK", str(of), False, str(said), *_] if of in (id, "", "?"):
                    return refused(said)

    async def _hear(self, within_s: float) -> list[object]:
        heard = await self._line.hear(within_s)
        match heard:
            case ["AUTH", str(challenge)]:
                self._challenge = challenge
        return heard


def refused(said: str) -> Told:
    """What a relay means that answered no and said this."""
    prefix = said.partition(":")[0].strip().lower()
    if prefix == "duplicate":  # some say no to what they have; it is there all the same
        return TAKEN
    return _REFUSALS.get(prefix, Told(Standing.AWAY, "had an error"))
