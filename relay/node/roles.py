"""What follows for the processes of a node from its role."""

from __future__ import annotations

from relay.config import Settings


def has_door(settings: Settings) -> bool:
    """Whether a door is started: an exit hears nobody, so that it has one for its page alone."""
    return settings.node.role != "exit" or settings.http is not None


def hears_people(settings: Settings) -> bool:
    """Whether people can write here: by a transport, or by ``relay send``."""
    return settings.node.role != "exit"


def opens_messages(settings: Settings) -> bool:
    """Whether messages are opened here, read and posted: by anything but an entry."""
    return settings.node.role != "entry"
