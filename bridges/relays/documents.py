"""What a relay allows, as far as it says so (NIP-11). Many say nothing, and some what is wrong."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from bridges import kit
from relay.ports import Http, NoAnswer, NotSent

ASK_S: Final = 10.0

MOST_EVENT_BYTES: Final = 65_536
"""What strfry and rust-nostr take at most, whatever their documents say."""

LEAST_CHARACTERS: Final = 200
LEAST_BYTES: Final = 4096
"""No relay for notes allows less; a smaller figure is a mistake, or a relay to be left out."""

HOUR_S: Final = 3600


@dataclass(frozen=True, slots=True)
class Document:
    """``characters`` of a text (code points), ``frame`` bytes of a whole message, ``bits`` of work,
    ``oldest_s`` seconds that an event may be old. None: it does not say."""

    characters: int | None = None
    frame: int | None = None
    bits: int = 0
    oldest_s: int | None = None

    @property
    def too_young(self) -> bool:
        """Whether it takes only what is younger than our times tell: they are whole hours."""
        return self.oldest_s is not None and self.oldest_s < 2 * HOUR_S


@dataclass(frozen=True, slots=True)
class Limits:
    """What one event may have, so that all relays take it."""

    characters: int
    frame: int = MOST_EVENT_BYTES
    bits: int = 0


async def learnt(http: Http, address: str) -> Document | None:
    """What the relay at this address (ws or wss) says of itself; None if it says nothing."""
    url = "http" + address.removeprefix("ws")
    headers = {"accept": "application/nostr+json"}
    try:
        answer = await http.request("GET", url, headers=headers, timeout_s=ASK_S)
    except (NotSent, NoAnswer):
        return None
    said = kit.json_object(answer) if answer.status == 200 else None
    return None if said is None else described(said)


def described(said: Mapping[str, Any]) -> Document:
    """The document that says this. A figure that cannot be right counts as not said."""
    told = said.get("limitation")
    limitation: Mapping[str, Any] = told if isinstance(told, Mapping) else {}

    def number(name: str, least: int) -> int | None:
        found = limitation.get(name)
        return found if type(found) is int and found >= least else None

    return Document(
        number("max_content_length", LEAST_CHARACTERS),
        number("max_message_length", LEAST_BYTES),
        number("min_pow_difficulty", 0) or 0,
        number("created_at_lower_limit", 1),
    )


def common(documents: Iterable[Document], characters: int, most_bits: int) -> Limits:
    """What all of them take, and never more than ``characters``. A relay that wants more work than
    ``most_bits`` is not worked for."""
    told = [*documents]
    return Limits(
        min([characters, *(one.characters for one in told if one.characters)]),
        min([MOST_EVENT_BYTES, *(one.frame for one in told if one.frame)]),
        max([0, *(one.bits for one in told if one.bits <= most_bits)]),
    )
