"""How often a provider is bothered: a day's mails, and a rest after each later."""

from __future__ import annotations

from mail_link_parts import A_SEED, B, Hour, Provider, carrying, listening, sending
from on_asyncio import on_asyncio

from relay.links.mail.outward import Outward
from relay.links.mail.pace import DAY_S, FIRST_S, LONGEST_S, RESTS, SPENT, Pace
from relay.links.port import Given, HandedOver, Later


class Time:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_day_has_so_many_mails_and_not_one_more() -> None:
    time = Time()
    pace = Pace(3, time)
    for hour in range(3):
        time.now = hour * 3600.0
        assert pace.why_not == ""
        pace.sends()
    assert pace.why_not == SPENT
    time.now = DAY_S - 1
    assert pace.why_not == SPENT
    time.now = DAY_S
    assert pace.why_not == ""
    pace.sends()
    assert pace.why_not == SPENT


def test_a_provider_that_says_later_is_left_alone_longer_each_time() -> None:
    time = Time()
    pace = Pace(100, time)
    rests = []
    for _ in range(12):
        pace.put_off()
        began = time.now
        while pace.why_not == RESTS:
            time.now += FIRST_S
        rests.append(time.now - began)
    assert rests[:3] == [FIRST_S, 2 * FIRST_S, 4 * FIRST_S]
    assert rests[-1] == LONGEST_S
    pace.went()
    pace.put_off()
    time.now += FIRST_S
    assert pace.why_not == ""


async def test_while_it_rests_nobody_connects() -> None:
    provider = Provider(DOT="452 quota of the day")

    async def run() -> list[HandedOver]:
        async with listening(provider) as port:
            outward = Outward(sending(port), A_SEED, B, Hour())  # type: ignore[arg-type]
            return [await outward.hand_over(carrying(10)) for _ in range(3)]

    assert await on_asyncio(run) == [Later(RESTS)] * 3
    assert provider.connections == 1


async def test_what_a_day_has_no_room_for_waits() -> None:
    provider = Provider()

    async def run() -> list[HandedOver]:
        async with listening(provider) as port:
            at = sending(port, most_a_day=2)
            outward = Outward(at, A_SEED, B, Hour())  # type: ignore[arg-type]
            return [await outward.hand_over(carrying(10)) for _ in range(3)]

    assert await on_asyncio(run) == [Given(), Given(), Later(SPENT)]
    assert len(provider.mails) == 2
