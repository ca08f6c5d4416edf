"""The core's side of one door: envelopes in, and the one number that lets the door say yes.

The answer is sent by the spool's own thread, right after the commit: handing it back through the
loop costs more than the border between the processes.
"""

from __future__ import annotations

import contextlib
import time
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from threading import Lock
from typing import Any

import trio

from relay.errors import SpoolBroken
from relay.model import Known, NewRow, Queue, State, Stored
from relay.node.arrivals import Arrivals
from relay.node.pipes import Pipe, PipeEnded
from relay.ports import PutDone, Spool
from relay.wire import frames

RowOf = Callable[[frames.Sealed], NewRow]
"""What is stored of an envelope. Raises Damaged for one that goes nowhere."""


def of_inbox(sealed: frames.Sealed) -> NewRow:
    """An envelope that this very node opens."""
    return NewRow(
        Queue.INBOX,
        State.WAITING,
        sealed.id,
        sealed.hour,
        body=sealed.envelope,
        keys=sealed.keys,
    )


class Doorway:
    """Stores what one door hands over. Puts are committed in the order they came in. ``durable`` is
    told of each of them that is, with the ``time.perf_counter`` of its coming, in the spool's
    thread."""

    def __init__(
        self,
        pipe: Pipe,
        spool: Spool,
        other: Callable[[Any], Awaitable[None]],
        arrivals: Arrivals,
        durable: Callable[[float], None] = lambda began: None,
        row_of: RowOf = of_inbox,
    ) -> None:
        self._row_of = row_of
        self._arrivals = arrivals
        self._durable = durable
        self._pipe = pipe
        self._spool = spool
        self._other = other
        self._token = trio.lowlevel.current_trio_token()
        self._lock = Lock()
        self._left: deque[object] = deque()
        self.serves = False
        """Whether the door has opened a way in."""

    async def said(self, frame: Any) -> None:
        """One frame of the door. A Put is answered by the spool; the rest goes to the core. Raises
        Damaged for what no door of ours says."""
        if not isinstance(frame, frames.Put):
            self.serves |= isinstance(frame, frames.Open)
            await self._other(frame)
            return
        self._arrivals.came()
        rows = [self._row_of(one) for one in frame.rows]
        self._spool.put_soon(rows, self._done(frame.n))

    def _done(self, n: int) -> PutDone:
        began = time.perf_counter()

        def done(stored: Sequence[Stored | Known] | Exception) -> None:
            if isinstance(stored, SpoolBroken):
                return  # not answered at all: the core ends, and the door says 451
            refused = isinstance(stored, Exception)  # a full disk, or a fault of this put alone
            self._answer(frames.Full(n) if refused else frames.Durable(n))
            if not refused:
                self._durable(began)

        return done

    def _answer(self, frame: object) -> None:
        """From the spool's thread; the loop takes over only when the door is slow to read.

        In order in any case: a Durable that overtook a Full would say yes for what was refused.
        """
        with self._lock:
            self._left.append(frame)
            if len(self._left) > 1 or self._sent():
                return
        with contextlib.suppress(trio.RunFinishedError):
            self._token.run_sync_soon(trio.lowlevel.spawn_system_task, self._send_what_is_left)

    def _sent(self) -> bool:
        """Send the first of what is left, and take it away. False: no room for it now."""
        try:
            if not self._pipe.send_now(self._left[0]):
                return False
        except PipeEnded:
            pass  # the door is gone, and with it everybody who waited for this
        self._left.popleft()
        return True

    async def _send_what_is_left(self) -> None:
        while True:
            with self._lock:
                while self._left and self._sent():
                    pass
                if not self._left:
                    return
            await self._pipe.room()

    async def tell(self, frame: object) -> bool:
        """Send a frame to the door; False if it is gone."""
        try:
            await self._pipe.send(frame)
        except PipeEnded:
            return False
        return True
