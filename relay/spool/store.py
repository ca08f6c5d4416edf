"""What the spool's operations do to its tables. Synchronous, and owned by one thread.

Changes happen between ``begin`` and ``commit``; what they mean for memory (counts, leases, who is
to be woken, files to remove) is gathered in ``Pending`` and becomes true with the commit, or is
forgotten with it.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from relay.model import (
    BESIDE,
    FIRST,
    PAUSED_ALL,
    Change,
    Counts,
    Head,
    Instant,
    Kept,
    Known,
    Moved,
    Moves,
    NewRow,
    Place,
    Queue,
    Row,
    Sent,
    State,
    Stored,
    hour_of,
)
from relay.ports import Clock
from relay.rules.state import state_of
from relay.spool.bells import Rung
from relay.spool.heads import ReadFile, put_heads
from relay.spool.moves import Moving, moved
from relay.spool.reading import Reading
from relay.spool.repeats import ROAD_S, Repeats, days_of_road
from relay.spool.seen import Mark
from relay.spool.set_back import set_back
from relay.spool.tables import changed
from relay.spool.tally import Tally, counted, kind_of, store_purged
from relay.wire.epochs import DAY_S

Files = Sequence[str | None]
"""For each row the name of the file its body lies in; None where it goes into the table."""

BODY_MISSING = "body missing"

MOVED = "clock"
"""By how many seconds the time was moved in all is remembered under this name."""

_WITH_DELIVERIES = (Queue.ASSIGNED, Queue.ENDED)


def schema() -> str:
    """The text of schema.sql."""
    return Path(__file__).with_name("schema.sql").read_text(encoding="utf-8")


@dataclass(slots=True)
class Meta:
    """The one row of ``meta``."""

    commits: int
    next_seq: int
    repeats: int
    turned_away: int
    lost: int


@dataclass(slots=True)
class Pending:
    """What a transaction will have changed in memory once it is committed."""

    meta: Meta
    tally: Tally = field(default_factory=Tally)
    leases: list[Callable[[], None]] = field(default_factory=list)
    rung: set[Rung] = field(default_factory=set)
    gone: list[str] = field(default_factory=list)
    touched: set[int] = field(default_factory=set)
    moved: list[Moved] = field(default_factory=list)


class Store(Reading):
    """The tables of one connection, and what changes them."""

    def __init__(
        self,
        connection: sqlite3.Connection,
        clock: Clock,
        read_file: ReadFile,
        frozen: Callable[[], bool] = lambda: False,
        road_s: int = ROAD_S,
    ) -> None:
        super().__init__(connection, read_file)
        self._clock = clock
        self._moving = Moving()
        self.tally = counted(connection)
        self._repeats = Repeats(connection, frozen)
        self._crossed = Repeats(connection, frozen, "crossed", days_of_road(road_s))
        columns = "commits, next_seq, repeats, turned_away, lost"
        self.meta = Meta(*connection.execute(f"SELECT {columns} FROM meta").fetchone())
        self._pending = Pending(replace(self.meta))
        self._changes_copied = connection.total_changes

    # ------------------------------------------------------------ transactions

    @property
    def mark(self) -> Mark:
        """How far it has come."""
        return Mark(self.meta.commits, self.tally.accepted)

    @property
    def log_pages(self) -> int:
        """About how many pages the log has since it was last copied into the database."""
        return self.connection.total_changes - self._changes_copied + self.tables.body_pages

    def checkpointed(self) -> None:
        """The log was copied into the database."""
        self._changes_copied = self.connection.total_changes
        self.tables.body_pages = 0

    def begin(self) -> None:
        """Start a transaction."""
        self.connection.execute("BEGIN IMMEDIATE")
        self._pending = Pending(replace(self.meta))
        self._pending.meta.commits += 1

    def commit(self) -> Pending:
        """Make it durable, then true in memory. What it gives says whom to wake, what to remove."""
        pending, meta = self._pending, self._pending.meta
        if pending.tally.purged:
            store_purged(self.connection, pending.tally.purged.items())
        self.connection.execute(
            "UPDATE meta SET commits = ?, next_seq = ?, repeats = ?, turned_away = ?, lost = ?",
            (meta.commits, meta.next_seq, meta.repeats, meta.turned_away, meta.lost),
        )
        self.connection.execute("COMMIT")
        self.meta = meta
        self.tally.add(pending.tally)
        self.feed.add(pending.touched)
        self._moving.add(pending.moved)
        for take_effect in pending.leases:
            take_effect()
        return pending

    def rollback(self) -> None:
        """Undo it, in the tables and in memory."""
        if self.connection.in_transaction:  # SQLite may have undone it by itself
            self.connection.execute("ROLLBACK")
        self._repeats.read()
        self._crossed.read()

    # ------------------------------------------------------------ changing

    def put(
        self, rows: Sequence[NewRow], files: Files, turned_away: int = 0
    ) -> list[Stored | Known]:
        """Store submissions; those that are known by a key are not stored."""
        self._pending.meta.turned_away += turned_away
        return [self._put(new, file) for new, file in zip(rows, files, strict=True)]

    def _put(self, new: NewRow, file: str | None) -> Stored | Known:
        if new.keys or new.crossed:
            self.turn_day()
            if self._is_known(new):
                self._pending.meta.repeats += 1
                if file:
                    self._pending.gone.append(file)
                return Known()
        seq = self._insert(new, file, root=None)
        for follower in new.then:
            self._insert(follower, None, root=seq)
        return Stored(seq)

    def _is_known(self, new: NewRow) -> bool:
        crossed = new.crossed and self._crossed.known((new.id,))
        return crossed or bool(new.keys and self._repeats.known(new.keys))

    def day_is_over(self) -> bool:
        """Whether what came before wants a new table."""
        now = self._clock.now()
        return not (self._repeats.is_turned(now) and self._crossed.is_turned(now))

    def turn_day(self) -> None:
        """Forget the repeat keys and the ids that are too old."""
        if self.day_is_over():
            self._repeats.turn(self._clock.now())
            self._crossed.turn(self._clock.now())

    def _insert(self, new: NewRow, file: str | None, root: int | None) -> int:
        pending = self._pending
        seq = pending.meta.next_seq
        pending.meta.next_seq += 1
        self.tables.insert(seq, seq if root is None else root, new, file)
        self.tables.call(seq if root is None else root, new.names)
        pending.touched.add(seq if root is None else root)
        kind = kind_of(seq, seq if root is None else root, new.queue)
        pending.tally.came(kind, new.state, new.queue)
        pending.rung.add((new.queue, new.name))
        return seq

    def settle(
        self,
        row: Row,
        to: Change,
        file: str | None,
        then: Sequence[NewRow],
        files: Files,
        keep: bool,
    ) -> Row | None:
        """Change a leased row and store its followers."""
        was = self.tables.row(row.seq)
        if was is None or was.rev != row.rev or not self.leases.held(row):
            self._pending.gone.extend(name for name in (file, *files) if name)
            return None
        after = changed(row, to)
        self._change(was, to, file)
        for new, name in zip(then, files, strict=True):
            self._insert(new, name, root=row.root)
        if then or row.root != row.seq:
            after = self._judge(row.root, after, was.queue)
        if keep:
            self._pending.leases.append(lambda: self.leases.begin(after))
        else:
            self._pending.leases.append(lambda: self.leases.end(row))
        return after

    def settle_with(
        self, row: Row, to: Change, others: Sequence[tuple[Row, Change]], files: Files
    ) -> bool:
        """Change a leased row and others that nobody holds, all or none; of ``files`` the first is
        that of the leased row."""
        was = self.tables.row(row.seq)
        ours = was is not None and was.rev == row.rev and self.leases.held(row)
        if not ours or not self.change_all(others, files[1:]):
            self._pending.gone.extend(name for name in (files if not ours else files[:1]) if name)
            return False
        self.settle(row, to, files[0], (), (), keep=False)
        return True

    def change(
        self,
        row: Row,
        to: Change,
        file: str | None,
        then: Sequence[NewRow] = (),
        files: Files = (),
    ) -> bool:
        """Change a row that nobody holds, and store its followers."""
        was = self._free(row)
        if was is None:
            self._pending.gone.extend(name for name in (file, *files) if name)
            return False
        after = self._change(was, to, file)
        for new, name in zip(then, files, strict=True):
            self._insert(new, name, root=row.root)
        if then or was.root != was.seq:
            self._judge(was.root, after, was.queue)
        return True

    def change_all(
        self,
        changes: Sequence[tuple[Row, Change]],
        files: Files,
        sheets: Sequence[tuple[int, NewRow]] = (),
    ) -> bool:
        """Change rows that nobody holds, and store first sheets, all or none; the last of
        ``files`` are those of the sheets."""
        free = all(self._free(row) for row, _ in changes)
        if not free or not all(self._has_no_sheet(root) for root, _ in sheets):
            self._pending.gone.extend(file for file in files if file)
            return False
        for (root, new), file in zip(sheets, files[len(changes) :], strict=True):
            self._insert(new, file, root=root)
        for (row, to), file in zip(changes, files, strict=False):
            was = self.tables.row(row.seq)  # its state may have been set anew by the one before
            assert was is not None
            after = self._change(was, to, file)
            if was.root != was.seq:
                self._judge(was.root, after, was.queue)
        return True

    def change_each(self, changes: Sequence[tuple[Row, Change]], files: Files) -> list[bool]:
        """Change those of these rows that nobody holds and that are as they were."""
        return [self.change(row, to, file) for (row, to), file in zip(changes, files, strict=True)]

    def _has_no_sheet(self, root: int) -> bool:
        message = self.tables.row(root)
        return message is not None and message.root == root and self.tables.sheet(root) is None

    def _free(self, row: Row) -> Row | None:
        """The row as it is, if it has not changed and nobody holds it."""
        was = self.tables.row(row.seq)
        held = was is None or was.rev != row.rev or row.seq in self.leases
        return None if held else was

    def _change(self, was: Row, to: Change, file: str | None) -> Row:
        after = self._move(was, changed(was, to))
        self.tables.call(was.root, to.names)
        if to.body is not None:
            self._destroy_body(was.seq)
            self.tables.store_body(was.seq, to.body, file)
        return after

    def _destroy_body(self, seq: int) -> None:
        gone = self.tables.destroy_body(seq)
        if gone:
            self._pending.gone.append(gone)

    def _move(self, was: Row, after: Row) -> Row:
        kind = kind_of(was.seq, was.root, was.queue)
        if after.queue == Queue.ENDED and was.queue != Queue.ENDED:
            # Nobody takes it any more: from here on its due time is the hour in which it ended,
            # which is what a purge goes by.
            after = replace(after, due=hour_of(self._clock.now()))
        if (was.queue == Queue.REVIEW) != (after.queue == Queue.REVIEW):
            self._decided(was.root, after.queue != Queue.REVIEW)
        self.tables.update(after)
        if (move := moved(was, after)) is not None:
            self._pending.moved.append(move)
        self._pending.touched.add(was.root)
        self._pending.tally.went(kind, was.state, was.queue)
        self._pending.tally.came(kind, after.state, after.queue)
        self._pending.rung.add((after.queue, after.name))
        return after

    def _decided(self, root: int, is_decided: bool) -> None:
        """From the hour of the decision on, what came along is kept for so long and no longer."""
        self.tables.decided(root, hour_of(self._clock.now()) if is_decided else None)
        self._pending.rung.add((Queue.ORIGINAL, ""))

    def _judge(self, root: int, after: Row, left: Queue) -> Row:
        """Set the state of a submission anew from its deliveries; ``after`` as it is then, after
        it ``left`` a queue."""
        submission = self.tables.row(root)
        deliveries = self.tables.deliveries(root)
        if submission is None or not deliveries or submission.queue not in _WITH_DELIVERIES:
            return after
        over = all(one.queue == Queue.ENDED for one in deliveries)
        state = state_of(one.state for one in deliveries)
        queue = Queue.ENDED if over else Queue.ASSIGNED
        if (state, queue) == (submission.state, submission.queue):
            return after
        judged = replace(submission, rev=submission.rev + 1, state=state, queue=queue)
        judged = self._move(submission, judged)
        if over and left == Queue.OUTBOUND:  # no exit will ask for it any more
            self._destroy_body(root)
        return replace(judged, body=after.body) if after.seq == root else after

    def quarantine(self, rows: Sequence[Row]) -> None:
        """Set rows aside whose body is gone: a submission for good, a delivery for a person."""
        for row in rows:
            to = Change(Queue.ENDED, State.QUARANTINED, due=None, why=BODY_MISSING)
            if row.queue in BESIDE:
                to = Change(row.queue, Kept.DESTROYED, due=None, why=BODY_MISSING)
            elif row.root != row.seq:
                to = Change(row.queue, Sent.HELD, due=None, why=BODY_MISSING)
            self.change(row, to, None)

    def purge(self, before: Instant, limit: int) -> int:
        """Destroy submissions that ended before this hour, but for what is set aside: that waits
        for a person."""
        ended = self.tables.ended(before, limit)
        for submission in ended:
            beside = self.tables.originals(submission.seq)
            self._pending.touched.add(submission.seq)
            for row in (submission, *self.tables.family(submission.seq), *beside):
                kind = kind_of(row.seq, row.root, row.queue)
                self._destroy_body(row.seq)
                self.tables.delete(row.seq)
                self._pending.tally.purge(kind, row.state, row.queue)
        return len(ended)

    def put_heads(self, changes: Sequence[Head]) -> int:
        """Put the first bytes of bodies and notes anew, where nobody holds the row."""
        return put_heads(self.connection, self._read_file, changes, self.leases, self.tables.wrote)

    def count(self, repeats: int, turned_away: int) -> None:
        """Add to what stands outside the sum."""
        self._pending.meta.repeats += repeats
        self._pending.meta.turned_away += turned_away

    def move(self, by_s: int) -> int:
        """The time was moved by so many seconds: what was due or ended a while from now is so by
        the new time, and repeats are known as long as ever. By how many it was in all."""
        moved = self.moved() + by_s
        self.tables.move(by_s)
        self._repeats.move(round(by_s / DAY_S))
        self._crossed.move(round(by_s / DAY_S))
        self.tables.keep(MOVED, str(moved).encode())
        return moved

    def exchange(self, name: str, was: bytes, now: bytes) -> bool:
        """Remember a value in place of one, if it is that one still."""
        same = self.tables.kept().get(name, b"") == was
        if same:
            self.tables.keep(name, now)
        return same

    def moved(self) -> int:
        """By how many seconds the time was moved in all; 0 where that is damaged."""
        try:
            return int(self.tables.kept().get(MOVED, b"0"))
        except ValueError:
            return 0

    def accept_loss(self) -> int:
        """The operator has seen it: how many it were."""
        lost, self._pending.meta.lost = self._pending.meta.lost, 0
        return lost

    # ------------------------------------------------------------ a start

    def recover(self, seen: Mark | None, *, doubt: bool) -> bool:
        """What a new process must do first: attempts under way are unsure, a loss is told.

        ``doubt``: nobody can say what is missing, so nothing may be posted blindly: neither a
        delivery nor what would become one, and all of the node is paused. Gives whether that is
        so."""
        self.turn_day()
        states: tuple[Sent, ...] = (Sent.SENDING,)
        meta = self._pending.meta
        if seen is not None and seen.commits >= meta.commits:  # this commit's own number is one on
            meta.commits = seen.commits + 1
            meta.lost += max(0, seen.accepted - self.tally.accepted)
            doubt = True
        if doubt:
            states = (Sent.WAITING, Sent.PREPARED, Sent.SENDING, Sent.STOPPED)
            set_back(self.connection)
            self.tables.place(Place(PAUSED_ALL, "paused", since=hour_of(self._clock.now())))
        for state in states:
            unsure = self.connection.execute(
                "UPDATE row SET state = 'unsure', due = ?, rev = rev + 1"
                " WHERE root <> seq AND state = ? RETURNING queue",
                (FIRST, state),
            ).fetchall()
            for (queue,) in unsure:
                self._pending.tally.went("delivery", state, queue)
                self._pending.tally.came("delivery", Sent.UNSURE, queue)
        return doubt

    # ------------------------------------------------------------ the sum

    def moves(self) -> Moves:
        """What moved on since this was asked last."""
        return Moves(self.meta.next_seq - 1, self._moving.taken())

    def counts(self) -> Counts:
        """The sum."""
        meta = self.meta
        return self.tally.counts(repeats=meta.repeats, turned_away=meta.turned_away, lost=meta.lost)

    def self_check(self) -> list[str]:
        """What is wrong with it, in our own words; empty if nothing is."""
        faults = []
        if self.connection.execute("PRAGMA quick_check(1)").fetchone() != ("ok",):
            faults.append("the database is damaged")
        again = counted(self.connection)
        zero = {"repeats": 0, "turned_away": 0, "lost": 0}
        if again.counts(**zero) != self.tally.counts(**zero):
            faults.append("the counts differ from the rows")
        return faults
