"""A real node: a domain is set aside, and stays so when the core is a new one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from conftest import soon
from hunting import disk, found_in

from relay.cli.common import asked
from relay.testing.ledger import marker
from relay.testing.nodes import SETTINGS, Node, running
from relay.testing.senders import mail, page_texts, send_mail

POST = "post@example.org"
DESK = '\n[desk]\nlisten = "127.0.0.1:0"\n'

pytestmark = pytest.mark.slow  # the same is shown by parts in test_desk_aside.py


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    """A node that publishes whatever comes."""
    written = SETTINGS.format(destinations='"page"') + DESK
    with running(Node(tmp_path_factory.mktemp("aside") / "n", written)) as started:
        yield started


def last(node: Node, **order: Any) -> Mapping[str, Any]:
    *_, answer = asked(node.file, order)
    return dict(answer)


def send(node: Node, domain: str) -> str:
    said = marker()
    assert send_mail(*node.mail, mail(said, to=POST), to=POST, sender=f"someone@{domain}")
    return said


def card(node: Node, said: str) -> Mapping[str, Any]:
    """The card of a message, once it was reviewed."""
    return dict(soon(lambda: reviewed(node, said)))


def reviewed(node: Node, said: str) -> Mapping[str, Any] | None:
    answers = list(asked(node.file, {"do": "cards", "after": 0}))
    found = [one for batch in answers for one in batch.get("cards", ()) if said in one["text"]]
    return found[0] if found and (found[0]["held"] or found[0]["queue"] != "review") else None


def shows(node: Node, said: str) -> bool:
    try:
        return any(said in text for text in page_texts(node.url))
    except ConnectionError:  # there is no page before its first item
        return False


def test_mail_of_a_domain_is_held_and_counted_over_a_restart_and_other_mail_goes_out(
    node: Node,
) -> None:
    last(node, do="aside", kind="typed", value="flood.example", for_s=3600, token="token-one")
    first, other = send(node, "flood.example"), send(node, "calm.example")
    assert soon(lambda: shows(node, other), 15)
    held = card(node, first)
    assert held["aside"] and held["held"] and held["network"]
    assert held["network"] != card(node, other)["network"]
    assert [one["held"] for one in last(node, do="asides")["asides"]] == [1]
    node.stop()
    node.start()
    again = send(node, "flood.example")
    assert card(node, again)["aside"]
    (rule,) = last(node, do="asides")["asides"]
    last(node, do="aside-end", aside=rule["id"], token="token-two")
    assert soon(lambda: not card(node, again)["aside"], 15)
    assert not shows(node, again)
    domains = {"typed": "flood.example", "sender's": "calm.example"}
    assert found_in(disk(node.folder), domains) == []
