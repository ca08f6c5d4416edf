"""A Telegram bot as a way in: what is taken, what is left, and when an update is over."""

from __future__ import annotations

import asyncio
import json
from base64 import b64decode, b64encode
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from relay.model import Arrival, Later, Posted, Refused, Verdict
from relay.testing.aside import Aside, aside
from relay.testing.loopback import Fault
from relay.testing.telegram import People, limited, people
from relay.transports.inlet import Reply, Request
from relay.transports.telegram import Hook, Telegram, Where

JPEG = b"\xff\xd8\xff\xe0" + b"a picture" * 50
SECRET = "a-secret_that-Telegram-sends"
JSON = {"Content-Type": "application/json"}


@pytest.fixture
def chats() -> Iterator[Aside[People]]:
    with aside(people) as made:
        yield made


class Door:
    """Takes in what the bot hears, with the verdicts it is told, TAKEN after them."""

    def __init__(self, *verdicts: Verdict) -> None:
        self.verdicts = list(verdicts)
        self.arrivals: list[Arrival] = []
        self.board: list[tuple[str, str]] = []
        self.service = 0
        self.waits: list[float] = []

    async def take_in(self, arrival: Arrival) -> Verdict:
        self.arrivals.append(arrival)
        return self.verdicts.pop(0) if self.verdicts else Verdict.TAKEN

    def serve(self) -> None:
        self.service += 1

    async def pause(self, wait_s: float) -> None:
        self.waits.append(wait_s)
        await asyncio.sleep(0)

    @property
    def texts(self) -> list[str]:
        return [one.content.decode() for one in self.arrivals]


def bot(chats: Aside[People], door: Door, **more: object) -> Telegram:
    base, token = chats.ask(lambda one: (one.base, one.token))
    return Telegram(
        "bot",
        "news",
        Where(base),
        lambda: token.encode(),
        faring=lambda state, why: door.board.append((state, why)),
        service=door.serve,
        turned_away=lambda: None,
        quiet_s=0.0,
        poll_s=1,
        pause=door.pause,
        **more,  # type: ignore[arg-type]
    )


def run(made: Telegram, door: Door, until: Callable[[], bool]) -> None:
    """Serve until something is so, at most five seconds."""

    async def serve() -> None:
        opened: list[str] = []
        task = asyncio.create_task(made.run(door.take_in, opened.append))
        try:
            async with asyncio.timeout(5):
                while not until():
                    await asyncio.sleep(0.005)
                    assert not task.done()
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    asyncio.run(serve())


def all_confirmed(chats: Aside[People]) -> Callable[[], bool]:
    return lambda: chats.ask(lambda one: one.waiting) == 0


def test_a_text_is_taken_without_whoever_wrote_it(chats: Aside[People]) -> None:
    door = Door()
    chats.ask(lambda one: one.write(7, "نان نیست."))
    run(bot(chats, door), door, all_confirmed(chats))
    [arrival] = door.arrivals
    assert door.texts == ["نان نیست."]
    assert arrival.kind == "text"
    assert b"omebody" not in arrival.content + arrival.provider_id
    assert (arrival.sender, arrival.way_back) == (b"7", b"7")
    assert ("works", "") in door.board


def test_where_nobody_is_answered_there_is_no_way_back(chats: Aside[People]) -> None:
    door = Door()
    chats.ask(lambda one: one.write(7, "Hello"))
    run(bot(chats, door, answers=False), door, all_confirmed(chats))
    assert door.arrivals[0].way_back == b""


def test_an_update_is_confirmed_only_when_it_is_durable(chats: Aside[People]) -> None:
    door = Door(Verdict.BUSY, Verdict.FULL, Verdict.TAKEN)
    chats.ask(lambda one: one.write(7, "Hello"))
    run(bot(chats, door), door, all_confirmed(chats))
    assert door.texts == ["Hello"] * 3
    assert len({one.provider_id for one in door.arrivals}) == 1


def test_what_was_not_confirmed_comes_again_after_a_crash(chats: Aside[People]) -> None:
    first, second = Door(), Door()
    chats.ask(lambda one: one.write(7, "Hello"))

    async def die(arrival: Arrival) -> Verdict:
        first.arrivals.append(arrival)
        raise KeyboardInterrupt

    made = bot(chats, first)
    with pytest.raises(KeyboardInterrupt):
        asyncio.run(made.run(die, lambda _: None))
    run(bot(chats, second), second, all_confirmed(chats))
    assert first.arrivals[0].provider_id == second.arrivals[0].provider_id


def test_a_picture_comes_with_its_caption_in_its_largest_size(chats: Aside[People]) -> None:
    door = Door()
    chats.ask(lambda one: one.write(7, "The square", photo=JPEG))
    run(bot(chats, door), door, all_confirmed(chats))
    [arrival] = door.arrivals
    assert arrival.kind == "multipart"
    assert b"image/jpeg" in arrival.content
    assert len(arrival.content) > len(JPEG)
    assert arrival.flags == ()


def test_an_album_is_one_message(chats: Aside[People]) -> None:
    door = Door()
    chats.ask(lambda one: one.album(7, [JPEG, JPEG, JPEG], "Three"))
    chats.ask(lambda one: one.write(8, "in between"))
    run(bot(chats, door), door, all_confirmed(chats))
    album, other = door.arrivals
    assert album.content.count(b"image/jpeg") == 3
    assert other.content == b"in between"


def test_two_albums_that_came_mixed_are_two_messages(chats: Aside[People]) -> None:
    door = Door()

    def mixed(one: People) -> None:
        for chat, group in ((7, "1"), (8, "2"), (7, "1"), (8, "2")):
            one.write(chat, photo=JPEG, media_group_id=group)

    chats.ask(mixed)
    run(bot(chats, door), door, all_confirmed(chats))
    assert [one.content.count(b"image/jpeg") for one in door.arrivals] == [2, 2]
    assert [one.sender for one in door.arrivals] == [b"7", b"8"]


def test_a_document_keeps_its_type_and_loses_its_name(chats: Aside[People]) -> None:
    door = Door()

    def send(one: People) -> None:
        one.write(7, document=one.document(b"%PDF-1.7 ...", "application/pdf", "my-name.pdf"))

    chats.ask(send)
    run(bot(chats, door), door, all_confirmed(chats))
    assert b"application/pdf" in door.arrivals[0].content
    assert b"my-name" not in door.arrivals[0].content


@pytest.mark.parametrize(
    "content",
    [
        {"contact": {"phone_number": "+15550100123", "first_name": "Somebody"}},
        {"location": {"latitude": 35.7, "longitude": 51.4, "live_period": 900}},
        {"sticker": {"file_id": "s", "file_unique_id": "s", "width": 1, "height": 1,
                     "is_animated": False, "is_video": False, "type": "regular"}},
        {"new_chat_title": "x"},
    ],
)  # fmt: skip
def test_contacts_and_places_are_dropped_unseen(
    chats: Aside[People], content: dict[str, object]
) -> None:
    door = Door()
    chats.ask(lambda one: one.update("message", one.message(7, **content)))
    run(bot(chats, door), door, all_confirmed(chats))
    assert not door.arrivals
    assert door.service == 1


def test_who_a_forwarded_message_is_from_is_dropped(chats: Aside[People]) -> None:
    door = Door()
    origin = {"type": "hidden_user", "sender_user_name": "A witness", "date": 1}
    chats.ask(lambda one: one.write(7, "They shot.", forward_origin=origin))
    run(bot(chats, door), door, all_confirmed(chats))
    assert door.texts == ["They shot."]


def test_the_address_behind_a_word_is_shown(chats: Aside[People]) -> None:
    door = Door()
    link = {"type": "text_link", "offset": 5, "length": 4, "url": "https://example.org/a"}
    chats.ask(lambda one: one.write(7, "😀😀 here now", entities=[link]))
    run(bot(chats, door), door, all_confirmed(chats))
    assert door.texts == ["😀😀 here <https://example.org/a> now"]


def test_a_message_that_was_changed_is_a_second_one_for_a_person_to_see(
    chats: Aside[People],
) -> None:
    door = Door()
    chats.ask(lambda one: one.edit(one.write(7, "Tree"), "Three"))
    run(bot(chats, door), door, all_confirmed(chats))
    assert door.texts == ["Tree", "Three"]
    assert [one.flags for one in door.arrivals] == [(), ("edited",)]


def test_groups_are_left_and_nothing_said_there_is_taken(chats: Aside[People]) -> None:
    door = Door()
    group = {"id": -100123, "type": "supergroup", "title": "A group"}
    chats.ask(lambda one: one.invite(-100456))
    chats.ask(lambda one: one.update("message", one.message(7, text="all") | {"chat": group}))
    run(bot(chats, door), door, all_confirmed(chats))
    assert not door.arrivals
    assert chats.ask(lambda one: one.left) == [-100456, -100123]


def test_start_is_a_question_that_is_answered_three_times_an_hour_and_not_kept(
    chats: Aside[People],
) -> None:
    door = Door()
    chats.ask(lambda one: [one.start(7) for _ in range(5)])
    chats.ask(lambda one: one.start(8))
    run(bot(chats, door), door, all_confirmed(chats))
    assert not door.arrivals
    assert [chat for chat, _ in chats.ask(lambda one: one.sent)] == [7, 7, 7, 8]


def test_a_plain_message_is_answered_by_nothing_at_all(chats: Aside[People]) -> None:
    door = Door()
    chats.ask(lambda one: one.write(7, "Hello"))
    run(bot(chats, door), door, all_confirmed(chats))
    assert chats.ask(lambda one: one.sent) == []


def test_a_file_that_is_gone_leaves_the_text_and_says_so(chats: Aside[People]) -> None:
    door = Door()

    def send(one: People) -> None:
        made = one.write(7, "Look", photo=JPEG)
        one.forget(made["message"]["photo"][-1]["file_id"])

    chats.ask(send)
    run(bot(chats, door), door, all_confirmed(chats))
    assert door.arrivals[0].flags == ("media-left-out",)
    assert b"TG9vaw==" in door.arrivals[0].content  # "Look"


def test_a_file_that_is_too_large_is_never_asked_for(chats: Aside[People]) -> None:
    door = Door()
    huge = {"file_id": "h", "file_unique_id": "h", "file_size": 1 << 30, "mime_type": "video/mp4"}
    film = huge | {"width": 1, "height": 1, "duration": 1}
    chats.ask(lambda one: one.write(7, "A film", video=film))
    run(bot(chats, door), door, all_confirmed(chats))
    assert door.arrivals[0].flags == ("media-left-out",)
    assert not chats.ask(lambda one: [r for r in one.requests if "getFile" in r.path])


def test_a_file_that_does_not_come_is_asked_for_again(chats: Aside[People]) -> None:
    door = Door()
    chats.ask(lambda one: one.script(*[Fault(then="cut")] * 2, on="GET /file/*"))
    chats.ask(lambda one: one.write(7, "Look", photo=JPEG))
    run(bot(chats, door), door, all_confirmed(chats))
    assert [one.flags for one in door.arrivals] == [()]
    assert b"image/jpeg" in door.arrivals[0].content


def test_a_server_that_names_a_file_of_this_machine_is_given_nothing(
    chats: Aside[People],
) -> None:
    door = Door()
    about = {"file_id": "x", "file_unique_id": "x", "file_size": 9, "file_path": "/etc/hostname"}
    body = json.dumps({"ok": True, "result": about}).encode()
    kind = {"Content-Type": "application/json"}
    chats.ask(lambda one: one.script(Fault(200, kind, body), on="*getFile"))
    chats.ask(lambda one: one.write(7, "Look", photo=JPEG))
    run(bot(chats, door), door, all_confirmed(chats))
    assert door.arrivals[0].flags == ("media-left-out",)


@pytest.mark.parametrize(
    ("fault", "state"),
    [
        (Fault(401, {"Content-Type": "application/json"}, b'{"ok":false,"error_code":401,'
               b'"description":"Unauthorized"}'), "login"),
        (limited(7), "blocked"),
        (Fault(502, {}, b"<html>"), "blocked"),
        (Fault(then="cut"), "blocked"),
        (Fault(200, {}, b"no json at all"), "blocked"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_on_the_board_and_it_goes_on(
    chats: Aside[People], fault: Fault, state: str
) -> None:
    door = Door()
    chats.ask(lambda one: one.script(fault, on="*getMe"))
    chats.ask(lambda one: one.write(7, "Hello"))
    run(bot(chats, door), door, all_confirmed(chats))
    assert door.board[0][0] == state
    assert door.texts == ["Hello"]
    assert not any(chats.ask(lambda one: one.token) in why for _, why in door.board)


def test_telegrams_own_wait_is_kept(chats: Aside[People]) -> None:
    door = Door()
    chats.ask(lambda one: one.script(limited(77), on="*getUpdates"))
    chats.ask(lambda one: one.write(7, "Hello"))
    run(bot(chats, door), door, all_confirmed(chats))
    assert 77 in door.waits


def test_a_second_poller_is_named_with_the_remedy(chats: Aside[People]) -> None:
    door = Door()
    chats.ask(lambda one: setattr(one, "other_poller", True))
    run(bot(chats, door), door, lambda: "login" in [state for state, _ in door.board])
    assert "another program" in door.board[-1][1] or "another program" in door.board[1][1]


def test_an_answer_goes_to_the_chat_that_asked(chats: Aside[People]) -> None:
    door, outcomes = Door(), []
    made = bot(chats, door)

    async def take_in(arrival: Arrival) -> Verdict:
        outcomes.append(await made.answer(arrival.way_back, "It waits."))
        return await Door.take_in(door, arrival)

    door.take_in = take_in  # type: ignore[method-assign]
    chats.ask(lambda one: one.write(7, "?12345678"))
    run(made, door, all_confirmed(chats))
    assert outcomes == [Posted("")]
    assert chats.ask(lambda one: one.sent) == [(7, "It waits.")]


def test_who_has_blocked_the_bot_gets_nothing_and_nothing_breaks(chats: Aside[People]) -> None:
    door, outcomes = Door(), []
    made = bot(chats, door)

    async def take_in(arrival: Arrival) -> Verdict:
        outcomes.append(await made.answer(arrival.way_back, "It waits."))
        return Verdict.TAKEN

    door.take_in = take_in  # type: ignore[method-assign]
    chats.ask(lambda one: one.blocked.add(7))
    chats.ask(lambda one: one.write(7, "?12345678"))
    run(made, door, all_confirmed(chats))
    assert isinstance(outcomes[0], Refused)


def test_without_telegram_there_is_no_answer(chats: Aside[People]) -> None:
    made = bot(chats, Door())
    assert isinstance(asyncio.run(made.answer(b"7", "x")), Later)


# ---------------------------------------------------------------- by webhook


def hooked(chats: Aside[People], door: Door) -> Telegram:
    return bot(chats, door, hook=Hook("https://news.example.org/in/bot", SECRET))


def post(update: object, secret: str = SECRET) -> Request:
    body = update if isinstance(update, bytes) else json.dumps(update).encode()
    return Request("POST", "", "", {"x-telegram-bot-api-secret-token": secret}, body)


@asynccontextmanager
async def serving(
    made: Telegram, door: Door
) -> AsyncIterator[Callable[[object], Coroutine[Any, Any, Reply]]]:
    """The transport runs; what is given takes updates, or whole requests."""
    inlet, ready = made.inlet, asyncio.Event()
    assert inlet is not None
    task = asyncio.create_task(made.run(door.take_in, lambda _: ready.set()))
    try:
        await asyncio.wait_for(ready.wait(), 5)
        yield lambda one: inlet.request(one if isinstance(one, Request) else post(one))
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def ask(made: Telegram, door: Door, *requests: Request) -> list[int]:
    """The statuses of requests that come at once, while the transport runs."""

    async def serve() -> list[int]:
        async with serving(made, door) as ask_:
            return [one.status for one in await asyncio.gather(*map(ask_, requests))]

    return asyncio.run(serve())


def test_by_webhook_yes_means_durable(chats: Aside[People]) -> None:
    door = Door(Verdict.TAKEN, Verdict.KNOWN, Verdict.BUSY)
    update = chats.ask(lambda one: one.write(7, "Hello"))
    made = hooked(chats, door)
    assert [ask(made, door, post(update))[0] for _ in range(3)] == [200, 200, 503]
    assert chats.ask(lambda one: one.webhook["secret_token"]) == SECRET


@pytest.mark.parametrize("secret", ["", "wrong", SECRET + "x", "ü"])
def test_who_does_not_know_the_secret_is_refused(chats: Aside[People], secret: str) -> None:
    door = Door()
    update = chats.ask(lambda one: one.write(7, "Hello"))
    assert ask(hooked(chats, door), door, post(update, secret)) == [403]
    assert not door.arrivals


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b'"x"', b'{"message": 7}', b"\xff"])
def test_what_is_no_update_is_refused(chats: Aside[People], body: bytes) -> None:
    door = Door()
    assert ask(hooked(chats, door), door, post(body)) == [400]
    assert not door.arrivals


def test_the_requests_of_an_album_are_stored_once_and_all_answered(
    chats: Aside[People],
) -> None:
    door = Door()
    updates = chats.ask(lambda one: one.album(7, [JPEG, JPEG], "Two"))
    assert ask(hooked(chats, door), door, *map(post, updates)) == [200, 200]
    [arrival] = door.arrivals
    assert arrival.content.count(b"image/jpeg") == 2


def test_an_album_that_could_not_be_stored_is_sent_again_whole(chats: Aside[People]) -> None:
    door = Door(Verdict.BUSY)
    updates = chats.ask(lambda one: one.album(7, [JPEG, JPEG], "Two"))
    assert ask(hooked(chats, door), door, *map(post, updates)) == [503, 503]


class Slow(Door):
    """Keeps who brings something waiting until it is let go."""

    def __init__(self) -> None:
        super().__init__()
        self.began, self.go = asyncio.Event(), asyncio.Event()

    async def take_in(self, arrival: Arrival) -> Verdict:
        self.began.set()
        await self.go.wait()
        return await super().take_in(arrival)


def test_a_part_that_comes_while_its_album_is_stored_is_not_lost(chats: Aside[People]) -> None:
    door = Slow()
    made = hooked(chats, door)
    first, second, late = chats.ask(lambda one: one.album(7, [JPEG] * 3, "Three"))

    async def story() -> list[int]:
        async with serving(made, door) as ask_:
            begun = [asyncio.create_task(ask_(one)) for one in (first, second)]
            await door.began.wait()
            again = asyncio.create_task(ask_(first))  # Telegram has waited for too long
            begun += [again, asyncio.create_task(ask_(late))]
            await asyncio.sleep(0.05)
            door.go.set()
            return [(await one).status for one in begun]

    assert asyncio.run(story()) == [200] * 4
    assert [one.content.count(b"image/jpeg") for one in door.arrivals] == [2, 1]


def test_a_part_that_comes_again_after_its_album_was_stored_is_no_second_message(
    chats: Aside[People],
) -> None:
    door = Door()
    made = hooked(chats, door)
    updates = chats.ask(lambda one: one.album(7, [JPEG, JPEG], "Two"))

    async def story() -> list[int]:
        async with serving(made, door) as ask_:
            stored = await asyncio.gather(*map(ask_, updates))
            return [one.status for one in [*stored, await ask_(updates[1])]]

    assert asyncio.run(story()) == [200] * 3
    assert len(door.arrivals) == 1


def test_an_album_whose_bot_stops_in_the_middle_is_told_to_come_again(
    chats: Aside[People],
) -> None:
    door = Door()
    made = bot(chats, door, hook=Hook("https://news.example.org/in/bot", SECRET))
    made.inlet._pause = asyncio.sleep  # type: ignore[union-attr]
    made.inlet._quiet_s = 0.05  # type: ignore[union-attr]
    [update] = chats.ask(lambda one: one.album(7, [JPEG], "One"))

    async def story() -> int:
        async with serving(made, door) as ask_:
            waits = asyncio.create_task(ask_(update))
            await asyncio.sleep(0.01)
        return (await waits).status

    assert asyncio.run(story()) == 503
    assert not door.arrivals


def test_few_pictures_are_in_memory_at_once_and_texts_wait_for_none(chats: Aside[People]) -> None:
    door = Slow()
    made = hooked(chats, door)
    updates = chats.ask(lambda one: [one.write(n, "Look", photo=JPEG) for n in range(1, 9)])
    text = chats.ask(lambda one: one.write(9, "Hello"))

    async def story() -> int:
        async with serving(made, door) as ask_:
            tasks = [asyncio.create_task(ask_(one)) for one in [*updates, text]]
            await door.began.wait()
            await asyncio.sleep(0.1)
            fetched = chats.ask(lambda one: [r for r in one.requests if "/file/" in r.path])
            door.go.set()
            await asyncio.gather(*tasks)
            return len(fetched)

    assert asyncio.run(story()) == 2
    assert len(door.arrivals) == 9


# ---------------------------------------------------------------- kinds of messages


def hears(chats: Aside[People], *updates: dict[str, object]) -> Door:
    """What is taken of messages with this content, each from the same chat."""
    door = Door()
    chats.ask(lambda one: [one.update("message", one.message(7, **each)) for each in updates])
    run(bot(chats, door), door, all_confirmed(chats))
    return door


@pytest.mark.parametrize(
    "text", ["/help they are shooting at us", "/start they came at night", "/helpless", "/starting"]
)
def test_a_text_that_only_begins_like_a_question_is_a_message(
    chats: Aside[People], text: str
) -> None:
    assert hears(chats, {"text": text}).texts == [text]


@pytest.mark.parametrize(
    "text", ["/start", "/START@relay_bot", "/start abc_DEF-9", "/help", "/help@relay_bot "]
)
def test_a_question_is_kept_nowhere(chats: Aside[People], text: str) -> None:
    assert hears(chats, {"text": text}).texts == []
    assert len(chats.ask(lambda one: one.sent)) == 1


def test_what_people_type_in_other_forms_is_text_too(chats: Aside[People]) -> None:
    poll = {
        "id": "1", "question": "Who has water?", "total_voter_count": 0, "is_closed": False,
        "is_anonymous": True, "type": "regular", "allows_multiple_answers": False,
        "allows_revoting": False, "members_only": False,
        "options": [{"persistent_id": "a", "text": one, "voter_count": 0} for one in ("We", "No")],
    }  # fmt: skip
    list_ = {"title": "Needed", "tasks": [{"id": 1, "text": "bread"}, {"id": 2, "text": "tents"}]}
    door = hears(chats, {"poll": poll}, {"checklist": list_})
    assert door.texts == ["Who has water?\n- We\n- No", "Needed\n- bread\n- tents"]


def test_a_rich_message_is_its_text_and_its_files(chats: Aside[People]) -> None:
    def blocks(one: People) -> list[object]:
        photo = one.write(8, "elsewhere", photo=JPEG)["message"]["photo"]
        link = {"type": "url", "text": "here", "url": "https://example.org/a"}
        who = {"id": 5, "is_bot": False, "first_name": "Hidden"}
        return [
            {"type": "heading", "size": 1, "text": ["The ", {"type": "bold", "text": "square"}]},
            {"type": "paragraph", "text": ["See ", link, ", ",
                                           {"type": "text_mention", "text": "he", "user": who}]},
            {"type": "list", "items": [{"label": "1.", "blocks": [
                {"type": "paragraph", "text": "first"}]}]},
            {"type": "table", "cells": [[{"text": "a", "align": "left", "valign": "top"}]]},
            {"type": "photo", "photo": photo, "caption": {"text": "At noon", "credit": "A friend"}},
            {"type": "map", "location": {"latitude": 1, "longitude": 2}, "zoom": 13,
             "width": 1, "height": 1},
        ]  # fmt: skip

    door = hears(chats, {"rich_message": {"blocks": chats.ask(blocks)}})
    whole = door.arrivals[-1].content
    text = b64decode(whole.split(b"base64\n\n")[1].split(b"--=_")[0]).decode()
    assert text.splitlines() == [
        "The square", "See here <https://example.org/a>, he", "1.", "first", "a",
        "At noon A friend",
    ]  # fmt: skip
    assert whole.count(b"image/jpeg") == 1


def test_a_rich_message_without_end_is_read_to_a_depth(chats: Aside[People]) -> None:
    deep: dict[str, object] = {"type": "paragraph", "text": "too deep"}
    for _ in range(200):
        deep = {"type": "blockquote", "blocks": [deep]}
    door = hears(chats, {"rich_message": {"blocks": [deep]}}, {"text": "and on it goes"})
    assert door.texts == ["and on it goes"]


def test_a_live_photo_is_the_picture_and_the_film(chats: Aside[People]) -> None:
    def send(one: People) -> None:
        film = one.document(b"a film", "video/mp4") | {"width": 9, "height": 9, "duration": 2}
        one.write(7, photo=JPEG, live_photo=film)

    door = Door()
    chats.ask(send)
    run(bot(chats, door), door, all_confirmed(chats))
    assert [door.arrivals[0].content.count(one) for one in (b"image/jpeg", b"video/mp4")] == [1, 1]


@pytest.mark.parametrize(
    "content",
    [
        {"story": {"id": 1, "chat": {"id": 3, "type": "private", "first_name": "Hidden"}}},
        {"paid_media": {"star_count": 1, "paid_media": [{"type": "preview"}]}},
    ],
)
def test_what_a_bot_is_not_given_is_seen_to_be_missing(
    chats: Aside[People], content: dict[str, object]
) -> None:
    [arrival] = hears(chats, content).arrivals
    assert arrival.flags == ("media-left-out",)
    assert b"Hidden" not in arrival.content


def test_paid_media_that_were_bought_come_along(chats: Aside[People]) -> None:
    def send(one: People) -> None:
        photo = one.write(8, photo=JPEG)["message"]["photo"]
        media = [{"type": "photo", "photo": photo}]
        one.write(7, "Look", paid_media={"star_count": 1, "paid_media": media})

    door = Door()
    chats.ask(send)
    run(bot(chats, door), door, all_confirmed(chats))
    assert door.arrivals[-1].content.count(b"image/jpeg") == 1


def test_two_edits_in_one_second_are_two_messages(chats: Aside[People]) -> None:
    door = Door()

    def send(one: People) -> None:
        first = one.write(7, "Tree")
        one.edit(first, "Thre")
        one.edit(first, "Three")

    chats.ask(send)
    run(bot(chats, door), door, all_confirmed(chats))
    assert len({one.provider_id for one in door.arrivals}) == 3


def test_half_a_letter_in_a_text_stops_nobody(chats: Aside[People]) -> None:
    link = {"type": "text_link", "offset": 0, "length": 1, "url": "https://example.org/\ud800"}
    door = hears(chats, {"text": "a \ud83d", "entities": [link]}, {"text": "\udc00"}, {"text": "b"})
    assert door.texts == ["a <https://example.org/\ufffd> \ufffd", "\ufffd", "b"]


def test_an_update_that_the_library_cannot_read_holds_up_nobody(chats: Aside[People]) -> None:
    door = Door()

    def send(one: People) -> None:
        one.write(7, "Of a form to come", poll={"question": "?"}, entities=["x"])
        one.write(7, poll={"question": "of a form to come as well"})
        one.update("message", {"no": "form at all"})
        one.write(8, "Hello")

    chats.ask(send)
    run(bot(chats, door), door, all_confirmed(chats))
    first, second, last = door.arrivals
    assert first.flags == second.flags == ("media-left-out",)
    assert b64encode(b"Of a form to come") in first.content and first.sender == b"7"
    assert (last.content, last.flags, door.service) == (b"Hello", (), 1)


def test_a_size_that_is_not_told_is_asked_for(chats: Aside[People]) -> None:
    door = Door()

    def send(one: People) -> None:
        file = one.document(b"%PDF-1.7 ...", "application/pdf")
        del file["file_size"]
        one.write(7, document=file)

    chats.ask(send)
    run(bot(chats, door), door, all_confirmed(chats))
    assert b"application/pdf" in door.arrivals[0].content


# ---------------------------------------------------------------- rounds


def offsets(chats: Aside[People]) -> list[str]:
    targets = chats.ask(lambda one: [r.target for r in one.requests if "getUpdates" in r.target])
    return [parse_qs(urlsplit(one).query)["offset"][0] for one in targets]


def test_after_a_lost_connection_nothing_is_taken_or_answered_twice(chats: Aside[People]) -> None:
    door = Door()
    chats.ask(lambda one: one.start(7))
    chats.ask(lambda one: one.write(7, "Hello"))
    lost = Fault(then="cut")
    made = bot(chats, door)
    chats.ask(lambda one: one.script(Fault(200, JSON, b'{"ok":true,"result":[]}'), lost,
                                     on="*getUpdates"))  # fmt: skip
    run(made, door, all_confirmed(chats))
    assert door.texts == ["Hello"]
    assert len(chats.ask(lambda one: one.sent)) == 1
    chats.ask(lambda one: one.script(lost, on="*getUpdates"))
    chats.ask(lambda one: one.write(7, "Again"))
    run(made, door, all_confirmed(chats))
    assert door.texts == ["Hello", "Again"]


def test_when_nothing_is_left_no_number_is_confirmed_any_more(chats: Aside[People]) -> None:
    door = Door()
    chats.ask(lambda one: one.write(7, "Hello"))
    run(bot(chats, door), door, lambda: offsets(chats)[2:] != [])
    assert offsets(chats)[:3] == ["0", "900000002", "0"]


def test_an_album_at_the_end_of_a_full_batch_comes_whole(chats: Aside[People]) -> None:
    door = Door()

    def send(one: People) -> None:
        for n in range(98):
            one.write(n + 1, "Hello")
        one.album(7, [JPEG] * 5, "Five")

    chats.ask(send)
    run(bot(chats, door), door, all_confirmed(chats))
    assert len(door.arrivals) == 99
    assert door.arrivals[-1].content.count(b"image/jpeg") == 5


def test_who_sends_one_album_after_the_other_holds_up_nobody_for_long(
    chats: Aside[People],
) -> None:
    door = Door()
    pause = door.pause

    async def one_more(wait_s: float) -> None:
        chats.ask(lambda one: one.write(7, photo=JPEG, media_group_id=str(len(door.waits))))
        await pause(wait_s)

    door.pause = one_more  # type: ignore[method-assign]
    chats.ask(lambda one: one.write(7, photo=JPEG, media_group_id="first"))
    run(bot(chats, door), door, lambda: bool(door.arrivals))
    assert 1 < len(door.waits) < 100


def test_a_token_that_is_no_text_is_named_with_its_remedy(chats: Aside[People]) -> None:
    door = Door()
    made = bot(chats, door)
    made._token = lambda: b"\xff\xfe"
    run(made, door, lambda: bool(door.board))
    assert door.board[0][0] == "login" and "token" in door.board[0][1]


def test_plaintext_goes_to_this_machine_only() -> None:
    with pytest.raises(ValueError, match="TLS"):
        Where("http://api.example.org")
