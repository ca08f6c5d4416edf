"""The bridge "matrix" before Synapse: what stands in the room, as another member of it sees it."""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from ends import at_every_step, killed, taken, words
from synapse_server import CLIENT, PASSWORD, Account, Room, Synapse, synapse

from bridges.matrix import Matrix
from relay.model import (
    Absent,
    Attempt,
    Found,
    Later,
    Media,
    Post,
    Posted,
    Refused,
    Removed,
    Replied,
    Stopped,
    Unsure,
)
from relay.reach.http import HttpOut
from relay.testing.bridge_contract import a_post
from relay.testing.front import front
from relay.testing.journey import VirtualClock
from relay.testing.loopback import Fault
from relay.testing.made import drawing, film, photo, sound
from relay.testing.stand import as_long_as, picture, secret

LIMIT = 600
SEND = "PUT /_matrix/client/v3/rooms/*/send/m.room.message/*"
NUMBERS = itertools.count()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Synapse]:
    with synapse(tmp_path_factory.mktemp("synapse")) as made:
        yield made


@dataclass(frozen=True)
class Place:
    """An account of ours, a room of its own, and a member of the room who looks."""

    ours: Account
    room: Room
    clock: VirtualClock
    settings: dict[str, Any]

    def bridge(self, http: Any, **settings: Any) -> Matrix:
        return Matrix(Matrix.Settings(**self.settings | settings), http, self.clock)

    def texts(self) -> list[str]:
        """What people see, the oldest first."""
        shown = [one["content"] for one in self.room.events()]
        return [one["body"] for one in shown if one and "m.new_content" not in one]


@pytest.fixture
def place(server: Synapse, tmp_path: Path) -> Place:
    number = next(NUMBERS)
    ours, other = server.account(f"relay{number}"), server.account(f"somebody{number}")
    room = server.room(ours, other)
    settings = {
        "homeserver": server.base,
        "room": room.id,
        "user": ours.name,
        "password_file": secret(tmp_path, "password", PASSWORD),
        "limit": LIMIT,
    }
    return Place(ours, room, VirtualClock(int(time.time())), settings)


async def keep(kept: bytes) -> None:
    """What a try kept is not looked at here."""


def long_post() -> Post:
    """Five parts of Persian with emoji in it, and a picture under them."""
    text = as_long_as(4 * LIMIT + 200, lambda text: len(text.encode()))
    return replace(a_post(text, language="fa"), media=(picture(),))


async def sent(place: Place, bridge: Matrix, post: Post) -> list[str]:
    refs: list[str] = []
    for part in await bridge.prepare(post):
        outcome = await bridge.send(
            Attempt(part, 1, place.clock.at, refs[-1] if refs else None), keep
        )
        assert isinstance(outcome, Posted), outcome
        refs.append(outcome.ref)
    return refs


async def test_five_parts_of_persian_and_a_picture_are_one_thread(place):
    async with HttpOut(None) as http:
        bridge = place.bridge(http)
        health = await bridge.check()
        assert health.account == f"matrix {place.ours.user} {place.room.id}" and not health.trouble
        refs = await sent(place, bridge, long_post())
    events = place.room.events()
    assert [one["event_id"] for one in events] == refs and len(refs) == 6
    assert {one["sender"] for one in events} == {place.ours.user}
    contents = [one["content"] for one in events]
    assert words([one["body"] for one in contents[:5]]) == long_post().text.split()
    assert all(len(one["body"].encode()) <= LIMIT for one in contents[:5])
    assert [one["event_id"] for one in place.room.thread(refs[0])] == refs[1:]
    before = [one["m.relates_to"]["m.in_reply_to"]["event_id"] for one in contents[1:]]
    assert before == refs[:-1]
    shown = contents[5]
    assert (shown["msgtype"], shown["body"]) == ("m.image", picture().alt)
    assert (shown["info"]["w"], shown["info"]["h"], shown["info"]["mimetype"]) == (
        1,
        1,
        "image/png",
    )
    assert place.room.by.media(shown["url"]) == picture().content


async def test_all_that_a_cleaner_makes_is_taken_with_its_measures(place):
    every = (photo(), drawing(), film(), sound())
    async with HttpOut(None) as http:
        bridge = place.bridge(http)
        assert not (await bridge.check()).trouble
        assert bridge.fits.film_bytes > 1_000_000
        await sent(place, bridge, replace(a_post(), media=every))
    _, *shown = [one["content"] for one in place.room.events()]
    assert [one["msgtype"] for one in shown] == ["m.image", "m.image", "m.video", "m.audio"]
    assert [place.room.by.media(one["url"]) for one in shown] == [one.content for one in every]
    assert shown[2]["info"] | {"w": 64, "h": 36, "duration": 1000} == shown[2]["info"]


async def test_a_text_as_long_as_an_event_may_be_is_taken(place):
    """48,000 bytes of JSON: the whole event stays below 65,536 with all that Synapse adds."""
    text = as_long_as(40_000, lambda text: len(text.encode())) + '"\n' * 1900
    async with HttpOut(None) as http:
        bridge = place.bridge(http, limit=48_000)
        refs = await sent(place, bridge, a_post(text.strip()))
    assert len(refs) == 1 and place.texts() == [text.strip()]


async def test_the_same_part_twice_is_one_event_though_synapse_was_killed_between(place, server):
    async with HttpOut(None) as http:
        bridge = place.bridge(http)
        [part] = await bridge.prepare(a_post())
        first = await bridge.send(Attempt(part, 1, place.clock.at), keep)
        again = await bridge.send(Attempt(part, 2, place.clock.at), keep)
        assert isinstance(first, Posted) and again == first
        server.server.kill()
        assert isinstance(await bridge.send(Attempt(part, 3, place.clock.at), keep), Later)
        server.server.start()
        assert await place.bridge(http).send(Attempt(part, 4, place.clock.at), keep) == first
        place.clock.at += 86_400
        found = await place.bridge(http).find(Attempt(part, 4, place.clock.at - 86_400))
        assert isinstance(found, Found) and found.ref == first.ref
    assert place.texts() == [a_post().text]


async def test_an_answer_that_is_lost_is_asked_for_again_or_found(place, server):
    async with HttpOut(None) as http, front(server.base) as before:
        bridge = place.bridge(http, homeserver=before.base)
        [part] = await bridge.prepare(a_post())
        before.script(Fault(then="cut", made=True), on=SEND)
        attempt = Attempt(part, 1, place.clock.at)
        assert isinstance(await bridge.send(attempt, keep), Unsure)
        found = await place.bridge(http).find(attempt)
        assert isinstance(found, Found)
        again = await bridge.send(replace(attempt, n=2), keep)
        assert isinstance(again, Posted) and again.ref == found.ref
        [other] = await bridge.prepare(a_post("not yet"))
        place.clock.at += 60
        assert await bridge.find(Attempt(other, 1, place.clock.at - 60)) == Absent(strong=True)
    assert place.texts() == [a_post().text]


async def test_an_edit_stands_in_place_of_what_was_there_and_both_can_be_redacted(place):
    async with HttpOut(None) as http:
        bridge = place.bridge(http)
        [ref] = await sent(place, bridge, a_post())
        for _ in range(2):
            edited = await bridge.edit(ref, a_post("It is light again."))
            assert isinstance(edited, Posted) and edited.ref == ref
        changed = place.room.event(ref)["unsigned"]["m.relations"]["m.replace"]
        assert changed["content"]["m.new_content"]["body"] == "It is light again."
        for _ in range(2):
            assert await bridge.remove(ref) == Removed()
        gone = place.room.event(ref)
        assert gone["content"] == {} and "redacted_because" in gone["unsigned"]
        assert isinstance(await bridge.edit(ref, a_post("once more")), Refused)
    assert place.texts() == []


async def test_what_others_wrote_is_neither_changed_nor_taken_back(place):
    theirs = place.room.says({"msgtype": "m.text", "body": "their own"}, "t1")
    async with HttpOut(None) as http:
        bridge = place.bridge(http)
        assert isinstance(await bridge.remove(theirs), Refused)
        assert isinstance(await bridge.edit(theirs, a_post()), Refused)
    assert place.texts() == ["their own"]


async def test_an_answer_by_another_member_is_read_once_and_never_says_who(place):
    async with HttpOut(None) as http:
        bridge = place.bridge(http)
        refs = await sent(place, bridge, long_post())
        start = await bridge.replies(b"")
        assert isinstance(start, Replied) and start.replies == ()
        said = {"msgtype": "m.text", "body": "> <@relay> words\n\nما خوبیم، and you?"}
        answer = {**said, "m.relates_to": {"m.in_reply_to": {"event_id": refs[2]}}}
        place.room.says(answer, "t1")
        place.room.says({"msgtype": "m.text", "body": "to nobody"}, "t2")
        thread = {"rel_type": "m.thread", "event_id": refs[0], "is_falling_back": True}
        in_thread = {**thread, "m.in_reply_to": {"event_id": refs[4]}}
        place.room.says(
            {"msgtype": "m.text", "body": "in the thread", "m.relates_to": in_thread}, "t3"
        )
        first = await bridge.replies(start.cursor)
        assert isinstance(first, Replied)
        told = [(one.to, one.text) for one in first.replies]
        assert told == [(refs[2], "ما خوبیم، and you?"), (refs[0], "in the thread")]
        assert not any("somebody" in str(one.ref) for one in first.replies)
        again = await place.bridge(http).replies(start.cursor)
        assert isinstance(again, Replied) and again.replies == first.replies
        after = await bridge.replies(first.cursor)
        assert isinstance(after, Replied) and after.replies == ()


async def test_a_session_that_somebody_ended_stops_until_the_operator_says_go_on(place, tmp_path):
    async with HttpOut(None) as http:
        bridge = place.bridge(http)
        [ref] = await sent(place, bridge, a_post())
        place.ours.asks("POST", f"{CLIENT}/logout/all")
        [part] = await bridge.prepare(a_post("another"))
        attempt = Attempt(part, 1, place.clock.at)
        assert isinstance(await bridge.send(attempt, keep), Stopped)
        assert (await place.bridge(http).check()).trouble
        (tmp_path / "password").write_text(PASSWORD)  # the operator's word to go on
        place.clock.at += 60
        again = place.bridge(http)
        assert not (await again.check()).trouble
        assert isinstance(await again.send(replace(attempt, n=2), keep), Posted)
        [first] = await again.prepare(a_post())
        found = await again.send(Attempt(first, 2, place.clock.at - 60), keep)
        assert isinstance(found, Posted) and found.ref == ref  # under a key the device forgot
    assert sorted(place.texts()) == sorted([a_post().text, "another"])


async def test_a_wrong_password_and_a_room_that_is_not_ours_are_named(place, server, tmp_path):
    closed = server.room(server.account(f"closed{next(NUMBERS)}"))
    async with HttpOut(None) as http:
        wrong = place.bridge(http, password_file=secret(tmp_path, "wrong", "not it"))
        assert "password" in (await wrong.check()).trouble
        assert (await place.bridge(http, room=closed.id).check()).trouble
        alias = f"#{place.ours.name}:{place.ours.user.partition(':')[2]}"
        assert not (await place.bridge(http, room=alias).check()).trouble


async def test_a_file_that_is_too_large_for_the_server_refuses_the_whole_post(place):
    large = Media("image/png", bytes(11 << 20), "too large")
    async with HttpOut(None) as http:
        bridge = place.bridge(http)
        [part] = await bridge.prepare(replace(a_post(), media=(large,)))
        outcome = await bridge.send(Attempt(part, 1, place.clock.at), keep)
    assert isinstance(outcome, Refused) and place.texts() == []


def named(name: str) -> Post:
    return replace(a_post(f"this is {name}"), media=(picture(),))


async def test_at_whatever_step_the_process_dies_each_post_is_there_once(place):
    def build(http: Any, clock: VirtualClock) -> Matrix:
        return place.bridge(http)

    async with HttpOut(None) as http:
        ended = await at_every_step(build, http, named, place.clock)
    assert {row.state for row in ended.values()} == {"posted"}
    texts = place.texts()
    assert sorted(texts) == sorted(
        text for name in ended for text in (named(name).text, picture().alt)
    )


async def test_a_thread_of_five_comes_to_its_end_though_the_process_dies(place):
    def build(http: Any, clock: VirtualClock) -> Matrix:
        return place.bridge(http)

    async with HttpOut(None) as http:
        row, journey, refs = await taken(build, http, long_post(), place.clock, 7, 4, 9)
    assert row.state == "posted" and journey.deaths == 3
    assert [one["event_id"] for one in place.room.events()] == list(refs)


async def test_killed_around_its_requests_it_has_posted_once(place, server, tmp_path):
    def settings(port: int) -> dict[str, Any]:
        return {**place.settings, "homeserver": f"http://127.0.0.1:{port}"}

    port = int(server.base.rpartition(":")[2])
    ended = await killed(
        "bridges.matrix:Matrix", settings, port, named, place.clock.at, tmp_path, rounds=12
    )
    assert {one.state for one in ended.values()} == {"posted"}
    assert sorted(place.texts()) == sorted(
        text for name in ended for text in (named(name).text, picture().alt)
    )
