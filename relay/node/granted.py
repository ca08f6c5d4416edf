"""What each process of a node is granted, made from its settings: a table of who reaches what.

::

    reader, cleaner   the libraries, until the first thing that anybody sent; then nothing at all
    core              data/ and keys/, what opens exit.key; unix sockets; no network
    door              door.key and what lies beside it of its ways in; the page, the certificate,
                      its own secrets; connections in and out (unix sockets: only for LMTP on one);
                      of an exit the page and the certificate, connections in, and nothing else
    desk              the certificate; connections in; no network out, no keys, no spool
    links             secrets and folders of its links; connections in and out; link.key was read
                      before
    outlet            its own secrets, sessions and folders; connections out

Everybody reads the libraries besides. Who connects reads how the names of hosts are found.
"""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from relay.config import Destination, Settings, WayIn
from relay.confine import Grants, libraries, names_of_hosts
from relay.node.roles import hears_people, opens_messages
from relay.plugins import make_room, page_of, session_of
from relay.plugins.places import resolved

NOTHING: Final = Grants()
"""For who computes, and has what it computes with."""

OWN_SIZE: Final = Path("/proc/self/statm")
"""Of whoever is granted it (``relay.node.bounds``)."""

USERS: Final = (Path("/etc/passwd"), Path("/etc/nsswitch.conf"))
"""Where the number of a user is found (getpwnam(3))."""

OF_A_WAY_IN: Final = ("seen", "again", "answers")
"""Endings of what a transport remembers beside door.key."""


@dataclass(frozen=True, slots=True)
class Granted:
    """``grants``, and of these what others may put anew in its place: the process must be started
    again then."""

    grants: Grants
    placed: tuple[Path, ...] = ()


def granted_to(
    role: str, settings: Settings, served: Mapping[str, Destination] | None = None
) -> Granted:
    """What a process of this role needs. ``served``: the destinations of an outlet."""
    match role:
        case "core":
            return _core(settings)
        case "door":
            return _door(settings)
        case "desk":
            return _desk(settings)
        case "outlet":
            return _outlet(settings, served or {})
        case "links":
            return _links(settings)
        case _:
            return Granted(Grants(reads=(*_libraries(settings), OWN_SIZE)))


def _libraries(settings: Settings) -> tuple[Path, ...]:
    """Without a folder in which the node itself lies: that would be all of it."""
    of_the_node = (settings.base, settings.data, settings.keys)
    return tuple(path for path in libraries() if not _holds(path, of_the_node))


def _core(settings: Settings) -> Granted:
    handed_over = os.environ.get("CREDENTIALS_DIRECTORY", "")
    words = (one.danger_words_file for one in settings.channels.values())
    passphrase = [settings.at(settings.node.passphrase_file)] if opens_messages(settings) else []
    reads = (
        *passphrase,
        *(settings.at(file) for file in words if file),
        *([Path(handed_over)] if handed_over else []),
    )
    return Granted(
        Grants(
            reads=(*_libraries(settings), *reads),
            writes=(settings.data, settings.keys),
            accepts=True,
            sockets=True,
        )
    )


def _door(settings: Settings) -> Granted:
    ways = settings.transports
    secrets = [file for one in ways.values() for file in _files(vars(one), settings)]
    secrets += _of_routes(settings, [name for one in ways.values() for name in _routes(one)])
    certificate = list(_certificate(settings))
    page = [settings.at(page_of(settings).rest.get("folder", "public"))]
    page = page if opens_messages(settings) else []
    sockets = [settings.at(path).parent for one in ways.values() if (path := _socket(one))]
    databases = [settings.at(path).parent for one in ways.values() if (path := _database(one))]
    judges = any(getattr(one, "verdicts", "") == "compute" for one in ways.values())
    if not hears_people(settings):  # it serves the page and the health, and has no key at all
        reads = (*_libraries(settings), *certificate, *page)
        return Granted(Grants(reads=reads, accepts=True, by_name=False), (*certificate, *page))
    placed = (*names_of_hosts(), *secrets, *certificate, *sockets, *databases, *page)
    return Granted(
        Grants(
            reads=(
                *_libraries(settings),
                *names_of_hosts(),
                *secrets,
                *certificate,
                *own_keys(settings),
                *(USERS if any(getattr(one, "clients", ()) for one in ways.values()) else ()),
                *page,
            ),
            writes=tuple(databases),
            replaces=(settings.keys,),
            binds=(settings.data, *sockets),
            network=True,
            accepts=True,
            sockets=bool(sockets),
            by_name=bool(sockets),  # LMTP's may be open to its clients
            forks=judges,
            executes=(Path(sys.executable),) if judges else (),
        ),
        placed,
    )


def _desk(settings: Settings) -> Granted:
    """Its pages lie among the libraries. With a proxy in front it needs no certificate."""
    at = settings.desk
    certificate = list(_certificate(settings)) if at is not None and not at.behind else []
    reads = (*_libraries(settings), OWN_SIZE, *certificate)
    return Granted(Grants(reads=reads, accepts=True), tuple(certificate))


def _links(settings: Settings) -> Granted:
    """Its key was read before: of the folder of keys it sees nothing."""
    ways = settings.links.values()
    secrets = [file for one in ways for file in _files(vars(one), settings)]
    secrets += _of_routes(settings, [name for one in ways for name in getattr(one, "routes", ())])
    ours = (settings.base, settings.data, settings.keys)
    named = [settings.at(one.folder) for one in ways if hasattr(one, "folder")]
    folders = [folder for folder in named if not _holds(folder, ours)]
    placed = (*names_of_hosts(), *secrets, *folders)
    return Granted(
        Grants(
            reads=(*_libraries(settings), *names_of_hosts(), *secrets),
            writes=tuple(folders),
            network=True,
            accepts=any(one.listens() is not None for one in ways),
            by_name=bool(folders),  # times of files there tell nobody when
        ),
        placed,
    )


def _outlet(settings: Settings, served: Mapping[str, Destination]) -> Granted:
    secrets = [file for one in served.values() for file in _files(one.rest, settings)]
    secrets += [settings.at(one.ca_file) for one in served.values() if one.ca_file]
    secrets += _of_routes(settings, [name for one in served.values() for name in one.routes])
    folders = [
        settings.at(folder)
        for one in served.values()
        if isinstance(folder := one.rest.get("folder"), str)
    ]
    folders += _sessions(served, settings)
    placed = (*names_of_hosts(), *secrets, *folders)
    return Granted(
        Grants(
            reads=(*_libraries(settings), *names_of_hosts(), *secrets),
            writes=tuple(folders),
            network=True,
        ),
        placed,
    )


def _sessions(served: Mapping[str, Destination], settings: Settings) -> Iterator[Path]:
    """The folders of their sessions: each holds nothing else, unlike that of the secrets."""
    for one in served.values():
        folder = session_of(one, settings)
        if folder is not None:
            yield folder


def _files(table: Mapping[str, object], settings: Settings) -> Iterator[Path]:
    """Every file that a section names."""
    for key, value in table.items():
        if key.endswith("_file") and isinstance(value, str) and value:
            yield settings.at(value)


def _of_routes(settings: Settings, names: list[str]) -> Iterator[Path]:
    """The passwords of their proxies."""
    for name in dict.fromkeys(names):
        route = settings.routes.get(name)
        if route is not None and route.password_file:
            yield settings.at(route.password_file)


def _routes(way: WayIn) -> tuple[str, ...]:
    return tuple(getattr(way, "routes", ()))


def _socket(way: WayIn) -> str:
    return str(getattr(way, "socket", ""))


def _database(way: WayIn) -> str:
    return str(getattr(way, "database", ""))


def own_keys(settings: Settings) -> Iterator[Path]:
    """door.key, and what its transports remember: each file by itself, as exit.key lies there too.
    What is not there yet the door makes; it has no need to read what it has written."""
    yield settings.keys / "door.key"
    for name in settings.transports:
        yield from (settings.keys / f"{name}.{ending}" for ending in OF_A_WAY_IN)


def _certificate(settings: Settings) -> Iterator[Path]:
    """The two files of ``[tls]``; with their folders, where nothing else of ours lies in them: what
    renews a certificate makes new files, and turns a link to them."""
    if settings.tls is None:
        return
    ours = (settings.base, settings.data, settings.keys, *_secrets(settings))
    for named in (settings.tls.certificate, settings.tls.key):
        path = settings.at(named)
        yield path
        for folder in dict.fromkeys((path.parent, resolved(path).parent)):
            if not _holds(folder, ours):
                yield folder


def _holds(folder: Path, ours: Iterable[Path]) -> bool:
    """Whether one of these lies in a folder, by its name or by where a link leads."""
    at = resolved(folder)
    return any(one.is_relative_to(folder) or resolved(one).is_relative_to(at) for one in ours)


def _secrets(settings: Settings) -> Iterator[Path]:
    """Every other secret file of the settings."""
    yield settings.at(settings.node.passphrase_file)
    for section in (
        *settings.transports.values(),
        *settings.routes.values(),
        *settings.channels.values(),
        *settings.links.values(),
    ):
        yield from _files(vars(section), settings)
    for one in settings.destinations.values():
        yield from _files(one.rest, settings)


def make_pages(served: Mapping[str, Destination], base: Path) -> None:
    """The folder of a page of ours, made where it is missing: what is not there cannot be granted.
    That of another bridge is its operator's to make: a disk may be missing there."""
    for one in served.values():
        folder = one.rest.get("folder")
        if one.bridge == "feed" and isinstance(folder, str):
            with contextlib.suppress(OSError):  # of which the bridge will say why
                (base / folder).mkdir(
                    mode=0o755, exist_ok=True
                )  # not its parents, as the bridge has it


def make_sessions(served: Mapping[str, Destination], settings: Settings) -> None:
    """The folders of sessions, made where they are missing, as above."""
    for folder in _sessions(served, settings):
        with contextlib.suppress(OSError):  # then none can be kept, and the bridge will say so
            make_room(folder)
