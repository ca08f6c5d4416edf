"""What a node of a role may have, and what it must: an entry shows nothing, an exit hears nobody.

What a role does not have is refused by name, and the remedy says on which side it belongs.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from relay.config.peer_checks import wrong_links, wrong_peers
from relay.config.sections import Settings
from relay.errors import Mistake

OPENS_NOTHING: Final = {
    "node.passphrase_file": "opens exit.key, which an entry does not have",
    "node.segments_wait": "is of a node that reads messages",
    "desk": "shows texts, and an entry has none",
    "windows": "are of destinations that the public reads",
    "canary": "is heard by a node that opens messages",
    "spool.keep_originals": "is of a node that opens messages",
}
"""What an entry may not have, and why."""

THERE: Final = "take it out here; it belongs into the relay.toml of the exit"


def wrong_roles(settings: Settings, table: Mapping[str, Any]) -> Iterator[Mistake]:
    """What is wrong with a role, its peers or its links. ``table`` is the file as it was
    written."""
    match settings.node.role:
        case "entry":
            yield from _of_an_entry(settings, table)
        case "exit":
            yield from _of_an_exit(table)
    yield from wrong_peers(settings, table)
    yield from wrong_links(settings, table)


def _of_an_entry(settings: Settings, table: Mapping[str, Any]) -> Iterator[Mistake]:
    for key, why in OPENS_NOTHING.items():
        section, _, name = key.partition(".")
        if section in table and (not name or name in _table(table, section)):
            yield Mistake(key, why, THERE)
    for name, channel in _table(table, "channels").items():
        for key in channel if isinstance(channel, Mapping) else ():
            why = "is decided where messages are opened: here a channel is a name"
            yield Mistake(f"channels.{name}.{key}", why, THERE)
    alarms = settings.alarms.to if settings.alarms is not None else ()
    for name in _table(table, "destinations"):
        if name == "page":
            yield Mistake("destinations.page", "is served by an exit: an entry has no page", THERE)
        elif name not in alarms:
            why = "is posted to by an exit: an entry has those of [alarms] alone"
            yield Mistake(f"destinations.{name}", why, f"{THERE}, or name it in alarms.to")
    for name, transport in settings.transports.items():
        if transport.public:
            why = "is shown on the page, and an entry has none"
            yield Mistake(f"transports.{name}.public", why, "take it out, and tell people yourself")


def _of_an_exit(table: Mapping[str, Any]) -> Iterator[Mistake]:
    for name in _table(table, "transports"):
        why = "is a way in, and an exit has none"
        remedy = 'put it into the relay.toml of an entry, or use role = "both"'
        yield Mistake(f"transports.{name}", why, remedy)
    for key in ("door_accepts", "door_age"):
        if key in _table(table, "node"):
            yield Mistake(f"node.{key}", "is of a node that takes messages in", "take it out")


def _table(table: Mapping[str, Any], section: str) -> Mapping[str, Any]:
    written = table.get(section)
    return written if isinstance(written, Mapping) else {}
