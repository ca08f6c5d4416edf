"""Where what is the node's own lies, and who would be let to it by mistake.

A folder that a section names is granted to whoever serves that section, to be read and written,
with all that lies in it (``relay.node.granted``). So it must hold nothing of anybody else.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from relay.config import Destination, Settings, WayIn
from relay.errors import Mistake
from relay.plugins.sections import page_of, secrets_of
from relay.plugins.sessions import session_of

SHARED: Final = "is no folder of its own: what lies there belongs to others"


def of_the_node(settings: Settings) -> Iterator[Path]:
    """What no section of a way in or out may name, links followed: the sessions of our bridges are
    in it, which lie beside their secrets."""
    yield resolved(settings.data)
    yield resolved(settings.keys)
    yield resolved(settings.file)
    yield resolved(settings.at(settings.node.passphrase_file))
    for channel in settings.channels.values():
        if channel.danger_words_file:
            yield resolved(settings.at(channel.danger_words_file))
    for route in settings.routes.values():
        if route.password_file:
            yield resolved(settings.at(route.password_file))
    for destination in settings.destinations.values():
        if session := session_of(destination, settings):
            yield resolved(session)
    if settings.tls is not None:
        yield resolved(settings.at(settings.tls.key))


def of_others(name: str, settings: Settings) -> Iterator[Path]:
    """The node's own, and what belongs to every section but one: its secrets, and its folder."""
    yield from of_the_node(settings)
    every = {**settings.destinations, "page": page_of(settings)}
    for other, section in (*every.items(), *settings.transports.items()):
        if other == name:
            continue
        yield from (resolved(file) for file in secrets_of(section, settings).values())
        if isinstance(section, Destination):
            folder = section.rest.get("folder")
            if isinstance(folder, str):
                yield resolved(settings.at(folder))
        elif database := getattr(section, "database", ""):
            yield resolved(settings.at(database)).parent


def resolved(path: Path) -> Path:
    """The same, links followed; as it is where they go round in a circle."""
    try:
        return path.resolve()
    except (OSError, RuntimeError):
        return path


def meets(own: Path, other: Path) -> bool:
    """Whether one lies in the other."""
    return own == other or own in other.parents or other in own.parents


def of_ours(name: str, destination: Destination, settings: Settings) -> Iterator[Mistake]:
    """A folder of a bridge of ours, which may be that of another bridge as well: two may make one
    site. It is no place for secrets."""
    folder = destination.rest.get("folder")
    if isinstance(folder, str) and _holds_a_secret(settings.at(folder), settings):
        yield Mistake(
            f"destinations.{name}.folder", SHARED, f'give it one, as in folder = "{name}"'
        )


def of_a_way_in(name: str, way: WayIn, settings: Settings) -> Iterator[Mistake]:
    """A database of others: beside it files are made and taken away (sqlite.org/tempfiles.html)."""
    database = getattr(way, "database", "")
    if database and _holds_a_secret(settings.at(database).parent, settings):
        remedy = f'give it a folder of its own, as in database = "{name}/smsd.db"'
        yield Mistake(f"transports.{name}.database", "lies among what is the node's own", remedy)


def _holds_a_secret(folder: Path, settings: Settings) -> bool:
    own = resolved(folder)
    every = {**settings.destinations, **settings.transports}
    secrets = [file for one in every.values() for file in secrets_of(one, settings).values()]
    return any(
        meets(own, other) for other in (*of_the_node(settings), *(resolved(one) for one in secrets))
    )
