"""What a person decides about one message: to hold, release, retry or drop it, and what they saw.

Each decision takes the rows of the message, itself first, and gives how many of them it changed.
It raises Asked where there is nothing to decide, or where a step has a row in its hands just then.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Protocol

from relay.errors import Asked, Damaged
from relay.exit.chosen import only_these
from relay.exit.equals import is_joined
from relay.exit.guard import guarded
from relay.exit.kin import kin_of
from relay.exit.moving import MAY_GO
from relay.exit.originals import with_originals
from relay.exit.progress import forgetting, going_bare, seen_by_a_person
from relay.exit.record import Record, restore, store
from relay.exit.review import released
from relay.exit.withdraw import is_withdrawn, stands_whole
from relay.model import Change, Queue, Row, Sent, State, hour_of
from relay.node.workers import draw
from relay.ports import Clock, Spool
from relay.rules.policy import Policy
from relay.wire.keys import ExitKeys

_OPENING = (Queue.INBOX, Queue.READ, Queue.CLEAN, Queue.COMMAND, Queue.REVIEW, Queue.DELIVER)
_DROPPED = "dropped by the operator"
_DESTROYED = "destroyed by the operator"
_BUSY = "it is being worked on at this moment: try again"
_BEING_SENT = "a part of it is being sent at this moment: try again when that has ended"
_UNDER_WAY = (Sent.WAITING, Sent.PREPARED, Sent.UNSURE, Sent.STOPPED, Sent.HELD)


class Node(Protocol):
    """What decisions need of the core."""

    clock: Clock
    keys: ExitKeys | None

    @property
    def spool(self) -> Spool: ...
    @property
    def policies(self) -> Mapping[str, Policy]: ...
    def nudge(self, name: str) -> None: ...


class Decisions:
    """Carries out the decisions of one node's operator."""

    def __init__(self, core: Node) -> None:
        self._core = core
        self._spool = core.spool

    async def hold(self, rows: Sequence[Row]) -> int:
        """Keep it from being posted, until it is released."""
        message, deliveries = rows[0], rows[1:]
        why = "held by the operator"
        if message.queue == Queue.ASSIGNED:
            wanted = [row for row in deliveries if row.state in MAY_GO]
            held = Change(Queue.POST, Sent.HELD, due=None, why=why)
            nothing = "everything of it is posted or under way"
            return await self._each(wanted, held, nothing) + await self._each_new(rows, held)
        if message.queue not in (Queue.REVIEW, Queue.DELIVER):
            raise Asked("only what was read and is not yet posted can be held")
        return await self._each([message], Change(Queue.REVIEW, State.HELD, due=None, why=why), "")

    async def release(self, rows: Sequence[Row]) -> int:
        """Let what is held go on: a message after its delay, a delivery at once. What its sender
        wants back, and is public, stands."""
        message = rows[0]
        if message.queue == Queue.REVIEW and message.state == State.HELD:
            policy = self._policy(message)
            change = released(policy, self._core.clock.now(), draw)
            body = await self._whole(message, policy)
            return await self._each([message], replace(change, body=body), "")
        stands = _asked_back(rows)
        if stands:
            return await self._let_stand(message, stands)
        held = [row for row in rows[1:] if row.state == Sent.HELD]
        return await self._each(held, self._anew(), "nothing of it is held")

    async def release_with(self, rows: Sequence[Row], numbers: Collection[int]) -> int:
        """The same, with no other media than these; without any, also of a delivery."""
        message = rows[0]
        if message.queue != Queue.REVIEW or message.state != State.HELD:
            return await self._release_bare(rows, numbers)
        policy = self._policy(message)
        left = only_these(await self.record_of(message), numbers)
        if policy.danger == "redact":  # else what was cut before stays cut: so it was shown
            left = guarded(left, policy)
        change = released(policy, self._core.clock.now(), draw)
        body = store(replace(left, going=None), self._keys().storage, message.id)
        return await self._each([message], replace(change, body=body), "")

    async def _release_bare(self, rows: Sequence[Row], numbers: Collection[int]) -> int:
        if numbers:
            raise Asked("its media are chosen while the message is held, not on its way")
        storage, changed = self._keys().storage, 0
        held = [row for row in rows[1:] if row.state == Sent.HELD and not stands_whole(row)]
        for row in held:
            note = going_bare(row, storage)
            if note is None:
                raise Asked("it was prepared with its media: release it as it is, or drop it")
            changed += await self._each([row], replace(self._anew(), note=note), "")
        if not held:
            raise Asked("nothing of it is held")
        return changed

    async def _whole(self, message: Row, policy: Policy) -> bytes | None:
        """Its body anew, where its channel has begun to redact after it was reviewed, or it was
        released before, and less of it: a person wants it whole now."""
        if self._core.keys is None:
            return None
        record = await self.record_of(message)
        made = guarded(record, policy) if policy.danger == "redact" else record
        if made.going is not None:
            made = replace(made, going=None)
        return None if made is record else store(made, self._core.keys.storage, message.id)

    async def record_of(self, message: Row) -> Record:
        """What is kept of a message that was read. Raises Asked."""
        storage = self._keys().storage
        try:
            body = await self._spool.body(message.seq)
            record = restore(body, storage, message.id) if body else None
        except Damaged:
            record = None
        if record is None or record.message is None:
            raise Asked("nothing is kept of it, or it was not read yet")
        return record

    def _keys(self) -> ExitKeys:
        if self._core.keys is None:
            raise Asked("exit.key is locked: unlock it first")
        return self._core.keys

    async def retry(self, rows: Sequence[Row]) -> int:
        """Try again now what waits, was refused, is in doubt or was set aside."""
        message = rows[0]
        if message.state == State.QUARANTINED:
            sealed = message.why in ("damaged envelope", "sealed to other keys", "body missing")
            queue = Queue.INBOX if sealed else Queue.READ
            return await self._each([message], Change(queue, State.WAITING, due=0), "")
        withdrawn = any(is_withdrawn(row) or row.state == Sent.WITHDRAWN for row in rows[1:])
        may = _UNDER_WAY if withdrawn else (*_UNDER_WAY, Sent.REFUSED)
        again = [row for row in rows[1:] if row.state in may and not is_withdrawn(row)]
        if not again and withdrawn:
            raise Asked("it was withdrawn: `relay queue withdraw` tries that again")
        doubtful = [row for row in again if row.state == Sent.UNSURE]
        sure = [row for row in again if row.state != Sent.UNSURE]
        nothing = "nothing of it can be tried again"
        if any(row.state == Sent.REROUTED for row in rows[1:]):
            nothing = "it went elsewhere instead, and that has ended: `relay queue show` says where"
        changed = 0
        if sure or not again:
            changed += await self._each(sure, self._anew(), nothing)
        if doubtful:  # looked up first, at once: nobody has decided about it
            changed += await self._each(doubtful, Change(Queue.POST, Sent.UNSURE, due=0), nothing)
        for row in again:
            self._core.nudge(row.name)
        return changed

    async def posted(self, rows: Sequence[Row], name: str, url: str) -> int:
        """A person saw it on the platform: nobody need ask any more whether it is there."""
        storage = self._keys().storage
        doubtful = [row for row in rows[1:] if row.state in (Sent.UNSURE, Sent.HELD)]
        chosen = [row for row in doubtful if name in ("", row.name)]
        if not chosen:
            raise Asked("nothing of it is unsure or held there")
        if len(chosen) > 1:
            raise Asked("it is unsure or held in several places: name one with --destination")
        note = seen_by_a_person(chosen[0], url, storage)
        posted = Change(Queue.ENDED, Sent.POSTED, due=None, note=note, body=b"")
        return await self._each(chosen, posted, "")

    async def drop(self, rows: Sequence[Row]) -> int:
        """End what of it is not public; what is public stays."""
        message = rows[0]
        if _is_whole(message):
            dropped = Change(Queue.ENDED, State.DROPPED, due=None, why=_DROPPED)
            return await self._each([message], dropped, "")
        stands = _asked_back(rows)
        if stands:
            return await self._let_stand(message, stands)
        left = [row for row in rows[1:] if row.state in _UNDER_WAY]
        dropped = Change(Queue.ENDED, Sent.DROPPED, due=None, why=_DROPPED, body=b"")
        nothing = "all of it has ended; what is public stays public"
        return await self._each(left, dropped, nothing) + await self._each_new(rows, dropped)

    async def destroy(self, rows: Sequence[Row]) -> int:
        """Drop it, and destroy at once all that is kept of it: text, parts, media. Its rows stay
        for the sum, and what is public stays public, also of a message that has ended. So are its
        corrections, which have the same text; while exit.key is locked nobody knows them."""
        rows = [*rows, *await self._kin(rows[0])]
        if any(row.state == Sent.SENDING for row in rows):
            raise Asked(_BEING_SENT)
        changes = [(row, self._destroyed(row)) for row in rows]
        if not await with_originals(self._spool, changes):
            raise Asked(_BUSY)
        await self._spool.scrub()
        return len(rows)

    async def _kin(self, message: Row) -> list[Row]:
        """All rows of what corrects this message, or of what it corrects."""
        if self._core.keys is None:
            return []
        kin = await kin_of(self._spool, self._core.keys, message)
        return [row for one in kin for row in await self._spool.family(one.seq)]

    def _destroyed(self, row: Row) -> Change:
        """The row without its body; dropped, if it had not ended."""
        keys, note = self._core.keys, None
        if keys is not None and row.seq != row.root and row.note:
            note = forgetting(row, keys.storage)
        if stands_whole(row) and row.seq != row.root:
            return Change(Queue.ENDED, Sent.POSTED, due=None, note=note, body=b"")
        goes_on = _is_whole(row) if row.seq == row.root else row.state in _UNDER_WAY
        if goes_on:
            return Change(Queue.ENDED, State.DROPPED, due=None, why=_DROPPED, note=note, body=b"")
        why = _DESTROYED if is_joined(row) else row.why  # else it might be had back, empty
        return Change(row.queue, row.state, due=row.due, why=why, note=note, body=b"")

    async def _let_stand(self, message: Row, stands: Sequence[Row]) -> int:
        """Its sender wants it back, and a person lets it stand where it is."""
        decided = Change(message.queue, message.state, due=message.due)
        posted = Change(Queue.ENDED, Sent.POSTED, due=None)
        changes = [(message, decided), *((row, posted) for row in stands)]
        if not await self._spool.change_all(changes):
            raise Asked(_BUSY)
        return len(stands)

    def _anew(self) -> Change:
        """Released by the word of a person: how old it is counts from now on."""
        hour = hour_of(self._core.clock.now())
        return Change(Queue.POST, Sent.WAITING, due=0, hour=hour)

    def _policy(self, message: Row) -> Policy:
        policy = self._core.policies.get(message.name)
        if policy is None:
            raise Asked("its channel is not in the settings: add it and start the relay again")
        return policy

    async def _each(self, rows: Sequence[Row], change: Change, otherwise: str) -> int:
        if not rows:
            raise Asked(otherwise)
        changed = 0
        for row in rows:
            changed += await self._spool.change(row, change)
        if not changed:
            raise Asked(_BUSY)
        return changed

    async def _each_new(self, rows: Sequence[Row], change: Change) -> int:
        """The same for what took the place of one of these rows after they were looked up, or came
        back."""
        known = {row.seq for row in rows if row.queue == Queue.POST}
        changed = 0
        for row in await self._spool.family(rows[0].seq):
            if row.seq not in known and row.queue == Queue.POST:
                changed += await self._spool.change(row, change)
        return changed


def _asked_back(rows: Sequence[Row]) -> list[Row]:
    """The deliveries that are public as a whole, and held since the sender wants them back."""
    return [row for row in rows[1:] if stands_whole(row)]


def stays_public(rows: Sequence[Row]) -> bool:
    """Whether some of a message is public, and nobody has taken it away: its rows, or those of it
    from before it was dropped."""
    return any(row.state == Sent.POSTED or is_withdrawn(row) for row in rows[1:])


def _is_whole(message: Row) -> bool:
    """Whether it has no deliveries yet, or will never have any."""
    return message.queue in _OPENING or message.state == State.QUARANTINED
