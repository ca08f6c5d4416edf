"""An exit as its entries and its operator meet it: what it takes in, and from whom."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from an_entry import Entry, settings
from conftest import listed, soon, status

from relay.cli.common import asked
from relay.confine import possible
from relay.links.port import Durable, Later
from relay.testing.nodes import Node, running
from relay.wire.primitives import KEY
from relay.wire.token import ReturnKey, make_token, open_answer

ASKER = ReturnKey(b"day1", b"r" * KEY)


@pytest.fixture(scope="module")
def exit_(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    with running(Node(tmp_path_factory.mktemp("exit") / "n", settings())) as node:
        yield node


@pytest.fixture(scope="module")
def entry(exit_: Node) -> Entry:
    return Entry(exit_)


def test_it_has_no_door_and_its_line_names_the_ports_of_its_links(exit_: Node) -> None:
    assert exit_.at.keys() == {"tls"}
    roles = {one["role"] for one in status(exit_)["processes"]}
    assert roles == {"core", "outlet", "reader", "cleaner", "links"}
    assert not (exit_.folder / "data" / "send").exists()


def test_an_entry_gets_its_keys_and_what_it_hands_over_is_posted(exit_: Node, entry: Entry) -> None:
    sealed = entry.sealed("by an entry")
    assert isinstance(entry.hands_over(sealed), Durable)
    soon(lambda: status(exit_)["posted"] == 1)
    assert entry.bundle is not None
    assert len(entry.bundle.epochs) > 60
    assert isinstance(entry.hands_over(sealed, sealed), Durable)  # its answer was lost
    now = status(exit_)
    assert (now["accepted"], now["repeats"]) == (1, 2)


def test_what_is_no_envelope_or_came_too_late_is_counted(exit_: Node, entry: Entry) -> None:
    late = entry.sealed("too late", life_s=-7200)
    assert isinstance(entry.hands_over(late, b"junk"), Durable)
    now = status(exit_)
    assert (now["expired"], now["turned_away"]) == (1, 1)


def test_an_answer_goes_back_by_the_entry_until_it_was_heard(exit_: Node, entry: Entry) -> None:
    way_back = make_token(ASKER, b"a" * KEY, b"phone\x00+15550100")
    asks = entry.sealed("HELP", return_token=way_back, answer_key=b"a" * KEY)
    assert isinstance(entry.hands_over(asks), Durable)
    soon(lambda: status(exit_)["answers"]["waiting"] == 1)
    entry.hands_over()
    entry.hands_over()
    assert {one.token for one in entry.answers} == {way_back}
    assert open_answer(b"a" * KEY, entry.answers[0].sealed)
    entry.hands_over(heard=[entry.answers[0].name])
    assert status(exit_)["answers"]["heard"] == 1


def test_who_is_no_peer_hands_over_nothing_and_is_counted(exit_: Node, entry: Entry) -> None:
    before = status(exit_)["turned_away"]
    stranger = Entry(exit_, b"s" * KEY, entry.bundle)
    assert isinstance(stranger.hands_over(stranger.sealed("of a stranger")), Later)
    now = soon(lambda: (now := status(exit_))["turned_away"] > before and now)
    assert now["accepted"] == 3
    assert now["links"]["tls"]["turned_away"] > 0
    assert now["links"]["tls"]["state"] == "works"


@pytest.mark.skipif(not possible().enough, reason="this kernel cannot confine")
def test_the_process_of_the_links_is_confined(exit_: Node) -> None:
    [links] = [one["pid"] for one in status(exit_)["processes"] if one["role"] == "links"]
    seen = Path(f"/proc/{links}/status").read_text()
    assert "Seccomp:\t2\n" in seen
    assert "NoNewPrivs:\t1\n" in seen
    assert int(seen.split("CapEff:\t")[1].split()[0], 16) == 0


def test_a_locked_exit_takes_in_and_posts_once_it_is_unlocked(exit_: Node, entry: Entry) -> None:
    exit_.stop()
    passphrase = exit_.folder / "secrets" / "passphrase"
    kept = passphrase.read_text()
    passphrase.unlink()
    exit_.start()
    assert status(exit_)["standing"] == "locked"
    new = Entry(exit_)
    assert new.sealed("to its keys, which it gives away locked as well")
    sealed = entry.sealed("while it was locked")
    assert [type(entry.hands_over(sealed)) for _ in range(2)] == [Durable, Durable]
    troubles = {one["what"]: one["said"] for one in asked(exit_.file, {"do": "check"})}
    assert ", 1 wait: `relay unlock`" in troubles["locked"]
    assert [row["queue"] for row in listed(exit_, everything=True) if row["state"] == "waiting"]
    list(asked(exit_.file, {"do": "unlock", "passphrase": kept.strip()}))
    soon(lambda: status(exit_)["posted"] == 2)
