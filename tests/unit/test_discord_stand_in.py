"""The stand-in for Discord does what a webhook and a bot meet there, also when they fail."""

from __future__ import annotations

import json
from contextlib import asynccontextmanager

import pytest
from upload_parts import JPEG, MP4, START, HandClock, multipart

from relay.ports import NoAnswer
from relay.reach.http import HttpOut
from relay.testing import recorder as faults
from relay.testing.discord import banned, discord, limited, snowflake
from relay.testing.fediverse.forms import File

TEXT = "The lights are out again."


class Api:
    """Calls, as a bridge makes them."""

    def __init__(self, platform, http, clock):
        self.platform, self.http, self.clock = platform, http, clock

    async def ask(self, method, url, body=None, headers=None, files=None):
        headers = dict(headers or {})
        if files is not None:
            content, kind = multipart(files, {"payload_json": body or {}})
        else:
            content = b"" if body is None else json.dumps(body).encode()
            kind = "application/json"
        headers.setdefault("Content-Type", kind)
        answer = await self.http.request(method, url, headers=headers, body=content)
        return answer, json.loads(answer.body) if answer.body else None

    async def hook(self, method, path="", body=None, files=None):
        return await self.ask(method, self.platform.webhook_url + path, body, files=files)

    async def bot(self, method, path="/messages", body=None, files=None, token=None):
        url = f"{self.platform.base}/api/v10/channels/{self.platform.channel}{path}"
        auth = {"Authorization": f"Bot {token or self.platform.token}"}
        return await self.ask(method, url, body, auth, files)

    async def execute(self, **body):
        answer, said = await self.hook("POST", "?wait=true", {"content": TEXT} | body)
        assert answer.status == 200, said
        return said

    async def send(self, **body):
        answer, said = await self.bot("POST", body={"content": TEXT} | body)
        assert answer.status == 200, said
        return said

    async def both_refuse(self, body, status, code, files=None):
        """Neither way takes it; what the errors say."""
        errors = []
        for answer, said in (
            await self.hook("POST", "?wait=true", body, files),
            await self.bot("POST", "/messages", body, files),
        ):
            assert (answer.status, said["code"]) == (status, code), said
            errors.append(said.get("errors"))
        assert not self.platform.public
        return errors[0]


@asynccontextmanager
async def before(**settings):
    clock = HandClock()
    async with discord(clock=clock, **settings) as platform, HttpOut(None) as http:
        yield Api(platform, http, clock)


# ---------------------------------------------------------------- the webhook


async def test_a_webhook_that_waits_is_given_its_message():
    async with before() as api:
        made = await api.execute(username="Watch", allowed_mentions={"parse": []}, flags=4)
        assert made["content"] == TEXT and made["channel_id"] == api.platform.channel
        assert made["author"]["username"] == "Watch" and made["webhook_id"]
        [one] = api.platform.public
        assert (one.id, one.text, one.flags, one.parent) == (made["id"], TEXT, 4, None)


async def test_a_webhook_that_does_not_wait_is_told_nothing():
    async with before() as api:
        answer, said = await api.hook("POST", "", {"content": TEXT})
        assert (answer.status, said) == (204, None) and api.platform.texts == [TEXT]
        api.platform.moderate("lights")
        answer, _ = await api.hook("POST", "", {"content": TEXT})
        assert answer.status == 204 and len(api.platform.public) == 1


async def test_a_webhook_describes_itself():
    async with before() as api:
        answer, said = await api.hook("GET")
        assert answer.status == 200 and said["url"] == api.platform.webhook_url
        assert (said["channel_id"], said["type"]) == (api.platform.channel, 1)


async def test_the_same_call_twice_makes_two_messages():
    async with before() as api:
        await api.execute()
        await api.execute()
        assert len(api.platform.public) == 2


async def test_a_webhook_reads_changes_and_takes_back_what_it_made():
    async with before() as api:
        made = await api.execute()
        path = f"/messages/{made['id']}"
        assert (await api.hook("GET", path))[1]["content"] == TEXT
        api.clock.at += 60
        _, said = await api.hook("PATCH", path, {"content": "Corrected."})
        assert said["edited_timestamp"] and api.platform.texts == ["Corrected."]
        assert (await api.hook("DELETE", path))[0].status == 204
        for method in ("GET", "DELETE"):
            answer, said = await api.hook(method, path)
            assert (answer.status, said["code"]) == (404, 10008)
        assert not api.platform.public


async def test_a_webhook_has_nothing_to_do_with_messages_of_others():
    async with before() as api:
        other = api.platform.put("By hand.")
        answer, said = await api.hook("PATCH", f"/messages/{other.id}", {"content": "x"})
        assert (answer.status, said["code"]) == (404, 10008)
        own = api.platform.put("Through the webhook.", bot=False)
        assert (await api.hook("GET", f"/messages/{own.id}"))[0].status == 200


async def test_a_webhook_posts_into_a_thread_of_its_channel():
    async with before() as api:
        _, made = await api.hook(
            "POST", f"?wait=true&thread_id={api.platform.thread}", {"content": TEXT}
        )
        assert made["channel_id"] == api.platform.thread
        path = f"/messages/{made['id']}"
        assert (await api.hook("GET", path))[0].status == 404
        assert (await api.hook("GET", f"{path}?thread_id={api.platform.thread}"))[0].status == 200
        answer, said = await api.hook("POST", "?thread_id=12345", {"content": TEXT})
        assert (answer.status, said["code"]) == (404, 10003)


async def test_a_webhook_that_is_gone_is_told_apart_from_a_wrong_token():
    async with before() as api:
        old = api.platform.webhook_url
        api.platform.revoke()
        answer, said = await api.ask("POST", old, {"content": TEXT})
        assert (answer.status, said["code"]) == (401, 50027)
        await api.execute()
        api.platform.remove_webhook()
        answer, said = await api.hook("POST", "", {"content": TEXT})
        assert (answer.status, said["code"]) == (404, 10015)


# ---------------------------------------------------------------- the bot


async def test_a_bot_posts_and_finds_what_it_posted():
    async with before() as api:
        api.platform.put("Older.")
        after = snowflake(START - 120)
        made = await api.send(nonce="abc", enforce_nonce=True)
        assert made["nonce"] == "abc" and made["author"]["id"] == api.platform.account
        api.platform.put("Newer.")
        _, listed = await api.bot("GET", f"/messages?limit=100&after={after}")
        assert [one["content"] for one in listed] == ["Newer.", TEXT, "Older."]
        assert all("nonce" not in one for one in listed)
        api.platform.lists_nonces = True
        _, listed = await api.bot("GET", f"/messages?after={after}")
        assert [one.get("nonce") for one in listed] == [None, "abc", None]


async def test_for_some_minutes_a_nonce_makes_one_message_of_two_calls():
    async with before() as api:
        keyed = {"nonce": "0123456789abcdef01234567", "enforce_nonce": True}
        first = await api.send(**keyed)
        api.clock.at += api.platform.nonces_s - 1
        assert (await api.send(**keyed))["id"] == first["id"]
        api.clock.at += 1
        assert (await api.send(**keyed))["id"] != first["id"]
        api.platform.forget_keys()
        await api.send(**keyed)
        assert len(api.platform.public) == 3


async def test_a_nonce_that_is_not_enforced_is_none():
    async with before() as api:
        for _ in range(2):
            await api.send(nonce="abc")
        assert len(api.platform.public) == 2


async def test_a_nonce_whose_message_was_not_heard_of_gives_it_again():
    async with before() as api:
        keyed = {"nonce": 5, "enforce_nonce": True}
        api.platform.script(faults.cut(), on="POST */messages")
        with pytest.raises(NoAnswer):
            await api.send(**keyed)
        assert (await api.send(**keyed))["id"] == api.platform.public[0].id
        assert len(api.platform.public) == 1


async def test_a_reply_stands_under_its_message():
    async with before() as api:
        first = await api.send()
        second = await api.send(message_reference={"message_id": first["id"]})
        assert second["message_reference"]["message_id"] == first["id"]
        assert api.platform.public[1].parent == first["id"] and second["type"] == 19


async def test_a_reply_to_what_is_gone_is_refused_unless_that_is_allowed():
    async with before() as api:
        gone = {"message_id": "12345"}
        answer, said = await api.bot("POST", body={"content": TEXT, "message_reference": gone})
        assert (answer.status, said["code"]) == (400, 50035)
        assert said["errors"]["message_reference"]["_errors"][0]["message"] == "Unknown message"
        await api.send(message_reference=gone | {"fail_if_not_exists": False})
        assert api.platform.public[0].parent is None


async def test_answers_of_others_are_listed_and_are_not_ours():
    async with before() as api:
        first = await api.send()
        id = api.platform.reply(first["id"], "Here too.", "reader")
        _, listed = await api.bot("GET", f"/messages?after={first['id']}")
        assert [one["id"] for one in listed] == [id]
        assert listed[0]["message_reference"]["message_id"] == first["id"]
        assert "bot" not in listed[0]["author"] and api.platform.texts == [TEXT]
        answer, said = await api.bot("PATCH", f"/messages/{id}", {"content": "x"})
        assert (answer.status, said["code"]) == (403, 50005)
        api.platform.lose("MANAGE_MESSAGES")
        answer, said = await api.bot("DELETE", f"/messages/{id}")
        assert (answer.status, said["code"]) == (403, 50013)


async def test_a_bot_changes_and_takes_back_what_it_made():
    async with before() as api:
        path = f"/messages/{(await api.send())['id']}"
        _, said = await api.bot("PATCH", path, {"content": "Corrected."})
        assert said["content"] == "Corrected." and api.platform.texts == ["Corrected."]
        assert (await api.bot("DELETE", path))[0].status == 204
        answer, said = await api.bot("DELETE", path)
        assert (answer.status, said["code"]) == (404, 10008)


async def test_listings_lag_and_come_in_pages():
    async with before() as api:
        ids = [api.platform.put(f"{n}").id for n in range(5)]
        api.platform.lists_late_s = 30
        assert (await api.bot("GET"))[1] == []
        api.clock.at += 30

        async def page(query):
            return [int(one["content"]) for one in (await api.bot("GET", f"/messages?{query}"))[1]]

        assert await page("limit=2") == [4, 3]
        assert await page(f"limit=2&before={ids[3]}") == [2, 1]
        assert await page(f"limit=2&after={ids[1]}") == [3, 2]
        assert await page(f"limit=3&around={ids[2]}") == [3, 2, 1]


@pytest.mark.parametrize("query", ["limit=0", "limit=101", "limit=x", "before=1&after=2", "new=1"])
async def test_a_listing_that_is_asked_for_wrongly_is_refused(query):
    async with before() as api:
        answer, said = await api.bot("GET", f"/messages?{query}")
        assert (answer.status, said["code"]) == (400, 50035)


async def test_without_the_right_to_history_a_listing_is_empty():
    async with before() as api:
        await api.send()
        api.platform.lose("READ_MESSAGE_HISTORY")
        answer, said = await api.bot("GET")
        assert (answer.status, said) == (200, [])


async def test_a_bot_knows_itself_and_its_channel():
    async with before() as api:
        auth = {"Authorization": f"Bot {api.platform.token}"}
        _, me = await api.ask("GET", f"{api.platform.base}/api/v10/users/@me", headers=auth)
        assert me["id"] == api.platform.account and me["bot"] is True
        _, said = await api.bot("GET", "")
        assert (said["id"], said["guild_id"]) == (api.platform.channel, api.platform.guild)


@pytest.mark.parametrize(
    ("right", "status", "code"),
    [("VIEW_CHANNEL", 403, 50001), ("SEND_MESSAGES", 403, 50013)],
)
async def test_a_bot_without_a_right_posts_nothing(right, status, code):
    async with before() as api:
        api.platform.lose(right)
        answer, said = await api.bot("POST", body={"content": TEXT})
        assert (answer.status, said["code"]) == (status, code) and not api.platform.public


async def test_without_the_right_to_attach_no_file_is_taken():
    async with before() as api:
        api.platform.lose("ATTACH_FILES")
        answer, said = await api.bot("POST", files={"files[0]": JPEG})
        assert (answer.status, said["code"]) == (403, 50013)


async def test_a_token_that_is_none_any_more():
    async with before() as api:
        old = api.platform.token
        api.platform.revoke()
        answer, said = await api.bot("GET", token=old)
        assert (answer.status, said) == (401, {"message": "401: Unauthorized", "code": 0})
        await api.send()
        old = api.platform.token
        api.platform.suspend()
        assert (await api.bot("GET", token=old))[0].status == 401


async def test_a_channel_that_is_gone():
    async with before() as api:
        api.platform.remove_channel()
        answer, said = await api.bot("POST", body={"content": TEXT})
        assert (answer.status, said["code"]) == (404, 10003)
        answer, said = await api.hook("POST", "", {"content": TEXT})
        assert (answer.status, said["code"]) == (404, 10015)


async def test_slow_mode_holds_who_may_not_manage_messages():
    async with before() as api:
        api.platform.slow_down(30)
        await api.send()
        await api.send()
        api.platform.lose("MANAGE_MESSAGES")
        answer, said = await api.bot("POST", body={"content": TEXT})
        assert (answer.status, said["code"], said["retry_after"]) == (429, 20016, 30.0)


# ---------------------------------------------------------------- texts and shapes


@pytest.mark.parametrize("text", ["x" * 2000, "😀" * 2000, f" {'x' * 1998} "])
async def test_2000_code_points_fit(text):
    async with before() as api:
        await api.execute(content=text)
        await api.send(content=text)
        assert api.platform.texts == [text.strip()] * 2


async def test_one_more_does_not_fit():
    async with before() as api:
        errors = await api.both_refuse({"content": "x" * 2001}, 400, 50035)
        assert errors == {
            "content": {
                "_errors": [
                    {"code": "BASE_TYPE_MAX_LENGTH", "message": "Must be 2000 or fewer in length."}
                ]
            }
        }


@pytest.mark.parametrize("body", [{}, {"content": " \n"}, {"content": None}, {"embeds": []}])
async def test_nothing_is_no_message(body):
    async with before() as api:
        await api.both_refuse(body, 400, 50006)


@pytest.mark.parametrize(
    ("more", "where"),
    [
        ({"contents": "x"}, ("contents",)),
        ({"content": 5}, ("content",)),
        ({"tts": "no"}, ("tts",)),
        ({"flags": "4"}, ("flags",)),
        ({"flags": 64}, ("flags",)),
        ({"embeds": [{}] * 11}, ("embeds",)),
        ({"embeds": [{"title": "x" * 257}]}, ("embeds", "0", "title")),
        ({"embeds": [{"url": "example"}]}, ("embeds", "0", "url")),
        ({"allowed_mentions": {"parse": ["all"]}}, ("allowed_mentions", "parse", "0")),
        ({"allowed_mentions": {"parse": [], "user": []}}, ("allowed_mentions", "user")),
        ({"allowed_mentions": {"parse": ["users"], "users": ["1"]}}, ("allowed_mentions",)),
        ({"attachments": [{"filename": "a"}]}, ("attachments", "0", "id")),
        ({"attachments": [{"id": 0, "description": "x" * 1025}]}, ("attachments", "0")),
        ({"attachments": [{"id": 0}]}, ("attachments", "0")),
    ],
)
async def test_what_does_not_fit_the_schema_is_named(more, where):
    async with before() as api:
        errors = await api.both_refuse({"content": TEXT} | more, 400, 50035)
        for step in where:
            errors = errors[step]


@pytest.mark.parametrize(
    "more",
    [
        {"nonce": "x" * 26, "enforce_nonce": True},
        {"nonce": "x", "enforce_nonce": "yes"},
        {"message_reference": {}},
        {"username": "Watch"},
    ],
)
async def test_what_only_a_bot_can_get_wrong(more):
    async with before() as api:
        answer, said = await api.bot("POST", body={"content": TEXT} | more)
        assert (answer.status, said["code"]) == (400, 50035) and not api.platform.public


@pytest.mark.parametrize(
    "more",
    [
        {"username": ""},
        {"username": "x" * 81},
        {"username": "My Discord"},
        {"avatar_url": "picture"},
        {"nonce": "x"},
        {"message_reference": {"message_id": "1"}},
    ],
)
async def test_what_only_a_webhook_can_get_wrong(more):
    async with before() as api:
        answer, said = await api.hook("POST", "", {"content": TEXT} | more)
        assert (answer.status, said["code"]) == (400, 50035) and not api.platform.public


@pytest.mark.parametrize("query", ["?wait=please", "?with=x", "?thread_id=abc"])
async def test_a_webhook_that_is_asked_for_what_there_is_not(query):
    async with before() as api:
        answer, said = await api.hook("POST", query, {"content": TEXT})
        assert (answer.status, said["code"]) == (400, 50035) and not api.platform.public


@pytest.mark.parametrize(
    ("kind", "body", "code"),
    [
        ("text/plain", b'{"content":"x"}', 50035),
        ("application/json", b"{", 50109),
        ("application/json", b"[]", 50035),
        ("multipart/form-data; boundary=edge", b"nothing", 50035),
    ],
)
async def test_a_body_that_is_not_what_it_says(kind, body, code):
    async with before() as api:
        answer = await api.http.request(
            "POST", api.platform.webhook_url, headers={"Content-Type": kind}, body=body
        )
        assert (answer.status, json.loads(answer.body)["code"]) == (400, code)


@pytest.mark.parametrize(
    ("allowed", "pinged"),
    [
        (None, {"everyone", "42", "7"}),
        ({"parse": []}, set()),
        ({}, set()),
        ({"parse": ["everyone"]}, {"everyone"}),
        ({"users": ["42", "43"]}, {"42"}),
        ({"parse": ["roles"]}, {"7"}),
    ],
)
async def test_whom_a_text_notifies(allowed, pinged):
    async with before() as api:
        more = {} if allowed is None else {"allowed_mentions": allowed}
        made = await api.execute(content="@everyone <@42> <@&7>", **more)
        assert api.platform.public[0].pinged == pinged
        assert made["mention_everyone"] is ("everyone" in pinged)


async def test_automatic_moderation_says_so():
    async with before() as api:
        api.platform.moderate("LIGHTS")
        await api.both_refuse({"content": TEXT}, 400, 200000)


# ---------------------------------------------------------------- files


async def test_files_come_with_their_descriptions():
    async with before() as api:
        said_of = [{"id": 0, "description": "A street."}, {"id": "1", "filename": "film.mp4"}]
        body = {"content": TEXT, "attachments": said_of}
        files = {"files[0]": JPEG, "files[1]": MP4}
        for answer, said in (
            await api.hook("POST", "?wait=true", body, files),
            await api.bot("POST", "/messages", body, files),
        ):
            assert answer.status == 200
            first, second = said["attachments"]
            assert (first["description"], first["size"]) == ("A street.", len(JPEG.content))
            assert (second["filename"], second["content_type"]) == ("film.mp4", MP4.type)
        media = api.platform.public[0].media
        assert [(one.alt, one.content) for one in media] == [
            ("A street.", JPEG.content),
            ("", MP4.content),
        ]


async def test_a_file_alone_is_a_message():
    async with before() as api:
        answer, _ = await api.hook("POST", "", {}, {"files[0]": JPEG})
        assert answer.status == 204 and api.platform.public[0].media[0].name == "a.jpg"


async def test_a_change_keeps_the_files_that_it_names():
    async with before() as api:
        _, made = await api.hook("POST", "?wait=true", {}, {"files[0]": JPEG, "files[1]": MP4})
        keep = made["attachments"][1]["id"]
        path = f"/messages/{made['id']}"
        await api.hook("PATCH", path, {"content": "One is left.", "attachments": [{"id": keep}]})
        [one] = api.platform.public
        assert [each.id for each in one.media] == [keep]


@pytest.mark.parametrize(
    ("files", "status", "code"),
    [
        ({"files[0]": File("a", "image/jpeg", bytes(10 * 1024 * 1024 + 1))}, 413, 40005),
        ({f"files[{n}]": JPEG for n in range(11)}, 400, 30015),
        ({"file": JPEG}, 400, 50035),
    ],
)
async def test_files_that_are_too_much_are_refused(files, status, code):
    async with before() as api:
        await api.both_refuse({"content": TEXT}, status, code, files)


# ---------------------------------------------------------------- too often, and worse


async def test_every_answer_says_what_is_left():
    async with before(requests_allowed=2) as api:
        for left in ("1", "0"):
            answer, _ = await api.hook("GET")
            assert answer.headers["x-ratelimit-remaining"] == left
            assert answer.headers["x-ratelimit-limit"] == "2"
            assert float(answer.headers["x-ratelimit-reset"]) == START + 5
            assert float(answer.headers["x-ratelimit-reset-after"]) == 5
            assert answer.headers["x-ratelimit-bucket"]
        answer, said = await api.hook("POST", "", {"content": TEXT})
        assert answer.status == 429 and not api.platform.public
        assert answer.headers["retry-after"] == "5"
        assert answer.headers["x-ratelimit-scope"] == "user"
        assert said == {
            "message": "You are being rate limited.",
            "retry_after": 5.0,
            "global": False,
        }
        api.clock.at += 5
        await api.execute()


async def test_an_address_that_goes_on_badly_is_banned():
    async with before() as api:
        api.platform.invalid_allowed = 2
        for _ in range(2):
            assert (await api.bot("GET", token="nonsense"))[0].status == 401
        answer = await api.http.request("GET", api.platform.webhook_url)
        assert answer.status == 429 and answer.headers["content-type"].startswith("text/html")
        api.clock.at += 600
        await api.execute()


async def test_faults_come_as_scripted():
    async with before() as api:
        on = "POST */webhooks/*"
        api.platform.script(limited(0.4, everywhere=True), banned(7), faults.cut(), on=on)
        answer, said = await api.hook("POST", "", {"content": TEXT})
        assert (answer.status, said["retry_after"], said["global"]) == (429, 0.4, True)
        assert (answer.headers["retry-after"], answer.headers["x-ratelimit-scope"]) == (
            "1",
            "global",
        )
        answer = await api.http.request("POST", api.platform.webhook_url)
        assert (answer.status, answer.headers["retry-after"]) == (429, "7")
        with pytest.raises(NoAnswer):
            await api.execute()
        assert len(api.platform.public) == 1


async def test_what_is_nowhere_is_told_apart_from_what_cannot_be_done():
    async with before() as api:
        answer, said = await api.ask("GET", f"{api.platform.base}/api/v10/coffee")
        assert (answer.status, said["code"]) == (404, 0)
        assert (await api.bot("PUT"))[0].status == 405
