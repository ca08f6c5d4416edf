"""How long there will be keys to seal to: an exit that is locked makes none, nor does one whose
identity key is kept on another machine before somebody has signed them there."""

from __future__ import annotations

from relay.model import Instant
from relay.node.exit_key import ExitKey
from relay.rules.exits import Exits, Own
from relay.wire.bundle import read_bundle
from relay.wire.epochs import days_ahead

Odd = tuple[tuple[str, str], ...]


def left(file: ExitKey, now: Instant, odd: Odd = (), *, locked: bool) -> Exits:
    """What is known of the keys of our own exit, for the alarms; ``odd`` is of their rolling."""
    public, until = file.public, file.public.until()
    ended = not public.epochs and bool(file.bundle)  # else there is no need to read all of it
    ended = ended and read_bundle(file.bundle, public.identity).ended
    return Exits(own=Own(days_ahead(until, now) if until > now else None, locked, ended, odd))
