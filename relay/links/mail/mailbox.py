"""Fetches what came from a folder by IMAP: a new connection each time, as for a way in by mail.

The folder belongs to the operator, and to whoever writes to them. Of a mail that is none of ours
the beginning is fetched once, and never again while this process lives; it stays as it is. One of
ours is removed (or flagged as seen) only after the core keeps what was in it. Where that did not
come to pass, whatever the reason, it is there at the next look, and what comes twice is one. One of
ours that came back is flagged as seen, so that it is shown once, and left for its operator to read.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from typing import Final

from relay.errors import KeyFileError
from relay.links.mail.faring import Faring
from relay.links.mail.fetching import Fetching, Known
from relay.links.mail.finding import Finding
from relay.links.mail.inward import Inward
from relay.links.mail.look import Look
from relay.mailing.imap.apart import Apart
from relay.mailing.imap.trouble import Trouble

LONGEST_S: Final = 900.0
"""Seconds between two tries at a mailbox that is down, at most; ``every_s`` if that is longer."""


class Mailbox:
    """One folder, for as long as it runs."""

    def __init__(
        self,
        fetching: Fetching,
        finding: Finding,
        inward: Inward,
        faring: Faring,
        pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._at = fetching
        self._finding = finding
        self._inward = inward
        self._faring = faring
        self._pause = pause
        self._known = Known()

    async def run(self) -> None:
        """Look again and again, until cancelled."""
        failures = 0
        while True:
            state, why = await self._fared()
            self._faring.fares("in", state, why)
            failures = 0 if state == "works" else failures + 1
            await self._pause(self._rest_s(failures))

    def _rest_s(self, failures: int) -> float:
        every_s = self._at.every_s
        step = min(max(LONGEST_S, every_s), every_s * 2.0 ** min(failures, 10))
        return max(every_s, random.uniform(step / 2, step)) if failures else every_s

    async def _fared(self) -> tuple[str, str]:
        try:
            return await self._looked(self._at.password())
        except KeyFileError:
            return "login", "its password cannot be read: look at password_file"
        except Trouble as trouble:
            return trouble.state, trouble.why

    async def _looked(self, password: bytes) -> tuple[str, str]:
        """One connection, one look. Raises Trouble."""
        session = self._at.session()
        async with Apart(session) as apart:
            opened = await apart.do(2 * self._at.silent_s, session.open, password)
            if opened.validity != self._known.validity:
                self._known = Known(opened.validity)
                self._inward.joining.forget()
            look = Look(
                apart,
                session,
                self._at,
                self._known,
                self._finding,
                self._inward,
                self._faring,
            )
            return await look.through()
