"""A mail of a link: a short text and one attachment, and not a word about either node.

No program is named, no host and no answer is asked for. The time is that of the hour; that the
servers on the way write the second into it is nothing that we could hinder. Lines are built here
and not by the standard library, which walks through 16 MiB line by line, twice.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from secrets import token_hex
from typing import Final

from relay.model import Instant, hour_of

LINE: Final = 76
"""Characters of a line of base64, at most (RFC 2045 section 6.8)."""

AROUND: Final = 8 * 1024
"""Bytes of a mail beside its attachment, at most: our own headers and text, and what providers
write into a mail on its way."""


@dataclass(frozen=True, slots=True, repr=False)
class Dress:
    """What all mails of a link have in common: from whom and to whom, and what a filter sees."""

    sender: str
    to: str
    subject: str
    text: str
    file_name: str


def letter(dress: Dress, attached: bytes, name: bytes, now: Instant) -> bytes:
    """The mail, with CRLF, in seven bits. ``name`` (16 bytes) is what its Message-ID says, with the
    domain of the sender."""
    between = token_hex(12)
    whole = EmailMessage(policy=SMTP)
    whole["From"] = dress.sender
    whole["To"] = dress.to
    whole["Subject"] = dress.subject
    whole["Date"] = format_datetime(datetime.fromtimestamp(hour_of(now), UTC))
    whole["Message-ID"] = f"<{name.hex()}@{dress.sender.rpartition('@')[2]}>"
    whole["MIME-Version"] = "1.0"
    text = EmailMessage(policy=SMTP)
    if dress.text.isascii():
        text.set_content(dress.text)
    else:
        text.set_content(dress.text, cte="base64")  # not every server passes on eight bits
    del text["MIME-Version"]
    file = EmailMessage(policy=SMTP)
    file["Content-Type"] = "application/octet-stream"
    file["Content-Transfer-Encoding"] = "base64"
    file.add_header("Content-Disposition", "attachment", filename=dress.file_name)
    headers = whole.as_bytes().removesuffix(b"\r\n")
    kind = f'Content-Type: multipart/mixed; boundary="{between}"\r\n\r\n'.encode()
    line = f"--{between}\r\n".encode()
    end = f"--{between}--\r\n".encode()
    lines = base64.encodebytes(attached).replace(b"\n", b"\r\n")
    return b"".join((headers, kind, line, text.as_bytes(), line, file.as_bytes(), lines, end))


def room_in(most_bytes: int) -> int:
    """Bytes that may be attached to a mail of at most ``most_bytes``: base64 makes 76 characters
    and a line end of 57 bytes."""
    return (most_bytes - AROUND) // (LINE + 2) * (LINE // 4 * 3)
