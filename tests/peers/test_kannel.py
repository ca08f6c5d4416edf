"""SMS by Kannel's webhook: what it hands over stands on the page once, and what it loses itself.

Kannel is told what it is told in docs/ways-in.md. Its centre is its own fake one, or the one made
of the library smpp, to which it binds.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from kannel_server import Kannel, kannel
from running import free_port
from sms_servers import NUMBER, SENDER, Smsc, at, segments, smsc, texts, until, whole

from relay.cli.common import asked
from relay.testing.nodes import SETTINGS, Node, running

SECRET = b"a-long-random-segment-of-a-path-0123456789"
PHONE = """\
[transports.phone]
kind = "sms"
gateway = "kannel"
path_secret_file = "secrets/phone"
channel = "news"
"""
LONG = "درود بر شما ای مردم. " * 3 + "این" + "🌹" * 2 + "پایان شب سیه سپید است. " * 4 + "تمام"


def kannel_node(folder: Path) -> Node:
    """A node on fixed ports, so that Kannel finds it again."""
    settings = SETTINGS.format(destinations='"page"')
    before, _, rest = settings.partition("[transports.phone]")
    settings = before + PHONE + "\n[destinations.page]" + rest.partition("[destinations.page]")[2]
    settings = settings.replace("127.0.0.1:0", f"127.0.0.1:{free_port()}", 1)
    node = Node(folder, settings)
    node.write("secrets/phone", SECRET)
    return node


def url_of(node: Node) -> str:
    port = node.file.read_text().partition('listen = "127.0.0.1:')[2].partition('"')[0]
    return f"http://127.0.0.1:{port}/in/phone/{SECRET.decode()}"


@pytest.fixture
def node(tmp_path: Path) -> Node:
    return kannel_node(tmp_path / "n")


@contextmanager
def by_smpp(folder: Path, node: Node) -> Iterator[tuple[Smsc, Kannel]]:
    """Kannel, bound to a centre, before a node."""
    with (
        smsc(folder / "centre") as centre,
        kannel(folder / "kannel", url_of(node), centre=centre.port) as there,
    ):
        centre.until_bound()
        yield centre, there


def test_what_the_fake_centre_sends_stands_on_the_page(tmp_path, node):
    with running(node), kannel(tmp_path / "kannel", url_of(node)) as there:
        phones = there.phones(f"+{SENDER} {NUMBER} text one short message")
        try:
            assert until(lambda: texts(node)) == ["one short message"]
        finally:
            phones.kill()
            phones.wait()


def test_a_long_persian_sms_reversed_and_doubled_stands_on_the_page_once(tmp_path, node):
    first, second, third = segments(LONG, 7)
    with running(node), by_smpp(tmp_path, node) as (centre, _):
        centre.send(third, second, second, first)
        assert until(lambda: texts(node)) == [LONG]
        centre.send(whole("و پایان"))
        until(lambda: len(texts(node)) == 2)
        assert texts(node) == [LONG, "و پایان"]


def test_a_long_sms_across_a_restart_and_midnight_stands_on_the_page_once(tmp_path, node):
    """Kannel holds the first segments while the node goes and comes."""
    first, second, third = segments(LONG, 7)
    with by_smpp(tmp_path, node) as (centre, _):
        with running(node, env=at("@2027-01-15 23:58:00")):
            centre.send(third, second)
            centre.until_taken(2)
            node.stop()
        with running(node, env=at("@2027-01-16 00:03:00")):
            centre.send(second, first)
            assert until(lambda: texts(node)) == [LONG]


def test_segments_that_kannel_gives_up_joining_are_joined_by_us(tmp_path, node):
    """After its time-out it hands them on one by one, each with its header."""
    first, second, third = segments(LONG, 7)
    with (
        running(node),
        smsc(tmp_path / "centre") as centre,
        kannel(tmp_path / "kannel", url_of(node), centre=centre.port, joins_s=1),
    ):
        centre.until_bound()
        centre.send(third, second)
        until(lambda: len(_waiting(node)) == 2)  # it looks at its clock twice a minute
        centre.send(first)
        assert until(lambda: texts(node), 90) == [LONG]


def test_a_node_that_is_down_for_a_while_gets_what_kannel_tries_again(tmp_path, node):
    with by_smpp(tmp_path, node) as (centre, there):
        centre.send(whole("یک"))
        until(lambda: "Couldn't fetch" in there.log)
        with running(node):
            assert until(lambda: texts(node)) == ["یک"]
            time.sleep(2)
            assert texts(node) == ["یک"]


def test_kannel_loses_what_its_smsbox_holds_when_that_is_killed(tmp_path, node):
    """The reason to bind by SMPP ourselves: Kannel said yes to the centre, and has it no more."""
    with by_smpp(tmp_path, node) as (centre, there):
        centre.send(whole("یک"))
        centre.until_taken(1)
        until(lambda: "Couldn't fetch" in there.log)
        there.smsbox.kill()
        with running(node):
            there.smsbox.start()
            centre.send(whole("دو"))
            assert until(lambda: texts(node)) == ["دو"]
            time.sleep(5)
            assert texts(node) == ["دو"]


def _waiting(node: Node) -> list[object]:
    """The segments that the exit has."""
    return [one for one in asked(node.file, {"do": "list", "all": True}) if one["queue"] == "read"]
