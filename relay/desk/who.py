"""Who asks: a session of the core, carried by a cookie that no script can read."""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response

from relay.model import Instant

SESSION: Final = "desk-session"
DEVICE: Final = "desk-device"
"""Names of cookies: a session; and what is known of a browser in which its owner has signed
in. Cookies know no ports: whatever else is served on this machine has cookies beside them."""

DEVICE_S: Final = 180 * 86400
"""Seconds for which a browser is known."""


@dataclass(frozen=True, slots=True)
class Reached:
    """How a browser came: the host it named, and whether by TLS."""

    host: str
    secure: bool

    @property
    def origin(self) -> str:
        """What it sends as the origin of our own pages."""
        return f"{'https' if self.secure else 'http'}://{self.host}"

    def cookie(self, name: str) -> str:
        """A cookie's full name: bound to this very host where there is TLS (RFC 6265bis 4.1.3)."""
        return f"__Host-{name}" if self.secure else name


@dataclass(frozen=True, slots=True, repr=False)
class Person:
    """Who is signed in. ``csrf`` is what their forms carry; ``sound`` and ``notify``: how they want
    to be told that something waits; ``ends``: when the session ends if they do nothing more."""

    session: str
    handle: str
    roles: frozenset[str]
    language: str
    sound: bool
    notify: bool
    ends: Instant
    csrf: str

    def is_any(self, *roles: str) -> bool:
        """Whether they have one of these roles: what to show; the core judges what they may do."""
        return not self.roles.isdisjoint(roles)


def person(session: str, told: Mapping[str, Any]) -> Person:
    """The person of a session, as the core told."""
    return Person(
        session,
        str(told["handle"]),
        frozenset(told["roles"]),
        str(told.get("language") or ""),
        bool(told.get("sound")),
        bool(told.get("notify")),
        int(told.get("ends", 0)),
        csrf_of(session),
    )


def csrf_of(secret: str) -> str:
    """What a form carries to show that it is ours: only who has the cookie could have made it."""
    return hmac.digest(secret.encode(), b"outword desk form", sha256).hex()[:32]


def person_of(request: Request) -> Person:
    """Who asks for a page. Only pages that are open to all have to ask ``is_signed_in`` first."""
    found: Person = request.state.person
    return found


def is_signed_in(request: Request) -> bool:
    """Whether anybody is."""
    return getattr(request.state, "person", None) is not None


def session_of(request: Request) -> str:
    """The session that each order carries."""
    return person_of(request).session


def reached(request: Request) -> Reached:
    """How the browser came."""
    found: Reached = request.state.reached
    return found


def set_cookie(
    request: Request, response: Response, name: str, value: str, for_s: int | None = None
) -> None:
    """Give the browser a cookie: until it is closed, or ``for_s`` seconds."""
    at = reached(request)
    response.set_cookie(
        at.cookie(name), value, for_s, path="/", secure=at.secure, httponly=True, samesite="strict"
    )


def forget_cookie(request: Request, response: Response, name: str) -> None:
    """Take a cookie away. At once, and not at a time: our clock is nobody's business."""
    set_cookie(request, response, name, "", 0)


def cookie(request: Request, name: str) -> str:
    """A cookie's value; "" if there is none."""
    return request.cookies.get(reached(request).cookie(name), "")
