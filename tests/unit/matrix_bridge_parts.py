"""A scripted homeserver for the bridge: answers by method and path, and what was asked."""

from __future__ import annotations

import json
from urllib.parse import parse_qsl, unquote, urlsplit

from bridges.matrix import Matrix
from relay.model import Attempt, Media, Post
from relay.ports import Answer

NOW = 1_795_000_000
DATE = "Wed, 18 Nov 2026 11:06:40 GMT"
JSON = {"content-type": "application/json", "date": DATE}
USER, ROOM, ALIAS = "@us:server.example", "!room:server.example", "#room:server.example"
EVENT = "$78guUo-Uhd9AA3MxIiNJ_PqCN1hvKaX8TDooCxlo2W8"
OTHER = "$another"
MXC = "mxc://server.example/AQwafuaFswefuhsfAFAgsw"

LOGIN, WHO = "POST login", "GET account/whoami"
SEND, REDACT, UPLOAD = "PUT send", "PUT redact", "POST upload"
MESSAGES, GET, SYNC, CONFIG = "GET messages", "GET event", "GET sync", "GET config"
JOINED, DIRECTORY = "GET joined_rooms", "GET directory"
PNG = Media(
    "image/png",
    b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + (640).to_bytes(4) + (480).to_bytes(4) + b"\x08",
    "a roof at night",
)


def said(value: object, status: int = 200, **headers: str) -> Answer:
    named = {name.replace("_", "-"): one for name, one in headers.items()}
    return Answer(status, JSON | named, json.dumps(value).encode())


def failed(code: str, status: int, **more: object) -> Answer:
    return said({"errcode": code, "error": "secret words", **more}, status)


def session(token: str = "t1", **more: object) -> Answer:
    return said({"user_id": USER, "access_token": token, "device_id": "OUTWORD", **more})


def message(
    id: str = EVENT, body: str = "hello", *, sender: str = USER, at: int = NOW, **content: object
) -> dict[str, object]:
    return {
        "type": "m.room.message",
        "event_id": id,
        "sender": sender,
        "origin_server_ts": at * 1000,
        "content": {"msgtype": "m.text", "body": body, **content},
    }


def page(*events: dict[str, object], end: str = "") -> Answer:
    return said({"start": "s", "chunk": list(events)} | ({"end": end} if end else {}))


class Hands:
    def __init__(self, at: int = NOW):
        self.at = at

    def now(self) -> int:
        return self.at


class Scripted:
    """Answers by method and the word of the path that names the call: an answer, a list of them
    (the last stays), an exception, or what is called with path and query."""

    def __init__(self, answers: dict[str, object] | None = None) -> None:
        self.answers: dict[str, object] = {
            LOGIN: session(),
            WHO: said({"user_id": USER, "device_id": "OUTWORD"}),
            SEND: said({"event_id": EVENT}),
            REDACT: said({"event_id": OTHER}),
            UPLOAD: said({"content_uri": MXC}),
            CONFIG: said({"m.upload.size": 1000}),
            GET: said(message()),
            MESSAGES: page(),
            JOINED: said({"joined_rooms": [ROOM]}),
            DIRECTORY: said({"room_id": ROOM, "servers": []}),
            "GET state/m.room.power_levels": said({"users": {USER: 50}, "events_default": 50}),
            **(answers or {}),
        }
        self.asked: list[tuple[str, str, dict[str, str], dict[str, str], bytes]] = []

    async def request(self, method, url, *, headers=None, body=b"", timeout_s=60.0):
        parts = urlsplit(url)
        assert f"{parts.scheme}://{parts.netloc}" == "https://matrix.example.org"
        query = dict(parse_qsl(parts.query))
        name = f"{method} {_called(parts.path)}"
        self.asked.append((name, parts.path, query, dict(headers or {}), body))
        found = self.answers.get(name, failed("M_NOT_FOUND", 404))
        if isinstance(found, list):
            found = found.pop(0) if len(found) > 1 else found[0]
        if isinstance(found, Exception):
            raise found
        return found(parts.path, query) if callable(found) else found

    @property
    def names(self) -> list[str]:
        return [name for name, *_ in self.asked]

    def bodies(self, name: str) -> list[dict]:
        return [json.loads(body) for asked, _, _, _, body in self.asked if asked == name]

    def queries(self, name: str) -> list[dict[str, str]]:
        return [query for asked, _, query, _, _ in self.asked if asked == name]

    def paths(self, name: str) -> list[str]:
        return [path for asked, path, *_ in self.asked if asked == name]

    def tokens(self, name: str) -> list[str]:
        return [
            held.get("authorization", "") for asked, _, _, held, _ in self.asked if asked == name
        ]


def _called(path: str) -> str:
    _, _, after = path.partition("/rooms/")
    if after and "/directory/" not in path:
        _, call, *more = after.split("/")
        return f"state/{unquote(more[0])}" if call == "state" else call
    for word in ("account/whoami", "directory", "config", "upload"):
        if f"/{word}" in path:
            return word
    return path.rpartition("/")[2]


class Kept:
    last = b""

    async def __call__(self, what: bytes) -> None:
        assert len(what) <= 4096
        self.last = what


def a_bridge(tmp_path, http, *, clock=None, token=False, **settings) -> Matrix:
    file = tmp_path / "secret"
    if not file.exists():
        file.write_text("token-of-ours" if token else "pass word")
        file.chmod(0o600)
    way = {"token_file": str(file)} if token else {"user": "us", "password_file": str(file)}
    made = {"homeserver": "https://matrix.example.org", "room": ROOM, **way, **settings}
    return Matrix(Matrix.Settings(**made), http, clock or Hands())


def post_of(text="hello", *, title="", media=(), secret=bytes(32)) -> Post:
    return Post(secret, text, title, "en", NOW, media=tuple(media))


def attempt(part, n=1, after=None, kept=b"", first=NOW) -> Attempt:
    return Attempt(part, n, first, after, kept)


async def sent(bridge, text="hello", *, after=None, n=1, first=NOW):
    [part] = await bridge.prepare(post_of(text))
    return await bridge.send(attempt(part, n=n, after=after, first=first), Kept())
