"""The bridge to Nostr: its settings, how a send over several relays ends, find, remove, replies."""

from __future__ import annotations

import hashlib
import json

import pydantic
import pytest
import trio
from nostr_parts import (
    ACCOUNT,
    DATE,
    NOW,
    NPUB,
    NSEC,
    SECRET,
    A,
    B,
    C,
    FakeRelay,
    Hands,
    Kept,
    Relays,
    a_bridge,
    attempt,
    closing,
    cut,
    limits,
    ok,
    post_of,
    silent,
)

from bridges.kit import BadSecret
from bridges.nostr import Nostr
from bridges.relays import drafts, keys
from bridges.relays.events import made_by
from relay.model import (
    Absent,
    Found,
    Later,
    Posted,
    Refused,
    Removed,
    Replied,
    Stopped,
    Unknown,
    Unsure,
)

# ---------------------------------------------------------------- settings and key


@pytest.mark.parametrize(
    ("more", "good"),
    [
        ({}, True),
        ({"relays": ["ws://127.0.0.1:7777"]}, True),
        ({"relays": ["wss://a.example/inbox?x=1"]}, True),
        ({"relays": ["ws://a.example"]}, False),
        ({"relays": ["https://a.example"]}, False),
        ({"relays": ["wss://us:secret@a.example"]}, False),
        ({"relays": []}, False),
        ({"relays": ["wss://a.example", "wss://a.example"]}, False),
        ({"relays": ["wss://a.example/" + "a" * 150]}, False),
        ({"least": 2}, False),
        ({"least": 0}, False),
        ({"blossom": ["https://media.example/"]}, True),
        ({"blossom": ["https://media.example/path"]}, False),
        ({"blossom": ["http://media.example"]}, False),
        ({"characters": 100}, False),
        ({"work": 25}, False),
        ({"viewer": "https://view.example/"}, True),
        ({"viewer": "view.example"}, False),
        ({"mentions": "some"}, False),
        ({"nsec": NSEC}, False),
    ],
)
def test_settings_have_their_values(more, good):
    said = {"key_file": "x", "relays": ["wss://a.example"], **more}
    if good:
        Nostr.Settings.model_validate(said)
    else:
        with pytest.raises(pydantic.ValidationError):
            Nostr.Settings.model_validate(said)


def test_what_is_kept_has_room_for_the_addresses_of_all_relays():
    addresses = [f"wss://{n:02}.example/".ljust(150, "a") for n in range(20)]
    assert len(drafts.Progress(True, frozenset(addresses)).written()) <= 4096


@pytest.mark.parametrize("held", [NSEC, SECRET, SECRET.upper(), f"  {NSEC}\n", NSEC.upper()])
async def test_a_key_is_read_in_every_way_in_which_it_is_written(tmp_path, held):
    bridge = a_bridge(tmp_path, Relays(a=FakeRelay(), b=FakeRelay()), relays=[A, B], held=held)
    assert (await bridge.check()).account == f"nostr {NPUB}"


@pytest.mark.parametrize(
    "held", [NPUB, NSEC[:-1] + "q", "0" * 64, "f" * 64, "word", "é" * 64, SECRET[:-2]]
)
def test_what_is_no_private_key_is_refused_and_not_quoted(tmp_path, held):
    with pytest.raises(BadSecret) as told:
        a_bridge(tmp_path, Relays(), held=held)
    assert held not in str(told.value)


def test_nothing_shows_the_key(tmp_path):
    bridge = a_bridge(tmp_path, Relays())
    shown = repr(vars(bridge)) + repr(bridge)
    assert SECRET not in shown and NSEC not in shown


def test_it_says_how_its_secret_is_had():
    assert set(Nostr.secrets) <= set(Nostr.Settings.model_fields)
    assert "nsec1" in Nostr.secrets["key_file"]


async def test_a_new_account_is_made_where_the_operator_has_none():
    asked = []

    async def answers(question, secret):
        asked.append((question, secret))
        return ""

    made = await Nostr.login(None, None, None, answers)
    assert keys.read(made["key_file"]).npub in asked[1][0]
    assert [secret for _, secret in asked] == [True, False]


async def test_a_key_with_a_typo_is_told_at_once():
    async def answers(question, secret):
        return NSEC[:-1]

    assert "typo" in await Nostr.login(None, None, None, answers)


# ---------------------------------------------------------------- send


async def sent(tmp_path, there: Relays, kept=b"", n=1, keep=None, **settings):
    bridge = a_bridge(tmp_path, there, **settings)
    [part] = await bridge.prepare(post_of())
    return await bridge.send(attempt(part, n, kept=kept), keep or Kept())


async def test_what_relays_are_given_is_the_event_that_was_frozen(tmp_path):
    relays = Relays(a=FakeRelay(), b=FakeRelay(), c=FakeRelay())
    bridge = a_bridge(tmp_path, relays, viewer="https://view.example/")
    [part] = await bridge.prepare(post_of())
    posted = await bridge.send(attempt(part), Kept())
    given = [relay.events() for relay in relays.relays.values()]
    event = json.loads(part.payload.partition(b"\n")[0])["event"]
    assert given == [[event]] * 3
    assert isinstance(posted, Posted) and posted.ref == event["id"]
    assert posted.url.startswith("https://view.example/note1")
    assert all(stream.closed for stream in relays.streams)


async def test_an_event_is_what_nip_01_says(tmp_path):
    bridge = a_bridge(tmp_path, Relays())
    [part] = await bridge.prepare(post_of('a "b"\n\tc \\ d\x7f\x01 é'))
    event = drafts.thawed(part.payload).event
    serial = (
        f'[0,"{ACCOUNT}",{DATE},1,[["nonce","{event.tags[0][1]}","0"]],"a \\"b\\"\\n\\tc \\\\ d é"]'
    )
    assert event.serial().decode() == serial
    assert event.id == hashlib.sha256(serial.encode()).hexdigest()
    assert keys.verified(ACCOUNT, event.id, event.sig)


YES, NO_ANSWER, AWAY = ok(True), silent, FakeRelay(status=0)
BUSY, ERROR = ok(False, "rate-limited: slow down"), ok(False, "error: no disk")
BANNED, INVALID = ok(False, "blocked: no"), ok(False, "pow: 28 bits")


@pytest.mark.parametrize(
    ("answers", "ended"),
    [
        ((YES, YES, YES), Posted),
        ((YES, YES, NO_ANSWER), Posted),
        ((YES, ok(False, "duplicate: exists"), BANNED), Posted),
        ((ok(True, "duplicate: have this event"), YES, INVALID), Posted),
        ((YES, BANNED, BUSY), Unsure),
        ((YES, NO_ANSWER, BANNED), Unsure),
        ((NO_ANSWER, NO_ANSWER, NO_ANSWER), Unsure),
        ((YES, cut, ERROR), Unsure),
        ((BUSY, BUSY, BUSY), Later),
        ((ERROR, BUSY, INVALID), Later),
        ((BANNED, BANNED, YES), Unsure),
        ((BANNED, BANNED, BUSY), Stopped),
        ((BANNED, BANNED, NO_ANSWER), Unsure),
        ((BANNED, INVALID, YES), Unsure),
        ((INVALID, INVALID, YES), Posted),
        ((INVALID, INVALID, INVALID), Refused),
        ((INVALID, INVALID, ERROR), Later),
    ],
)
async def test_how_a_send_to_three_relays_ends_of_which_two_must_have_it(tmp_path, answers, ended):
    relays = Relays(**{name: FakeRelay(one) for name, one in zip("abc", answers, strict=True)})
    outcome = await sent(tmp_path, relays)
    assert type(outcome) is ended
    if isinstance(outcome, Unsure | Stopped):
        assert "of at least 2 relays have it" in outcome.why


@pytest.mark.parametrize(
    ("answer", "ended"),
    [
        (YES, Posted),
        (ok(False, "duplicate: exists"), Posted),
        (ok(False, "rate-limited: x", id=""), Later("a relay takes no more posts for now",
                                                   scope="destination")),
        (ok(False, "error: x"), Later("a relay had an error", scope="host")),
        (ok(False, "Write error: x"), Later("a relay had an error", scope="host")),
        (ok(False, "what nobody knows"), Later("a relay had an error", scope="host")),
        (ok(False, "pow: x"), Refused("a relay wants more work than was done")),
        (ok(False, "deleted: x"), Refused("a relay was told to delete the post")),
        (ok(False, "mute: x"), Refused),
        (ok(False, "restricted: x"), Stopped),
        (ok(False, "rejected: not allowed", id=""), Stopped),
        (ok(False, "auth-required: x"), Stopped),
        (ok(True, id="f" * 64), Unsure),
        (ok(True, id=""), Unsure),
        (silent, Unsure),
        (cut, Unsure),
        (closing(1001), Unsure),
        (closing(1009), Refused("a relay finds the post too long")),
        (lambda words: ["not JSON", ["OK"], {}, ["NOTICE", "x"]], Unsure),
        (lambda words: [["OK", words[1]["id"], "yes", ""]], Unsure),
        (lambda words: [["NOTICE", "x"], ["OK", words[1]["id"], True, ""]], Posted),
        (lambda words: [["OK", words[1]["id"], True]], Posted),
    ],
)  # fmt: skip
async def test_what_the_answer_of_one_relay_means(tmp_path, answer, ended):
    outcome = await sent(tmp_path, Relays(a=FakeRelay(answer)), relays=[A])
    assert type(outcome) is ended if isinstance(ended, type) else outcome == ended


@pytest.mark.parametrize(
    ("status", "headers", "ended"),
    [
        (0, {}, Later("a relay cannot be reached", scope="host")),
        (429, {"Retry-After": "7"}, Later("a relay takes no more posts for now", NOW + 7,
                                         "destination")),
        (503, {"Retry-After": "60"}, Later("a relay cannot be reached", NOW + 60, "host")),
        (502, {}, Later("a relay cannot be reached", scope="host")),
        (302, {}, Later("a relay cannot be reached", scope="host")),
        (200, {}, Later("a relay cannot be reached", scope="host")),
        (401, {}, Stopped),
        (402, {}, Stopped),
        (403, {}, Stopped),
        (404, {}, Stopped),
    ],
)  # fmt: skip
async def test_what_it_means_that_no_websocket_is_opened(tmp_path, status, headers, ended):
    relay = FakeRelay(status=status)
    relay.headers = headers
    outcome = await sent(tmp_path, Relays(a=relay), relays=[A])
    assert type(outcome) is ended if isinstance(ended, type) else outcome == ended


async def test_a_refusal_that_may_come_from_a_clock_is_tried_once_more_when_it_has_caught_up(
    tmp_path,
):
    clock = Hands()
    relays = Relays(a=FakeRelay(ok(False, "invalid: created_at too late")))
    bridge = a_bridge(tmp_path, relays, relays=[A], clock=clock)
    [part] = await bridge.prepare(post_of())
    outcome = await bridge.send(attempt(part), Kept())
    assert outcome == Later("a relay finds the post invalid", DATE + 900, "host")
    clock.at = DATE + 900
    assert await bridge.send(attempt(part), Kept()) == Refused("a relay finds the post invalid")


async def test_relays_that_have_it_count_in_the_next_try_and_are_not_asked_again(tmp_path):
    keep = Kept()
    relays = Relays(a=FakeRelay(), b=FakeRelay(status=0), c=FakeRelay(status=0))
    assert isinstance(await sent(tmp_path, relays, keep=keep), Unsure)
    relays.relays["a.example"].status = 0
    relays.relays["b.example"].status = 101
    relays.relays["a.example"].heard.clear()
    outcome = await sent(tmp_path, relays, kept=keep.last, n=2, keep=keep)
    assert isinstance(outcome, Posted)
    assert relays.relays["a.example"].heard == []


async def test_a_relay_that_was_taken_out_of_the_settings_counts_no_more(tmp_path):
    kept = drafts.Progress(False, frozenset([C])).written()
    relays = Relays(a=FakeRelay(), b=FakeRelay(status=0))
    assert isinstance(await sent(tmp_path, relays, kept=kept, relays=[A, B]), Unsure)


@pytest.mark.parametrize(("relays", "least", "needed"), [([A], None, 1), ([A, B, C], None, 2)])
async def test_two_relays_must_have_it_or_the_only_one(tmp_path, relays, least, needed):
    for up in range(4):
        there = Relays(**{
            name: FakeRelay(status=101 if n < up else 0) for n, name in enumerate("abc")
        })  # fmt: skip
        outcome = await sent(tmp_path, there, relays=relays, least=least)
        assert isinstance(outcome, Posted) == (min(up, len(relays)) >= needed)


async def test_a_slow_relay_does_not_hold_up_what_others_have(tmp_path, autojump_clock):
    class Slow(Relays):
        async def connect(self, host, port, *, tls="now", timeout_s=15.0):
            if host == "c.example":
                await trio.sleep(3600)
            return await super().connect(host, port, tls=tls, timeout_s=timeout_s)

    began = trio.current_time()
    outcome = await sent(tmp_path, Slow(a=FakeRelay(), b=FakeRelay(), c=FakeRelay()))
    assert isinstance(outcome, Posted)
    assert trio.current_time() - began <= 10


# ---------------------------------------------------------------- who is there (NIP-42)


def wants_login(words):
    return [["OK", words[1]["id"], False, "auth-required: log in"]]


def wants_login_and_asks_then(words):
    return [*wants_login(words), ["AUTH", "a challenge"]]


@pytest.mark.parametrize(
    "relay",
    [
        lambda: FakeRelay([wants_login, ok(True)], auth=["a challenge"]),
        lambda: FakeRelay([wants_login_and_asks_then, ok(True)]),
    ],
)
async def test_a_relay_that_wants_to_know_who_posts_is_told_and_given_it_again(tmp_path, relay):
    there = relay()
    outcome = await sent(tmp_path, Relays(a=there), relays=[A])
    assert isinstance(outcome, Posted)
    [login] = [words[1] for words in there.heard if words[0] == "AUTH"]
    assert login["kind"] == 22242 and login["pubkey"] == ACCOUNT
    assert login["tags"] == [["relay", A], ["challenge", "a challenge"]]
    assert len(there.events()) == 2


async def test_nobody_is_told_who_posts_unless_it_is_needed(tmp_path):
    there = FakeRelay(auth=["a challenge"])
    await sent(tmp_path, Relays(a=there), relays=[A])
    assert [words[0] for words in there.heard] == ["EVENT"]


async def test_a_relay_that_still_refuses_after_the_login_stops_the_account(tmp_path):
    there = FakeRelay(wants_login, auth=["a challenge"])
    outcome = await sent(tmp_path, Relays(a=there), relays=[A])
    assert isinstance(outcome, Stopped) and "log in" in outcome.why


async def test_pings_are_answered_and_do_not_count_as_an_answer(tmp_path):
    there = FakeRelay()
    there.pings = 50
    assert isinstance(await sent(tmp_path, Relays(a=there), relays=[A]), Posted)


# ---------------------------------------------------------------- find and check


async def test_an_event_is_found_by_its_id_where_one_relay_has_it(tmp_path):
    relays = Relays(a=FakeRelay(), b=FakeRelay(), c=FakeRelay(status=0))
    bridge = a_bridge(tmp_path, relays)
    [part] = await bridge.prepare(post_of())
    event = drafts.thawed(part.payload).event
    assert isinstance(await bridge.find(attempt(part)), Unknown)  # one cannot be asked
    relays.relays["c.example"].status = 101
    assert await bridge.find(attempt(part)) == Absent(strong=True)
    relays.relays["b.example"].has = [event.shown()]
    assert await bridge.find(attempt(part)) == Found(event.id)


async def test_what_a_relay_makes_up_is_not_found(tmp_path):
    relay = FakeRelay()
    bridge = a_bridge(tmp_path, Relays(a=relay), relays=[A])
    [part] = await bridge.prepare(post_of())
    event = drafts.thawed(part.payload).event.shown()
    for forged in ({**event, "content": "other"}, {**event, "sig": "0" * 128}, {"id": event["id"]}):
        relay.req = lambda words, forged=forged: [["EVENT", words[1], forged], ["EOSE", words[1]]]
        assert await bridge.find(attempt(part)) == Absent(strong=True)


async def test_a_relay_that_shows_only_to_whom_it_knows_is_told(tmp_path):
    relay = FakeRelay(auth=["a challenge"])
    shut = [lambda words: [["CLOSED", words[1], "auth-required: who?"]], None]

    def req(words):
        then = shut.pop(0)
        return then(words) if then else [["EOSE", words[1]]]

    relay.req = req
    bridge = a_bridge(tmp_path, Relays(a=relay), relays=[A])
    [part] = await bridge.prepare(post_of())
    assert await bridge.find(attempt(part)) == Absent(strong=True)
    relay.req = lambda words: [["CLOSED", words[1], "restricted: no"]]
    assert isinstance(await bridge.find(attempt(part)), Unknown)


async def test_the_account_is_named_and_nothing_is_signed(tmp_path):
    relays = Relays(a=FakeRelay(), b=FakeRelay(), c=FakeRelay(status=0))
    health = await a_bridge(tmp_path, relays).check()
    assert (health.account, health.trouble) == (f"nostr {NPUB}", "")
    heard = [words[0] for relay in relays.relays.values() for words in relay.heard]
    assert heard == ["REQ", "REQ"]


async def test_too_few_relays_are_trouble_with_a_remedy(tmp_path):
    relays = Relays(a=FakeRelay(), b=FakeRelay(status=404), c=FakeRelay(status=0))
    trouble = (await a_bridge(tmp_path, relays).check()).trouble
    assert trouble.startswith("1 of 3 relays can be reached, and 2 must")


@pytest.mark.parametrize(
    "document", [limits(min_pow_difficulty=28), limits(created_at_lower_limit=600)]
)
async def test_relays_that_cannot_take_our_posts_are_told_before_the_first(tmp_path, document):
    relays = Relays(a=FakeRelay(), b=FakeRelay(document=document))
    trouble = (await a_bridge(tmp_path, relays, relays=[A, B]).check()).trouble
    assert trouble.startswith("1 of the relays take our posts")


# ---------------------------------------------------------------- remove


@pytest.mark.parametrize(
    ("answers", "ended"),
    [
        ((YES, YES), Removed),
        ((YES, INVALID), Removed),
        ((YES, BANNED), Removed),
        ((YES, NO_ANSWER), Later),
        ((YES, BUSY), Later),
        ((BANNED, INVALID), Stopped),
        ((INVALID, INVALID), Refused),
    ],
)
async def test_how_a_removal_ends(tmp_path, answers, ended):
    relays = Relays(**{name: FakeRelay(one) for name, one in zip("ab", answers, strict=True)})
    bridge = a_bridge(tmp_path, relays, relays=[A, B])
    assert type(await bridge.remove("a" * 64)) is ended
    [event] = relays.relays["a.example"].events()
    assert (event["kind"], event["created_at"]) == (5, DATE)
    assert event["tags"] == [["e", "a" * 64], ["k", "1"]]


async def test_a_request_to_delete_is_worked_for_as_a_post_is(tmp_path):
    relay = FakeRelay(document=limits(min_pow_difficulty=8))
    bridge = a_bridge(tmp_path, Relays(a=relay), relays=[A])
    assert isinstance(await bridge.remove("a" * 64), Removed)
    assert int(relay.events()[0]["id"], 16) < 1 << 248


@pytest.mark.parametrize("ref", ["", "note1x", "A" * 64, "a" * 63, "../../x", "g" * 64])
async def test_a_ref_of_another_platform_is_refused_unasked(tmp_path, ref):
    relays = Relays(a=FakeRelay())
    assert isinstance(await a_bridge(tmp_path, relays, relays=[A]).remove(ref), Refused)
    assert relays.streams == []


# ---------------------------------------------------------------- replies

SOMEBODY = keys.Key(b"\x01" * 32)


class Conversation:
    """A relay with one note of ours, and answers to it."""

    def __init__(self, tmp_path, **more):
        self.clock = Hands()
        self.relay = FakeRelay(**more)
        self.bridge = a_bridge(tmp_path, Relays(a=self.relay), relays=[A], clock=self.clock)
        self.ours = made_by(keys.read(NSEC.encode()), 1, (), DATE, "hello")
        self.relay.has = [self.ours.shown()]
        self.relay.req = self.shown

    def shown(self, words):
        asked = words[2]
        found = [one for one in self.relay.has if self._matches(one, asked)]
        return [*(["EVENT", words[1], one] for one in found), ["EOSE", words[1]]]

    def _matches(self, one, asked):
        named = [tag[1] for tag in one["tags"] if tag[0] == "p"]
        return (
            (one["id"] in asked.get("ids", [one["id"]]))
            and (one["pubkey"] in asked.get("authors", [one["pubkey"]]))
            and (not asked.get("#p") or set(asked["#p"]) & set(named))
            and asked.get("since", 0) <= one["created_at"] <= asked.get("until", 1 << 40)
        )

    def say(self, text, *tags, by=SOMEBODY, at=None):
        named = (*tags, ("p", ACCOUNT))
        self.relay.has.append(
            made_by(by, 1, named, self.clock.at if at is None else at, text).shown()
        )


async def test_answers_to_our_notes_are_given_once_and_others_are_not(tmp_path):
    there = Conversation(tmp_path)
    before = await there.bridge.replies(b"")
    assert isinstance(before, Replied) and before.replies == ()
    there.clock.at += 60
    there.say("to the root", ("e", there.ours.id, "", "root"))
    there.say("by place", ("e", "a" * 64), ("e", there.ours.id))
    there.say("a mention only")
    there.say("to somebody else", ("e", "b" * 64, "", "reply"))
    there.say("our own", ("e", there.ours.id, "", "root"), by=keys.read(NSEC.encode()))
    there.say("from tomorrow", ("e", there.ours.id, "", "root"), at=NOW + 86400)
    first = await there.bridge.replies(before.cursor)
    assert {one.text for one in first.replies} == {"to the root", "by place"}
    assert {one.to for one in first.replies} == {there.ours.id}
    assert (await there.bridge.replies(before.cursor)).replies == first.replies
    assert (await there.bridge.replies(first.cursor)).replies == ()
    late = there.clock.at - 30
    there.clock.at += 600
    there.say("written before, and come now", ("e", there.ours.id, "", "root"), at=late)
    second = await there.bridge.replies(first.cursor)
    assert [one.text for one in second.replies] == ["written before, and come now"]


async def test_a_flood_is_given_out_in_hundreds_and_the_cursor_stays_small(tmp_path):
    there = Conversation(tmp_path)
    cursor = (await there.bridge.replies(b"")).cursor
    for n in range(250):
        there.clock.at += 1
        there.say(f"number {n}", ("e", there.ours.id, "", "root"))
    seen = []
    for _ in range(4):
        told = await there.bridge.replies(cursor)
        assert len(told.replies) <= 100 and len(told.cursor) <= 4096
        seen += [one.text for one in told.replies]
        cursor = told.cursor
    assert seen == [f"number {n}" for n in range(250)]


async def test_answers_wait_where_no_relay_can_be_asked(tmp_path):
    there = Conversation(tmp_path)
    cursor = (await there.bridge.replies(b"")).cursor
    there.relay.status = 0
    assert isinstance(await there.bridge.replies(cursor), Later)


@pytest.mark.parametrize("cursor", [b"", b"x", b"[]", b"[1]", b'["a", []]', b"{}", b"[[" * 5000])
async def test_what_is_no_cursor_begins_now(tmp_path, cursor):
    there = Conversation(tmp_path)
    told = await there.bridge.replies(cursor)
    assert isinstance(told, Replied) and json.loads(told.cursor) == [NOW, []]


async def test_a_refusal_of_what_one_relay_has_already_is_no_refusal(tmp_path):
    """The first try was not answered, and now the event is too old for the relay that has it."""
    relay = FakeRelay([silent, ok(False, "invalid: too old")])
    bridge = a_bridge(tmp_path, Relays(a=relay), relays=[A])
    [part] = await bridge.prepare(post_of())
    assert isinstance(await bridge.send(attempt(part), Kept()), Unsure)
    event = drafts.thawed(part.payload).event
    bridge._clock.at = NOW + 10_000
    assert isinstance(await bridge.send(attempt(part, n=2), Kept()), Refused)
    relay.has.append(event.shown())
    assert isinstance(await bridge.send(attempt(part, n=3), Kept()), Posted)
