"""Chats and film platforms that answer with anything: no bridge raises, none says posted for it."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from chat_bridge_parts import NOW, PNG, Hands, Kept, attempt, post_of, secret_file

from bridges.discord import Discord
from bridges.peertube import PeerTube
from bridges.slack import Slack
from bridges.telegram import Telegram
from bridges.youtube import YouTube
from relay.model import (
    Absent,
    Found,
    Health,
    Later,
    Media,
    Posted,
    Refused,
    Removed,
    Replied,
    Stopped,
    Unknown,
    Unsure,
)
from relay.ports import Answer

FILM = Media("video/mp4", b"film", "a street")
UUID = "9c9de5e8-0a1e-484a-b099-e80766180a6d"
WHEN = "2026-11-18T11:06:40.000Z"
JSON = {"content-type": "application/json", "date": "Wed, 18 Nov 2026 11:06:40 GMT"}

DEEP: object = "x"
for _ in range(400):
    DEEP = [DEEP]

ODD = [
    None,
    True,
    -1,
    10**400,
    float("inf"),
    "",
    "\ud800\x00",
    "x" * 3000,
    [[]],
    [None, 3, "x", {}],
    {"id": []},
    DEEP,
]

TELEGRAM = {
    "getMe": {"id": 5},
    "getChat": {"id": -1001234, "type": "channel", "username": "news"},
    "getChatMember": {"status": "administrator", "can_post_messages": True},
    "sendMessage": {"message_id": 7, "chat": {"id": -1001234, "username": "news"}},
    "sendPhoto": {"message_id": 7, "chat": {"id": -1001234, "username": "news"}},
    "editMessageText": {"message_id": 7, "chat": {"id": -1001234, "username": "news"}},
    "deleteMessage": True,
    "forwardMessage": {
        "message_id": 9,
        "text": "hello",
        "forward_origin": {"date": NOW, "chat": {"id": -1001234, "username": "news"}},
    },
    "getUpdates": [
        {
            "update_id": 3,
            "message": {
                "message_id": 4,
                "date": NOW,
                "text": "an answer",
                "message_thread_id": 2,
                "reply_to_message": {
                    "message_id": 2,
                    "is_automatic_forward": True,
                    "forward_origin": {"message_id": 7, "chat": {"id": -1001234}},
                },
            },
        }
    ],
}
DISCORD = {
    "GET /api/v10/webhooks/12/tok": {"id": "12", "guild_id": "3"},
    "POST /api/v10/webhooks/12/tok": {"id": "77", "channel_id": "4"},
    "PATCH /api/v10/webhooks/12/tok/messages/77": {"id": "77", "channel_id": "4"},
    "DELETE /api/v10/webhooks/12/tok/messages/77": {},
}
TS = f"{NOW}.000100"
SLACK = {
    "/api/auth.test": {
        "ok": True,
        "url": "https://a.slack.com/",
        "team_id": "T1",
        "bot_id": "B1",
    },
    "/api/conversations.history": {
        "ok": True,
        "messages": [
            {
                "ts": TS,
                "text": "hello",
                "bot_id": "B1",
                "latest_reply": f"{NOW + 9}.000000",
                "metadata": {"event_type": "relay_post", "event_payload": {"k": "x"}},
            }
        ],
        "has_more": False,
        "response_metadata": {"next_cursor": ""},
    },
    "/api/conversations.replies": {
        "ok": True,
        "messages": [{"ts": f"{NOW + 9}.000000", "text": "an answer", "user": "U"}],
        "response_metadata": {"next_cursor": ""},
    },
    "/api/chat.postMessage": {"ok": True, "ts": TS, "channel": "C1AB"},
    "/api/chat.update": {"ok": True, "ts": TS},
    "/api/chat.delete": {"ok": True},
    "/api/files.getUploadURLExternal": {
        "ok": True,
        "upload_url": "https://files.slack.com/u",
        "file_id": "F1",
    },
    "/u": {},
    "/api/files.completeUploadExternal": {"ok": True},
    "/api/files.info": {"ok": True, "file": {"id": "F1", "mimetype": "image/png"}},
}
YOUTUBE = {
    "POST /token": {"access_token": "a1", "expires_in": 3599},
    "GET /youtube/v3/channels": {
        "items": [
            {"id": "UC1", "contentDetails": {"relatedPlaylists": {"uploads": "UU1"}}},
        ]
    },
    "GET /youtube/v3/playlistItems": {
        "items": [{"snippet": {"publishedAt": WHEN}, "contentDetails": {"videoId": "v2"}}],
        "nextPageToken": "",
    },
    "GET /youtube/v3/videos": {
        "items": [
            {
                "id": "v1",
                "snippet": {"tags": ["x"], "categoryId": "25"},
                "status": {"uploadStatus": "processed", "privacyStatus": "private"},
            }
        ]
    },
    "PUT /youtube/v3/videos": {"id": "v1", "status": {"privacyStatus": "public"}},
    "DELETE /youtube/v3/videos": {},
    "POST /upload/youtube/v3/videos": {},
    "PUT /upload/youtube/v3/videos": {"id": "v1"},
    "GET /youtube/v3/commentThreads": {
        "items": [
            {
                "snippet": {
                    "videoId": "v1",
                    "topLevelComment": {
                        "id": "c1",
                        "snippet": {
                            "textDisplay": "an answer",
                            "publishedAt": WHEN,
                            "authorChannelId": {"value": "UC2"},
                        },
                    },
                },
                "replies": {"comments": []},
            }
        ],
        "nextPageToken": "",
    },
}
PEERTUBE = {
    "GET /api/v1/oauth-clients/local": {"client_id": "c", "client_secret": "s"},
    "POST /api/v1/users/token": {"access_token": "a", "refresh_token": "r"},
    "GET /api/v1/users/me": {
        "id": 4,
        "account": {"id": 5},
        "videoQuotaDaily": 5,
        "videoChannels": [{"id": 8, "name": "first"}],
    },
    "GET /api/v1/users/me/video-quota-used": {"videoQuotaUsedDaily": 3},
    "GET /api/v1/users/me/videos": {
        "data": [
            {"uuid": UUID, "name": "hello", "privacy": {"id": 1}, "createdAt": WHEN},
        ]
    },
    "GET /api/v1/users/me/videos/comments": {
        "data": [
            {
                "id": 3,
                "text": "<p>an answer</p>",
                "video": {"uuid": UUID},
                "account": {"id": 6},
                "createdAt": WHEN,
                "heldForReview": False,
            }
        ]
    },
    "POST /api/v1/videos/upload-resumable": {},
    "PUT /api/v1/videos/upload-resumable": {"video": {"uuid": UUID}},
    f"GET /api/v1/videos/{UUID}": {"uuid": UUID, "privacy": {"id": 1}},
    f"GET /api/v1/videos/{UUID}/source": {"inputFilename": "other.mp4"},
    f"PUT /api/v1/videos/{UUID}": {},
    f"DELETE /api/v1/videos/{UUID}": {},
}


class Odd:
    """Answers well, but for one request, whose body is another one."""

    def __init__(self, well: dict[str, object], name, wrap=lambda value: value) -> None:
        self.well = well
        self.name = name
        self.wrap = wrap
        self.odd: tuple[str, object, int] | None = None

    async def request(self, method, url, *, headers=None, body=b"", timeout_s=60.0):
        name = self.name(method, url)
        if self.odd is not None and self.odd[0] == name:
            return Answer(self.odd[2], self._headers(name), json.dumps(self.odd[1]).encode())
        if name not in self.well:
            return Answer(404, JSON, b"{}")
        empty = self.well[name] == {} and method in ("PUT", "DELETE")
        status = 204 if empty else 200
        return Answer(status, self._headers(name), json.dumps(self.wrap(self.well[name])).encode())

    def _headers(self, name):
        at = "/upload/youtube/v3/videos?upload_id=u"
        at = at if "youtube" in name else "/api/v1/videos/upload-resumable?upload_id=u"
        return {**JSON, "location": at}


def paths(value: object, here: tuple = ()) -> Iterator[tuple]:
    yield here
    if isinstance(value, dict):
        for name, one in value.items():
            yield from paths(one, (*here, name))
    elif isinstance(value, list):
        for number, one in enumerate(value):
            yield from paths(one, (*here, number))


def put(value: object, path: tuple, odd: object) -> object:
    if not path:
        return odd
    made = copy.copy(value)
    made[path[0]] = put(value[path[0]], path[1:], odd)
    return made


def errors() -> Iterator[tuple[object, int]]:
    for status in (200, 400, 401, 403, 404, 429, 500):
        for odd in (True, 10**400, 1e308, "\ud800\x00", [[]], {"id": []}):
            names = ("error", "code", "type", "description", "retry_after", "parameters")
            yield {"ok": False, **dict.fromkeys(names, odd)}, status
            inside = {"retry_after": odd, "migrate_to_chat_id": odd}
            yield {"ok": False, "parameters": inside}, status
            yield {"error": {"status": odd, "errors": odd, "details": [odd]}}, status


async def everything(bridge, ref, media, kept, cursor) -> None:
    """Call all there is; what comes back is of the right kind."""
    assert isinstance(await bridge.check(), Health)
    [part] = await bridge.prepare(post_of(media=media))
    ends = Posted | Later | Refused | Stopped | Unsure
    assert isinstance(await bridge.send(attempt(part), Kept()), ends)
    assert isinstance(await bridge.send(attempt(part, kept=kept), Kept()), ends)
    for held in (b"", kept):
        found = await bridge.find(attempt(part, kept=held))
        assert isinstance(found, Found | Absent | Unknown)
    if hasattr(bridge, "remove"):
        assert isinstance(await bridge.remove(ref), Removed | Later | Refused | Stopped)
        edited = await bridge.edit(ref, post_of())
        assert isinstance(edited, Posted | Later | Refused | Stopped)
    if hasattr(bridge, "replies"):
        assert isinstance(await bridge.replies(cursor), Replied | Later | Stopped)


def telegram(tmp_path):
    http = Odd(
        TELEGRAM,
        lambda _, url: url.rpartition("/")[2],
        lambda value: {"ok": True, "result": value},
    )
    file = secret_file(tmp_path, "1:hidden")
    made = Telegram.Settings(token_file=file, chat="@news", audit="-5", replies=True)
    bridge = Telegram(made, http, Hands())
    bridge._numbers._store = _nothing  # the disk is not what is tried here
    return bridge, http, "7", (), b'{"last": 6}', b""


async def _nothing() -> None: ...


def discord(tmp_path):
    http = Odd(DISCORD, lambda how, url: f"{how} {urlsplit(url).path}")
    file = secret_file(tmp_path, "https://discord.com/api/webhooks/12/tok")
    bridge = Discord(Discord.Settings(webhook_file=file), http, Hands())
    return bridge, http, "77", (), b"", b""


def slack(tmp_path):
    http = Odd(SLACK, lambda _, url: urlsplit(url).path)
    file = secret_file(tmp_path, "xoxb-hidden")
    bridge = Slack(Slack.Settings(token_file=file, channel="C1AB"), http, Hands())
    return bridge, http, TS, (PNG,), b'["F1"]', f"{NOW}.000000".encode()


def youtube(tmp_path):
    http = Odd(YOUTUBE, lambda how, url: f"{how} {urlsplit(url).path}")
    held = '{"client_id": "c", "client_secret": "s", "refresh_token": "r"}'
    made = YouTube.Settings(
        token_file=secret_file(tmp_path, held), token_url="https://oauth2.googleapis.com/token"
    )
    kept = b'{"upload": "", "film": "v1", "since": %d}' % NOW
    return YouTube(made, http, Hands()), http, "v1", (FILM,), kept, b"[1, []]"


def peertube(tmp_path):
    http = Odd(PEERTUBE, lambda how, url: f"{how} {urlsplit(url).path}")
    made = PeerTube.Settings(
        server="https://tube.example", user="us", password_file=secret_file(tmp_path, "hidden")
    )
    bridge = PeerTube(made, http, Hands())
    bridge._access._session.store = _stores
    kept = b'{"upload": "", "film": "%s", "since": %d}' % (UUID.encode(), NOW)
    return bridge, http, UUID, (FILM,), kept, b"[1, []]"


async def _stores(held) -> None: ...


BRIDGES = [telegram, discord, slack, youtube, peertube]


@pytest.mark.parametrize("made", BRIDGES, ids=lambda one: one.__name__)
async def test_a_platform_that_answers_well_is_posted_to(tmp_path, made):
    bridge, _, _, media, _, _ = made(tmp_path)
    assert (await bridge.check()).trouble == ""
    [part] = await bridge.prepare(post_of(media=media))
    assert isinstance(await bridge.send(attempt(part), Kept()), Posted)


@pytest.mark.parametrize("made", BRIDGES, ids=lambda one: one.__name__)
async def test_no_field_of_an_answer_makes_a_bridge_fail(tmp_path, made):
    bridge, http, ref, media, kept, cursor = made(tmp_path)
    for name, well in http.well.items():
        for path in paths(well):
            for odd in ODD:
                http.odd = (name, http.wrap(put(well, path, odd)), 200)
                await everything(bridge, ref, media, kept, cursor)


@pytest.mark.parametrize("made", BRIDGES, ids=lambda one: one.__name__)
async def test_no_error_makes_a_bridge_fail(tmp_path, made):
    bridge, http, ref, media, kept, cursor = made(tmp_path)
    for name in http.well:
        for odd, status in errors():
            http.odd = (name, odd, status)
            await everything(bridge, ref, media, kept, cursor)
