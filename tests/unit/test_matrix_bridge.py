"""The bridge to Matrix as a whole: settings, what is sent, what answers mean, removal and edits."""

from __future__ import annotations

import json

import pydantic
import pytest
from matrix_bridge_parts import (
    ALIAS,
    CONFIG,
    DIRECTORY,
    EVENT,
    GET,
    JOINED,
    LOGIN,
    MESSAGES,
    MXC,
    NOW,
    OTHER,
    PNG,
    REDACT,
    ROOM,
    SEND,
    UPLOAD,
    USER,
    WHO,
    Hands,
    Kept,
    Scripted,
    a_bridge,
    attempt,
    failed,
    message,
    page,
    post_of,
    said,
    sent,
)

from bridges.kit import part_key
from bridges.matrix import Matrix
from bridges.rooms import answers, drafts
from bridges.rooms.composing import Written
from bridges.rooms.events import OURS
from relay.model import (
    Health,
    Later,
    Media,
    Once,
    Posted,
    Refused,
    Removed,
    Stopped,
    Unsure,
)
from relay.ports import Answer, NoAnswer, NotSent

HTML = Answer(200, {"content-type": "text/html"}, b"<html>log in</html>")
URL = f"https://matrix.to/#/{ROOM}/{EVENT}?via=server.example"


@pytest.mark.parametrize(
    "wrong",
    [
        {"homeserver": "http://matrix.example.org"},
        {"homeserver": "https://matrix.example.org/_matrix"},
        {"room": "room"},
        {"room": "#room"},
        {"room": "!a b"},
        {"kind": "loud"},
        {"limit": 10},
        {"limit": 60_000},
        {"device_id": "two words"},
        {"user": ""},
        {"password_file": ""},
        {"token_file": "t"},
        {"user": "", "password_file": ""},
        {"user": "us", "password_file": "", "token_file": "t"},
        {"password": "p"},
    ],
)
def test_settings_have_their_values(wrong):
    good = {
        "homeserver": "https://matrix.example.org",
        "room": ROOM,
        "user": USER,
        "password_file": "x",
    }
    Matrix.Settings.model_validate(good)
    with pytest.raises(pydantic.ValidationError):
        Matrix.Settings.model_validate({**good, **wrong})


def test_it_says_how_its_secrets_are_made_and_what_repeating_does(tmp_path):
    assert set(Matrix.secrets) <= set(Matrix.Settings.model_fields)
    assert a_bridge(tmp_path, Scripted()).once == Once("exact", 72_000)
    assert Matrix.earlier_versions


async def test_nothing_shows_the_password_or_a_token(tmp_path):
    bridge = a_bridge(tmp_path, Scripted())
    await sent(bridge)
    assert "t1" not in repr(vars(bridge)) + repr(vars(bridge._api)) + repr(
        await bridge._api.login()
    )


# ---------------------------------------------------------------- what is sent


async def test_a_text_is_sent_under_our_key(tmp_path):
    server = Scripted()
    bridge = a_bridge(tmp_path, server)
    [part] = await bridge.prepare(post_of("متن", title="عنوان"))
    assert await bridge.send(attempt(part), Kept()) == Posted(EVENT, URL)
    assert part.key == part_key(bytes(32), 0)
    assert server.paths(SEND) == [
        f"/_matrix/client/v3/rooms/%21room%3Aserver.example/send/m.room.message/{part.key}"
    ]
    assert server.tokens(SEND) == ["Bearer t1"]
    assert server.bodies(SEND) == [
        {"msgtype": "m.text", "body": "عنوان\n\nمتن", "m.mentions": {}, OURS: part.key}
    ]


async def test_a_picture_is_a_message_of_its_own_after_the_text(tmp_path):
    server, keep = Scripted(), Kept()
    bridge = a_bridge(tmp_path, server)
    text, picture = await bridge.prepare(post_of("look", media=[PNG]))
    assert drafts.thawed(text.payload).media == ()
    assert isinstance(await bridge.send(attempt(picture, after=EVENT), keep), Posted)
    assert server.queries(UPLOAD) == [{"filename": "1.png"}]
    assert keep.last == MXC.encode()
    assert server.bodies(SEND) == [
        {
            "msgtype": "m.image",
            "body": "a roof at night",
            "filename": "1.png",
            "url": MXC,
            "info": {"mimetype": "image/png", "size": 25, "w": 640, "h": 480},
            "m.mentions": {},
            OURS: picture.key,
            "m.relates_to": {"m.in_reply_to": {"event_id": EVENT}},
        }
    ]


@pytest.mark.parametrize(
    ("type", "kind", "name"),
    [
        ("video/mp4", "m.video", "1.mp4"),
        ("audio/ogg", "m.audio", "1.ogg"),
        ("application/pdf", "m.file", "1.pdf"),
    ],
)
async def test_a_file_is_called_what_it_is_and_says_nothing_more(tmp_path, type, kind, name):
    server = Scripted()
    bridge = a_bridge(tmp_path, server)
    [part] = await bridge.prepare(post_of("", media=[Media(type, b"x")]))
    assert isinstance(await bridge.send(attempt(part), Kept()), Posted)
    [body] = server.bodies(SEND)
    assert (body["msgtype"], body["body"], body["filename"]) == (kind, name, name)


async def test_a_repeat_names_the_file_that_is_there(tmp_path):
    server, keep = Scripted({SEND: NoAnswer()}), Kept()
    bridge = a_bridge(tmp_path, server)
    _, picture = await bridge.prepare(post_of("look", media=[PNG]))
    assert isinstance(await bridge.send(attempt(picture, after=EVENT), keep), Unsure)
    again = attempt(picture, n=2, after=EVENT, kept=keep.last)
    assert isinstance(await bridge.send(again, keep), Unsure)
    assert server.names.count(UPLOAD) == 1
    first, second = server.bodies(SEND)
    assert first == second


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        (failed("M_TOO_LARGE", 413), Refused),
        (failed("M_FORBIDDEN", 403), Refused),
        (failed("M_LIMIT_EXCEEDED", 429), Later),
        (failed("M_UNKNOWN", 500), Later),
        (said({"content_uri": "https://example.org/x"}), Later),
        (NoAnswer(), Later),
        (NotSent(), Later),
    ],
)
async def test_a_file_that_does_not_get_there_is_no_doubt(tmp_path, answer, outcome):
    bridge = a_bridge(tmp_path, Scripted({UPLOAD: answer}))
    _, picture = await bridge.prepare(post_of("look", media=[PNG]))
    assert isinstance(await bridge.send(attempt(picture, after=EVENT), Kept()), outcome)


@pytest.mark.parametrize(
    ("config", "parts"),
    [
        (said({"m.upload.size": 24}), 1),
        (said({"m.upload.size": 25}), 2),
        (said({}), 2),
        (NoAnswer(), 2),
        ([failed("M_UNRECOGNIZED", 404), said({"m.upload.size": 24})], 1),
    ],
)
async def test_how_large_a_file_may_be_is_the_servers_to_say(tmp_path, config, parts):
    bridge = a_bridge(tmp_path, Scripted({CONFIG: config}))
    made = await bridge.prepare(post_of("look", media=[PNG]))
    assert len(made) == parts
    assert bool(drafts.thawed(made[0].payload).refuse) == (parts == 1)


@pytest.mark.parametrize(
    "medium", [Media("image/png", b""), Media("nothing", b"x"), Media("image/png\r\nx: y", b"x")]
)
async def test_a_file_that_cannot_be_sent_refuses_the_whole_post(tmp_path, medium):
    [part] = await a_bridge(tmp_path, Scripted()).prepare(post_of("look", media=[PNG, medium]))
    assert drafts.thawed(part.payload).refuse


async def test_nothing_left_is_refused_before_it_leaves(tmp_path):
    server = Scripted()
    assert await sent(a_bridge(tmp_path, server), "\x00 \u202e\n") == Refused(
        "nothing is left of it to post"
    )
    assert server.asked == []


@pytest.mark.parametrize(
    ("mentions", "body", "told"),
    [
        ("off", "@\u2060bob:b.example #\u2060x", {}),
        ("on", "@bob:b.example #x", {"user_ids": ["@bob:b.example"]}),
    ],
)
async def test_nobody_is_told_unless_the_operator_says_so(tmp_path, mentions, body, told):
    server = Scripted()
    await sent(a_bridge(tmp_path, server, mentions=mentions), "@bob:b.example #x")
    [content] = server.bodies(SEND)
    assert (content["body"], content["m.mentions"]) == (body, told)


# ---------------------------------------------------------------- parts and threads


async def test_a_long_persian_text_is_cut_at_words_within_its_bytes(tmp_path):
    text = 'امشب برق نیست و می‌خواهیم همه بدانند که «اینجاییم» 👩‍👩‍👧‍👦 🇮🇷 "و" خوبیم.\n' * 30
    parts = await a_bridge(tmp_path, Scripted(), limit=600).prepare(post_of(text))
    texts = [drafts.thawed(part.payload).text for part in parts]
    assert all(len(json.dumps(one, ensure_ascii=False).encode()) - 2 <= 600 for one in texts)
    bare = " ".join(one.rpartition("\n(")[0] for one in texts)
    assert bare.split() == text.split()


def test_quotation_marks_and_line_ends_count_twice():
    assert Written().units('a"\n\\é') == 1 + 2 + 2 + 2 + 2


async def test_the_later_parts_stand_in_a_thread_under_the_first(tmp_path):
    thread = {"rel_type": "m.thread", "event_id": "$root"}
    within = message(OTHER, **{"m.relates_to": thread})
    server = Scripted({GET: said(within)})
    bridge = a_bridge(tmp_path, server, limit=500)
    _, second, third, *_ = await bridge.prepare(post_of("word " * 400))
    await bridge.send(attempt(second, after="$root"), Kept())
    await bridge.send(attempt(third, after=OTHER), Kept())
    relations = [body["m.relates_to"] for body in server.bodies(SEND)]
    assert relations == [
        {**thread, "is_falling_back": True, "m.in_reply_to": {"event_id": "$root"}},
        {**thread, "is_falling_back": True, "m.in_reply_to": {"event_id": OTHER}},
    ]
    assert server.names.count(GET) == 1


async def test_a_thread_whose_part_before_is_gone_is_refused(tmp_path):
    for gone in (failed("M_NOT_FOUND", 404), said({**message(), "content": {}})):
        bridge = a_bridge(tmp_path, Scripted({GET: gone}), limit=500)
        _, _, third, *_ = await bridge.prepare(post_of("word " * 400))
        outcome = await bridge.send(attempt(third, after=OTHER), Kept())
        assert outcome == Refused("the part before it is gone from the room")


async def test_the_same_post_gives_the_same_bytes(tmp_path):
    post = post_of("@bob:b.example " + "word " * 300, media=[PNG])
    bridge = a_bridge(tmp_path, Scripted(), limit=500, mentions="on")
    first, again = await bridge.prepare(post), await bridge.prepare(post)
    assert first == again
    assert len({part.key for part in first}) == len(first)


# ---------------------------------------------------------------- what answers mean


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        (failed("M_FORBIDDEN", 403), Stopped("the account may not send to the room", answers.JOIN)),
        (failed("M_USER_SUSPENDED", 403), Stopped("the account is suspended", answers.LOOK)),
        (failed("M_USER_DEACTIVATED", 403), Stopped),
        (failed("M_USER_LOCKED", 401, soft_logout=True), Stopped),
        (failed("M_CONSENT_NOT_GIVEN", 403), Stopped),
        (failed("M_RESOURCE_LIMIT_EXCEEDED", 403), Stopped),
        (failed("M_NOT_FOUND", 404), Stopped),
        (failed("M_TOO_LARGE", 413), Refused("it is larger than the server takes")),
        (failed("M_BAD_JSON", 400), Refused),
        (failed("M_LIMIT_EXCEEDED", 429), Later),
        (failed("M_UNKNOWN", 500), Unsure),
        (failed("M_UNKNOWN", 502), Unsure),
        (Answer(503, {"retry-after": "60"}), Later),
        (Answer(503), Unsure),
        (HTML, Unsure),
        (said({"event_id": "no event"}), Unsure),
        (said([]), Unsure),
        (NotSent(), Later("the host cannot be reached", scope="host")),
        (NoAnswer(), Unsure("the request left and no whole answer came")),
    ],
)
async def test_what_an_answer_to_a_message_means(tmp_path, answer, outcome):
    ended = await sent(a_bridge(tmp_path, Scripted({SEND: answer})))
    assert isinstance(ended, outcome) if isinstance(outcome, type) else ended == outcome
    assert "secret words" not in str(ended)


@pytest.mark.parametrize(
    ("answer", "until"),
    [
        (failed("M_LIMIT_EXCEEDED", 429, retry_after_ms=1500), NOW + 2),
        (failed("M_LIMIT_EXCEEDED", 429, retry_after_ms=10**12), NOW + 6 * 3600),
        (failed("M_LIMIT_EXCEEDED", 429, retry_after_ms="soon"), None),
        (said({"errcode": "M_LIMIT_EXCEEDED", "retry_after_ms": 9}, 429, retry_after="7"), NOW + 7),
    ],
)
async def test_a_limit_is_waited_for_as_long_as_it_says(tmp_path, answer, until):
    ended = await sent(a_bridge(tmp_path, Scripted({SEND: answer})))
    assert isinstance(ended, Later)
    assert (ended.not_before, ended.scope) == (until, "destination")


# ---------------------------------------------------------------- check and the room


async def test_the_account_is_named_with_its_room(tmp_path):
    assert await a_bridge(tmp_path, Scripted()).check() == Health(f"matrix {USER} {ROOM}")


async def test_a_rooms_address_leads_to_its_id_and_is_asked_for_once(tmp_path):
    server = Scripted()
    bridge = a_bridge(tmp_path, server, room=ALIAS)
    assert await bridge.check() == Health(f"matrix {USER} {ROOM}")
    await sent(bridge)
    assert server.paths(DIRECTORY) == ["/_matrix/client/v3/directory/room/%23room%3Aserver.example"]


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        (failed("M_NOT_FOUND", 404), Stopped),
        (said({"room_id": "room"}), Later),
        (said({"room_id": "!a b"}), Later),
        (NoAnswer(), Later),
    ],
)
async def test_an_address_that_leads_nowhere_posts_nothing(tmp_path, answer, outcome):
    server = Scripted({DIRECTORY: answer})
    bridge = a_bridge(tmp_path, server, room=ALIAS)
    assert isinstance(await sent(bridge), outcome)
    assert (await bridge.check()).trouble
    assert SEND not in server.names


STATE = "GET state/m.room."


@pytest.mark.parametrize(
    ("answers", "trouble"),
    [
        ({WHO: NotSent()}, "cannot be reached"),
        ({WHO: HTML}, ".well-known/matrix/client"),
        ({WHO: failed("M_UNKNOWN", 500)}, "does not say whose"),
        ({WHO: failed("M_USER_LOCKED", 401, soft_logout=True)}, "the account is locked: log"),
        ({LOGIN: failed("M_FORBIDDEN", 403)}, "does not know the user, the password"),
        ({LOGIN: failed("M_USER_DEACTIVATED", 403)}, "the account is deactivated"),
        ({JOINED: said({"joined_rooms": []})}, "is not in the room: join"),
        ({f"{STATE}encryption": said({"algorithm": "m.megolm"})}, "is encrypted"),
        ({f"{STATE}encryption": failed("M_FORBIDDEN", 403)}, "is not in the room: join"),
        ({f"{STATE}encryption": failed("M_UNKNOWN", 500)}, "does not tell about the room"),
        ({f"{STATE}tombstone": said({"replacement_room": "!b:b"})}, "was replaced"),
        ({f"{STATE}power_levels": said({"events_default": 1})}, "may not send to the room: join"),
        ({f"{STATE}power_levels": NoAnswer()}, "cannot be reached"),
    ],
)
async def test_trouble_is_said_with_its_remedy(tmp_path, answers, trouble):
    assert trouble in (await a_bridge(tmp_path, Scripted(answers)).check()).trouble


CREATED = f"{STATE}create"
LACKS = {f"{STATE}power_levels": said({"events": {"m.room.message": 100}, "users": {USER: "50"}})}
V12 = {"room_version": "12"}


@pytest.mark.parametrize(
    ("levels", "created", "may"),
    [
        (said({}), None, True),
        (failed("M_NOT_FOUND", 404), None, True),
        (said({"users": {USER: "100"}, "events": {"m.room.message": 50}}), None, True),
        (said({"users_default": 10, "events_default": 10}), None, True),
        (LACKS[f"{STATE}power_levels"], said({"sender": USER, "content": V12}), True),
        (LACKS[f"{STATE}power_levels"], said({"sender": USER, "content": {}}), False),
        (LACKS[f"{STATE}power_levels"], said({"sender": "@a:b", "content": V12}), False),
        (
            LACKS[f"{STATE}power_levels"],
            said({"sender": "@a:b", "content": {**V12, "additional_creators": [USER]}}),
            True,
        ),
        (LACKS[f"{STATE}power_levels"], said(V12), True),
    ],
)
async def test_the_right_to_send_is_read_as_the_room_has_it(tmp_path, levels, created, may):
    script = {f"{STATE}power_levels": levels} | ({CREATED: created} if created else {})
    assert ((await a_bridge(tmp_path, Scripted(script)).check()).trouble == "") == may


# ---------------------------------------------------------------- remove and edit


async def test_a_message_is_redacted_and_what_is_gone_stays_so(tmp_path):
    server = Scripted({GET: [said(message()), said({**message(), "content": {}})]})
    bridge = a_bridge(tmp_path, server)
    assert await bridge.remove(EVENT) == Removed()
    assert await bridge.remove(EVENT) == Removed()
    assert server.names.count(REDACT) == 1
    assert (
        await a_bridge(tmp_path, Scripted({GET: failed("M_NOT_FOUND", 404)})).remove(EVENT)
        == Removed()
    )


@pytest.mark.parametrize("ref", ["", "x", "$", "$a b", "$../x?", "!room:b", "$" + "a" * 300])
async def test_what_can_be_no_event_is_refused_unasked(tmp_path, ref):
    server = Scripted()
    bridge = a_bridge(tmp_path, server)
    assert isinstance(await bridge.remove(ref), Refused)
    assert isinstance(await bridge.edit(ref, post_of()), Refused)
    assert server.asked == []


async def test_what_others_wrote_is_never_touched(tmp_path):
    for theirs in (message(sender="@them:b.example"), {**message(), "type": "m.room.name"}):
        server = Scripted({GET: said(theirs)})
        bridge = a_bridge(tmp_path, server)
        assert isinstance(await bridge.remove(EVENT), Refused)
        assert isinstance(await bridge.edit(EVENT, post_of()), Refused)
        assert not {SEND, REDACT} & set(server.names)


async def test_an_edit_puts_a_text_in_place_and_tells_nobody_again(tmp_path):
    server = Scripted({SEND: said({"event_id": OTHER})})
    bridge = a_bridge(tmp_path, server, mentions="on")
    assert await bridge.edit(EVENT, post_of("@bob:b.example now")) == Posted(EVENT, URL)
    [body] = server.bodies(SEND)
    assert body == {
        "msgtype": "m.text",
        "body": "* @bob:b.example now",
        "m.mentions": {},
        "m.new_content": {
            "msgtype": "m.text",
            "body": "@bob:b.example now",
            "m.mentions": {"user_ids": ["@bob:b.example"]},
        },
        "m.relates_to": {"rel_type": "m.replace", "event_id": EVENT},
    }


async def test_an_edit_that_brings_back_an_earlier_text_is_not_taken_for_a_repeat(tmp_path):
    server = Scripted()
    bridge = a_bridge(tmp_path, server)
    for text in ("one", "two", "one"):
        assert isinstance(await bridge.edit(EVENT, post_of(text)), Posted)
    assert len(set(server.paths(SEND))) == 3


@pytest.mark.parametrize(
    "post", [post_of("word " * 400), post_of("x", media=[PNG]), post_of("\x00")]
)
async def test_what_is_not_one_text_changes_nothing(tmp_path, post):
    server = Scripted()
    assert isinstance(await a_bridge(tmp_path, server, limit=500).edit(EVENT, post), Refused)
    assert server.asked == []


@pytest.mark.parametrize("answer", [NoAnswer(), NotSent(), HTML, failed("M_UNKNOWN", 502)])
async def test_doubt_about_a_removal_or_a_change_is_later(tmp_path, answer):
    for name in (GET, SEND, REDACT):
        bridge = a_bridge(tmp_path, Scripted({name: answer}))
        if name != SEND:
            assert isinstance(await bridge.remove(EVENT), Later)
        if name != REDACT:
            assert isinstance(await bridge.edit(EVENT, post_of()), Later)


async def test_not_found_is_no_removal_for_one_who_may_not_look(tmp_path):
    """A server says so of a message, too, to an account that was put out of the room."""
    gone = failed("M_NOT_FOUND", 404)
    there = Scripted({GET: gone})
    assert await a_bridge(tmp_path, there).remove(EVENT) == Removed()
    for joined, ended in [
        (said({"joined_rooms": ["!another:server.example"]}), Stopped),
        (failed("M_UNKNOWN", 500), Later),
        (NoAnswer("x"), Later),
    ]:
        server = Scripted({GET: gone, JOINED: joined})
        assert isinstance(await a_bridge(tmp_path, server).remove(EVENT), ended)
        assert REDACT not in server.names


async def test_a_refusal_of_what_is_there_already_is_no_refusal(tmp_path):
    """The answer to the first try was lost, and the server takes less by now."""
    key = part_key(bytes(32), 0)
    for listed, ended in [([message(**{OURS: key})], Posted), ([], Refused)]:
        server = Scripted({SEND: failed("M_TOO_LARGE", 413), MESSAGES: page(*listed)})
        clock = Hands(NOW - 60)
        bridge = a_bridge(tmp_path, server, clock=clock)
        [part] = await bridge.prepare(post_of())
        await bridge.check()
        clock.at = NOW + 600
        assert isinstance(await bridge.send(attempt(part, n=2), Kept()), ended)
