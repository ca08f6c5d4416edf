"""The signed list of what was withdrawn from the page: ids, and never a word of what they said.

Canonical JSON (RFC 8785) of v, kind ("withdrawn"), day, key and items, signed with the page key
under a purpose of its own. Whoever keeps a copy of the page takes down what is on the newest list
he has seen. A relay that runs makes one each day, also when nothing was withdrawn: so a list says
how old it is. The ids are sorted, since the order of taking back is nobody's business.

``docs/wire.md`` has the format and its limits, ``relay verify`` the check.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, Final

from relay.errors import Damaged
from relay.model import Instant
from relay.wire import primitives
from relay.wire.documents import list_shown
from relay.wire.item import canonical, is_key
from relay.wire.signed import opened_file, signed_file

VERSION: Final = 1
KIND: Final = "withdrawn"
PURPOSE: Final = b"outword/1/withdrawn"

MOST: Final = 2000
"""Ids of one list: 80 kB, which a feed can carry. Of more the last that were withdrawn stay."""

MAX_BYTES: Final = 256 * 1024
"""Bytes of a list's file: more than any that can be made."""

_ID: Final = re.compile(r"urn:uuid:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """What was signed. ``day`` is "2026-11-23" in UTC; ``key`` is the page key in base64; ``items``
    are ids as items have them."""

    day: str
    key: str
    items: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class VerifiedWithdrawn:
    """The list, if it is good; else None and what is wrong with it."""

    listed: Withdrawn | None
    fault: str = ""


def is_item_id(text: str) -> bool:
    """Whether it is spelt as the id of an item."""
    return _ID.fullmatch(text) is not None


def make_withdrawn(items: Iterable[str], made: Instant, page_seed: bytes) -> bytes:
    """The bytes to sign, with the key of ``page_seed``; of ``made`` only the day is kept.

    Raises ValueError for what is no id of an item, and for more of them than a list can hold."""
    ids = sorted(set(items))
    if len(ids) > MOST or not all(is_item_id(one) for one in ids):
        raise ValueError("these cannot be listed as withdrawn")
    return canonical(
        {
            "v": VERSION,
            "kind": KIND,
            "day": datetime.fromtimestamp(made, UTC).strftime("%Y-%m-%d"),
            "key": base64.b64encode(primitives.signing_public(page_seed)).decode(),
            "items": ids,
        }
    )


def sign_withdrawn(document: bytes, page_seed: bytes) -> bytes:
    """The signature of a list's bytes under the page key."""
    return primitives.sign(page_seed, PURPOSE + document)


def read_withdrawn(document: bytes) -> Withdrawn:
    """The list in its bytes, which have one spelling only. Raises Damaged."""
    try:
        made = json.loads(document)
        if canonical(made) != document or made.pop("kind") != KIND:
            raise Damaged
        version, items = made.pop("v"), made["items"]
        if type(version) is not int or version != VERSION or not isinstance(items, list):
            raise Damaged
        listed = Withdrawn(**{**made, "items": tuple(items)})
        good = (
            _DAY.fullmatch(listed.day)
            and date.fromisoformat(listed.day)
            and len(base64.b64decode(listed.key, validate=True)) == 32
            and len(items) <= MOST
            and all(is_item_id(one) for one in items)
            and items == sorted(set(items))
        )
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        raise Damaged from None
    if not good:
        raise Damaged
    return listed


# ---------------------------------------------------------------- its file


def withdrawn_file(document: bytes, signature: bytes) -> bytes:
    """The file of a list. Its outer ``kind`` is for readers; the signed one counts."""
    return signed_file(KIND, document, signature)


def is_withdrawn_file(document: bytes) -> bool:
    """Whether this says of itself that it is a list of what was withdrawn, good or not."""
    return opened_file(KIND, document, MAX_BYTES) is not None


def verify_withdrawn(file: bytes, key: bytes | str) -> VerifiedWithdrawn:
    """Check a list's file against the page key (32 bytes), or its words.

    Raises Damaged for what is no such file."""
    opened = opened_file(KIND, file, MAX_BYTES)
    if opened is None:
        raise Damaged("that is no list of what was withdrawn")
    if opened.keys() != {"kind", "signed", "sig"}:
        return VerifiedWithdrawn(None, "its signature cannot be read")
    return _checked(opened["signed"], opened["sig"], key)


def verify_carried(document: bytes, key: bytes | str) -> VerifiedWithdrawn:
    """Check the list that a feed.json or feed.xml carries; one that carries none has no fault.

    Raises Damaged for what is no document of ours."""
    carried = list_shown(document)
    return VerifiedWithdrawn(None) if carried is None else _checked(*carried, key)


def _checked(signed: Any, sig: Any, key: bytes | str) -> VerifiedWithdrawn:
    """The list whose signed bytes and signature these are, in base64."""
    try:
        document = base64.b64decode(signed, validate=True)
        signature = base64.b64decode(sig, validate=True)
        listed = read_withdrawn(document)
    except (binascii.Error, ValueError, TypeError, Damaged):
        return VerifiedWithdrawn(None, "its signature cannot be read")
    with_key = base64.b64decode(listed.key)
    good = is_key(key, with_key) and primitives.signed(with_key, PURPOSE + document, signature)
    if not good:
        return VerifiedWithdrawn(None, "it is not signed with this key")
    return VerifiedWithdrawn(listed)
