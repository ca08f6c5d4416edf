"""What a client says to prove who it is: AUTH PLAIN (RFC 4616), and LOGIN as it is in use."""

from __future__ import annotations

import base64
import hmac
from collections.abc import Awaitable, Callable
from typing import Final

from relay.testing.mailserver.letters import No

Ask = Callable[[str], Awaitable[str]]
"""Puts a challenge to the client, and gives its line."""

USER: Final = "VXNlcm5hbWU6"
PASSWORD: Final = "UGFzc3dvcmQ6"


async def logged_in(mechanism: str, initial: str, ask: Ask, user: str, password: str) -> None:
    """Hear who it is; ``initial`` is what AUTH said itself (RFC 4954). Raises No if it is not
    ``user``."""
    if mechanism == "PLAIN":
        parts = decoded(initial or await ask("")).split(b"\0")
    else:
        parts = [b"", decoded(initial or await ask(USER)), decoded(await ask(PASSWORD))]
    wanted = [user.encode(), password.encode()]
    if len(parts) != 3 or not all(map(hmac.compare_digest, parts[1:], wanted)):
        raise No("535 5.7.8 Authentication credentials invalid")


def decoded(written: str) -> bytes:
    """A line in base64; ``=`` is an empty one. Raises No."""
    if written == "=":
        return b""
    try:
        return base64.b64decode(written, validate=True)
    except ValueError:
        raise No("501 5.5.2 Cannot decode") from None
