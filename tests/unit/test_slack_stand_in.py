"""The stand-in for Slack does what a webhook and a bot meet there, also when they fail."""

from __future__ import annotations

import json
from contextlib import asynccontextmanager
from urllib.parse import urlencode

import pytest
from upload_parts import JPEG, MP4, START, HandClock, multipart

from relay.ports import NoAnswer
from relay.reach.http import HttpOut
from relay.testing import recorder as faults
from relay.testing.slack import failed, limited, slack, webhook_limited, webhook_says

TEXT = "The lights are out again."
JSON = "application/json; charset=utf-8"
KEY = {"event_type": "relay_post", "event_payload": {"k": "0123456789abcdef"}}


class Api:
    """Calls, as a bridge makes them."""

    def __init__(self, platform, http, clock):
        self.platform, self.http, self.clock = platform, http, clock

    async def raw(self, method, body=b"", kind=JSON, token=None, query=""):
        token = self.platform.token if token is None else token
        headers = {"Content-Type": kind} if kind else {}
        headers |= {"Authorization": f"Bearer {token}"} if token else {}
        url = f"{self.platform.base}/api/{method}{query}"
        verb = "POST" if body or not query else "GET"
        answer = await self.http.request(verb, url, headers=headers, body=body)
        return answer, json.loads(answer.body)

    async def good(self, method, **args):
        answer, said = await self.raw(method, json.dumps(args).encode())
        assert (answer.status, said["ok"]) == (200, True), said
        return said

    async def bad(self, method, **args):
        answer, said = await self.raw(method, json.dumps(args).encode())
        assert (answer.status, said["ok"]) == (200, False)
        return said["error"]

    async def read(self, method, **args):
        query = urlencode({"channel": self.platform.channel, **args})
        answer, said = await self.raw(method, query="?" + query, kind=None)
        assert answer.status == 200
        return said

    async def post(self, text=TEXT, **more):
        return await self.good("chat.postMessage", channel=self.platform.channel, text=text, **more)

    async def refused(self, **more):
        args = {"channel": self.platform.channel, "text": TEXT} | more
        error = await self.bad("chat.postMessage", **args)
        assert not self.platform.public
        return error

    async def hook(self, body=None, raw=None, kind=JSON):
        answer = await self.http.request(
            "POST",
            self.platform.webhook_url,
            headers={"Content-Type": kind},
            body=json.dumps({"text": TEXT} | (body or {})).encode() if raw is None else raw,
        )
        assert answer.headers["content-type"] == "text/html"
        return answer.status, answer.body.decode()

    async def uploaded(self, file=JPEG, alt="A street.", form=False):
        size = len(file.content)
        said = await self.good(
            "files.getUploadURLExternal", filename=file.name, length=size, alt_txt=alt
        )
        content, kind = multipart({"file": file}, {}) if form else (file.content, file.type)
        answer = await self.http.request(
            "POST", said["upload_url"], headers={"Content-Type": kind}, body=content
        )
        assert (answer.status, answer.body.decode()) == (200, f"OK - {size}")
        return said["file_id"]


@asynccontextmanager
async def before(**settings):
    clock = HandClock()
    async with slack(clock=clock, **settings) as platform, HttpOut(None) as http:
        yield Api(platform, http, clock)


# ---------------------------------------------------------------- the bot


async def test_a_bot_posts_and_is_told_where():
    async with before() as api:
        said = await api.post(unfurl_links=False, mrkdwn=False)
        assert said["channel"] == api.platform.channel and "warning" not in said
        assert said["message"]["user"] == api.platform.account
        [one] = api.platform.public
        assert (one.id, one.text, one.parent) == (said["ts"], TEXT, None)
        assert said["ts"].startswith(f"{START}.")


async def test_json_without_its_charset_is_taken_with_a_warning():
    async with before() as api:
        body = json.dumps({"channel": api.platform.channel, "text": TEXT}).encode()
        _, said = await api.raw("chat.postMessage", body, "application/json")
        assert said["ok"] and said["warning"] == "missing_charset"


async def test_a_form_says_what_json_says():
    async with before() as api:
        args = {
            "token": api.platform.token,
            "channel": "#news",
            "text": TEXT,
            "unfurl_links": "false",
            "metadata": json.dumps(KEY),
        }
        kind = "application/x-www-form-urlencoded"
        _, said = await api.raw("chat.postMessage", urlencode(args).encode(), kind, token="")
        assert said["ok"] and said["message"]["metadata"] == KEY


async def test_the_same_call_twice_makes_two_messages():
    async with before() as api:
        first, second = await api.post(metadata=KEY), await api.post(metadata=KEY)
        assert first["ts"] != second["ts"] and len(api.platform.public) == 2


async def test_a_message_is_found_by_its_metadata():
    async with before() as api:
        api.platform.script(faults.cut(), on="POST /api/chat.postMessage")
        with pytest.raises(NoAnswer):
            await api.post(metadata=KEY)
        api.platform.put("By hand.")
        said = await api.read("conversations.history", oldest=START - 120, include_all_metadata=1)
        assert [one.get("metadata") for one in said["messages"]] == [None, KEY]
        assert said["messages"][1]["ts"] == api.platform.public[0].id
        said = await api.read("conversations.history", oldest=START - 120)
        assert all("metadata" not in one for one in said["messages"])


async def test_a_history_comes_in_pages_newest_first():
    async with before() as api:
        posts = [api.platform.put(f"{n}") for n in range(5)]
        said = await api.read("conversations.history", limit=2)
        assert [one["text"] for one in said["messages"]] == ["4", "3"] and said["has_more"]
        cursor = said["response_metadata"]["next_cursor"]
        said = await api.read("conversations.history", limit=3, cursor=cursor)
        assert [one["text"] for one in said["messages"]] == ["2", "1", "0"]
        assert not said["has_more"] and "response_metadata" not in said
        bounds = {"oldest": posts[1].id, "latest": posts[3].id}
        said = await api.read("conversations.history", **bounds)
        assert [one["text"] for one in said["messages"]] == ["2"]
        said = await api.read("conversations.history", **bounds, inclusive="true")
        assert [one["text"] for one in said["messages"]] == ["3", "2", "1"]


@pytest.mark.parametrize(
    ("args", "error"),
    [
        ({"oldest": "yesterday"}, "invalid_ts_oldest"),
        ({"latest": "x"}, "invalid_ts_latest"),
        ({"cursor": "x"}, "invalid_cursor"),
        ({"limit": "1000"}, "invalid_arguments"),
        ({"since": "1"}, "invalid_arguments"),
        ({"channel": "C0NOWHERE"}, "channel_not_found"),
    ],
)
async def test_a_history_that_is_asked_for_wrongly(args, error):
    async with before() as api:
        said = await api.read("conversations.history", **args)
        assert (said["ok"], said["error"]) == (False, error)


async def test_to_a_method_that_reads_json_says_nothing():
    async with before() as api:
        error = await api.bad("conversations.history", channel=api.platform.channel)
        assert error == "invalid_arguments"


async def test_listings_lag():
    async with before() as api:
        api.platform.lists_late_s = 30
        await api.post()
        assert (await api.read("conversations.history"))["messages"] == []
        api.clock.at += 30
        assert len((await api.read("conversations.history"))["messages"]) == 1


async def test_a_bot_knows_itself_and_its_channel():
    async with before() as api:
        said = await api.good("auth.test")
        assert (said["user_id"], said["bot_id"]) == (api.platform.account, api.platform.bot)
        channel = (await api.read("conversations.info"))["channel"]
        assert channel["is_member"] and not channel["is_archived"]
        api.platform.leave()
        assert not (await api.read("conversations.info"))["channel"]["is_member"]


# ---------------------------------------------------------------- threads


async def test_a_reply_is_in_its_thread_and_not_in_the_history():
    async with before() as api:
        head = (await api.post())["ts"]
        said = await api.post("And on.", thread_ts=head)
        assert said["message"]["thread_ts"] == head
        answer = api.platform.reply(head, "Here & too.", "reader")
        assert [one.parent for one in api.platform.public] == [None, head]
        history = (await api.read("conversations.history"))["messages"]
        assert [one["ts"] for one in history] == [head]
        assert (history[0]["reply_count"], history[0]["latest_reply"]) == (2, answer)
        thread = (await api.read("conversations.replies", ts=head))["messages"]
        assert [one["ts"] for one in thread] == [head, said["ts"], answer]
        assert thread[2]["text"] == "Here &amp; too." and thread[2]["user"] == "U0READER"
        later = (await api.read("conversations.replies", ts=head, oldest=said["ts"]))["messages"]
        assert [one["ts"] for one in later] == [head, answer]


async def test_a_reply_for_everybody_is_in_the_history_too():
    async with before() as api:
        head = (await api.post())["ts"]
        await api.post("And on.", thread_ts=head, reply_broadcast=True)
        [first, _] = (await api.read("conversations.history"))["messages"]
        assert first["subtype"] == "thread_broadcast"


async def test_a_reply_needs_a_message_that_is_no_reply():
    async with before() as api:
        channel = api.platform.channel
        gone = {"channel": channel, "text": TEXT, "thread_ts": "1.000000"}
        assert await api.bad("chat.postMessage", **gone) == "thread_not_found"
        head = (await api.post())["ts"]
        reply = (await api.post(thread_ts=head))["ts"]
        gone["thread_ts"] = reply
        assert await api.bad("chat.postMessage", **gone) == "cannot_reply_to_message"
        said = await api.read("conversations.replies", ts="1.000000")
        assert said["error"] == "thread_not_found"


# ---------------------------------------------------------------- texts and shapes


@pytest.mark.parametrize(
    ("text", "read", "listed"),
    [
        ("a &amp; b &lt;c&gt;", "a & b <c>", "a &amp; b &lt;c&gt;"),
        ("a & b < c", "a & b < c", "a &amp; b &lt; c"),
        ("x <b> y", "x b y", "x <b> y"),
        ("see https://e.org/?a&amp;b.", "see https://e.org/?a&b.", "see <https://e.org/?a&amp;b>."),
        ("<https://e.org|here>", "here", "<https://e.org|here>"),
    ],
)
async def test_what_becomes_of_a_text(text, read, listed):
    async with before() as api:
        await api.post(text)
        assert api.platform.texts == [read]
        assert (await api.read("conversations.history"))["messages"][0]["text"] == listed


async def test_whom_a_text_calls():
    async with before() as api:
        await api.post("<!channel> <@U1|them> <!subteam^S1> &lt;!here&gt; @everyone")
        [one] = api.platform.public
        assert one.called == {"channel", "U1", "S1"}
        assert one.text == "@channel them @group <!here> @everyone"


async def test_a_text_that_is_too_long_is_cut_and_nobody_is_told():
    async with before() as api:
        await api.post("x" * 40_001)
        assert api.platform.texts == ["x" * 40_000]


async def test_beside_blocks_a_text_is_not_seen():
    async with before() as api:
        section = {"type": "section", "text": {"type": "plain_text", "text": "In the block."}}
        await api.post(blocks=[section])
        assert api.platform.texts == ["In the block."]


@pytest.mark.parametrize(
    ("more", "error"),
    [
        ({"text": ""}, "no_text"),
        ({"text": None}, "invalid_arguments"),
        ({"channel": "C0NOWHERE"}, "channel_not_found"),
        ({"thread_ts": 5.0}, "invalid_arguments"),
        ({"thread_ts": "now"}, "invalid_arguments"),
        ({"unfurl_links": "no"}, "invalid_arguments"),
        ({"idempotency_key": "x"}, "invalid_arguments"),
        ({"blocks": {}}, "invalid_blocks_format"),
        ({"blocks": "nonsense"}, "invalid_blocks_format"),
        ({"blocks": [{"type": "text"}]}, "invalid_blocks"),
        ({"blocks": [{"type": "divider"}] * 51}, "invalid_blocks"),
        ({"blocks": [{"type": "image", "slack_file": {"id": "F"}}]}, "invalid_blocks"),
        (
            {"blocks": [{"type": "image", "slack_file": {"id": "F"}, "alt_text": "x"}]},
            "invalid_blocks",
        ),
        ({"attachments": [{}] * 101}, "too_many_attachments"),
        ({"markdown_text": "**x**"}, "markdown_text_conflict"),
        ({"metadata": "x"}, "invalid_metadata_format"),
        ({"metadata": {"event_type": "x"}}, "invalid_metadata_schema"),
        ({"metadata": {"event_type": "x", "event_payload": []}}, "invalid_metadata_format"),
        (
            {"metadata": {"event_type": "x", "event_payload": {"k": "x" * 8000}}},
            "metadata_too_large",
        ),
    ],
)
async def test_what_does_not_fit_is_refused_by_its_name(more, error):
    async with before() as api:
        assert await api.refused(**more) == error


@pytest.mark.parametrize(
    ("body", "kind", "error"),
    [
        (b"{", JSON, "invalid_json"),
        (b"[]", JSON, "json_not_object"),
        (b"text=x", "text/plain", "invalid_post_type"),
        (b"text=x", None, "missing_post_type"),
        (b"text=\xff", "application/x-www-form-urlencoded", "invalid_form_data"),
    ],
)
async def test_a_body_that_is_not_what_it_says(body, kind, error):
    async with before() as api:
        _, said = await api.raw("chat.postMessage", body, kind)
        assert (said["ok"], said["error"]) == (False, error)


async def test_what_is_missing_is_named():
    async with before() as api:
        _, said = await api.raw("chat.postMessage", json.dumps({"text": TEXT}).encode())
        [message] = said["response_metadata"]["messages"]
        assert message.startswith("[ERROR] missing required field: channel")
        assert await api.bad("chat.makeCoffee") == "unknown_method"


# ---------------------------------------------------------------- who may


async def test_a_token_that_is_none_any_more():
    async with before() as api:
        _, said = await api.raw("auth.test", token="")
        assert said["error"] == "not_authed"
        _, said = await api.raw("auth.test", token="xoxb-nonsense")
        assert said["error"] == "invalid_auth"
        old, hook = api.platform.token, api.platform.webhook_url
        api.platform.revoke()
        _, said = await api.raw("auth.test", token=old)
        assert said["error"] == "token_revoked"
        await api.post()
        assert (await api.http.request("POST", hook, body=b"{}")).body == b"no_service"
        old = api.platform.token
        api.platform.suspend()
        _, said = await api.raw("auth.test", token=old)
        assert said["error"] == "account_inactive"
        assert await api.hook() == (404, "no_service")


async def test_a_scope_that_is_missing_is_named():
    async with before() as api:
        api.platform.lose("chat:write")
        body = json.dumps({"channel": api.platform.channel, "text": TEXT}).encode()
        _, said = await api.raw("chat.postMessage", body)
        assert (said["error"], said["needed"]) == ("missing_scope", "chat:write")
        assert "channels:history" in said["provided"]


@pytest.mark.parametrize(
    ("happens", "error", "word"),
    [
        ("leave", "not_in_channel", (200, "ok")),
        ("archive", "is_archived", (410, "channel_is_archived")),
        ("remove_channel", "channel_not_found", (404, "channel_not_found")),
    ],
)
async def test_a_channel_that_cannot_be_posted_to(happens, error, word):
    async with before() as api:
        getattr(api.platform, happens)()
        assert await api.refused() == error
        assert await api.hook() == word


# ---------------------------------------------------------------- to change and take back


async def test_a_message_is_changed_and_keeps_its_metadata():
    async with before() as api:
        ts = (await api.post(metadata=KEY))["ts"]
        where = {"channel": api.platform.channel, "ts": ts}
        api.clock.at += 5
        said = await api.good("chat.update", **where, text="Corrected.")
        assert (said["ts"], said["text"]) == (ts, "Corrected.")
        assert said["message"]["edited"]["ts"] == f"{START + 5}.000000"
        assert said["message"]["metadata"] == KEY and api.platform.texts == ["Corrected."]
        assert await api.bad("chat.update", **where, text="x" * 4001) == "msg_too_long"
        assert await api.bad("chat.update", **where) == "no_text"


async def test_a_message_is_taken_back_once():
    async with before() as api:
        where = {"channel": api.platform.channel, "ts": (await api.post())["ts"]}
        assert (await api.good("chat.delete", **where))["ts"] == where["ts"]
        assert await api.bad("chat.delete", **where) == "message_not_found"
        assert await api.bad("chat.update", **where, text="x") == "message_not_found"
        assert not api.platform.public


async def test_messages_of_others_are_theirs():
    async with before() as api:
        head = (await api.post())["ts"]
        where = {"channel": api.platform.channel, "ts": api.platform.reply(head, "x", "reader")}
        assert await api.bad("chat.delete", **where) == "cant_delete_message"
        assert await api.bad("chat.update", **where, text="y") == "cant_update_message"


async def test_a_message_has_an_address():
    async with before() as api:
        ts = (await api.post())["ts"]
        said = await api.read("chat.getPermalink", message_ts=ts)
        assert said["permalink"].endswith(f"/{api.platform.channel}/p{ts.replace('.', '')}")


# ---------------------------------------------------------------- files


@pytest.mark.parametrize("form", [False, True])
async def test_files_are_uploaded_and_shared_with_a_comment(form):
    async with before() as api:
        ids = [await api.uploaded(JPEG, form=form), await api.uploaded(MP4, "", form=form)]
        said = await api.good(
            "files.completeUploadExternal",
            files=[{"id": ids[0], "title": "A street"}, {"id": ids[1]}],
            channel_id=api.platform.channel,
            initial_comment=TEXT,
        )
        assert [one["id"] for one in said["files"]] == ids and "ts" not in said
        [one] = api.platform.public
        assert one.text == TEXT
        assert [(each.alt, each.type, each.content) for each in one.media] == [
            ("A street.", "image/jpeg", JPEG.content),
            ("", "video/mp4", MP4.content),
        ]
        [listed] = (await api.read("conversations.history"))["messages"]
        assert [each["id"] for each in listed["files"]] == ids


async def test_files_are_worked_on_for_a_while():
    async with before() as api:
        api.platform.media_takes_s = 20
        id = await api.uploaded()
        share = {"files": [{"id": id}], "channel_id": api.platform.channel}
        await api.good("files.completeUploadExternal", **share)
        assert not api.platform.public
        assert (await api.read("conversations.history"))["messages"] == []
        api.clock.at += 20
        [one] = api.platform.public
        query = f"?file={id}"
        _, said = await api.raw("files.info", query=query, kind=None)
        assert said["file"]["shares"]["public"][api.platform.channel] == [{"ts": one.id}]


async def test_an_upload_is_completed_once():
    async with before() as api:
        share = {"files": [{"id": await api.uploaded()}], "channel_id": api.platform.channel}
        await api.good("files.completeUploadExternal", **share)
        assert await api.bad("files.completeUploadExternal", **share) == "file_not_found"
        assert len(api.platform.public) == 1


async def test_what_was_not_uploaded_is_not_completed():
    async with before() as api:
        announced = await api.good("files.getUploadURLExternal", filename="a.jpg", length=5)
        answer = await api.http.request("POST", announced["upload_url"], body=b"four")
        assert answer.status == 400
        share = {"files": [{"id": announced["file_id"]}], "channel_id": api.platform.channel}
        assert await api.bad("files.completeUploadExternal", **share) == "file_not_found"
        assert not api.platform.public


@pytest.mark.parametrize(
    ("args", "error"),
    [
        ({"filename": "a.jpg", "length": 0}, "missing_argument"),
        ({"filename": "a.jpg", "length": 5, "alt_txt": "x" * 1001}, "alt_txt_too_large"),
        ({"filename": "a.jpg", "length": 1_000_000_001}, "file_upload_size_restricted"),
        ({"filename": "a.jpg"}, "invalid_arguments"),
        ({"filename": "a.jpg", "length": 5, "alt_text": "x"}, "invalid_arguments"),
    ],
)
async def test_an_upload_that_is_announced_wrongly(args, error):
    async with before() as api:
        assert await api.bad("files.getUploadURLExternal", **args) == error


async def test_a_file_that_only_its_bot_sees_is_shown_in_a_block():
    async with before() as api:
        api.platform.media_takes_s = 20
        id = await api.uploaded(alt="")
        await api.good("files.completeUploadExternal", files=[{"id": id}])
        image = {"type": "image", "slack_file": {"id": id}, "alt_text": "A street."}
        assert await api.refused(blocks=[image]) == "invalid_blocks"
        api.clock.at += 20
        await api.post(blocks=[image], metadata=KEY)
        [one] = api.platform.public
        assert (one.text, [each.alt for each in one.media]) == ("", ["A street."])
        await api.good("files.delete", file=id)
        assert await api.bad("files.delete", file=id) == "file_not_found"


# ---------------------------------------------------------------- the webhook


async def test_a_webhook_is_told_ok_and_nothing_else():
    async with before() as api:
        assert await api.hook({"unfurl_links": False, "metadata": KEY}) == (200, "ok")
        assert await api.hook() == (200, "ok")
        assert api.platform.texts == [TEXT, TEXT]


async def test_a_webhook_takes_a_form_with_a_payload():
    async with before() as api:
        raw = urlencode({"payload": json.dumps({"text": TEXT})}).encode()
        kind = "application/x-www-form-urlencoded"
        assert await api.hook(raw=raw, kind=kind) == (200, "ok")
        assert await api.hook(raw=b"text=x", kind=kind) == (400, "invalid_payload")
        assert api.platform.texts == [TEXT]


@pytest.mark.parametrize(
    ("body", "word"),
    [
        ({"text": ""}, "no_text"),
        ({"text": 5}, "invalid_payload"),
        ({"channel": "#other"}, "invalid_payload"),
        ({"username": "Watch"}, "invalid_payload"),
        ({"blocks": [{"type": "text"}]}, "invalid_blocks"),
    ],
)
async def test_a_webhook_that_says_what_does_not_fit(body, word):
    async with before() as api:
        assert await api.hook(body) == (400, word)
        assert not api.platform.public


@pytest.mark.parametrize(
    ("word", "status"), [("no_service", 404), ("action_prohibited", 403), ("invalid_token", 403)]
)
async def test_a_webhook_that_is_refused(word, status):
    async with before() as api:
        api.platform.webhook_refuses(word)
        assert await api.hook() == (status, word)
        api.platform.webhook_refuses("")
        assert await api.hook() == (200, "ok")


# ---------------------------------------------------------------- too often, and worse


async def test_a_budget_that_is_used_up_comes_back_with_the_minute():
    async with before(requests_allowed=2) as api:
        api.clock.at = START - START % 60 + 20
        await api.post()
        assert await api.hook() == (200, "ok")
        body = json.dumps({"channel": api.platform.channel, "text": TEXT}).encode()
        answer, said = await api.raw("chat.postMessage", body)
        assert (answer.status, answer.headers["retry-after"]) == (429, "40")
        assert said == {"ok": False, "error": "ratelimited"}
        assert await api.hook() == (429, "rate_limited")
        assert len(api.platform.public) == 2
        api.clock.at += 40
        await api.post()


async def test_faults_come_as_scripted():
    async with before() as api:
        on = "POST /api/chat.postMessage"
        api.platform.script(limited(7), failed("internal_error", made=True), on=on)
        answer, _ = await api.raw("chat.postMessage", b"{}")
        assert (answer.status, answer.headers["retry-after"]) == (429, "7")
        args = {"channel": api.platform.channel, "text": TEXT}
        assert await api.bad("chat.postMessage", **args) == "internal_error"
        assert len(api.platform.public) == 1
        on = "POST /services/*"
        api.platform.script(webhook_limited(9), webhook_says("rollup_error", made=True), on=on)
        assert await api.hook() == (429, "rate_limited")
        assert await api.hook() == (500, "rollup_error")
        assert len(api.platform.public) == 2
