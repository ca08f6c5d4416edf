"""What a door gives to strangers: requests, bytes and seconds, each with its reason.

A limit that is hit is a temporary refusal wherever waiting helps: the other side comes again.
"""

from __future__ import annotations

from dataclasses import dataclass

from relay.mailing import MIB
from relay.serving.limits import HttpLimits


@dataclass(frozen=True, slots=True)
class MailboxLimits:
    """Limits of a mailbox that is fetched. Times in seconds, sizes in bytes.

    ``silent_s``: a server says nothing; ``command_s``: a command as a whole; ``fetch_s``: the
    bodies of one batch, as long as SMTP has for one DATA. A batch is handed over together: at most
    ``batch`` mails, and ``batch_bytes`` unless a single one is larger. ``ready_s``: how long the
    node's start waits for the first look. ``alive_s``: how often "works" is said again.
    ``connection_s``: a folder that was renamed or made anew is the old one for as long as a
    connection lasts.
    """

    message_bytes: int = 10 * MIB
    batch: int = 16
    batch_bytes: int = 16 * MIB
    silent_s: float = 20.0
    command_s: float = 60.0
    fetch_s: float = 600.0
    ready_s: float = 5.0
    alive_s: float = 60.0
    connection_s: float = 3600.0


@dataclass(frozen=True, slots=True)
class WebLimits(HttpLimits):
    """Limits of the HTTP door. Times in seconds, all absolute; sizes in bytes.

    ``body_s`` runs until a request's body is whole; ``connection_s`` lets a client at 2 kB/s have a
    feed of 500 kB. Where a proxy brings requests its network's share binds those under way.
    ``in_flight`` are the bodies of all requests to ways in that take
    pictures, while they are received and stored; a network may hold a quarter of it.
    """

    body_bytes: int = 256 * 1024
    in_flight: int = 64 * MIB
    body_s: float = 15.0
