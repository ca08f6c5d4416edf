"""What people answer to our posts: asked for at the destinations that say so, kept by the exit.

The cursor of a destination lies sealed on the board. It is written after the replies before it are
durable, so that a crash asks for some of them again, and they are known.
"""

from __future__ import annotations

import base64
import binascii
import contextlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Final

import trio

from relay.errors import Damaged, SpoolFull
from relay.exit.reply import hear, waiting
from relay.exit.settle import FULL_S
from relay.model import Later, Place, Replied, Reply, Row, Stopped
from relay.node.proxy import BridgeProxy
from relay.ports import Spool
from relay.wire.custody import keep, reveal, wrapped_by
from relay.wire.keys import ExitKeys

MOST_AT_ONCE: Final = 20
"""Questions in a row at one destination, while each brings something new."""

_PREFIX: Final = "replies "

NONE_READ: Final = "its bridge reads no replies: take `replies` out of its section"


@dataclass(frozen=True, slots=True)
class Asked:
    """A destination that is asked: its bridge, how often, and how long (seconds) it may take."""

    bridge: BridgeProxy
    every_s: int
    deadline_s: float


class Replies:
    """Asks for replies, at one exit. ``trouble`` says of a destination why it cannot be asked;
    ``planned`` whether a window is in force there, so that it is not."""

    def __init__(
        self,
        spool: Spool,
        keys: ExitKeys,
        asked: Mapping[str, Asked],
        planned: Callable[[str], bool] = lambda name: False,
    ) -> None:
        self._spool = spool
        self._keys = keys
        self._asked = asked
        self._planned = planned
        self.trouble: dict[str, str] = {}

    async def run(self) -> None:
        """Ask each destination in its turn, until cancelled."""
        async with trio.open_nursery() as nursery:
            for name in self._asked:
                nursery.start_soon(self._ask_for_ever, name)

    async def waiting(self) -> list[Row]:
        """The messages that have replies nobody has decided about."""
        return await waiting(self._spool, self._keys)

    async def _ask_for_ever(self, name: str) -> None:
        cursor = await self._cursor(name)
        while True:
            for _ in range(MOST_AT_ONCE):
                if self._planned(name):
                    break
                before, cursor = cursor, await self.ask(name, cursor)
                if cursor == before:
                    break
            await trio.sleep(self._asked[name].every_s)

    async def ask(self, name: str, cursor: bytes) -> bytes:
        """Ask once, and keep what was said; the cursor to ask with the next time."""
        at = self._asked[name]
        replied = await at.bridge.replies(cursor, at.deadline_s)
        match replied:
            case Replied():
                self.trouble.pop(name, None)
                for reply in replied.replies:
                    await self._durably_heard(name, reply)
                if replied.cursor != cursor:
                    await self._write(name, replied.cursor)
                return replied.cursor
            case Stopped():
                self.trouble[name] = f"{replied.why}: {replied.action}"
            case None:
                self.trouble[name] = NONE_READ
            case Later():
                pass  # as often as it is asked, one time more is no matter
        return cursor

    async def _durably_heard(self, name: str, reply: Reply) -> None:
        while True:
            try:
                await hear(self._spool, self._keys, name, reply)
                return
            except SpoolFull:
                await trio.sleep(FULL_S)

    # ------------------------------------------------------------ the cursor

    async def _cursor(self, name: str) -> bytes:
        """The cursor as it was written last; empty if there is none that can be read."""
        for place in await self._spool.board():
            if place.name == _row(name):
                try:
                    sealed = base64.b64decode(place.account, validate=True)
                    return reveal(sealed, self._keys.storage, bind=_row(name).encode())
                except (Damaged, binascii.Error):
                    break
        return b""

    async def _write(self, name: str, cursor: bytes) -> None:
        bind = _row(name).encode()
        sealed = keep(cursor, self._keys.storage[-1], bind=bind, padded=False)
        place = Place(_row(name), account=base64.b64encode(sealed).decode())
        while True:
            try:
                await self._spool.place(place)
                return
            except SpoolFull:
                await trio.sleep(FULL_S)


async def wrap_cursors(spool: Spool, keys: ExitKeys) -> int:
    """Keep under the newest storage key what was kept under an older one, also for a destination
    that is asked no more; how many. Raises SpoolFull.

    One that is written meanwhile may be set back to what it was: some replies are asked for again
    after a start, and they are known."""
    count, older = 0, {key.id for key in keys.storage[:-1]}
    for place in await spool.board():
        if not place.name.startswith(_PREFIX):
            continue
        bind = place.name.encode()
        with contextlib.suppress(Damaged, binascii.Error):
            sealed = base64.b64decode(place.account, validate=True)
            if wrapped_by(sealed) in older:
                cursor = reveal(sealed, keys.storage, bind=bind)
                again = keep(cursor, keys.storage[-1], bind=bind, padded=False)
                account = base64.b64encode(again).decode()
                await spool.place(replace(place, account=account))
                count += 1
    return count


def _row(name: str) -> str:
    """The row of the board that holds a destination's cursor: no name of the settings has a
    blank."""
    return _PREFIX + name
