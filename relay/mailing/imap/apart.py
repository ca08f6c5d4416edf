"""A thread for one session: a loop may wait for it, and may leave it at once.

The loop's own threads would do, were it not that a process waits for them at its end, for as long
as a server is silent. This one is a daemon: who was cancelled cuts the connection and goes.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from queue import SimpleQueue
from threading import Thread
from types import TracebackType
from typing import Any, Final, ParamSpec, TypeVar

from relay.mailing.imap.session import Session
from relay.mailing.imap.trouble import Trouble

P = ParamSpec("P")
T = TypeVar("T")

GOODBYE_S: Final = 3.0
"""Seconds a server gets to say goodbye."""

Job = tuple["asyncio.Future[Any]", Callable[[], Any]]


class Apart:
    """``async with Apart(session) as apart: await apart.do(10, session.uids, 1)``."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._jobs: SimpleQueue[Job | None] = SimpleQueue()
        self._loop = asyncio.get_running_loop()
        self._thread = Thread(target=self._work, name="mailbox", daemon=True)

    async def __aenter__(self) -> Apart:
        self._thread.start()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Log out after a good end; after any other cut the connection, which ends the thread."""
        try:
            if error is None:
                with contextlib.suppress(Trouble):
                    await self.do(GOODBYE_S, self._session.close)
            else:
                self._session.abort()
        finally:
            self._jobs.put(None)

    async def do(
        self, within_s: float, call: Callable[P, T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """What a call gives, made in the thread. Raises what it raises, and Trouble after
        ``within_s`` seconds: then the connection is cut."""
        future: asyncio.Future[T] = self._loop.create_future()
        self._jobs.put((future, lambda: call(*args, **kwargs)))
        try:
            async with asyncio.timeout(within_s):
                return await future
        except TimeoutError:
            self._session.abort()
            raise Trouble("blocked", "it is too slow: it is tried again") from None

    def _work(self) -> None:
        while (job := self._jobs.get()) is not None:
            future, call = job
            try:
                done = (future.set_result, call())
            except Exception as error:
                done = (future.set_exception, error)
            with contextlib.suppress(RuntimeError):  # the loop has ended
                self._loop.call_soon_threadsafe(_unless_left, future, *done)
            del job, future, call, done  # a mail must not stay here until the next one
        self._session.close()


def _unless_left(future: asyncio.Future[Any], end: Callable[[Any], None], value: Any) -> None:
    if not future.done():
        end(value)
