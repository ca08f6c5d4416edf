"""The two facts of a fetched mail that SMTP would have told: who sends, and whether it is a bounce.

Only ever used as SMTP's MAIL FROM is: for the author tag and the repeat key, in a door's memory.
"""

from __future__ import annotations

import re
from email.utils import getaddresses
from typing import Final

MOST: Final = 64 * 1024
"""Bytes of a header that are looked at."""

MOST_FIELD: Final = 2048
"""Bytes of a From field that are parsed: one person fits, and five thousand would cost seconds."""

_END = re.compile(rb"\r?\n\r?\n")
_FROM = re.compile(rb"^from[ \t]*:((?:[^\n]*\n?)(?:[ \t][^\n]*\n?)*)", re.IGNORECASE | re.MULTILINE)
_RETURN_PATH = re.compile(rb"^return-path[ \t]*:[ \t]*(\S*)", re.IGNORECASE | re.MULTILINE)


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


def return_path_of(mail: bytes) -> bytes | None:
    """The MAIL FROM that the provider noted (Return-Path, RFC 5321 section 4.4): its own field is
    the topmost. None if there is none."""
    found = _RETURN_PATH.search(_block(mail))
    return found[1].removeprefix(b"<").removesuffix(b">") if found and found[1] else None


def is_bounce(mail: bytes) -> bool:
    """Whether that was empty."""
    return return_path_of(mail) == b""
