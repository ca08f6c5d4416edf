"""Whether a submission server takes a message as it stands (RFC 5322, 2045, 6152, 6409, 6532).

Most servers mend or pass on what is refused here: a header that lacks, eight bits that were not
announced, a body that is not what its headers say. What a bridge gets wrong is to fail here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from email import message_from_bytes, policy
from email.message import EmailMessage, Message
from email.utils import getaddresses, parsedate_to_datetime
from typing import Final

from relay.testing.mailserver.wire import Letter

ONCE: Final = ("From", "Date", "Message-ID")
AT_MOST_ONCE: Final = ("Sender", "Reply-To", "To", "Cc", "Subject", "In-Reply-To", "References")
HEADER: Final = re.compile(rb"[!-9;-~]+:[ \t]|[!-9;-~]+:$|[ \t]+\S")
MESSAGE_ID: Final = re.compile(r"<[^\s<>@]+@[^\s<>@]+>")
ADDRESS: Final = re.compile(r"[^\s<>@]{1,64}@(?=.{4,253}\Z)[^\W_][\w-]*(\.[\w-]+)+")


class No(Exception):
    """A refusal; ``reply`` is what SMTP says."""

    def __init__(self, reply: str) -> None:
        self.reply = reply
        super().__init__(reply)


def read(letter: Letter, *, eight_bits: bool, utf8: bool) -> EmailMessage:
    """The message of a letter. ``eight_bits``, ``utf8``: what MAIL announced. Raises No."""
    if letter.bare:
        raise No("550 5.5.2 Bare <CR> or <LF> received")
    if letter.long_line:
        raise No("554 5.6.0 Line too long")
    head, gap, body = letter.content.partition(b"\r\n\r\n")
    if b"\0" in letter.content:
        raise No("554 5.6.0 NUL received")
    for line in head.split(b"\r\n"):
        if not HEADER.match(line):
            raise No("554 5.6.0 Not a header")
    if not head.isascii() and not utf8:
        raise No("554 5.6.9 UTF-8 in a header, and no SMTPUTF8")
    if not body.isascii() and not eight_bits:
        raise No("554 5.6.3 Eight bits, and no BODY=8BITMIME")
    for wrong in _wrong(message := _parsed(letter.content), bodied=bool(gap)):
        raise No(f"554 5.6.0 {wrong}")
    return message


def author(message: EmailMessage) -> str:
    """The address in From. Raises No if it is not one."""
    found = [address for _, address in getaddresses([str(message["From"])])]
    if len(found) != 1 or not ADDRESS.fullmatch(found[0]):
        raise No("554 5.6.0 From is not one address")
    return found[0]


def _parsed(content: bytes) -> EmailMessage:
    message = message_from_bytes(content, policy=policy.SMTPUTF8)
    assert isinstance(message, EmailMessage)
    return message


def _wrong(message: EmailMessage, *, bodied: bool) -> Iterator[str]:
    for name in ONCE:
        if len(message.get_all(name, [])) != 1:
            yield f"{name} is wanted once"
    for name in AT_MOST_ONCE:
        if len(message.get_all(name, [])) > 1:
            yield f"{name} is there twice"
    if not bodied:
        yield "no body"
    if not MESSAGE_ID.fullmatch(str(message["Message-ID"] or "").strip()):
        yield "Message-ID is none"
    try:
        parsedate_to_datetime(str(message["Date"] or ""))
    except ValueError:
        yield "Date is none"
    if "Content-Type" in message and str(message["MIME-Version"] or "").strip() != "1.0":
        yield "no MIME-Version"
    for part in message.walk():
        yield from _wrong_part(part)


def _wrong_part(part: Message) -> Iterator[str]:
    if part.defects:
        yield f"a part is damaged ({type(part.defects[0]).__name__})"
    encoding = str(part.get("Content-Transfer-Encoding", "7bit")).lower()
    if encoding not in ("7bit", "8bit", "binary", "quoted-printable", "base64"):
        yield "no such Content-Transfer-Encoding"
    if part.is_multipart():
        return
    raw = part.get_payload()
    if encoding not in ("8bit", "binary") and not (isinstance(raw, str) and raw.isascii()):
        yield f"eight bits in a part that is {encoding}"
    if part.get_content_maintype() == "text":
        yield from _wrong_text(part)


def _wrong_text(part: Message) -> Iterator[str]:
    """Whether a text is in its charset."""
    payload = part.get_payload(decode=True)
    try:
        assert isinstance(payload, bytes)
        payload.decode(part.get_content_charset("us-ascii"))
    except (UnicodeDecodeError, LookupError):
        yield "a text is not in its charset"
