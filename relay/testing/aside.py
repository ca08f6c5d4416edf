"""A stand-in that serves in a thread of its own, for code that has no loop: a script, the demo.

``with aside(recorder) as hook: ...; hook.ask(lambda one: len(one.made))``. What it is asked is
answered in the stand-in's own thread, between two requests, so that nothing changes meanwhile.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractAsyncContextManager, contextmanager
from typing import Generic, TypeVar

import trio

Made = TypeVar("Made")
Answer = TypeVar("Answer")


class Aside(Generic[Made]):
    """A stand-in in another thread."""

    def __init__(self, made: Made, token: trio.lowlevel.TrioToken) -> None:
        self._made = made
        self._token = token

    def ask(self, question: Callable[[Made], Answer]) -> Answer:
        """Look at the stand-in, or change it. What ``question`` raises is raised here."""
        return trio.from_thread.run_sync(question, self._made, trio_token=self._token)


@contextmanager
def aside(make: Callable[[], AbstractAsyncContextManager[Made]]) -> Iterator[Aside[Made]]:
    """Serve what ``make`` makes until the block ends. What fails while it is made, or in it, is
    raised when the block ends."""
    opened = threading.Event()
    ends = trio.Event()
    made: list[Aside[Made]] = []
    failed: list[BaseException] = []

    async def serve() -> None:
        async with make() as one:
            made.append(Aside(one, trio.lowlevel.current_trio_token()))
            opened.set()
            await ends.wait()

    def main() -> None:
        try:
            trio.run(serve)
        except BaseException as error:  # the thread's guard: its maker is to hear of it
            failed.append(error)
        finally:
            opened.set()

    thread = threading.Thread(target=main, daemon=True)
    thread.start()
    opened.wait()
    try:
        if made:
            yield made[0]
        else:
            raise failed[0]
    finally:
        if made and not failed:
            made[0]._token.run_sync_soon(ends.set)
        thread.join()
    if failed:
        raise failed[0]
