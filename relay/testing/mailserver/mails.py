"""A mail that was taken: its envelope, and what a reader sees of it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from email.message import EmailMessage
from typing import Final

from relay.model import Instant

IDS: Final = re.compile(r"<[^<>\s]+>")


@dataclass(frozen=True, slots=True, repr=False)
class Medium:
    """An attachment. ``alt``: its Content-Description (RFC 2045, 8)."""

    name: str
    type: str
    alt: str
    content: bytes


@dataclass(frozen=True, slots=True, repr=False)
class Mail:
    """One message of one transaction. ``sender`` and ``recipients`` are the envelope's; ``secure``:
    it came under TLS."""

    sender: str
    recipients: tuple[str, ...]
    message: EmailMessage
    content: bytes
    at: Instant
    secure: bool

    @property
    def id(self) -> str:
        """Its Message-ID, angle brackets included."""
        return str(self.message["Message-ID"]).strip()

    @property
    def subject(self) -> str:
        """Its title."""
        return str(self.message["Subject"] or "")

    @property
    def parent(self) -> str | None:
        """The Message-ID of what it answers: In-Reply-To, or the last of References."""
        for name in "In-Reply-To", "References":
            if found := IDS.findall(str(self.message[name] or "")):
                return str(found[-1])
        return None

    @property
    def text(self) -> str:
        """Its plain text, lines put together again that were only broken for the way (RFC 3676)."""
        body = self.message.get_body(("plain",))
        if body is None:
            return ""
        text = str(body.get_content()).replace("\r\n", "\n").removesuffix("\n")
        if body.get_param("format", "fixed") != "flowed":
            return text
        return unflowed(text, delsp=body.get_param("delsp", "no") == "yes")

    @property
    def media(self) -> tuple[Medium, ...]:
        """Its attachments, in order."""
        return tuple(
            Medium(
                one.get_filename() or "",
                one.get_content_type(),
                str(one["Content-Description"] or ""),
                one.get_payload(decode=True) or b"",  # type: ignore[arg-type]
            )
            for one in self.message.iter_attachments()
        )


def unflowed(text: str, *, delsp: bool) -> str:
    """RFC 3676: a line that ends in a space goes on in the next, but for the signature's."""
    made: list[str] = []
    goes_on = False
    for raw in text.split("\n"):
        line = raw.removeprefix(" ")
        soft = line.endswith(" ") and line != "-- "
        shown = line[:-1] if soft and delsp else line
        if goes_on:
            made[-1] += shown
        else:
            made.append(shown)
        goes_on = soft
    return "\n".join(made)
