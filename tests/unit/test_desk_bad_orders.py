"""Whatever a desk that was taken over sends, it is refused in our own words and changes nothing."""

from __future__ import annotations

from typing import Any

import pytest
from desk_parts import Core, id_of, token
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from relay.errors import Asked
from relay.model import Queue, State

ID = id_of(1).hex()
BAD: list[dict[str, Any]] = [
    {"do": "publish"},
    {"do": "publish", "ids": []},
    {"do": "publish", "ids": "all"},
    {"do": "publish", "ids": [1]},
    {"do": "publish", "ids": [ID[:8]]},
    {"do": "publish", "ids": [ID + "00"]},
    {"do": "publish", "ids": [[ID]]},
    {"do": "publish", "ids": [ID], "with": [ID]},
    {"do": "publish", "ids": [ID], "with": {ID: [ID]}},
    {"do": "publish", "ids": [ID], "with": {"x": []}},
    {"do": "publish", "ids": [ID], "only": "1"},
    {"do": "publish", "ids": [ID], "only": [True]},
    {"do": "publish", "ids": [ID], "only": [1.5]},
    {"do": "publish", "ids": [ID], "without": "page"},
    {"do": "publish", "ids": [ID], "without": [1]},
    {"do": "publish", "ids": [ID], "not_before": "now"},
    {"do": "publish", "ids": [ID], "not_before": True},
    {"do": "publish", "ids": [ID], "not_before": 1 << 70},
    {"do": "drop", "ids": [ID], "why": 7},
    {"do": "drop", "ids": [ID], "why": "x" * 4001},
    {"do": "undo"},
    {"do": "undo", "deed": ["x"]},
    {"do": "undo", "deed": "never was"},
    {"do": "assign", "ids": [ID], "to": 7},
    {"do": "note", "ids": [ID]},
    {"do": "note", "ids": [ID], "text": ["x"]},
    {"do": "ask", "ids": [ID], "text": None},
    {"do": "original-fetch", "id": None},
    {"do": "original-fetch", "id": ID, "n": [1]},
    {"do": "cards", "after": "x"},
    {"do": "cards", "after": 0, "limit": "x"},
    {"do": "cards", "after": 1 << 70},
    {"do": "cards", "after": -1},
    {"do": ["publish"], "ids": [ID]},
    {"do": "answer", "token": "x", "id": ID, "text": "x"},
]


@pytest.mark.parametrize("order", BAD, ids=str)
async def test_what_is_no_order_is_refused(order: dict[str, Any]) -> None:
    core = Core()
    await core.message(1)
    before = await core.row(ID)
    with pytest.raises(Asked) as refused:
        await core.told(order.pop("do"), **{"token": token(1), **order})
    assert str(refused.value)
    assert await core.row(ID) == before
    assert await core.spool.sheet(before.seq) is None


@pytest.mark.parametrize(
    "order",
    [
        {"do": "publish", "only": [9]},
        {"do": "publish", "only": [-1]},
        {"do": "publish", "without": ["page", "telegram"]},
        {"do": "note", "text": " \n"},
        {"do": "note", "text": "x" * 4001},
        {"do": "ask", "text": ""},
        {"do": "assign", "to": "../ada"},
        {"do": "original"},
        {"do": "original-confirm"},
    ],
    ids=str,
)
async def test_what_cannot_be_done_to_a_message_is_said_with_its_reason(
    order: dict[str, Any],
) -> None:
    core = Core()
    await core.message(1)
    answer = await core.asked(order.pop("do"), ids=[ID], token=token(1), **order)
    assert answer["done"] == answer["waiting"] == []
    assert [one["id"] for one in answer["not_done"]] == [ID]
    assert await core.stands(ID) == (Queue.REVIEW, State.HELD)


SOME = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=9) | st.sampled_from([ID, "page"]),
    lambda one: st.lists(one, max_size=3) | st.dictionaries(st.sampled_from([ID, "x"]), one),
    max_leaves=5,
)
KEYS = st.sampled_from(
    [
        "id",
        "ids",
        "with",
        "only",
        "without",
        "not_before",
        "why",
        "to",
        "text",
        "deed",
        "n",
        "after",
    ]
)
WORDS = st.sampled_from(
    [
        "publish",
        "drop",
        "hold",
        "undo",
        "assign",
        "note",
        "ask",
        "original",
        "original-confirm",
        "original-fetch",
        "cards",
    ]
)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(WORDS, st.dictionaries(KEYS, SOME, max_size=4), SOME)
async def test_no_order_meets_anything_but_a_refusal(
    do: str, fields: dict[str, Any], said: object
) -> None:
    core = Core()
    await core.message(1)
    try:
        await core.told(do, **{"token": token(1), **fields})
        await core.told(do, **{**fields, "token": said})
    except Asked:
        pass
    assert await core.spool.self_check() == []
    core.spool.close()
