"""One client of a relay: what it says, what it is answered, what it has subscribed to."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence, Set
from secrets import token_hex
from typing import Any, Final, Protocol
from urllib.parse import urlsplit

import trio

from relay.model import Instant
from relay.testing.nostr import filters
from relay.testing.nostr.events import AUTH, Event, Misshapen, No, read
from relay.testing.nostr.faults import Trouble
from relay.testing.nostr.filters import Filter
from relay.testing.nostr.manners import Manners
from relay.testing.nostr.sockets import Socket

AUTH_WINDOW_S: Final = 600
"""How far the time of an AUTH may be from now (NIP-42)."""

Frame = list[Any]


class Home(Protocol):
    """The relay, as its sessions see it."""

    manners: Manners

    @property
    def url(self) -> str: ...
    @property
    def now(self) -> Instant: ...
    def take(self, value: object, authed: Set[str]) -> tuple[bool, str]: ...
    def find(self, asked: Sequence[Filter]) -> list[Event]: ...
    def remember(self, said: Frame) -> None: ...
    def trouble(self, said: Frame) -> Trouble | None: ...


class Session:
    """A connection. ``authed``: the accounts that have proved themselves on it."""

    def __init__(self, relay: Home, socket: Socket) -> None:
        self.authed: set[str] = set()
        self._relay = relay
        self._socket = socket
        self._challenge = ""
        self._subscribed: dict[str, list[Filter]] = {}
        self._held_back_s = 0.0

    async def run(self) -> None:
        """Answer until the client goes, or a script ends it."""
        async with trio.open_nursery() as nursery:
            nursery.start_soon(self._pump, nursery.cancel_scope)
            if self._relay.manners.auth != "never" and self._relay.manners.challenges_at_once:
                await self._say(self.challenged())
            while (message := await self._socket.heard()) is not None:
                if not await self._meet(message):
                    nursery.cancel_scope.cancel()
                    break
            self._socket.finish()

    async def _pump(self, conversation: trio.CancelScope) -> None:
        await self._socket.pump()
        conversation.cancel()

    def challenged(self) -> Frame:
        """A new challenge, after which nobody is authenticated."""
        self.authed.clear()
        self._challenge = token_hex(16)
        return ["AUTH", self._challenge]

    def challenge_again(self) -> None:
        """Whoever had proved to be somebody has to do so again."""
        self._socket.say_soon(_written(self.challenged()))

    def pass_on(self, event: Event) -> None:
        """Send an event that came just now to whom asked for such (NIP-01)."""
        if event.kind == AUTH:
            return
        for name, asked in self._subscribed.items():
            if any(one.fits(event) for one in asked):
                self._socket.say_soon(_written(["EVENT", name, event.shown()]))

    # ------------------------------------------------------------ one message

    async def _meet(self, message: str | bytes) -> bool:
        """Act on one message and answer it; whether the connection goes on."""
        length = len(message.encode() if isinstance(message, str) else message)
        if length > self._relay.manners.max_message_length:
            await self._socket.close(1009)
            return True
        try:
            said = self._read(message)
        except No as no:
            if self._relay.manners.noisy:
                await self._say(["NOTICE", no.why])
            return True
        self._relay.remember(said)
        trouble = self._relay.trouble(said)
        if trouble is not None and trouble.then == "late":
            await self._socket.gone()
        acted = trouble is None or trouble.made or trouble.then == "late"
        answers = self._acted(said) if acted else []
        if trouble is not None:
            return await self._play(trouble, said, answers)
        await self._answer(said, answers)
        return True

    def _read(self, message: str | bytes) -> Frame:
        """A message as a list that begins with a word. Raises No, with what a NOTICE says."""
        if isinstance(message, bytes):
            raise No("binary messages are not processed by this relay")
        try:
            said = json.loads(message)
        except (ValueError, RecursionError):
            raise No("bad msg: unparseable message") from None
        if not isinstance(said, list) or len(said) < 2 or not isinstance(said[0], str):
            raise No("bad msg: not a message")
        if said[0] not in ("EVENT", "REQ", "CLOSE", "AUTH"):
            raise No("bad msg: unknown cmd")
        return said

    def _acted(self, said: Frame) -> list[Frame]:
        """Do what a message asks for; gives the answers."""
        verb = said[0]
        if verb == "EVENT":
            return self._event(said)
        if verb == "AUTH":
            return [self._ok(said[1], *self._proved(said[1]))]
        if verb == "CLOSE":
            self._subscribed.pop(str(said[1]), None)
            return []
        return [*self._asked(said)]

    async def _answer(self, said: Frame, answers: list[Frame]) -> None:
        manners = self._relay.manners
        if manners.slows_s and any(_refuses(one) for one in answers):
            doubled = max(self._held_back_s * 2, manners.slows_s)
            self._held_back_s = min(doubled, manners.slows_s * 4)
        if self._held_back_s and said[0] == "EVENT":
            await trio.sleep(self._held_back_s)
        for frame in answers:
            await self._say(frame)

    async def _play(self, trouble: Trouble, said: Frame, answers: list[Frame]) -> bool:
        """Answer as the script says; whether the connection goes on."""
        subject = _subject(said)
        match trouble.then:
            case "cut" | "late":
                return False
            case "endless":
                await self._socket.endless()
            case "close":
                await self._socket.close(trouble.number, trouble.text)
            case "notice":
                await self._say(["NOTICE", trouble.text])
            case "raw":
                await self._socket.say(trouble.text)
            case "other":
                await self._say(["OK", token_hex(32), True, ""])
            case "refuse" if said[0] == "REQ":
                await self._say(["CLOSED", subject, trouble.text])
            case "refuse":
                await self._say(["OK", subject if trouble.named else "", False, trouble.text])
            case "pings":
                await self._socket.ping(trouble.number)
                await self._answer(said, answers)
        return True

    # ------------------------------------------------------------ EVENT, AUTH, REQ

    def _event(self, said: Frame) -> list[Frame]:
        try:
            return [self._ok(said[1], *self._relay.take(said[1], self.authed))]
        except Misshapen as no:
            if self._relay.manners.malformed == "noticed":
                return [["NOTICE", "invalid client message"]]
            return [self._ok(said[1], False, no.why)]
        except No as no:
            return [*self._challenged_for(no), self._ok(said[1], False, no.why)]

    def _challenged_for(self, no: No) -> list[Frame]:
        """The challenge that goes before a refusal, where there was none so far (NIP-42)."""
        wanted = no.why.startswith("auth-required:") and not self._challenge
        return [self.challenged()] if wanted else []

    def _ok(self, value: object, taken: bool, why: str) -> Frame:
        known = why.startswith("duplicate:")
        named = taken or known or self._relay.manners.names_refused
        return ["OK", _id(value) if named else "", taken, why]

    def _proved(self, value: object) -> tuple[bool, str]:
        """Whether an AUTH is what NIP-42 wants, and what is said to it."""
        try:
            event = read(value, self._relay.manners.escapes)
        except No as no:
            return False, no.why
        here = urlsplit(self._relay.url).netloc
        if event.kind != AUTH:
            return False, "invalid: wrong event kind"
        if abs(event.created_at - self._relay.now) > AUTH_WINDOW_S:
            return False, "invalid: created_at is too far from now"
        if not self._challenge or event.first("challenge") != self._challenge:
            return False, "auth-required: received invalid challenge"
        if urlsplit(event.first("relay")).netloc.lower() != here:
            return False, "auth-required: received invalid relay"
        self.authed.add(event.pubkey)
        return True, ""

    def _asked(self, said: Frame) -> Iterator[Frame]:
        name, manners = said[1], self._relay.manners
        if not isinstance(name, str) or not 0 < len(name) <= manners.max_subid_length:
            yield ["NOTICE", "bad req: invalid subscription id length"]
            return
        try:
            asked = [filters.read(one) for one in said[2:]]
            if not asked:
                raise No("invalid: no filter")
            if manners.auth == "all" and not self.authed:
                raise No("auth-required: we do not serve unauthenticated users")
            if len(self._subscribed.keys() - {name}) >= manners.max_subscriptions:
                raise No("error: too many concurrent REQs")
        except No as no:
            yield from self._challenged_for(no)
            yield ["CLOSED", name, no.why]
            return
        self._subscribed[name] = asked
        found = self._relay.find(asked)
        yield from (["EVENT", name, event.shown()] for event in found)
        yield ["EOSE", name]
        if manners.closes_found and _complete(found, [one.ids for one in asked]):
            del self._subscribed[name]
            yield ["CLOSED", name, ""]

    async def _say(self, frame: Frame) -> None:
        await self._socket.say(_written(frame))


def _written(frame: Frame) -> str:
    return json.dumps(frame, ensure_ascii=False, separators=(",", ":"))


def _refuses(frame: Frame) -> bool:
    return frame[0] == "OK" and not frame[2] and not frame[3].startswith("duplicate:")


def _complete(found: Sequence[Event], wanted: Sequence[frozenset[str] | None]) -> bool:
    """Whether all that was asked for by its id was found, and nothing was asked otherwise."""
    ids = [one for one in wanted if one is not None]
    return len(ids) == len(wanted) and {one.id for one in found} == set().union(*ids)


def _id(value: object) -> str:
    """What a message says the id of its event is; strfry's question mark if it says none."""
    said = value.get("id") if isinstance(value, dict) else None
    return said if isinstance(said, str) else "?"


def _subject(said: Frame) -> str:
    """What an answer to a message names: the event, or the subscription."""
    return _id(said[1]) if said[0] in ("EVENT", "AUTH") else str(said[1])
