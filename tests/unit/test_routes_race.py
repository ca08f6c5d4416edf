"""The addresses of a host: one soon after the other, and the connections that come too late are
closed."""

from __future__ import annotations

import asyncio
import socket
import threading

import pytest
import trio
import trio.testing
from on_asyncio import on_asyncio

from relay.reach import race
from relay.reach.failing import Unreached, is_odd
from relay.reach.race import addresses_of, first_of, reached


class Net:
    """Addresses that answer after so many seconds, or fail."""

    def __init__(self, answers):
        self.answers = answers
        self.asked = []
        self.open = set()

    async def connect(self, address):
        self.asked.append((address, trio.current_time()))
        after_s, error = self.answers[address]
        await trio.sleep(after_s)
        if error is not None:
            raise error
        self.open.add(address)
        return address

    async def close(self, address):
        await trio.lowlevel.checkpoint()
        self.open.discard(address)

    async def first(self):
        began = trio.current_time()
        self.asked = []
        won = await first_of(list(self.answers), self.connect, self.close)
        return won, trio.current_time() - began


async def test_an_address_that_swallows_everything_costs_a_quarter_of_a_second(autojump_clock):
    net = Net({"2001:db8::1": (1000, None), "192.0.2.1": (0.1, None)})
    won, took_s = await net.first()
    assert won == "192.0.2.1" and took_s == pytest.approx(0.35)
    assert net.open == {"192.0.2.1"}


async def test_an_address_that_refuses_costs_nothing(autojump_clock):
    net = Net({"2001:db8::1": (0, ConnectionRefusedError()), "192.0.2.1": (0, None)})
    assert (await net.first())[0] == "192.0.2.1"
    assert net.asked[1][1] == net.asked[0][1]


async def test_the_first_is_given_its_head_start(autojump_clock):
    net = Net({"192.0.2.1": (0.2, None), "192.0.2.2": (0, None)})
    assert (await net.first())[0] == "192.0.2.1"
    assert [address for address, _ in net.asked] == ["192.0.2.1"]


async def test_two_that_answer_together_leave_one(autojump_clock):
    net = Net({"192.0.2.1": (0.5, None), "192.0.2.2": (0.25, None)})
    won, _ = await net.first()
    assert net.open == {won}


async def test_a_race_that_is_left_leaves_nothing_open(autojump_clock):
    net = Net({"192.0.2.1": (1, None), "192.0.2.2": (1, None)})
    with trio.move_on_after(0.9):
        await net.first()
    assert net.open == set()


@pytest.mark.parametrize(
    ("errors", "kind"),
    [
        ((OSError(101, ""), ConnectionRefusedError()), "refused"),
        ((ConnectionResetError(), ConnectionRefusedError()), "reset"),
        ((OSError(101, ""), TimeoutError()), "timed out"),
        ((OSError(101, ""), OSError(113, "")), "unreachable"),
        ((OSError(13, ""),), "unreachable"),  # a firewall of this machine
    ],
)
async def test_of_several_failures_the_most_telling_is_told(autojump_clock, errors, kind):
    net = Net({f"192.0.2.{n}": (0, error) for n, error in enumerate(errors)})
    with pytest.raises(Unreached) as raised:
        await net.first()
    assert raised.value.failure == kind


@pytest.mark.parametrize("host", ["no-such-host.invalid", "a" * 64 + ".example", "a..example"])
async def test_a_name_without_an_address_is_a_matter_of_dns(host):
    with pytest.raises(Unreached, match="dns"):
        await addresses_of(host, 443)


async def test_a_resolver_that_does_not_answer_is_one_as_well(autojump_clock, monkeypatch):
    async def silent(*_, **__):
        await trio.sleep_forever()

    monkeypatch.setattr(race, "resolved", silent)
    net = Net({})
    with pytest.raises(Unreached, match="dns"):
        await reached("platform.example", 443, 5, net.connect, net.close)
    assert trio.current_time() == pytest.approx(5, abs=0.1)


async def test_families_take_turns_and_an_address_is_asked_once(monkeypatch):
    found = [(10, "2001:db8::1"), (10, "2001:db8::2"), (2, "192.0.2.1"), (2, "192.0.2.1")]

    async def answers(*_, **__):
        await trio.lowlevel.checkpoint()
        return found

    monkeypatch.setattr(race, "resolved", answers)
    assert await addresses_of("platform.example", 443) == [
        "2001:db8::1",
        "192.0.2.1",
        "2001:db8::2",
    ]


async def test_a_resolver_that_does_not_answer_keeps_nothing_else_of_a_door_waiting(monkeypatch):
    """A form is read in a thread of the loop's, of which there are few."""
    answers = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: answers.wait(5) and [])

    async def door():
        asked = [asyncio.create_task(addresses_of("platform.example", 443)) for _ in range(39)]
        await asyncio.sleep(0.01)
        try:
            async with asyncio.timeout(1):
                return await asyncio.to_thread(lambda: "read")
        finally:
            answers.set()
            await asyncio.gather(*asked, return_exceptions=True)

    assert await on_asyncio(door) == "read"


@pytest.mark.parametrize("address", ["127.0.0.1", "10.10.34.34", "0.0.0.0", "::1", "fe80::1%eth0"])
def test_a_public_name_has_no_such_address(address):
    assert is_odd("platform.example", address)


@pytest.mark.parametrize(
    ("host", "address"),
    [
        ("platform.example", "9.9.9.9"),
        ("platform.example", "2606:4700::1"),
        ("localhost", "127.0.0.1"),
        ("box", "192.168.1.5"),
        ("social.home.arpa", "192.168.1.5"),
        ("news.lan.", "10.0.0.2"),
        ("127.0.0.1", "127.0.0.1"),
        ("platform.example", "nothing"),
    ],
)
def test_what_may_be_true_is_believed(host, address):
    assert not is_odd(host, address)
