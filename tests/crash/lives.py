"""Processes that post one message and are killed: the engine, a spool on disk, and a real bridge.

Each life is a process of its own, forked from one that has imported everything and has no threads.
It opens the spool, takes the delivery as far as it goes in virtual time (the clock is shared, so
that time does not run backwards from one life to the next), and writes down how it ended. What
stands on the platform is asked of the platform.
"""

from __future__ import annotations

import importlib
import json
import multiprocessing
import os
import signal
from contextlib import suppress
from ctypes import c_longlong
from dataclasses import dataclass
from multiprocessing.process import BaseProcess
from multiprocessing.sharedctypes import Synchronized
from pathlib import Path
from typing import Any

import trio

from relay.model import Post
from relay.reach.http import HttpOut
from relay.spool.sqlite import SqliteSpool
from relay.testing.dying import Dying, Fate
from relay.testing.journey import LONGEST_S, Journey
from relay.testing.stand import Stand, trusting

PROCESSES = multiprocessing.get_context("forkserver")
PROCESSES.set_forkserver_preload(["lives", "relay.testing.platform_contract"])

PATIENCE_S = 5.0


class SharedClock:
    """``ports.Clock`` that several processes see alike."""

    def __init__(self, at: Synchronized[int]) -> None:
        self._at = at

    def now(self) -> int:
        return self.at

    @property
    def at(self) -> int:
        return self._at.value

    @at.setter
    def at(self, now: int) -> None:
        self._at.value = now


def shared_clock(at: int) -> tuple[SharedClock, Synchronized[int]]:
    value = PROCESSES.Value(c_longlong, at, lock=True)
    return SharedClock(value), value


def begin(kind: str, stand: Stand, post: Post, at: Synchronized[int], folder: Path) -> BaseProcess:
    """Start a life. ``kind`` is a bridge as an entry point names it."""
    how = (dict(stand.settings), stand.authority)
    life = PROCESSES.Process(target=_live, args=(kind, *how, _plain(post), at, folder))
    life.start()
    return life


def end(life: BaseProcess) -> None:
    """SIGKILL, and wait until it is gone."""
    if life.pid is not None and life.is_alive():
        with suppress(ProcessLookupError):  # it has ended by itself, just now
            os.kill(life.pid, signal.SIGKILL)
    life.join(10)
    assert life.exitcode is not None


@dataclass(frozen=True, slots=True)
class End:
    """How a delivery ended: its state, the reason, and how many parts the node knows as public."""

    state: str
    why: str
    parts: int


def told(folder: Path) -> End | None:
    """What the last life wrote; None if none has come so far."""
    try:
        return End(*json.loads((folder / "end").read_text()))
    except (OSError, ValueError):
        return None


def _live(
    kind: str,
    settings: dict[str, Any],
    authority: str,
    post: tuple[Any, ...],
    at: Synchronized[int],
    folder: Path,
) -> None:
    trio.run(_living, kind, settings, authority, Post(*post), SharedClock(at), folder)


async def _living(
    kind: str,
    settings: dict[str, Any],
    authority: str,
    post: Post,
    clock: SharedClock,
    folder: Path,
) -> None:
    module, _, name = kind.partition(":")
    cls = getattr(importlib.import_module(module), name)
    spool = SqliteSpool.open(
        folder / "data",
        folder / "seen",
        clock=clock,
        min_free_bytes=0,
        ballast_bytes=0,
        on_broken=lambda: None,
    )
    async with HttpOut(None, tls=trusting(authority)) as out:

        def build(fate: Fate) -> tuple[Any, Dying]:
            http = Dying(out, fate, PATIENCE_S)
            return cls(cls.Settings(**settings), http, clock), http

        journey = Journey(build, post, clock, spool=spool)  # type: ignore[arg-type]
        await journey.accepted()
        await journey.life(clock.at + LONGEST_S)
        row = await journey.delivery()
    beside = folder / "end.new"
    beside.write_text(json.dumps([str(row.state), row.why, len(journey.refs(row))]))
    beside.rename(folder / "end")
    os._exit(0)  # what a clean end does besides is not what is looked at here


def _plain(post: Post) -> tuple[Any, ...]:
    """The fields of a post in order: it has slots and no repr, and is small."""
    return tuple(getattr(post, name) for name in Post.__slots__)
