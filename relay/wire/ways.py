"""The signed statement of the ways in: where people may write, and that it is really ours.

Canonical JSON (RFC 8785) of v, kind ("ways"), day, key and ways, signed with the page key under a
purpose of its own: no item can be taken for it, and it for no item. ``key`` is the page key, so
that its eight words are enough to check it. ``day`` is the day it was made, no finer, and a relay
that runs makes one each day: a copy of an old one, with a number that is no longer ours, shows its
age. Warnings travel as short names; the sentences are in ``relay/locales/safety.json``.

``docs/wire.md`` has the format and its limits, ``relay verify`` the check.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, Final

from relay.errors import Damaged
from relay.model import Instant
from relay.wire import primitives
from relay.wire.item import canonical, is_key
from relay.wire.signed import opened_file, signed_file

VERSION: Final = 1
KIND: Final = "ways"
PURPOSE: Final = b"outword/1/ways"

MOST_WAYS: Final = 32
"""Ways of one statement: half a page of paper has room for no more."""

MOST_WARNINGS: Final = 8
MOST_SHOWN: Final = 254
"""Characters of what is shown of a way: the longest mail address (RFC 5321 section 4.5.3.1.3)."""

MAX_BYTES: Final = 64 * 1024
"""Bytes of a statement's file: more than any that can be made."""

_NAME: Final = re.compile(r"[a-z][a-z-]{0,31}")
_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


@dataclass(frozen=True, slots=True)
class Way:
    """One way in: its kind ("mail", "sms"), what people write to, and names of its warnings."""

    kind: str
    shown: str
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Statement:
    """What was signed. ``day`` is "2026-11-23" in UTC; ``key`` is the page key in base64."""

    day: str
    key: str
    ways: tuple[Way, ...]


@dataclass(frozen=True, slots=True)
class VerifiedWays:
    """The statement, if it is good; else None and what is wrong with it."""

    statement: Statement | None
    fault: str = ""


def can_be_shown(text: str) -> bool:
    """Whether it can stand in a statement: 1 to 254 printable characters without a blank, so that
    nothing in it can turn its direction or hide."""
    return 0 < len(text) <= MOST_SHOWN and text.isprintable() and not any(map(str.isspace, text))


def make_ways(ways: Sequence[Way], made: Instant, page_seed: bytes) -> bytes:
    """The bytes to sign, with the key of ``page_seed``; of ``made`` only the day is kept.

    Raises ValueError for more ways, or others, than a statement can hold."""
    statement = {
        "v": VERSION,
        "kind": KIND,
        "day": datetime.fromtimestamp(made, UTC).strftime("%Y-%m-%d"),
        "key": base64.b64encode(primitives.signing_public(page_seed)).decode(),
        "ways": [
            {"kind": way.kind, "shown": way.shown, "warnings": list(way.warnings)} for way in ways
        ],
    }
    document = canonical(statement)
    try:
        read_ways(document)
    except Damaged:
        raise ValueError("these ways cannot be stated") from None
    return document


def sign_ways(document: bytes, page_seed: bytes) -> bytes:
    """The signature of a statement's bytes under the page key."""
    return primitives.sign(page_seed, PURPOSE + document)


def read_ways(document: bytes) -> Statement:
    """The statement in its bytes, which have one spelling only. Raises Damaged."""
    try:
        made = json.loads(document)
        if canonical(made) != document or made.pop("kind") != KIND:
            raise Damaged
        version = made.pop("v")
        if type(version) is not int or version != VERSION:  # not isinstance: True is no version
            raise Damaged
        statement = Statement(**{**made, "ways": tuple(_way(one) for one in made["ways"])})
        good = (
            _DAY.fullmatch(statement.day)
            and date.fromisoformat(statement.day)
            and len(base64.b64decode(statement.key, validate=True)) == 32
            and isinstance(made["ways"], list)
            and len(statement.ways) <= MOST_WAYS
        )
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        raise Damaged from None
    if not good:
        raise Damaged
    return statement


def _way(made: dict[str, Any]) -> Way:
    warnings = made["warnings"]
    if not isinstance(warnings, list) or len(warnings) > MOST_WARNINGS:
        raise Damaged
    way = Way(**{**made, "warnings": tuple(warnings)})
    if not all(_NAME.fullmatch(name) for name in (way.kind, *warnings)):
        raise Damaged
    if not can_be_shown(way.shown):
        raise Damaged
    return way


# ---------------------------------------------------------------- its file


def ways_file(document: bytes, signature: bytes) -> bytes:
    """The file of a statement. Its outer ``kind`` is for readers; the signed one counts."""
    return signed_file(KIND, document, signature)


def is_ways_file(document: bytes) -> bool:
    """Whether this says of itself that it is a statement of ways, good or not."""
    return opened_file(KIND, document, MAX_BYTES) is not None


def verify_ways(file: bytes, key: bytes | str) -> VerifiedWays:
    """Check a statement's file against the page key (32 bytes), or its words.

    Raises Damaged for what is no such file."""
    opened = opened_file(KIND, file, MAX_BYTES)
    if opened is None:
        raise Damaged("that is no statement of the ways in")
    try:
        if opened.keys() != {"kind", "signed", "sig"}:
            raise Damaged
        document = base64.b64decode(opened["signed"], validate=True)
        sig = base64.b64decode(opened["sig"], validate=True)
        statement = read_ways(document)
    except (binascii.Error, ValueError, TypeError, Damaged):
        return VerifiedWays(None, "its signature cannot be read")
    with_key = base64.b64decode(statement.key)
    if not is_key(key, with_key) or not primitives.signed(with_key, PURPOSE + document, sig):
        return VerifiedWays(None, "it is not signed with this key")
    return VerifiedWays(statement)
