"""The bridge to Slack before a scripted one: what is sent, what answers mean, what is found."""

from __future__ import annotations

import json
from urllib.parse import parse_qsl

import pydantic
import pytest
from chat_bridge_parts import (
    NOW,
    PNG,
    Hands,
    Kept,
    Scripted,
    attempt,
    post_of,
    said,
    secret_file,
)
from hypothesis import given
from hypothesis import strategies as st

from bridges import kit
from bridges.kit import drafts
from bridges.kit.counting import units
from bridges.slack import Slack
from bridges.workspace import answers, blocks, uploading
from bridges.workspace.looking import BEFORE_S, mark
from relay.model import (
    Absent,
    Found,
    Health,
    Later,
    Media,
    Once,
    Posted,
    Refused,
    Removed,
    Replied,
    Reply,
    Stopped,
    Unknown,
    Unsure,
)
from relay.ports import Answer, NoAnswer, NotSent
from relay.reach.http import HttpOut
from relay.testing import recorder as faults
from relay.testing.dying import Dying
from relay.testing.journey import Journey, VirtualClock
from relay.testing.slack import slack

TS, ROOT = f"{NOW}.000100", f"{NOW}.000001"
HOOK = "https://hooks.slack.com/services/T1/B1/hidden"
SITE = "https://news.slack.com/"
BOT = {"ok": True, "url": SITE, "team_id": "T1", "user_id": "U1", "bot_id": "B1"}
HERE = {"upload_url": "http://127.0.0.1:25/"}
ELSEWHERE = {"upload_url": "http://evil.example/", "file_id": "F1"}


def well(**more):
    return said({"ok": True, **more})


def no(word, status=200, **headers):
    return said({"ok": False, "error": word}, status, **headers)


def listed(*messages, more=""):
    return well(messages=list(messages), response_metadata={"next_cursor": more})


def a_message(ts=TS, text="hello", **more):
    return {"type": "message", "ts": ts, "text": text, "bot_id": "B1", **more}


def scripted(**more) -> Scripted:
    made = Scripted(
        {
            "auth.test": said(BOT, x_oauth_scopes="chat:write,channels:history,files:write"),
            "conversations.history": listed(),
            "conversations.replies": listed(),
            "chat.postMessage": well(ts=TS, channel="C1AB"),
            "chat.update": well(ts=TS, channel="C1AB"),
            "chat.delete": well(ts=TS),
            "files.getUploadURLExternal": well(
                upload_url="https://files.slack.com/upload/v1/abc", file_id="F1"
            ),
            "upload": Answer(200, {}, b"OK - 4"),
            "files.completeUploadExternal": well(files=[{"id": "F1"}]),
            "files.info": well(file={"id": "F1", "mimetype": "image/png"}),
            "hook": Answer(200, {"content-type": "text/html"}, b"ok"),
            **{name.replace("_", "."): one for name, one in more.items()},
        },
        no("unknown_method"),
    )

    def name(method, url):
        assert method == "POST"
        if url.startswith("https://slack.com/api/"):
            return url.removeprefix("https://slack.com/api/")
        return "hook" if url == HOOK else "upload"

    made.name = name
    return made


def a_bot(tmp_path, http, *, clock=None, **settings) -> Slack:
    file = secret_file(tmp_path, "xoxb-hidden")
    made = Slack.Settings(token_file=file, channel="C1AB", **settings)
    return Slack(made, http, clock or Hands())


def a_hook(tmp_path, http, url=HOOK) -> Slack:
    return Slack(Slack.Settings(webhook_file=secret_file(tmp_path, url)), http, Hands())


async def sent(bridge, text="hello", after=None, media=(), kept=b"", keep=None):
    [part] = await bridge.prepare(post_of(text, media=media))
    return await bridge.send(attempt(part, after=after, kept=kept), keep or Kept())


def forms(http, method):
    return [dict(parse_qsl(body.decode())) for body in http.bodies(method)]


# ---------------------------------------------------------------- settings, secrets


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"token_file": "t"},
        {"webhook_file": "w", "channel": "C1AB"},
        {"token_file": "t", "channel": "C1AB", "webhook_file": "w"},
        {"token_file": "t", "channel": "#news"},
        {"webhook_file": "w", "characters": 100},
        {"webhook_file": "w", "api": "http://slack.com/api"},
        {"webhook_file": "w", "url": "u"},
    ],
)
def test_settings_are_those_of_a_bot_or_of_a_webhook(settings):
    with pytest.raises(pydantic.ValidationError):
        Slack.Settings.model_validate(settings)


@pytest.mark.parametrize("url", ["hidden", "http://hooks.slack.com/services/hidden", HOOK + "?x"])
def test_what_is_no_webhook_is_refused_and_not_quoted(tmp_path, url):
    with pytest.raises(kit.BadSecret) as caught:
        a_hook(tmp_path, scripted(), url)
    assert "hidden" not in str(caught.value)


def test_a_token_is_one_word(tmp_path):
    with pytest.raises(kit.BadSecret) as caught:
        file = secret_file(tmp_path, "xoxb hidden")
        Slack(Slack.Settings(token_file=file, channel="C1AB"), scripted(), Hands())
    assert "hidden" not in str(caught.value)


def test_it_says_how_its_secrets_are_made_and_nothing_shows_them(tmp_path):
    assert set(Slack.secrets) <= set(Slack.Settings.model_fields)
    for bridge in (a_bot(tmp_path, scripted()), a_hook(tmp_path, scripted())):
        assert "hidden" not in repr(bridge) + repr(vars(bridge)) + repr(bridge._way)


def test_a_webhook_has_nothing_but_to_post(tmp_path):
    bot, hook = a_bot(tmp_path, scripted()), a_hook(tmp_path, scripted())
    for name in ("remove", "edit", "replies"):
        assert hasattr(bot, name) and not hasattr(hook, name)
    assert (bot.once, hook.once) == (Once("lookup"), Once("none"))


# ---------------------------------------------------------------- what is sent


async def test_what_is_sent(tmp_path):
    http = scripted()
    bridge = a_bot(tmp_path, http)
    [part] = await bridge.prepare(post_of("*متن* <!here> @bob", title="عنوان"))
    posted = await bridge.send(attempt(part, after=ROOT), Kept())
    assert posted == Posted(f"{ROOT}/{TS}")
    text = "عنوان\n\n*متن* <!here> @\u2060bob"
    assert http.sent("chat.postMessage") == [
        {
            "channel": "C1AB",
            "text": text.replace("<", "&lt;").replace(">", "&gt;"),
            "blocks": [
                {
                    "type": "rich_text",
                    "elements": [
                        {"type": "rich_text_section", "elements": [{"type": "text", "text": text}]}
                    ],
                }
            ],
            "unfurl_links": False,
            "unfurl_media": False,
            "metadata": mark(part.key),
            "thread_ts": ROOT,
        }
    ]
    assert part.key not in json.dumps(mark(part.key))


async def test_all_parts_answer_the_first(tmp_path):
    http = scripted()
    bridge = a_bot(tmp_path, http)
    await sent(bridge, after=f"{ROOT}/{TS}")
    assert http.sent("chat.postMessage")[0]["thread_ts"] == ROOT


async def test_where_people_see_it_is_known_from_a_check_on(tmp_path):
    bridge = a_bot(tmp_path, scripted())
    await bridge.check()
    first, second = await sent(bridge), await sent(bridge, after=ROOT)
    at = "https://news.slack.com/archives/C1AB/p" + TS.replace(".", "")
    assert first.url == at and second.url == f"{at}?thread_ts={ROOT}&cid=C1AB"


@pytest.mark.parametrize(
    ("text", "elements"),
    [
        ("see https://example.org/a_b?c=1, ok", ["see ", ("https://example.org/a_b?c=1",), ", ok"]),
        ("(https://example.org/)", ["(", ("https://example.org/",), ")"]),
        ("https://example.org", [("https://example.org",)]),
        ("https://[bad", ["https://[bad"]),
        ("https://bob@example.org/", ["https://bob@example.org/"]),
        ("ببین https://example.org/راه", ["ببین ", ("https://example.org/",), "راه"]),
        ("https://example.org/" + "a" * 3000, ["https://example.org/" + "a" * 3000]),
    ],
)
def test_addresses_lead_where_they_say_and_all_else_is_plain(text, elements):
    [block] = blocks.message(drafts.Draft(text), ())["blocks"]
    [section] = block["elements"]
    shown = [(one["url"],) if one["type"] == "link" else one["text"] for one in section["elements"]]
    assert shown == elements


@given(st.text(alphabet=st.sampled_from("ab1 \n<>&*_~`|!@#:/.é😀")))
def test_nothing_is_lost_between_the_elements(text):
    elements = blocks._elements(text)
    assert "".join(one.get("text", one.get("url")) for one in elements) == text
    assert blocks.plain(blocks.escaped(text)) == text


async def test_a_long_text_is_cut_within_the_limit_and_between_words(tmp_path):
    text = "می‌خواهیم 👩‍👩‍👧‍👦 🇮🇷 " * 400
    parts = await a_bot(tmp_path, scripted()).prepare(post_of(text))
    texts = [drafts.thawed(part.payload).text for part in parts]
    assert len(texts) > 1 and all(units(one, "utf-16") <= 4000 for one in texts)
    words = [word for one in texts for word in one.rsplit("\n", 1)[0].split()]
    assert words == text.split()


@pytest.mark.parametrize("medium", [Media("video/mp4", b"x"), Media("image/png", b"")])
async def test_a_medium_that_is_not_taken_refuses_the_whole_post(tmp_path, medium):
    http = scripted()
    assert isinstance(await sent(a_bot(tmp_path, http), media=[PNG, medium]), Refused)
    assert isinstance(await sent(a_hook(tmp_path, http), media=[PNG]), Refused)
    assert http.asked == []


# ---------------------------------------------------------------- pictures


async def test_a_picture_is_brought_first_and_shown_with_its_description(tmp_path):
    http, keep = scripted(), Kept()
    assert isinstance(await sent(a_bot(tmp_path, http), media=[PNG], keep=keep), Posted)
    assert http.lines == [
        "files.getUploadURLExternal",
        "upload",
        "files.completeUploadExternal",
        "files.info",
        "chat.postMessage",
    ]
    [where] = forms(http, "files.getUploadURLExternal")
    assert where == {"filename": "1.png", "length": "4", "alt_txt": "a roof at night"}
    assert http.bodies("upload") == [PNG.content]
    [(_, _, headers, _)] = [one for one in http.asked if one[0] == "upload"]
    assert "authorization" not in headers
    assert http.sent("chat.postMessage")[0]["blocks"][1] == {
        "type": "image",
        "slack_file": {"id": "F1"},
        "alt_text": "a roof at night",
    }
    assert keep.all == [b'["F1"]']


async def test_a_picture_that_is_there_is_not_brought_again(tmp_path):
    http = scripted()
    assert isinstance(await sent(a_bot(tmp_path, http), media=[PNG], kept=b'["F9"]'), Posted)
    assert http.lines == ["files.info", "chat.postMessage"]


async def test_a_picture_that_is_not_ready_is_waited_for(tmp_path):
    http = scripted(files_info=well(file={"id": "F1", "mimetype": ""}))
    ended = await sent(a_bot(tmp_path, http), media=[PNG])
    assert ended == Later(uploading.NOT_READY, NOW + uploading.NOT_READY_S)
    assert "chat.postMessage" not in http.lines


async def test_a_picture_that_slack_has_forgotten_is_brought_anew(tmp_path):
    http, keep = scripted(files_info=no("file_not_found")), Kept()
    bridge = a_bot(tmp_path, http)
    assert isinstance(await sent(bridge, media=[PNG], kept=b'["F9"]', keep=keep), Later)
    assert keep.all == [b""]


@pytest.mark.parametrize(
    ("more", "ended"),
    [
        ({"files_getUploadURLExternal": NoAnswer()}, Later),
        ({"files_getUploadURLExternal": no("missing_scope")}, Stopped),
        ({"files_getUploadURLExternal": well(**ELSEWHERE)}, Later),
        ({"files_getUploadURLExternal": well(**ELSEWHERE | HERE)}, Later),
        ({"upload": Answer(500)}, Later),
        ({"upload": Answer(413)}, Refused),
        ({"upload": NoAnswer()}, Later),
        ({"files_completeUploadExternal": no("internal_error")}, Later),
        ({"files_completeUploadExternal": NoAnswer()}, Later),
    ],
)
async def test_what_goes_wrong_before_the_message_is_no_doubt(tmp_path, more, ended):
    http = scripted(**more)
    assert isinstance(await sent(a_bot(tmp_path, http), media=[PNG]), ended)
    assert "chat.postMessage" not in http.lines


# ---------------------------------------------------------------- what answers mean


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        (NotSent(), Later("the host cannot be reached", scope="host")),
        (NoAnswer(), Unsure),
        (no("ratelimited", 429, retry_after="7"), Later(answers.LIMIT, NOW + 7, "destination")),
        (no("ratelimited"), Later(answers.LIMIT, None, "destination")),
        (no("invalid_auth"), Stopped),
        (no("token_revoked"), Stopped),
        (no("account_inactive"), Stopped),
        (no("missing_scope"), Stopped),
        (no("not_in_channel"), Stopped),
        (no("is_archived"), Stopped),
        (no("channel_not_found"), Stopped),
        (no("msg_too_long"), Refused("it is longer than Slack takes")),
        (no("invalid_blocks"), Refused("Slack finds it not valid")),
        (no("no_text"), Refused("nothing is left of it to post")),
        (no("thread_not_found"), Refused(answers.NO_PARENT)),
        (no("team_added_to_org"), Later),
        (no("internal_error"), Unsure),
        (no("fatal_error", 500), Unsure),
        (no("a_new_word"), Unsure),
        (said({}, 502), Unsure),
        (said({}, 503), Unsure),
        (said({}, 503, retry_after="60"), Later("answered 503", NOW + 60, "host")),
        (Answer(302, {"location": "https://example.org"}), Unsure),
        (Answer(200, {"content-type": "text/html"}, b"<html>log in</html>"), Unsure),
        (said({"ok": "yes", "ts": TS}), Unsure),
        (said({"ok": True, "ts": {}}), Unsure),
    ],
)
async def test_what_an_answer_to_a_bot_means(tmp_path, answer, outcome):
    ended = await sent(a_bot(tmp_path, scripted(chat_postMessage=answer)))
    assert ended == outcome if not isinstance(outcome, type) else isinstance(ended, outcome)
    assert "hidden" not in repr(ended) and "hello" not in repr(ended)


def word(said: str, status: int, **headers: str) -> Answer:
    return Answer(status, {"content-type": "text/html", **headers}, said.encode())


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        (NotSent(), Later("the host cannot be reached", scope="host")),
        (NoAnswer(), Unsure),
        (word("no_service", 404), Stopped),
        (word("invalid_token", 403), Stopped),
        (word("action_prohibited", 403), Stopped),
        (word("channel_is_archived", 410), Stopped),
        (word("something", 404), Stopped),
        (word("invalid_payload", 400), Refused),
        (word("something", 400), Refused),
        (word("rollup_error", 500), Unsure),
        (word("", 429, **{"retry-after": "7"}), Later("answered 429", NOW + 7, "destination")),
        (word("<html>", 200), Unsure),
        (word("", 503), Unsure),
    ],
)
async def test_what_an_answer_to_a_webhook_means(tmp_path, answer, outcome):
    ended = await sent(a_hook(tmp_path, scripted(hook=answer)))
    assert ended == outcome if not isinstance(outcome, type) else isinstance(ended, outcome)
    assert "hidden" not in repr(ended)


async def test_a_webhook_gets_the_message_and_its_ref_is_the_parts_key(tmp_path):
    http = scripted()
    bridge = a_hook(tmp_path, http)
    [part] = await bridge.prepare(post_of())
    assert await bridge.send(attempt(part), Kept()) == Posted(part.key)
    [one] = http.sent("hook")
    assert set(one) == {"text", "blocks", "unfurl_links", "unfurl_media"}
    assert isinstance(await bridge.find(attempt(part)), Unknown)


# ---------------------------------------------------------------- find


async def found(bridge, after=None, first=NOW - 700, text="hello"):
    [part] = await bridge.prepare(post_of(text))
    return await bridge.find(attempt(part, after=after, first=first))


def marked(key=None, **more):
    return a_message(metadata=mark(key or kit.part_key(bytes(32), 0)), **more)


async def test_a_message_is_found_by_its_mark_whatever_it_says(tmp_path):
    http = scripted(conversations_history=listed(a_message(ROOT, "x"), marked(text="changed")))
    assert await found(a_bot(tmp_path, http)) == Found(TS)
    [asked] = forms(http, "conversations.history")
    assert (
        asked["oldest"] == f"{NOW - 700 - BEFORE_S}.000000"
        and asked["include_all_metadata"] == "true"
    )


async def test_a_message_of_a_thread_is_looked_for_there(tmp_path):
    http = scripted(conversations_replies=listed(marked()))
    assert await found(a_bot(tmp_path, http), after=ROOT) == Found(f"{ROOT}/{TS}")
    [asked] = forms(http, "conversations.replies")
    assert asked["ts"] == ROOT


async def test_another_parts_mark_is_another_part(tmp_path):
    http = scripted(conversations_history=listed(marked("f" * 32)))
    assert await found(a_bot(tmp_path, http)) == Absent(strong=True)


async def test_all_pages_are_read(tmp_path):
    pages = [listed(a_message(ROOT, "x"), more="c2"), listed(marked())]
    http = scripted(conversations_history=pages)
    assert await found(a_bot(tmp_path, http)) == Found(TS)
    assert forms(http, "conversations.history")[1]["cursor"] == "c2"


async def test_what_is_listed_nowhere_is_absent_and_at_first_not_for_sure(tmp_path):
    bridge = a_bot(tmp_path, scripted())
    assert await found(bridge) == Absent(strong=True)
    assert await found(bridge, first=NOW - 10) == Absent(strong=False)


async def test_the_same_words_without_any_mark_are_for_a_person(tmp_path):
    text = "a & b: https://example.org/x"
    shown = "a &amp; b: <https://example.org/x>"
    http = scripted(conversations_history=listed(a_message(text=shown)))
    assert isinstance(await found(a_bot(tmp_path, http), text=text), Unknown)


@pytest.mark.parametrize("answer", [no("internal_error"), no("ratelimited", 429), NoAnswer()])
async def test_while_slack_does_not_list_nothing_is_said(tmp_path, answer):
    http = scripted(conversations_history=answer)
    assert isinstance(await found(a_bot(tmp_path, http)), Unknown)


# ---------------------------------------------------------------- check, remove, edit


async def test_a_channel_is_named_with_its_workspace(tmp_path):
    assert await a_bot(tmp_path, scripted()).check() == Health("slack T1 C1AB")


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ({"auth_test": NotSent()}, "cannot be reached"),
        ({"auth_test": no("invalid_auth")}, "api.slack.com"),
        ({"auth_test": said(BOT, x_oauth_scopes="channels:history")}, "chat:write"),
        ({"auth_test": well(team_id="T1", user_id="U1")}, "no bot's"),
        ({"conversations_history": no("not_in_channel")}, "/invite"),
        ({"conversations_history": no("missing_scope")}, "channels:history"),
    ],
)
async def test_what_is_in_the_way_is_told_with_the_remedy(tmp_path, more, told):
    health = await a_bot(tmp_path, scripted(**more)).check()
    assert told in health.trouble and "hidden" not in health.trouble


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (word("no_text", 400), ""),
        (word("invalid_payload", 400), ""),
        (word("no_service", 404), "add a webhook"),
        (NotSent(), "cannot be reached"),
    ],
)
async def test_a_webhook_is_checked_with_nothing_in_it(tmp_path, answer, told):
    http = scripted(hook=answer)
    health = await a_hook(tmp_path, http).check()
    assert told in health.trouble and bool(health.trouble) == bool(told)
    assert http.sent("hook") == [{}] and "hidden" not in repr(health)


@pytest.mark.parametrize(
    ("answer", "removal"),
    [
        (well(), Removed),
        (no("message_not_found"), Removed),
        (no("cant_delete_message"), Refused),
        (no("internal_error"), Later),
        (NoAnswer(), Later),
        (no("invalid_auth"), Stopped),
    ],
)
async def test_what_a_removal_comes_to(tmp_path, answer, removal):
    bridge = a_bot(tmp_path, scripted(chat_delete=answer))
    assert isinstance(await bridge.remove(TS), removal)


async def test_a_message_of_a_thread_is_removed_by_its_own_number(tmp_path):
    http = scripted()
    await a_bot(tmp_path, http).remove(f"{ROOT}/{TS}")
    assert http.sent("chat.delete") == [{"channel": "C1AB", "ts": TS}]


@pytest.mark.parametrize("ref", ["", "1", "1.1", "x.000001", f"{TS}/", f"/{TS}", f"{TS}/{TS}/{TS}"])
async def test_a_ref_that_can_be_none_of_ours_is_refused_unasked(tmp_path, ref):
    http = scripted()
    bridge = a_bot(tmp_path, http)
    assert isinstance(await bridge.remove(ref), Refused)
    assert isinstance(await bridge.edit(ref, post_of()), Refused)
    assert http.asked == []


@pytest.mark.parametrize(
    ("answer", "ended"),
    [
        (well(ts=TS), Posted),
        (well(ts=ROOT), Later),
        (no("message_not_found"), Refused),
        (no("cant_update_message"), Refused),
        (no("msg_too_long"), Refused),
        (NoAnswer(), Later),
        (no("internal_error"), Later),
        (no("token_revoked"), Stopped),
    ],
)
async def test_what_a_change_comes_to(tmp_path, answer, ended):
    http = scripted(chat_update=answer)
    assert isinstance(await a_bot(tmp_path, http).edit(TS, post_of("changed")), ended)
    [one] = http.sent("chat.update")
    assert one["text"] == "changed" and "metadata" not in one


async def test_a_picture_is_changed_and_a_long_text_is_not_split(tmp_path):
    http = scripted()
    bridge = a_bot(tmp_path, http)
    assert isinstance(await bridge.edit(TS, post_of("word " * 2000)), Refused)
    assert isinstance(await bridge.edit(TS, post_of("changed", media=[PNG])), Posted)
    assert http.sent("chat.update")[0]["blocks"][1]["slack_file"] == {"id": "F1"}


async def test_a_change_whose_picture_is_not_ready_goes_on_with_that_very_picture(tmp_path):
    early, ready = (well(file={"id": "F1", "mimetype": type}) for type in ("", "image/png"))
    http = scripted(files_info=[early, ready])
    bridge, changed = a_bot(tmp_path, http), post_of("changed", media=[PNG])
    assert isinstance(await bridge.edit(TS, changed), Later)
    assert isinstance(await bridge.edit(TS, changed), Posted)
    assert http.lines.count("upload") == 1


# ---------------------------------------------------------------- answers of people


async def test_answers_are_read_from_the_threads_that_have_new_ones(tmp_path):
    old, new, newer = (f"{NOW + n}.000000" for n in (1, 20, 30))
    http = scripted(
        conversations_history=listed(
            a_message(ROOT, reply_count=2, latest_reply=newer),
            a_message("1700000000.000001", reply_count=1, latest_reply=old),
            a_message("1700000000.000002", bot_id="B9", latest_reply=newer),
        ),
        conversations_replies=listed(
            a_message(ROOT),
            {"ts": newer, "text": "a &lt;b&gt; <https://example.org|x>", "user": "U7"},
            {"ts": new, "text": "first", "user": "U8"},
            a_message(f"{NOW + 25}.000000", "our own"),
            {"ts": old, "text": "known", "user": "U8"},
        ),
    )
    bridge = a_bot(tmp_path, http)
    begun = await bridge.replies(b"")
    assert begun == Replied((), f"{NOW}.000000".encode())
    read = await bridge.replies(f"{NOW + 10}.000000".encode())
    assert read.replies == (
        Reply(new, ROOT, "first", NOW + 20),
        Reply(newer, ROOT, "a <b> https://example.org", NOW + 30),
    )
    assert read.cursor == newer.encode()
    assert [one["ts"] for one in forms(http, "conversations.replies")] == [ROOT]
    assert (await bridge.replies(read.cursor)).replies == ()


async def test_why_there_are_no_answers_now(tmp_path):
    http = scripted(conversations_history=[listed(), no("ratelimited", 429, retry_after="9")])
    bridge = a_bot(tmp_path, http)
    await bridge.check()
    ended = await bridge.replies(f"{NOW}.000000".encode())
    assert ended == Later(answers.LIMIT, NOW + 9, "destination")


# ---------------------------------------------------------------- a thread, taken to its end


@pytest.mark.parametrize("doubtful", [0, 1, 2])
async def test_a_thread_with_a_doubt_in_it_stands_there_once_and_in_order(tmp_path, doubtful):
    clock = VirtualClock(NOW)
    async with slack(clock=clock) as platform, HttpOut(None) as http:
        settings = Slack.Settings(
            token_file=secret_file(tmp_path, platform.token),
            channel=platform.channel,
            api=f"{platform.base}/api",
            characters=200,
        )
        meet, posts = platform.meet, iter(range(10))

        async def spoiled(request, fault):
            answer = await meet(request, fault)
            asked = request.line.endswith("chat.postMessage")
            return faults.cut() if asked and next(posts) == doubtful else answer

        platform.meet = spoiled

        def build(fate):
            out = Dying(http, fate)
            return Slack(settings, out, clock), out

        journey = Journey(build, post_of("word " * 100), clock)
        row = await journey.run()
        assert row.state == "posted"
        root, *others = platform.public
        assert len(others) == 2 and [one.parent for one in others] == [root.id] * 2
        journey.close()


# ---------------------------------------------------------------- where a list could deceive


async def test_a_clock_that_was_set_right_since_hides_nothing(tmp_path):
    def listing(body):
        oldest = float(dict(parse_qsl(body.decode()))["oldest"])
        return listed(*([marked()] if oldest <= NOW else []))

    http = scripted(conversations_history=listing)
    assert await found(a_bot(tmp_path, http), first=NOW + 7200) == Found(TS)


async def test_a_list_that_goes_on_and_does_not_say_where_is_not_whole(tmp_path):
    http = scripted(conversations_history=well(messages=[], has_more=True))
    assert await found(a_bot(tmp_path, http)) == Absent(strong=False)


@pytest.mark.parametrize(
    ("message", "lookup"),
    [(a_message(), Unknown), ({"ts": TS, "text": "hello", "user": "U1"}, Absent)],
)
async def test_only_an_app_could_have_lost_our_mark(tmp_path, message, lookup):
    http = scripted(conversations_history=listed(message))
    assert isinstance(await found(a_bot(tmp_path, http)), lookup)


async def test_a_thread_without_a_number_is_not_asked_for(tmp_path):
    odd = a_message(ts="x", latest_reply=f"{NOW + 20}.000000")
    http = scripted(conversations_history=listed(odd))
    read = await a_bot(tmp_path, http).replies(f"{NOW + 10}.000000".encode())
    assert isinstance(read, Replied) and "conversations.replies" not in http.lines
