"""Answers on their way out: late and together where they are, capped, tried once, counted."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from relay.entry.answer import Reply
from relay.entry.caps import Bounds, Caps
from relay.model import Later, Outcome, Posted, Refused, Stopped, Unsure
from relay.node import outbox as module
from relay.node.outbox import AT_ONCE, Outbox

NOW = 1_800_000_000


class Clock:
    def now(self) -> int:
        return NOW


class Disk:
    """Where the count lies; ``full`` keeps nothing."""

    def __init__(self) -> None:
        self.saved: list[bytes] = []
        self.full = False

    def save(self, content: bytes) -> None:
        if self.full:
            raise OSError
        self.saved.append(content)


class Hand:
    """Time that passes when the test says so."""

    def __init__(self) -> None:
        self.slept: list[float] = []
        self._passed: asyncio.Queue[None] = asyncio.Queue()

    async def sleep(self, length_s: float) -> None:
        self.slept.append(length_s)
        await self._passed.get()

    async def passes(self) -> None:
        self._passed.put_nowait(None)
        await settled()


class Post:
    """An outbox and what it sent. ``ends`` says how a send ends, or raises."""

    def __init__(self, caps: Caps | None = None, every_s: float = 0.0) -> None:
        self.sent: list[tuple[bytes, str]] = []
        self.ends: Outcome | Exception = Posted("")
        self.disk, self.hand, self.counts = Disk(), Hand(), Counter[str]()
        self.under_way = self.most = 0
        self.go = asyncio.Event()
        self.go.set()
        self.outbox = Outbox(
            self.answer, caps, self.disk, Clock(), self.counts, every_s, self.hand.sleep
        )

    async def answer(self, way_back: bytes, text: str) -> Outcome:
        self.under_way += 1
        self.most = max(self.most, self.under_way)
        await self.go.wait()
        self.under_way -= 1
        self.sent.append((way_back, text))
        if isinstance(self.ends, Exception):
            raise self.ends
        return self.ends

    def put(self, *whos: bytes) -> None:
        for who in whos:
            self.outbox.put(Reply(who, "yes"))

    def run(self, story: Callable[[], Coroutine[Any, Any, None]]) -> None:
        async def both() -> None:
            running = asyncio.create_task(self.outbox.run())
            await settled()
            await story()
            assert not running.done()
            running.cancel()

        asyncio.run(both())


async def settled() -> None:
    """Everything that can happen by itself has: a save takes a thread, and that a moment."""
    for _ in range(20):
        await asyncio.sleep(0)
    await asyncio.to_thread(int)
    for _ in range(20):
        await asyncio.sleep(0)


def test_where_nothing_is_late_an_answer_leaves_at_once() -> None:
    post = Post()

    async def story() -> None:
        for n in range(3):
            post.put(b"a%d" % n)
            await settled()
            assert len(post.sent) == n + 1

    post.run(story)
    assert post.counts == {"answered": 3}
    assert post.hand.slept == [] and post.disk.saved == []


def test_answers_wait_for_each_other_and_leave_together() -> None:
    post = Post(every_s=600)

    async def story() -> None:
        post.put(b"a", b"b")
        await settled()
        assert post.sent == []
        await post.hand.passes()
        assert [way for way, _ in post.sent] == [b"a", b"b"]
        post.put(b"c")
        await settled()
        assert len(post.sent) == 2
        await post.hand.passes()
        await post.hand.passes()
        assert len(post.sent) == 3

    post.run(story)
    first, *others = post.hand.slept
    assert 0 <= first <= 600 and set(others) == {600}


def test_the_count_is_durable_before_an_answer_goes_out_once_for_all_of_them() -> None:
    post = Post(Caps(Bounds(3, 10)), every_s=600)

    async def story() -> None:
        post.put(b"a", b"b", b"c", b"d")
        await post.hand.passes()
        assert len(post.sent) == 3

    post.run(story)
    day = NOW // 86400
    assert post.disk.saved == [b"day %d: 3 answers\nmonth 202701: 3 answers\n" % day]
    assert post.counts == {"answered": 3, "capped": 1}


def test_what_cannot_be_counted_is_not_sent() -> None:
    post = Post(Caps(Bounds(10, 10)))
    post.disk.full = True

    async def story() -> None:
        post.put(b"a")
        await settled()

    post.run(story)
    assert post.sent == []
    assert post.counts["failed"] == 1


@pytest.mark.parametrize(
    "ends",
    [Later(""), Refused(""), Unsure(""), Stopped("", ""), RuntimeError("+15550147382"), OSError()],
)
def test_an_answer_that_fails_is_tried_once_and_counted(ends: Outcome | Exception) -> None:
    post = Post()
    post.ends = ends

    async def story() -> None:
        post.put(b"a", b"b")
        await settled()

    post.run(story)
    assert len(post.sent) == 2
    assert post.counts == {"failed": 2}


def test_a_transport_that_never_ends_holds_up_no_others(monkeypatch: pytest.MonkeyPatch) -> None:
    post = Post()
    post.go.clear()

    async def story() -> None:
        monkeypatch.setattr(module, "SEND_S", 0)
        post.put(b"a")
        await settled()
        assert post.counts == {"failed": 1}
        monkeypatch.undo()
        post.go.set()
        post.put(b"b")
        await settled()

    post.run(story)
    assert post.sent == [(b"b", "yes")]


def test_a_few_are_sent_at_the_same_time_and_what_waits_is_bounded(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "MOST_WAITING", 50)
    post = Post(every_s=600)
    post.go.clear()

    async def story() -> None:
        post.put(*(b"%d" % n for n in range(60)))
        await post.hand.passes()
        assert post.most == AT_ONCE
        post.go.set()
        await settled()

    post.run(story)
    assert post.counts == {"answered": 50, "capped": 10}


class Slow(Post):
    """One of its answers is not taken, as long as the test says."""

    async def answer(self, way_back: bytes, text: str) -> Outcome:
        if way_back == b"slow":
            await asyncio.Event().wait()
        return await super().answer(way_back, text)


@pytest.mark.parametrize("every_s", [0.0, 600.0])
def test_one_that_is_slow_holds_up_no_other(every_s: float) -> None:
    post = Slow(every_s=every_s)

    async def story() -> None:
        for who in (b"slow", b"one", b"another"):
            post.put(who)
            await (post.hand.passes() if every_s else settled())
        assert post.sent == [(b"one", "yes"), (b"another", "yes")]

    post.run(story)


def test_what_is_under_way_counts_with_what_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_WAITING", 3)
    post = Slow()

    async def story() -> None:
        for _ in range(5):
            post.put(b"slow")
            await settled()
        assert post.counts == {"capped": 2}

    post.run(story)
