"""What was answered in a Matrix room: read once each, oldest first, and never who."""

from __future__ import annotations

import json

import pytest
from matrix_bridge_parts import (
    EVENT,
    GET,
    MESSAGES,
    NOW,
    OTHER,
    ROOM,
    SYNC,
    USER,
    Scripted,
    a_bridge,
    failed,
    message,
    page,
    said,
)

from relay.model import Later, Replied, Reply, Stopped
from relay.ports import NoAnswer, NotSent

THEM = "@somebody:b.example"
START = b'["s1",[]]'


def answer(n: int = 1, body: str = "we are well", **relates: object) -> dict[str, object]:
    relates = relates or {"m.in_reply_to": {"event_id": EVENT}}
    return message(f"$a{n}", body, sender=THEM, at=NOW + n, **{"m.relates_to": relates})


def events(*known: dict[str, object]):
    """A server that has these, by id."""
    by_id = {str(one["event_id"]): said(one) for one in (message(), *known)}

    def event(path, query):
        return by_id.get(path.rpartition("/")[2].replace("%24", "$"), failed("M_NOT_FOUND", 404))

    return event


async def read(tmp_path, *pages, cursor=START, known=()):
    server = Scripted({MESSAGES: list(pages), GET: events(*known)})
    return await a_bridge(tmp_path, server).replies(cursor), server


async def test_an_answer_names_our_message_and_nobody(tmp_path):
    told, server = await read(tmp_path, page(answer(), end="s2"), page())
    assert told.replies == (Reply("$a1", EVENT, "we are well", NOW + 1),)
    shown = "".join(str(getattr(told.replies[0], name)) for name in Reply.__slots__)
    assert "somebody" not in shown + told.cursor.decode()
    assert json.loads(server.queries(MESSAGES)[0]["filter"]) == {
        "types": ["m.room.message"],
        "not_senders": [USER],
    }


async def test_at_first_there_is_nothing_but_a_token_for_now(tmp_path):
    server = Scripted({SYNC: said({"next_batch": "s9"})})
    told = await a_bridge(tmp_path, server).replies(b"")
    assert told == Replied((), b'["s9",[]]')
    [asked] = server.queries(SYNC)
    assert json.loads(asked["filter"])["room"]["rooms"] == [ROOM]


async def test_where_the_room_ends_nothing_is_given_twice(tmp_path):
    told, _ = await read(tmp_path, page(answer(1)))
    assert len(told.replies) == 1
    more, _ = await read(tmp_path, page(answer(1), answer(2)), cursor=told.cursor)
    assert [one.ref for one in more.replies] == ["$a2"]
    same, _ = await read(tmp_path, page(answer(1), answer(2)), cursor=told.cursor)
    assert same == more


async def test_at_most_a_hundred_are_given_and_the_rest_next_time(tmp_path):
    first, second = [answer(n) for n in range(100)], [answer(n) for n in range(100, 150)]
    told, _ = await read(tmp_path, page(*first, end="s2"), page(*second))
    assert len(told.replies) == 100
    assert len(told.cursor) <= 4096
    rest, server = await read(tmp_path, page(*second), cursor=told.cursor)
    assert len(rest.replies) == 50
    assert server.queries(MESSAGES)[0]["from"] == "s2"


THREAD = {"rel_type": "m.thread", "event_id": EVENT}
THEIRS = message("$theirs", sender=THEM)
EDIT = message("$edit", **{"m.relates_to": {"rel_type": "m.replace", "event_id": EVENT}})


@pytest.mark.parametrize(
    ("relates", "to"),
    [
        ({**THREAD, "is_falling_back": True, "m.in_reply_to": {"event_id": OTHER}}, EVENT),
        ({**THREAD, "m.in_reply_to": {"event_id": OTHER}}, OTHER),
        ({**THREAD, "m.in_reply_to": {"event_id": "$theirs"}}, EVENT),
        ({"rel_type": "m.thread", "event_id": "$theirs"}, None),
        ({"m.in_reply_to": {"event_id": "$theirs"}}, None),
        ({"m.in_reply_to": {"event_id": "$unknown"}}, None),
        ({"m.in_reply_to": {"event_id": "$edit"}}, EVENT),
        ({"m.in_reply_to": {"event_id": 7}}, None),
        ({"m.in_reply_to": "x"}, None),
        ({"rel_type": "m.replace", "event_id": EVENT}, None),
        ({"rel_type": "m.annotation", "event_id": EVENT}, None),
    ],
)
async def test_to_what_it_is_an_answer(tmp_path, relates, to):
    known = (message(OTHER), THEIRS, EDIT)
    told, _ = await read(tmp_path, page(answer(1, **relates)), known=known)
    assert [one.to for one in told.replies] == ([to] if to else [])


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (f"> <{THEM}> hello\n> again\n\nwe are well", "we are well"),
        ("> quoted", ""),
        ("we > they", "we > they"),
        (7, ""),
    ],
)
async def test_the_quotation_before_an_answer_is_left_out(tmp_path, body, text):
    told, _ = await read(tmp_path, page(answer(1, body)))
    assert [one.text for one in told.replies] == ([text] if text else [])


async def test_a_message_is_asked_for_once_however_many_answer_it(tmp_path):
    _, server = await read(tmp_path, page(*[answer(n) for n in range(5)]))
    assert server.names.count(GET) == 1


@pytest.mark.parametrize(
    ("script", "kind"),
    [
        ({MESSAGES: NotSent()}, Later),
        ({MESSAGES: NoAnswer()}, Later),
        ({MESSAGES: said({})}, Later),
        ({MESSAGES: failed("M_UNKNOWN", 500)}, Later),
        ({MESSAGES: failed("M_INVALID_PARAM", 400)}, Later),
        ({MESSAGES: failed("M_FORBIDDEN", 403)}, Stopped),
        ({MESSAGES: page(answer()), GET: NoAnswer()}, Later),
        ({MESSAGES: page(answer()), GET: failed("M_UNKNOWN", 502)}, Later),
    ],
)
async def test_what_cannot_be_read_now_is_read_later(tmp_path, script, kind):
    assert isinstance(await a_bridge(tmp_path, Scripted(script)).replies(START), kind)


@pytest.mark.parametrize("answer", [NoAnswer(), said({}), failed("M_UNKNOWN", 500)])
async def test_without_a_token_for_now_it_is_asked_for_later(tmp_path, answer):
    assert isinstance(await a_bridge(tmp_path, Scripted({SYNC: answer})).replies(b""), Later)


@pytest.mark.parametrize("status", [400, 403, 404])
async def test_an_answer_to_what_cannot_be_seen_holds_up_no_other(tmp_path, status):
    hidden = answer(1, **{"m.in_reply_to": {"event_id": "$hidden"}})
    server = Scripted({MESSAGES: [page(hidden, answer(2), end="s2"), page()]})

    def event(path, query):
        return failed("M_FORBIDDEN", status) if "hidden" in path else said(message())

    server.answers[GET] = event
    told = await a_bridge(tmp_path, server).replies(START)
    assert [reply.ref for reply in told.replies] == ["$a2"]


async def test_answers_to_a_thousand_others_are_read_a_hundred_at_a_time(tmp_path):
    others = [answer(n, **{"m.in_reply_to": {"event_id": f"$x{n}"}}) for n in range(1, 101)]
    more = [answer(n, **{"m.in_reply_to": {"event_id": f"$x{n}"}}) for n in range(101, 200)]
    pages = {"s1": page(*others, end="s2"), "s2": page(*more, answer(200), end="s3"), "s3": page()}
    server = Scripted({GET: events(), MESSAGES: lambda path, query: pages[query["from"]]})
    bridge = a_bridge(tmp_path, server)
    first = await bridge.replies(START)
    assert server.names.count(GET) == 100
    second = await bridge.replies(first.cursor)
    assert [reply.ref for reply in second.replies] == ["$a200"]


@pytest.mark.parametrize("when", [2**53, -1, True, 1.5, "x", None])
async def test_a_server_may_date_its_messages_as_it_likes(tmp_path, when):
    odd = answer() | {"origin_server_ts": when}
    told, _ = await read(tmp_path, page(odd, end="s2"), page())
    assert [reply.date for reply in told.replies] == [None]


async def test_a_message_whose_type_is_no_text_is_passed_over(tmp_path):
    odd = answer(1)
    odd["content"]["msgtype"] = ["m.text"]
    told, _ = await read(tmp_path, page(odd, answer(2), end="s2"), page())
    assert [reply.ref for reply in told.replies] == ["$a2"]
