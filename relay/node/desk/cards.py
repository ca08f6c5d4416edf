"""What the desk is told of every message: the index that it searches and sorts is made of cards."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from typing import Any, Final

import trio

from relay.exit.approving import kinds_of
from relay.exit.reply import unreleased
from relay.exit.sheet import Approval
from relay.exit.withdraw import is_asked_back
from relay.model import Queue, Row, Sent, State, Whole
from relay.node.desk.messages import Messages, Seen, opened
from relay.node.large import beside
from relay.ports import Spool
from relay.rules.policy import KNOWN
from relay.wire.keys import ExitKeys

Card = Mapping[str, Any]

MOST: Final = 500
"""Cards in one answer."""

SLICE: Final = 50
"""Messages that are opened before others get their turn: a few milliseconds."""

MOST_TEXT: Final = 100_000
"""Characters of a text on a card: what is longer is shown whole on a page of its own."""

MOST_CHARS: Final = 1_000_000
"""Characters of all texts in one answer, but for the last of them."""

ASIDE: Final = "set aside"

_READ: Final = (Queue.REVIEW, Queue.DELIVER, Queue.ASSIGNED, Queue.ENDED)


class Cards:
    """Makes the cards of one node."""

    def __init__(
        self,
        spool: Spool,
        messages: Messages,
        why: Callable[[Row], str],
        standing: Callable[[Seen], Sequence[Approval]],
        rest: Callable[[float], Awaitable[None]],
    ) -> None:
        """``why`` is what there is to say of a row; ``standing`` are the approvals of a message
        that are worth something still; ``rest`` lets those go first who arrive, after so many
        seconds of work."""
        self._spool = spool
        self._messages = messages
        self._why = why
        self._standing = standing
        self._rest = rest

    async def after(self, seq: int, limit: int = MOST) -> tuple[list[Card], int]:
        """At most so many cards of the messages after a seq; and after which seq to go on, which
        is the same where there are no more."""
        cards: list[Card] = []
        room = MOST_CHARS
        while len(cards) < limit and room > 0:
            most = min(SLICE, limit - len(cards))
            wholes = await self._spool.wholes(after=seq, limit=most)
            if not wholes:
                break
            seq = wholes[-1].message.seq
            made, _ = await self._made(wholes)
            cards += made
            room -= sum(len(card["text"]) for card in made)
        return cards, seq

    async def of(self, seqs: Sequence[int]) -> AsyncIterator[tuple[list[Card], list[int]]]:
        """The cards of these messages, a few at a time, and which of them are gone."""
        for at in range(0, len(seqs), SLICE):
            some = sorted(seqs[at : at + SLICE])
            after = 0
            missing = set(some)
            while wholes := await self._spool.wholes(after=after, among=some):
                after = wholes[-1].message.seq
                missing -= {whole.message.seq for whole in wholes}
                yield await self._made(wholes)
            if missing:
                yield [], sorted(missing)

    async def _made(self, wholes: Sequence[Whole]) -> tuple[list[Card], list[int]]:
        began = trio.current_time()
        cards, gone, keys = [], [], self._messages.keys
        for whole in wholes:
            seen = await self._seen(whole, keys)
            if seen is not None:
                self._messages.met(whole.message)
                cards.append(self._card(seen))
            elif whole.message.queue in _READ:
                gone.append(whole.message.seq)
        await trio.lowlevel.checkpoint()
        await self._rest(trio.current_time() - began)
        return cards, gone

    async def _seen(self, whole: Whole, keys: ExitKeys) -> Seen | None:
        """A message that has a card; None for what was not read yet, or is none, or is not kept."""
        row = whole.message
        if row.queue not in _READ or row.state in (State.COMMAND, State.QUARANTINED):
            return None
        return await beside(len(row.body), opened, whole, keys)

    def _card(self, seen: Seen) -> Card:
        row, record, sheet = seen.row, seen.record, seen.sheet
        message, deliveries = record.message, seen.whole.deliveries
        assert message is not None
        asked_back = any(is_asked_back(one) for one in deliveries)
        in_review = row.queue == Queue.REVIEW and row.state == State.HELD
        held = [one for one in deliveries if one.state == Sent.HELD]
        flags = dict.fromkeys((*record.flags, *message.flags))
        return {
            "seq": row.seq,
            "id": row.id.hex(),
            "rev": row.rev,
            "queue": row.queue.value,
            "state": str(row.state),
            "held": in_review or bool(held),
            "outbox_until": None if sheet.decided is None else sheet.decided.until,
            "due": row.due if row.queue == Queue.DELIVER else None,
            "channel": record.channel,
            "transport": record.transport,
            "hour": row.hour,
            "language": message.language,
            "title": message.title,
            "text": message.text[:MOST_TEXT],
            "kinds": sorted(kinds_of(record) | set(sheet.kinds)),
            "media": [medium.type for medium in message.media],
            "flags": list(flags),
            "author": record.author_tags[0].hex() if record.author_tags else "",
            "network": record.network_tags[0].hex() if record.network_tags else "",
            "known": KNOWN in flags,
            "assignee": sheet.assignee,
            "notes": len(sheet.notes),
            "confirmed": self._confirmed(seen) if sheet.approvals else [],
            "asked_back": asked_back,
            "replies": len(unreleased(record)),
            "aside": in_review and ASIDE in row.why,
            "why": self._why(row) or next((self._why(one) for one in held), ""),
            "corrects": record.corrects is not None,
            "destinations": {one.name: str(one.state) for one in deliveries},
        }

    def _confirmed(self, seen: Seen) -> list[str]:
        return list(dict.fromkeys(one.handle for one in self._standing(seen)))
