"""A scripted way out for the bridges to chats (Telegram, Discord, Slack), and what was asked."""

from __future__ import annotations

import json
import re
from urllib.parse import urlsplit

from relay.model import Attempt, Media, Post
from relay.ports import Answer

NOW = 1_795_000_000
JSON = {"content-type": "application/json", "date": "Wed, 18 Nov 2026 11:06:40 GMT"}
PNG = Media("image/png", b"\x89PNG", "a roof at night")
MP4 = Media("video/mp4", b"film", "a street")
MP3 = Media("audio/mpeg", b"song", "")


def said(value: object, status: int = 200, **headers: str) -> Answer:
    named = {name.replace("_", "-"): one for name, one in headers.items()}
    return Answer(status, JSON | named, json.dumps(value).encode())


class Hands:
    at = NOW

    def now(self) -> int:
        return self.at


class Kept:
    """What was kept, each time."""

    def __init__(self) -> None:
        self.all: list[bytes] = []

    async def __call__(self, what: bytes) -> None:
        assert len(what) <= 4096
        self.all.append(what)


class Scripted:
    """Answers by what ``name`` makes of a request: an answer, a list of them (the last stays), an
    exception, or a function of the body. What nobody scripted is ``else_``."""

    def __init__(self, answers: dict[str, object], else_: Answer) -> None:
        self.answers = dict(answers)
        self.else_ = else_
        self.asked: list[tuple[str, str, dict[str, str], bytes]] = []

    def name(self, method: str, url: str) -> str:
        return f"{method} {urlsplit(url).path}"

    async def request(self, method, url, *, headers=None, body=b"", timeout_s=60.0):
        name = self.name(method, url)
        self.asked.append((name, url, dict(headers or {}), body))
        found = self.answers.get(name, self.else_)
        if isinstance(found, list):
            found = found.pop(0) if len(found) > 1 else found[0]
        if callable(found):
            found = found(body)
        if isinstance(found, Exception):
            raise found
        return found

    @property
    def lines(self) -> list[str]:
        return [name for name, _, _, _ in self.asked]

    def bodies(self, name: str) -> list[bytes]:
        return [body for line, _, _, body in self.asked if line == name]

    def sent(self, name: str) -> list[dict[str, object]]:
        """The fields of what was sent there, of JSON and of forms alike."""
        return [fields(body) for body in self.bodies(name)]


def fields(body: bytes) -> dict[str, object]:
    if body.startswith(b"{"):
        return json.loads(body)
    found: dict[str, object] = {}
    boundary = body.split(b"\r\n", 1)[0]
    for part in body.split(boundary)[1:-1]:
        head, _, content = part.strip(b"\r\n").partition(b"\r\n\r\n")
        named = re.search(rb'name="([^"]*)"', head)
        assert named
        text = content if b"filename" in head else content.decode()
        found[named[1].decode()] = (
            json.loads(text) if isinstance(text, str) and text[:1] in "{[" else text
        )
    return found


def post_of(text="hello", *, title="", media=(), secret=bytes(32)) -> Post:
    return Post(secret, text, title, "en", NOW, media=tuple(media))


def attempt(part, n=1, after=None, kept=b"", first=NOW) -> Attempt:
    return Attempt(part, n, first, after, kept)


def secret_file(tmp_path, content: str, name="secret") -> str:
    file = tmp_path / name
    file.touch(0o600)
    file.write_text(content)
    return str(file)
