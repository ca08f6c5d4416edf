"""A flood at a door: limited, told nothing, and nobody else is harmed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from contextlib import suppress

import pytest

from relay.entry.accept import Accept
from relay.entry.limits import FLOOD, Limits
from relay.entry.seal import SealedRow
from relay.entry.strip import EntrySecrets
from relay.model import HOUR, Arrival, Kind, Message, Verdict
from relay.rules.policy import Policy, held_for
from relay.wire.envelope import open_envelope
from relay.wire.keys import make_exit_keys

NOW = 1_800_000_000
SECRETS = EntrySecrets(b"n" * 32, b"j" * 32, b"t" * 32, b"y" * 32)
KEYS = make_exit_keys(NOW)
PUBLIC = [epoch.public for epoch in KEYS.epochs]
ONE = b"+989121234567"


class Clock:
    at = NOW

    def now(self) -> int:
        return self.at


class Door:
    """What of a door takes arrivals in; the disk is a list."""

    def __init__(self, room: int | None = None, *, fetches: str = "") -> None:
        self.clock = Clock()
        self.limits = Limits({"phone": 60, "mail": 60, "chat": 60, "box": 60})
        self.limits.fetches(fetches)
        if room is not None:
            self.limits.room_is(room)
        self.accept = Accept(SECRETS, PUBLIC, self.clock, self.put, self.limits)
        self.rows: list[SealedRow] = []
        self.verdict: Verdict | Exception = Verdict.TAKEN

    async def put(self, rows: Sequence[SealedRow]) -> Verdict:
        if isinstance(self.verdict, Exception):
            raise self.verdict
        self.rows += rows
        return self.verdict

    async def takes(self, arrival: Arrival, times: int = 1) -> Counter[Verdict]:
        return Counter([await self.accept(arrival) for _ in range(times)])


def arrival(
    sender: bytes = ONE,
    transport: str = "phone",
    kind: Kind = "text",
    content: bytes = b"they are shooting",
    network: bytes = b"",
    segments: int = 0,
) -> Arrival:
    return Arrival(
        transport,
        kind,
        content,
        ("news",),
        sender,
        b"",
        network=network,
        segment=min(segments, 1),
        segments=segments,
    )


async def test_of_ten_thousand_from_one_number_sixty_are_taken_and_others_are_not_harmed() -> None:
    door = Door()
    taken: Counter[Verdict] = Counter()
    for n in range(10_000):
        taken[await door.accept(arrival())] += 1
        if n % 100 == 0:
            other = b"+98912%07d" % n
            assert await door.accept(arrival(other)) is Verdict.TAKEN
    assert taken == {Verdict.TAKEN: 60, Verdict.BUSY: 9940}
    assert await door.accept(arrival(transport="chat")) is Verdict.TAKEN
    door.clock.at += HOUR
    assert await door.accept(arrival()) is Verdict.TAKEN


async def test_a_queue_that_is_fetched_goes_on_and_the_flood_waits_for_a_person() -> None:
    door = Door(fetches="chat")
    assert await door.takes(arrival(transport="chat"), 100) == {Verdict.TAKEN: 100}
    opened = [open_envelope(row.envelope, KEYS.keyring).inside for row in door.rows]
    assert [FLOOD in one.flags for one in opened] == [False] * 60 + [True] * 40
    open_channel = Policy(review="none")
    assert held_for(Message("x", flags=(FLOOD,)), open_channel) == ("very many from one sender",)
    assert held_for(Message("x"), open_channel) == ()


async def test_a_long_sms_is_not_cut_off_in_its_middle_by_its_own_length() -> None:
    door = Door()
    assert await door.takes(arrival(segments=200), 200) == {Verdict.TAKEN: 200}


@pytest.mark.parametrize("verdict", [Verdict.BUSY, Verdict.FULL, RuntimeError("the core ended")])
async def test_what_could_not_be_stored_takes_no_turn(verdict: Verdict | Exception) -> None:
    door = Door(room=64 * 4000)
    door.verdict = verdict
    for _ in range(100):
        with suppress(RuntimeError):
            await door.accept(arrival(network=b"net"))
    door.verdict = Verdict.TAKEN
    assert await door.takes(arrival(network=b"net"), 20) == {Verdict.TAKEN: 16, Verdict.BUSY: 4}


async def test_nobody_can_use_up_the_turns_of_a_mail_address_that_is_not_theirs() -> None:
    door = Door()
    theirs = arrival(b"she@example.net", "mail", "mail", network=b"c00002")
    forged = arrival(b"she@example.net", "mail", "mail", network=b"c63364")
    assert (await door.takes(forged, 1000))[Verdict.TAKEN] == 60
    assert await door.accept(theirs) is Verdict.TAKEN


async def test_mail_of_a_server_on_this_machine_is_not_counted_by_what_it_says() -> None:
    door = Door()
    forged = arrival(b"she@example.net", "mail", "mail")
    assert await door.takes(forged, 100) == {Verdict.TAKEN: 100}


async def test_bounces_of_one_network_are_one_sender() -> None:
    door = Door()
    assert (await door.takes(arrival(b"", "mail", "mail", network=b"n"), 100)) == {
        Verdict.TAKEN: 60,
        Verdict.BUSY: 40,
    }


async def test_what_has_no_sender_is_not_counted_together() -> None:
    door = Door()
    assert await door.takes(arrival(b"", "form"), 100) == {Verdict.TAKEN: 100}
    assert await door.takes(arrival(b"", "phone"), 100) == {Verdict.TAKEN: 100}


async def test_no_transport_takes_more_than_a_quarter_of_the_room() -> None:
    door = Door(room=400_000)
    people = [b"+98912%07d" % n for n in range(100)]
    verdicts = Counter([await door.accept(arrival(one)) for one in people])
    assert verdicts == {Verdict.TAKEN: 25, Verdict.BUSY: 75}
    assert sum(len(row.envelope) for row in door.rows) == 100_000
    assert await door.accept(arrival(transport="chat")) is Verdict.TAKEN
    door.clock.at += 25 * HOUR
    assert await door.accept(arrival(b"+989120000099")) is Verdict.TAKEN


async def test_no_network_takes_more_than_a_quarter_of_the_room_by_several_transports() -> None:
    door = Door(room=400_000)
    for n in range(40):
        name = "mail" if n % 2 else "form"
        await door.accept(arrival(b"%d@example.net" % n, name, network=b"c00002"))
    assert len(door.rows) == 25
    one_more = arrival(b"x@example.net", "mail", network=b"c00002")
    assert await door.accept(one_more) is Verdict.BUSY
    elsewhere = arrival(b"x@example.net", "mail", network=b"c63364")
    assert await door.accept(elsewhere) is Verdict.TAKEN


async def test_a_large_mail_counts_as_what_it_takes_on_the_disk() -> None:
    door = Door(room=4 * 300_000)
    large = arrival(b"", "form", content=b"x" * 40_000)
    assert await door.takes(large, 2) == {Verdict.TAKEN: 1, Verdict.BUSY: 1}
    beyond_all = arrival(b"", "form", content=b"x" * (17 << 20))
    assert await door.accept(beyond_all) is Verdict.BUSY


def test_a_door_that_limits_remembers_nobody_by_name() -> None:
    limits = Limits({"phone": 60})
    limits.enter(arrival(network=b"c00002"), NOW)
    kept = [limits._senders["phone"]._even, limits._networks._by_name]
    assert "989121234567" not in repr(kept) and "c00002" not in repr(kept)


async def test_where_no_senders_are_known_a_network_has_its_turns_and_no_other_s() -> None:
    """As at a form, by which codes could be tried without end."""
    door = Door()
    taken = await door.takes(arrival(b"", network=b"192.0.2.0/24"), 100)
    assert taken == {Verdict.TAKEN: 60, Verdict.BUSY: 40}
    assert await door.takes(arrival(b"", network=b"198.51.100.0/24")) == {Verdict.TAKEN: 1}
    assert await door.takes(arrival(b""), 100) == {Verdict.TAKEN: 100}
    assert await door.takes(arrival(network=b"192.0.2.0/24")) == {Verdict.TAKEN: 1}
