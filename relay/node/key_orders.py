"""Orders that change the keys of an unlocked exit: what was signed elsewhere, what is revoked.

The keys of exits that an entry holds are ``relay.node.crossing.bundles``.
"""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from typing import Any, Final, Protocol

from relay.config import Settings
from relay.errors import Asked, Damaged, KeyFileError
from relay.node.rolling.rolling import Rolling
from relay.ports import Clock
from relay.wire.keys import ExitKeys
from relay.wire.rolling import ended, replaced, taken

WORDS: Final = frozenset({"roll", "revoke", "bundle"})

LOCKED = "exit.key is locked: `relay unlock` first"
OFFLINE = (
    "the identity key is kept on another machine, and only that can end this exit: import the"
    " revocation that was made with it"
)
NOT_NEWER = (
    "that bundle is not newer than the last one, or is not of these keys: make a new request with"
    " `relay keys export --request`"
)
NOT_OURS = "that is no bundle that our identity key has signed"
UNKNOWN = "no key of ours has that id"


class Node(Protocol):
    """What is needed of the core."""

    settings: Settings
    clock: Clock
    rolling: Rolling | None


class KeyOrders:
    """Those of one node that opens messages."""

    def __init__(self, core: Node) -> None:
        self._core = core

    async def answer(self, request: Mapping[str, Any]) -> Mapping[str, Any]:
        """What is so now, after one of these orders. Raises Asked."""
        match request:
            case {"do": "roll"}:
                return await self.roll()
            case {"do": "revoke", "ids": [*ids], **more} if all(isinstance(id, str) for id in ids):
                return await self.revoke(ids, all=bool(more.get("all")))
            case {"do": "bundle", "bundle": str() as bundle}:
                return await self.take(bundle)
            case _:
                raise Asked("this version knows no such order")

    async def roll(self) -> Mapping[str, Any]:
        """The keys of today, and a new storage key, at once. Raises Asked."""
        return await self._done(Rolling.now)

    async def take(self, written: str) -> Mapping[str, Any]:
        """Take a bundle (base64) that our identity key has signed on another machine. Raises
        Asked."""
        try:
            signed = b64decode(written, validate=True)
        except ValueError:
            raise Asked(NOT_OURS) from None
        return await self._change(partial(having_taken, signed=signed))

    async def revoke(self, ids: Sequence[str], *, all: bool) -> Mapping[str, Any]:
        """Seal nothing more to the epochs of these ids (hexadecimal) or, with ``all``, to any of
        this exit, ever. Raises Asked."""
        if all:
            return await self._change(self._ended)
        try:
            these = frozenset(map(bytes.fromhex, ids))
        except ValueError:
            raise Asked(UNKNOWN) from None
        return await self._change(partial(self._without, ids=these))

    async def _change(self, changing: Callable[[ExitKeys], ExitKeys]) -> Mapping[str, Any]:
        return await self._done(lambda rolling: rolling.ring.change(changing))

    async def _done(self, act: Callable[[Rolling], Awaitable[object]]) -> Mapping[str, Any]:
        rolling = self._core.rolling
        if rolling is None:
            raise Asked(LOCKED)
        try:
            await act(rolling)
        except OSError as error:
            raise Asked(f"exit.key cannot be written: {error.strerror}") from None
        except KeyFileError as error:
            raise Asked(str(error)) from None
        return rolling.shown()

    def _ended(self, keys: ExitKeys) -> ExitKeys:
        if not keys.identity:
            raise Asked(OFFLINE)
        return keys if keys.ended else ended(keys, self._core.clock.now())

    def _without(self, keys: ExitKeys, ids: frozenset[bytes]) -> ExitKeys:
        if not ids or not ids <= keys.keyring.keys():
            raise Asked(UNKNOWN)
        return replaced(keys, ids, self._core.clock.now(), self._core.settings.node.road_s)


def having_taken(keys: ExitKeys, signed: bytes) -> ExitKeys:
    """The keys with a bundle that was signed elsewhere; as they are, if it is theirs already.
    Raises Asked for any other."""
    if signed and signed == keys.bundle:
        return keys
    try:
        newer = taken(keys, signed)
    except Damaged:
        raise Asked(NOT_OURS) from None
    if newer is None:
        raise Asked(NOT_NEWER)
    return newer
