"""Public: a stand-in for a server with Mastodon's API, with scripted faults."""

from relay.testing.fediverse.manners import GOTOSOCIAL, MASTODON, Manners
from relay.testing.fediverse.says import limited, overloaded
from relay.testing.fediverse.server import Fediverse, fediverse
from relay.testing.fediverse.statuses import Status

__all__ = [
    "GOTOSOCIAL",
    "MASTODON",
    "Fediverse",
    "Manners",
    "Status",
    "fediverse",
    "limited",
    "overloaded",
]
