"""What the tests of bridges to video platforms share: films, a clock, a scripted way out."""

from __future__ import annotations

import json
from urllib.parse import parse_qsl, urlsplit

from relay.model import Attempt, Media, Post
from relay.ports import Answer

NOW = 1_795_000_000
DATE = "Wed, 18 Nov 2026 11:06:40 GMT"
JSON = {"content-type": "application/json; charset=utf-8", "date": DATE}
FILM = Media("video/mp4", b"\0\0\0\x18ftypmp42" + bytes(100), "")
SIZE = len(FILM.content)
PNG = Media("image/png", b"\x89PNG", "")


def said(value: object, status: int = 200, **headers: str) -> Answer:
    """A JSON answer."""
    named = {name.replace("_", "-"): one for name, one in headers.items()}
    return Answer(status, JSON | named, json.dumps(value).encode())


def empty(status: int, **headers: str) -> Answer:
    """An answer without a body."""
    return Answer(status, {"date": DATE} | {n.replace("_", "-"): v for n, v in headers.items()})


def page(status: int = 200) -> Answer:
    """A page where JSON is due."""
    return Answer(status, {"content-type": "text/html"}, b"<html>")


class Hands:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.at = NOW

    def now(self) -> int:
        return self.at


class Scripted:
    """Answers by "METHOD /path": an answer, a list of them (the last stays), or an exception."""

    def __init__(self, base: str, answers: dict[str, object], missing: Answer) -> None:
        self.base = base
        self.answers = answers
        self.missing = missing
        self.asked: list[tuple[str, dict[str, str], dict[str, str], bytes]] = []

    async def request(self, method, url, *, headers=None, body=b"", timeout_s=60.0):
        parts = urlsplit(url)
        assert f"{parts.scheme}://{parts.netloc}" == self.base, "a token goes nowhere else"
        line = f"{method} {parts.path}"
        self.asked.append((line, dict(parse_qsl(parts.query)), dict(headers or {}), body))
        found = self.answers.get(line, self.missing)
        if isinstance(found, list):
            found = found.pop(0) if len(found) > 1 else found[0]
        if isinstance(found, Exception):
            raise found
        return found

    @property
    def lines(self) -> list[str]:
        """What was asked, in order."""
        return [line for line, *_ in self.asked]

    def headers(self, what: str) -> list[dict[str, str]]:
        """The headers of all requests of this kind."""
        return [headers for line, _, headers, _ in self.asked if line == what]

    def bodies(self, what: str) -> list[bytes]:
        """The bodies of all requests of this kind."""
        return [body for line, _, _, body in self.asked if line == what]

    def queries(self, what: str) -> list[dict[str, str]]:
        """The queries of all requests of this kind."""
        return [query for line, query, _, _ in self.asked if line == what]


class Kept:
    """What was kept, in order."""

    def __init__(self) -> None:
        self.all: list[bytes] = []

    async def __call__(self, what: bytes) -> None:
        assert len(what) <= 4096
        self.all.append(what)

    @property
    def last(self) -> bytes:
        return self.all[-1] if self.all else b""


def post_of(text="hello there", *, title="", language="en", media=(FILM,)) -> Post:
    return Post(bytes(32), text, title, language, NOW, media=tuple(media))


def attempt(part, n=1, kept=b"", first=NOW) -> Attempt:
    return Attempt(part, n, first, None, kept)
