"""Mastodon, else bluesky after 30 min: once, in time, in order; never what may be public."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest
import trio
from fallback_parts import (
    DOWN,
    ELSE_BLUESKY,
    HALF_AN_HOUR,
    KEYS,
    MINUTE,
    START,
    Exit,
    Loop,
    becomes,
    platforms,
)
from trio.testing import MockClock

from relay.errors import Asked, SpoolFull
from relay.exit.elsewhere import Elsewhere
from relay.exit.progress import Progress, progressed
from relay.exit.withdraw import Withdrawal
from relay.model import (
    HOUR,
    Change,
    Later,
    NewRow,
    Outcome,
    Posted,
    Queue,
    Refused,
    Row,
    Sent,
    Stopped,
    Unsure,
)
from relay.model import Once as Means
from relay.node.brake import Brake
from relay.node.calendar import Calendar
from relay.node.fallback import FIRST_S, LOOK_S, Fallback
from relay.node.rerouting import Rerouting
from relay.node.scouts import Scouts
from relay.rules.fallbacks import Fallbacks
from relay.rules.windows import Once, Window
from relay.spool.memory import MemorySpool

WENT = {"mastodon": "rerouted", "bluesky": "posted"}
STAYS = {"mastodon": "waiting"}
IN_TIME = HALF_AN_HOUR + 2 * LOOK_S
CHAIN: Mapping[str, Fallbacks] = {
    "news": {"mastodon": ("bluesky", HALF_AN_HOUR), "bluesky": ("telegram", HOUR)}
}


# ---------------------------------------------------------------- in time


async def test_what_is_not_out_after_half_an_hour_is_at_the_other_place(
    autojump_clock: MockClock,
) -> None:
    exit = Exit(platforms(mastodon=DOWN), to=("page", "mastodon"))
    async with exit.running():
        id = await exit.released()
        await trio.sleep(HALF_AN_HOUR)
        assert await exit.sent(id) == {**STAYS, "page": "posted"}
        await trio.sleep(2 * LOOK_S)
        assert await exit.sent(id) == {**WENT, "page": "posted"}
        exit.places["mastodon"].answer = None
        await trio.sleep(3 * HOUR)
    assert [exit.places[name].texts for name in ("page", "mastodon", "bluesky")] == [
        ["text 1"],
        [],
        ["text 1"],
    ]
    assert exit.went == [("mastodon", "bluesky", 1)]
    assert await exit.states() == {"posted": 1}


async def test_what_goes_out_in_time_goes_nowhere_else(autojump_clock: MockClock) -> None:
    exit = Exit(platforms(mastodon=DOWN))
    async with exit.running():
        id = await exit.released()
        await trio.sleep(HALF_AN_HOUR - 6 * MINUTE)
        exit.places["mastodon"].answer = None
        await trio.sleep(3 * HOUR)
        assert await exit.sent(id) == {"mastodon": "posted"}
    assert exit.places["bluesky"].sends == []


@pytest.mark.parametrize(
    "answer",
    [
        DOWN,
        Later("too many", scope="destination", not_before=START + 9 * HOUR),
        Later("come again"),
        Stopped("the token is old", "log in"),
    ],
    ids=["blocked", "it takes no more", "later", "stopped"],
)
async def test_it_makes_no_difference_why_it_waits(
    autojump_clock: MockClock, answer: Outcome
) -> None:
    exit = Exit(platforms(mastodon=answer))
    async with exit.running():
        id = await exit.released()
        await trio.sleep(IN_TIME)
        assert await exit.sent(id) == WENT


async def test_all_that_waited_come_out_in_the_order_of_their_release(
    autojump_clock: MockClock,
) -> None:
    exit = Exit(platforms(mastodon=Stopped("the token is old", "log in")))
    async with exit.running():
        for _ in range(100):
            await exit.released()
        await trio.sleep(IN_TIME)
    assert exit.places["bluesky"].texts == [f"text {n}" for n in range(1, 101)]
    assert exit.went == [("mastodon", "bluesky", 1), ("mastodon", "bluesky", 99)]


async def test_only_its_own_channel_falls_back(autojump_clock: MockClock) -> None:
    exit = Exit(platforms(mastodon=DOWN), {**ELSE_BLUESKY, "family": {}})
    async with exit.running():
        id = await exit.released(channel="family")
        await trio.sleep(3 * HOUR)
        assert await exit.sent(id) == STAYS


# ---------------------------------------------------------------- chains, and places that are down


async def test_a_chain_goes_on_where_the_next_one_does_not_get_it_out_either(
    autojump_clock: MockClock,
) -> None:
    exit = Exit(platforms(mastodon=DOWN, bluesky=DOWN), CHAIN)
    async with exit.running():
        id = await exit.released()
        await trio.sleep(HALF_AN_HOUR + HOUR - LOOK_S)
        assert await exit.sent(id) == {"mastodon": "rerouted", "bluesky": "waiting"}
        await trio.sleep(4 * LOOK_S)
        assert await exit.sent(id) == {
            "mastodon": "rerouted",
            "bluesky": "rerouted",
            "telegram": "posted",
        }
    assert exit.places["telegram"].texts == ["text 1"]


async def test_nothing_leaves_one_that_is_blocked_for_another_that_is(
    autojump_clock: MockClock,
) -> None:
    """One that goes ahead comes to nothing, and the others stay until it is through."""
    exit = Exit(platforms(mastodon=DOWN, bluesky=DOWN))
    async with exit.running():
        ids = [await exit.released() for _ in range(9)]
        await trio.sleep(3 * HOUR)
        where = [await exit.sent(id) for id in ids]
        assert where.count({"mastodon": "rerouted", "bluesky": "waiting"}) == 1
        assert where.count(STAYS) == 8
        exit.places["bluesky"].answer = None
        await trio.sleep(HOUR + 2 * LOOK_S)
        assert [await exit.sent(id) for id in ids] == [WENT] * 9


async def test_those_that_stayed_go_out_where_they_are_if_that_comes_back_first(
    autojump_clock: MockClock,
) -> None:
    exit = Exit(platforms(mastodon=DOWN, bluesky=DOWN))
    async with exit.running():
        for _ in range(9):
            await exit.released()
        await trio.sleep(3 * HOUR)
        exit.places["mastodon"].answer = None
        await trio.sleep(HOUR + 2 * LOOK_S)
    assert len(exit.places["mastodon"].texts) == 8


async def test_nothing_goes_to_a_place_that_takes_nothing_now(autojump_clock: MockClock) -> None:
    exit = Exit(platforms(mastodon=DOWN))
    exit.takes = {"mastodon"}
    async with exit.running():
        id = await exit.released()
        await trio.sleep(3 * HOUR)
        assert await exit.sent(id) == STAYS
        exit.takes = {"mastodon", "bluesky"}
        await trio.sleep(2 * LOOK_S)
        assert await exit.sent(id) == WENT


async def test_a_place_of_which_nothing_good_is_known_is_tried_by_one(
    autojump_clock: MockClock,
) -> None:
    exit = Exit(platforms(mastodon=DOWN))
    exit.well = {"mastodon"}
    async with exit.running():
        ids = [await exit.released() for _ in range(5)]
        await trio.sleep(IN_TIME)
        assert [await exit.sent(id) for id in ids] == [WENT] * 5
    assert [count for _, _, count in exit.went] == [1, 4]


async def test_a_chain_skips_one_that_is_down_when_the_time_of_the_next_has_come(
    autojump_clock: MockClock,
) -> None:
    exit = Exit(platforms(mastodon=DOWN), CHAIN)
    exit.takes = {"telegram"}
    async with exit.running():
        id = await exit.released()
        await trio.sleep(HALF_AN_HOUR + HOUR)
        assert await exit.sent(id) == STAYS
        await trio.sleep(2 * LOOK_S)
        assert await exit.sent(id) == {"mastodon": "rerouted", "telegram": "posted"}


async def test_one_that_refused_it_does_not_get_it_again_and_the_chain_goes_on(
    autojump_clock: MockClock,
) -> None:
    places = platforms(mastodon=DOWN, bluesky=Refused("too long"))
    exit = Exit(places, CHAIN, to=("mastodon",))
    exit.policies["news"] = type(exit.policies["news"])(("mastodon", "bluesky"), "none", (0, 0))
    async with exit.running():
        id = await exit.released()
        await trio.sleep(IN_TIME)
        assert await exit.sent(id) == {"mastodon": "waiting", "bluesky": "refused"}
        await trio.sleep(HOUR)
        assert (await exit.sent(id))["telegram"] == "posted"


async def test_a_fallback_and_a_window_that_lead_to_one_place_make_one_post(
    autojump_clock: MockClock,
) -> None:
    stopped = Stopped("the token is old", "log in")
    exit = Exit(platforms(mastodon=DOWN, telegram=stopped), to=("mastodon", "telegram"))
    times = Once(START + HALF_AN_HOUR, START + 2 * HOUR, "UTC")
    window = Window("move", ("telegram",), times, "reroute", "bluesky")
    calendar = Calendar(exit.spool, exit.clock, (window,), exit.places)
    async with exit.running(), trio.open_nursery() as nursery:
        args = (exit.spool, exit.clock, calendar, exit.brake, exit.elsewhere)
        nursery.start_soon(Rerouting(*args, exit.scouts, exit.places).run)
        ids = [await exit.released() for _ in range(20)]
        await trio.sleep(HOUR)
        nursery.cancel_scope.cancel()
    went = {"mastodon": "rerouted", "telegram": "rerouted", "bluesky": "posted"}
    assert [await exit.sent(id) for id in ids] == [went] * 20
    assert len(exit.places["bluesky"].sends) == 20


async def test_one_that_is_being_tried_here_at_that_moment_costs_nobody_the_way(
    autojump_clock: MockClock,
) -> None:
    exit = Exit(platforms(mastodon=Stopped("the token is old", "log in")))
    async with exit.running():
        for _ in range(5):
            await exit.released()
        await trio.sleep(1)
        first = await exit.spool.take(Queue.POST, now=exit.clock.now(), limit=1, name="mastodon")
        await trio.sleep(IN_TIME)
        assert len(exit.places["bluesky"].texts) == 5 - len(first)
        assert len(first) == 1


async def test_what_stands_at_the_other_place_already_goes_ahead_of_nobody(
    autojump_clock: MockClock,
) -> None:
    late = {"mastodon": ("bluesky", HALF_AN_HOUR), "telegram": ("bluesky", 2 * HALF_AN_HOUR)}
    exit = Exit(
        platforms(mastodon=DOWN, telegram=DOWN), {"news": late}, to=("mastodon", "telegram")
    )
    async with exit.running():
        ids = [await exit.released() for _ in range(9)]
        await trio.sleep(2 * HALF_AN_HOUR + 2 * LOOK_S)
        for id in ids:
            assert (await exit.sent(id))["telegram"] == "rerouted"
    assert len(exit.places["bluesky"].sends) == 9


# ---------------------------------------------------------------- what may be public


async def test_what_is_in_doubt_goes_nowhere_until_it_is_resolved_and_then_at_once(
    autojump_clock: MockClock,
) -> None:
    exit = Exit(platforms(mastodon=DOWN))
    mastodon = exit.places["mastodon"]
    mastodon.answers = [Unsure("no answer")]
    async with exit.running():
        id = await exit.released()
        await trio.sleep(5 * MINUTE)
        assert await exit.sent(id) == {"mastodon": "unsure"}
        await trio.sleep(20 * MINUTE)  # two looks find nothing, and the repeat is told to wait
        row = await exit.delivery(id, "mastodon")
        assert (row.state, len(mastodon.sends) > 1) == (Sent.WAITING, True)
        await trio.sleep(IN_TIME)
        assert await exit.sent(id) == WENT
    assert mastodon.texts == []


async def test_what_is_public_though_nobody_heard_of_it_goes_nowhere(
    autojump_clock: MockClock,
) -> None:
    exit = Exit(platforms())
    mastodon = exit.places["mastodon"]
    mastodon.answers, mastodon.loses_answers = [Unsure("no answer")], True
    mastodon.sees = False
    async with exit.running():
        id = await exit.released()
        await trio.sleep(5 * MINUTE)
        mastodon.answer = DOWN
        mastodon.sees = True
        await trio.sleep(3 * HOUR)
        assert await exit.sent(id) == {"mastodon": "posted"}
    assert exit.places["bluesky"].sends == []


async def test_what_a_person_must_look_at_goes_nowhere(autojump_clock: MockClock) -> None:
    exit = Exit(platforms(mastodon=Unsure("no answer")))
    exit.places["mastodon"].once = Means("none")
    async with exit.running():
        id = await exit.released()
        await trio.sleep(3 * HOUR)
        assert await exit.sent(id) == {"mastodon": "held"}


async def test_a_thread_that_is_half_public_goes_nowhere(autojump_clock: MockClock) -> None:
    exit = Exit(platforms(mastodon=DOWN))
    mastodon = exit.places["mastodon"]
    mastodon.parts, mastodon.answers = 3, []
    mastodon.answer = None
    async with exit.running():
        mastodon.answer = Later("too many")
        id = await exit.released()
        note = progressed(Progress(index=1, refs=("a",)), KEYS.storage, id)
        await trio.sleep(1)
        await becomes(exit, id, "mastodon", Sent.WAITING, note=note)
        await trio.sleep(3 * HOUR)
        assert await exit.sent(id) == STAYS


# ---------------------------------------------------------------- a brake is a brake


@pytest.mark.parametrize("name", ["mastodon", "news", "relay", "bluesky"])
async def test_what_is_paused_falls_back_to_nothing_and_its_time_begins_anew(
    autojump_clock: MockClock, name: str
) -> None:
    exit = Exit(platforms(mastodon=DOWN))
    async with exit.running():
        await exit.brake.pause(name)
        id = await exit.released()
        await trio.sleep(3 * HOUR)
        assert await exit.sent(id) == STAYS
        await exit.brake.resume(name)
        if name != "bluesky":  # it is the other one that could not have it
            await trio.sleep(HALF_AN_HOUR - 2 * LOOK_S)
            assert await exit.sent(id) == STAYS
        await trio.sleep(4 * LOOK_S)
        assert await exit.sent(id) == WENT


async def test_what_a_person_releases_gets_its_time_again(autojump_clock: MockClock) -> None:
    exit = Exit(platforms(mastodon=DOWN))
    async with exit.running():
        id = await exit.released()
        await trio.sleep(1)
        assert await exit.says("hold", id) == 1
        await trio.sleep(3 * HOUR)
        assert await exit.sent(id) == {"mastodon": "held"}
        assert await exit.says("release", id) == 1
        await trio.sleep(HALF_AN_HOUR)
        assert await exit.sent(id) == STAYS
        await trio.sleep(HOUR + 2 * LOOK_S)
        assert await exit.sent(id) == WENT


# ---------------------------------------------------------------- restarts, and clocks


async def test_a_process_that_is_started_anew_counts_anew(autojump_clock: MockClock) -> None:
    exit = Exit(platforms(mastodon=DOWN))
    async with exit.running():
        id = await exit.released()
        await trio.sleep(20 * MINUTE)
    exit = exit.anew()
    async with exit.running():
        await trio.sleep(HALF_AN_HOUR - LOOK_S)
        assert await exit.sent(id) == STAYS
        await trio.sleep(3 * LOOK_S)
        assert await exit.sent(id) == WENT


async def test_however_often_that_is_it_is_not_later_than_the_disk_tells(
    autojump_clock: MockClock,
) -> None:
    exit = Exit(platforms(mastodon=DOWN))
    async with exit.running():
        id = await exit.released()
    began = trio.current_time()
    while await exit.sent(id) == STAYS:
        exit = exit.anew()
        async with exit.running():
            await trio.sleep(10 * MINUTE)
        assert trio.current_time() - began <= HOUR + HALF_AN_HOUR + 10 * MINUTE
    assert trio.current_time() - began > HOUR + HALF_AN_HOUR - 10 * MINUTE
    assert await exit.sent(id) == WENT


async def test_after_a_night_that_the_node_was_off_the_first_place_has_five_minutes(
    autojump_clock: MockClock,
) -> None:
    exit = Exit(platforms(mastodon=DOWN))
    async with exit.running():
        first, second = await exit.released(), await exit.released()
        await trio.sleep(1)
    await trio.sleep(12 * HOUR)
    exit = exit.anew()
    exit.places["mastodon"].answers = [DOWN]
    exit.places["mastodon"].answer = None
    async with exit.running():
        await trio.sleep(FIRST_S - LOOK_S)
        assert await exit.sent(first) == await exit.sent(second) == {"mastodon": "posted"}
        await trio.sleep(FIRST_S)
    assert exit.places["bluesky"].sends == []


async def test_what_went_elsewhere_late_is_not_hurried_on_by_a_restart(
    autojump_clock: MockClock,
) -> None:
    exit = Exit(platforms(mastodon=DOWN, bluesky=DOWN), CHAIN)
    exit.takes = set()
    async with exit.running():
        id = await exit.released()
        await trio.sleep(3 * HOUR)
        exit.takes = {"bluesky"}
        await trio.sleep(2 * LOOK_S)
        assert await exit.sent(id) == {"mastodon": "rerouted", "bluesky": "waiting"}
    exit = exit.anew()
    exit.takes = {"bluesky", "telegram"}
    async with exit.running():
        await trio.sleep(HOUR - LOOK_S)
        assert await exit.sent(id) == {"mastodon": "rerouted", "bluesky": "waiting"}
        await trio.sleep(3 * LOOK_S)
        assert (await exit.sent(id))["telegram"] == "posted"


@pytest.mark.parametrize("frozen", [True, False])
async def test_a_clock_that_jumps_hurries_nothing_once_it_is_seen(
    autojump_clock: MockClock, frozen: bool
) -> None:
    exit = Exit(platforms(mastodon=DOWN))
    async with exit.running():
        id = await exit.released()
        await trio.sleep(1)
    exit = exit.anew()
    exit.frozen = frozen
    exit.clock.ahead_s = 10 * 365 * 24 * HOUR
    async with exit.running():
        await trio.sleep(FIRST_S + 2 * LOOK_S)
        assert await exit.sent(id) == (STAYS if frozen else WENT)


async def test_a_message_released_once_more_and_paused_counts_from_the_end_of_the_pause(
    autojump_clock: MockClock,
) -> None:
    exit = Exit(platforms(mastodon=DOWN))
    async with exit.running():
        id = await exit.released()
        await trio.sleep(1)
        await exit.says("hold", id)
        await trio.sleep(2 * HOUR)
        await exit.brake.pause("mastodon")
        await exit.says("release", id)
        await trio.sleep(3 * HOUR)
        await exit.brake.resume("mastodon")
        await trio.sleep(HALF_AN_HOUR - 2 * LOOK_S)
        assert await exit.sent(id) == STAYS
        await trio.sleep(4 * LOOK_S)
        assert await exit.sent(id) == WENT


# ---------------------------------------------------------------- its operator


async def test_what_went_elsewhere_is_taken_back_from_where_it_stands(
    autojump_clock: MockClock,
) -> None:
    exit = Exit(platforms(mastodon=DOWN))
    async with exit.running():
        id = await exit.released()
        await trio.sleep(IN_TIME)
        assert [(one.destination, one.gone) for one in await exit.withdraws(id)] == [
            ("bluesky", True)
        ]
    assert exit.places["bluesky"].texts == []
    assert await exit.sent(id) == {"mastodon": "rerouted", "bluesky": "withdrawn"}
    assert await exit.states() == {"withdrawn": 1}


async def test_a_sender_who_wants_it_back_has_it_held_where_it_stands(
    autojump_clock: MockClock,
) -> None:
    exit = Exit(platforms(mastodon=DOWN))
    async with exit.running():
        id = await exit.released()
        await trio.sleep(IN_TIME)
        message = (await exit.family(id))[0]
        asked = await Withdrawal(exit.spool, KEYS, nothing, nothing).asked(message.seq)
        assert (asked.waits, asked.whole) == (True, True)
    assert await exit.sent(id) == {"mastodon": "rerouted", "bluesky": "held"}


async def nothing(*_: object) -> None:
    raise AssertionError("nobody is asked")


@pytest.mark.parametrize("word", ["withdraws", "drop", "hold"])
async def test_what_goes_elsewhere_at_that_very_moment_is_caught_there(word: str) -> None:
    exit = Exit(platforms(), to=("page", "mastodon"))
    elsewhere = Elsewhere(exit.spool, exit.clock, KEYS, {})
    id = await exit.released()
    row = await exit.delivery(id, "mastodon")
    family = exit.spool.family

    async def looked_up_just_before(root: int) -> object:
        exit.spool.family = family  # type: ignore[method-assign]
        rows = await family(root)
        assert await elsewhere.instead(row, "bluesky", "late", leased=False)
        return rows

    exit.spool.family = looked_up_just_before  # type: ignore[method-assign,assignment]
    if word == "withdraws":
        assert all(one.gone for one in await exit.withdraws(id))
    else:
        assert await exit.says(word, id) == 2
    ended = {"withdraws": "withdrawn", "drop": "dropped", "hold": "held"}[word]
    assert await exit.sent(id) == {"page": ended, "mastodon": "rerouted", "bluesky": ended}


@pytest.mark.parametrize("word", ["withdraws", "drop", "hold"])
async def test_what_comes_back_at_that_very_moment_is_caught_there(word: str) -> None:
    exit = Exit(platforms(), to=("page", "mastodon"))
    elsewhere = Elsewhere(exit.spool, exit.clock, KEYS, {})
    id = await exit.released()
    row = await exit.delivery(id, "mastodon")
    assert await elsewhere.instead(row, "bluesky", "late", leased=False)
    await exit.spool.take(Queue.POST, now=exit.clock.now() + 1, limit=1, name="bluesky")
    family = exit.spool.family

    async def looked_up_just_before(root: int) -> object:
        exit.spool.family = family  # type: ignore[method-assign]
        rows = await family(root)
        assert await elsewhere.refused(await exit.delivery(id, "bluesky"), "too long")
        return rows

    exit.spool.family = looked_up_just_before  # type: ignore[method-assign,assignment]
    if word == "withdraws":
        assert all(one.gone for one in await exit.withdraws(id))
    else:
        assert await exit.says(word, id) == 2
    ended = {"withdraws": "withdrawn", "drop": "dropped", "hold": "held"}[word]
    assert await exit.sent(id) == {"page": ended, "mastodon": ended, "bluesky": "rerouted"}


async def test_what_a_person_holds_goes_nowhere_also_where_its_account_is_stopped(
    autojump_clock: MockClock,
) -> None:
    exit = Exit(platforms(mastodon=Stopped("the token is old", "log in")))
    async with exit.running():
        id = await exit.released()
        await trio.sleep(1)
        assert await exit.says("hold", id) == 1
        await trio.sleep(3 * HOUR)
        assert await exit.sent(id) == {"mastodon": "held"}


async def test_what_is_at_another_place_is_not_tried_again_at_the_first(
    autojump_clock: MockClock,
) -> None:
    exit = Exit(platforms(mastodon=DOWN))
    async with exit.running():
        id = await exit.released()
        await trio.sleep(IN_TIME)
        with pytest.raises(Asked, match="went elsewhere"):
            await exit.says("retry", id)
        with pytest.raises(Asked):
            await exit.says("release", id)
        with pytest.raises(Asked):
            await exit.says("drop", id)
    assert await exit.sent(id) == WENT


async def test_what_the_other_place_refused_is_where_it_was_to_go_again(
    autojump_clock: MockClock,
) -> None:
    exit = Exit(platforms(mastodon=DOWN, bluesky=Refused("too long")))
    async with exit.running():
        id = await exit.released()
        await trio.sleep(IN_TIME)
        assert await exit.sent(id) == {"mastodon": "waiting", "bluesky": "rerouted"}
        assert (await exit.whys(id))["bluesky"] == "to mastodon: too long"
        assert await exit.states() == {"waiting": 1}
        exit.places["mastodon"].answer = exit.places["bluesky"].answer = None
        await exit.says("retry", id)
        await trio.sleep(3 * HOUR)
        assert await exit.sent(id) == {"mastodon": "posted", "bluesky": "rerouted"}
        with pytest.raises(Asked, match="went elsewhere"):
            await exit.says("retry", id)
    assert await exit.states() == {"posted": 1}
    assert (exit.places["mastodon"].texts, exit.places["bluesky"].texts) == (["text 1"], [])


async def test_what_one_place_of_a_chain_refused_goes_on_to_the_next(
    autojump_clock: MockClock,
) -> None:
    exit = Exit(platforms(mastodon=DOWN, bluesky=Refused("too long")), CHAIN)
    async with exit.running():
        id = await exit.released()
        await trio.sleep(IN_TIME)
        assert await exit.sent(id) == {"mastodon": "waiting", "bluesky": "rerouted"}
        await trio.sleep(HOUR)
        assert (await exit.sent(id))["telegram"] == "posted"


async def test_what_all_places_refuse_has_ended_and_goes_in_no_circle(
    autojump_clock: MockClock,
) -> None:
    refused = Refused("too long")
    exit = Exit(platforms(mastodon=DOWN, bluesky=refused, telegram=refused), CHAIN)
    async with exit.running():
        id = await exit.released()
        await trio.sleep(3 * HOUR)
        exit.places["mastodon"].answer = refused
        await trio.sleep(3 * HOUR)
        assert (await exit.sent(id))["mastodon"] == "refused"
    assert await exit.states() == {"refused": 1}
    assert [len(exit.places[name].sends) for name in ("bluesky", "telegram")] == [1, 1]


async def test_two_roads_to_a_place_that_refuses_both_lead_back(
    autojump_clock: MockClock,
) -> None:
    stopped = Stopped("the token is old", "log in")
    places = platforms(mastodon=stopped, telegram=stopped, bluesky=Later("come again"))
    exit = Exit(places, to=("mastodon", "telegram"))
    async with exit.running():
        id = await exit.released()
        await trio.sleep(1)
        for name in ("mastodon", "telegram"):
            row = await exit.delivery(id, name)
            assert await exit.elsewhere.instead(row, "bluesky", "late", leased=False)
    places["bluesky"].answer = Refused("too long")
    places["mastodon"].answer = places["telegram"].answer = None
    exit = exit.anew()
    async with exit.running():
        await trio.sleep(HOUR)
        posted = {"mastodon": "posted", "telegram": "posted"}
        assert await exit.sent(id) == {**posted, "bluesky": "rerouted"}


async def test_what_is_public_in_part_at_the_other_place_does_not_come_back(
    autojump_clock: MockClock,
) -> None:
    places = platforms(mastodon=DOWN)
    places["bluesky"].parts = 2
    places["bluesky"].answers = [Posted("a"), Refused("too long")]
    exit = Exit(places)
    async with exit.running():
        id = await exit.released()
        await trio.sleep(IN_TIME)
        assert await exit.sent(id) == {"mastodon": "rerouted", "bluesky": "refused"}
        places["mastodon"].answer = None
        assert await exit.says("retry", id) == 1
        await trio.sleep(HOUR)
        assert await exit.sent(id) == WENT
    assert places["mastodon"].texts == []


async def test_what_was_sent_again_blindly_goes_nowhere_when_it_is_told_to_wait(
    autojump_clock: MockClock,
) -> None:
    exit = Exit(platforms(mastodon=DOWN))
    exit.on_unsure = "resend_once"
    mastodon = exit.places["mastodon"]
    mastodon.once, mastodon.answers = Means("none"), [Unsure("no answer")]
    async with exit.running():
        id = await exit.released()
        await trio.sleep(3 * HOUR)
        assert await exit.sent(id) == STAYS
    assert len(mastodon.sends) > 2


async def test_what_was_taken_back_is_not_tried_again_where_it_was_refused(
    autojump_clock: MockClock,
) -> None:
    exit = Exit(platforms(mastodon=Refused("too long")), to=("page", "mastodon"))
    async with exit.running():
        id = await exit.released()
        await trio.sleep(1)
        assert all(one.gone for one in await exit.withdraws(id))
        exit.places["mastodon"].answer = None
        with pytest.raises(Asked, match="withdrawn"):
            await exit.says("retry", id)
        await trio.sleep(HOUR)
    assert await exit.sent(id) == {"page": "withdrawn", "mastodon": "refused"}


async def test_what_is_dropped_while_it_waits_at_the_other_place_is_gone(
    autojump_clock: MockClock,
) -> None:
    exit = Exit(platforms(mastodon=DOWN, bluesky=DOWN))
    async with exit.running():
        id = await exit.released()
        await trio.sleep(IN_TIME)
        assert await exit.says("drop", id) == 1
        await trio.sleep(HOUR)
    assert await exit.sent(id) == {"mastodon": "rerouted", "bluesky": "dropped"}
    assert await exit.states() == {"dropped": 1}


async def test_what_it_was_is_destroyed_with_it(autojump_clock: MockClock) -> None:
    exit = Exit(platforms(mastodon=DOWN))
    async with exit.running():
        id = await exit.released()
        await trio.sleep(IN_TIME)
        assert await exit.says("destroy", id) == 3
    assert [await exit.spool.body(row.seq) for row in await exit.family(id)] == [b"", b"", b""]
    assert await exit.sent(id) == WENT


async def test_a_delivery_whose_destination_is_gone_from_the_settings_stays_where_it_is(
    autojump_clock: MockClock,
) -> None:
    exit = Exit(platforms(mastodon=DOWN))
    async with exit.running():
        id = await exit.released()
        await trio.sleep(1)
    exit = exit.anew()
    del exit.places["bluesky"]
    exit.takes.discard("bluesky")
    async with exit.running():
        await trio.sleep(3 * HOUR)
        assert await exit.sent(id) == STAYS
    assert [row.name for row in await exit.spool.look(queue=Queue.POST)] == ["mastodon"]


class Full(MemorySpool):
    """Its disk has no room for anything new."""

    full = True

    async def change(self, row: Row, to: Change, *, then: Sequence[NewRow] = ()) -> bool:
        if self.full and then:
            raise SpoolFull
        return await super().change(row, to, then=then)


async def test_on_a_full_disk_it_stays_and_goes_when_there_is_room(
    autojump_clock: MockClock,
) -> None:
    clock = Loop()
    spool = Full(clock)
    exit = Exit(platforms(mastodon=DOWN), clock=clock, spool=spool)
    async with exit.running():
        id = await exit.released()
        await trio.sleep(HOUR)
        row = await exit.delivery(id, "mastodon")
        assert row.state == Sent.WAITING
        with pytest.raises(SpoolFull):
            await exit.elsewhere.instead(row, "bluesky", "late", leased=False)
        spool.full = False
        await trio.sleep(2 * LOOK_S)
        assert await exit.sent(id) == WENT


# ---------------------------------------------------------------- very many


async def test_many_go_together_and_leave_room_for_what_else_there_is_to_do() -> None:
    exit = Exit(platforms())
    for _ in range(300):
        await exit.released()
    exit.elsewhere = Elsewhere(exit.spool, exit.clock, KEYS, {})
    exit.brake = Brake(exit.spool, exit.clock, ["news"], exit.places, {})
    proved = Scouts(lambda name: True, lambda name: True)
    proved.told("bluesky", Posted("a"))
    at_once = {"news": {"mastodon": ("bluesky", 0)}}
    fallback = Fallback(exit.spool, exit.clock, KEYS, at_once, exit.elsewhere, exit.brake, proved)
    turns = 0
    async with trio.open_nursery() as nursery:

        async def others() -> None:
            nonlocal turns
            while True:
                turns += 1
                await trio.lowlevel.checkpoint()

        nursery.start_soon(others)
        for _ in range(2):  # the first one sees what is there
            await fallback._look()
        nursery.cancel_scope.cancel()
    assert turns > 600
    assert (await exit.spool.counts()).deliveries == {"rerouted": 300, "waiting": 300}
