"""A scripted Graph API for the bridge to a Page: answers by method and path, and what was asked."""

from __future__ import annotations

import json
from urllib.parse import parse_qsl, urlsplit

from bridges.facebook import Facebook
from relay.model import Attempt, Media, Post
from relay.ports import Answer

NOW = 1_795_000_000
DATE = "Wed, 18 Nov 2026 11:06:40 GMT"
JSON = {"content-type": "application/json; charset=UTF-8", "date": DATE}
BASE = "https://graph.facebook.com/v26.0"
ME, FEED, PHOTOS, LIST = "GET /me", "POST /7/feed", "POST /7/photos", "GET /7/published_posts"
DRAFT = "POST /7_11"
PNG = Media("image/png", b"\x89PNG", "a roof at night")


def said(value: object, status: int = 200, **headers: str) -> Answer:
    """A JSON answer."""
    named = {name.replace("_", "-"): one for name, one in headers.items()}
    return Answer(status, JSON | named, json.dumps(value).encode())


def error(code: int, subcode: int = 0, status: int = 400, **more: object) -> Answer:
    """An error as the Graph API writes it."""
    told = {"message": "No", "type": "OAuthException", "code": code, "error_subcode": subcode}
    return said({"error": told | more}, status)


def listed(*rows: dict[str, object], after: str = "") -> Answer:
    """A list with its paging."""
    paging = {"cursors": {"after": after}, "next": f"{BASE}/more"} if after else {}
    return said({"data": list(rows), "paging": paging})


def shown(id: str = "7_11", message: str = "hello", **more: object) -> dict[str, object]:
    """A post as a listing shows it."""
    return {"id": id, "message": message, "created_time": "2026-11-18T11:06:41+0000", **more}


class Hands:
    """A clock that a test moves."""

    at = NOW

    def now(self) -> int:
        return self.at


class Scripted:
    """Answers by "METHOD /path": an answer, a list of them (the last stays), or an exception."""

    def __init__(self, answers: dict[str, object] | None = None) -> None:
        self.answers: dict[str, object] = {
            ME: said({"id": "7", "category": "News"}),
            FEED: said({"id": "7_11"}),
            DRAFT: said({"success": True}),
            PHOTOS: [said({"id": "31"}), said({"id": "32"})],
            LIST: listed(),
            **(answers or {}),
        }
        self.asked: list[tuple[str, dict[str, str], dict[str, str], bytes]] = []

    async def request(self, method, url, *, headers=None, body=b"", timeout_s=60.0):
        parts = urlsplit(url)
        assert url.startswith(BASE), "the token goes to Facebook only"
        line = f"{method} {parts.path.removeprefix('/v26.0')}"
        self.asked.append((line, dict(parse_qsl(parts.query)), dict(headers or {}), body))
        found = self.answers.get(line, error(2500, status=404))
        if isinstance(found, list):
            found = found.pop(0) if len(found) > 1 else found[0]
        if isinstance(found, Exception):
            raise found
        return found

    @property
    def lines(self) -> list[str]:
        """What was asked, in order."""
        return [line for line, *_ in self.asked]

    def forms(self, what: str) -> list[dict[str, str]]:
        """The forms of all requests of this kind."""
        return [dict(parse_qsl(body.decode())) for line, _, _, body in self.asked if line == what]

    def queries(self, what: str) -> list[dict[str, str]]:
        """The queries of all requests of this kind."""
        return [query for line, query, _, _ in self.asked if line == what]


class Kept:
    """What a bridge keeps, as the core stores it."""

    last = b""

    async def __call__(self, what: bytes) -> None:
        assert len(what) <= 4096
        self.last = what


def a_bridge(tmp_path, http: Scripted, clock: Hands | None = None, **settings) -> Facebook:
    """The bridge before a scripted Graph API."""
    for name in ("token", "app"):
        file = tmp_path / name
        if not file.exists():
            file.write_text(f"{name}-of-ours")
            file.chmod(0o600)
    made = Facebook.Settings(token_file=str(tmp_path / "token"), **settings)
    return Facebook(made, http, clock or Hands())


def post_of(text="hello", *, title="", media=(), secret=bytes(32)) -> Post:
    """A post as the core hands it over."""
    return Post(secret, text, title, "en", NOW, media=tuple(media))


def attempt(part, n=1, kept=b"", first=NOW) -> Attempt:
    """Try n at a part."""
    return Attempt(part, n, first, None, kept)


async def sent(bridge: Facebook, text="hello", *, media=(), kept: Kept | None = None, n=1):
    """How a send of a whole post of one part ends."""
    kept = kept or Kept()
    [part] = await bridge.prepare(post_of(text, media=media))
    return await bridge.send(attempt(part, n=n, kept=kept.last), kept)
