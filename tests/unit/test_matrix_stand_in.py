"""The stand-in for a Matrix homeserver, asked by plain requests: what it takes, refuses, keeps."""

from __future__ import annotations

import json
from contextlib import asynccontextmanager
from urllib.parse import quote, urlencode

import pytest

from relay.ports import NoAnswer
from relay.reach.http import HttpOut
from relay.testing import recorder as faults
from relay.testing.matrix import failed, limited, matrix

NOW = 1_795_000_000
CLIENT = "/_matrix/client/v3"
V1 = "/_matrix/client/v1"
PNG = b"\x89PNG\r\n\x1a\n" + bytes(40)
OWN = "org.relay.k"


class HandClock:
    def __init__(self):
        self.at = NOW

    def now(self):
        return self.at


class Client:
    """Plain requests to one stand-in."""

    def __init__(self, platform, http, clock):
        self.platform, self.http, self.clock = platform, http, clock
        self.token = platform.token
        self.last = None

    async def ask(self, method, path, body=None, *, type="application/json", **params):
        headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        if body is not None:
            headers["Content-Type"] = type
        content = json.dumps(body).encode() if isinstance(body, dict) else body or b""
        url = f"{self.platform.base}{path}?{urlencode(params, doseq=True)}"
        self.last = await self.http.request(method, url, headers=headers, body=content)
        if self.last.headers.get("content-type") != "application/json":
            return self.last.status, self.last.body
        return self.last.status, json.loads(self.last.body)

    def at(self, *parts, root=CLIENT):
        return "/".join([root, "rooms", quote(self.platform.room, safe=""), *map(quote, parts)])

    async def send(self, content, txn="k1", kind="m.room.message"):
        return await self.ask("PUT", self.at("send", kind, txn), content)

    async def redact(self, id, txn="r1"):
        return await self.ask("PUT", self.at("redact", id, txn), {"reason": "a mistake"})

    async def history(self, **params):
        return await self.ask("GET", self.at("messages"), **({"dir": "b"} | params))

    async def related(self, id, *kind, **params):
        return await self.ask("GET", self.at("relations", id, *kind, root=V1), **params)

    async def login(self, device="RELAY1", **more):
        who = {"type": "m.id.user", "user": self.platform.account}
        body = {"type": "m.login.password", "identifier": who, "password": self.platform.password}
        status, made = await self.ask(
            "POST", f"{CLIENT}/login", body | {"device_id": device} | more
        )
        self.token = made.get("access_token", self.token)
        return status, made

    async def refresh(self, token):
        return await self.ask("POST", f"{CLIENT}/refresh", {"refresh_token": token})


@asynccontextmanager
async def at_home(**more):
    clock = HandClock()
    async with matrix(clock=clock, **more) as platform, HttpOut(None) as http:
        yield platform, Client(platform, http, clock)


def message(body="The lights are out again.", **more):
    return {"msgtype": "m.text", "body": body, **more}


def in_thread(root, last):
    back = {"is_falling_back": True, "m.in_reply_to": {"event_id": last}}
    return {"m.relates_to": {"rel_type": "m.thread", "event_id": root, **back}}


def replaces(id, body):
    relation = {"rel_type": "m.replace", "event_id": id}
    return message(f"* {body}", **{"m.new_content": message(body), "m.relates_to": relation})


# ---------------------------------------------------------------- once


async def test_the_same_transaction_is_one_event_while_it_is_remembered():
    async with at_home() as (platform, client):
        status, first = await client.send(message())
        assert status == 200 and first["event_id"].startswith("$")
        client.clock.at += platform.keys_s - 1
        assert (await client.send(message("other words")))[1] == first
        client.clock.at += 1
        assert (await client.send(message()))[1] != first
        assert len(platform.public) == 2


async def test_a_server_that_forgot_makes_another():
    async with at_home() as (platform, client):
        await client.send(message())
        platform.forget_keys()
        await client.send(message())
        assert len(platform.public) == 2


async def test_a_transaction_is_of_one_device_and_one_path():
    async with at_home() as (platform, client):
        await client.login("A", refresh_token=True)
        _, first = await client.send(message())
        assert (await client.send(message(), kind="org.example.other"))[1] != first
        await client.login("A")
        assert (await client.send(message()))[1] == first, "the same device, another token"
        await client.login("B")
        assert (await client.send(message()))[1] != first
        await client.login("A")
        await client.ask("POST", f"{CLIENT}/logout", {})
        await client.login("A")
        assert (await client.send(message()))[1] != first, "a device that was gone is another one"
        assert len(platform.public) == 3


async def test_what_was_refused_is_not_remembered():
    async with at_home() as (platform, client):
        platform.mute()
        assert (await client.send(message()))[1]["errcode"] == "M_FORBIDDEN"
        platform.restore()
        assert (await client.send(message()))[0] == 200 and len(platform.public) == 1


async def test_a_message_whose_answer_is_lost_is_found():
    async with at_home() as (platform, client):
        platform.script(faults.cut(), on="PUT */send/*")
        with pytest.raises(NoAnswer):
            await client.send(message(**{OWN: "0123456789abcdef"}))
        platform.say("noise", by="neighbour:other.example")
        _, made = await client.history(limit=100)
        [found] = [one for one in made["chunk"] if one["content"].get(OWN) == "0123456789abcdef"]
        assert found["event_id"] == platform.public[0].id
        assert found["unsigned"]["transaction_id"] == "k1"
        assert found["room_id"] == platform.room and found["sender"] == platform.account
        await client.login("B")
        _, made = await client.history(limit=100)
        assert all("transaction_id" not in one["unsigned"] for one in made["chunk"])


# ---------------------------------------------------------------- the schema bites


@pytest.mark.parametrize(
    "content",
    [
        {"body": "x"},
        {"msgtype": "m.text"},
        {"msgtype": "m.poem", "body": "x"},
        message(5),
        message(formatted_body="<b>x</b>"),
        message(format="org.matrix.custom.html"),
        message(format="text/html", formatted_body="x"),
        message(mentions={}),
        message(**{"m.mentions": {"users": []}}),
        message(**{"m.mentions": {"user_ids": ["somebody"]}}),
        message(url="mxc://server.example/x"),
        message(html="<b>x</b>"),
        {"msgtype": "m.image", "body": "x.png"},
        {"msgtype": "m.image", "body": "x.png", "url": "https://example.org/x.png"},
        {"msgtype": "m.image", "body": "x", "url": "mxc://a/b", "info": {"size": "5"}},
        {"msgtype": "m.image", "body": "x", "url": "mxc://a/b", "info": {"alt": "x"}},
        message(**{"m.relates_to": {"rel_type": "m.thread"}}),
        message(**{"m.relates_to": {"rel_type": "m.replace", "event_id": "$x"}}),
        message(**{"m.relates_to": {"rel_type": "org.other", "event_id": "$x"}}),
        message(**{"m.new_content": {}}),
        message(**{"m.relay": "x"}),
    ],
)
async def test_a_message_that_is_not_what_the_specification_says_is_refused(content):
    async with at_home() as (platform, client):
        status, made = await client.send(content)
        assert (status, made["errcode"]) == (400, "M_BAD_JSON"), made
        assert platform.public == []


@pytest.mark.parametrize(
    "content",
    [
        message(""),
        {"msgtype": "m.notice", "body": "x"},
        message(format="org.matrix.custom.html", formatted_body="<b>x</b>"),
        message(**{"m.mentions": {}}),
        message(**{"m.mentions": {"user_ids": ["@a:b.example"], "room": True}}),
        message(**{OWN: "x", "com.example.thing": {"any": ["thing"]}}),
    ],
)
async def test_a_message_that_is_what_it_says_is_taken(content):
    async with at_home() as (platform, client):
        assert (await client.send(content))[0] == 200
        assert platform.public[0].content == content


async def test_an_event_has_64_kib_with_all_that_servers_add():
    async with at_home() as (platform, client):
        status, made = await client.send(message("x" * 65_000))
        assert (status, made["errcode"]) == (413, "M_TOO_LARGE")
        assert (await client.send(message("س" * 24_000)))[0] == 200
        assert len(platform.public) == 1


async def test_a_body_that_is_no_canonical_json_is_refused():
    async with at_home() as (_, client):
        for body, type, errcode in [
            (b"{", "application/json", "M_NOT_JSON"),
            (b"[]", "application/json", "M_BAD_JSON"),
            (b'{"msgtype": "m.text", "body": "x", "a.b": 1.5}', "application/json", "M_BAD_JSON"),
            (b'{"msgtype": "m.text", "body": "x"}', "text/plain", "M_NOT_JSON"),
            (b" " * 200_001, "application/json", "M_TOO_LARGE"),
        ]:
            path = client.at("send", "m.room.message", "k")
            assert (await client.ask("PUT", path, body, type=type))[1]["errcode"] == errcode


async def test_what_is_not_there_is_unrecognized():
    async with at_home() as (_, client):
        status, made = await client.ask("GET", f"{CLIENT}/nothing")
        assert (status, made["errcode"]) == (404, "M_UNRECOGNIZED")
        status, made = await client.ask("POST", client.at("messages"), {})
        assert (status, made["errcode"]) == (405, "M_UNRECOGNIZED")
        assert (await client.ask("GET", client.at("messages")))[1]["errcode"] == "M_MISSING_PARAM"
        assert (await client.history(limit="many"))[1]["errcode"] == "M_INVALID_PARAM"
        assert (await client.history(since="t1"))[1]["errcode"] == "M_INVALID_PARAM"


# ---------------------------------------------------------------- relations


async def test_a_thread_hangs_from_its_root():
    async with at_home() as (platform, client):
        _, one = await client.send(message("one"), "1")
        root = one["event_id"]
        _, two = await client.send(message("two", **in_thread(root, root)), "2")
        await client.send(message("three", **in_thread(root, two["event_id"])), "3")
        assert [post.parent for post in platform.public] == [None, root, two["event_id"]]
        assert [post.root for post in platform.public] == [None, root, root]
        answer = platform.reply(platform.public[2], "We are here.", by="neighbour:other.example")
        _, made = await client.related(root, "m.thread")
        assert [one["content"]["body"] for one in made["chunk"]] == ["We are here.", "three", "two"]
        _, made = await client.ask("GET", client.at("event", root))
        assert made["unsigned"]["m.relations"]["m.thread"]["count"] == 3
        assert answer.id not in [post.id for post in platform.public]


async def test_a_thread_cannot_begin_in_a_thread_nor_nowhere():
    async with at_home() as (platform, client):
        root = platform.put("one").id
        _, two = await client.send(message("two", **in_thread(root, root)), "2")
        inner = two["event_id"]
        for content in (in_thread(inner, inner), in_thread("$gone", "$gone")):
            status, made = await client.send(message("x", **content), "3")
            assert (status, made["errcode"]) == (400, "M_UNKNOWN")


async def test_an_edit_is_seen_in_place_of_what_was_there():
    async with at_home() as (platform, client):
        await client.send(message("wrong"), "1")
        id = platform.public[0].id
        for n, text in enumerate(["better", "right"]):
            assert (await client.send(replaces(id, text), f"e{n}"))[0] == 200
        assert platform.texts == ["right"] and platform.public[0].changed
        _, made = await client.ask("GET", client.at("event", id))
        assert made["content"]["body"] == "wrong", "a server does not put the new one there"
        assert made["unsigned"]["m.relations"]["m.replace"]["content"]["body"] == "* right"


async def test_an_edit_of_what_is_not_ones_own_or_an_edit_is_not_seen():
    async with at_home() as (platform, client):
        other = platform.say("hello", by="neighbour:other.example")
        await client.send(replaces(other.id, "hacked"), "1")
        own = platform.put("one")
        _, edit = await client.send(replaces(own.id, "two"), "2")
        await client.send(replaces(edit["event_id"], "three"), "3")
        assert platform.texts == ["two"]
        _, made = await client.ask("GET", client.at("event", other.id))
        assert "m.relations" not in made["unsigned"]


async def test_what_is_redacted_is_seen_no_more():
    async with at_home() as (platform, client):
        await client.send(message())
        id = platform.public[0].id
        _, first = await client.redact(id)
        assert (await client.redact(id))[1] == first and platform.public == []
        _, made = await client.ask("GET", client.at("event", id))
        assert made["content"] == {} and made["unsigned"]["redacted_because"]["redacts"] == id
        assert (await client.redact("$gone", "r2"))[1]["errcode"] == "M_NOT_FOUND"
        other = platform.say("hello", by="neighbour:other.example")
        assert (await client.redact(other.id, "r3"))[1]["errcode"] == "M_FORBIDDEN"


# ---------------------------------------------------------------- listings


async def test_history_comes_in_pages_either_way():
    async with at_home() as (platform, client):
        for n in range(5):
            platform.put(str(n))
        for way, wanted in [("b", ["4", "3", "2", "1", "0"]), ("f", ["0", "1", "2", "3", "4"])]:
            told, after = [], {}
            while True:
                _, made = await client.history(dir=way, limit=2, **after)
                told += [one["content"]["body"] for one in made["chunk"]]
                if "end" not in made:
                    break
                after = {"from": made["end"]}
            assert told == wanted
        _, made = await client.history()
        assert len(made["chunk"]) == 5 and "end" not in made


async def test_a_listing_is_filtered_as_it_is_asked():
    async with at_home() as (platform, client):
        platform.put("own")
        platform.say("hello", by="neighbour:other.example")
        chosen = json.dumps({"types": ["m.room.*"], "not_senders": [platform.account]})
        _, made = await client.history(filter=chosen)
        assert [one["content"]["body"] for one in made["chunk"]] == ["hello"]
        assert (await client.history(filter='{"kinds": []}'))[0] == 400


async def test_a_listing_that_lags_does_not_show_what_is_there():
    async with at_home() as (platform, client):
        platform.lists_late_s = 30
        await client.send(message())
        client.clock.at += 29
        assert (await client.history())[1]["chunk"] == []
        assert (await client.ask("GET", client.at("event", platform.public[0].id)))[0] == 200
        client.clock.at += 1
        assert len((await client.history())[1]["chunk"]) == 1


async def test_sync_tells_what_is_new():
    async with at_home() as (platform, client):
        platform.put("before")
        _, made = await client.ask("GET", f"{CLIENT}/sync")
        since = made["next_batch"]
        _, made = await client.ask("GET", f"{CLIENT}/sync", since=since)
        assert made == {"next_batch": since}
        platform.reply(platform.public[0], "We are here.", by="neighbour:other.example")
        chosen = json.dumps({"room": {"timeline": {"not_senders": [platform.account]}}})
        _, made = await client.ask("GET", f"{CLIENT}/sync", since=since, filter=chosen, timeout=0)
        timeline = made["rooms"]["join"][platform.room]["timeline"]
        assert [one["content"]["body"] for one in timeline["events"]] == ["We are here."]
        assert not timeline["limited"] and timeline["events"][0]["sender"].startswith("@neighbour")


async def test_relations_come_in_pages_too():
    async with at_home() as (platform, client):
        root = platform.put("root")
        for n in range(5):
            platform.reply(root, str(n), by="neighbour:other.example")
            platform.put("between")
        told, after = [], {}
        while True:
            _, made = await client.related(root.id, "m.thread", "m.room.message", limit=2, **after)
            told += [one["content"]["body"] for one in made["chunk"]]
            if "next_batch" not in made:
                break
            after = {"from": made["next_batch"]}
        assert told == ["4", "3", "2", "1", "0"]
        assert (await client.related(root.id, "m.replace"))[1] == {"chunk": []}
        assert (await client.related("$gone"))[0] == 404


# ---------------------------------------------------------------- media


async def test_a_file_is_seen_with_its_caption():
    async with at_home() as (platform, client):
        path = "/_matrix/media/v3/upload"
        status, made = await client.ask("POST", path, PNG, type="image/png", filename="a.png")
        uri = made["content_uri"]
        assert status == 200 and uri.startswith("mxc://")
        image = {"msgtype": "m.image", "url": uri, "filename": "a.png"}
        info = {"mimetype": "image/png", "size": len(PNG), "w": 1, "h": 1}
        await client.send({**image, "body": "a street", "info": info}, "1")
        await client.send({**image, "body": "a.png"}, "2")
        await client.send({**image, "body": "lost", "url": "mxc://server.example/lost"}, "3")
        [medium] = platform.public[0].media
        assert (medium.type, medium.content, medium.alt) == ("image/png", PNG, "a street")
        assert platform.texts == ["a street", "", "lost"] and not platform.public[2].media
        where = uri.removeprefix("mxc://")
        assert (await client.ask("GET", f"{V1}/media/download/{where}"))[1] == PNG


async def test_a_file_that_is_too_large_is_refused():
    async with at_home() as (platform, client):
        _, made = await client.ask("GET", f"{V1}/media/config")
        assert made["m.upload.size"] == platform.media.most_bytes
        platform.media.most_bytes = 10
        status, made = await client.ask("POST", "/_matrix/media/v3/upload", PNG, type="image/png")
        assert (status, made["errcode"]) == (413, "M_TOO_LARGE")


async def test_an_address_that_was_promised_is_filled_once_and_in_time():
    async with at_home() as (_, client):
        _, made = await client.ask("POST", "/_matrix/media/v1/create", {})
        path = "/_matrix/media/v3/upload/" + made["content_uri"].removeprefix("mxc://")
        assert made["unused_expires_at"] == (NOW + 86_400) * 1000
        assert (await client.ask("PUT", path, PNG, type="image/png")) == (200, {})
        status, made = await client.ask("PUT", path, PNG, type="image/png")
        assert (status, made["errcode"]) == (409, "M_CANNOT_OVERWRITE_MEDIA")
        _, made = await client.ask("POST", "/_matrix/media/v1/create")
        client.clock.at += 86_400
        path = "/_matrix/media/v3/upload/" + made["content_uri"].removeprefix("mxc://")
        assert (await client.ask("PUT", path, PNG))[1]["errcode"] == "M_NOT_FOUND"


# ---------------------------------------------------------------- tokens and the account


async def test_a_token_that_ran_out_is_refreshed():
    async with at_home() as (platform, client):
        _, first = await client.login(refresh_token=True)
        assert first["expires_in_ms"] == 300_000
        client.clock.at += 300
        status, made = await client.send(message())
        assert (status, made["errcode"], made["soft_logout"]) == (401, "M_UNKNOWN_TOKEN", True)
        _, lost = await client.refresh(first["refresh_token"])
        _, second = await client.refresh(first["refresh_token"])
        assert second["refresh_token"] != lost["refresh_token"], "an answer may be lost"
        client.token = second["access_token"]
        assert (await client.send(message()))[0] == 200
        status, made = await client.refresh(first["refresh_token"])
        assert (status, made["errcode"]) == (401, "M_UNKNOWN_TOKEN"), "once the new one is used"
        assert len(platform.public) == 1


async def test_a_login_with_the_same_device_ends_its_tokens():
    async with at_home() as (platform, client):
        _, first = await client.login("A", refresh_token=True)
        platform.expire()
        assert (await client.send(message()))[1]["soft_logout"] is True
        status, made = await client.login("A")
        assert status == 200 and "expires_in_ms" not in made and made["device_id"] == "A"
        assert (await client.send(message()))[0] == 200
        assert (await client.refresh(first["refresh_token"]))[0] == 401
        platform.revoke()
        assert (await client.send(message(), "k2"))[1]["soft_logout"] is False


async def test_a_login_is_as_the_specification_says():
    async with at_home() as (platform, client):
        assert (await client.login(device_display_name="x"))[1]["errcode"] == "M_BAD_JSON"
        assert (await client.login(type="m.login.token"))[1]["errcode"] == "M_UNKNOWN"
        assert (await client.login(password="wrong"))[1]["errcode"] == "M_FORBIDDEN"
        client.token = ""
        assert (await client.send(message()))[1]["errcode"] == "M_MISSING_TOKEN"
        client.token = "wrong"
        assert (await client.send(message()))[1]["errcode"] == "M_UNKNOWN_TOKEN"
        await client.login("A")
        _, who = await client.ask("GET", f"{CLIENT}/account/whoami")
        assert who == {"user_id": platform.account, "device_id": "A", "is_guest": False}


async def test_a_login_too_many_says_how_long():
    async with at_home() as (_, client):
        for _ in range(5):
            assert (await client.login())[0] == 200
        client.clock.at += 100
        status, made = await client.login()
        assert (status, made["retry_after_ms"]) == (429, 200_000)
        client.clock.at += 200
        assert (await client.login())[0] == 200


@pytest.mark.parametrize(
    ("happens", "status", "errcode"),
    [
        ("lock", 401, "M_USER_LOCKED"),
        ("suspend", 403, "M_USER_SUSPENDED"),
        ("deactivate", 401, "M_UNKNOWN_TOKEN"),
        ("mute", 403, "M_FORBIDDEN"),
        ("kick", 403, "M_FORBIDDEN"),
        ("broke", 403, "M_RESOURCE_LIMIT_EXCEEDED"),
    ],
)
async def test_what_is_the_matter_with_the_account_is_told_apart(happens, status, errcode):
    async with at_home() as (platform, client):
        own = platform.put("before")
        getattr(platform, happens)()
        made = await client.send(message())
        assert (made[0], made[1]["errcode"]) == (status, errcode)
        assert platform.texts == ["before"]
        if happens == "lock":
            assert (await client.login())[1]["errcode"] == "M_USER_LOCKED"
        if happens == "deactivate":
            assert (await client.login())[1]["errcode"] == "M_USER_DEACTIVATED"
        if happens == "suspend":
            assert (await client.redact(own.id))[0] == 200


async def test_who_is_outside_may_join_again():
    async with at_home() as (platform, client):
        platform.kick()
        assert (await client.history())[0] == 403
        assert (await client.ask("GET", f"{CLIENT}/joined_rooms"))[1] == {"joined_rooms": []}
        _, made = await client.ask("GET", f"{CLIENT}/directory/room/{quote(platform.alias)}")
        assert made["room_id"] == platform.room
        assert (await client.ask("POST", f"{CLIENT}/join/{quote(platform.alias)}", {}))[0] == 200
        assert (await client.send(message()))[0] == 200


async def test_a_room_says_whether_it_is_encrypted():
    async with at_home() as (platform, client):
        path = client.at("state", "m.room.encryption")
        assert (await client.ask("GET", path))[1]["errcode"] == "M_NOT_FOUND"
        platform.encrypted = True
        assert (await client.ask("GET", path))[1]["algorithm"]
        assert (await client.ask("GET", client.at("state", "m.room.power_levels", "")))[0] == 200


async def test_anybody_may_ask_what_server_it_is():
    async with at_home() as (platform, client):
        client.token = ""
        _, made = await client.ask("GET", "/.well-known/matrix/client")
        assert made["m.homeserver"]["base_url"] == platform.base
        assert "v1.7" in (await client.ask("GET", "/_matrix/client/versions"))[1]["versions"]
        assert (await client.ask("GET", f"{CLIENT}/login"))[1]["flows"]


# ---------------------------------------------------------------- limits and faults


@pytest.mark.parametrize(
    ("says", "header", "body"),
    [("both", "60", 60_000), ("header", "60", None), ("body", None, 60_000), ("none", None, None)],
)
async def test_a_call_too_many_says_how_long_as_servers_do(says, header, body):
    async with at_home(requests_allowed=1) as (platform, client):
        platform.says_wait = says
        assert (await client.send(message()))[0] == 200
        status, made = await client.send(message("more"), "k2")
        assert (status, made["errcode"]) == (429, "M_LIMIT_EXCEEDED")
        assert made.get("retry_after_ms") == body
        assert client.last.headers.get("retry-after") == header
        client.clock.at += 60
        assert (await client.send(message("more"), "k2"))[0] == 200
        platform.requests_allowed = 0
        assert (await client.send(message("more"), "k3"))[0] == 429


@pytest.mark.parametrize(
    ("fault", "status", "posts"),
    [
        (limited(90), 429, 0),
        (failed(500, "M_UNKNOWN"), 500, 0),
        (faults.error(502, made=True), 502, 1),
        (faults.maintenance("60"), 503, 0),
    ],
)
async def test_a_fault_is_answered_and_acted_on_as_it_says(fault, status, posts):
    async with at_home() as (platform, client):
        platform.script(fault, on="PUT */send/*")
        assert (await client.send(message()))[0] == status
        assert len(platform.public) == posts
        assert (await client.send(message()))[0] == 200 and len(platform.public) == 1
