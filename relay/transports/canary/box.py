"""A mail that is laid into the folder of a mailbox, by a connection of its own; and an SMS into the
tables that Gammu SMSD fills. From there the way in takes them as it takes all others."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from relay.errors import KeyFileError
from relay.mailing.imap.apart import Apart
from relay.mailing.imap.session import Session
from relay.mailing.imap.trouble import Trouble
from relay.transports.canary.mail import mail_of
from relay.transports.canary.note import Note, Unheard
from relay.transports.gammu.database import Database, Unusable

COMMAND_S = 30.0
"""Seconds for one step with a mailbox."""


@dataclass(frozen=True, slots=True)
class Laid:
    """Lays mails into a folder (APPEND). ``session`` makes a connection to it, ``password`` is
    asked each time; ``to`` is the address of the mailbox."""

    session: Callable[[], Session]
    password: Callable[[], bytes]
    to: str
    now: Callable[[], int]

    async def __call__(self, note: Note) -> None:
        """As ``note.Write``."""
        session = self.session()
        try:
            async with Apart(session) as apart:
                await apart.do(COMMAND_S, session.open, self.password())
                mail = mail_of(note, self.to, self.now())
                await apart.do(COMMAND_S, session.append, mail)
        except KeyFileError:
            raise Unheard("the password file cannot be used") from None
        except Trouble as trouble:
            raise Unheard(trouble.why) from None


@dataclass(frozen=True, slots=True)
class Rows:
    """Writes into Gammu's inbox, as it does itself."""

    database: Database
    now: Callable[[], int]

    async def __call__(self, note: Note) -> None:
        """As ``note.Write``."""
        at = datetime.fromtimestamp(self.now(), UTC).strftime("%Y-%m-%d %H:%M:%S")
        try:
            await asyncio.to_thread(self.database.lay, note.number, note.line, at)
        except Unusable as unusable:
            raise Unheard(unusable.why) from None
