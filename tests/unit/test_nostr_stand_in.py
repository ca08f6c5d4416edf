"""The stand-in for a Nostr relay keeps the NIPs, and each script does what it says."""

from __future__ import annotations

import json
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest
import trio
from trio.testing import wait_all_tasks_blocked
from wsproto import ConnectionType, WSConnection
from wsproto.events import (
    AcceptConnection,
    CloseConnection,
    Ping,
    RejectConnection,
    Request,
    TextMessage,
)

from relay.ports import NoAnswer, NotSent
from relay.reach.http import HttpOut
from relay.testing import recorder as faults
from relay.testing.nostr import (
    NOSTR_RELAY,
    RUST_NOSTR,
    STRFRY,
    Key,
    broken,
    closed,
    cut,
    endless,
    late,
    nostr_relay,
    notice,
    other,
    pings,
    refused,
    signed,
    silence,
)
from relay.testing.nostr.events import EVENT, identified

NOW = 1_795_000_000


class HandClock:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.at = NOW

    def now(self) -> int:
        return self.at


class Cut(Exception):
    """The connection ended without a close frame."""


class Client:
    """A WebSocket client that shows everything."""

    def __init__(self, stream: trio.SocketStream) -> None:
        self.stream = stream
        self.ws = WSConnection(ConnectionType.CLIENT)
        self.events: list = []
        self.pings = 0

    async def event(self):
        with trio.fail_after(5):
            while not self.events:
                got = await self.stream.receive_some(65536)
                if not got:
                    raise Cut
                self.ws.receive_data(got)
                self.events.extend(self.ws.events())
        return self.events.pop(0)

    async def say(self, *frames) -> None:
        for frame in frames:
            text = frame if isinstance(frame, str) else json.dumps(frame, ensure_ascii=False)
            await self.stream.send_all(self.ws.send(TextMessage(data=text)))

    async def text(self) -> str:
        whole = ""
        while True:
            event = await self.event()
            if isinstance(event, Ping):
                self.pings += 1
                await self.stream.send_all(self.ws.send(event.response()))
                continue
            if isinstance(event, CloseConnection):
                raise Cut(event.code)
            whole += event.data
            if event.message_finished:
                return whole

    async def hear(self):
        return json.loads(await self.text())

    async def ask(self, *frame):
        await self.say([*frame])
        return await self.hear()


@asynccontextmanager
async def client(platform, path="/"):
    host, _, port = platform.url.partition("://")[2].partition(":")
    async with await trio.open_tcp_stream(host, int(port)) as stream:
        made = Client(stream)
        asked = Request(host=f"{host}:{port}", target=path)
        await stream.send_all(made.ws.send(asked))
        answer = await made.event()
        if isinstance(answer, RejectConnection):
            raise ConnectionRefusedError(answer.status_code)
        assert isinstance(answer, AcceptConnection)
        yield made


@asynccontextmanager
async def on(manners=STRFRY, **more):
    clock = HandClock()
    async with nostr_relay(manners, clock=clock, **more) as platform, client(platform) as one:
        yield platform, one, clock


def a_note(platform, text="The lights are out again.", *, kind=1, tags=(), at=NOW, key=None):
    return signed(key or platform.key, kind, text, tags, at=at)


# ---------------------------------------------------------------- events


async def test_a_signed_event_is_taken_and_seen():
    async with on() as (platform, one, _):
        event = a_note(platform, 'سلام\n"x" \\ 👩‍👩‍👧‍👦')
        assert await one.ask("EVENT", event.shown()) == ["OK", event.id, True, ""]
        assert platform.texts == [event.content] and platform.public[0].id == event.id
        assert platform.heard[0][0] == "EVENT"


@pytest.mark.parametrize(
    "change",
    [
        {"id": "00" * 32},
        {"sig": "11" * 64},
        {"pubkey": "ff" * 32},
        {"content": "Another text."},
        {"created_at": 1.5},
        {"created_at": str(NOW)},
        {"kind": 65536},
        {"kind": True},
        {"tags": [[]]},
        {"tags": [["t", None]]},
        {"tags": [["e", "zz"]]},
        {"tags": [["p"]]},
        {"content": None},
        {"relay": "ours"},
        {"id": "AB" * 32},
    ],
    ids=str,
)
async def test_an_event_that_is_not_what_it_says_is_invalid(change):
    async with on() as (platform, one, _):
        event = a_note(platform)
        verb, id, taken, why = await one.ask("EVENT", event.shown() | change)
        assert (verb, taken) == ("OK", False) and why.startswith("invalid: ")
        assert id == change.get("id", event.id) and platform.events == []


@pytest.mark.parametrize("missing", EVENT.need)
async def test_an_event_that_lacks_something_is_invalid(missing):
    async with on() as (platform, one, _):
        shown = a_note(platform).shown()
        del shown[missing]
        assert (await one.ask("EVENT", shown))[2] is False and platform.events == []


async def test_control_characters_make_another_id_on_servers_that_escape_them():
    event = signed(Key(), 1, "bell \x07", at=NOW)
    assert event.id != identified(event, STRFRY.escapes)
    for manners, taken in (STRFRY, False), (replace(STRFRY, escapes=""), True):
        async with on(manners) as (_, one, _):
            assert (await one.ask("EVENT", event.shown()))[2] is taken


@pytest.mark.parametrize(
    ("manners", "second"),
    [
        (STRFRY, (True, "duplicate: have this event")),
        (RUST_NOSTR, (True, "duplicate: already have this event")),
        (NOSTR_RELAY, (False, "duplicate: exists")),
    ],
)
async def test_the_same_event_twice_is_one(manners, second):
    async with on(manners) as (platform, one, _):
        event = a_note(platform)
        await one.ask("EVENT", event.shown())
        assert await one.ask("EVENT", event.shown()) == ["OK", event.id, *second]
        assert len(platform.public) == 1
        platform.forget(event.id)
        assert await one.ask("EVENT", event.shown()) == ["OK", event.id, True, ""]


async def test_manners_differ_on_what_is_refused():
    bad = {"sig": "11" * 64}
    async with on(NOSTR_RELAY) as (platform, one, _):
        answer = await one.ask("EVENT", a_note(platform).shown() | bad)
        assert answer == ["OK", "", False, "invalid: bad signature"]
        await one.say("{", ["NOTHING", 1])
        event = a_note(platform)
        assert await one.ask("EVENT", event.shown()) == ["OK", event.id, True, ""]
        old = a_note(platform, at=1_230_768_000)
        assert (await one.ask("EVENT", old.shown()))[1:3] == ["", False]
    async with on(RUST_NOSTR) as (platform, one, _):
        assert await one.ask("EVENT", {"id": 1}) == ["NOTICE", "invalid client message"]
        old = a_note(platform, at=1_230_768_000)
        assert (await one.ask("EVENT", old.shown()))[2] is True
        await one.say("{")
        assert (await one.hear())[0] == "NOTICE"
        long = a_note(platform, "x" * 66_000)
        assert (await one.ask("EVENT", long.shown()))[3].startswith("blocked: event size")


async def test_limits_are_told_and_kept():
    manners = replace(
        STRFRY, max_content_length=10, max_event_tags=2, created_at_lower_limit=100,
        max_event_bytes=1000, max_message_length=2000,
    )  # fmt: skip
    async with on(manners) as (platform, one, _), HttpOut(None) as http:
        accept = {"Accept": "application/nostr+json"}
        told = json.loads((await http.request("GET", platform.base, headers=accept)).body)
        assert told["limitation"]["max_content_length"] == 10
        for event in (
            a_note(platform, "x" * 11),
            a_note(platform, "x", tags=[["t", "a"]] * 3),
            a_note(platform, "x", at=NOW - 101),
            a_note(platform, "x", at=NOW + 901),
            a_note(platform, "x", tags=[["alt", "y" * 1000]]),
            a_note(platform, "x", tags=[["expiration", str(NOW)]]),
            a_note(platform, "x", tags=[["expiration", "soon"]]),
        ):
            assert (await one.ask("EVENT", event.shown()))[3].startswith("invalid: ")
        assert (await one.ask("EVENT", a_note(platform, "x" * 10).shown()))[2] is True
        with pytest.raises(Cut, match="1009"):
            await one.ask("EVENT", a_note(platform, "x" * 2000).shown())


async def test_work_is_wanted_and_committed_to():
    async with on(replace(STRFRY, min_pow_difficulty=6)) as (platform, one, _):
        lazy = next(e for n in range(99) if (e := a_note(platform, f"{n}")).work < 6)
        assert (await one.ask("EVENT", lazy.shown()))[3].startswith("pow: difficulty")

        def mined(target):
            return next(
                event
                for n in range(100_000)
                if (event := a_note(platform, tags=[["nonce", f"{n}", target]])).work >= 6
            )

        assert (await one.ask("EVENT", mined("5").shown()))[3].startswith("pow: committed")
        assert (await one.ask("EVENT", mined("6").shown()))[2] is True


async def test_an_address_holds_the_newest():
    async with on() as (platform, one, _):
        new, old = (
            a_note(platform, text, kind=30023, tags=[["d", "k"], ["title", "T"]], at=at)
            for text, at in (("new", NOW), ("old", NOW - 1))
        )
        assert (await one.ask("EVENT", old.shown()))[2] is True
        assert (await one.ask("EVENT", new.shown()))[2] is True
        assert (await one.ask("EVENT", old.shown()))[2:] == [False, "replaced: have newer event"]
        [shown] = platform.public
        assert (shown.text, shown.title) == ("new", "T")
        assert shown.address == f"30023:{platform.account}:k"


async def test_an_author_deletes_and_nobody_else():
    async with on() as (platform, one, _):
        event, article = platform.put("x"), platform.put("y", kind=30023, tags=[["d", "q"]])
        named = [["e", event.id], ["a", article.address], ["k", "1"]]
        await one.ask("EVENT", a_note(platform, "", kind=5, tags=named, key=Key()).shown())
        assert len(platform.public) == 2
        await one.ask("EVENT", a_note(platform, "", kind=5, tags=named).shown())
        assert platform.public == []
        answer = await one.ask("EVENT", event.shown())
        assert answer[2:] == [False, "deleted: user requested deletion"]


async def test_who_may_not_write_is_told_why():
    async with on() as (platform, one, _):
        for act, why in (
            (platform.revoke, "restricted: "),
            (platform.broke, "restricted: payment"),
            (platform.suspend, "blocked: "),
        ):
            act()
            assert (await one.ask("EVENT", a_note(platform).shown()))[3].startswith(why)
        assert platform.public == []


async def test_too_many_events_a_minute_are_rate_limited():
    async with on() as (platform, one, clock):
        platform.rules.events_allowed = 1
        await one.ask("EVENT", a_note(platform, "a").shown())
        more = a_note(platform, "b").shown()
        assert (await one.ask("EVENT", more))[3].startswith("rate-limited: ")
        clock.at += 60
        assert (await one.ask("EVENT", more))[2] is True


# ---------------------------------------------------------------- subscriptions


async def test_what_is_there_comes_newest_first_and_then_what_comes():
    async with on() as (platform, one, clock):
        first = platform.put("first")
        clock.at += 1
        second = platform.put("second")
        asked = {"authors": [platform.account], "kinds": [1]}
        assert (await one.ask("REQ", "s", asked))[2]["id"] == second.id
        assert (await one.hear())[2]["id"] == first.id
        assert await one.hear() == ["EOSE", "s"]
        answer = platform.reply(second.id, "Here too.")
        clock.at += 1
        platform.put("mine")
        assert (await one.hear())[2]["content"] == "mine"
        assert [note.text for note in platform.public] == ["first", "second", "mine"]
        await one.say(["CLOSE", "s"])
        assert await one.ask("REQ", "r", {"#e": [second.id]}) == ["EVENT", "r", answer.shown()]


@pytest.mark.parametrize(
    ("asked", "why"),
    [
        ({"ids": ["00"]}, "invalid: "),
        ({"ids": []}, "invalid: "),
        ({"kinds": ["1"]}, "invalid: "),
        ({"#e": ["x"]}, "invalid: "),
        ({"since": "1"}, "invalid: "),
        ({"search": "x"}, "unsupported: "),
        ({"#tag": ["x"]}, "unsupported: "),
        ([], "invalid: "),
    ],
    ids=str,
)
async def test_a_filter_that_is_none_closes_the_subscription(asked, why):
    async with on() as (_, one, _):
        verb, name, said = await one.ask("REQ", "s", asked)
        assert (verb, name) == ("CLOSED", "s") and said.startswith(why)


async def test_listings_lag_and_drops_are_not_noticed():
    async with on() as (platform, one, clock):
        platform.lists_late_s = 30
        event = a_note(platform)
        await one.ask("EVENT", event.shown())
        assert await one.ask("REQ", "s", {"ids": [event.id]}) == ["EOSE", "s"]
        clock.at += 30
        assert (await one.ask("REQ", "s", {"ids": [event.id]}))[0] == "EVENT"
        await one.hear()
        platform.drops = True
        dropped = a_note(platform, "gone")
        assert (await one.ask("EVENT", dropped.shown()))[2] is True
        assert platform.texts == [event.content]


async def test_rust_nostr_closes_a_subscription_that_found_all():
    async with on(RUST_NOSTR) as (platform, one, _):
        event = platform.put("x")
        frames = [await one.ask("REQ", "s", {"ids": [event.id]}), await one.hear()]
        assert [frame[0] for frame in frames] == ["EVENT", "EOSE"]
        assert await one.hear() == ["CLOSED", "s", ""]


# ---------------------------------------------------------------- who it is (NIP-42, NIP-70)


async def test_it_wants_to_know_who_writes():
    async with on(replace(STRFRY, auth="all")) as (platform, one, clock):
        event = a_note(platform)
        verb, challenge = await one.ask("EVENT", event.shown())
        assert verb == "AUTH" and (await one.hear())[3].startswith("auth-required: ")
        assert (await one.ask("REQ", "s", {"kinds": [1]}))[2].startswith("auth-required: ")

        def proof(challenge=challenge, relay=f"{platform.url}/", at=NOW, kind=22242):
            tags = [["relay", relay], ["challenge", challenge]]
            return a_note(platform, "", kind=kind, tags=tags, at=at).shown()

        for bad in proof("x"), proof(relay="ws://127.0.0.1:1"), proof(at=NOW - 601), proof(kind=1):
            assert (await one.ask("AUTH", bad))[2] is False
        assert (await one.ask("AUTH", proof()))[2] is True
        assert (await one.ask("EVENT", event.shown()))[2] is True
        platform.expire()
        assert (await one.hear())[0] == "AUTH"
        clock.at += 1
        later = a_note(platform, "later")
        assert (await one.ask("EVENT", later.shown()))[3].startswith("auth-required: ")


async def test_a_protected_event_is_its_authors_alone():
    async with on() as (platform, one, _):
        event = a_note(platform, tags=[["-"]])
        assert (await one.ask("EVENT", event.shown()))[3].startswith("blocked: ")


# ---------------------------------------------------------------- scripts


@pytest.mark.parametrize(
    "why",
    ["rate-limited: x", "error: x", "pow: x", "invalid: x", "blocked: x", "restricted: x",
     "auth-required: x"],
)  # fmt: skip
async def test_a_scripted_refusal(why):
    async with on() as (platform, one, _):
        platform.script(refused(why), refused(why, named=False), on="EVENT 1")
        event = a_note(platform)
        assert await one.ask("EVENT", event.shown()) == ["OK", event.id, False, why]
        assert await one.ask("EVENT", event.shown()) == ["OK", "", False, why]
        platform.script(refused(why), on="REQ")
        assert await one.ask("REQ", "s", {"kinds": [1]}) == ["CLOSED", "s", why]
        assert platform.public == []


@pytest.mark.parametrize("made", [True, False])
async def test_a_cut_before_and_after_it_was_stored(made):
    async with on() as (platform, one, _):
        platform.script(cut(made=made), on="EVENT")
        with pytest.raises(Cut):
            await one.ask("EVENT", a_note(platform).shown())
        assert len(platform.public) == made


async def test_no_answer_and_then_answers_again():
    async with on() as (platform, one, _):
        platform.script(silence(), on="EVENT")
        event = a_note(platform)
        await one.say(["EVENT", event.shown()])
        assert (await one.ask("REQ", "s", {"ids": [event.id]}))[2]["id"] == event.id


async def test_late_is_acted_on_when_the_client_has_gone():
    async with on() as (platform, one, _):
        platform.script(late(), on="EVENT")
        await one.say(["EVENT", a_note(platform).shown()])
        await wait_all_tasks_blocked()
        assert platform.public == []
        await one.stream.aclose()
        with trio.fail_after(5):
            while not platform.public:
                await trio.lowlevel.checkpoint()


async def test_answers_that_are_none():
    async with on() as (platform, one, _):
        event = a_note(platform)
        platform.script(notice("error: x"), broken(), other(), pings(2000), on="EVENT")
        assert await one.ask("EVENT", event.shown()) == ["NOTICE", "error: x"]
        await one.say(["EVENT", event.shown()])
        assert await one.text() == '["OK","'
        stray = await one.ask("EVENT", event.shown())
        assert stray[0] == "OK" and stray[1] != event.id
        assert (await one.ask("EVENT", event.shown()))[1:3] == [event.id, True]
        assert one.pings == 2000


async def test_a_frame_without_end():
    async with on() as (platform, one, _):
        platform.script(endless(), on="EVENT")
        await one.say(["EVENT", a_note(platform).shown()])
        got = 0
        while got < 1_000_000:
            got += len(await one.stream.receive_some(65536))
        assert len(platform.public) == 1


async def test_it_says_that_it_goes_down():
    async with on() as (platform, one, _):
        platform.script(closed(1001, "restarting"), on="EVENT")
        with pytest.raises(Cut, match="1001"):
            await one.ask("EVENT", a_note(platform).shown())
        assert platform.public == []


async def test_a_slow_relay_slows_down_after_each_refusal():
    async with on(replace(NOSTR_RELAY, slows_s=0.001)) as (platform, one, _):
        for _ in range(4):
            answer = await one.ask("EVENT", a_note(platform).shown() | {"sig": "11" * 64})
            assert answer[1:3] == ["", False]
        assert (await one.ask("EVENT", a_note(platform).shown()))[2] is True


# ---------------------------------------------------------------- its port


@pytest.mark.parametrize(
    "fault", [faults.maintenance("60"), faults.too_many("9"), faults.redirect("wss://else.where")]
)
async def test_an_upgrade_that_is_refused(fault):
    async with on() as (platform, _, _):
        platform.script(fault, on="UPGRADE /")
        with pytest.raises(ConnectionRefusedError, match=str(fault.status)):
            async with client(platform):
                pass
        async with client(platform) as again:
            assert await again.ask("REQ", "s", {"kinds": [1]}) == ["EOSE", "s"]
        assert [one.line for one in platform.requests] == ["UPGRADE /"] * 3


async def test_it_has_one_address():
    async with on() as (platform, _, _):
        with pytest.raises(ConnectionRefusedError, match="404"):
            async with client(platform, "/elsewhere"):
                pass


async def test_closed_is_for_everybody_and_refused_for_those_who_are_there():
    async with on() as (platform, one, _), HttpOut(None) as http:
        platform.closed = faults.maintenance("60")
        assert (await http.request("GET", platform.base)).status == 503
        with pytest.raises(ConnectionRefusedError, match="503"):
            async with client(platform):
                pass
        platform.closed = None
        platform.refuse()
        with pytest.raises(Cut):
            await one.hear()
        with pytest.raises(NotSent):
            await http.request("GET", platform.base)
        await platform.open()
        async with client(platform):
            pass


async def test_the_document_is_for_those_who_ask_for_it():
    accept = {"Accept": "application/nostr+json"}
    async with on() as (platform, _, _), HttpOut(None) as http:
        answer = await http.request("GET", f"{platform.base}/", headers=accept)
        assert answer.headers["content-type"] == "application/nostr+json"
        assert answer.headers["access-control-allow-origin"] == "*"
        said = json.loads(answer.body)
        assert said["supported_nips"][0] == 1 and not said["limitation"]["payment_required"]
        platform.broke()
        answer = await http.request("GET", f"{platform.base}/", headers=accept)
        assert json.loads(answer.body)["limitation"]["payment_required"]
        plain = await http.request("GET", f"{platform.base}/")
        assert plain.headers["content-type"] == "text/plain"
    async with on(RUST_NOSTR) as (platform, _, _), HttpOut(None) as http:
        with pytest.raises(NoAnswer):
            await http.request("GET", f"{platform.base}/", headers=accept)


def test_keys_are_written_as_nip_19_has_them():
    key = Key("67dea2ed018072d675f5415ecfaed7d2597555e202d85b3d65ea4e58d2d92ffa")
    assert key.pubkey == "7e7e9c42a91bfef19fa929e5fda1b72e0ebc1a4c1141673e2794234d86addf4e"
    assert key.nsec == "nsec1vl029mgpspedva04g90vltkh6fvh240zqtv9k0t9af8935ke9laqsnlfe5"
    assert key.npub == "npub10elfcs4fr0l0r8af98jlmgdh9c8tcxjvz9qkw038js35mp4dma8qzvjptg"
    assert key.secret not in repr(key)
