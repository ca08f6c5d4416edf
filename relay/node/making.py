"""The keys of a node, made where they are missing: a start needs no ceremony.

``exit.key`` lies under a passphrase. Where nobody was there to choose one it is 256 random bits in
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


def folder(path: Path) -> Path:
    """A folder that only we may enter, made if it is not there. Raises CannotMake."""
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise CannotMake(f"{path}: the folder cannot be made: {error.strerror}") from None
    return path


def make_keys(
    settings: Settings, clock: Clock, journal: Journal, chosen: bytes | None = None
) -> None:
    """Make ``door.key`` and ``exit.key`` where they are missing, and look at them where they are.

    ``chosen`` is a passphrase that a person chose. Raises KeyFileError for a file that cannot be
    used, and if exit.key is missing while the data folder holds messages: new keys would never open
    them; CannotMake where they cannot be written.
    """
    try:
        _make_keys(settings, clock, journal, chosen)
    except OSError as error:
        raise CannotMake(f"{settings.keys}: cannot be written: {error.strerror}") from None


LOST: Final = (
    "exit.key is missing, but the data folder holds messages sealed to it. `relay panic` destroys"
    " the keys: was it given, nothing opens these any more but a copy of the keys that lies"
    " elsewhere. Put that back, or begin anew in an empty folder"
)


def is_lost(keys: Path, data: Path) -> bool:
    """Whether messages are there, and ``exit.key``, to which they are sealed, is not."""
    return not (keys / "exit.key").exists() and (data / "spool.sqlite").exists()


def _make_keys(settings: Settings, clock: Clock, journal: Journal, chosen: bytes | None) -> None:
    folder(settings.keys)
    door, exit_ = settings.keys / "door.key", settings.keys / "exit.key"
    if is_lost(settings.keys, settings.data):
        raise KeyFileError(LOST)
    if not door.exists():
        write_secret(door, door_file(make_door_keys(clock.now())))
        journal.say(Event.MADE_KEYS, file="door.key")
    if not exit_.exists():
        passphrase = _passphrase(settings, journal, chosen)
        write_secret(exit_, lock_exit(make_exit_keys(), passphrase))
        journal.say(Event.MADE_KEYS, file="exit.key")
    keys = read_door_file(read_secret(door))
    link = settings.keys / "link.key"
    if not link.exists():  # a copy, for a process that is to have no more of door.key than this
        write_secret(link, link_file(keys.entry))
    read_link_file(read_secret(link))
    exit_public(read_secret(exit_))


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
