"""SMS, brought by a gateway's webhook: POST /in/NAME on [http].

Yes (200) means durable, or nothing to keep: a service message and an empty one are counted and
forgotten. No is 403 for every wrong signature alike, 4xx for what would be as wrong the next time,
and 503 for anything of ours, so that the gateway keeps the message and comes again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from relay.model import Arrival, Verdict
from relay.ports import Clock, TakeIn
from relay.transports.gateways.android import Android
from relay.transports.gateways.generic import Generic
from relay.transports.gateways.said import (
    Gateway,
    Heard,
    Ignored,
    Malformed,
    Said,
    Service,
    TooLong,
)
from relay.transports.web import Reply

GATEWAYS: Mapping[str, Callable[[bytes], Gateway]] = {"android": Android, "generic": Generic}
"""Gateways by their name in relay.toml, each built of its secret."""

_STATUS = {
    Verdict.TAKEN: 200,
    Verdict.KNOWN: 200,
    Verdict.BUSY: 503,
    Verdict.FULL: 503,
    Verdict.REFUSED: 422,
}


class Sms:
    """``web.Inlet`` of one ``[transports.NAME]`` with ``kind = "sms"``.

    ``service`` is called for each service message: never a post, but the operator sees that one
    came. ``ignored`` is called for what is well made and has no text; ``turned_away`` for each
    message that was signed rightly and not taken; ``alive`` for whatever was signed rightly.
    """

    def __init__(
        self,
        name: str,
        gateway: Gateway,
        channel: str,
        take_in: TakeIn,
        clock: Clock,
        *,
        service: Callable[[], None],
        ignored: Callable[[], None] = lambda: None,
        turned_away: Callable[[], None] = lambda: None,
        alive: Callable[[], None] = lambda: None,
    ) -> None:
        self._name = name
        self._gateway = gateway
        self._channel = channel
        self._take_in = take_in
        self._clock = clock
        self._service = service
        self._ignored = ignored
        self._turned_away = turned_away
        self._alive = alive

    async def receive(self, headers: Mapping[str, str], body: bytes, network: bytes) -> Reply:
        """The answer to one POST, its body read. ``network`` is the gateway's, which speaks for
        everybody: no arrival carries it."""
        if not self._gateway.verify(headers, body, self._clock.now()):
            return Reply(403)
        self._alive()
        reply = await self._reply(self._gateway.said(body))
        if reply.status != 200:
            self._turned_away()
        return reply

    async def _reply(self, said: Said) -> Reply:
        match said:
            case Heard():
                verdict = await self._take_in(self._arrival(said))
                yes = _STATUS[verdict] == 200
                return Reply(_STATUS[verdict], self._gateway.answer if yes else b"")
            case Service():
                self._service()
                return Reply(200, self._gateway.answer)
            case Ignored():
                self._ignored()
                return Reply(200, self._gateway.answer)
            case Malformed():
                return Reply(400)
            case TooLong():
                return Reply(413)

    def _arrival(self, said: Heard) -> Arrival:
        return Arrival(
            transport=self._name,
            kind="text",
            content=said.text,
            channels=(self._channel,),
            sender=said.sender,
            recipient=said.recipient,
            provider_id=said.id,
            claimed_at=said.at,
            repeats_without_id=self._gateway.repeats_without_id,
        )
