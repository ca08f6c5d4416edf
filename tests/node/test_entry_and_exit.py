"""An entry and an exit as people and operators meet them: one takes in, the other shows."""

from __future__ import annotations

import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest
from conftest import relay, soon, status
from two_nodes import Two, two_nodes

from relay.cli.common import asked
from relay.errors import NoNode
from relay.testing.nodes import Node
from relay.testing.senders import mail, post_sms, send_mail, sms

POST = "post@example.org"


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Two]:
    with two_nodes(tmp_path_factory.mktemp("two")) as both:
        soon(lambda: status(both.entry)["standing"] == "ok")
        yield both


def write(node: Node, text: str) -> bool:
    return send_mail(*node.mail, mail(text, to=POST), to=POST)


def page(node: Node) -> str:
    """What readers of an exit see."""
    return answered(f"{node.url}/feed.json")[1].decode()


def answered(url: str) -> tuple[int, bytes]:
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()


def peers(node: Node) -> dict[str, Any]:
    """Those of a node that may just take up other settings."""
    with suppress(NoNode):
        found: dict[str, Any] = status(node)["peers"]
        return found
    return {}


def test_a_mail_to_the_entry_is_shown_by_the_exit(two: Two) -> None:
    assert write(two.entry, "written inside")
    soon(lambda: "written inside" in page(two.exit))
    now = soon(lambda: (now := status(two.entry))["handed"] and now)
    assert (now["accepted"], now["handed"], now["waiting"]) == (1, 1, 0)
    peer = now["peers"]["out"]
    assert (peer["handed"], peer["waiting"], peer["revoked"], peer["refused"]) == (1, 0, False, 0)
    assert peer["keys_days"] >= 59 and now["links"]["to-out"]["state"] == "works"


def test_a_webhook_and_relay_send_come_through_as_well(two: Two) -> None:
    assert post_sms(f"{two.entry.url}/in/phone", sms("by phone", id=7), two.entry.secret) == 200
    relay(two.entry, "send", "--channel", "news", stdin=b"from the machine itself")
    soon(lambda: all(one in page(two.exit) for one in ("by phone", "from the machine itself")))


def test_the_entry_serves_its_health_and_no_page(two: Two) -> None:
    assert answered(f"{two.entry.url}/healthz") == (200, b"ok")
    for path in ("/", "/feed.json", "/feed.xml", "/send"):
        assert answered(two.entry.url + path)[0] == 404


def test_nothing_that_shows_a_message_works_at_an_entry(two: Two) -> None:
    id = "00" * 16
    done = relay(two.entry, "queue", "show", id)
    assert done.returncode == 65 and b"this is an entry: it opens nothing" in done.stderr
    roles = {one["role"] for one in status(two.entry)["processes"]}
    assert roles == {"core", "door", "links"}


def test_what_was_accepted_while_the_exit_was_gone_crosses_when_it_is_back(two: Two) -> None:
    two.exit.kill()
    assert write(two.entry, "while nobody was there")
    waits = soon(lambda: (now := status(two.entry))["waiting"] and now)
    assert waits["peers"]["out"]["waiting"] == 1 and waits["standing"] == "ok"
    two.exit.start()
    list(asked(two.entry.file, {"do": "resume", "name": "to-out"}))
    soon(lambda: "while nobody was there" in page(two.exit))
    soon(lambda: status(two.entry)["waiting"] == 0)


def test_an_exit_that_is_called_otherwise_gets_what_waited_for_it(two: Two) -> None:
    two.exit.kill()
    assert write(two.entry, "for an exit with another name")
    soon(lambda: status(two.entry)["waiting"] == 1)
    text = two.entry.file.read_text()
    renamed = text.replace("[peers.out]", "[peers.abroad]").replace('"out"', '"abroad"')
    two.entry.file.write_text(renamed)
    list(asked(two.entry.file, {"do": "reload"}))
    soon(lambda: peers(two.entry).get("abroad", {}).get("waiting") == 1)
    assert status(two.entry)["standing"] == "ok"  # its keys went with it
    two.exit.start()
    list(asked(two.entry.file, {"do": "resume", "name": "abroad"}))
    soon(lambda: "for an exit with another name" in page(two.exit))
    two.entry.file.write_text(text)
    list(asked(two.entry.file, {"do": "reload"}))
    soon(lambda: "out" in peers(two.entry))


@pytest.mark.slow
def test_an_entry_without_a_key_takes_nothing_until_one_is_brought(two: Two) -> None:
    relay(two.exit, "keys", "export", str(two.exit.folder / "keys.bundle"))
    two.exit.kill()
    two.entry.kill()
    (two.entry.folder / "keys" / "exits" / "out.bundle").unlink()
    two.entry.start()
    assert status(two.entry)["standing"] == "keys"
    assert answered(f"{two.entry.url}/healthz") == (503, b"keys")
    assert not write(two.entry, "too early")
    assert post_sms(f"{two.entry.url}/in/phone", sms("too early", id=8), two.entry.secret) == 503
    assert {one["what"] for one in asked(two.entry.file, {"do": "check"})} >= {"keys", "keys out"}
    done = relay(two.entry, "keys", "import", str(two.exit.folder / "keys.bundle"))
    assert done.returncode == 0, done.stderr
    soon(lambda: answered(f"{two.entry.url}/healthz") == (200, b"ok"))
    assert write(two.entry, "in time")
