"""``exit.key`` as the core has it: what of it is public, and how it is opened without a person."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable

from relay.config import Settings
from relay.errors import KeyFileError, WrongPassphrase
from relay.keyfiles import read_credential, read_line, read_secret
from relay.wire.exitfile import exit_public, unlock_exit
from relay.wire.keys import ExitKeys


class ExitKey:
    """The file of one node. Raises KeyFileError where it cannot be read."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._file = read_secret(settings.keys / "exit.key")
        self.public = exit_public(self._file)

    def opened(self, passphrase: bytes) -> ExitKeys:
        """What it holds. Raises WrongPassphrase."""
        return unlock_exit(self._file, passphrase)

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
