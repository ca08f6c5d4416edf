"""Trying to sign in: ten thousand times, and nobody is locked out by it."""

from __future__ import annotations

from pathlib import Path
from statistics import median
from time import perf_counter

import pytest
import trio
from desk_people import PASSPHRASE, Office
from trio.testing import MockClock

from relay.errors import Asked
from relay.node.desk import proofs
from relay.node.desk.proofs import WRONG
from relay.node.desk.throttle import IN_ALL, PER_DEVICE, PER_NAME


@pytest.fixture
def office(tmp_path: Path) -> Office:
    return Office(tmp_path)


async def tries(office: Office, names: list[str], **more: object) -> list[str]:
    """What is said to as many tries at once."""
    said = []
    for name in names:
        try:
            await office.ask("sign-in", name=name, passphrase="guess", code="123456", **more)
        except Asked as refused:
            said.append(str(refused))
    return said


async def test_ten_thousand_tries_of_one_name_are_ten_looks(
    office: Office, mock_clock: MockClock
) -> None:
    await office.has("ada")
    said = await tries(office, ["ada"] * 10_000)
    assert said.count(WRONG) == PER_NAME.burst
    assert set(said) == {WRONG, "wait 60 s"}
    unknown = await tries(office, ["eve"] * 20)
    assert unknown == said[:20]  # as of somebody who is a user


async def test_ten_thousand_tries_of_a_thousand_names_are_thirty_looks(
    office: Office, mock_clock: MockClock
) -> None:
    await office.has("ada")
    said = await tries(office, [f"user{n % 1000}" for n in range(10_000)])
    assert said.count(WRONG) == IN_ALL.burst


async def test_whoever_has_signed_in_before_is_not_kept_out_by_strangers(
    office: Office, mock_clock: MockClock
) -> None:
    await office.has("ada")
    device = (await office.enters("ada"))["device"]
    for _ in range(5):
        await tries(office, ["ada"] * 50 + [f"user{n}" for n in range(50)])
        mock_clock.jump(3)
    assert (await office.enters("ada", device=device))["device"] == device
    with pytest.raises(Asked, match="wait"):
        await office.enters("ada")
    office.begin()
    await tries(office, ["ada"] * 50)
    assert (await office.enters("ada", device=device))["handle"] == "ada"


async def test_whoever_has_just_joined_is_not_kept_out_either(
    office: Office, mock_clock: MockClock
) -> None:
    link = (await office.order("users", add="ada", roles=["editor"]))["link"]
    await tries(office, ["ada"] * 50 + [f"user{n}" for n in range(50)])
    device = (await office.join(link))["device"]
    assert (await office.enters("ada", device=device))["handle"] == "ada"


async def test_a_browser_of_another_user_opens_no_door(
    office: Office, mock_clock: MockClock
) -> None:
    await office.has("ada")
    await office.has("bo")
    device = (await office.enters("bo"))["device"]
    said = await tries(office, ["ada"] * 40, device=device)
    assert said.count(WRONG) == PER_NAME.burst
    said = await tries(office, ["bo"] * 40, device=device)
    assert said.count(WRONG) == PER_DEVICE.burst


async def test_tries_come_back_by_and_by(office: Office, mock_clock: MockClock) -> None:
    await office.has("ada")
    await tries(office, ["ada"] * 20)
    mock_clock.jump(60)
    assert await tries(office, ["ada"] * 2) == [WRONG, "wait 60 s"]
    mock_clock.jump(3600)
    assert (await tries(office, ["ada"] * 20)).count(WRONG) == PER_NAME.burst


async def test_strangers_do_not_keep_a_user_from_the_terminal(
    office: Office, mock_clock: MockClock
) -> None:
    await office.has("ada")
    await tries(office, ["ada"] * 50)
    office.clock.at += 30
    proof = {"name": "ada", "passphrase": PASSPHRASE, "code": office.code("ada")}
    assert await office.order("release", id="abcd", **{"as": proof}) == {"by": "ada"}


async def test_a_crowd_at_the_door_has_one_look_at_a_time(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    await office.has("ada")
    at_once, most = 0, 0
    stretch = proofs.primitives.stretch

    def counted(*given: object) -> bytes:
        nonlocal at_once, most
        at_once += 1
        most = max(most, at_once)
        made = stretch(*given)  # type: ignore[arg-type]
        at_once -= 1
        return made

    monkeypatch.setattr(proofs.primitives, "stretch", counted)
    async with trio.open_nursery() as nursery:
        for n in range(20):
            nursery.start_soon(tries, office, [f"user{n}"])
    assert most == 1


@pytest.mark.slow
async def test_how_long_a_refusal_takes_does_not_tell_who_is_a_user(office: Office) -> None:
    await office.has("ada")
    await office.order("users", add="bo", roles=["editor"])  # who has not joined
    took: dict[str, list[float]] = {"ada": [], "bo": [], "eve": []}
    for _ in range(60):
        office.begin()  # or it would be throttled
        for name, times in took.items():
            began = perf_counter()
            assert await tries(office, [name]) == [WRONG]
            times.append(perf_counter() - began)
    middle = [median(times) for times in took.values()]
    assert max(middle) < 1.2 * min(middle)
