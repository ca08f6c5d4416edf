"""A browser without a network: it asks an ASGI application, keeps cookies, and fills in forms."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import urlencode

from starlette.types import ASGIApp, Message

from relay.desk.app import app_of
from relay.desk.core import Core
from relay.desk.reached import At
from relay.desk.state import Desk
from relay.desk.who import SESSION

HOST = "127.0.0.1:8081"


@dataclass
class Page:
    """An answer."""

    status: int
    headers: list[tuple[str, str]] = field(default_factory=list)
    body: bytes = b""

    @property
    def text(self) -> str:
        """The body as text."""
        return self.body.decode()

    def header(self, name: str) -> str:
        """A header; "" without it."""
        return next((value for found, value in self.headers if found == name), "")


class Browser:
    """``core`` is what the desk asks; ``session`` who is signed in, if anybody."""

    def __init__(
        self,
        core: Core,
        session: str = "s-editor",
        at: At | None = None,
        app: ASGIApp | None = None,
    ) -> None:
        self.app = app or app_of(Desk(core, at or At()))
        self.cookies: dict[str, str] = {SESSION: session} if session else {}
        self.peer = "127.0.0.1"
        self.host = HOST
        self.scheme = "http"

    def get(self, path: str, **headers: str) -> Page:
        """A page one goes to."""
        return self.ask("GET", path, {"sec-fetch-site": "none", **headers})

    def post(self, path: str, form: Any = (), csrf: str | None = None, **headers: str) -> Page:
        """A form of ours that is sent; its token is taken from a page unless one is given."""
        pairs = list(form.items()) if isinstance(form, dict) else list(form)
        token = self.csrf() if csrf is None else csrf
        sent = {
            "origin": f"{self.scheme}://{self.host}",
            "sec-fetch-site": "same-origin",
            "content-type": "application/x-www-form-urlencoded",
            **{name.replace("_", "-"): value for name, value in headers.items()},
        }
        return self.ask("POST", path, sent, urlencode([("csrf", token), *pairs]).encode())

    def csrf(self) -> str:
        """The token of a page's form."""
        page = self.get("/preferences" if self._session() else "/sign-in")
        found = re.search(r'name="csrf" value="([0-9a-f]*)"', page.text)
        assert found, page.status
        return found[1]

    def ask(self, method: str, path: str, headers: dict[str, str], *body: bytes) -> Page:
        """Any request, in its pieces."""
        sent = {"host": self.host, **headers}
        if self.cookies:
            sent["cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        page = asyncio.run(self._ask(method, path, sent, list(body) or [b""]))
        for name, value in page.headers:
            if name == "set-cookie":
                self._keep(value)
        return page

    async def _ask(
        self, method: str, path: str, headers: dict[str, str], pieces: list[bytes]
    ) -> Page:
        before, _, query = path.partition("?")
        scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": method,
            "scheme": "http",
            "path": before,
            "raw_path": before.encode(),
            "query_string": query.encode(),
            "headers": [(n.lower().encode(), v.encode("latin-1")) for n, v in headers.items()],
            "client": (self.peer, 40000),
            "server": ("127.0.0.1", 8081),
            "root_path": "",
        }
        page = Page(0)

        async def receive() -> Message:
            if not pieces:
                return {"type": "http.disconnect"}
            piece = pieces.pop(0)
            return {"type": "http.request", "body": piece, "more_body": bool(pieces)}

        async def send(message: Message) -> None:
            if message["type"] == "http.response.start":
                page.status = message["status"]
                page.headers = [(n.decode(), v.decode("latin-1")) for n, v in message["headers"]]
            else:
                page.body += message.get("body", b"")

        await self.app(scope, receive, send)
        return page

    def _session(self) -> str:
        return self.cookies.get(SESSION, "") or self.cookies.get(f"__Host-{SESSION}", "")

    def _keep(self, written: str) -> None:
        for name, morsel in SimpleCookie(written).items():
            if morsel["max-age"] == "0":
                self.cookies.pop(name, None)
            else:
                self.cookies[name] = morsel.value
