"""Public: stand-ins for a relay of Nostr and for a Blossom media server, with scripted faults."""

from relay.testing.nostr.blossom import Blob, Blossom, blossom
from relay.testing.nostr.events import Event, signed
from relay.testing.nostr.faults import (
    Trouble,
    broken,
    closed,
    cut,
    endless,
    late,
    notice,
    other,
    pings,
    refused,
    silence,
)
from relay.testing.nostr.judge import Rules
from relay.testing.nostr.keys import Key
from relay.testing.nostr.manners import NOSTR_RELAY, RUST_NOSTR, STRFRY, Manners
from relay.testing.nostr.notes import Medium, Note
from relay.testing.nostr.relay import NostrRelay, nostr_relay

__all__ = [
    "NOSTR_RELAY",
    "RUST_NOSTR",
    "STRFRY",
    "Blob",
    "Blossom",
    "Event",
    "Key",
    "Manners",
    "Medium",
    "NostrRelay",
    "Note",
    "Rules",
    "Trouble",
    "blossom",
    "broken",
    "closed",
    "cut",
    "endless",
    "late",
    "nostr_relay",
    "notice",
    "other",
    "pings",
    "refused",
    "signed",
    "silence",
]
