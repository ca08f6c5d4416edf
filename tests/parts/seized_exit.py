"""An exit on a disk, in virtual time, with messages of every state in it."""

from __future__ import annotations

import itertools
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from io import StringIO
from pathlib import Path
from secrets import token_hex
from types import SimpleNamespace
from typing import cast

from disk_thief import Memory
from kept_rows import SetClock

from relay.config import Settings
from relay.entry.accept import Accept
from relay.entry.seal import SealedRow
from relay.entry.strip import EntrySecrets
from relay.exit.originals import set_aside
from relay.exit.progress import Frozen, Progress, frozen, progressed
from relay.exit.record import restore, store
from relay.exit.sheet import Line, Sheet, first_sheet
from relay.exit.unseal import unseal
from relay.journal import Journal
from relay.model import (
    HOUR,
    Arrival,
    Change,
    Media,
    Message,
    NewRow,
    Part,
    Queue,
    Row,
    Sent,
    State,
    Stored,
    Verdict,
    hour_of,
)
from relay.node.arrivals import Arrivals
from relay.node.exit_key import ExitKey
from relay.node.rolling.rolling import Rolling, rolling_of
from relay.spool.sqlite import SqliteSpool
from relay.wire.exitfile import lock_exit
from relay.wire.keys import ExitKeys, Passphrase, make_exit_keys
from relay.wire.rolling import rolled

PASSPHRASE = Passphrase(b"correct horse battery staple 2048", stretched=False)
SENDER = b"witness.of.it@somewhere.example"
NUMBER = b"+15550147382"
STATES = (
    "inbox", "read", "clean", "review", "deliver", "waiting", "sending", "unsure", "held",
    "posted", "quarantined",
)  # fmt: skip
"""Where a message may be when the disk is copied."""

_FILM = 300 * 1024


# ---------------------------------------------------------------- the exit


@dataclass
class Exit:
    """One, unlocked, in virtual time."""

    folder: Path
    clock: SetClock
    road_s: int
    spool: SqliteSpool = field(init=False)
    keys: ExitKeys = field(init=False)
    file: ExitKey = field(init=False)
    rolling: Rolling = field(init=False)
    _numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def __post_init__(self) -> None:
        if (self.folder / "keys").exists():
            return
        (self.folder / "keys").mkdir(parents=True)
        now = self.clock.now()
        made = rolled(make_exit_keys(now), now, self.road_s)
        path = self.folder / "keys/exit.key"
        path.write_bytes(lock_exit(made, PASSPHRASE))
        path.chmod(0o600)

    def open(self) -> None:
        """As a new process does, with the passphrase."""
        self.spool = SqliteSpool.open(
            self.folder / "data",
            self.folder / "keys/seen",
            clock=self.clock,
            min_free_bytes=0,
            ballast_bytes=0,
            on_broken=lambda: None,
            road_s=self.road_s,
        )
        place = SimpleNamespace(keys=self.folder / "keys")
        self.file = ExitKey(cast(Settings, place))
        self.keys = self.file.opened(PASSPHRASE.secret)
        self.rolling = rolling_of(
            self.keys,
            self.file,
            _nobody,
            self.spool,
            self.clock,
            self.road_s,
            Journal("core", StringIO()),
            Arrivals(),
            lambda: None,
        )

    # ------------------------------------------------------------ messages

    async def comes(self, words: str) -> int:
        """Somebody writes to an entry, and it crosses. Its seq here."""
        sealed: list[SealedRow] = []

        async def put(rows: Sequence[SealedRow]) -> Verdict:
            sealed.extend(rows)
            return Verdict.TAKEN

        key = self.keys.public.of(self.clock.now())
        assert key is not None
        secrets = EntrySecrets(b"n" * 32, b"j" * 32, b"t" * 32, b"y" * 32)
        n = next(self._numbers)
        head = b"From: W <" + SENDER + b">\r\nMessage-ID: <%d." % n + SENDER + b">\r\n"
        mail = head + b"Subject: s\r\n\r\n" + words.encode()
        arrival = Arrival("mail", "mail", mail, ("news",), SENDER, NUMBER, b"%d" % n)
        accept = Accept(secrets, [key], self.clock, put, life_s=self.road_s)
        assert await accept(arrival) is Verdict.TAKEN
        (one,) = sealed
        row = NewRow(Queue.INBOX, State.WAITING, one.id, one.hour, body=one.envelope, crossed=True)
        (stored,) = await self.spool.put([row])
        assert isinstance(stored, Stored)
        return stored.seq

    async def row(self, seq: int) -> Row:
        (found,) = [one for one in await self.spool.look(after=seq - 1, limit=1)]
        return found

    async def brought_to(self, state: str, words: str) -> int:
        """A message that is in this state; its seq."""
        seq = await self.comes(words)
        if state == "inbox":
            return seq
        await self._change(seq, unseal(await self._whole(seq), self.keys))
        if state == "read":
            return seq
        await self._was_read(seq, words, as_it_came=state == "clean")
        if state in ("clean", "review"):
            return seq
        if state == "quarantined":
            await self._change(seq, Change(Queue.ENDED, State.QUARANTINED, due=None))
        elif state == "deliver":
            await self._change(seq, Change(Queue.DELIVER, State.WAITING, due=None))
        else:
            await self._assigned(seq, words, Sent(state))
        return seq

    async def _was_read(self, seq: int, words: str, *, as_it_came: bool) -> None:
        row = await self._whole(seq)
        record = restore(row.body, self.keys.storage, row.id)
        film = Media("video/mp4", words.encode() + bytes(_FILM))
        media = (film,) if as_it_came else ()
        message = Message(words, media=media)
        read = replace(record, content=b"", message=message)
        body = store(read, self.keys.storage, row.id)
        if as_it_came:
            await self._change(seq, Change(Queue.CLEAN, State.WAITING, due=None, body=body))
            return
        line = Line("ann", hour_of(self.clock.now()), words, b"d" * 16)
        picture = Media("image/png", words.encode())
        then = (
            set_aside(row, [picture], self.keys.storage),
            first_sheet(Sheet(notes=(line,)), row, self.keys.storage),
        )
        await self._change(seq, Change(Queue.REVIEW, State.HELD, due=None, body=body), then)

    async def _assigned(self, seq: int, words: str, sent: Sent) -> None:
        storage, id = self.keys.storage, token_hex(8).encode()
        delivery = NewRow(
            Queue.ENDED if sent == Sent.POSTED else Queue.POST,
            sent,
            id,
            hour_of(self.clock.now()),
            due=None,
            name="here",
            note=progressed(Progress(n=1, kept=words.encode()), storage, id),
            body=frozen(Frozen((Part("key", 1, 1, words.encode()),)), storage, id),
        )
        await self._change(seq, Change(Queue.ASSIGNED, State.WAITING, due=None), (delivery,))

    async def _whole(self, seq: int) -> Row:
        row = await self.row(seq)
        return replace(row, body=await self.spool.body(seq))

    async def _change(self, seq: int, to: Change, then: Sequence[NewRow] = ()) -> None:
        assert await self.spool.change(await self.row(seq), to, then=then)

    async def opens_its_inbox(self) -> None:
        """All that has come is opened."""
        for row in await self.spool.look(queue=Queue.INBOX):
            await self._change(row.seq, unseal(await self._whole(row.seq), self.keys))

    async def ends(self, seqs: Sequence[int]) -> None:
        """These are over, and long enough ago."""
        now = hour_of(self.clock.now())
        for seq in seqs:
            for delivery in (await self.spool.family(seq))[1:]:
                if delivery.queue != Queue.ENDED:
                    await self._change(delivery.seq, Change(Queue.ENDED, Sent.DROPPED, due=None))
            await self._change(seq, Change(Queue.ENDED, State.DROPPED, due=now))
        while await self.spool.purge(now + HOUR):
            pass
        await self.spool.scrub()

    # ------------------------------------------------------------ the thief

    async def copied(self, to: Path) -> Path:
        """All of its disk, as it is a minute later: then the log of the database is empty."""
        await self.spool.scrub()
        shutil.copytree(self.folder, to)
        return to

    def memory(self) -> Memory:
        """What its core holds."""
        assert self.file._turning is not None
        return Memory(self.keys, self.file._turning)


async def _nobody() -> None:
    """There are no doors."""
