"""SMS by SMPP, from a centre by others: nothing is lost, nothing stands on the page twice.

The centre is made of the library smpp (in node), which reads and writes SMPP by itself. A long SMS
is cut where phones cut it, which is through the middle of an emoji.
"""

from __future__ import annotations

import asyncio
import os
import random
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from smpp_parts import World, serving
from sms_servers import Smsc, at, process, segments, smsc, texts, until, whole

from relay.model import Posted
from relay.testing.certificates import make_pair
from relay.testing.nodes import Node, running
from relay.testing.smsc import Centre
from relay.transports.smpp import Where

CENTRE = """
[transports.centre]
kind = "smpp"
host = "127.0.0.1"
port = {port}
user = "relay"
password_file = "secrets/centre"
channel = "news"
tls = false
"""
LONG = "درود بر شما ای مردم. " * 3 + "این" + "🌹" * 2 + "پایان شب سیه سپید است. " * 4 + "تمام"
"""Three segments; the first cut parts a pair of surrogates."""


def test_the_text_is_cut_through_an_emoji():
    first, second, third = (bytes.fromhex(one["hex"]) for one in segments(LONG, 7))
    assert 0xD8 <= first[-2] < 0xDC <= second[0] < 0xE0 and third


@pytest.fixture
def centre(tmp_path: Path) -> Iterator[Smsc]:
    with smsc(tmp_path / "centre") as there:
        yield there


@pytest.fixture
def node(tmp_path: Path, centre: Smsc) -> Node:
    made = Node(tmp_path / "n", more=CENTRE.format(port=centre.port))
    made.write("secrets/centre", b"secret\n")
    return made


@contextmanager
def frozen(pid: int) -> Iterator[None]:
    """A process that does nothing while the block lasts."""
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


# ---------------------------------------------------------------- the session


@pytest.mark.parametrize("tls", [False, True])
def test_messages_answers_and_the_session_itself_are_understood(tmp_path, tls):
    pair = make_pair(tmp_path)
    files = (pair.certificate, pair.key) if tls else ()
    world, outcomes = World(), []

    async def story(there: Smsc) -> None:
        where = Where("127.0.0.1", there.port, tls, str(pair.certificate) if tls else "")
        made = world.transport(Centre(), where=where, answers=True)
        async with serving(made, world):
            there.send(*segments(LONG, 7), whole("یک"))
            await asyncio.to_thread(there.until_taken, 4)
            way_back = world.arrivals[0].way_back
            for answer in ("It waits.", "در انتظار است"):
                outcomes.append(await made.answer(way_back, answer))

    with smsc(tmp_path / "centre", *files) as there:
        asyncio.run(story(there))
        told = there.told
    found = sorted(world.arrivals[:3], key=lambda one: one.segment)
    assert b"".join(one.content for one in found).decode("utf-16-be") == LONG
    assert outcomes == [Posted("")] * 2
    assert [(one["text"], one["from"], one["to"]) for one in told["submitted"]] == [
        ("It waits.", "30001", "989120000001"),
        ("در انتظار است", "30001", "989120000001"),
    ]
    assert world.fares == [("works", "")]


# ---------------------------------------------------------------- to the page


def test_a_long_sms_reversed_and_doubled_stands_on_the_page_once(centre, node):
    parts = segments(LONG, 7)
    with running(node):
        centre.until_bound()
        centre.send(*reversed(parts), parts[1])
        centre.until_taken(4)
        assert until(lambda: texts(node)) == [LONG]
        centre.send(parts[0], whole("و پایان"))
        centre.until_taken(6)
        until(lambda: len(texts(node)) == 2)
        assert texts(node) == [LONG, "و پایان"]


def test_a_long_sms_across_a_restart_and_midnight_stands_on_the_page_once(centre, node):
    first, second, third = segments(LONG, 7)
    with running(node, env=at("@2027-01-15 23:58:00")):
        centre.send(third, second)
        centre.until_taken(2)
        node.stop()
    with running(node, env=at("@2027-01-16 00:03:00")):
        centre.send(second, first)
        centre.until_taken(4)
        assert until(lambda: texts(node)) == [LONG]


def test_a_long_sms_while_a_day_ends_stands_on_the_page_once(centre, node):
    first, second, third = segments(LONG, 7)
    with running(node, env=at("@2027-01-15 23:59:48")):
        centre.until_bound()
        began = time.monotonic()
        centre.send(third, third)
        centre.until_taken(2)
        assert time.monotonic() - began < 10, "the day had ended"
        time.sleep(max(0.0, began + 15 - time.monotonic()))
        centre.send(second, first)
        centre.until_taken(4)
        assert until(lambda: texts(node)) == [LONG]


def test_a_long_sms_that_lost_a_segment_shows_its_gap_and_is_corrected(centre, node):
    text = LONG.replace("🌹", "گل")
    first, second, third = segments(text, 7)
    with running(node, env=at("@2027-01-15 10:00:00")):
        centre.send(first, third)
        centre.until_taken(2)
        node.stop()
    node.boots()  # within one boot the clock would have jumped
    with running(node, env=at("@2027-01-15 11:31:00")):  # the hour is over, and half of the next
        [gap] = until(lambda: texts(node))
        assert gap == f"{text[:67]} […] {text[134:]}"
        centre.send(second)
        until(lambda: texts(node) == [text])


# ---------------------------------------------------------------- killed


def test_a_door_killed_between_the_message_and_the_commit_takes_it_the_next_time(centre, node):
    with running(node):
        centre.until_bound()
        door = process(node, "door")
        with frozen(process(node, "core")):
            centre.send(whole("یک"))
            time.sleep(0.5)  # the door has it, and nobody has kept it
            assert centre.told["taken"] == []
            os.kill(door, signal.SIGKILL)
        centre.until_taken(1)
        assert until(lambda: texts(node)) == ["یک"]
        time.sleep(0.5)
        assert texts(node) == ["یک"]


def test_a_door_killed_at_any_moment_loses_and_doubles_nothing(centre, node):
    chance, sent = random.Random(7), []
    with running(node):
        for round in range(6):
            centre.until_bound()
            made = [f"پیام شماره {round} و {n}" for n in range(10)]
            sent += made
            centre.send(*map(whole, made))
            time.sleep(chance.random() * 0.1)
            os.kill(process(node, "door"), signal.SIGKILL)
        centre.until_taken(len(sent))
        until(lambda: len(texts(node)) >= len(sent))
        time.sleep(1)
        assert sorted(texts(node)) == sorted(sent)


def test_a_centre_that_is_killed_is_bound_to_again(centre, node):
    with running(node):
        centre.until_bound()
        centre.server.kill()
        centre.server.start()
        centre.send(whole("یک"))
        assert until(lambda: texts(node)) == ["یک"]


# ---------------------------------------------------------------- who asks is answered


def test_only_who_asks_is_answered_and_as_often_as_that(centre, node):
    more = 'answers = "asked"\nanswer_prefixes = ["+98912"]\nanswers_every = "0s"\nenquire = "1s"\n'
    node.file.write_text(node.file.read_text() + more)
    with running(node):
        centre.until_bound()
        centre.send(whole("شب سیه سپید است\n#48301957"), whole("بی‌نام"))
        until(lambda: len(texts(node)) == 2)
        assert centre.told["submitted"] == []
        centre.send(whole("?48301957"), whole("?48301957", sender="447700900000"))
        until(lambda: centre.told["submitted"])
        centre.until_taken(4)
        time.sleep(1)
        [answer] = centre.told["submitted"]
        assert (answer["from"], answer["to"]) == ("30001", "989120000001")
        assert answer["text"] and "48301957" not in texts(node)[0]
        time.sleep(3)  # the centre has said that it has all our answers: no repeat any more
        centre.send(whole("?48301957"))
        until(lambda: len(centre.told["submitted"]) == 2)
        assert len(texts(node)) == 2
