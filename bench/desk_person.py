"""Somebody at the desk, over HTTP as a browser does it: joins, signs in, opens pages."""

from __future__ import annotations

import http.client
import re
import time
from base64 import b32decode
from collections.abc import Mapping, Sequence
from html import unescape
from urllib.parse import urlencode

from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP

PASSPHRASE = "quiet lamp under seven bridges"
STEP_S = 30
WAIT_S = 120.0
KEPT_S = 3.0

Pairs = Sequence[tuple[str, str]]


class Unexpected(Exception):
    """The desk answered with another status."""


class Person:
    """One browser; ``cookies`` are its own."""

    def __init__(self, address: str, cookies: Mapping[str, str] | None = None) -> None:
        self.address = address
        self.cookies = dict(cookies or {})
        self.csrf = ""
        self._used = 0.0
        self._line: http.client.HTTPConnection | None = None

    def joins(self, link: str, handle: str) -> None:
        """Join by a link, and sign in."""
        page = self.asks(f"/join/{link}")[1]
        secret = _found(r'class="secret">([A-Z2-7 ]+)<', page).replace(" ", "")
        code = TOTP(b32decode(secret + "=" * (-len(secret) % 8)), 6, SHA1(), STEP_S)
        step = int(time.time()) // STEP_S
        chosen = (("passphrase", PASSPHRASE), ("again", PASSPHRASE))
        self.sends(f"/join/{link}", [*chosen, ("code", _code(code, step))])
        self.asks("/sign-in")
        known = [("name", handle), ("passphrase", PASSPHRASE), ("to", "/")]
        self.sends("/sign-in", [*known, ("code", _code(code, step + 1))])

    def asks(self, path: str) -> tuple[float, str]:
        """A page: the seconds until all of it was there, and what it is."""
        took_s, page = self._said("GET", path, None)
        if 'name="csrf"' in page:
            self.csrf = _found(r'name="csrf" value="([^"]*)"', page)
        return took_s, page

    def sends(self, path: str, fields: Pairs) -> tuple[float, str]:
        """A form with what the page before gave it, and where that leads."""
        return self._said("POST", path, urlencode([("csrf", self.csrf), *fields]))

    def close(self) -> None:
        """Let go of the line."""
        if self._line is not None:
            self._line.close()
            self._line = None

    def _said(self, method: str, path: str, body: str | None) -> tuple[float, str]:
        headers = {"cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        if body is not None:
            headers |= {
                "origin": f"http://{self.address}",
                "content-type": "application/x-www-form-urlencoded",
            }
        if time.perf_counter() > self._used + KEPT_S:
            self.close()  # by now the desk may have ended it
        began = time.perf_counter()
        if self._line is None:
            self._line = http.client.HTTPConnection(self.address, timeout=WAIT_S)
        self._line.request(method, path, body, headers)
        answer = self._line.getresponse()
        page = answer.read().decode()
        self._used = time.perf_counter()
        took_s = self._used - began
        for said in answer.headers.get_all("set-cookie", []):
            name, _, value = said.partition(";")[0].partition("=")
            self.cookies[name] = value
        if answer.will_close:
            self.close()
        if answer.status not in (200, 303):
            why = re.sub(r"<[^>]*>|\s+", " ", page.partition("<main")[2])[:300]
            raise Unexpected(f"{method} {path.partition('?')[0]}: {answer.status} {why}")
        return took_s, answer.headers.get("location", "") if answer.status == 303 else page


def _code(totp: TOTP, step: int) -> str:
    return totp.generate(step * STEP_S).decode()


def _found(pattern: str, page: str) -> str:
    found = re.search(pattern, page)
    if found is None:
        raise Unexpected("a page is not as it was")
    return unescape(found[1])
