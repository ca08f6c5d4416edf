"""Replies to our posts: kept sealed with the message, given to its sender by a person's word."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
import trio
from obey_parts import CODE, KEYS, Exit, an_exit
from trio.testing import MockClock

from relay.errors import Asked
from relay.exit.known import Senders
from relay.exit.reply import MOST_PIECES, MOST_WAITING, hear, pieces, unreleased
from relay.model import Change, Later, Replied, Reply, State, Stopped
from relay.node.correspondence import Correspondence, shown
from relay.node.replies import NONE_READ, Replies
from relay.node.replies import Asked as AskedFor
from relay.rules.alarm import Facts, Patience, troubles
from relay.rules.gsm import fits

Said = Replied | Later | Stopped | None


class Core:
    """What correspondence needs of a core."""

    senders: Senders | None = None

    def __init__(self, at: Exit) -> None:
        self.spool = at.spool
        self.keys = at.keys


class Platform:
    """A bridge as the core sees it, which tells these one after another, then nothing new."""

    def __init__(self, *said: Said) -> None:
        self.said = list(said)
        self.cursors: list[bytes] = []

    async def replies(self, cursor: bytes, deadline_s: float) -> Said:
        self.cursors.append(cursor)
        return self.said.pop(0) if self.said else Replied((), cursor)


def polling(at: Exit, platform: Platform) -> Replies:
    return Replies(at.spool, KEYS, {"masto": AskedFor(platform, 900, 60.0)})  # type: ignore[arg-type]


def reply(seq: int, text: str, ref: str = "r1") -> Reply:
    return Reply(ref, f"masto/{seq}", text)


async def rows(at: Exit, seq: int) -> list[Any]:
    return [await at.row(seq)]


async def waits(at: Exit, seq: int) -> list[str]:
    return [one.text for _, one in unreleased(await at.record(seq))]


async def test_a_reply_is_kept_with_the_message_it_was_written_to() -> None:
    at = an_exit()
    seq, other = await at.posted(), await at.posted()
    replies = polling(at, Platform(Replied((reply(seq, "we hear you"),), b"1")))
    assert await replies.ask("masto", b"") == b"1"
    assert (await waits(at, seq), await waits(at, other)) == (["we hear you"], [])
    assert await at.state(seq) == ("posted", "replies wait: 1")
    assert [row.seq for row in await replies.waiting()] == [seq]


async def test_what_is_told_twice_is_kept_once() -> None:
    at = an_exit()
    seq = await at.posted()
    for _ in range(2):
        await hear(at.spool, KEYS, "masto", reply(seq, "we hear you"))
    assert await waits(at, seq) == ["we hear you"]


async def test_the_cursor_lies_sealed_and_is_taken_up_by_the_next_process(
    autojump_clock: MockClock,
) -> None:
    at = an_exit()
    seq = await at.posted()
    await polling(at, Platform(Replied((reply(seq, "one"),), b"names somebody"))).ask("masto", b"")
    assert not any("names" in str(place) for place in await at.spool.board())
    platform = Platform()
    next_one = polling(at, platform)
    with trio.move_on_after(1000):
        await next_one.run()
    assert platform.cursors == [b"names somebody"] * 2


async def test_where_there_is_more_it_is_asked_again_at_once(autojump_clock: MockClock) -> None:
    at = an_exit()
    seq = await at.posted()
    more = [Replied((reply(seq, f"{n}", f"r{n}"),), f"{n}".encode()) for n in range(3)]
    platform = Platform(*more)
    with trio.move_on_after(1):
        await polling(at, platform).run()
    assert platform.cursors == [b"", b"0", b"1", b"2"]
    assert await waits(at, seq) == ["0", "1", "2"]


@pytest.mark.parametrize(
    ("said", "trouble"),
    [
        (Stopped("answered 401", "a new token"), {"masto": "answered 401: a new token"}),
        (None, {"masto": NONE_READ}),
        (Later("it took too long"), {}),
    ],
)
async def test_where_replies_cannot_be_read_it_is_said(said: Said, trouble: dict[str, str]) -> None:
    replies = polling(an_exit(), Platform(said))
    assert await replies.ask("masto", b"7") == b"7"
    assert replies.trouble == trouble
    await replies.ask("masto", b"7")
    assert replies.trouble == {}


async def test_a_reply_to_what_is_gone_is_dropped() -> None:
    at = an_exit()
    seq = await at.posted(code=CODE)
    await hear(at.spool, KEYS, "masto", Reply("r", "masto/unknown", "lost"))
    row = await at.row(seq)
    await at.spool.change(row, Change(row.queue, State.WITHDRAWN, due=row.due, body=b""))
    await hear(at.spool, KEYS, "masto", reply(seq, "late"))
    assert await at.spool.body(seq) == b""


async def test_of_too_many_replies_the_oldest_go() -> None:
    at = an_exit()
    seq = await at.posted()
    for n in range(MOST_WAITING + 2):
        await hear(at.spool, KEYS, "masto", reply(seq, f"{n}", f"r{n}"))
    left = await waits(at, seq)
    assert (len(left), left[0]) == (MOST_WAITING, "2")


# ---------------------------------------------------------------- a person decides


async def test_a_reply_that_is_released_is_fetched_without_what_leads_astray(
    autojump_clock: MockClock,
) -> None:
    at = an_exit()
    seq = await at.posted(code=CODE)
    await hear(at.spool, KEYS, "masto", reply(seq, "@you we hear you, see https://x.example"))
    await hear(at.spool, KEYS, "masto", reply(seq, "traitors", "r2"))
    desk = Correspondence(Core(at))
    seen = shown(await at.record(seq))
    assert [one["n"] for one in seen["replies"]] == [1, 2]
    assert await desk.reply(await rows(at, seq), 1) == 1
    assert await at.state(seq) == ("posted", "replies wait: 1")
    assert await desk.dismiss(await rows(at, seq)) == 1
    assert await at.state(seq) == ("posted", "")
    assert await at.asks("answers", CODE) == "we hear you, see"
    with pytest.raises(Asked):
        await desk.reply(await rows(at, seq), 1)
    with pytest.raises(Asked):
        await desk.dismiss(await rows(at, seq))


async def test_a_reply_that_was_decided_about_is_known_when_it_is_told_again() -> None:
    at = an_exit()
    seq = await at.posted()
    await hear(at.spool, KEYS, "masto", reply(seq, "we hear you"))
    await Correspondence(Core(at)).dismiss(await rows(at, seq))
    await hear(at.spool, KEYS, "masto", reply(seq, "we hear you"))
    assert await waits(at, seq) == []


async def test_of_a_reply_that_is_only_a_link_nothing_can_be_released() -> None:
    at = an_exit()
    seq = await at.posted()
    await hear(at.spool, KEYS, "masto", reply(seq, "https://x.example"))
    with pytest.raises(Asked, match="nothing is left"):
        await Correspondence(Core(at)).reply(await rows(at, seq), 1)


async def test_an_editor_asks_a_question_and_the_sender_fetches_it(
    autojump_clock: MockClock,
) -> None:
    at = an_exit()
    seq = await at.message(code=CODE)
    desk = Correspondence(Core(at))
    await desk.answer(await rows(at, seq), "How many\n\n are   there?\n")
    assert await at.state(seq) == ("held", "")
    assert await at.asks("answers", CODE) == "How many\n\nare there?"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("see https://x.example", "a link"),
        ("call 0912 345 6789", "a number"),
        ("write to @us", "a mention"),
        ("  \n", "no text"),
        ("word " * 1000, "too long"),
    ],
)
async def test_what_must_not_go_to_a_person_inside_is_refused(text: str, why: str) -> None:
    at = an_exit()
    seq = await at.message(code=CODE)
    with pytest.raises(Asked, match=why):
        await Correspondence(Core(at)).answer(await rows(at, seq), text)
    assert (await at.record(seq)).answers == ()


async def test_nothing_is_said_to_who_took_it_back_or_while_the_key_is_locked() -> None:
    at = an_exit()
    seq = await at.message(code=CODE, state=State.WITHDRAWN)
    desk = Correspondence(Core(at))
    with pytest.raises(Asked, match="took it back"):
        await desk.answer(await rows(at, seq), "How many?")
    core = Core(at)
    core.keys = None  # type: ignore[assignment]
    with pytest.raises(Asked, match="locked"):
        await Correspondence(core).answer(await rows(at, seq), "How many?")


async def heard_in_turn(at: Exit, times: int) -> list[str]:
    return [await at.asks("answers", CODE) for _ in range(times)]


async def test_a_long_answer_is_fetched_piece_by_piece_in_its_order(
    autojump_clock: MockClock,
) -> None:
    at = an_exit()
    seq = await at.message(code=CODE)
    text = "آنجا چند نفر هستند و چه می\u200cبینند و از کی آنجا هستند؟ " * 6
    await Correspondence(Core(at)).answer(await rows(at, seq), text)
    of = len((await at.record(seq)).answers)
    assert 1 < of <= MOST_PIECES
    heard = await heard_in_turn(at, of)
    assert [one.split()[0] for one in heard] == [f"{n}/{of}" for n in range(1, of + 1)]
    assert " ".join(one.split(" ", 1)[1] for one in heard) == " ".join(text.split())


@pytest.mark.parametrize("text", ["word " * 60, "x" * 500, "မြန်မာ" * 60, "😀" * 200, "€{}" * 100])
def test_every_piece_fits_into_one_answer_and_nothing_is_lost(text: str) -> None:
    made: Sequence[str] = pieces(text.strip())
    assert all(fits(piece) for piece in made)
    joined = "".join(piece.split(" ", 1)[1] for piece in made)
    assert joined.replace(" ", "") == text.replace(" ", "")


# ---------------------------------------------------------------- known senders, by order


async def said(desk: Correspondence, **order: str) -> list[Any]:
    return [one async for one in desk.senders(order)]


async def test_known_senders_are_ordered_about_only_while_the_key_is_open() -> None:
    with pytest.raises(Asked, match="locked"):
        await said(Correspondence(Core(an_exit())))


# ---------------------------------------------------------------- alarms


def test_alarms_say_that_a_sender_wants_it_back_and_that_replies_wait() -> None:
    facts = Facts(asked_back=2, replies=1, unread={"masto": "answered 401: a new token"})
    said = {one.key: one.said for one in troubles(facts, Patience())}
    assert "relay queue withdraw" in said["asked back"]
    assert "one message has replies" in said["replies"]
    assert said["replies masto"].endswith("answered 401: a new token")
    assert not troubles(replace(facts, asked_back=0, replies=0, unread={}), Patience())
