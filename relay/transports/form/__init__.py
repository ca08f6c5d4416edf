"""A page on ``[http]`` by which people write to us: /in/NAME, without scripts, also as an onion.

A plain message is answered at once, by the page itself, with a code of ours: nothing has to come
back for that, since the door makes it and seals it in. A question (by the second form, or a text
that is nothing but a command) waits for its answer as long as its request does; who asked is known
to this process only, and to nobody afterwards.

What a person wrote is never lost by an answer of ours: where it cannot be taken the page shows it
again. Nothing is set in the browser, and nothing may be kept there (Cache-Control: no-store).
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, replace
from hashlib import sha256
from hmac import new as hmac
from secrets import token_hex
from typing import Final
from urllib.parse import parse_qs

from relay.model import Arrival, Outcome, Verdict
from relay.ports import TakeIn
from relay.rules import words
from relay.transports.entity import MOST_BYTES, entity, within
from relay.transports.form import page
from relay.transports.form.body import MOST_TEXT, TooMuch, Torn, Written, read_form
from relay.transports.form.page import View, chosen, shown
from relay.transports.form.waiting import Waiting
from relay.transports.inlet import Reply, Request

BODY_S: Final = 280.0
"""Seconds for a body: ten pictures on a bad line, and still within a connection's time."""

ANSWER_S: Final = 20.0
"""Seconds that a question waits for its answer. A locked node has none."""

DIGITS: Final = 12
"""Of a code of ours, which is enough by itself: whoever guesses at ten thousand messages a hundred
times in a second meets one in eleven days, and has filled the share of the room before."""

LARGE_BYTES: Final = 64 * 1024
"""A longer body is read in a thread: other clients need not wait for it."""

MOST_SHOWN: Final = 2 * MOST_TEXT
"""Characters of a text that is shown again where it is too long: more nobody has typed."""

AT_ONCE: Final = 2
"""Large ones that are read and sealed at the same time: each needs five times its size for that."""

MOST_PICTURE_BYTES: Final = MOST_BYTES * 3 // 4
"""Of all pictures of a message: base64 makes four bytes of three."""

_ASKS: Final = {"status": "status", "answers": "answers", "delete": "delete"}


@dataclass(frozen=True, slots=True, repr=False)
class Came:
    """A POST: its Content-Type, its body and the client's network, and the page's language."""

    content_type: str
    body: bytes
    network: bytes
    language: str


class Form:
    """One ``[transports.NAME]`` with ``kind = "form"``. ``secret`` makes codes: the same request,
    sent twice, has the same one."""

    def __init__(
        self,
        name: str,
        channel: str,
        take_in: TakeIn,
        secret: bytes,
        *,
        answers: bool = True,
        body_bytes: int = MOST_BYTES,
        answer_s: float = ANSWER_S,
    ) -> None:
        self.methods = frozenset(("GET", "HEAD", "POST"))
        self.body_bytes = body_bytes
        self.body_s = BODY_S
        self._name = name
        self._channel = channel
        self._take_in = take_in
        self._secret = secret
        self._answers = answers
        self._answer_s = answer_s
        self._waiting = Waiting()
        self._turns = asyncio.Semaphore(AT_ONCE)

    async def answer(self, way_back: bytes, text: str) -> Outcome:
        """``ports.Answers``: the request that waits shows it."""
        return self._waiting.answer(way_back, text)

    # ------------------------------------------------------------ pages

    async def request(self, request: Request) -> Reply:
        """``WholeInlet``: the page, or what came of what was sent."""
        language = language_of(request.query, request.headers)
        if request.path not in ("", "/"):
            return Reply(404)
        if request.method != "POST":
            return _reply(200, self._view(language))
        if from_elsewhere(request.headers):
            return Reply(403)
        kind = request.headers.get("content-type", "")
        return await self.take(Came(kind, request.body, request.network, language))

    def refused(self, request: Request, status: int) -> Reply:
        """``ForPeople``: the page with what is wrong, where the body was not even read."""
        note = {413: "large", 503: "busy"}.get(status, "torn")
        language = language_of(request.query, request.headers)
        return _reply(status, replace(self._view(language), note=note))

    def _view(self, language: str) -> View:
        """An empty page, and what it says of this form."""
        most_bytes = min(self.body_bytes, MOST_PICTURE_BYTES)
        once = token_hex(16)
        return View(language, once=once, answers=self._answers, most_bytes=most_bytes)

    async def take(self, came: Came) -> Reply:
        """The answer to what was sent. Few large ones are read and sealed at the same time."""
        if len(came.body) <= LARGE_BYTES:
            return await self._taken(came)
        async with self._turns:
            return await self._taken(came)

    async def _taken(self, came: Came) -> Reply:
        anew = self._view(came.language)
        try:
            written = await _read(came)
        except TooMuch:
            return _reply(413, replace(anew, note="large"))
        except Torn:
            return _reply(400, replace(anew, note="torn"))
        if written.ask:
            return await self._asked(written, came, replace(anew, asked=written.code))
        anew = replace(anew, text=written.text if len(written.text) <= MOST_SHOWN else "")
        if written.odd:
            return _reply(422, replace(anew, note="odd"))
        if not (written.text or written.pictures):
            return _reply(422, replace(anew, note="empty"))
        fitting = within(written.text, written.pictures)
        if written.is_too_much or len(fitting) < len(written.pictures):
            return _reply(413, replace(anew, note="large"))
        if not written.pictures and words.command_of(written.text) is not None:
            return await self._question(written.text, came, anew)
        return await self._message(written, came, anew)

    # ------------------------------------------------------------ messages

    async def _message(self, written: Written, came: Came, anew: View) -> Reply:
        once = written.once or token_hex(16)
        arrival = self._arrival(written, came, once)
        status, note = _STATUS[await self._take_in(arrival)]
        if status != 200:
            return _reply(status, replace(anew, note=note, once=once))
        return _reply(200, replace(anew, told="taken", code=_grouped(arrival.code)))

    def _arrival(self, written: Written, came: Came, once: str) -> Arrival:
        pictures = written.pictures
        content = entity(written.text, pictures) if pictures else written.text.encode()
        # of what was written as well: who changes the text and sends again sends another message,
        # with a code of its own, and so do two people to whom a proxy has shown one page
        id_ = sha256(once.encode() + b"\x00" + content).digest()
        return Arrival(
            transport=self._name,
            kind="multipart" if pictures else "text",
            content=content,
            channels=(self._channel,),
            sender=b"",
            recipient=b"",
            provider_id=id_,
            code=self._code(id_),
            network=came.network,
        )

    def _code(self, id_: bytes) -> str:
        for again in range(100):
            made = hmac(self._secret, b"%d/" % again + id_, sha256).digest()
            code = str(int.from_bytes(made, "big") % 10**DIGITS).zfill(DIGITS)
            if not words.is_weak(code):
                return code
        raise AssertionError("a hundred weak codes in a row")

    # ------------------------------------------------------------ questions

    async def _asked(self, written: Written, came: Came, anew: View) -> Reply:
        """A question by the second form: the same as if it were written out."""
        text = f"{written.ask.upper()} {words.normal(written.code)}"
        command = words.command_of(text) if written.ask in _ASKS else None
        if command is None or not command.argument or command.word != _ASKS[written.ask]:
            return _reply(422, replace(anew, note="no_code"))
        return await self._question(text, came, anew)

    async def _question(self, text: str, came: Came, anew: View) -> Reply:
        if not self._answers:  # it is obeyed all the same: DELETE needs no answer
            status, note = _STATUS[await self._take_in(self._command(text, came))]
            return _reply(status, replace(anew, note=note, told="" if note else "noted"))
        way_back = self._waiting.ask()
        if way_back is None:
            return _reply(503, replace(anew, note="later"))
        try:
            status, note = _STATUS[await self._take_in(self._command(text, came, way_back))]
        except BaseException:
            self._waiting.forget(way_back)
            raise
        if status != 200:
            self._waiting.forget(way_back)
            return _reply(status, replace(anew, note=note))
        answer = await self._waiting.answered(way_back, self._answer_s)
        if answer is None:
            return _reply(200, replace(anew, told="no_answer"))
        return _reply(200, replace(anew, told="answered", answer=answer))

    def _command(self, text: str, came: Came, way_back: bytes = b"") -> Arrival:
        return Arrival(
            transport=self._name,
            kind="text",
            content=text.encode(),
            channels=(self._channel,),
            sender=b"",
            recipient=b"",
            provider_id=way_back or token_hex(16).encode(),
            way_back=way_back,
            network=came.network,
        )


_STATUS: Final = {
    Verdict.TAKEN: (200, ""),
    Verdict.KNOWN: (200, ""),
    Verdict.BUSY: (503, "later"),
    Verdict.FULL: (503, "later"),
    Verdict.REFUSED: (422, "refused"),
}


async def _read(came: Came) -> Written:
    if len(came.body) <= LARGE_BYTES:
        return read_form(came.content_type, came.body)
    return await asyncio.to_thread(read_form, came.content_type, came.body)


def _reply(status: int, view: View) -> Reply:
    return Reply(status, shown(view), page.headers())


def _grouped(code: str) -> str:
    """As people read it to each other: 1234 5678 9012."""
    return f"{code[:4]} {code[4:8]} {code[8:]}"


def language_of(query: str, headers: Mapping[str, str]) -> str:
    """The language of a page, by ``?lang=`` and Accept-Language."""
    try:
        wanted = parse_qs(query, max_num_fields=8).get("lang", [""])[-1]
    except ValueError:
        wanted = ""
    return chosen(wanted, headers.get("accept-language", ""))


def from_elsewhere(headers: Mapping[str, str]) -> bool:
    """Whether another site made the browser send this (Fetch Metadata): nobody meant it."""
    return headers.get("sec-fetch-site", "same-origin") == "cross-site"


__all__ = ["ANSWER_S", "MOST_TEXT", "Came", "Form", "from_elsewhere", "language_of"]
