"""Look after look on one connection, for as long as its server tells when a mail comes.

A server may tell too little (then the next look finds it), too much (then we come back more and
more slowly, down to the pace of one that tells nothing), or break off (then this connection is over
and nothing else is).
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

from relay.mailing.imap.apart import Apart
from relay.mailing.imap.session import Session
from relay.mailing.imap.trouble import Trouble
from relay.transports.imap.fetch import WORKS, Fares, Fetch
from relay.transports.imap.marks import Marks

CALM_S: Final = 0.25
"""Seconds until a server is asked again that has called us for nothing, doubled each time."""


class Wake:
    """Looks at a folder, waits until it is called or ``idle_s`` are over, and looks again.

    ``looking`` is called as each look begins, ``said`` with how the mailbox fares after it.
    ``every_s`` is how often the folder is looked at where something there waits for us; after
    ``lives_s`` seconds there is no more waiting.
    """

    def __init__(
        self,
        apart: Apart,
        session: Session,
        fetch: Fetch,
        marks: Marks,
        *,
        idle_s: float | None,
        every_s: float,
        over_s: float,
        lives_s: float,
        looking: Callable[[], None],
        said: Callable[[Fares], None],
        pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._apart = apart
        self._session = session
        self._fetch = fetch
        self._marks = marks
        self._idle_s = idle_s
        self._every_s = every_s
        self._over_s = over_s
        self._lives_s = lives_s
        self._looking = looking
        self._said = said
        self._pause = pause
        self._in_vain = 0

    async def run(self) -> Fares:
        """Until the server cannot tell us, breaks off while it is waited on, or the connection is
        old; gives how the mailbox fared at the last look. Raises Trouble where a look fails."""
        loop = asyncio.get_running_loop()
        until = loop.time() + self._lives_s
        fares = await self._looked()
        while self._idle_s is not None and self._session.idles and loop.time() < until:
            self._said(fares)
            calm = fares == WORKS and not self._marks.tried
            wait_s = self._idle_s if calm else min(self._idle_s, self._every_s)
            try:
                woken = await self._apart.do(wait_s + self._over_s, self._session.idle, wait_s)
            except Trouble:
                return fares
            if not self._session.idles:
                return fares
            handed = self._fetch.handed
            fares = await self._looked()
            await self._calmed(called_for_nothing=woken and self._fetch.handed == handed)
        return fares

    async def _looked(self) -> Fares:
        self._looking()
        return await self._fetch.run()

    async def _calmed(self, *, called_for_nothing: bool) -> None:
        self._in_vain = self._in_vain + 1 if called_for_nothing else 0
        if self._in_vain:
            await self._pause(min(self._every_s, CALM_S * 2.0 ** min(self._in_vain - 1, 30)))
