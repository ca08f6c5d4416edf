"""Verdicts computed here: the door hands a mail to a child, and asks the DNS for it.

A mail waits for its verdict one second at most; then it is "none", and so is what a child ends
over. A child that was left in the middle of a mail is killed. Of one network one mail is judged at
a time, so that whoever sends mails that are slow to judge does not keep others from theirs.
"""

from __future__ import annotations

import asyncio
import re
import sys
from collections.abc import Callable, Sequence
from typing import Any, Final, Protocol
from weakref import WeakValueDictionary

from relay.errors import Damaged
from relay.model import Instant
from relay.serving.peers import is_loopback, network_of
from relay.transports.trust import Said
from relay.transports.verdicts.children import AGAIN_S, Child, Children
from relay.transports.verdicts.lookup import KINDS, MOST_ASKED, NoAnswer, Record

WITHIN_S: Final = 1.0
"""Seconds that a mail waits for its verdict."""

AT_ONCE: Final = 2
"""Children: more mails at once wait for one."""

CHILD: Final = (sys.executable, "-I", "-m", "relay.transports.verdicts.child")

_NAME = re.compile(r"[!-~]{1,253}")
_SAID: Final[dict[str, Said]] = {"pass": "pass", "fail": "fail", "none": "none"}


class Records(Protocol):
    """Who asks the DNS."""

    async def records(self, name: str, kind: str, within_s: float) -> list[Record]:
        """The records of a name. Raises lookup.NoAnswer."""
        ...


class Computed:
    """A judge that computes. Open it before use (``async with``): a child takes a moment to start,
    and none is left behind. ``now`` is the time by which signatures are past, or not valid yet;
    without it the system's."""

    def __init__(
        self,
        names: Records,
        *,
        now: Callable[[], Instant] | None = None,
        within_s: float = WITHIN_S,
        at_once: int = AT_ONCE,
        again_s: float = AGAIN_S,
        command: Sequence[str] = CHILD,
    ) -> None:
        self._names = names
        self._now = now
        self._within_s = within_s
        self._children = Children(command, at_once, again_s)
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def __aenter__(self) -> Computed:
        await self._children.__aenter__()
        return self

    async def __aexit__(self, *why: object) -> None:
        await self._children.__aexit__(*why)

    async def __call__(self, mail: bytes, envelope: bytes, client: str) -> Said:
        """What DMARC says; "none" where that cannot be known in time."""
        until = asyncio.get_running_loop().time() + self._within_s
        given = [mail, envelope, client, self._now and self._now()]
        try:
            async with asyncio.timeout_at(until), self._turn(client), self._children.one() as child:
                return await self._asked(child, given, until - self._within_s / 8)
        except (TimeoutError, OSError, EOFError, Damaged):
            return "none"

    def _turn(self, client: str) -> asyncio.Lock:
        """Of the client's network; a mail server of this machine speaks for everybody."""
        if not client or is_loopback(client):
            return asyncio.Lock()
        return self._turns.setdefault(network_of(client), asyncio.Lock())

    async def _asked(self, child: Child, given: list[Any], until: float) -> Said:
        """Hand a mail over and answer what is asked about it, until it is judged."""
        await child.say(given)
        for _ in range(MOST_ASKED + 1):
            match await child.heard():
                case [str(word)] if word in _SAID:
                    return _SAID[word]
                case [str(name), str(kind)] if kind in KINDS and _NAME.fullmatch(name):
                    await child.say(await self._records(name, kind, until))
                case _:
                    raise Damaged
        raise Damaged

    async def _records(self, name: str, kind: str, until: float) -> list[Any]:
        left_s = until - asyncio.get_running_loop().time()
        if left_s <= 0:
            return ["none", []]
        try:
            async with asyncio.timeout(left_s):
                return ["told", await self._names.records(name, kind, left_s)]
        except (NoAnswer, TimeoutError):
            return ["none", []]
