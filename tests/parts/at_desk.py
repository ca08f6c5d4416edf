"""People at the desk: they join by their link, sign in with a code of their phone, and look."""

from __future__ import annotations

import time
from base64 import b32decode
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP
from playwright.sync_api import Browser, BrowserContext, Page

from relay.cli.common import asked
from relay.testing.nodes import Node

DESK = """
[desk]
listen = "127.0.0.1:0"
"""

PASSPHRASE = "quiet lamp under seven bridges"
STEP_S = 30


@dataclass
class Phone:
    """What makes codes (RFC 6238); each is good once, so that it goes on from step to step."""

    secret: bytes
    last: int = 0

    def code(self) -> str:
        """The next code that is good now: first that of the step before."""
        now = int(time.time()) // STEP_S
        if self.last > now:
            time.sleep(self.last * STEP_S - time.time())
            now = self.last
        self.last = max(self.last + 1, now - 1)
        return TOTP(self.secret, 6, SHA1(), STEP_S).generate(self.last * STEP_S).decode()


@dataclass
class Person:
    """Somebody in a browser of their own, and what went wrong there."""

    handle: str
    base: str
    context: BrowserContext
    page: Page
    phone: Phone
    faults: list[str] = field(default_factory=list)

    def goes(self, path: str) -> Page:
        """Open a page of the desk."""
        self.page.goto(self.base + path)
        return self.page

    def signs_in(self) -> None:
        """By the form."""
        page = self.goes("/sign-in")
        page.fill("[name=name]", self.handle)
        page.fill("[name=passphrase]", PASSPHRASE)
        page.fill("[name=code]", self.phone.code())
        page.press("[name=code]", "Enter")
        page.wait_for_url(lambda url: "/sign-in" not in url)

    def close(self) -> None:
        """Gone, and nothing went wrong that a browser saw: an error in a script, something that the
        page's own policy forbade."""
        self.context.close()
        assert self.faults == []


def desk_url(node: Node) -> str:
    """Where the desk is."""
    return f"http://{node.at['desk']}"


def joined(
    node: Node, chromium: Browser, handle: str, *roles: str, signs_in: bool = True, **context: Any
) -> Person:
    """Somebody who was sent a link, and has joined by it. ``context``: what browser it is, for
    ``new_context``."""
    [told] = asked(node.file, {"do": "users", "add": handle, "roles": list(roles or ("editor",))})
    browsed = chromium.new_context(**{"locale": "en-GB", **context})
    page = browsed.new_page()
    page.goto(f"{desk_url(node)}/join/{told['link']}")
    secret = page.locator("code.secret").inner_text()
    person = Person(handle, desk_url(node), browsed, page, Phone(_decoded(secret)))
    page.on("pageerror", lambda error: person.faults.append(str(error)))
    page.on("console", lambda said: _heard(person, said.type, said.text))
    page.fill("[name=code]", person.phone.code())
    page.fill("[name=passphrase]", PASSPHRASE)
    page.fill("[name=again]", PASSPHRASE)
    page.click("button.main")
    page.wait_for_url("**/sign-in?joined*")
    if signs_in:
        person.signs_in()
    return person


def _heard(person: Person, kind: str, text: str) -> None:
    if kind == "error":
        person.faults.append(text)


def _decoded(secret: str) -> bytes:
    plain = "".join(secret.split())
    return b32decode(plain + "=" * (-len(plain) % 8))
