"""A real node: equal messages come, one of them is published, undone, and public in the end."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from conftest import soon

from relay.cli.common import asked
from relay.testing.ledger import marker
from relay.testing.nodes import SETTINGS, Node, running
from relay.testing.senders import mail, page_texts, send_mail

POST = "post@example.org"
DESK = '\n[desk]\nlisten = "127.0.0.1:0"\noutbox = "2s"\n'

pytestmark = pytest.mark.slow  # the same is shown by parts in test_desk_deeds.py


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    """A node whose channel is reviewed."""
    written = SETTINGS.format(destinations='"page"').replace('review = "none"', 'review = "all"')
    with running(Node(tmp_path_factory.mktemp("deeds") / "n", written + DESK)) as started:
        yield started


def cards(node: Node, said: str) -> list[Mapping[str, Any]]:
    """The cards of the messages that say this."""
    answers = list(asked(node.file, {"do": "cards", "after": 0}))
    return [card for one in answers for card in one.get("cards", ()) if said in card["text"]]


def last(node: Node, **order: Any) -> Mapping[str, Any]:
    *_, answer = asked(node.file, order)
    return dict(answer)


def test_one_of_equal_messages_is_published_undone_and_published_again(node: Node) -> None:
    made = marker()
    for once in ("", "again: "):
        assert send_mail(*node.mail, mail(f"{once}the bridge is closed {made}", to=POST), to=POST)
    found = soon(lambda: len(held(node, made)) == 2 and held(node, made))
    chosen, other = [card["id"] for card in found]
    publish = {"do": "publish", "ids": [chosen], "with": {chosen: [other]}}
    answer = last(node, **publish, token="first-token")
    assert answer == last(node, **publish, token="first-token")
    assert [one["changed"] for one in answer["done"]] == [2]
    assert last(node, do="undo", deed="first-token", token="undo-token")["done"]
    assert len(held(node, made)) == 2
    last(node, **publish, token="other-token")
    [text] = soon(lambda: [one for one in page_texts(node.url) if made in one], 15)
    assert "the bridge" in text
    states = sorted(card["state"] for card in cards(node, made))
    assert states == ["joined", "posted"]


def held(node: Node, said: str) -> list[Mapping[str, Any]]:
    return [card for card in cards(node, said) if card["held"]]
