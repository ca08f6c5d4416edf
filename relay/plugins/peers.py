"""What the files beside ``relay.toml`` say against its peers and links: our own link key named as
another's, keys of an exit that do not last as long as the road, secrets that cannot be read."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

from relay.config import Settings
from relay.errors import Damaged, KeyFileError, Mistake
from relay.keyfiles import read_secret
from relay.plugins.files import gone, unreadable
from relay.plugins.sections import NO_SECRETS
from relay.rules.exits import WARN_DAYS, ending
from relay.wire.bundle import Bundle, read_bundle
from relay.wire.epochs import days_ahead
from relay.wire.keys import read_link_file
from relay.wire.linkkeys import identity_of, link_key_of

EXITS = "exits"
"""The folder beside ``link.key`` with the bundles of the exits that an entry knows."""


def bundle_file(settings: Settings, peer: str) -> Path:
    """Where the keys of an exit lie, as it has signed them."""
    return settings.keys / EXITS / f"{peer}.bundle"


def bundle_of(settings: Settings, peer: str) -> Bundle | None:
    """The keys of an exit that lie here; None where there are none that it has signed."""
    identity = settings.peers[peer].identity
    with contextlib.suppress(OSError, KeyFileError, Damaged):
        return read_bundle(read_secret(bundle_file(settings, peer)), identity_of(identity))
    return None


def of_peers(settings: Settings) -> Iterator[Mistake]:
    """Every mistake of this kind."""
    yield from _secrets(settings)
    own = _own(settings)
    for name, peer in settings.peers.items():
        if own and peer.link == own:
            remedy = "name the one that `relay keys list` prints at the other node"
            yield Mistake(f"peers.{name}.link", "is our own link key", remedy)
    if settings.node.role == "entry":
        yield from _opens(settings)
        yield from _roads(settings)


def keys_ending(settings: Settings, now: int) -> Iterator[tuple[str, str]]:
    """What to say of the keys of exits, as ``relay.config.warnings`` has it: none are here, or they
    end soon. That stops no start: a link may bring others in a moment."""
    for name in settings.peers if settings.node.role == "entry" else ():
        bundle = bundle_of(settings, name)
        if bundle is None:
            why = "its keys are not here: its link brings them, or `relay keys import`"
            yield f"peers.{name}", why
        elif bundle.ended:
            yield f"peers.{name}", "this exit was revoked: take it out"
        elif (days := days_ahead(bundle.until(), now)) < WARN_DAYS:
            end = f"end {ending(days)}" if bundle.until() > now else "have ended"
            why = f"its keys {end}: is its link cut? `relay keys import` brings others"
            yield f"peers.{name}", why


def _own(settings: Settings) -> str:
    with contextlib.suppress(OSError, KeyFileError, Damaged):
        return link_key_of(read_link_file(read_secret(settings.keys / "link.key"))).written
    return ""


def _opens(settings: Settings) -> Iterator[Mistake]:
    """An entry opens nothing, and has nothing that does."""
    if (settings.keys / "exit.key").exists():
        why = 'is "entry", and exit.key lies in keys'
        remedy = "take it off this machine, to the exit it belongs to, or destroy it"
        yield Mistake("node.role", why, remedy)


def _roads(settings: Settings) -> Iterator[Mistake]:
    """An envelope that is longer on the road than its key is kept could not be opened any more."""
    for name in settings.peers:
        bundle = bundle_of(settings, name)
        if bundle is not None and not bundle.ended and settings.node.road_s > bundle.road_s:
            why = f"is longer than {name} keeps its keys ({bundle.road_s // 3600} hours)"
            yield Mistake("node.road", why, "make it shorter, or the road of that exit longer")


def _secrets(settings: Settings) -> Iterator[Mistake]:
    for name, link in settings.links.items():
        for key, file in vars(link).items():
            if key.endswith("_file") and isinstance(file, str) and file:
                look = gone if key in NO_SECRETS else unreadable
                yield from look(f"links.{name}.{key}", settings.at(file))
