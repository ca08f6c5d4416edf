"""A scripted blog for its bridge: answers by method and path, and what was asked."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

from bridges.wordpress import WordPress
from relay.model import Attempt, Media, Part, Post
from relay.ports import Answer

NOW = 1_795_000_000
DATE = NOW // 3600 * 3600
SITE = "https://blog.example"
ROOT = f"{SITE}/wp-json/"
KEY = "0123456789abcdef0123456789abcdef"
SLUG = "r-0123456789abcdef"
JSON = {"content-type": "application/json; charset=UTF-8"}
HTML = {"content-type": "text/html; charset=UTF-8"}
HOME, INDEX, ME = "HEAD /", "GET /wp-json/", "GET /wp-json/wp/v2/users/me"
LIST, CREATE = "GET /wp-json/wp/v2/posts", "POST /wp-json/wp/v2/posts"
PUBLISH, GET, DELETE = (f"{method} /wp-json/wp/v2/posts/11" for method in ("POST", "GET", "DELETE"))
MEDIA, UPLOAD = "GET /wp-json/wp/v2/media", "POST /wp-json/wp/v2/media"
COMMENTS = "GET /wp-json/wp/v2/comments"
PNG = Media("image/png", b"\x89PNG", "a roof at night")
RIGHTS = {"publish_posts": True, "upload_files": True, "delete_published_posts": True}


def said(value: object, status: int = 200, **headers: str) -> Answer:
    named = {name.replace("_", "-"): one for name, one in headers.items()}
    return Answer(status, JSON | named, json.dumps(value).encode())


def no(status: int, code: str = "", **headers: str) -> Answer:
    return said(
        {"code": code, "message": "somebody wrote", "data": {"status": status}}, status, **headers
    )


def page(status: int, **headers: str) -> Answer:
    named = {name.replace("_", "-"): one for name, one in headers.items()}
    return Answer(status, HTML | named, b"<html>somebody wrote</html>")


def shown(status: str = "publish", slug: str = SLUG, id: int = 11) -> dict[str, object]:
    return {"id": id, "slug": slug, "status": status, "link": f"{SITE}/{slug}/"}


def medium(id: int, slug: str) -> dict[str, object]:
    return {"id": id, "slug": slug, "source_url": f"{SITE}/wp-content/uploads/{slug}.png"}


class Hands:
    at = NOW

    def now(self) -> int:
        return self.at


class Blog:
    """Answers by "METHOD /path": an answer, a list of them (the last stays), or an exception."""

    def __init__(self, **answers: object) -> None:
        self.answers: dict[str, object] = {
            HOME: Answer(200, HTML | {"link": f'<{ROOT}>; rel="https://api.w.org/"'}),
            ME: said({"id": 7, "capabilities": RIGHTS}),
            LIST: said([]),
            CREATE: said(shown("draft"), 201),
            PUBLISH: said(shown()),
            GET: said(shown()),
            DELETE: said({"deleted": True, "previous": {}}),
            MEDIA: said([]),
            COMMENTS: said([]),
        }
        self.asked: list[tuple[str, dict[str, str], dict[str, str], bytes]] = []

    def set(self, line: str, answer: object) -> Blog:
        self.answers[line] = answer
        return self

    async def request(self, method, url, *, headers=None, body=b"", timeout_s=60.0):
        parts = urlsplit(url)
        assert f"{parts.scheme}://{parts.netloc}" == SITE
        line = f"{method} {parts.path}"
        self.asked.append((line, dict(parse_qsl(parts.query)), dict(headers or {}), body))
        found = self.answers.get(line, no(404, "rest_no_route"))
        if isinstance(found, list):
            found = found.pop(0) if len(found) > 1 else found[0]
        if isinstance(found, Exception):
            raise found
        return found

    @property
    def lines(self) -> list[str]:
        return [line for line, _, _, _ in self.asked]

    def bodies(self, what: str) -> list[dict[str, object]]:
        return [json.loads(body) for line, _, _, body in self.asked if line == what]

    def queries(self, what: str) -> list[dict[str, str]]:
        return [query for line, query, _, _ in self.asked if line == what]


def made(blog: Blog, clock: Hands | None = None, **settings: object) -> WordPress:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "password"
        path.touch(0o600)
        path.write_text("abcd efgh ijkl mnop qrst uvwx\n")
        named = {"site": SITE, "user": "relay", "password_file": str(path), **settings}
        return WordPress(WordPress.Settings(**named), blog, clock or Hands())


def post(text: str = "hello", title: str = "", language: str = "en", *media: Media) -> Post:
    return Post(b"s" * 32, text, title, language, DATE, media=media)


async def attempt(bridge: WordPress, one: Post | None = None, n: int = 1) -> Attempt:
    [part] = await bridge.prepare(one or post())
    return Attempt(Part(KEY, 0, 1, part.payload), n, NOW - 60)


async def keep(kept: bytes) -> None:
    """Nothing is kept."""
