"""A scripted server for the Mastodon bridge: answers by method and path, and what was asked."""

from __future__ import annotations

import json
from dataclasses import dataclass, field

from bridges.mastodon import Mastodon
from relay.model import Attempt, Post
from relay.ports import Answer

NOW = 1_795_000_000
DATE = "Wed, 18 Nov 2026 11:06:40 GMT"
"""NOW, as a Date header says it. Mastodon's own clock in these tests."""

MASTODON = {"configuration": {"statuses": {"max_characters": 500}}}
JSON = {"content-type": "application/json; charset=utf-8"}


def said(value: object, status: int = 200, **headers: str) -> Answer:
    """A JSON answer."""
    named = {name.replace("_", "-"): one for name, one in headers.items()}
    return Answer(status, JSON | named, json.dumps(value).encode())


def refused(status: int, error: str = "", **headers: str) -> Answer:
    """An error as Mastodon writes it."""
    return said({"error": error}, status, **headers)


@dataclass
class Hands:
    """A clock that a test moves."""

    at: int = NOW

    def now(self) -> int:
        return self.at


@dataclass
class Server:
    """``answers`` maps "METHOD /path" (without its query) to an answer, a list of answers taken in
    order (the last one stays), or an exception to raise."""

    answers: dict[str, object] = field(default_factory=dict)
    asked: list[tuple[str, str, dict[str, str], bytes]] = field(default_factory=list)
    software: str = "mastodon"

    async def request(self, method, url, *, headers=None, body=b"", timeout_s=60.0) -> Answer:
        path = url.removeprefix("https://social.example")
        assert path.startswith("/"), "the token goes to its own server only"
        self.asked.append((method, path, dict(headers or {}), body))
        found = self._found(f"{method} {path.partition('?')[0]}")
        if isinstance(found, list):
            found = found.pop(0) if len(found) > 1 else found[0]
        if isinstance(found, Exception):
            raise found
        return found

    def _found(self, what: str) -> object:
        usual = {
            "GET /api/v2/instance": said(MASTODON),
            "GET /.well-known/nodeinfo": said(
                {"links": [{"href": "https://x.example/nodeinfo/2.0"}]}
            ),
            "GET /nodeinfo/2.0": said({"software": {"name": self.software}}),
            "GET /api/v1/accounts/verify_credentials": said({"id": "7"}, date=DATE),
            "GET /api/v1/accounts/7/statuses": said([]),
        }
        return self.answers.get(what, usual.get(what, refused(404, "Record not found")))

    def bodies(self, what: str) -> list[bytes]:
        """The bodies of all requests of this kind."""
        return [body for method, path, _, body in self.asked if f"{method} {path}" == what]


def status(id: str = "1", **more: object) -> dict[str, object]:
    """A status as a server gives it."""
    return {
        "id": id,
        "url": f"https://social.example/@us/{id}",
        "created_at": "2026-11-18T11:06:41.123Z",
        "visibility": "public",
        "in_reply_to_id": None,
        "content": "<p>hello</p>",
        "media_attachments": [],
        **more,
    }


def a_bridge(tmp_path, server: Server, clock: Hands | None = None, **settings) -> Mastodon:
    """The bridge before a scripted server."""
    token = tmp_path / "token"
    if not token.exists():
        token.write_text("token-of-ours")
        token.chmod(0o600)
    made = Mastodon.Settings(server="https://social.example", token_file=str(token), **settings)
    return Mastodon(made, server, clock or Hands())


def post_of(text: str = "hello", *, title="", language="en", media=()) -> Post:
    """A post as the core hands it over."""
    return Post(bytes(32), text, title, language, NOW, media=tuple(media))


def attempt(part, n=1, after=None, kept=b"", first=NOW) -> Attempt:
    """Try n at a part."""
    return Attempt(part, n, first, after, kept)


class Kept:
    """What a bridge keeps, as the core stores it."""

    def __init__(self) -> None:
        self.last = b""
        self.all: list[bytes] = []

    async def __call__(self, what: bytes) -> None:
        assert len(what) <= 4096
        self.last = what
        self.all.append(what)
