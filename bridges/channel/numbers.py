"""The number of the last message of a channel that is known, across restarts.

Messages of a channel are numbered upwards. What may have been posted in a moment of doubt has a
number above the last one known before it; so that number is kept with each attempt before it is
sent, and, with what is known of our latest messages, in the session beside the token.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Sequence
from typing import Any, Final

from bridges import kit
from bridges.channel.publishing import ids_of, ref_of

MOST_PARTS: Final = 40
"""Messages of ours that are known by their parts' keys, and so never taken for another's."""

_KEY: Final = 16
_MOST_BYTES: Final = 7000


class Numbers:
    """What is known of one chat. ``last`` is None until anything is."""

    def __init__(self, session: kit.Session, chat: str) -> None:
        self._session = session
        self._chat = chat
        held = _chats(session).get(chat)
        held = held if isinstance(held, dict) else {}
        parts = held.get("parts")
        self._parts: dict[str, str] = parts if isinstance(parts, dict) else {}
        last = held.get("last")
        self.last: int | None = last if isinstance(last, int) else None
        of = held.get("of")
        self._of = of if isinstance(of, str) else ""

    def ref_of(self, key: str) -> str | None:
        """The ref under which the part with this key is known to be public."""
        return self._parts.get(key[:_KEY])

    def of_others(self, key: str) -> frozenset[int]:
        """Messages that are known to be other parts than this one."""
        refs = [ref for known, ref in self._parts.items() if known != key[:_KEY]]
        return frozenset(id for ref in refs for id in ids_of(ref))

    def whole(self, id: int) -> str:
        """The ref of the album that this message is in, as far as it is known; else of itself."""
        refs = (ref for ref in self._parts.values() if id in ids_of(ref))
        return next(refs, ref_of([id]))

    async def is_of(self, number: str) -> None:
        """The chat has this number of its own. What is known of another, which had its name
        before, is forgotten: a new channel counts from 1."""
        if number == self._of:
            return
        if self._of:
            self.last, self._parts = None, {}
        self._of = number
        await self._store()

    async def reached(self, id: int) -> None:
        """The chat has, or had, a message of this number."""
        self.last = max(id, self.last or 0)
        await self._store()

    async def posted(self, key: str, ids: Sequence[int]) -> None:
        """The part with this key is public as these messages."""
        self._parts[key[:_KEY]] = ref_of(ids)
        while len(self._parts) > MOST_PARTS:
            del self._parts[next(iter(self._parts))]
        await self.reached(max(ids))

    async def removed(self, ref: str) -> None:
        """What was public under this ref is no more."""
        kept = {key: one for key, one in self._parts.items() if one != ref}
        if len(kept) < len(self._parts):
            self._parts = kept
            await self._store()

    async def _store(self) -> None:
        """Another channel of the same bot has its own place in the same file."""
        known = {self._chat: {"of": self._of, "last": self.last, "parts": self._parts}}
        chats = {**_chats(self._session), **known}
        if len(json.dumps(chats)) > _MOST_BYTES:
            chats = known
        # It is only for the time after a restart: a disk that is full stops no post.
        with contextlib.suppress(OSError):
            await self._session.store({"chats": chats})


def _chats(session: kit.Session) -> dict[str, Any]:
    held = session.load().get("chats")
    return held if isinstance(held, dict) else {}


def kept(last: int | None) -> bytes:
    """For ``keep``, before anything is sent."""
    return json.dumps({"last": last}).encode()


def read(written: bytes) -> int | None:
    """What was kept. Raises ValueError for anything else."""
    said = json.loads(written)
    last = said["last"] if isinstance(said, dict) else None
    return last if isinstance(last, int) else None
