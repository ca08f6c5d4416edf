"""What a header says of who sent a mail, and when; only ever kept in a door's memory.

``sender_of`` and ``is_bounce`` are what SMTP would have told of a fetched mail: for the author tag
and the repeat key. ``author_of`` and ``written_at`` are for whether a mail is believed and
answered, so that they are strict: what two programs could read differently is nobody's.
"""

from __future__ import annotations

import re
from datetime import UTC
from email.utils import getaddresses, parsedate_to_datetime
from typing import Final

MOST: Final = 64 * 1024
"""Bytes of a header that are looked at."""

MOST_FIELD: Final = 2048
"""Bytes of a From field that are parsed: one person fits, and five thousand would cost seconds."""

_END = re.compile(rb"\r?\n\r?\n")
_FROM = re.compile(rb"^from[ \t]*:((?:[^\n]*\n?)(?:[ \t][^\n]*\n?)*)", re.IGNORECASE | re.MULTILINE)
_RETURN_PATH = re.compile(rb"^return-path[ \t]*:[ \t]*(\S*)", re.IGNORECASE | re.MULTILINE)


_DATE = re.compile(rb"^date[ \t]*:((?:[^\n]*\n?)(?:[ \t][^\n]*\n?)*)", re.IGNORECASE | re.MULTILINE)
_ADDR_SPEC = rb"[^\s\x00-\x1f\x7f<>()\[\]\\,;:@\"]+@[^\s\x00-\x1f\x7f<>()\[\]\\,;:@\"]+"
_AUTHOR = re.compile(
    rb"(?:(%(a)s)|(?:\"(?:[^\"\\]|\\.)*+\"|[^\"<>()\[\]\\,;:@])*+<(%(a)s)>)[ \t]*(?:\([^()\\]*\))?"
    % {b"a": _ADDR_SPEC}
)
"""One mailbox (RFC 5322 section 3.4): an address, or a name and an address in brackets; and the
comment behind it that old programs write for a name. No group, no route, no second address."""


def _block(mail: bytes) -> bytes:
    start = mail[:MOST]
    end = _END.search(start)
    return start[: end.start() + 1] if end else start


def sender_of(mail: bytes) -> bytes:
    """The address in From, lower case; empty unless there is exactly one."""
    found = _FROM.findall(_block(mail))
    if len(found) != 1 or len(found[0].strip()) > MOST_FIELD:
        return b""
    written = (
        found[0].strip().decode("utf-8", "surrogateescape").replace("\r", " ").replace("\n", " ")
    )
    try:
        addresses = [address for _, address in getaddresses([written]) if "@" in address]
    except Exception:  # it calls itself for each bracket, and trips over other things as well
        return b""
    if len(addresses) != 1:
        return b""
    return addresses[0].strip().lower().encode("utf-8", "surrogateescape")


def author_of(mail: bytes) -> bytes:
    """The address in From, lower case, where nobody could read another one there; else empty."""
    found = _FROM.findall(_block(mail))
    if len(found) != 1 or len(found[0].strip()) > MOST_FIELD:
        return b""
    one = _AUTHOR.fullmatch(b" ".join(found[0].split()))
    return (one[1] or one[2]).lower() if one else b""


def written_at(mail: bytes) -> int | None:
    """When it was written, by its one Date; None where that cannot be told."""
    found = _DATE.findall(_block(mail))
    if len(found) != 1 or len(found[0]) > 256:
        return None
    try:
        told = parsedate_to_datetime(b" ".join(found[0].split()).decode("ascii"))
        return int((told if told.tzinfo else told.replace(tzinfo=UTC)).timestamp())
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def return_path_of(mail: bytes) -> bytes | None:
    """The MAIL FROM that the provider noted (Return-Path, RFC 5321 section 4.4): its own field is
    the topmost. None if there is none."""
    found = _RETURN_PATH.search(_block(mail))
    return found[1].removeprefix(b"<").removesuffix(b">") if found and found[1] else None


def is_bounce(mail: bytes) -> bool:
    """Whether that was empty."""
    return return_path_of(mail) == b""
