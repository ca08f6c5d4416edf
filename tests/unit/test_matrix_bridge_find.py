"""Looking for a part in the room: by our key, among our own messages, and never guessed."""

from __future__ import annotations

import json

import pytest
from matrix_bridge_parts import (
    EVENT,
    MESSAGES,
    NOW,
    OTHER,
    USER,
    Hands,
    Scripted,
    a_bridge,
    attempt,
    failed,
    message,
    page,
    post_of,
    said,
)

from bridges.kit import part_key
from bridges.rooms.events import OURS
from relay.model import Absent, Found, Unknown
from relay.ports import NoAnswer, NotSent

KEY = part_key(bytes(32), 0)
OLDER = message("$older", at=NOW - 900)
LATER = Hands(NOW + 600)


def part_there(id=EVENT, **more):
    return message(id, **{OURS: KEY}, **more)


async def found(tmp_path, *pages, clock=LATER):
    server = Scripted({MESSAGES: list(pages)})
    bridge = a_bridge(tmp_path, server, clock=clock)
    [part] = await bridge.prepare(post_of())
    return await bridge.find(attempt(part)), server


async def test_it_is_found_by_its_key_however_far_back(tmp_path):
    others = [message(f"$o{n}") for n in range(3)]
    told, server = await found(tmp_path, page(*others, end="a"), page(end="b"), page(part_there()))
    assert told == Found(
        EVENT, f"https://matrix.to/#/!room:server.example/{EVENT}?via=server.example"
    )
    first, *_, last = server.queries(MESSAGES)
    assert json.loads(first["filter"]) == {"types": ["m.room.message"], "senders": [USER]}
    assert (first["dir"], last["from"]) == ("b", "b")


async def test_it_is_found_by_its_transaction(tmp_path):
    told, _ = await found(tmp_path, page({**message(), "unsigned": {"transaction_id": KEY}}))
    assert isinstance(told, Found)


@pytest.mark.parametrize(
    ("pages", "lookup"),
    [
        ([page()], Absent(strong=True)),  # the room's beginning
        ([page(message(), end="a"), page(OLDER, end="b")], Absent(strong=True)),
        ([page(message("$x", **{OURS: "0" * 32}))], Absent(strong=True)),
        ([page(message(end="a"), end="a")], Absent(strong=False)),  # it leads in a circle
        ([page(end="a"), page(end="b"), page(end="a")], Absent(strong=False)),
        ([page(part_there(sender="@them:b.example"))], Absent(strong=True)),  # copied by somebody
        ([page(part_there(), part_there(OTHER))], Unknown("there are two of it")),
        ([page({**part_there(), "event_id": "no id"})], Unknown("there are two of it")),
        ([page({**message(), "content": {}})], Unknown),  # perhaps it was this one
        ([page({**OLDER, "content": {}}, end="a")], Absent(strong=True)),
        (  # taken back, and known to be another
            [page({**message(), "content": {}, "unsigned": {"transaction_id": "0"}})],
            Absent(strong=True),
        ),
        ([page(message(), end="a"), NoAnswer()], Unknown),
        ([NotSent()], Unknown),
        ([failed("M_FORBIDDEN", 403)], Unknown),
        ([said({"chunk": 7})], Unknown),
    ],
)
async def test_what_a_list_tells(tmp_path, pages, lookup):
    told, _ = await found(tmp_path, *pages)
    assert isinstance(told, lookup) if isinstance(lookup, type) else told == lookup


async def test_what_was_posted_and_taken_back_is_not_posted_again(tmp_path):
    gone = {**message(at=NOW - 900), "content": {}, "unsigned": {"transaction_id": KEY}}
    told, _ = await found(tmp_path, page(gone))
    assert isinstance(told, Unknown)


async def test_a_list_is_not_believed_right_after_a_try(tmp_path):
    told, _ = await found(tmp_path, page(), clock=Hands(NOW + 29))
    assert told == Absent(strong=False)


async def test_the_servers_own_clock_is_what_counts(tmp_path):
    """Ours is ten minutes ahead of what its Date says: what is older there is not older here."""
    pages = page(message(at=NOW - 100), end="a"), page(part_there(at=NOW - 1))
    server = Scripted({MESSAGES: list(pages)})
    bridge = a_bridge(tmp_path, server, clock=LATER)
    [part] = await bridge.prepare(post_of())
    assert isinstance(await bridge.find(attempt(part, first=NOW + 590)), Found)


async def test_without_a_session_nothing_is_known(tmp_path):
    server = Scripted({"POST login": NotSent()})
    bridge = a_bridge(tmp_path, server)
    [part] = await bridge.prepare(post_of())
    assert isinstance(await bridge.find(attempt(part)), Unknown)


async def test_what_was_refused_unasked_is_not_there(tmp_path):
    server = Scripted()
    bridge = a_bridge(tmp_path, server)
    [part] = await bridge.prepare(post_of("\x00"))
    assert await bridge.find(attempt(part)) == Absent(strong=True)
    assert server.asked == []


@pytest.mark.parametrize("end", ["e" * 5000, 7, ["e"]])
async def test_where_there_is_more_that_cannot_be_asked_for_nobody_knows(tmp_path, end):
    """To take it for the beginning of the room would be a strong no, and a second post."""
    answer = said({"start": "s", "chunk": [message("$other", at=NOW + 60)], "end": end})
    found = await a_bridge(tmp_path, Scripted({MESSAGES: answer}), clock=Hands(NOW + 600)).find(
        attempt((await a_bridge(tmp_path, Scripted()).prepare(post_of()))[0])
    )
    assert isinstance(found, Unknown)
