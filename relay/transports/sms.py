"""SMS, brought by a gateway's webhook: POST /in/NAME on [http].

Yes (200) means durable, or nothing to keep: a service message and an empty one are counted and
forgotten. No is 403 for everything that is not shown to be from our account there, whatever is
wrong with it, 4xx for what would be as wrong the next time, and 503 for anything of ours, so that
the gateway keeps the message and comes again.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Final

from relay.model import Arrival, Later, Outcome, Refused, Stopped, Unsure, Verdict
from relay.ports import Clock, NoAnswer, NotSent, TakeIn
from relay.reach.fetch import Fetch
from relay.rules import gsm
from relay.transports.entity import LEFT_OUT, Medium, entity, within
from relay.transports.gateways.media import Media
from relay.transports.gateways.proof import same
from relay.transports.gateways.said import (
    Alive,
    Gateway,
    Heard,
    Ignored,
    Malformed,
    Said,
    Service,
    TooLong,
)
from relay.transports.gateways.sent import Queues, Sends, Sent
from relay.transports.inlet import Reply, Request

SEND_S: Final = 30.0
"""Seconds that a gateway has to take an answer."""

_STATUS: Final = {
    Verdict.TAKEN: 200,
    Verdict.KNOWN: 200,
    Verdict.BUSY: 503,
    Verdict.FULL: 503,
    Verdict.REFUSED: 422,
}

_FORBIDDEN: Final = Reply(403)


class Sms:
    """``web.WholeInlet`` and ``ports.Answers`` of one ``[transports.NAME]`` with ``kind = "sms"``.

    ``path_secret`` is the segment that the address of every request must end with, where there is
    one. ``answers``: ways back are made, and ``answer`` may be called; it sends from ``sender``, or
    else from the number that was written to.

    ``service`` is called for each service message: never a post, but the operator sees that one
    came. ``ignored`` is called for what is well made and has no text; ``turned_away`` for each
    message that came from the gateway and was not taken; ``alive`` for whatever came from it;
    ``faring`` with a state of the board and why, when that changes.
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
        faring: Callable[[str, str], None] = lambda state, why: None,
        path_secret: bytes = b"",
        media: Media | None = None,
        fetch: Fetch | None = None,
        answers: bool = False,
        sender: str = "",
        methods: Sequence[str] = ("POST",),
        body_bytes: int = 256 * 1024,
    ) -> None:
        self.methods = frozenset(methods)
        self.body_bytes = body_bytes
        self._name = name
        self._gateway = gateway
        self._channel = channel
        self._take_in = take_in
        self._clock = clock
        self._service = service
        self._ignored = ignored
        self._turned_away = turned_away
        self._alive = alive
        self._faring = faring
        self._path = b"/" + path_secret if path_secret else b""
        self._media = media
        self._fetch = fetch
        self._answers = answers
        self._sender = sender
        self._state = "works"

    # ------------------------------------------------------------ taking in

    async def request(self, request: Request) -> Reply:
        """The answer to one request. The network it came from is the gateway's, which speaks for
        everybody: no arrival carries it."""
        now = self._clock.now()
        knows_the_path = same(request.path.encode("latin-1", "replace"), self._path)
        if not (knows_the_path and self._gateway.verify(request, now)):
            return _FORBIDDEN
        self._alive()
        statuses = [await self._status(said) for said in self._gateway.said(request)]
        for status in statuses:
            if status != 200:
                self._turned_away()
        if 503 in statuses or 200 not in statuses:
            return Reply(503 if 503 in statuses else statuses[0])
        answered = self._gateway.taken(request, now)
        headers = (("content-type", answered.type),) if answered.type else ()
        return Reply(200, answered.body, headers)

    async def _status(self, said: Said) -> int:
        match said:
            case Heard():
                return await self._taken(said)
            case Service():
                self._service()
            case Ignored():
                self._ignored()
            case Malformed():
                return 400
            case TooLong():
                return 413
            case Alive():
                pass
        return 200

    async def _taken(self, heard: Heard) -> int:
        if self._media is None:
            whole = replace(heard, lacking=True) if heard.links else heard
            return _STATUS[await self._take_in(self._arrival(whole, _kept(whole)))]
        async with self._media.fetched(heard) as whole:
            kept = _kept(whole)
            status = _STATUS[await self._take_in(self._arrival(whole, kept))]
            if status == 200:
                self._media.settle(heard, whole, kept)
        return status

    def _arrival(self, heard: Heard, media: Sequence[Medium]) -> Arrival:
        way_back = b"\0".join((heard.sender, heard.recipient)) if self._answers else b""
        left_out = heard.lacking or len(media) < len(heard.media)
        return Arrival(
            transport=self._name,
            kind="multipart" if media else heard.kind,
            content=entity(_text(heard), media) if media else heard.text,
            channels=(self._channel,),
            sender=heard.sender,
            recipient=heard.recipient,
            provider_id=heard.id,
            claimed_at=heard.at,
            flags=heard.flags + (LEFT_OUT,) * left_out,
            repeats_without_id=self._gateway.repeats_without_id,
            segment=heard.segment,
            segments=heard.segments,
            reference=heard.reference,
            way_back=way_back,
        )

    # ------------------------------------------------------------ answering

    async def answer(self, way_back: bytes, text: str) -> Outcome:
        """``ports.Answers``: one SMS to whoever asked."""
        to, _, written_to = way_back.decode("utf-8", "replace").partition("\0")
        if not gsm.fits(text):
            return Refused("longer than one SMS")
        now = self._clock.now()
        if isinstance(self._gateway, Queues):
            return self._gateway.queue(to, text, now)
        if not isinstance(self._gateway, Sends) or self._fetch is None:
            return Refused("nothing goes out by this gateway")
        call = self._gateway.call(to, text, self._sender or written_to, now)
        try:
            got = await self._fetch.request(
                call.method, call.url, headers=call.headers, body=call.body, timeout_s=SEND_S
            )
        except NotSent:
            return Later("the gateway cannot be reached")
        except NoAnswer:
            return Unsure("the gateway did not answer")
        sent = self._gateway.sent(got)
        self._note(sent)
        return sent.outcome

    def _note(self, sent: Sent) -> None:
        """Tell the board what an answer told of the account, when that is news."""
        if sent.state and sent.state != self._state:
            self._state = sent.state
            stopped = sent.outcome
            why = f"{stopped.why}: {stopped.action}" if isinstance(stopped, Stopped) else ""
            self._faring(sent.state, why)


def _kept(heard: Heard) -> Sequence[Medium]:
    """Those of its media that have room beside its text."""
    return within(_text(heard), heard.media) if heard.media else ()


def _text(heard: Heard) -> str:
    return heard.text.decode("utf-8", "replace")
