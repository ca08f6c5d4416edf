"""``exit.key`` as the core has it: what of it is public, how it is opened, and written anew.

What is opened is one object for as long as the process lives (``ExitKeys``). Of the passphrase
nothing is kept: what seals the next file is a link of a chain that leads away from it.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable
from threading import Lock

from relay.config import Settings
from relay.errors import KeyFileError, WrongPassphrase
from relay.keyfiles import read_credential, read_line, read_secret, replace_secret
from relay.wire.exitfile import Turning, exit_bundle, exit_public, unlocked
from relay.wire.keys import ExitKeys, ExitPublic


class ExitKey:
    """The file of one node. Raises KeyFileError where it cannot be read."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._path = settings.keys / "exit.key"
        self._file = read_secret(self._path)
        self._public = exit_public(self._file)
        self._keys: ExitKeys | None = None
        self._turning: Turning | None = None
        self._one_by_one = Lock()
        """A roll writes in a thread of its own."""

    @property
    def public(self) -> ExitPublic:
        """What the file shows of its keys, as it is now."""
        return self._public

    @property
    def bundle(self) -> bytes:
        """The last signed bundle; empty if there is none."""
        return exit_bundle(self._file)

    def opened(self, passphrase: bytes) -> ExitKeys:
        """What it holds: of an open one the same object again. Raises WrongPassphrase."""
        with self._one_by_one:
            keys, self._turning = unlocked(self._file, passphrase)
            if self._keys is None:
                self._keys = keys
            return self._keys

    def write(self, keys: ExitKeys) -> None:
        """Put these keys in place of those of the file; durable when this returns, and the file
        before it is written over. It must be open. What is open is not changed: ``renew`` does that
        (``relay.node.rolling.keyring``). Raises OSError or KeyFileError, and then what was there is
        there still."""
        with self._one_by_one:
            assert self._turning is not None
            file, public = self._turning.sealed(keys), keys.public
            self._turning = self._turning.next  # first: no two are sealed under one link
            replace_secret(self._path, file)
            self._file, self._public = file, public

    def open_by_file(self, unlock: Callable[[bytes], None]) -> bool:
        """Give ``unlock`` what systemd hands over, or else the file of the settings; whether one of
        them opens it. One that does not is as good as none."""
        for find in (self._credential, self._passphrase):
            with contextlib.suppress(WrongPassphrase, KeyFileError):
                passphrase = find()
                if passphrase is not None:
                    unlock(passphrase)
                    return True
        return False

    def opens_by_itself(self) -> bool:
        """Whether a passphrase lies where a new core would look for it."""
        with contextlib.suppress(KeyFileError):
            if self._credential() is not None or self._passphrase() is not None:
                return True
        # One that was put there since is not granted to this core; to the next one it will be.
        return os.access(self._settings.at(self._settings.node.passphrase_file), os.R_OK)

    def _credential(self) -> bytes | None:
        return read_credential("passphrase")

    def _passphrase(self) -> bytes | None:
        path = self._settings.at(self._settings.node.passphrase_file)
        return read_line(path) if path.exists() else None
