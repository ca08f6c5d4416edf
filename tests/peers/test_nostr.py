"""The bridge "nostr" before two relays by others at once, which differ in most of their manners.

Pictures go to the stand-in of a Blossom server: no real one can be installed from a registry.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from ends import at_every_step, killed, taken, words
from nostr_servers import Relay, nostr_relay, rust_nostr

from bridges.nostr import Nostr
from relay.model import (
    Absent,
    Attempt,
    Found,
    Later,
    Post,
    Posted,
    Refused,
    Removed,
    Replied,
    Unknown,
    Unsure,
)
from relay.reach.http import HttpOut
from relay.testing.bridge_contract import a_post
from relay.testing.journey import VirtualClock
from relay.testing.nostr import Key, blossom, signed
from relay.testing.stand import as_long_as, picture, secret

CHARACTERS = 300
NOTE = 1


@pytest.fixture(scope="module")
def relays(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Relay, Relay]]:
    with (
        rust_nostr(tmp_path_factory.mktemp("rust")) as rust,
        nostr_relay(tmp_path_factory.mktemp("python")) as python,
    ):
        yield rust, python


@dataclass(frozen=True)
class Place:
    """An account of its own at two relays."""

    key: Key
    relays: tuple[Relay, Relay]
    clock: VirtualClock
    settings: dict[str, Any]

    def bridge(self, http: Any, **settings: Any) -> Nostr:
        return Nostr(Nostr.Settings(**self.settings | settings), http, self.clock)

    def notes(self) -> list[dict[str, Any]]:
        """What people see, the oldest first; the same at both relays."""
        one, other = (
            [event for event in relay.events(self.key.pubkey) if event["kind"] == NOTE]
            for relay in self.relays
        )
        assert one == other
        return one

    def texts(self) -> list[str]:
        return [str(one["content"]) for one in self.notes()]

    def post(self, text: str = "the lights are out", **more: Any) -> Post:
        """One of this hour: a relay takes nothing from last year."""
        return replace(a_post(text), date=self.clock.at // 3600 * 3600, **more)


@pytest.fixture
def place(relays: tuple[Relay, Relay], tmp_path: Path) -> Place:
    key = Key()
    settings = {
        "relays": [one.url for one in relays],
        "key_file": secret(tmp_path, "key", key.nsec),
        "characters": CHARACTERS,
    }
    return Place(key, relays, VirtualClock(int(time.time())), settings)


class Kept:
    last = b""

    async def __call__(self, what: bytes) -> None:
        self.last = what


async def sent(place: Place, bridge: Nostr, post: Post) -> list[str]:
    refs: list[str] = []
    for part in await bridge.prepare(post):
        before = refs[-1] if refs else None
        outcome = await bridge.send(Attempt(part, 1, place.clock.at, before), Kept())
        assert isinstance(outcome, Posted), outcome
        refs.append(outcome.ref)
    return refs


async def test_a_long_persian_text_is_a_thread_at_both_relays(place):
    text = as_long_as(4 * CHARACTERS, len)
    async with HttpOut(None) as http:
        bridge = place.bridge(http)
        health = await bridge.check()
        assert health.account == f"nostr {place.key.npub}" and not health.trouble
        refs = await sent(place, bridge, place.post(text))
    notes = place.notes()
    assert [one["id"] for one in notes] == refs and len(refs) == 5
    assert words([one["content"] for one in notes]) == text.split()
    named = [{tag[3]: tag[1] for tag in one["tags"] if tag[0] == "e"} for one in notes]
    assert [one.get("root") for one in named] == [None, *[refs[0]] * 4]
    assert [one.get("reply", one.get("root")) for one in named] == [None, *refs[:-1]]
    assert max(one["created_at"] for one in notes) <= place.post().date


async def test_a_picture_lies_where_the_note_says_with_what_it_is_described_by(place):
    async with blossom() as shelf, HttpOut(None) as http:
        bridge = place.bridge(http, blossom=[shelf.base])
        await sent(place, bridge, place.post("look", media=(picture(),)))
        [note] = place.notes()
        [tag] = [tag for tag in note["tags"] if tag[0] == "imeta"]
        said = dict(one.split(" ", 1) for one in tag[1:])
        assert said["alt"] == picture().alt and said["m"] == "image/png"
        assert said["url"] in note["content"]
        answer = await http.request("GET", said["url"])
        assert answer.body == picture().content


async def test_the_same_event_twice_is_one_whatever_a_relay_says_to_it(place):
    async with HttpOut(None) as http:
        bridge = place.bridge(http)
        [part] = await bridge.prepare(place.post())
        first = await bridge.send(Attempt(part, 1, place.clock.at), Kept())
        assert isinstance(first, Posted)
        for relay in place.relays:  # rust-nostr says yes to what it has, and nostr-relay no
            alone = place.bridge(http, relays=[relay.url])
            assert await alone.send(Attempt(part, 2, place.clock.at), Kept()) == first
        assert await bridge.find(Attempt(part, 2, place.clock.at)) == Found(first.ref)
        [other] = await bridge.prepare(place.post("not yet"))
        assert await bridge.find(Attempt(other, 1, place.clock.at)) == Absent(strong=True)
    assert len(place.notes()) == 1


async def test_one_relay_that_is_down_is_caught_up_with(place):
    rust, _ = place.relays
    async with HttpOut(None) as http:
        bridge = place.bridge(http)
        [part] = await bridge.prepare(place.post())
        kept = Kept()
        rust.server.kill()
        outcome = await bridge.send(Attempt(part, 1, place.clock.at), kept)
        assert isinstance(outcome, Unsure)
        assert "1 of 2" in (await place.bridge(http).check()).trouble
        enough = await place.bridge(http, least=1).send(Attempt(part, 2, place.clock.at), Kept())
        assert isinstance(enough, Posted)
        [other] = await bridge.prepare(place.post("another"))
        assert await bridge.find(Attempt(other, 1, place.clock.at)) == Unknown(
            "not all relays can be asked"
        )
        alone = place.bridge(http, relays=[rust.url])
        assert isinstance(await alone.send(Attempt(other, 1, place.clock.at), Kept()), Later)
        rust.server.start()
        again = await bridge.send(Attempt(part, 2, place.clock.at, None, kept.last), kept)
        assert again == enough
    assert [one["id"] for one in place.notes()] == [enough.ref]


async def test_what_is_removed_is_gone_from_both(place):
    async with HttpOut(None) as http:
        bridge = place.bridge(http)
        [first] = await sent(place, bridge, place.post())
        [stays] = await sent(place, bridge, place.post("this stays"))
        for _ in range(2):
            assert await bridge.remove(first) == Removed()
        assert [one["id"] for one in place.notes()] == [stays]
        assert isinstance(await bridge.remove("no event"), Refused)


async def test_an_answer_at_one_relay_is_read_once_and_never_says_who(place):
    _, python = place.relays
    somebody = Key()
    async with HttpOut(None) as http:
        bridge = place.bridge(http)
        [ref] = await sent(place, bridge, place.post())
        start = await bridge.replies(b"")
        assert isinstance(start, Replied) and start.replies == ()
        place.clock.at += 5
        tags = [["e", ref, "", "root"], ["p", place.key.pubkey]]
        answer = signed(somebody, NOTE, "ما خوبیم", tags, at=place.clock.at)
        python.put(answer.shown())
        place.clock.at += 60
        first = await bridge.replies(start.cursor)
        assert isinstance(first, Replied)
        assert [(one.to, one.text) for one in first.replies] == [(ref, "ما خوبیم")]
        assert somebody.pubkey not in str([(one.ref, one.to) for one in first.replies])
        after = await bridge.replies(first.cursor)
        assert isinstance(after, Replied) and after.replies == ()


async def test_a_post_of_2009_is_refused_and_nothing_is_held_back_by_it(place):
    old = replace(place.post(), date=1_245_000_000)
    async with HttpOut(None) as http:
        bridge = place.bridge(http, relays=[place.relays[1].url])
        [part] = await bridge.prepare(old)
        outcome = await bridge.send(Attempt(part, 1, place.clock.at), Kept())
        assert isinstance(outcome, Refused), outcome
        [ref] = await sent(place, place.bridge(http), place.post("of today"))
    assert [one["id"] for one in place.notes()] == [ref]


async def test_a_relay_that_wants_to_know_who_writes_is_told(place, tmp_path):
    mode = "LocalRelayBuilderNip42Mode.WRITE"
    with rust_nostr(tmp_path, f".nip42(LocalRelayBuilderNip42(mode={mode}))") as relay:
        async with HttpOut(None) as http:
            bridge = place.bridge(http, relays=[relay.url])
            [ref] = await sent(place, bridge, place.post())
            assert await bridge.remove(ref) == Removed()
            [ref] = await sent(place, bridge, place.post("another"))
        assert [one["id"] for one in relay.events(place.key.pubkey) if one["kind"] == NOTE] == [ref]


async def test_a_relay_that_wants_work_gets_what_the_settings_allow(place, tmp_path):
    with rust_nostr(tmp_path, ".min_pow(8)") as relay:
        async with HttpOut(None) as http:
            [part] = await place.bridge(http, relays=[relay.url]).prepare(place.post())
            lazy = place.bridge(http, relays=[relay.url], work=0)
            assert isinstance(await lazy.send(Attempt(part, 1, place.clock.at), Kept()), Refused)
            worker = place.bridge(http, relays=[relay.url], work_always=8)
            [ref] = await sent(place, worker, place.post())
        assert [one["id"] for one in relay.events(place.key.pubkey)] == [ref]
        assert ref.startswith("00")


async def test_at_whatever_step_the_process_dies_each_post_is_there_once(place):
    async with blossom() as shelf, HttpOut(None) as http:

        def build(http: Any, clock: VirtualClock) -> Nostr:
            return place.bridge(http, blossom=[shelf.base], relays=[place.relays[0].url])

        ended = await at_every_step(
            build, http, lambda name: place.post(f"this is {name}", media=(picture(),)), place.clock
        )
    assert {row.state for row in ended.values()} == {"posted"}
    shown = [one["content"].split("\n")[0] for one in place.relays[0].events(place.key.pubkey)]
    assert sorted(shown) == sorted(f"this is {name}" for name in ended)


async def test_a_thread_of_five_comes_to_its_end_though_the_process_dies(place):
    async with HttpOut(None) as http:

        def build(http: Any, clock: VirtualClock) -> Nostr:
            return place.bridge(http)

        post = place.post(as_long_as(4 * CHARACTERS, len))
        row, journey, refs = await taken(build, http, post, place.clock, 25, 18, 30)
    assert row.state == "posted" and journey.deaths == 3
    assert [one["id"] for one in place.notes()] == list(refs)


@pytest.mark.parametrize("which", [0, 1])
async def test_killed_around_what_it_says_to_a_relay_it_has_posted_once(place, tmp_path, which):
    def settings(port: int) -> dict[str, Any]:
        return {**place.settings, "relays": [f"ws://127.0.0.1:{port}"]}

    def post(name: str) -> Post:
        return replace(place.post(f"this is {name}"), date=date)

    date = place.post().date
    relay = place.relays[which]
    ended = await killed(
        "bridges.nostr:Nostr", settings, relay.port, post, place.clock.at, tmp_path, rounds=12
    )
    assert {one.state for one in ended.values()} == {"posted"}
    texts = [one["content"] for one in relay.events(place.key.pubkey)]
    assert sorted(texts) == sorted(post(name).text for name in ended)
