"""What the core gives to whoever carries it, and takes from them: batches, in pieces, bounded."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import trio
from bundle_parts import Core, entry_at, exit_at, says_nothing
from folder_parts import some

from relay.errors import Asked
from relay.node.crossing.carried import FORGOTTEN_S, PAGE, STICK, Carried
from relay.node.crossing.returning import Newest, Returning
from relay.wire.batch import MAX_BATCH, MOST_ANSWERS, MOST_IDS
from relay.wire.pack import pack

TOKENS = [f"{n:032x}" for n in range(9)]


async def all_of(carried: Carried, **request: Any) -> list[Mapping[str, Any]]:
    return [one async for one in carried.answers({"peer": "entry", **request})]


def piece(content: bytes, at: int, end: int, token: str = TOKENS[0]) -> dict[str, Any]:
    part = b64encode(content[at:end]).decode()
    return {"do": "carry-in", "token": token, "of": len(content), "at": at, "piece": part}


async def test_a_batch_that_comes_in_pieces_is_taken_when_it_is_whole(tmp_path: Path) -> None:
    core = exit_at(tmp_path / "b")
    carried, content = Carried(core), pack(some(2))
    assert await all_of(carried, **piece(content, 0, 3000)) == [{"have": 3000}]
    assert core.kept == {}
    kept, *back = await all_of(carried, **piece(content, 3000, len(content)))
    assert kept == {"kept": True}
    assert back[0]["batch"] > 32
    assert len(core.kept) == 2


async def test_a_piece_that_does_not_follow_is_refused_and_the_first_begins_anew(
    tmp_path: Path,
) -> None:
    carried, content = Carried(exit_at(tmp_path / "b")), pack(some())
    for at, end in ((100, 200), (len(content), len(content))):
        with pytest.raises(Asked, match="does not follow"):
            await all_of(carried, **piece(content, at, end))
    await all_of(carried, **piece(content, 0, 100))
    with pytest.raises(Asked, match="does not follow"):
        await all_of(carried, **piece(content + b"x", 100, 200))
    await all_of(carried, **piece(content, 0, 200))
    assert await all_of(carried, **piece(content, 200, 300)) == [{"have": 300}]


async def test_no_more_than_two_batches_are_half_there(tmp_path: Path) -> None:
    carried, content = Carried(exit_at(tmp_path / "b")), pack(some())
    for token in TOKENS[:3]:
        await all_of(carried, **piece(content, 0, 100, token))
    with pytest.raises(Asked, match="does not follow"):
        await all_of(carried, **piece(content, 100, 200, TOKENS[0]))
    await all_of(carried, **piece(content, 100, 200, TOKENS[1]))


async def test_a_half_that_nobody_goes_on_with_is_forgotten(
    tmp_path: Path, autojump_clock: Any
) -> None:
    carried, content = Carried(exit_at(tmp_path / "b")), pack(some())
    await all_of(carried, **piece(content, 0, 100, TOKENS[0]))
    await trio.sleep(FORGOTTEN_S + 1)
    await all_of(carried, **piece(content, 0, 100, TOKENS[1]))
    with pytest.raises(Asked, match="does not follow"):
        await all_of(carried, **piece(content, 100, 200, TOKENS[0]))


@pytest.mark.parametrize(
    "bad",
    [
        {"peer": "nobody"},
        {"peer": 7},
        {"token": "x"},
        {"of": MAX_BATCH + 1},
        {"of": 0},
        {"piece": "*"},
        {"at": -1},
        {"do": "carry-away"},
        {"do": "carry-back", "ids": ["zz"]},
        {"do": "carry-back", "ids": ["00"]},
        {"do": "carry-back", "ids": [0]},
        {"do": "carry-back", "ids": ["00" * 16] * (MOST_IDS + 1)},
    ],
)
async def test_what_makes_no_sense_is_refused(tmp_path: Path, bad: dict[str, Any]) -> None:
    core = exit_at(tmp_path / "b")
    request = {**piece(pack(some()), 0, 100), **bad}
    with pytest.raises(Asked):
        await all_of(Carried(core), **request)
    assert core.came == []


async def test_what_is_whole_and_no_batch_is_refused(tmp_path: Path) -> None:
    core = exit_at(tmp_path / "b")
    with pytest.raises(Asked, match="no batch"):
        await all_of(Carried(core), **piece(b"no batch at all", 0, 100))
    assert core.came == []


async def test_ids_of_what_waits_come_by_pages(tmp_path: Path) -> None:
    core = entry_at(tmp_path / "a")
    ids = await core.accept(3)
    (answer,) = await all_of(Carried(core), do="carry-ids", peer="exit")
    assert answer == {"ids": [one.hex() for one in ids], "later": []}
    core.clock.at = -1
    (answer,) = await all_of(Carried(core), do="carry-ids", peer="exit")
    assert answer["ids"] == []
    assert len(answer["later"]) == 3
    assert PAGE * 35 < 64 * 1024


# ---------------------------------------------------------------- what an exit gives along


def returning(core: Core, serial: int) -> Returning:
    keys = Newest(serial, b"keys" * 9)
    return Returning(core.settings.peers, says_nothing, lambda token: False, lambda: keys)


async def test_all_answers_the_keys_and_what_took_no_receipt_are_carried(tmp_path: Path) -> None:
    core = exit_at(tmp_path / "b")
    core.returning = made = returning(core, 5)
    for n in range(MOST_ANSWERS + 3):
        await made.answer(b"token %d" % n, b"sealed")
    made.durable(STICK, "entry", [bytes([n]) * 16 for n in range(5)])
    first, second = made.by_hand(STICK, "entry")
    assert (len(first.answers), len(second.answers)) == (MOST_ANSWERS, 3)
    assert (bool(first.bundle), bool(second.bundle)) == (True, False)
    assert len(first.durable) == 5
    again, _ = made.by_hand(STICK, "entry")
    assert again.durable == ()
    assert len(again.answers) == MOST_ANSWERS


async def test_where_there_is_nothing_to_give_nothing_is_carried(tmp_path: Path) -> None:
    assert list(returning(exit_at(tmp_path / "b"), 0).by_hand(STICK, "entry")) == []
