"""A scripted Blogger for its bridge: answers by method and path, and what was asked."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

from bridges.blogger import Blogger
from bridges.google.keyfile import Client, written
from relay.model import Attempt, Media, Part, Post
from relay.ports import Answer

NOW = 1_795_000_000
DATE = NOW // 3600 * 3600
JSON = {"content-type": "application/json; charset=UTF-8"}
KEY = "0123456789abcdef0123456789abcdef"
MARK = "r-0123456789abcdef"
URL = "https://a.blogspot.example/2026/11/hello.html"
TOKEN = "POST /token"
LIST, CREATE = "GET /v3/blogs/1/posts", "POST /v3/blogs/1/posts"
GET, PUT, PATCH, DELETE = (
    f"{method} /v3/blogs/1/posts/11" for method in ("GET", "PUT", "PATCH", "DELETE")
)
PUBLISH = "POST /v3/blogs/1/posts/11/publish"
COMMENTS, SELF = "GET /v3/blogs/1/comments", "GET /v3/users/self"
PNG = Media("image/png", b"\x89PNG", "a roof at night")


def said(value: object, status: int = 200, **headers: str) -> Answer:
    named = {name.replace("_", "-"): one for name, one in headers.items()}
    return Answer(status, JSON | named, json.dumps(value).encode())


def error(status: int, reason: str = "", **headers: str) -> Answer:
    rows = [{"reason": reason or "some", "message": "somebody wrote"}]
    return said({"error": {"code": status, "errors": rows}}, status, **headers)


def page(status: int) -> Answer:
    return Answer(status, {"content-type": "text/html"}, b"<html>somebody wrote</html>")


def shown(status: str = "LIVE", id: str = "11", **more: object) -> dict[str, object]:
    return {"id": id, "status": status, **({"url": URL} if status == "LIVE" else {}), **more}


class Hands:
    at = NOW

    def now(self) -> int:
        return self.at


class Blog:
    """Answers by "METHOD /path": an answer, a list of them (the last stays), or an exception."""

    def __init__(self) -> None:
        self.answers: dict[str, object] = {
            TOKEN: said({"access_token": "a1", "expires_in": 3599}),
            LIST: said({}),
            CREATE: said(shown("DRAFT")),
            GET: said(shown("DRAFT")),
            PUT: said(shown("DRAFT")),
            PUBLISH: said(shown()),
            PATCH: said(shown()),
            DELETE: Answer(204),
            COMMENTS: said({}),
            SELF: said({"id": "7"}),
        }
        self.asked: list[tuple[str, list[tuple[str, str]], bytes]] = []

    def set(self, line: str, answer: object) -> Blog:
        self.answers[line] = answer
        return self

    async def request(self, method, url, *, headers=None, body=b"", timeout_s=60.0):
        parts = urlsplit(url)
        assert parts.netloc in ("blogger.googleapis.com", "oauth2.googleapis.com")
        line = f"{method} {parts.path}"
        if line != TOKEN:
            assert (headers or {})["authorization"] == "Bearer a1"
            self.asked.append((line, parse_qsl(parts.query), body))
        found = self.answers.get(line, error(404, "notFound"))
        if isinstance(found, list):
            found = found.pop(0) if len(found) > 1 else found[0]
        if isinstance(found, Exception):
            raise found
        return found

    @property
    def lines(self) -> list[str]:
        return [line for line, _, _ in self.asked]

    def bodies(self, what: str) -> list[dict[str, object]]:
        return [json.loads(body) for line, _, body in self.asked if line == what]

    def queries(self, what: str) -> list[list[tuple[str, str]]]:
        return [query for line, query, _ in self.asked if line == what]


class Kept:
    """What a bridge keeps."""

    def __init__(self) -> None:
        self.held: list[bytes] = []

    async def __call__(self, kept: bytes) -> None:
        self.held.append(kept)


def made(blog: Blog, clock: Hands | None = None, **settings: object) -> Blogger:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "token"
        path.touch(0o600)
        path.write_bytes(written(Client("c", "s", "hidden-refresh")))
        named = {"blog": "1", "token_file": str(path), **settings}
        return Blogger(Blogger.Settings(**named), blog, clock or Hands())


def post(text: str = "hello", title: str = "", language: str = "en", *media: Media) -> Post:
    return Post(b"s" * 32, text, title, language, DATE, media=media)


async def attempt(
    bridge: Blogger, one: Post | None = None, n: int = 1, kept: bytes = b""
) -> Attempt:
    [part] = await bridge.prepare(one or post())
    return Attempt(Part(KEY, 0, 1, part.payload), n, NOW - 60, kept=kept)
