"""Events of Nostr: their shape, their id, their signature (NIP-01).

Checked against NIP-01 of nostr-protocol/nips as of July 2026 and, sample by sample, against the
JSON schema of an event that the Nostrability project publishes (schemata 0.3.2). Like that schema,
and unlike most relays, this refuses a field that no NIP names.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from relay.model import Instant
from relay.testing.nostr.keys import Key, verified
from relay.testing.shapes import Listed, Record, Text, Whole

HEX32: Final = Text(form="[0-9a-f]{64}")

EVENT: Final = Record(
    need={
        "id": HEX32,
        "pubkey": HEX32,
        "created_at": Whole(least=0),
        "kind": Whole(least=0, most=65535),
        "tags": Listed(Listed(Text(), least=1)),
        "content": Text(),
        "sig": Text(form="[0-9a-f]{128}"),
    }
)

NAMED: Final = frozenset("ep")
"""Tags whose value is an id or a key (NIP-01); relays that index them refuse any other value."""

CONTROLS: Final = "".join(map(chr, range(32))).translate(dict.fromkeys(map(ord, "\n\r\t\b\f")))
"""What NIP-01 wants as it is in an id's preimage, and JSON wants escaped."""

SHORT: Final = {
    "\n": "\\n",
    '"': '\\"',
    "\\": "\\\\",
    "\r": "\\r",
    "\t": "\\t",
    "\b": "\\b",
    "\f": "\\f",
}

NOTE, DELETION, LONG, AUTH, UPLOADS = 1, 5, 30023, 22242, 24242


class No(Exception):
    """Something is not taken. ``why`` begins with a machine-readable prefix (NIP-01)."""

    def __init__(self, why: str) -> None:
        self.why = why
        super().__init__(why)


class Misshapen(No):
    """It is not even an event."""


@dataclass(frozen=True, slots=True, repr=False)
class Event:
    """A signed event."""

    id: str
    pubkey: str
    created_at: Instant
    kind: int
    tags: tuple[tuple[str, ...], ...]
    content: str
    sig: str

    def values(self, name: str) -> list[str]:
        """The first value of every tag of a name; an empty one where a tag has none."""
        return [tag[1] if len(tag) > 1 else "" for tag in self.tags if tag[0] == name]

    def first(self, name: str, otherwise: str = "") -> str:
        """The value of the first tag of a name."""
        return next(iter(self.values(name)), otherwise)

    @property
    def ephemeral(self) -> bool:
        """Passed on and never stored."""
        return 20000 <= self.kind < 30000

    @property
    def address(self) -> str | None:
        """The place that holds only the newest, as an ``a`` tag names it; None for an event that
        stands for itself."""
        if 30000 <= self.kind < 40000:
            return f"{self.kind}:{self.pubkey}:{self.first('d')}"
        if 10000 <= self.kind < 20000 or self.kind in (0, 3):
            return f"{self.kind}:{self.pubkey}:"
        return None

    @property
    def expires(self) -> Instant | None:
        """When it is to vanish (NIP-40)."""
        said = self.first("expiration")
        return int(said) if said.isascii() and said.isdigit() and len(said) < 16 else None

    @property
    def work(self) -> int:
        """The difficulty it shows (NIP-13): zero bits that its id begins with."""
        return 256 - int(self.id, 16).bit_length()

    def shown(self) -> dict[str, Any]:
        """As it goes over the wire."""
        shown = {name: getattr(self, name) for name in EVENT.need}
        return shown | {"tags": [[*tag] for tag in self.tags]}


def read(value: object, escapes: str = "") -> Event:
    """An event that is what it says it is. Raises No.

    ``escapes``: characters that the id's preimage has as ``\\u00XX``; see ``Manners``."""
    made = shaped(value)
    if made.id != identified(made, escapes):
        raise No("invalid: bad event id")
    if not verified(made.pubkey, made.id, made.sig):
        raise No("invalid: bad signature")
    return made


def shaped(value: object) -> Event:
    """An event of the right shape, whatever its id and signature are. Raises Misshapen, No."""
    for flaw in EVENT.flaws(value):
        raise Misshapen(f"invalid: {flaw.name or 'event'}: {flaw.rule}")
    assert isinstance(value, dict)
    tags = tuple(tuple(tag) for tag in value["tags"])
    for tag in tags:
        if tag[0] in NAMED and (len(tag) < 2 or [*HEX32.flaws(tag[1])]):
            raise No(f"invalid: unexpected size for fixed-size tag: {tag[0]}")
    return Event(**{**value, "tags": tags})


def identified(event: Event, escapes: str = "") -> str:
    """The id that belongs to an event. Raises No for a text that is no UTF-8."""
    tags = ",".join(f"[{','.join(_quoted(one, escapes) for one in tag)}]" for tag in event.tags)
    said = _quoted(event.content, escapes)
    preimage = f'[0,"{event.pubkey}",{event.created_at},{event.kind},[{tags}],{said}]'
    try:
        return hashlib.sha256(preimage.encode()).hexdigest()
    except UnicodeEncodeError:
        raise No("invalid: half a surrogate pair") from None


def signed(
    key: Key, kind: int, content: str, tags: Iterable[Sequence[str]] = (), *, at: Instant
) -> Event:
    """A new event of an account."""
    bare = Event("", key.pubkey, at, kind, tuple(tuple(tag) for tag in tags), content, "")
    id = identified(bare)
    return Event(id, key.pubkey, at, kind, bare.tags, content, key.sign(id))


def _quoted(text: str, escapes: str) -> str:
    written = SHORT | {one: f"\\u{ord(one):04x}" for one in escapes}
    return '"' + text.translate({ord(one): to for one, to in written.items()}) + '"'
