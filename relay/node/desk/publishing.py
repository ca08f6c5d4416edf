"""publish: a person lets a message go, two persons where its channel says so, its equals too."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import aclosing
from dataclasses import replace
from typing import Final

import trio

from relay.errors import Asked
from relay.exit.amending import DESK
from relay.exit.approving import (
    approved,
    as_the_first_wanted,
    digest_of,
    kinds_of,
    needs_two,
)
from relay.exit.equals import JOINED, is_joined
from relay.exit.going import going_as
from relay.exit.guard import guarded
from relay.exit.progress import going_bare
from relay.exit.record import Record, store
from relay.exit.review import released
from relay.exit.sheet import Approval, Choice, Sheet
from relay.exit.withdraw import is_withdrawn, stands_whole
from relay.model import Change, Instant, Queue, Row, Sent, State, hour_of
from relay.node.desk.deed import Deed, Plan, moving
from relay.node.desk.messages import Messages, Node, Seen
from relay.node.large import beside
from relay.node.workers import draw
from relay.rules.policy import Policy

DELIVERIES: Final = "deliveries"
LOOKS: Final = 2
"""Messages whose equals are looked at, at a time: those may have films as well."""

MEDIA_LATE: Final = "its media are chosen while the message is held, not on its way"


class Publishing:
    """Lets messages of one node go."""

    def __init__(self, core: Node, messages: Messages) -> None:
        self._core = core
        self._messages = messages
        self._looks = trio.CapacityLimiter(LOOKS)

    async def plan(self, seen: Seen, deed: Deed, choice: Choice) -> Plan:
        """What becomes of a message that is held, or ended since an equal one was published; or of
        deliveries that are held. What its sender wants back, and is public, stands. Raises
        Asked."""
        if _is_whole(seen.row):
            return await self._message(seen, deed, choice)
        stands = [row for row in seen.whole.deliveries if stands_whole(row)]
        return let_stand(seen, deed, stands) if stands else self._deliveries(seen, deed, choice)

    def standing(self, seen: Seen) -> tuple[Approval, ...]:
        """The approvals of a message that are worth something still: what they were of is what
        would go out."""
        policy = self._core.policies.get(seen.row.name)
        if policy is None:
            return ()
        return tuple(
            one for one in seen.sheet.approvals if one.digest == self._of(one, seen, policy)
        )

    def _of(self, one: Approval, seen: Seen, policy: Policy) -> bytes:
        """The digest that this approval would have now."""
        try:
            if _is_whole(seen.row):
                record = _as_its_channel_wants(seen.record, policy)
                return digest_of(record, seen.row.name, policy.destinations, one.choice)
            names = [row.name for row in seen.whole.deliveries if _may_go(row, one.choice)]
            return digest_of(seen.record, seen.row.name, names, one.choice, DELIVERIES)
        except Asked:  # the media that were chosen are not there any more
            return b""

    # ------------------------------------------------------------ a message

    async def _message(self, seen: Seen, deed: Deed, choice: Choice) -> Plan:
        policy = self._policy(seen.row)
        choice = as_the_first_wanted(seen.sheet, deed.by, choice)
        if not set(policy.destinations) - set(choice.without):
            raise Asked("nothing is left of where it was to go: drop it instead")
        record = _as_its_channel_wants(seen.record, policy)
        places = policy.destinations
        digest = await beside(seen.size, digest_of, record, seen.row.name, places, choice)
        equals, marked = await self._equals(seen, choice)
        sheet = _with_kinds(seen.sheet, marked)
        if needs_two(policy, (*kinds_of(record), *sheet.kinds)):
            sheet, both = approved(sheet, Approval(deed.by, digest, deed.name, choice))
            if not both:
                return Plan((), sheet, 0, waits=True)
        go = await self._go(seen, record, policy, deed, choice)
        joined = Change(Queue.ENDED, State.JOINED, due=None, why=JOINED)
        changes = [(seen.row, go), *((row, joined) for row in equals)]
        ended = dict.fromkeys((*sheet.equals, *(row.seq for row in equals)))
        sheet = replace(sheet, equals=tuple(ended))
        return moving(replace(seen, sheet=sheet), deed, changes)

    async def _go(
        self, seen: Seen, record: Record, policy: Policy, deed: Deed, choice: Choice
    ) -> Change:
        change = released(policy, deed.now, draw)
        if record.transport == DESK:  # its hour tells nothing of a sender
            change = replace(change, due=deed.now)
        assert change.due is not None
        due = max(change.due, deed.until, choice.not_before)
        made = going_as(record, choice)
        if made == seen.record:
            return replace(change, due=due)
        storage = self._messages.keys.storage
        body = await beside(seen.size, store, made, storage, seen.row.id)
        return replace(change, due=due, body=body)

    async def _equals(self, seen: Seen, choice: Choice) -> tuple[list[Row], frozenset[str]]:
        """The equal messages of its channel that are held still, without their bodies, and the
        danger in them. Of one that is not held, somebody has decided; what puts another right has
        to reach that."""
        rows: list[Row] = []
        marked: frozenset[str] = frozenset()
        looked_at = aclosing(self._messages.each_seen(choice.joins))
        async with self._looks, looked_at as equals:
            async for one in equals:
                other = one.row.seq != seen.row.seq and one.record.corrects is None
                if other and is_held(one.row) and one.row.name == seen.row.name:
                    rows.append(replace(one.row, body=b""))
                    marked |= kinds_of(one.record)
        return rows, marked

    # ------------------------------------------------------------ deliveries

    def _deliveries(self, seen: Seen, deed: Deed, choice: Choice) -> Plan:
        held = [row for row in seen.whole.deliveries if _may_go(row, choice)]
        if not held:
            raise Asked("nothing of it is held")
        bare = choice.chosen and not choice.only and deed.until <= deed.now
        if choice.chosen and not bare:
            raise Asked(MEDIA_LATE)
        policy, sheet = self._policy(seen.row), seen.sheet
        if needs_two(policy, (*kinds_of(seen.record), *sheet.kinds)):
            names = sorted(row.name for row in held)
            digest = digest_of(seen.record, seen.row.name, names, choice, DELIVERIES)
            sheet, both = approved(sheet, Approval(deed.by, digest, deed.name, choice))
            if not both:
                return Plan((), sheet, 0, waits=True)
        due: Instant = max(deed.until, choice.not_before) if deed.until > deed.now else 0
        anew = Change(Queue.POST, Sent.WAITING, due=due, hour=hour_of(max(deed.now, due)))
        changes = [(row, self._bare(row, anew) if bare else anew) for row in held]
        return moving(replace(seen, sheet=sheet), deed, changes)

    def _bare(self, row: Row, change: Change) -> Change:
        """The same without its media; that cannot be undone."""
        note = going_bare(row, self._messages.keys.storage)
        if note is None:
            raise Asked("it was prepared with its media: release it as it is, or drop it")
        return replace(change, note=note)

    def _policy(self, message: Row) -> Policy:
        policy = self._core.policies.get(message.name)
        if policy is None:
            raise Asked("its channel is not in the settings: add it and start the relay again")
        return policy


def is_held(message: Row) -> bool:
    """Whether a person has to decide about a message as a whole."""
    return message.queue == Queue.REVIEW and message.state == State.HELD


def _is_whole(message: Row) -> bool:
    """Whether a person may let a message go as a whole. One that ended beside an equal one may go
    after all: that one may have been dropped since."""
    return is_held(message) or is_joined(message)


def _as_its_channel_wants(record: Record, policy: Policy) -> Record:
    """Without its dangers, where the channel has begun to redact after it was reviewed."""
    return guarded(record, policy) if policy.danger == "redact" else record


def let_stand(seen: Seen, deed: Deed, stands: Iterable[Row]) -> Plan:
    """Its sender wants it back, and a person lets it stand where it is."""
    row = seen.row
    decided = Change(row.queue, row.state, due=row.due)
    posted = Change(Queue.ENDED, Sent.POSTED, due=None)
    return moving(seen, deed, [(row, decided), *((one, posted) for one in stands)])


def _may_go(row: Row, choice: Choice) -> bool:
    return row.state == Sent.HELD and not is_withdrawn(row) and row.name not in choice.without


def _with_kinds(sheet: Sheet, kinds: frozenset[str]) -> Sheet:
    return replace(sheet, kinds=tuple(sorted({*sheet.kinds, *kinds})))
