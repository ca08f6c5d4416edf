"""A late segment of what is public: its whole text reaches every place, once, and no other."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from test_join import KEYS, PARTS, WHOLE, Exit, Hands

from bridges.feed import Feed
from relay.exit.account import Account
from relay.exit.assign import assign
from relay.exit.correct import GOES_FIRST, LOOK_S, PERHAPS_CHANGED
from relay.exit.post import Posting
from relay.exit.progress import thaw
from relay.exit.putting_right import DROPPED_MEANWHILE, assigned
from relay.exit.withdraw import ASKED, Withdrawal
from relay.model import (
    HOUR,
    SET_BACK,
    Absent,
    Attempt,
    Change,
    Found,
    Health,
    Later,
    Lookup,
    Once,
    Outcome,
    Part,
    Post,
    Posted,
    Queue,
    Refused,
    Removed,
    Row,
    Sent,
    State,
    Stopped,
    Unsure,
)
from relay.node.decisions import Decisions
from relay.ports import Keep
from relay.rules.join import GAP
from relay.rules.policy import Policy
from relay.spool.memory import MemorySpool
from relay.wire.item import verify_document
from relay.wire.primitives import signing_public

PART = f"{PARTS[0]}{GAP}{PARTS[2]}"
OPEN = Policy(("box",), review="none", delay=(0, 0))


@dataclass
class Wall:
    """A platform without edits: what stands there by its ref, in order, and what was asked."""

    at_once = 1
    once: Once = field(default_factory=lambda: Once("exact"))
    most: int = 1000  #: characters of a post
    stands: dict[str, str] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    answers: list[Outcome | BaseException] = field(default_factory=list)

    async def prepare(self, post: Post) -> Sequence[Part]:
        cuts = range(0, len(post.text), self.most)
        texts = [post.text[at : at + self.most] for at in cuts]
        key = post.secret.hex()
        return [Part(f"{key} {n}", n, len(texts), text.encode()) for n, text in enumerate(texts)]

    async def send(self, attempt: Attempt, keep: Keep) -> Outcome:
        self.asked.append("send")
        return self._answer(attempt.part.key, attempt.part.payload.decode())

    def _answer(self, ref: str, text: str) -> Any:
        answer = self.answers.pop(0) if self.answers else None
        if isinstance(answer, BaseException):
            raise answer
        if answer is None:
            self.stands[ref] = text
        return answer or Posted(ref, f"https://wall.example/{ref[:4]}")

    async def find(self, attempt: Attempt) -> Lookup:
        there = attempt.part.key in self.stands
        return Found(attempt.part.key) if there else Absent(strong=True)

    async def remove(self, ref: str) -> Removed:
        self.stands.pop(ref, None)
        return Removed()

    async def check(self) -> Health:
        return Health("account")

    @property
    def texts(self) -> list[str]:
        return list(self.stands.values())


class Slate(Wall):
    """A platform whose posts can be changed in place."""

    async def edit(self, ref: str, post: Post) -> Any:
        self.asked.append("edit")
        if len(post.text) > self.most:
            return Refused("it does not fit into one post")
        if ref not in self.stands:
            return Refused("it is gone")
        return self._answer(ref, post.text)


@dataclass
class Node(Exit):
    """An exit with all its steps, and the platforms it posts to."""

    policy: Policy = OPEN
    places: dict[str, Any] = field(default_factory=lambda: {"box": Slate()})
    held_back: bool = False

    async def releases(self) -> bool:
        rows = await self.spool.take(Queue.DELIVER, now=self.clock.at, limit=16)
        for row in rows:
            change, then = assign(row, {"news": self.policy}, {}, self.clock.at)
            change, then = await assigned(row, change, then, self.spool, KEYS, self.clock.at)
            await self.spool.settle(row, change, then=then)
        return bool(rows)

    async def posts(self) -> bool:
        rows = await self.spool.take(Queue.POST, now=self.clock.at, limit=1)
        for row in rows:
            await self.turn_of(row)
        return bool(rows)

    async def turn_of(self, row: Row) -> None:
        account = Account(row.name, "account", row.name == "page", "hold", 60)

        async def holds(row: Row) -> bool:
            return self.held_back

        bridge = self.places[row.name]
        posting = Posting(self.spool, bridge, account, KEYS, self.clock, lambda: None, holds)
        await posting.turn(row)

    async def goes_on(self, s: int = 0) -> None:
        """All that is due within so many seconds."""
        until = self.clock.at + s
        while True:
            await self.runs()
            if await self.releases() or await self.posts():
                continue
            dues = [await self.spool.next_due(queue) for queue in (Queue.POST, Queue.DELIVER)]
            due = min((due for due in dues if due is not None), default=until + 1)
            if due > until:
                break
            self.clock.at = max(self.clock.at, due)
        self.clock.at = until

    async def is_public(self, *numbers: int) -> None:
        """These segments came, the others did not, and what there is goes out."""
        for number in numbers or (1, 3):
            await self.comes(number)
        await self.runs()
        await self.time_is_over()
        await self.goes_on()

    async def rows(self, name: str = "box") -> list[Row]:
        return [row for row in await self.spool.look() if row.seq != row.root and row.name == name]

    async def sent(self, name: str = "box") -> list[str]:
        return [str(row.state) for row in await self.rows(name)]


# ---------------------------------------------------------------- edited


async def test_what_is_public_says_the_whole_text_once_its_correction_is_released() -> None:
    node = Node()
    await node.is_public()
    wall = node.places["box"]
    assert wall.texts == [PART]
    await node.comes(2)
    await node.goes_on()
    assert wall.texts == [WHOLE]
    assert wall.asked == ["send", "edit"]
    assert await node.states() == {"posted": 2, "joined": 1}
    first, correction = await node.rows()
    assert thaw(first, KEYS.storage).revision == thaw(correction, KEYS.storage).revision == 2


async def test_a_correction_waits_for_its_own_release() -> None:
    node = Node(policy=Policy(("box",), delay=(0, 0)))
    await node.is_public()
    [row] = [row for row in await node.spool.look(queue=Queue.REVIEW)]
    await node.spool.change(row, Change(Queue.DELIVER, State.WAITING, due=node.clock.at))
    await node.goes_on()
    await node.comes(2)
    await node.goes_on(9 * HOUR)
    assert node.places["box"].texts == [PART]
    [row] = [row for row in await node.spool.look(queue=Queue.REVIEW)]
    assert row.state == State.HELD
    await node.spool.change(row, Change(Queue.DELIVER, State.WAITING, due=node.clock.at))
    await node.goes_on()
    assert node.places["box"].texts == [WHOLE]


async def test_each_late_part_makes_it_more_whole() -> None:
    node = Node()
    await node.is_public(2)
    for number, text in ((3, f"{GAP}دو سه".strip()), (1, WHOLE)):
        await node.comes(number)
        await node.goes_on()
        assert node.places["box"].texts == [text]
    assert node.places["box"].asked == ["send", "edit", "edit"]
    assert await node.states() == {"posted": 3}


async def test_a_correction_reaches_every_place_where_the_first_stands() -> None:
    policy = Policy(("box", "loft", "wall"), review="none", delay=(0, 0))
    node = Node(policy=policy, places={"box": Slate(), "loft": Slate(), "wall": Wall()})
    await node.is_public()
    node.policy = Policy(
        ("box",), review="none", delay=(0, 0)
    )  # the channel's places are others now
    await node.comes(2)
    await node.goes_on()
    assert [node.places[name].texts for name in ("box", "loft")] == [[WHOLE], [WHOLE]]
    assert node.places["wall"].texts == [PART, WHOLE]


# ---------------------------------------------------------------- beside


async def test_where_nothing_can_be_edited_the_whole_is_posted_beside_the_first() -> None:
    node = Node(places={"box": Wall()})
    await node.is_public()
    await node.comes(2)
    await node.goes_on()
    assert node.places["box"].texts == [PART, WHOLE]
    assert await node.states() == {"posted": 2, "joined": 1}


async def test_a_whole_that_does_not_fit_in_the_place_of_the_part_is_posted_beside_it() -> None:
    node = Node(places={"box": Slate(most=len(WHOLE) - 1)})
    node.places["box"].most = len(PART)
    await node.is_public()
    node.places["box"].most = len(WHOLE) - 2
    await node.comes(2)
    await node.goes_on(2 * LOOK_S)
    assert node.places["box"].texts == [PART, WHOLE[:-2], WHOLE[-2:]]


async def test_a_thread_is_not_edited_but_posted_anew() -> None:
    node = Node(places={"box": Slate(most=5)})
    await node.is_public()
    node.places["box"].most = 1000
    await node.comes(2)
    await node.goes_on()
    assert "".join(node.places["box"].texts[:-1]) == PART
    assert node.places["box"].texts[-1] == WHOLE
    assert "edit" not in node.places["box"].asked


async def test_what_a_person_found_on_its_platform_cannot_be_edited_there() -> None:
    node = Node()
    await node.is_public()
    [row] = await node.rows()
    by_hand = Change(Queue.ENDED, Sent.POSTED, due=row.due, note=b"")
    assert await node.spool.change(row, by_hand)
    await node.comes(2)
    await node.goes_on()
    assert node.places["box"].texts == [PART, WHOLE]


# ---------------------------------------------------------------- while the first is on its way


async def test_a_first_text_that_waits_still_goes_out_whole_and_once() -> None:
    node = Node()
    wall = node.places["box"]
    for number in (1, 3):
        await node.comes(number)
    await node.runs()
    await node.time_is_over()
    assert await node.releases()  # and its destination is away
    await node.comes(2)
    await node.runs()
    assert await node.releases()
    await node.goes_on(2 * LOOK_S)
    assert (wall.texts, wall.asked) == ([WHOLE], ["send"])
    assert await node.sent() == ["posted", "posted"]


async def test_a_first_text_that_is_prepared_goes_first_and_is_corrected_then() -> None:
    node = Node()
    wall = node.places["box"]
    wall.answers = [Later("full", node.clock.at + 2 * HOUR + 600)]
    await node.is_public()
    await node.comes(2)
    await node.goes_on()
    assert wall.texts == []
    assert [row.why for row in await node.rows()] == ["full", GOES_FIRST]
    await node.goes_on(HOUR)
    assert (wall.texts, wall.asked) == ([WHOLE], ["send", "send", "edit"])


@pytest.mark.parametrize("state", [Sent.REFUSED, Sent.DROPPED, Sent.EXPIRED])
async def test_where_the_first_never_stood_its_correction_does_not_go(state: Sent) -> None:
    policy = Policy(("box", "loft"), review="none", delay=(0, 0))
    node = Node(policy=policy, places={"box": Slate(), "loft": Slate()})
    node.places["box"].answers = [Later("full")]
    await node.is_public()
    [row] = await node.rows()
    assert await node.spool.change(row, Change(Queue.ENDED, state, due=None, note=b""))
    await node.comes(2)
    await node.goes_on()
    assert (node.places["box"].texts, node.places["loft"].texts) == ([], [WHOLE])
    assert len(await node.rows()) == 1


async def test_where_the_first_ends_unseen_its_correction_ends_with_it() -> None:
    node = Node()
    node.places["box"].answers = [Later("full", node.clock.at + 9 * HOUR)]
    await node.is_public()
    await node.comes(2)
    await node.goes_on()
    [row, _] = await node.rows()
    assert await node.spool.change(row, Change(Queue.ENDED, Sent.DROPPED, due=None, why="no"))
    await node.goes_on(LOOK_S)
    assert await node.sent() == ["dropped", "dropped"]
    assert node.places["box"].texts == []


async def test_a_message_that_stands_nowhere_is_posted_like_others_when_it_is_whole() -> None:
    node = Node()
    node.places["box"].answers = [Refused("too odd")]
    await node.is_public()
    assert await node.sent() == ["refused"]
    await node.comes(2)
    await node.goes_on()
    assert node.places["box"].texts == [WHOLE]
    assert await node.states() == {"refused": 1, "posted": 1, "joined": 1}


# ---------------------------------------------------------------- trouble


class Killed(BaseException):
    """SIGKILL: nobody handles it."""


@pytest.mark.parametrize("heard", [True, False], ids=["it was changed", "it was not"])
async def test_a_process_that_dies_in_an_edit_repeats_it_and_posts_nothing_new(
    heard: bool,
) -> None:
    node = Node()
    wall = node.places["box"]
    await node.is_public()
    await node.comes(2)
    await node.runs()
    await node.releases()
    wall.answers = [Killed()]
    [row] = await node.spool.take(Queue.POST, now=node.clock.at, limit=1)
    with pytest.raises(Killed):
        await node.turn_of(row)
    if heard:
        wall.stands[next(iter(wall.stands))] = WHOLE
    node.starts_anew()
    await node.goes_on()
    assert (wall.texts, wall.asked) == ([WHOLE], ["send", "edit", "edit"])
    assert await node.sent() == ["posted", "posted"]


@pytest.mark.parametrize(
    "lost",
    [Later("it took too long"), OSError("a plug-in's fault"), Killed()],
    ids=["its answer", "its bridge", "its process"],
)
async def test_what_may_have_been_changed_already_is_not_posted_beside_by_itself(
    lost: Outcome | BaseException,
) -> None:
    """The edit went through and nobody heard of it; the next one is refused: too late, or gone."""
    node = Node()
    wall = node.places["box"]
    await node.is_public()
    await node.comes(2)
    await node.runs()
    await node.releases()
    wall.answers = [lost, Refused("it cannot be changed any more")]
    [row] = await node.spool.take(Queue.POST, now=node.clock.at, limit=1)
    if isinstance(lost, Killed):
        with pytest.raises(Killed):
            await node.turn_of(row)
        node.starts_anew()
    else:
        await node.turn_of(row)
    wall.stands[next(iter(wall.stands))] = WHOLE
    await node.goes_on(9 * HOUR)
    assert (wall.texts, wall.asked) == ([WHOLE], ["send", "edit", "edit"])
    [_, row] = await node.rows()
    assert (row.state, row.why) == (Sent.HELD, PERHAPS_CHANGED)
    assert await node.states() == {"posted": 1, "held": 1, "joined": 1}
    assert await node.spool.change(row, Change(Queue.POST, Sent.WAITING, due=0))  # released
    await node.goes_on(HOUR)
    assert wall.texts == [WHOLE, WHOLE]  # whoever released it wanted that


async def test_what_is_refused_at_once_was_not_changed_and_goes_beside() -> None:
    node = Node()
    wall = node.places["box"]
    await node.is_public()
    wall.answers = [Refused("it cannot be changed any more")]
    await node.comes(2)
    await node.goes_on(HOUR)
    assert (wall.texts, wall.asked) == ([PART, WHOLE], ["send", "edit", "send"])


async def test_an_edit_that_is_told_to_wait_is_tried_again() -> None:
    node = Node()
    wall = node.places["box"]
    await node.is_public()
    wall.answers = [Later("slow down", node.clock.at + 600), OSError("a plug-in's fault")]
    await node.comes(2)
    await node.goes_on(500)
    assert wall.texts == [PART]
    await node.goes_on(HOUR)
    assert (wall.texts, wall.asked) == ([WHOLE], ["send", "edit", "edit", "edit"])


async def test_an_account_that_is_refused_stops_the_correction_until_it_is_back() -> None:
    node = Node()
    await node.is_public()
    node.places["box"].answers = [Stopped("the token is old", "log in")]
    await node.comes(2)
    await node.goes_on()
    assert await node.sent() == ["posted", "stopped"]
    [_, row] = await node.rows()
    assert await node.spool.change(row, Change(Queue.POST, Sent.WAITING, due=0))
    await node.goes_on()
    assert node.places["box"].texts == [WHOLE]


async def test_what_an_account_was_stopped_for_was_not_changed_and_may_go_beside() -> None:
    node = Node()
    await node.is_public()
    wall = node.places["box"]
    wall.answers = [Stopped("the token is old", "log in"), Refused("it cannot be changed any more")]
    await node.comes(2)
    await node.goes_on()
    [_, row] = await node.rows()
    assert await node.spool.change(row, Change(Queue.POST, Sent.WAITING, due=0))
    await node.goes_on(HOUR)
    assert wall.texts == [PART, WHOLE]


async def test_what_the_brake_holds_is_not_edited_and_goes_on_afterwards() -> None:
    node = Node()
    await node.is_public()
    node.held_back = True
    await node.comes(2)
    await node.runs()
    await node.releases()
    assert await node.posts()
    assert node.places["box"].texts == [PART]
    node.held_back = False
    await node.goes_on()
    assert node.places["box"].texts == [WHOLE]


async def test_one_that_is_posted_beside_is_posted_once_whatever_happens() -> None:
    node = Node(places={"box": Wall()})
    wall = node.places["box"]
    await node.is_public()
    wall.answers = [Unsure("answered 502"), Unsure("answered 502")]
    await node.comes(2)
    await node.goes_on(HOUR)
    assert wall.texts == [PART, WHOLE]
    assert wall.asked == ["send"] * 4


async def test_in_a_spool_that_was_set_back_an_edit_may_be_made_again_and_a_post_may_not() -> None:
    for place, texts in ((Slate(), [WHOLE]), (Wall(once=Once("lookup")), [PART])):
        node = Node(places={"box": place})
        await node.is_public()
        await node.comes(2)
        await node.runs()
        [row] = await node.spool.look(queue=Queue.DELIVER)
        again = Change(Queue.DELIVER, State.WAITING, due=row.due, note=SET_BACK)
        assert await node.spool.change(row, again)
        await node.goes_on(HOUR)
        assert place.texts == texts
        assert await node.sent() == ["posted", "posted" if place.texts == [WHOLE] else "held"]


# ---------------------------------------------------------------- withdrawn


def withdrawal(node: Node) -> Withdrawal:
    async def remove(name: str, ref: str) -> Any:
        return await node.places[name].remove(ref)

    async def find(name: str, attempt: Attempt) -> Lookup:
        return await node.places[name].find(attempt)  # type: ignore[no-any-return]

    return Withdrawal(node.spool, KEYS, remove, find)


async def withdrawn(node: Node, seq: int) -> None:
    async for one in withdrawal(node).of(seq):
        assert one.gone


async def held_back(node: Node) -> None:
    """Its correction waits for its release."""
    await node.comes(2)
    await node.runs()
    [row] = await node.spool.look(queue=Queue.DELIVER)
    assert row.seq > 2


async def test_what_was_withdrawn_everywhere_is_not_a_message_like_others() -> None:
    """The late part came while it was taken back: too late to be taken back with it."""
    node = Node()
    await node.is_public()
    await held_back(node)
    [row] = await node.rows()
    node.places["box"].stands.clear()
    gone = Change(Queue.ENDED, Sent.WITHDRAWN, due=row.due, body=b"")
    assert await node.spool.change(row, gone)
    await node.goes_on(HOUR)
    assert node.places["box"].texts == []
    assert await node.states() == {"withdrawn": 2, "joined": 1}
    correction = (await node.spool.look(queue=Queue.ENDED))[-2]
    assert await node.spool.body(correction.seq) == b""


async def test_what_a_person_drops_while_its_correction_waits_is_shown_again() -> None:
    node = Node()
    node.places["box"].answers = [Later("full", node.clock.at + 9 * HOUR)]
    await node.is_public()
    await held_back(node)
    [row] = await node.rows()
    assert await node.spool.change(row, Change(Queue.ENDED, Sent.DROPPED, due=None, body=b""))
    await node.goes_on(HOUR)
    [row] = await node.spool.look(queue=Queue.REVIEW)
    assert (row.state, row.why, node.places["box"].texts) == ("held", DROPPED_MEANWHILE, [])
    released = Change(Queue.DELIVER, State.WAITING, due=node.clock.at)
    assert await node.spool.change(row, released)
    await node.goes_on(HOUR)
    assert node.places["box"].texts == [WHOLE]


@pytest.mark.parametrize("place", [Slate, Wall])
async def test_what_was_withdrawn_meanwhile_does_not_come_back(place: type[Wall]) -> None:
    node = Node(places={"box": place()})
    await node.is_public()
    await node.comes(2)
    await node.runs()
    await node.releases()
    [first, _] = await node.rows()
    await withdrawn(node, first.root)
    await node.goes_on(HOUR)
    assert node.places["box"].texts == []
    assert await node.sent() == ["withdrawn", "withdrawn"]


async def test_what_is_just_being_taken_away_is_not_posted_beside_its_gap() -> None:
    """It is gone on the platform, and its row does not say so yet."""
    node = Node()
    wall = node.places["box"]
    await node.is_public()
    [first] = await node.rows()
    stood = dict(wall.stands)
    wall.stands.clear()
    await node.comes(2)
    await node.goes_on()
    assert wall.asked == ["send", "edit"]
    wall.stands.update(stood)
    await withdrawn(node, first.root)
    await node.goes_on(HOUR)
    assert wall.texts == []


@pytest.mark.parametrize("place", [Slate, Wall], ids=["edited", "beside"])
@pytest.mark.parametrize("by", [0, 1], ids=["the first", "its correction"])
async def test_who_takes_back_one_takes_back_all_of_the_text(place: type[Wall], by: int) -> None:
    node = Node(places={"box": place()})
    await node.is_public()
    await node.comes(2)
    await node.goes_on()
    await withdrawn(node, (await node.rows())[by].root)
    assert node.places["box"].texts == []
    assert await node.sent() == ["withdrawn", "withdrawn"]
    assert await node.states() == {"withdrawn": 2, "joined": 1}


async def test_a_correction_is_known_by_its_first_though_nothing_is_kept_of_that() -> None:
    """Its text was destroyed while exit.key was locked."""
    node = Node()
    await node.is_public()
    node.policy = Policy(("box",), delay=(0, 0))
    await node.comes(2)
    await node.runs()
    first, correction = (row for row, _ in await node.messages())
    forgotten = Change(first.queue, first.state, due=first.due, body=b"")
    assert await node.spool.change(first, forgotten)
    await withdrawn(node, first.seq)
    assert node.places["box"].texts == []
    assert await node.states() == {"withdrawn": 2, "joined": 1}
    assert await node.spool.body(correction.seq) == b""


@pytest.mark.parametrize("by", [0, 1], ids=["the first", "its correction"])
async def test_a_sender_who_wants_it_back_stops_the_correction_and_asks_for_the_rest(
    by: int,
) -> None:
    node = Node()
    await node.is_public()
    node.policy = Policy(("box",), delay=(0, 0))
    await node.comes(2)
    await node.runs()
    messages = [row for row, _ in await node.messages()]
    asked = await withdrawal(node).asked(messages[by].seq)
    assert (asked.waits, asked.whole) == (True, True)
    assert await node.states() == {"held": 1, "withdrawn": 1, "joined": 1}
    assert await node.sent() == ["held"]


async def test_while_a_sender_wants_the_first_back_it_is_not_corrected() -> None:
    node = Node()
    await node.is_public()
    await node.comes(2)
    await node.runs()
    await node.releases()
    [first, _] = await node.rows()
    held = Change(Queue.POST, Sent.HELD, due=None, why=ASKED)
    assert await node.spool.change(first, held)
    await node.goes_on(HOUR)
    assert node.places["box"].texts == [PART]
    assert (await node.rows())[1].why == GOES_FIRST


@dataclass
class Desk:
    """``decisions.Node``."""

    spool: MemorySpool
    clock: Hands
    keys: Any = KEYS
    policies: Any = field(default_factory=dict)

    def nudge(self, name: str) -> None: ...


@pytest.mark.parametrize("by", [0, 1], ids=["the first", "its correction"])
@pytest.mark.parametrize("public", [True, False], ids=["public", "in review"])
async def test_who_destroys_one_destroys_all_of_the_text(by: int, public: bool) -> None:
    node = Node()
    await node.is_public()
    node.policy = node.policy if public else Policy(("box",), delay=(0, 0))
    await node.comes(2)
    await node.goes_on()
    messages = [row for row, _ in await node.messages()]
    assert len(messages) == 2
    family = await node.spool.family(messages[by].seq)
    await Decisions(Desk(node.spool, node.clock)).destroy(family)
    assert {await node.spool.body(row.seq) for row in await node.spool.look()} == {b""}
    assert node.places["box"].texts == [WHOLE if public else PART]  # what is public stays
    states = {"posted": 2, "joined": 1} if public else {"posted": 1, "dropped": 1, "joined": 1}
    assert await node.states() == states


# ---------------------------------------------------------------- the page


async def test_the_page_shows_the_whole_under_the_same_id_and_date_and_can_be_verified(
    tmp_path: Path,
) -> None:
    clock = Hands()
    feed = Feed(Feed.Settings(folder=str(tmp_path / "public")), None, clock)  # type: ignore[arg-type]
    policy = Policy(("page",), review="none", delay=(0, 0))
    node = Node(clock, policy=policy, places={"page": feed})

    def shown() -> dict[str, Any]:
        for name in ("feed.xml", "feed.json"):
            document = (tmp_path / "public" / name).read_bytes()
            verified = verify_document(document, signing_public(KEYS.page))
            assert (verified.count, verified.faults) == (1, ())
        [item] = json.loads(document)["items"]
        return dict(item)

    await node.is_public()
    before = shown()
    node.clock.at += 5 * HOUR
    await node.comes(2)
    await node.goes_on()
    after = shown()
    assert (before["content_text"], after["content_text"]) == (PART, WHOLE)
    assert (before["id"], before["date_published"]) == (after["id"], after["date_published"])
    at = datetime.fromtimestamp(node.clock.at, UTC).strftime("%Y-%m-%dT%H:00:00Z")
    assert (before.get("date_modified"), after["date_modified"]) == (None, at)
    assert await node.sent("page") == ["posted", "posted"]
