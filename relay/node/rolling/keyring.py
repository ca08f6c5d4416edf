"""The one place where the keys of an exit change: first on the disk, then in memory.

An envelope that is sealed to a key which a crash takes away can be opened by nobody. So no key is
told of, or used, before ``exit.key`` holds it; and one that is destroyed is gone from the disk
before it is gone from memory.
"""

from __future__ import annotations

import contextlib
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Protocol

import trio

from relay.errors import KeyFileError
from relay.wire.keys import ExitKeys

Changing = Callable[[ExitKeys], ExitKeys]
"""Newer keys, or the same object where nothing is to change."""


class KeyFile(Protocol):
    """``exit.key`` on the disk."""

    def write(self, keys: ExitKeys) -> None:
        """Put these keys in place of what is there; durable when it returns. Blocks. Raises OSError
        or KeyFileError, and then what was there is there still."""
        ...


class Keyring:
    """The keys of one unlocked exit. ``told`` is awaited after each change."""

    def __init__(self, keys: ExitKeys, file: KeyFile, told: Callable[[], Awaitable[None]]) -> None:
        self.keys = keys
        self._file = file
        self._told = told
        self._one_by_one = trio.Lock()
        self.unwritten = ""
        """Why the last change could not be written, in a word; empty if it could."""

    async def change(self, changing: Changing) -> bool:
        """Change the keys; durable when this returns. False: nothing is to change. Raises OSError
        or KeyFileError where it cannot be written: then nothing has changed."""
        async with self._one_by_one:
            newer = await trio.to_thread.run_sync(changing, self.keys)
            if newer is self.keys:
                self.unwritten = ""
                return False
            with trio.CancelScope(shield=True):  # what is on the disk is to be in memory as well
                await self._write(newer)
                self.keys.renew(newer)
        await self._told()
        return True

    async def changed(self, changing: Changing) -> bool:
        """The same for who can wait: False also where it cannot be written now."""
        with contextlib.suppress(OSError, KeyFileError):
            return await self.change(changing)
        return False

    async def _write(self, newer: ExitKeys) -> None:
        try:
            await trio.to_thread.run_sync(partial(self._file.write, newer))
        except OSError as error:
            self.unwritten = error.strerror or "it cannot be written"
            raise
        except KeyFileError as error:
            self.unwritten = str(error)
            raise
        self.unwritten = ""
