"""What the audit says of an order: which messages, and what else of it is no text and no name of a
sender. Only what is known to be harmless is written down, so that a new order tells nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from relay.wire import primitives

MOST_IDS: Final = 500

_ID: Final = re.compile(r"[0-9a-f]{4,64}", re.ASCII)
_NAME: Final = re.compile(r"[a-z0-9_-]{1,32}", re.ASCII)
"""Of a user, or of something in ``relay.toml``."""

_NAMES: Final = ("name", "channel", "destination", "to", "add", "link", "change", "remove", "kind")
_LISTS: Final = ("without", "roles", "only")
_NUMBERS: Final = ("n", "reply", "for_s", "not_before")
_YES: Final = ("destroy", "hides", "dismiss", "accept", "everywhere")

_OF_SENDERS: Final = "senders"
"""Whose names are those of people."""


def ids_of(order: Mapping[str, Any]) -> tuple[str, ...]:
    """The messages that an order names."""
    several = order.get("ids")
    said = [order.get("id"), *(several if isinstance(several, list) else ())]
    return tuple(one for one in said if isinstance(one, str) and _ID.fullmatch(one))[:MOST_IDS]


def said_of(order: Mapping[str, Any]) -> str:
    """More of an order: ``channel news, only 1 2, hides``. A deed has a name of its own there, by
    which an undo names it."""
    return "" if order.get("do") == _OF_SENDERS else ", ".join(_said(order))


def _said(order: Mapping[str, Any]) -> Iterator[str]:
    for key in _NAMES:
        if _is_name(order.get(key)):
            yield f"{key} {order[key]}"
    for key in _LISTS:
        if isinstance(order.get(key), list):
            said = [str(one) for one in order[key][:MOST_IDS] if _is_name(one) or _is_number(one)]
            yield f"{key} {' '.join(said) or 'none'}"
    for key in _NUMBERS:
        if _is_number(order.get(key)):
            yield f"{key} {order[key]}"
    joined = order.get("with")
    if isinstance(joined, dict):
        yield f"with {sum(len(one) for one in joined.values() if isinstance(one, list))} more"
    for key in _YES:
        if order.get(key) is True:
            yield key
    for key, means in (("token", "deed"), ("deed", "takes back")):
        if isinstance(token := order.get(key), str):
            yield f"{means} {primitives.digest(token.encode(errors='replace'))[:4].hex()}"


def _is_name(value: object) -> bool:
    return isinstance(value, str) and bool(_NAME.fullmatch(value))


def _is_number(value: object) -> bool:
    return type(value) is int and abs(value) < 10**12
