"""The ways back of one door: every transport that answers, its caps, and its outbox."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from relay.config.inward.common import Answering, AnsweringBySms, WayIn
from relay.entry.answer import Answers, HandOn
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
        self._outboxes: list[Outbox] = []
        self._caps: dict[str, Caps] = {}
        self._told: dict[str, Use] = {}
        self._answers = Answers(self._hand_on)

    def add(self, name: str, at: WayIn, answer: AnswerTo, kept: Kept) -> None:
        """A transport that may answer. ``kept`` holds how many answers went this day and month."""
        caps = _caps(at, kept)
        if caps is not None:
            self._caps[name] = caps
        outbox = Outbox(
            answer,
            caps,
            kept,
            self._clock,
            self._counts,
            at.answers_every if isinstance(at, Answering) else 0,
        )
        self._hand_on[name] = outbox.put
        self._outboxes.append(outbox)

    def running(self) -> list[Serving]:
        """What runs as long as the transports do."""
        return [outbox.run() for outbox in self._outboxes]

    def renew(self, keys: Sequence[ReturnKey]) -> None:
        """These days' tokens are good from now on."""
        self._answers.renew(keys)

    def answer(self, frame: Answer) -> None:
        """An answer from the core, on to its transport."""
        if not self._answers.answer(frame.token, frame.sealed):
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
    try:
        return Caps(bounds, kept.load())
    except (KeyFileError, OSError):
        return Caps(bounds, b"")
