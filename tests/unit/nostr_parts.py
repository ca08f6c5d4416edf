"""Relays for the bridge to Nostr that exist in memory only, each with a script of its own."""

from __future__ import annotations

import json
from collections.abc import Callable
from urllib.parse import urlsplit

from wsproto import ConnectionType, WSConnection
from wsproto.events import (
    AcceptConnection,
    CloseConnection,
    Ping,
    RejectConnection,
    Request,
    TextMessage,
)

from bridges.nostr import Nostr
from relay.model import Attempt, Media, Post
from relay.ports import Answer, NoAnswer, NotSent

NOW = 1_795_000_000 // 3600 * 3600 + 600
DATE = NOW - 600
SECRET = "67dea2ed018072d675f5415ecfaed7d2597555e202d85b3d65ea4e58d2d92ffa"
NSEC = "nsec1vl029mgpspedva04g90vltkh6fvh240zqtv9k0t9af8935ke9laqsnlfe5"
"""NIP-19's own pair."""
ACCOUNT = "7e7e9c42a91bfef19fa929e5fda1b72e0ebc1a4c1141673e2794234d86addf4e"
NPUB = "npub10elfcs4fr0l0r8af98jlmgdh9c8tcxjvz9qkw038js35mp4dma8qzvjptg"

A, B, C = (f"wss://{name}.example" for name in "abc")
PNG = Media("image/png", b"\x89PNG", "a roof at night")
DOCUMENT = {"content-type": "application/nostr+json"}
CUT = b""


def ok(yes: bool, why: str = "", id: str | None = None):
    """Answers every event like this."""

    def said(words):
        return [["OK", words[1]["id"] if id is None else id, yes, why]]

    return said


def silent(words):
    return []


def cut(words):
    return [CUT]


def closing(code: int):
    return lambda words: [CloseConnection(code)]


class FakeRelay:
    """``status``: of the upgrade; 0: it cannot be reached. ``event``: what an EVENT is answered, a
    list of them for one after the other (the last stays). ``has``: events that a REQ finds."""

    def __init__(self, event=None, *, status: int = 101, document=None, has=(), auth=()) -> None:
        self.event = event if event is not None else ok(True)
        self.status = status
        self.document = document
        self.has = [*has]
        self.req: Callable | None = None
        self.greets = [["AUTH", word] for word in auth]
        self.heard: list[list] = []
        self.pings = 0
        self.headers: dict[str, str] = {}

    def events(self) -> list[dict]:
        return [words[1] for words in self.heard if words[0] == "EVENT"]

    def answered(self, words: list) -> list:
        self.heard.append(words)
        if words[0] == "EVENT":
            return self._next()(words)
        if words[0] == "AUTH":
            return [["OK", words[1]["id"], True, ""]]
        if self.req:
            return self.req(words)
        return [["EVENT", words[1], one] for one in self._found(words[2])] + [["EOSE", words[1]]]

    def _found(self, asked: dict) -> list:
        ids = asked.get("ids")
        return [one for one in self.has if ids is None or one["id"] in ids]

    def _next(self):
        if not isinstance(self.event, list):
            return self.event
        return self.event.pop(0) if len(self.event) > 1 else self.event[0]


class _Stream:
    """The wire to one relay: what it says is there at once, or never."""

    def __init__(self, relay: FakeRelay) -> None:
        self._relay = relay
        self._socket = WSConnection(ConnectionType.SERVER)
        self._out: list[bytes] = []
        self.closed = False

    async def send(self, said: bytes, *, timeout_s: float = 60.0) -> None:
        self._socket.receive_data(said)
        for event in self._socket.events():
            if isinstance(event, Request):
                self._upgraded(event)
            elif isinstance(event, TextMessage):
                for one in self._relay.answered(json.loads(event.data)):
                    self._say(one)

    def _upgraded(self, request: Request) -> None:
        relay = self._relay
        if relay.status != 101:
            headers = [(name.encode(), value.encode()) for name, value in relay.headers.items()]
            self._out.append(self._socket.send(RejectConnection(relay.status, headers)))
            return
        self._out.append(self._socket.send(AcceptConnection()))
        self._out += [self._socket.send(Ping()) for _ in range(relay.pings)]
        for one in relay.greets:
            self._say(one)

    def _say(self, one) -> None:
        if isinstance(one, bytes):
            self._out.append(one)
        elif isinstance(one, CloseConnection):
            self._out.append(self._socket.send(one))
        else:
            text = one if isinstance(one, str) else json.dumps(one)
            self._out.append(self._socket.send(TextMessage(text)))

    async def receive(self, *, timeout_s: float = 60.0) -> bytes:
        if not self._out:
            raise NoAnswer("nothing comes")
        return self._out.pop(0)

    async def start_tls(self, *, timeout_s: float = 15.0) -> None:
        raise AssertionError("a relay has TLS from the first byte")

    async def aclose(self) -> None:
        self.closed = True


class Relays:
    """``Http`` before such relays, by host; and media servers, by "METHOD url"."""

    def __init__(self, **relays: FakeRelay) -> None:
        self.relays = {f"{name}.example": relay for name, relay in relays.items()}
        self.media: dict[str, object] = {}
        self.asked: list[tuple[str, dict[str, str], bytes]] = []
        self.streams: list[_Stream] = []

    async def connect(self, host, port, *, tls="now", timeout_s=15.0):
        assert (port, tls) == (443, "now")
        relay = self.relays.get(host)
        if relay is None or relay.status == 0:
            raise NotSent("no connection")
        self.streams.append(_Stream(relay))
        return self.streams[-1]

    async def request(self, method, url, *, headers=None, body=b"", timeout_s=60.0):
        self.asked.append((f"{method} {url}", dict(headers or {}), body))
        to = urlsplit(url)
        relay = self.relays.get(str(to.hostname))
        if relay is not None and method == "GET":
            if relay.status == 0:
                raise NotSent("no connection")
            if relay.document is None:
                return Answer(404)
            return Answer(200, DOCUMENT, json.dumps(relay.document).encode())
        found = self.media.get(f"{method} {url}", Answer(404))
        if isinstance(found, list):
            found = found.pop(0) if len(found) > 1 else found[0]
        if isinstance(found, Exception):
            raise found
        return found


class Hands:
    at = NOW

    def now(self) -> int:
        return self.at


class Kept:
    last = b""

    async def __call__(self, what: bytes) -> None:
        assert len(what) <= 4096
        self.last = what


def a_bridge(tmp_path, http, *, relays=(A, B, C), held=NSEC, clock=None, **settings) -> Nostr:
    file = tmp_path / "key"
    if not file.exists():
        file.write_text(held)
        file.chmod(0o600)
    made = Nostr.Settings(key_file=str(file), relays=relays, **settings)
    return Nostr(made, http, clock or Hands())


def post_of(text="hello", *, title="", media=(), language="und", secret=bytes(32)) -> Post:
    return Post(secret, text, title, language, DATE, media=tuple(media))


def attempt(part, n=1, after=None, kept=b"") -> Attempt:
    return Attempt(part, n, NOW, after, kept)


def limits(**limitation: object) -> dict:
    return {"limitation": limitation}
