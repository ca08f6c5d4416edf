"""What a form brought: its fields, read once and already checked to be from a page of ours."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Final

from starlette.requests import Request

from relay.serving.urlencoded import Pairs, pairs_in

MOST_BYTES: Final = 512 * 1024
"""Bytes of a form: the longest text, escaped, beside the ids of everything in a lane."""

DRAINED: Final = 1024 * 1024
"""Bytes beyond that which are still read from who is signed in."""

STRANGERS_BYTES: Final = 16 * 1024
"""Bytes of a form from somebody who is not signed in."""

MOST_FIELDS: Final = 4096
"""Fields of a form: a lane with a box for each of its groups."""

CSRF: Final = "csrf"
"""The field that shows that a form is ours."""

DEED: Final = "token"
"""The field that lets a deed be done once, however often it is sent."""


@dataclass(frozen=True, slots=True, repr=False)
class Form:
    """Fields by name."""

    pairs: Pairs

    def one(self, name: str, default: str = "") -> str:
        """The first value of a field."""
        return next((value for field, value in self.pairs if field == name), default)

    def all(self, name: str) -> list[str]:
        """Every value of a field, in their order."""
        return [value for field, value in self.pairs if field == name]

    def has(self, name: str) -> bool:
        """Whether there is such a field: a box that is ticked, a button that was pressed."""
        return any(field == name for field, _ in self.pairs)


class TooLarge(Exception):
    """A body is larger than it may be."""


async def body_of(request: Request, most: int, drained: int = 0) -> bytes:
    """The body of a request, of at most so many bytes; ``drained``: how many more are still read,
    so that an honest browser is there to hear of it. Raises TooLarge."""
    body, size = bytearray(), 0
    async for piece in request.stream():
        size += len(piece)
        if size > most + drained:
            break
        if size <= most:
            body += piece
    if size > most:
        raise TooLarge
    return bytes(body)


def form_in(body: bytes) -> Form:
    """The fields of a body. Raises ValueError for what is no form."""
    return Form(pairs_in(body, MOST_FIELDS))


def form_of(request: Request) -> Form:
    """The form that came with a POST."""
    found: Form = request.state.form
    return found


def deed_token() -> str:
    """A token for one deed, to stand in its form."""
    return secrets.token_hex(16)
