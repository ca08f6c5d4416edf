"""What was answered on Bluesky: read once each, oldest first, and never who."""

from __future__ import annotations

import pytest
from bluesky_bridge_parts import (
    CID,
    DID,
    NOTICES,
    NOW,
    SOMEBODY,
    Scripted,
    a_bridge,
    failed,
    said,
)

from relay.model import Later, Replied, Reply, Stopped
from relay.ports import NoAnswer, NotSent

POST = "app.bsky.feed.post"
REF = f"at://{DID}/{POST}/3ke6kg3wk22xh"


def at(minute: int) -> str:
    return f"2026-11-18T11:{minute:02}:00.123Z"


def notice(minute: int = 1, text: str = "we are well", **more: object) -> dict[str, object]:
    parent = {"uri": REF, "cid": CID}
    return {
        "uri": f"at://{SOMEBODY}/{POST}/3ke6kg3wk{minute:02}aa".replace("0", "z").replace("1", "y"),
        "cid": f"bafyrei{minute}",
        "author": {"did": SOMEBODY, "handle": "somebody.example"},
        "reason": "reply",
        "record": {"$type": POST, "text": text, "reply": {"root": parent, "parent": parent}},
        "indexedAt": at(minute),
        "isRead": False,
        **more,
    }


def listed(*notices: dict[str, object], cursor: str = ""):
    return said({"notifications": list(notices)} | ({"cursor": cursor} if cursor else {}))


async def read(tmp_path, *pages, cursor=b'["", ""]'):
    server = Scripted(listNotifications=list(pages))
    return await a_bridge(tmp_path, server).replies(cursor), server


async def test_an_answer_names_our_post_and_nobody_else(tmp_path):
    told, server = await read(tmp_path, listed(notice(1)))
    assert told.replies == (Reply("bafyrei1", REF, "we are well", NOW + 60),)
    shown = "".join(str(getattr(told.replies[0], name)) for name in Reply.__slots__)
    assert SOMEBODY not in shown
    assert "somebody" not in shown
    assert SOMEBODY.encode() not in told.cursor
    assert server.asked[-1][2] == {"limit": "50", "reasons": "reply"}


async def test_at_first_there_is_nothing_but_a_mark(tmp_path):
    told, _ = await read(tmp_path, listed(notice(5), cursor="x"), cursor=b"")
    assert told.replies == ()
    told, _ = await read(tmp_path, listed(notice(6), notice(5)), cursor=told.cursor)
    assert [one.ref for one in told.replies] == ["bafyrei6"]


async def test_answers_come_oldest_first_and_to_ask_again_gives_the_same(tmp_path):
    pages = listed(notice(9), notice(8), cursor="c"), listed(notice(7), notice(6))
    told, server = await read(tmp_path, *pages)
    assert [one.ref for one in told.replies] == [f"bafyrei{n}" for n in (6, 7, 8, 9)]
    again, _ = await read(tmp_path, *pages)
    assert (again.replies, again.cursor) == (told.replies, told.cursor)
    after, _ = await read(tmp_path, *pages, cursor=told.cursor)
    assert after == Replied((), told.cursor) or after.replies == ()
    assert server.asked[-1][2]["cursor"] == "c"


async def test_it_reads_no_further_back_than_its_mark(tmp_path):
    told, _ = await read(tmp_path, listed(notice(5)))
    _, server = await read(
        tmp_path, listed(notice(6), notice(4), cursor="more"), cursor=told.cursor
    )
    assert server.names.count(NOTICES) == 1


async def test_two_of_one_moment_are_both_given(tmp_path):
    one, two = notice(3, "one"), notice(3, "two", uri=f"at://{SOMEBODY}/{POST}/b", cid="bafyreib")
    told, _ = await read(tmp_path, listed(one, two))
    assert {reply.text for reply in told.replies} == {"one", "two"}


async def test_at_most_a_hundred_are_given_and_the_rest_next_time(tmp_path):
    many = [notice(n // 3, uri=f"at://{SOMEBODY}/{POST}/{n}", cid=f"b{n}") for n in range(150)]
    told, _ = await read(tmp_path, listed(*reversed(many)))
    rest, _ = await read(tmp_path, listed(*reversed(many)), cursor=told.cursor)
    assert (len(told.replies), len(rest.replies)) == (100, 50)
    assert len({reply.ref for reply in told.replies + rest.replies}) == 150


THEIRS = {"uri": REF.replace(DID, SOMEBODY), "cid": CID}


@pytest.mark.parametrize(
    "other",
    [
        {"reason": "like"},
        {"record": {"text": "x", "reply": {"root": THEIRS, "parent": THEIRS}}},
        {"record": {"text": "x"}},
        {"record": {"text": 7, "reply": {"parent": {"uri": REF}}}},
        {"record": None},
        {"cid": "../x"},
        {"indexedAt": "yesterday"},
        {"indexedAt": "2026-11-18T11:00:00"},
        {"uri": None},
    ],
)
async def test_what_is_no_answer_to_us_is_passed_over(tmp_path, other):
    told, _ = await read(tmp_path, listed(notice(2, **other), notice(1)))
    assert [one.ref for one in told.replies] == ["bafyrei1"]


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (NotSent(), Later),
        (NoAnswer(), Later),
        (said({}), Later),
        (failed("UpstreamFailure", 502), Later),
        (failed("InvalidRequest", 400), Later),
        (failed("AccountTakedown", 401), Stopped),
    ],
)
async def test_what_cannot_be_read_now_is_read_later(tmp_path, answer, kind):
    told, _ = await read(tmp_path, answer)
    assert isinstance(told, kind)
