"""``[peers]`` and ``[links]`` held against each other, and against the role of the node.

Of an entry every peer is an exit that it seals to; of any other node every peer is an entry.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any, Final

from relay.config.linking import HttpsLink, LinkAt, Peer
from relay.config.sections import Settings
from relay.config.values import names_in
from relay.errors import Mistake

MOST_EXITS: Final = 4
"""Exits that one envelope can be sealed to (``wire.envelope.MAX_SLOTS``)."""

NAMED: Final = "add [peers.NAME] or mend it"


def wrong_peers(settings: Settings, table: Mapping[str, Any]) -> Iterator[Mistake]:
    """What is wrong with the nodes that this one knows. ``table`` is the file as it was written."""
    written = names_in(table, "peers")
    if _is_entry(settings):
        yield from _exits(settings, written)
    for name, peer in settings.peers.items():
        yield from _of_a_peer(f"peers.{name}", peer, settings)
        if not _reached(name, settings) and not _unsound(settings, table):
            yield Mistake(f"peers.{name}", "has no link", "add a [links.NAME] that leads to it")
    yield from _twice(settings)


def unfinished_peers(settings: Settings) -> list[tuple[str, str]]:
    """A node that knows no other yet: it can be started, and `relay keys list` says what the others
    are to be told of it, as (key, what it means)."""
    if settings.peers or settings.node.role == "both":
        return []
    if _is_entry(settings):
        return [("peers", "none is there: without an exit to seal to nothing is accepted")]
    return [("peers", "none is there: without an entry nothing comes")]


def _exits(settings: Settings, written: set[str]) -> Iterator[Mistake]:
    if len(written) > MOST_EXITS:
        yield Mistake("peers", f"are more than {MOST_EXITS} exits", "name fewer")
    if settings.peers and all(peer.after for peer in settings.peers.values()):
        why = "is more than nothing at every peer: nothing would go out before"
        yield Mistake("peers.*.after", why, "take it out at the first one")


def _of_a_peer(key: str, peer: Peer, settings: Settings) -> Iterator[Mistake]:
    if not _is_entry(settings):
        if peer.identity:
            why = "is of an exit, and this peer is an entry"
            yield Mistake(f"{key}.identity", why, "take it out")
        if peer.after:
            yield Mistake(f"{key}.after", "is said at the entry, not here", "take it out")
        return
    if not peer.identity:
        remedy = "add what `relay keys list` prints there"
        yield Mistake(f"{key}.identity", "is missing: its keys are signed with it", remedy)
    if peer.after >= settings.node.road_s:
        why = "is as long as an envelope may be on the road: it would get nothing"
        yield Mistake(f"{key}.after", why, "make it shorter than node.road")


def _twice(settings: Settings) -> Iterator[Mistake]:
    for field in ("link", "identity"):
        seen: set[str] = set()
        for name, peer in settings.peers.items():
            value = getattr(peer, field)
            if value and value in seen:
                remedy = "one node has one section; its links can be several"
                yield Mistake(f"peers.{name}.{field}", "is that of another peer, too", remedy)
            seen.add(value)


def wrong_links(settings: Settings, table: Mapping[str, Any]) -> Iterator[Mistake]:
    """What is wrong with the ways to other nodes."""
    peers = names_in(table, "peers")
    if settings.links and not peers and settings.node.role == "both":
        yield Mistake("links", "lead nowhere: there is no peer", "add [peers.NAME]")
    for name, link in settings.links.items():
        key = f"links.{name}"
        yield from link.mistakes(key)
        if link.peer and link.peer not in peers:
            yield Mistake(f"{key}.peer", "names no peer", NAMED)
        yield from _by_role(key, link, settings)
        if link.after and link.after >= settings.node.road_s:
            why = "is as long as an envelope may be on the road: it would carry nothing"
            yield Mistake(f"{key}.after", why, "make it shorter than node.road")
    if _is_entry(settings):
        yield from _all_wait(settings)


def _by_role(key: str, link: LinkAt, settings: Settings) -> Iterator[Mistake]:
    if not _is_entry(settings):
        if link.after:
            yield Mistake(f"{key}.after", "is said at the entry, not here", "take it out")
        if isinstance(link, HttpsLink) and link.url:
            remedy = "use listen here, and the url there"
            yield Mistake(f"{key}.url", "is of an entry: an exit is asked", remedy)
        return
    if isinstance(link, HttpsLink) and link.listen is not None:
        remedy = "use url here, and listen there"
        yield Mistake(f"{key}.listen", "is of an exit: an entry goes out itself", remedy)
    elif not link.peer and not isinstance(link, HttpsLink):  # of the other it is said already
        yield Mistake(f"{key}.peer", "is missing", "name the exit that it leads to")


def _all_wait(settings: Settings) -> Iterator[Mistake]:
    """A peer all of whose links carry only what has waited."""
    for peer in settings.peers:
        ways = [one for one in settings.links.values() if one.peer == peer]
        if ways and all(one.after for one in ways):
            why = f"is more than nothing at every link of {peer}: nothing goes out at once"
            yield Mistake("links.*.after", why, "take it out at the best one")


def warned_of_links(settings: Settings) -> Iterator[tuple[str, str]]:
    """What is wise to change: (key, what it means)."""
    if not _is_entry(settings):
        return
    if len(settings.peers) == 1:
        why = "there is no second exit: if this one is lost, so is what only it can open"
        yield "peers", why
    kinds = Counter({name: 0 for name in settings.peers})
    kinds.update({peer: len({*_kinds(peer, settings)}) for peer in settings.peers})
    for name, count in kinds.items():
        if count == 1:
            why = "one kind of link leads to it: when that is blocked, all of it waits"
            yield f"peers.{name}", f"{why} (a stick always goes: docs/operate.md)"


def _kinds(peer: str, settings: Settings) -> Iterator[str]:
    for link in settings.links.values():
        if link.peer == peer:
            yield link.kind


def _reached(peer: str, settings: Settings) -> bool:
    """Whether a link leads to a peer, or every peer is heard at one."""
    everybody = not _is_entry(settings)
    return any(one.peer == peer or (everybody and not one.peer) for one in settings.links.values())


def _unsound(settings: Settings, table: Mapping[str, Any]) -> bool:
    """Whether a link is left out, since something in it is a mistake of its own."""
    return len(settings.links) < len(names_in(table, "links")) or any(
        isinstance(one, HttpsLink) and not one.peer and _is_entry(settings)
        for one in settings.links.values()
    )


def _is_entry(settings: Settings) -> bool:
    return settings.node.role == "entry"
