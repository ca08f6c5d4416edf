"""The ways back of one door: every transport that answers, its caps, and its outbox."""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Any

from relay.config.inward import FormIn
from relay.config.inward.common import Answering, AnsweringBySms, WayIn
from relay.entry.answer import Answers, HandOn, Reply
from relay.entry.caps import Bounds, Caps
from relay.errors import KeyFileError
from relay.keyfiles import Kept
from relay.node.inward import AnswerTo, Serving
from relay.node.outbox import Outbox
from relay.ports import Clock
from relay.rules.budgets import Use
from relay.wire.frames import Answer, Answered, AnswersUsed
from relay.wire.token import ReturnKey


class WaysBack:
    """Filled while the transports are opened; run with them afterwards."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._counts: Counter[str] = Counter()
        self._hand_on: dict[str, HandOn] = {}
        self._outboxes: dict[str, Outbox] = {}
        self._caps: dict[str, Caps] = {}
        self._kept: dict[str, Kept] = {}
        self._told: dict[str, Use] = {}
        self._answers = Answers(self._hand_on)
        self._waited_for: dict[str, HandOn] = {}
        self._if_waiting = Answers(self._waited_for)
        self._giving: set[asyncio.Task[Any]] = set()

    def add(self, name: str, at: WayIn, answer: AnswerTo, kept: Kept) -> None:
        """A transport that may answer. ``kept`` holds how many answers went this day and month."""
        caps = _caps(at, kept)
        if caps is not None:
            self._caps[name] = caps
            self._kept[name] = kept
        outbox = Outbox(
            answer,
            caps,
            kept,
            self._clock,
            self._counts,
            at.answers_every if isinstance(at, Answering) else 0,
        )
        self._hand_on[name] = outbox.put
        self._outboxes[name] = outbox
        if isinstance(at, FormIn):
            self._waited_for[name] = partial(self._give, answer)

    def _give(self, answer: AnswerTo, reply: Reply) -> None:
        """To who waits at this door, if anybody does; the newest door has counted it."""
        task = asyncio.create_task(_tried(answer, reply))
        self._giving.add(task)
        task.add_done_callback(self._giving.discard)

    def running(self) -> list[Serving]:
        """What runs as long as the transports do."""
        return [outbox.run() for outbox in self._outboxes.values()]

    def known(self) -> dict[str, Any]:
        """What goes over to the door that comes after this one: its caps, and the answers that
        wait, which are not this one's any more."""
        return {
            "caps": {name: caps.known() for name, caps in self._caps.items()},
            "waiting": {
                name: [(one.way_back, one.text) for one in outbox.taken_out()]
                for name, outbox in self._outboxes.items()
            },
        }

    def learn(self, known: Mapping[str, Any]) -> None:
        """Go on where the door before ended; its counts lie where ours will."""
        for name, caps in self._caps.items():
            caps.learn(_loaded(self._kept[name]), known.get("caps", {}).get(name, {}))
        for name, replies in known.get("waiting", {}).items():
            for reply in replies:
                if name in self._outboxes:
                    self._outboxes[name].put(Reply(*reply))

    async def still(self, within_s: float) -> None:
        """Wait until no answer is on its way out, but not for long."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(within_s):
                for outbox in self._outboxes.values():
                    await outbox.still.wait()

    def renew(self, keys: Sequence[ReturnKey]) -> None:
        """These days' tokens are good from now on."""
        self._answers.renew(keys)
        self._if_waiting.renew(keys)

    def answer(self, frame: Answer) -> None:
        """An answer from the core, on to its transport."""
        if frame.waits:
            self._if_waiting.answer(frame.token, frame.sealed)
        elif not self._answers.answer(frame.token, frame.sealed):
            self._counts["failed"] += 1

    def counted(self) -> Answered | None:
        """What became of answers since the last call; None if there was none."""
        found = Answered(self._counts["answered"], self._counts["capped"], self._counts["failed"])
        self._counts.clear()
        return None if found == Answered(0, 0, 0) else found

    def used(self) -> Iterator[AnswersUsed]:
        """How many answers went this day and month by each transport of which that is new."""
        now = self._clock.now()
        for name, caps in self._caps.items():
            use = caps.used(now)
            if self._told.get(name) != use:
                self._told[name] = use
                day, month = use.day, use.month
                yield AnswersUsed(name, day.begins, day.used, month.begins, month.used)


def _caps(at: WayIn, kept: Kept) -> Caps | None:
    """None for a transport that answers only whoever waits for it at that moment, as a form."""
    if not isinstance(at, Answering):
        return None
    prefixes = at.answer_prefixes if isinstance(at, AnsweringBySms) else ()
    bounds = Bounds(at.answers_per_day, at.answers_per_sender, prefixes, at.most_per_month)
    return Caps(bounds, _loaded(kept))


async def _tried(answer: AnswerTo, reply: Reply) -> None:
    with contextlib.suppress(Exception):  # whatever it says could name the sender
        await answer(reply.way_back, reply.text)


def _loaded(kept: Kept) -> bytes | None:
    """What was kept; where it cannot be read, what counts as used up."""
    try:
        return kept.load()
    except (KeyFileError, OSError):
        return b""
