"""Which link each kind of the settings makes. A module is imported when a node has one of it."""

from __future__ import annotations

from typing import Any

from relay.config import Settings
from relay.links.port import Link, Opening


def build(at: Any, opening: Opening, settings: Settings) -> Link:
    """Make the link of a section of the settings (its own model). Raises KeyFileError where a
    secret cannot be read: then the board says so, and the other links serve."""
    match at.kind:
        case "https":
            from relay.node.links.https import https

            return https(at, opening)
        case "mail":
            from relay.node.links.mail import mail

            return mail(at, opening, settings)
        case "folder":
            from relay.node.links.folder import folder_link

            return folder_link(at, opening, settings)
        case _:
            raise ValueError("no link is of that kind")
