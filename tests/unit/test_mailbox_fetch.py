"""One round through a folder, killed between any two steps: each mail is taken once, none is lost.

The server, the disk and the core are dictionaries that outlive the process; the process is the code
under test, and dies where the test says.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Any, cast

import pytest

from relay.mailing.imap.apart import Apart
from relay.mailing.imap.session import Opened, Session
from relay.model import Verdict
from relay.transports.imap import marks as marking
from relay.transports.imap.fetch import RENEWED, STALE, STALE_S, STUCK, WORKS, Fetch
from relay.transports.imap.marks import MOST_TRIED, Marks
from relay.transports.limits import MailboxLimits

NOW = 1_800_000_000 - 1_800_000_000 % 3600
FOLDER = Opened(7, 1000)
LIMITS = MailboxLimits(message_bytes=100, batch=3, batch_bytes=150)


class Dead(Exception):
    """The process was killed here."""


class World:
    """What is there whatever dies: a folder, a file, and what was kept."""

    def __init__(self, mails: dict[int, bytes]) -> None:
        self.folder = dict(mails)
        self.file: bytes | None = None
        self.kept: list[bytes] = []
        self.doubtful: list[int] = []
        self.batches: list[int] = []
        self.turned = 0
        self.verdict: Callable[[int], Verdict | None] = lambda uid: None
        self.removes = True
        self.at = NOW
        self.steps_left = 10**9

    def step(self) -> None:
        self.steps_left -= 1
        if self.steps_left < 0:
            raise Dead

    # the clock
    def now(self) -> int:
        return self.at

    # the thread
    async def do(self, within_s: float, call: Callable[..., Any], *args: Any) -> Any:
        self.step()
        done = call(*args)
        self.step()  # done, and nobody heard of it
        return done

    # the session
    def uids(self, first: int) -> tuple[set[int], set[int]]:
        return {uid for uid in self.folder if uid >= first}, set()

    def before(self, first: int) -> int:
        return sum(uid < first for uid in self.folder)

    def sizes(self, uids: Sequence[int]) -> dict[int, int]:
        return {uid: len(self.folder[uid]) for uid in uids}

    def bodies(self, uids: Sequence[int], most: int, in_all: int) -> dict[int, bytes]:
        self.batches.append(len(uids))
        return {uid: self.folder[uid][:most] for uid in uids}

    def remove(self, uids: Sequence[int]) -> set[int]:
        if not self.removes:
            return set(uids)
        for uid in uids:
            assert self.folder.pop(uid) in self.kept, "removed before it was kept"
        return set()

    # the file and the core
    def save(self, content: bytes) -> None:
        self.file = content

    async def hand_over(self, uid: int, mail: bytes, doubtful: bool) -> Verdict:
        self.step()
        said = self.verdict(uid)
        if said is not None:
            return said
        self.doubtful += [uid] * doubtful
        known = mail in self.kept  # for seven days: the repeat key
        if not known:
            self.kept.append(mail)
        self.step()  # committed, and the answer is lost
        return Verdict.KNOWN if known else Verdict.TAKEN

    def turn(self) -> None:
        self.turned += 1

    def round(self, opened: Opened = FOLDER, *, take: bool = True) -> tuple[str, str]:
        """One round of a process that has just started. Raises Dead."""
        old = None if self.file is None else marking.read(self.file)
        marks = marking.adopted(old, opened, "where", take=take)
        fetch = Fetch(
            cast(Apart, self),
            cast(Session, self),
            marks,
            save=self.save,
            hand_over=self.hand_over,
            turned_away=self.turn,
            clock=self,
            limits=LIMITS,
        )
        return asyncio.run(fetch.run())


def mails(count: int) -> dict[int, bytes]:
    return {uid: b"mail %d" % uid for uid in range(1, count + 1)}


def test_killed_between_any_two_steps_it_takes_each_mail_once() -> None:
    steps = World(mails(7))
    steps.round()
    in_all = 10**9 - steps.steps_left
    assert in_all > 30
    for dies_at in range(in_all):
        world = World(mails(7))
        world.steps_left = dies_at
        with pytest.raises(Dead):
            world.round()
        world.steps_left = 10**9
        assert world.round() == WORKS
        assert sorted(world.kept) == sorted(mails(7).values())
        assert world.folder == {}
        assert world.doubtful == []


def test_killed_and_back_after_a_week_it_posts_nothing_twice_unseen() -> None:
    """By then the core has forgotten: what it would take again it takes as doubtful."""
    steps = World(mails(2))
    steps.round()
    for dies_at in range(10**9 - steps.steps_left):
        world = World(mails(2))
        world.steps_left = dies_at
        with pytest.raises(Dead):
            world.round()
        before, world.kept = world.kept, []
        world.steps_left, world.at = 10**9, NOW + 8 * 86400
        world.remove = lambda uids, world=world: {  # type: ignore[method-assign]
            uid for uid in uids if world.folder.pop(uid) is None
        }
        world.round()
        again = {mail for mail in world.kept if mail in before}
        assert again <= {b"mail %d" % uid for uid in world.doubtful}
        assert {*before, *world.kept} == set(mails(2).values())


def test_a_batch_has_so_many_mails_and_so_many_bytes_unless_one_is_larger() -> None:
    world = World({uid: b"%02d" % uid + b"x" * 48 for uid in range(1, 8)})  # 50 bytes each
    world.round()
    assert world.batches == [3, 3, 1]
    world = World({uid: b"%02d" % uid + b"x" * 49 for uid in range(1, 8)})
    world.round()
    assert world.batches == [2, 2, 2, 1]
    world = World({1: b"x" * 100, 2: b"y" * 100, 3: b"z" * 101})
    world.round()
    assert (world.batches, world.turned, list(world.folder)) == ([1, 1], 1, [3])


def test_a_batch_that_finds_no_room_ends_the_round() -> None:
    world = World(mails(7))
    world.verdict = lambda uid: Verdict.FULL
    assert world.round() == WORKS
    assert world.batches == [3]
    world.verdict = lambda uid: None
    world.round()
    assert world.folder == {}


def test_what_cannot_be_taken_for_hours_is_told() -> None:
    world = World(mails(1))
    world.verdict = lambda uid: Verdict.BUSY
    world.round()
    world.at += STALE_S
    assert world.round() == WORKS
    world.at += 1
    assert world.round() == STALE


def test_what_is_without_an_end_is_bounded() -> None:
    world = World(mails(MOST_TRIED + 5))
    marks = Marks("where", 7, 1)
    marks.trying(range(1, MOST_TRIED), NOW)
    world.file = marks.written()
    world.verdict = lambda uid: Verdict.BUSY
    for _ in range(3):
        world.round()
    assert world.file is not None
    assert len(marking.read(world.file).tried) == MOST_TRIED


def test_what_cannot_be_removed_is_told_and_never_handed_over_again() -> None:
    world = World(mails(2))
    world.removes = False
    assert world.round() == STUCK
    world.at += 30 * 86400
    assert world.round() == STUCK
    assert len(world.batches) == 1
    world.removes = True
    assert world.round() == WORKS
    assert (world.folder, len(world.kept)) == ({}, 2)


def test_a_folder_made_anew_is_told_until_nothing_of_before_lies_there() -> None:
    world = World({})
    world.round(Opened(7, 1), take=False)
    world.folder = mails(3)
    world.save(Marks("where", 7, 1).written())
    assert world.round(Opened(8, 3), take=False) == RENEWED
    assert world.kept == [b"mail 3"]
    assert world.round(Opened(8, 4), take=False) == RENEWED
    world.folder.clear()
    assert world.round(Opened(8, 4), take=False) == WORKS
    assert world.file is not None and not marking.read(world.file).renewed
