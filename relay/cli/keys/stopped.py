"""``exit.key`` of a node by its passphrase, for commands that need no running node."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from relay.cli.common import passphrase_of
from relay.cli.owner import as_owner_of
from relay.config import Settings
from relay.errors import CannotMake, KeyFileError
from relay.keyfiles import read_secret, replace_secret
from relay.node.before import lock
from relay.node.making import folder
from relay.wire.exitfile import exit_public, relocked, unlock_exit
from relay.wire.keys import ExitKeys

NONE_HERE = (
    "a node of role entry has no exit.key, and so nothing to {what}: give this command at its exit"
)


def must_open(settings: Settings, what: str) -> None:
    """Raises KeyFileError on an entry."""
    if settings.node.role == "entry":
        raise KeyFileError(NONE_HERE.format(what=what))


def opened(settings: Settings) -> ExitKeys:
    """What is in exit.key; the node may run. Raises KeyFileError."""
    with as_owner_of(settings.keys):
        file = read_secret(settings.keys / "exit.key")
    exit_public(file)  # a damaged one is told before anybody types a passphrase
    return unlock_exit(file, passphrase_of("exit.key").encode())


def changed(settings: Settings, change: Callable[[ExitKeys], ExitKeys]) -> ExitKeys:
    """Put a new exit.key in place of the old one, in one step; nothing has changed if it raises.
    Gives what is in it now. The node must be stopped. Raises Busy, KeyFileError or CannotMake."""
    path, became = settings.keys / "exit.key", []

    def noted(keys: ExitKeys) -> ExitKeys:
        became.append(change(keys))
        return became[-1]

    with stopped(settings):
        old = read_secret(path)
        exit_public(old)
        new = relocked(old, passphrase_of("exit.key").encode(), noted)
        try:
            replace_secret(path, new)
        except OSError as error:
            raise CannotMake(f"{path}: cannot be written: {error.strerror}") from None
    return became[-1]


@contextmanager
def stopped(settings: Settings) -> Iterator[None]:
    """Inside the block no node starts on this folder, and what is done is done as its owner. Raises
    Busy where one runs."""
    with as_owner_of(settings.keys):
        held = lock(folder(settings.data), wait_s=0.0)
        try:
            yield
        finally:
            os.close(held)
