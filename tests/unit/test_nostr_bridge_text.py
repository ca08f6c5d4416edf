"""What the bridge to Nostr makes of a post: cut to fit, threaded, worked for, with media."""

from __future__ import annotations

import base64
import hashlib
import json
from itertools import pairwise

import pytest
import trio
from nostr_parts import (
    ACCOUNT,
    DATE,
    NOW,
    NPUB,
    PNG,
    A,
    B,
    FakeRelay,
    Kept,
    Relays,
    a_bridge,
    attempt,
    limits,
    post_of,
)

from bridges.relays import bech32, drafts, mining
from bridges.relays.events import Event, compact
from relay.model import Later, Media, Posted, Refused, Stopped
from relay.ports import Answer, NoAnswer, NotSent

MEDIA = "https://media.example"
NAME = hashlib.sha256(PNG.content).hexdigest()
PUT, HEAD = f"PUT {MEDIA}/upload", f"HEAD {MEDIA}/{NAME}"
PERSIAN = "امشب برق نیست و می‌خواهیم همه بدانند که اینجاییم 👩‍👩‍👧‍👦 🇮🇷 و خوبیم. "


async def made(tmp_path, post, **settings) -> list[drafts.Draft]:
    relays = settings.pop("there", Relays())
    bridge = a_bridge(tmp_path, relays, **settings)
    return [drafts.thawed(part.payload) for part in await bridge.prepare(post)]


def tags_of(event: Event, name: str) -> list[tuple[str, ...]]:
    return [tag for tag in event.tags if tag[0] == name]


# ---------------------------------------------------------------- one event


async def test_a_post_is_one_event_at_the_time_that_may_be_seen(tmp_path):
    [draft] = await made(tmp_path, post_of("متن", title="عنوان", language="fa-IR"))
    assert draft.event.content == "عنوان\n\nمتن"
    assert (draft.event.created_at, draft.event.kind) == (DATE, 1)
    assert draft.event.tags[:2] == (("L", "ISO-639-1"), ("l", "fa", "ISO-639-1"))


async def test_the_same_post_is_the_same_bytes_signature_and_all(tmp_path):
    bridge, again = (a_bridge(tmp_path, Relays()) for _ in range(2))
    assert [*await bridge.prepare(post_of())] == [*await again.prepare(post_of())]


async def test_the_same_words_of_two_people_in_one_hour_are_two_events(tmp_path):
    [one] = await made(tmp_path, post_of("I am safe"))
    [two] = await made(tmp_path, post_of("I am safe", secret=b"\x01" * 32))
    assert one.event.id != two.event.id


async def test_a_warning_is_given_with_each_part(tmp_path):
    parts = await made(
        tmp_path, post_of("word " * 100), characters=200, content_warning="Violence\nand more"
    )
    assert {tags_of(part.event, "content-warning")[0][1] for part in parts} == {"Violence and more"}


@pytest.mark.parametrize(("mentions", "quiet"), [("off", True), ("on", False)])
async def test_names_and_tags_work_only_if_the_operator_says_so(tmp_path, mentions, quiet):
    profile = bech32.encoded("nprofile", b"\x00\x20" + bytes.fromhex("b" * 64) + b"\x01\x01x")
    text = f"nostr:{NPUB} and {NPUB} and nostr:{profile} about #Lights and #خبر, #lights"
    [draft] = await made(tmp_path, post_of(text), mentions=mentions)
    if quiet:
        assert draft.event.content == text.replace("npub1", "npub1\u2060").replace(
            "nprofile1", "nprofile1\u2060"
        ).replace("#", "#\u2060")
        assert [tag[0] for tag in draft.event.tags] == ["nonce"]
    else:
        assert draft.event.content == text
        assert tags_of(draft.event, "p") == [("p", ACCOUNT), ("p", "b" * 64)]
        assert tags_of(draft.event, "t") == [("t", "lights"), ("t", "خبر")]


async def test_a_name_with_a_typo_is_nobody(tmp_path):
    [draft] = await made(tmp_path, post_of(f"{NPUB[:-1]}q"), mentions="on")
    assert tags_of(draft.event, "p") == []


async def test_a_post_without_anything_left_is_refused_before_it_leaves(tmp_path):
    relays = Relays(a=FakeRelay())
    bridge = a_bridge(tmp_path, relays, relays=[A])
    [part] = await bridge.prepare(post_of("\x00 \u202e\n"))
    assert await bridge.send(attempt(part), Kept()) == Refused("nothing is left of it to post")
    assert relays.streams == []


# ---------------------------------------------------------------- a thread


async def test_a_long_text_is_a_thread_whose_ids_are_known_before_it_is_posted(tmp_path):
    parts = await made(tmp_path, post_of("word " * 150), characters=200)
    events = [part.event for part in parts]
    assert len(events) > 3
    assert [part.after for part in parts] == ["", *(event.id for event in events[:-1])]
    root = ("e", events[0].id, A, "root", ACCOUNT)
    assert tags_of(events[0], "e") == [] == tags_of(events[0], "p")
    assert tags_of(events[1], "e") == [root]
    for before, event in pairwise(events[1:]):
        assert tags_of(event, "e") == [root, ("e", before.id, A, "reply", ACCOUNT)]
        assert tags_of(event, "p") == [("p", ACCOUNT)]


async def test_the_times_of_a_thread_are_in_order_and_none_is_later_than_it_may_be(tmp_path):
    times = [one.event.created_at for one in
             await made(tmp_path, post_of("word " * 150), characters=200)]  # fmt: skip
    assert times == sorted(set(times)) and times[-1] == DATE


async def test_a_part_goes_only_after_the_one_that_it_answers(tmp_path):
    relays = Relays(a=FakeRelay())
    bridge = a_bridge(tmp_path, relays, relays=[A], characters=200)
    first, second, *_ = await bridge.prepare(post_of("word " * 150))
    assert isinstance(await bridge.send(attempt(second), Kept()), Refused)
    assert isinstance(await bridge.send(attempt(second, after="b" * 64), Kept()), Refused)
    assert relays.streams == []
    posted = await bridge.send(attempt(first), Kept())
    assert isinstance(await bridge.send(attempt(second, after=posted.ref), Kept()), Posted)


@pytest.mark.parametrize("characters", [200, 280, 1000])
async def test_a_persian_text_is_cut_between_words_and_within_the_count(tmp_path, characters):
    text = (PERSIAN * 60).strip()
    parts = await made(tmp_path, post_of(text), characters=characters)
    shown = [part.event.content for part in parts]
    assert max(map(len, shown)) <= characters
    words = " ".join(one.rpartition("\n(")[0] for one in shown).split()
    assert words == text.split()


@pytest.mark.parametrize("sign", ["a ", "ب ", "👩‍👩‍👧‍👦", '"\n', "\\"])
async def test_no_frame_is_longer_than_the_strictest_relay_takes(tmp_path, sign):
    documents = [limits(max_message_length=5000, max_content_length=4096), limits()]
    relays = Relays(**{n: FakeRelay(document=one) for n, one in zip("ab", documents, strict=True)})
    post = post_of("x" + sign * 6000, language="fa")
    parts = await made(tmp_path, post, there=relays, relays=[A, B], characters=60_000)
    frames = [len(compact(["EVENT", part.event.shown()])) for part in parts]
    assert max(frames) <= 5000
    assert max(frames) > 4200  # and not much is left unused
    assert max(len(part.event.content) for part in parts) <= 4096


async def test_no_event_is_longer_than_any_relay_takes_whatever_they_say(tmp_path):
    relays = Relays(a=FakeRelay(document=limits(max_message_length=4_000_000)))
    parts = await made(
        tmp_path, post_of("ب " * 35_000), there=relays, relays=[A], characters=60_000
    )
    assert max(len(compact(part.event.shown())) for part in parts) <= 65_536


@pytest.mark.parametrize(
    "document",
    [
        {},
        limits(max_content_length=10, max_message_length=5),
        limits(max_content_length="300", max_message_length=True),
        {"limitation": []},
        {"limitation": {"min_pow_difficulty": -1}},
    ],
)
async def test_a_figure_that_cannot_be_right_counts_as_not_said(tmp_path, document):
    relays = Relays(a=FakeRelay(document=document))
    [part] = await made(tmp_path, post_of("x" * 3999), there=relays, relays=[A])
    assert tags_of(part.event, "nonce")[0][2] == "0"


async def test_limits_are_asked_for_once_in_six_hours(tmp_path):
    relays = Relays(a=FakeRelay(document=limits()))
    bridge = a_bridge(tmp_path, relays, relays=[A])
    for _ in range(3):
        await bridge.prepare(post_of())
    assert [what for what, _, _ in relays.asked] == ["GET https://a.example"]
    assert relays.asked[0][1] == {"accept": "application/nostr+json"}


# ---------------------------------------------------------------- work (NIP-13)


async def test_work_is_done_where_a_relay_wants_it_and_it_is_the_same_each_time(tmp_path):
    relays = Relays(a=FakeRelay(document=limits(min_pow_difficulty=12)), b=FakeRelay())
    [one] = await made(tmp_path, post_of(), there=relays)
    [two] = await made(tmp_path, post_of(), there=relays)
    assert one == two
    assert int(one.event.id, 16) < 1 << 244
    assert tags_of(one.event, "nonce")[0][2] == "12"


async def test_no_work_is_done_for_a_relay_that_wants_more_than_the_operator(tmp_path):
    relays = Relays(a=FakeRelay(document=limits(min_pow_difficulty=30)))
    [one] = await made(tmp_path, post_of(), there=relays, relays=[A])
    assert tags_of(one.event, "nonce")[0][2] == "0"


async def test_work_is_always_done_where_the_operator_knows_that_a_relay_wants_it(tmp_path):
    [one] = await made(tmp_path, post_of(), work=0, work_always=8)
    assert int(one.event.id, 16) < 1 << 248
    assert tags_of(one.event, "nonce")[0][2] == "8"


async def test_work_stops_when_nobody_waits_for_it(autojump_clock):
    event = Event(ACCOUNT, DATE, 1, (), "hello")
    with trio.move_on_after(0.05) as scope:
        await mining.worked(event, 0, 200)
    assert scope.cancelled_caught


# ---------------------------------------------------------------- media


def descriptor(name: str = NAME, status: int = 201) -> Answer:
    said = {"url": f"{MEDIA}/{name}.png", "sha256": name, "size": 4, "type": "image/png"}
    return Answer(status, {"content-type": "application/json"}, json.dumps(said).encode())


def with_media(*answers: object) -> Relays:
    relays = Relays(a=FakeRelay())
    relays.media = {PUT: [*answers]}
    return relays


async def sent(tmp_path, relays, kept=b"", keep=None, **settings):
    bridge = a_bridge(tmp_path, relays, relays=[A], blossom=[MEDIA], **settings)
    [part] = await bridge.prepare(post_of("see", media=[PNG]))
    return await bridge.send(attempt(part, kept=kept), keep or Kept())


async def test_the_address_of_a_medium_stands_in_the_text_before_it_is_there(tmp_path):
    relays = with_media(descriptor())
    [draft] = await made(
        tmp_path,
        post_of("see", media=[PNG]),
        there=relays,
        relays=[A],
        blossom=[MEDIA, "https://two.example"],
    )
    assert draft.event.content == f"see\n\n{MEDIA}/{NAME}.png"
    assert draft.event.tags[0] == (
        "imeta",
        f"url {MEDIA}/{NAME}.png",
        "m image/png",
        f"x {NAME}",
        "size 4",
        "alt a roof at night",
        f"fallback https://two.example/{NAME}.png",
    )
    assert [what for what, _, _ in relays.asked] == ["GET https://a.example"]


async def test_media_are_brought_before_the_event_with_a_permit_for_them_alone(tmp_path):
    relays = with_media(descriptor())
    assert isinstance(await sent(tmp_path, relays), Posted)
    [(_, headers, body)] = [one for one in relays.asked if one[0] == PUT]
    assert body == PNG.content
    assert (headers["content-type"], headers["x-sha-256"]) == ("image/png", NAME)
    scheme, _, coded = headers["authorization"].partition(" ")
    assert scheme == "Nostr" and not set(coded) & set("+/=")
    permit = json.loads(base64.urlsafe_b64decode(coded + "=" * (-len(coded) % 4)))
    assert permit["kind"] == 24242 and permit["created_at"] < NOW
    assert ["t", "upload"] in permit["tags"] and ["x", NAME] in permit["tags"]
    assert ["server", "media.example"] in permit["tags"]


async def test_an_old_media_server_is_asked_again_in_its_own_base64(tmp_path):
    relays = with_media(Answer(401), descriptor())
    assert isinstance(await sent(tmp_path, relays), Posted)
    coded = relays.asked[-1][1]["authorization"].partition(" ")[2]
    assert json.loads(base64.b64decode(coded, validate=True))["kind"] == 24242


@pytest.mark.parametrize(
    ("answers", "ended"),
    [
        ([descriptor(status=200)], Posted),
        ([descriptor("f" * 64)], Refused("the media server changes what it is given")),
        ([Answer(200, {"content-type": "text/html"}, b"<html>")], Later),
        ([Answer(413)], Refused("a medium is larger than the media server takes")),
        ([Answer(415)], Refused("the media server does not take a medium of this type")),
        ([Answer(401)], Stopped),
        ([Answer(402)], Stopped),
        ([Answer(403)], Stopped),
        ([Answer(429, {"retry-after": "9"})], Later("answered 429", NOW + 9, "destination")),
        ([Answer(500)], Later),
        ([Answer(503)], Later),
        ([NotSent("x")], Later("the media server cannot be reached", scope="host")),
        ([NoAnswer("x")], Later("the media server did not answer", scope="host")),
    ],
)
async def test_how_bringing_a_medium_ends(tmp_path, answers, ended):
    relays = with_media(*answers)
    outcome = await sent(tmp_path, relays)
    assert type(outcome) is ended if isinstance(ended, type) else outcome == ended
    assert isinstance(outcome, Posted) or relays.streams == []


async def test_what_is_there_is_not_brought_again(tmp_path):
    relays = with_media(Answer(500))
    relays.media[HEAD] = Answer(200)
    assert isinstance(await sent(tmp_path, relays), Posted)
    keep = Kept()
    relays.relays["a.example"].status = 0
    relays.asked.clear()
    await sent(tmp_path, relays, keep=keep)
    relays.asked.clear()
    await sent(tmp_path, relays, kept=keep.last)
    assert not [what for what, _, _ in relays.asked if "media" in what]


async def test_a_second_media_server_that_fails_holds_up_nothing(tmp_path):
    relays = with_media(descriptor())
    bridge = a_bridge(tmp_path, relays, relays=[A], blossom=[MEDIA, "https://two.example"])
    [part] = await bridge.prepare(post_of("see", media=[PNG]))
    assert isinstance(await bridge.send(attempt(part), Kept()), Posted)
    assert "PUT https://two.example/upload" in [what for what, _, _ in relays.asked]


@pytest.mark.parametrize(
    ("media", "settings", "why"),
    [
        ([PNG], {}, "there is no media server for its media"),
        (
            [Media("application/pdf", b"%PDF")],
            {"blossom": [MEDIA]},
            "a medium is neither picture nor film nor sound",
        ),
        ([Media("image/png", b"")], {"blossom": [MEDIA]}, "a medium is empty"),
    ],
)
async def test_a_medium_that_cannot_go_refuses_the_post_in_whole(tmp_path, media, settings, why):
    [draft] = await made(tmp_path, post_of("see", media=media), **settings)
    assert draft.refuse == why and draft.event is None


async def test_many_media_are_shared_out_among_the_parts_in_order(tmp_path):
    media = [Media("image/png", bytes([n]), f"picture {n}") for n in range(6)]
    parts = await made(tmp_path, post_of("see", media=media), blossom=[MEDIA], characters=600)
    alts = [[one.alt for one in part.media] for part in parts]
    assert alts == [[f"picture {n}" for n in range(4)], ["picture 4", "picture 5"]]
    assert max(len(part.event.content) for part in parts) <= 600


async def test_long_descriptions_get_a_note_each_where_a_relay_is_strict(tmp_path):
    relays = Relays(a=FakeRelay(document=limits(max_message_length=4096)))
    media = [Media("image/png", bytes([n]), "یک بام در شب " * 60) for n in range(4)]
    post = post_of("see", media=media)
    parts = await made(tmp_path, post, there=relays, relays=[A], blossom=[MEDIA])
    assert [len(part.media) for part in parts] == [1, 1, 1, 1]
    assert max(len(compact(["EVENT", part.event.shown()])) for part in parts) <= 4096


async def test_a_flood_of_tags_and_names_keeps_to_the_frame(tmp_path):
    relays = Relays(a=FakeRelay(document=limits(max_message_length=4096)))
    people = [bech32.encoded("npub", n.to_bytes(32)) for n in range(1, 200)]
    text = " ".join(f"#{n:03} nostr:{one}" for n, one in enumerate(people))
    parts = await made(tmp_path, post_of(text), there=relays, relays=[A], mentions="on")
    assert max(len(compact(["EVENT", part.event.shown()])) for part in parts) <= 4096
    assert max(len(tags_of(part.event, "t")) for part in parts) <= 20


async def test_where_media_leave_no_room_for_words_the_post_is_refused(tmp_path):
    far = f"https://{'m' * 60}.example"
    [draft] = await made(tmp_path, post_of("see", media=[PNG]), blossom=[far], characters=200)
    assert draft.refuse == "the relays leave no room for it"
