"""The keys of a node, made where they are missing: a start needs no ceremony.

A node of role entry has no ``exit.key``, and is refused where one lies. Everywhere else it lies
under a passphrase. Where nobody was there to choose one it is 256 random bits in
``secrets/passphrase``: the node then starts by itself after a reboot, and whoever takes the whole
disk can open it. Remove that file from the machine and use ``relay unlock`` to change that.
"""

from __future__ import annotations

from pathlib import Path
from secrets import token_hex
from typing import Final

from relay.config import Settings
from relay.errors import CannotMake, KeyFileError
from relay.journal import Event, Journal
from relay.keyfiles import read_line, read_secret, write_secret
from relay.ports import Clock
from relay.wire.exitfile import exit_public, lock_exit
from relay.wire.keys import (
    Passphrase,
    door_file,
    link_file,
    make_door_keys,
    make_exit_keys,
    read_door_file,
    read_link_file,
)
from relay.wire.rolling import rolled


def folder(path: Path) -> Path:
    """A folder that only we may enter, made if it is not there. Raises CannotMake."""
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise CannotMake(f"{path}: the folder cannot be made: {error.strerror}") from None
    return path


def make_keys(
    settings: Settings,
    clock: Clock,
    journal: Journal,
    chosen: bytes | None = None,
    identity: bytes = b"",
    *,
    anew: bool = False,
) -> None:
    """Make ``door.key``, ``link.key`` and, but on an entry, ``exit.key`` where they are missing;
    look at them where they are.

    ``chosen`` is a passphrase that a person chose; ``identity`` the public key (32 bytes) of an
    identity that is kept on another machine, for an exit.key that is to be made. Raises
    KeyFileError for a file that cannot be used, for an exit.key on an entry, and if it is missing
    while the data folder holds messages: new keys would never open them. So it does for an entry
    that has messages and no key at all, unless a person wants them ``anew``: after a panic no
    service starts it as if nothing had been. CannotMake where they cannot be written.
    """
    try:
        if settings.node.role == "entry" and not anew and _was_destroyed(settings):
            raise KeyFileError(DESTROYED)
        _make_keys(settings, clock, journal, chosen, identity)
    except OSError as error:
        raise CannotMake(f"{settings.keys}: cannot be written: {error.strerror}") from None


LOST: Final = (
    "exit.key is missing, but the data folder holds messages sealed to it. `relay panic` destroys"
    " the keys: was it given, nothing opens these any more but a copy of the keys that lies"
    " elsewhere. Put that back, or begin anew in an empty folder"
)


DESTROYED: Final = (
    "door.key and link.key are missing, but the data folder holds messages. `relay panic` destroys"
    " the keys: was it given, leave this machine as it is. Else put them back; or `relay keys init`"
    " makes new ones, of which the exits must be told"
)

OPENS: Final = (
    "exit.key lies here, and a node of role entry opens nothing: take it off this machine, to the"
    " exit it belongs to, or destroy it"
)


def is_lost(keys: Path, data: Path) -> bool:
    """Whether messages are there, and ``exit.key``, to which they are sealed, is not."""
    return not (keys / "exit.key").exists() and (data / "spool.sqlite").exists()


def _was_destroyed(settings: Settings) -> bool:
    """Whether messages are there, and no key of a node that took them."""
    there = any((settings.keys / name).exists() for name in ("door.key", "link.key"))
    return not there and (settings.data / "spool.sqlite").exists()


def _make_keys(
    settings: Settings, clock: Clock, journal: Journal, chosen: bytes | None, identity: bytes
) -> None:
    folder(settings.keys)
    is_exit = settings.node.role != "entry"
    if not is_exit and (settings.keys / "exit.key").exists():
        raise KeyFileError(OPENS)
    if is_exit and is_lost(settings.keys, settings.data):
        raise KeyFileError(LOST)
    _make_door_keys(settings, clock, journal)
    if is_exit:
        _make_exit_key(settings, clock, journal, chosen, identity)


def _make_door_keys(settings: Settings, clock: Clock, journal: Journal) -> None:
    door, link = settings.keys / "door.key", settings.keys / "link.key"
    if not door.exists():
        write_secret(door, door_file(make_door_keys(clock.now())))
        journal.say(Event.MADE_KEYS, file="door.key")
    keys = read_door_file(read_secret(door))
    if not link.exists():  # a copy, for a process that is to have no more of door.key than this
        write_secret(link, link_file(keys.entry))
    read_link_file(read_secret(link))


def _make_exit_key(
    settings: Settings, clock: Clock, journal: Journal, chosen: bytes | None, identity: bytes
) -> None:
    path, now = settings.keys / "exit.key", clock.now()
    if not path.exists():
        passphrase = _passphrase(settings, journal, chosen)
        made = rolled(make_exit_keys(now, identity), now, settings.node.road_s)
        write_secret(path, lock_exit(made, passphrase))
        journal.say(Event.MADE_KEYS, file="exit.key")
    exit_public(read_secret(path))


def _passphrase(settings: Settings, journal: Journal, chosen: bytes | None) -> Passphrase:
    if chosen is not None:
        return Passphrase(chosen, stretched=True)
    path = settings.at(settings.node.passphrase_file)
    if path.exists():
        return Passphrase(read_line(path), stretched=True)
    folder(path.parent)
    secret = token_hex(32).encode()
    write_secret(path, secret + b"\n")
    journal.say(Event.MADE_KEYS, file=path.name)
    return Passphrase(secret, stretched=False)
