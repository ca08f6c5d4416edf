"""SMS from a centre: nothing is answered before it is kept, nothing is lost, nothing kept twice."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace

import pytest
from smpp_parts import NOW, QUICK, World, serving

from relay.errors import KeyFileError
from relay.model import Arrival, Later, Posted, Refused, Stopped, Unsure, Verdict
from relay.testing.smsc import Centre, Sms, centre, cut, eight, hang, says, unbinds
from relay.testing.smsc.octets import BOUND_ALREADY, THROTTLED, WRONG_PASSWORD
from relay.transports.smpp import SmppLimits, Where
from relay.transports.smpp.transport import wait_s

SALAM = Sms("سلام".encode("utf-16-be"))

Story = Callable[[Centre, World], Awaitable[None]]


def told(story: Story, *, tls: bool = False) -> World:
    """Run a story with a centre and a world of its own."""
    world = World()

    async def run() -> None:
        async with asyncio.timeout(20), centre(tls=tls) as there:
            await story(there, world)

    asyncio.run(run())
    return world


@pytest.mark.parametrize("tls", [False, True])
def test_a_message_is_handed_over_as_octets_and_then_answered(tls):
    async def story(there: Centre, world: World) -> None:
        async with serving(world.transport(there), world):
            there.send(SALAM)
            await there.until_empty()
            await there.until(lambda: there.delivered == [SALAM])

    world = told(story, tls=tls)
    [arrival] = world.arrivals
    assert (arrival.kind, arrival.content) == ("ucs2", "سلام".encode("utf-16-be"))
    assert (arrival.sender, arrival.recipient) == (b"+989120000001", b"30001")
    assert arrival.channels == ("news",) and arrival.way_back == b"" and not arrival.segments
    assert world.fares == [("works", "")]


def test_the_centre_is_told_who_we_are_and_what_we_speak():
    async def story(there: Centre, world: World) -> None:
        more = {"system_type": "VMA", "bind": "receiver"}
        async with serving(world.transport(there, account=more), world):
            await there.until_bound()
        [bound] = there.bindings
        assert (bound.command, bound.user, bound.password) == (1, "relay", "secret")
        assert (bound.system_type, bound.version) == ("VMA", 0x34)

    told(story)


def test_the_answer_waits_for_the_commit():
    async def story(there: Centre, world: World) -> None:
        committed = asyncio.Event()

        async def slowly(arrival: Arrival) -> Verdict:
            await committed.wait()
            return await world.take_in(arrival)

        async with serving(world.transport(there), world, slowly):
            there.send(SALAM)
            await there.until(lambda: not there.waiting)
            before = there.enquired
            await there.until(lambda: there.enquired > before + 2)  # it lives meanwhile
            assert not there.delivered
            committed.set()
            await there.until(lambda: there.delivered == [SALAM])

    told(story)


def test_a_message_that_cannot_be_kept_now_comes_again_until_it_can():
    async def story(there: Centre, world: World) -> None:
        tries = iter([Verdict.BUSY, Verdict.FULL, None])
        world.verdict = lambda arrival: next(tries)
        async with serving(world.transport(there), world):
            there.send(SALAM)
            await there.until(lambda: there.delivered == [SALAM])
        assert there.again == 2

    assert len(told(story).arrivals) == 1


def test_a_message_that_can_never_be_kept_is_refused_for_good():
    async def story(there: Centre, world: World) -> None:
        world.verdict = lambda arrival: Verdict.REFUSED
        async with serving(world.transport(there), world):
            there.send(SALAM)
            await there.until(lambda: there.refused == [SALAM])

    assert told(story).turned == 1


def test_a_fault_of_ours_is_no_reason_to_refuse_a_message():
    async def story(there: Centre, world: World) -> None:
        calls = 0

        async def failing(arrival: Arrival) -> Verdict:
            nonlocal calls
            calls += 1
            if calls == 1:
                raise RuntimeError("the text must not be here")
            return await world.take_in(arrival)

        async with serving(world.transport(there), world, failing):
            there.send(SALAM)
            await there.until(lambda: there.delivered == [SALAM])
        assert there.again == 1

    told(story)


def test_segments_in_any_order_and_twice_are_all_handed_over():
    whole = "درود بر شما ای مردم. " * 3 + "این" + "🌹" * 2 + "پایان" + "🌹" * 30
    octets = whole.encode("utf-16-be")
    assert 0xD8 <= octets[132] < 0xDC, "the first cut parts a pair"
    parts = [octets[at : at + 134] for at in range(0, len(octets), 134)]
    segments = [
        Sms(part, header=eight(7, len(parts), number)) for number, part in enumerate(parts, 1)
    ]

    async def story(there: Centre, world: World) -> None:
        async with serving(world.transport(there), world):
            there.send(*reversed(segments), segments[0])
            await there.until(lambda: len(there.delivered) == len(segments) + 1)

    world = told(story)
    assert world.repeats == 1
    found = sorted(world.arrivals, key=lambda one: one.segment)
    assert b"".join(one.content for one in found).decode("utf-16-be") == whole
    assert {(one.segments, one.reference) for one in found} == {(len(parts), b"\x07")}


def test_an_answer_that_got_lost_makes_no_second_message():
    async def story(there: Centre, world: World) -> None:
        there.script("answered", cut())
        async with serving(world.transport(there), world):
            there.send(SALAM)
            await there.until(lambda: there.delivered == [SALAM])

    world = told(story)
    assert (len(world.arrivals), world.repeats) == (1, 1)


def test_a_process_that_died_before_its_answer_knows_the_message_again():
    async def story(there: Centre, world: World) -> None:
        there.script("answered", cut())
        there.send(SALAM)
        gone = asyncio.get_running_loop().create_future()
        first = world.transport(there, pause=lambda s: gone)  # it comes no second time
        async with serving(first, world):
            await there.until(lambda: bool(world.arrivals) and not there.lines)
        async with serving(world.transport(there), world):
            await there.until(lambda: there.delivered == [SALAM])

    world = told(story)
    assert (len(world.arrivals), world.repeats) == (1, 1)


def test_who_says_the_same_again_is_heard_once_the_centre_has_our_answers():
    async def story(there: Centre, world: World) -> None:
        async with serving(world.transport(there), world):
            there.send(SALAM)
            await there.until(lambda: len(there.delivered) == 1)
            first, before = world.file, there.enquired
            await there.until(lambda: world.file != first or there.enquired > before + 50)
            there.send(SALAM)
            await there.until(lambda: len(there.delivered) == 2)

    assert len(told(story).arrivals) == 2


def test_after_a_break_a_repeat_is_known_for_hours_and_then_no_more():
    async def story(there: Centre, world: World) -> None:
        async with serving(world.transport(there), world):
            there.send(SALAM)
            await there.until(lambda: len(there.delivered) == 1)
            there.cut()
            await there.until(lambda: len(there.bindings) == 2)
            world.clock.at = NOW + 3600
            before = there.enquired
            await there.until(lambda: there.enquired > before + 2)
            there.send(SALAM)
            await there.until(lambda: len(there.delivered) == 2)
            assert world.repeats == 1
            mark, world.clock.at = world.file, NOW + 3 * 3600
            await there.until(lambda: world.file != mark)
            there.send(SALAM)
            await there.until(lambda: len(there.delivered) == 3)

    assert len(told(story).arrivals) == 2


def test_an_id_of_the_centre_counts_only_with_sender_and_text():
    def given(text: str) -> Sms:
        return Sms(text.encode("utf-16-be"), tlvs=((0x001E, b"00000001\0"),))

    async def story(there: Centre, world: World) -> None:
        async with serving(world.transport(there), world):
            there.send(given("یک"), given("یک"), given("دو"))  # its counter began anew
            await there.until(lambda: len(there.delivered) == 3)

    world = told(story)
    assert (len(world.arrivals), world.repeats) == (2, 1)
    assert not any(one.repeats_without_id for one in world.arrivals)


def test_receipts_and_service_messages_are_answered_and_not_kept():
    async def story(there: Centre, world: World) -> None:
        receipt = Sms(b"id:1 sub:001 stat:DELIVRD", esm_class=4, data_coding=0)
        bank = Sms(b"Your code is 1234", sender=b"BANK", ton=5, data_coding=0)
        short = Sms("سلام".encode("utf-16-be"), sender=b"30007", ton=0)
        async with serving(world.transport(there), world):
            there.send(receipt, bank, short)
            await there.until(lambda: len(there.delivered) == 3)

    world = told(story)
    assert (world.arrivals, world.service) == ([], 2)


def test_more_than_we_take_at_once_come_again():
    async def story(there: Centre, world: World) -> None:
        there.at_once = 40
        room = asyncio.Event()

        async def full(arrival: Arrival) -> Verdict:
            await room.wait()
            return await world.take_in(arrival)

        messages = [Sms(f"{n}".encode("utf-16-be")) for n in range(40)]
        async with serving(world.transport(there), world, full):
            there.send(*messages)
            await there.until(lambda: there.again >= 40 - QUICK.window)
            room.set()
            await there.until(lambda: len(there.delivered) == 40)

    assert len(told(story).arrivals) == 40


# ---------------------------------------------------------------- what ends a session


@pytest.mark.parametrize("fault", [cut(), unbinds()])
def test_a_session_that_ends_is_taken_up_again_and_nothing_is_lost(fault):
    async def story(there: Centre, world: World) -> None:
        there.script("deliver", fault)
        messages = [Sms(f"{n}".encode("utf-16-be")) for n in range(20)]
        async with serving(world.transport(there), world):
            there.send(*messages)
            await there.until(lambda: len(there.delivered) == 20)
        assert len(there.bindings) == 2

    world = told(story)
    assert len(world.arrivals) == 20
    assert [state for state, _ in world.fares] == ["works", "blocked", "works"]


def test_a_centre_that_says_nothing_any_more_is_left():
    async def story(there: Centre, world: World) -> None:
        there.script("enquire", hang())
        async with serving(world.transport(there, limits=replace(QUICK, answer_s=0.05)), world):
            await there.until(lambda: len(there.bindings) == 2)

    assert ("blocked", "it does not answer any more: it is tried again") in told(story).fares


def test_a_centre_that_is_down_is_waited_for():
    async def story(there: Centre, world: World) -> None:
        await there.refuse()
        async with serving(world.transport(there), world):
            there.send(SALAM)
            await there.open()
            await there.until(lambda: there.delivered == [SALAM])

    fares = told(story).fares
    assert [state for state, _ in fares] == ["blocked", "works"]
    assert "nobody listens there" in fares[0][1]


@pytest.mark.parametrize(
    ("status", "state", "word"),
    [(WRONG_PASSWORD, "login", "password"), (BOUND_ALREADY, "blocked", "bound already"),
     (THROTTLED, "spent", "takes no more"), (0x0400, "blocked", "0x400")],
)  # fmt: skip
def test_a_bind_that_is_refused_is_a_state_of_the_board(status, state, word):
    async def story(there: Centre, world: World) -> None:
        there.script("bind", says(status))
        async with serving(world.transport(there), world):
            await there.until(lambda: world.fares[-1] == ("works", ""))

    first, *_, last = told(story).fares
    assert first[0] == state and word in first[1]
    assert last == ("works", "")


def test_a_new_password_is_used_without_a_restart():
    async def story(there: Centre, world: World) -> None:
        world.password = "old"
        async with serving(world.transport(there), world):
            world.password = "secret"
            await there.until(lambda: world.fares[-1] == ("works", ""))

    assert [state for state, _ in told(story).fares] == ["login", "works"]


def test_a_password_that_smpp_has_no_room_for_is_the_operators_to_change():
    async def story(there: Centre, world: World) -> None:
        world.password = "nine-char"
        async with serving(world.transport(there), world):
            assert there.bindings == []

    [(state, why)] = told(story).fares
    assert state == "login" and "at most 8 characters" in why


def test_a_password_file_that_cannot_be_read_is_the_operators_to_mend():
    async def story(there: Centre, world: World) -> None:
        def unreadable() -> None:
            raise KeyFileError("secrets/centre is missing")

        made = world.transport(there)
        made._account = unreadable
        async with serving(made, world):
            assert there.bindings == []

    [(state, why)] = told(story).fares
    assert state == "login" and "mode 0600" in why


def test_a_stranger_with_a_certificate_of_his_own_never_hears_the_password():
    async def story(there: Centre, world: World) -> None:
        untold = Where("127.0.0.1", there.port, tls=True)
        async with serving(world.transport(there, where=untold), world):
            assert there.bindings == []

    [(state, why)] = told(story, tls=True).fares
    assert state == "blocked" and "certificate" in why


def test_a_node_that_stops_answers_what_is_under_way_and_says_goodbye():
    async def story(there: Centre, world: World) -> None:
        async def slowly(arrival: Arrival) -> Verdict:
            await asyncio.sleep(0.02)
            return await world.take_in(arrival)

        async with serving(world.transport(there), world, slowly):
            there.send(SALAM)
            await there.until(lambda: not there.waiting)
        await there.until(lambda: not there.lines)
        assert there.delivered == [SALAM]

    assert len(told(story).arrivals) == 1


@pytest.mark.parametrize(("failures", "least", "most"), [(1, 1, 2), (3, 4, 8), (40, 150, 300)])
def test_the_pauses_grow_and_end_at_five_minutes(failures, least, most):
    assert wait_s(SmppLimits(), failures, 0.0) == least
    assert wait_s(SmppLimits(), failures, 1.0) == most
    assert wait_s(SmppLimits(), 1, 0.0, patient=True) >= 30


# ---------------------------------------------------------------- answers


def answered(text: str, *faults: object, **more: object) -> tuple[World, list, object]:
    """One message comes, and is answered so."""
    outcomes: list[object] = []
    sent: list[object] = []

    async def story(there: Centre, world: World) -> None:
        there.script("submit", *faults)
        made = world.transport(there, answers=True, **more)
        async with serving(made, world):
            there.send(SALAM)
            await there.until(lambda: there.delivered == [SALAM])
            outcomes.append(await made.answer(world.arrivals[0].way_back, text))
        sent.extend(there.submitted)

    return told(story), sent, outcomes[0]


def test_an_answer_goes_back_from_the_number_that_was_written_to():
    _, [sms], outcome = answered("It waits.")
    assert outcome == Posted("")
    assert (sms.sender, sms.recipient) == (b"30001", b"989120000001")
    assert (sms.user_data, sms.data_coding, sms.registered_delivery) == (b"It waits.", 0, 0)


def test_an_answer_in_other_letters_is_ucs2_and_at_most_two_parts():
    text = "پیام شما در انتظار است. " * 5
    _, [one, two], outcome = answered(text)
    assert outcome == Posted("")
    assert {one.data_coding, two.data_coding} == {8} and {one.esm_class, two.esm_class} == {0x40}
    first, second = one.user_data, two.user_data
    assert first[:3] == second[:3] == b"\x05\x00\x03" and first[3] == second[3]
    assert (first[4:6], second[4:6]) == (b"\x02\x01", b"\x02\x02")
    assert max(len(first), len(second)) <= 140
    assert (first[6:] + second[6:]).decode("utf-16-be") == text


def test_an_answer_in_latin_letters_is_written_as_that_centre_reads_0():
    _, [sms], _ = answered("garçon", default="latin1")
    assert (sms.user_data, sms.data_coding) == ("garçon".encode("latin-1"), 0)


def test_an_answer_of_more_than_two_parts_is_not_sent():
    _, sent, outcome = answered("م" * 135)
    assert sent == [] and isinstance(outcome, Refused)


@pytest.mark.parametrize(
    ("fault", "kind", "state"),
    [(says(THROTTLED), Later, "spent"), (says(0x0450), Stopped, "spent"),
     (says(0x0B), Refused, "works"), (says(0x08), Later, "works"), (cut(made=True), Unsure, None)],
)  # fmt: skip
def test_what_became_of_an_answer_is_told(fault, kind, state):
    world, _, outcome = answered("It waits.", fault, no_credit=frozenset({0x0450}))
    assert isinstance(outcome, kind)
    assert state is None or world.fares[-1][0] == state


def test_no_way_back_is_made_where_nobody_is_answered_and_none_is_believed_that_is_not_ours():
    async def story(there: Centre, world: World) -> None:
        made = world.transport(there)
        async with serving(made, world):
            assert isinstance(await made.answer(b"x", "It waits."), Refused)
        assert isinstance(await made.answer(b"x" * 20, "It waits."), Later)

    told(story)


def test_nothing_of_a_message_is_in_a_log(caplog):
    async def story(there: Centre, world: World) -> None:
        async with serving(world.transport(there, answers=True), world):
            there.send(SALAM, Sms(b"\xff", data_coding=8, tlvs=((0x0424, b""),)))
            await there.until(lambda: len(there.delivered) == 2)

    caplog.set_level(0)
    told(story)
    assert [record for record in caplog.records if "asyncio" not in record.name] == []
