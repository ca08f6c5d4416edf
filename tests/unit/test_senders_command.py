"""``relay senders`` and ``relay queue answer``: no secret is echoed, what is typed is checked."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from relay.cli.queue import queue
from relay.cli.senders import NoWord, senders

WORD = "sunflower7"


@pytest.fixture
def orders(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """What the node is asked for; it does it all."""
    given: list[dict[str, Any]] = []

    def asked(_: Path, order: dict[str, Any]) -> list[dict[str, Any]]:
        given.append(order)
        return [{"id": "ca1a9d12a958", "name": "Ada", "added": True, "removed": True}]

    monkeypatch.setattr("relay.cli.senders.asked", asked)
    monkeypatch.setattr("relay.cli.queue.asked", asked)
    return given


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("click.testing._NamedTextIOWrapper.isatty", lambda _: True)


def test_a_word_is_the_first_line_of_standard_input(orders: list[dict[str, Any]]) -> None:
    done = CliRunner().invoke(senders, ["add", "Ada"], input=f" {WORD} \nmore\n")
    assert done.exit_code == 0 and WORD not in done.output
    assert orders == [{"do": "senders", "add": "Ada", "word": WORD}]


def test_on_a_terminal_a_word_is_typed_twice_and_not_echoed(
    orders: list[dict[str, Any]], terminal: None
) -> None:
    done = CliRunner().invoke(senders, ["add", "Ada"], input=f"{WORD}\n{WORD}\n")
    assert done.exit_code == 0 and WORD not in done.output
    assert orders[0]["word"] == WORD


def test_two_words_that_differ_change_nothing(orders: list[dict[str, Any]], terminal: None) -> None:
    done = CliRunner().invoke(senders, ["add", "Ada"], input=f"{WORD}\n{WORD}8\n")
    assert isinstance(done.exception, NoWord) and not orders


@pytest.mark.parametrize("given", ["", "\n", b"\xff\n"])
def test_no_word_changes_nothing(given: str | bytes, orders: list[dict[str, Any]]) -> None:
    done = CliRunner().invoke(senders, ["add", "Ada"], input=given)
    assert isinstance(done.exception, NoWord) and not orders


@pytest.mark.parametrize(
    ("words", "order"),
    [
        ([], {"text": "How many?"}),
        (["--reply", "2"], {"reply": 2}),
        (["--dismiss"], {"dismiss": True}),
    ],
)
def test_an_answer_is_a_text_a_reply_or_none(
    words: list[str], order: dict[str, Any], orders: list[dict[str, Any]]
) -> None:
    done = CliRunner().invoke(queue, ["answer", "ca1a", *words], input="How many?")
    assert done.exit_code == 0, done.output
    assert orders == [{"do": "answer", "id": "ca1a", **order}]


@pytest.mark.parametrize(
    ("words", "given"),
    [(["--reply", "2", "--dismiss"], b""), ([], b"\xff"), ([], b"x" * 5000)],
)
def test_what_is_no_answer_is_refused(
    words: list[str], given: bytes, orders: list[dict[str, Any]]
) -> None:
    assert CliRunner().invoke(queue, ["answer", "ca1a", *words], input=given).exit_code == 2
    assert not orders
