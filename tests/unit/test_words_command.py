"""`relay queue redact | rewrite | correct | preview`, against a node that is made up."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from click.testing import CliRunner, Result

from relay.cli import words
from relay.cli.queue import queue

ID = "ab" * 16
PHONE = {"kind": "phone", "where": "text", "offset": 5, "length": 9}
QUOTE = {"kind": "quote", "where": "text", "offset": 0, "length": 0}
EDITED = {"id": ID, "destination": "page", "state": "edited", "why": "", "url": ""}


class Node:
    """What was asked of it, and what it answers."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.orders: list[Mapping[str, Any]] = []
        self.answers: dict[str, list[Mapping[str, Any]]] = {}
        monkeypatch.setattr(words, "asked", self._asked)

    def _asked(self, path: object, order: Mapping[str, Any]) -> Iterator[Any]:
        self.orders.append(order)
        yield from self.answers[order["do"]]

    def run(self, *args: str, said: bytes | None = None) -> Result:
        return CliRunner().invoke(queue, list(args), input=said)


@pytest.fixture
def node(monkeypatch: pytest.MonkeyPatch) -> Node:
    made = Node(monkeypatch)
    words_now = {"id": ID, "title": "", "text": "call […]"}
    made.answers = {
        "show": [{"id": ID, "marks": [PHONE, QUOTE]}],
        "redact": [words_now],
        "rewrite": [words_now],
        "correct": [EDITED],
    }
    return made


def test_what_was_marked_is_cut_and_what_has_no_place_is_not(node: Node) -> None:
    done = node.run("redact", "abab")
    assert (done.exit_code, done.output.endswith("call […]\n")) == (0, True)
    cut = {"where": "text", "offset": 5, "length": 9}
    assert node.orders[-1] == {"do": "redact", "id": ID, "cuts": [cut]}
    assert node.run("redact", "abab", "mail").exit_code == 2


def test_words_come_from_standard_input_and_the_first_line_may_be_the_title(node: Node) -> None:
    node.run("rewrite", "abab", said=b"one\ntwo\n")
    assert node.orders[-1] == {"do": "rewrite", "id": "abab", "text": "one\ntwo\n"}
    node.run("rewrite", "abab", "--title", said=b"one\ntwo\n")
    assert node.orders[-1] == {"do": "rewrite", "id": "abab", "title": "one", "text": "two\n"}
    assert node.run("rewrite", "abab", said=b"\xff").exit_code == 2


@pytest.mark.parametrize(
    ("more", "status"),
    [({}, 0), ({"state": "waiting"}, 69), ({"state": "beside", "why": "it stays"}, 69)],
    ids=["done", "waits", "stays"],
)
def test_a_correction_that_is_not_everywhere_is_said_by_the_status(
    node: Node, more: Mapping[str, str], status: int
) -> None:
    node.answers["correct"] = [{**EDITED, **more}]
    done = node.run("correct", "abab", "--hides", said=b"all is quiet\n")
    assert (done.exit_code, "page" in done.output) == (status, True)
    assert node.orders[-1]["hides"] is True


def test_parts_are_shown_with_their_counts(node: Node) -> None:
    part = {"text": "a\nb", "count": 3, "most": 500, "media": 0}
    told = {"destination": "x", "of": 1, "parts": [part], "trouble": "", "left_out": ["no films"]}
    node.answers["preview"] = [told]
    shown = node.run("preview", "abab").output
    assert "x  parts: 1; no films" in shown and "(3 of 500)" in shown and "  a\n  b" in shown
    assert json.loads(node.run("preview", "abab", "--json").output) == told
