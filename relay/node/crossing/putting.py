"""What an entry stores of an envelope: itself, and a crossing for each exit that can open it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from random import SystemRandom

from relay.errors import Damaged
from relay.model import NewRow, Queue, Sent, State
from relay.node.crossing.bundles import Bundles
from relay.node.doorway import RowOf
from relay.ports import Clock
from relay.rules.crossing import due_at
from relay.wire import frames
from relay.wire.envelope import look

_drawn = SystemRandom().random


def outbound(
    bundles: Bundles,
    after_s: Mapping[str, int],
    clock: Clock,
    drawn: Callable[[], float] = _drawn,
) -> RowOf:
    """What is stored of each envelope. ``after_s``: after how many seconds an exit gets what no
    other has taken over by then."""

    def row_of(sealed: frames.Sealed) -> NewRow:
        header = look(sealed.envelope)
        if header.id != sealed.id:
            raise Damaged
        now, hour = clock.now(), sealed.hour
        then = [
            NewRow(
                Queue.OUTBOUND,
                Sent.WAITING,
                sealed.id,
                hour,
                due=due_at(now, hour, after_s[peer], drawn()),
                name=peer,
            )
            for peer in bundles.peers_of(header.key_ids)
        ]
        return NewRow(
            Queue.ASSIGNED,
            State.WAITING,
            sealed.id,
            hour,
            due=None,
            body=sealed.envelope,
            keys=sealed.keys,
            then=tuple(then),
        )

    return row_of
