"""The top header block of a mail, by a line filter that knows nothing of MIME.

It keeps what a reader needs to decode the body (Subject, MIME-Version, Content-*) and drops all
else unseen: From, Received, Date, Message-ID, a DKIM signature, the mail program, and whatever a
provider will invent next. Because nothing is parsed, nothing in a header can be expensive.

A field is a name of printable ASCII without a colon, then a colon (RFC 5322 section 2.2; blanks
before the colon are the obsolete form of section 4.5.8), and the lines after it that begin with a
blank. Where the block ends is decided so that a broken block cannot push a From line into the text:

- at the first empty line; without one, after the last field (beyond MOST bytes, nowhere);
- where the very first line is no field, there is no block, and everything is text.
"""

from __future__ import annotations

import re
from typing import Final

MOST: Final = 64 * 1024
"""Bytes of a header block that are looked at. What lies beyond is dropped and flagged, never kept:
a block is longer only by routes and recipients, and those name people."""

_FIELD = re.compile(rb"([!-9;-~]+)[ \t]*:(.*)", re.DOTALL)
_EMPTY_LINE = re.compile(rb"\r?\n\r?\n")
_ENVELOPE_LINES = (b"From ", b">From ")  # what mbox files and old programs put above a header

_KEPT = (b"subject", b"mime-version")
_NAMING = (b"content-id", b"content-location", b"content-base", b"content-identifier")
"""Of Content-* these decode nothing, and carry the name of a host or a mail program."""


def filter_headers(mail: bytes) -> tuple[bytes, tuple[str, ...]]:
    """The mail with a top header block that names nobody, and the flags it gave.

    Flags: "auto-submitted" (RFC 3834, unless "no"), "bulk" (Precedence), "list" (List-Id,
    RFC 2919), "header-cut" (a block of more than MOST bytes).
    """
    block, body = _parted(mail)
    flags: list[str] = []
    if len(block) > MOST:
        block = block[: block.rfind(b"\n", 0, MOST) + 1]
        flags.append("header-cut")
    kept: list[bytes] = []
    for name, lines in _fields(block):
        if name in _KEPT or (name.startswith(b"content-") and name not in _NAMING):
            kept.append(lines)
        elif flag := _flag(name, lines):
            flags.append(flag)
    return b"".join([*kept, b"\r\n", body]), tuple(dict.fromkeys(flags))


def _parted(mail: bytes) -> tuple[bytes, memoryview]:
    """The header block with its last line break, and the body (a view: bodies are large)."""
    whole = memoryview(mail)
    for empty in (b"\r\n", b"\n"):
        if mail.startswith(empty):
            return b"", whole[len(empty) :]
    if not _begins(mail[: mail.find(b"\n") + 1] or mail):
        return b"", whole
    found = _EMPTY_LINE.search(mail)
    if found is not None:
        first_break = found.group().index(b"\n") + 1
        return mail[: found.start() + first_break], whole[found.end() :]
    if len(mail) > MOST:
        return mail, whole[:0]
    end = _after_last_field(mail)
    return mail[:end], whole[end:]


def _begins(line: bytes) -> bool:
    return _FIELD.match(line) is not None or line.startswith(_ENVELOPE_LINES)


def _after_last_field(mail: bytes) -> int:
    """Where the last field ends, in a mail that has no empty line."""
    at = end = 0
    last_was_field = False
    for line in mail.splitlines(keepends=True):
        at += len(line)
        last_was_field = _begins(line) or (last_was_field and line.startswith((b" ", b"\t")))
        if last_was_field:
            end = at
    return end


def _fields(block: bytes) -> list[tuple[bytes, bytes]]:
    """Every field: its name in lower case, and its lines as they came, each ended by CRLF."""
    found: list[tuple[bytes, bytes]] = []
    name: bytes | None = None
    lines: list[bytes] = []
    for line in block.split(b"\n"):
        line = line.rstrip(b"\r")
        if line[:1] in (b" ", b"\t"):
            lines.append(line)  # of a line that was no field it is dropped with it
            continue
        if name is not None:
            found.append((name, b"\r\n".join([*lines, b""])))
        field = _FIELD.match(line)
        name = field[1].lower() if field else None
        lines = [line]
    if name is not None:
        found.append((name, b"\r\n".join([*lines, b""])))
    return found


def _flag(name: bytes, lines: bytes) -> str:
    """What a dropped field says of the mail as a whole, empty if nothing."""
    if name == b"list-id":
        return "list"
    if name == b"auto-submitted":
        return "" if _value(lines) == b"no" else "auto-submitted"
    if name == b"precedence" and _value(lines) in (b"bulk", b"junk", b"list"):
        return "bulk"
    return ""


def _value(lines: bytes) -> bytes:
    """The first word of a field's value, in lower case, without parameters and comments."""
    words = lines.partition(b":")[2].replace(b";", b" ").replace(b"(", b" ").split()
    return words[0].lower() if words else b""
