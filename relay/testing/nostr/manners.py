"""How relays of Nostr differ: where the NIPs leave it open, and where a server does otherwise.

STRFRY was read in its source (August 2026); RUST_NOSTR (LocalRelay of nostr-sdk 0.45.1) and
NOSTR_RELAY (1.14) were asked, each with the same 50 messages, and what they said is here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, Literal

from relay.testing.nostr.events import CONTROLS


@dataclass(frozen=True, slots=True)
class Manners:
    """One kind of relay. Those limits that are None are not kept, and not told.

    ``oversize``: what is said to an event of more than ``max_event_bytes``, which no document
    tells; a message longer than ``max_message_length`` loses its connection.
    ``known``, ``outdated``: what is said to an event that is here already, and to one whose address
    holds a newer one. ``deleted``: what is said to one that its author deleted; None: it is taken
    as if it were new. ``names_refused``: the OK of a refused event has its id; otherwise an empty
    one. ``malformed``: an event of the wrong shape gets an OK, or a NOTICE that names nothing.
    ``noisy``: what is no message gets a NOTICE. ``slows_s``: after a refusal each answer on that
    connection is held back so long, doubled by each further one up to fourfold (nostr-relay itself
    begins with 2 s; here it is short so that tests are quick). ``escapes``: characters that the id
    is made of as ``\\u00XX``, although NIP-01 wants them as they are. ``closes_found``: a
    subscription by ids is CLOSED once all of them were found. ``document``: there is one (NIP-11).
    ``auth``: for what a client has to prove who it is; ``challenges_at_once``: it is asked to when
    it connects, not when it first has to.
    """

    software: str
    version: str
    oversize: str
    known: tuple[bool, str]
    outdated: tuple[bool, str]
    deleted: str | None
    names_refused: bool = True
    malformed: Literal["refused", "noticed"] = "refused"
    noisy: bool = True
    slows_s: float = 0.0
    escapes: str = CONTROLS
    closes_found: bool = False
    document: bool = True
    auth: Literal["never", "writes", "all"] = "never"
    challenges_at_once: bool = False
    max_message_length: int = 131_072
    max_event_bytes: int = 65_536
    max_content_length: int | None = None
    max_event_tags: int | None = None
    max_subscriptions: int = 20
    max_subid_length: int = 64
    max_limit: int = 500
    min_pow_difficulty: int = 0
    created_at_lower_limit: int | None = None
    created_at_upper_limit: int | None = None

    @property
    def limitation(self) -> dict[str, Any]:
        """What NIP-11 calls so. ``max_message_length`` is in bytes, ``max_content_length`` in code
        points, the two of ``created_at`` in seconds before and after now."""
        said = {
            "max_message_length": self.max_message_length,
            "max_content_length": self.max_content_length,
            "max_event_tags": self.max_event_tags,
            "max_subscriptions": self.max_subscriptions,
            "max_subid_length": self.max_subid_length,
            "max_limit": self.max_limit,
            "default_limit": self.max_limit,
            "min_pow_difficulty": self.min_pow_difficulty,
            "auth_required": self.auth == "all",
            "created_at_lower_limit": self.created_at_lower_limit,
            "created_at_upper_limit": self.created_at_upper_limit,
        }
        return {name: value for name, value in said.items() if value is not None}


STRFRY: Final = Manners(
    software="git+https://github.com/hoytech/strfry.git",
    version="1.1.0",
    oversize="invalid: event too large: {length}",
    known=(True, "duplicate: have this event"),
    outdated=(False, "replaced: have newer event"),
    deleted="deleted: user requested deletion",
    escapes=CONTROLS + "\x7f",
    max_event_tags=2000,
    created_at_lower_limit=94_608_000,
    created_at_upper_limit=900,
)

RUST_NOSTR: Final = Manners(
    software="https://github.com/rust-nostr/nostr",
    version="0.45.1",
    oversize="blocked: event size ({length} bytes) exceeds maximum allowed size ({most} bytes)",
    known=(True, "duplicate: already have this event"),
    outdated=(False, "error: unknown"),
    deleted="blocked: this event is deleted",
    malformed="noticed",
    closes_found=True,
    document=False,
    max_message_length=4_000_000,
)

NOSTR_RELAY: Final = Manners(
    software="https://code.pobblelabs.org/fossil/nostr_relay",
    version="1.14",
    oversize="invalid: 280 characters should be enough for anybody",
    known=(False, "duplicate: exists"),
    outdated=(True, ""),
    deleted=None,
    names_refused=False,
    noisy=False,
    slows_s=0.02,
    challenges_at_once=True,
    max_message_length=4_000_000,
    max_event_bytes=4_000_000,
    max_content_length=4096,
    max_subscriptions=32,
    max_limit=6000,
    created_at_lower_limit=31_536_000,
    created_at_upper_limit=3600,
)
