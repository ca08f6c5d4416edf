"""A scripted X for its bridge: answers by method and path, and what was asked."""

from __future__ import annotations

import json
from urllib.parse import parse_qsl, urlsplit

from bridges.x import X
from relay.model import Attempt, Media, Post
from relay.ports import Answer

NOW = 1_795_000_000
DATE = "Wed, 18 Nov 2026 11:06:40 GMT"
JSON = {"content-type": "application/json; charset=utf-8", "date": DATE}
FOUR = "api_key = k\napi_key_secret = ks\naccess_token = 7-t\naccess_token_secret = ts\n"
CLIENT = '{"client_id": "c", "client_secret": "s", "refresh_token": "r1", "access_token": "a1"}'
TWEETS, ME, LIST = "POST /2/tweets", "GET /2/users/me", "GET /2/users/7/tweets"
PNG = Media("image/png", b"\x89PNG", "a roof at night")


def said(value: object, status: int = 200, **headers: str) -> Answer:
    named = {name.replace("_", "-"): one for name, one in headers.items()}
    return Answer(status, JSON | named, json.dumps(value).encode())


def problem(status: int, detail: str = "", kind: str = "about:blank", **headers: str) -> Answer:
    return said(
        {"title": "No", "detail": detail, "type": kind, "status": status}, status, **headers
    )


def made(id: str = "11") -> Answer:
    return said({"data": {"id": id, "text": "hello"}}, 201)


def listed(*posts: dict[str, object], more: str = "") -> Answer:
    meta = {"result_count": len(posts)} | ({"next_token": more} if more else {})
    return said({"meta": meta} | ({"data": list(posts)} if posts else {}))


def shown(id: str = "11", text: str = "hello", **more: object) -> dict[str, object]:
    return {"id": id, "text": text, "created_at": "2026-11-18T11:06:41.000Z", **more}


class Hands:
    at = NOW

    def now(self) -> int:
        return self.at


class Scripted:
    """Answers by "METHOD /path": an answer, a list of them (the last stays), or an exception."""

    def __init__(self, **more: object) -> None:
        self.answers: dict[str, object] = {
            ME: said({"data": {"id": "7", "username": "x", "name": "x"}}),
            TWEETS: made(),
            LIST: listed(),
        }
        self.answers.update(more.pop("answers", {}))
        self.asked: list[tuple[str, str, dict[str, str], bytes]] = []

    async def request(self, method, url, *, headers=None, body=b"", timeout_s=60.0):
        parts = urlsplit(url)
        assert f"{parts.scheme}://{parts.netloc}" == "https://api.x.com"
        self.asked.append((f"{method} {parts.path}", parts.query, dict(headers or {}), body))
        found = self.answers.get(f"{method} {parts.path}", problem(404))
        if isinstance(found, list):
            found = found.pop(0) if len(found) > 1 else found[0]
        if isinstance(found, Exception):
            raise found
        return found

    def bodies(self, what: str) -> list[bytes]:
        return [body for line, _, _, body in self.asked if line == what]

    def queries(self, what: str) -> list[dict[str, str]]:
        return [dict(parse_qsl(query)) for line, query, _, _ in self.asked if line == what]


class Kept:
    last = b""

    async def __call__(self, what: bytes) -> None:
        assert len(what) <= 4096
        self.last = what


def a_bridge(tmp_path, http, *, held: str = FOUR, clock=None, **settings) -> X:
    file = tmp_path / "keys"
    if not file.exists():
        file.write_text(held)
        file.chmod(0o600)
    return X(X.Settings(token_file=str(file), **settings), http, clock or Hands())


def post_of(text="hello", *, title="", media=()) -> Post:
    return Post(bytes(32), text, title, "en", NOW, media=tuple(media))


def attempt(part, n=1, after=None, kept=b"", first=NOW) -> Attempt:
    return Attempt(part, n, first, after, kept)


async def sent(bridge: X, text: str = "hello", after=None, media=(), kept=b""):
    [part] = await bridge.prepare(post_of(text, media=media))
    return await bridge.send(attempt(part, after=after, kept=kept), Kept())
