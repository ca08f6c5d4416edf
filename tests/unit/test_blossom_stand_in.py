"""The stand-in for a Blossom server: blobs under their hash, and the signed leave it wants."""

from __future__ import annotations

import base64
import hashlib
import json
from contextlib import asynccontextmanager

import pytest
import trio

from relay.ports import NoAnswer
from relay.reach.http import HttpOut
from relay.testing import recorder as faults
from relay.testing.nostr import Key, blossom, nostr_relay, signed
from relay.testing.nostr.leave import BASE64

NOW = 1_795_000_000
PICTURE = b"\x89PNG\r\n\x1a\n and what it shows"
HASH = hashlib.sha256(PICTURE).hexdigest()
KEY = Key()


class HandClock:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.at = NOW

    def now(self) -> int:
        return self.at


def leave(
    verb="upload", *, x=HASH, at=NOW, until=NOW + 600, kind=24242, key=KEY, more=(), tags=None
):
    """The headers of a request that its account signed."""
    said = tags or [["t", verb], ["x", x], ["expiration", str(until)], *more]
    event = signed(key, kind, "Upload Blob", said, at=at)
    written = base64.urlsafe_b64encode(json.dumps(event.shown()).encode()).decode()
    return {"Authorization": f"Nostr {written.rstrip('=')}", "Content-Type": "image/png"}


@asynccontextmanager
async def on():
    clock = HandClock()
    async with blossom(clock=clock) as shelf, HttpOut(None) as http:

        async def ask(method, path, body=b"", **headers):
            return await http.request(method, shelf.base + path, headers=headers, body=body)

        yield shelf, ask, clock


async def put(ask, **how):
    return await ask("PUT", "/upload", PICTURE, **leave(**how))


async def test_what_is_uploaded_lies_under_its_hash():
    async with on() as (shelf, ask, _):
        answer = await put(ask)
        assert answer.status == 201
        assert json.loads(answer.body) == {
            "url": f"{shelf.base}/{HASH}.png",
            "sha256": HASH,
            "size": len(PICTURE),
            "type": "image/png",
            "uploaded": NOW,
        }
        for path in f"/{HASH}", f"/{HASH}.png":
            got = await ask("GET", path)
            assert (got.body, got.headers["content-type"]) == (PICTURE, "image/png")
            assert got.headers["access-control-allow-origin"] == "*"
        head = await ask("HEAD", f"/{HASH}")
        assert (head.status, head.headers["content-length"]) == (200, str(len(PICTURE)))
        assert (await put(ask)).status == 200 and len(shelf.public) == 1
        assert (await ask("HEAD", f"/{'0' * 64}")).status == 404


@pytest.mark.parametrize(
    "how",
    [
        {"x": "0" * 64},
        {"verb": "delete"},
        {"at": NOW + 1},
        {"until": NOW},
        {"kind": 27235},
        {"more": [["server", "cdn.example.com"]]},
        {"tags": [["t", "upload"], ["x", HASH]]},
        {"tags": [["t", "upload"], ["expiration", str(NOW + 60)]]},
    ],
    ids=str,
)
async def test_leave_that_does_not_hold_is_401(how):
    async with on() as (shelf, ask, _):
        answer = await put(ask, **how)
        assert answer.status == 401 and answer.headers["x-reason"] and shelf.public == []


async def test_leave_is_written_in_base64url_without_padding():
    async with on() as (shelf, ask, _):
        url = leave()["Authorization"].partition(" ")[2]
        event = base64.urlsafe_b64decode(url + "=" * (-len(url) % 4))
        ordinary = base64.b64encode(event + b" " * (2 - len(event) % 3) + b" " * 2).decode()
        assert ordinary.endswith("=")
        for header in "", "Nostr", f"Bearer {url}", f"Nostr {ordinary}", "Nostr e30":
            answer = await ask("PUT", "/upload", PICTURE, Authorization=header)
            assert answer.status == 401
        shelf.encodings = BASE64
        answer = await ask("PUT", "/upload", PICTURE, Authorization=f"Nostr {ordinary}")
        assert answer.status == 201


async def test_an_upload_says_how_long_it_is():
    async with on() as (shelf, _, _):
        port = int(shelf.base.rpartition(":")[2])
        async with await trio.open_tcp_stream("127.0.0.1", port) as stream:
            head = b"PUT /upload HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
            await stream.send_all(head + b"0\r\n\r\n")
            assert (await stream.receive_some(4096)).startswith(b"HTTP/1.1 411 ")


async def test_a_signature_of_another_hand_is_401():
    async with on() as (_, ask, _):
        event = signed(KEY, 24242, "", [["t", "upload"]], at=NOW).shown() | {"pubkey": Key().pubkey}
        written = base64.urlsafe_b64encode(json.dumps(event).encode()).decode().rstrip("=")
        answer = await ask("PUT", "/upload", PICTURE, Authorization=f"Nostr {written}")
        assert answer.status == 401 and "bad event id" in answer.headers["x-reason"]


async def test_what_the_server_does_not_take():
    async with on() as (shelf, ask, _):
        wrong = leave() | {"X-SHA-256": "0" * 64}
        assert (await ask("PUT", "/upload", PICTURE, **wrong)).status == 409
        shelf.types = frozenset({"image/jpeg"})
        assert (await put(ask)).status == 415
        shelf.max_blob_bytes = 3
        assert (await put(ask)).status == 413
        shelf.members = set()
        assert (await put(ask)).status == 403
        shelf.unpaid = {KEY.pubkey}
        answer = await put(ask)
        assert answer.status == 402 and "x-lightning" in answer.headers
        assert (await ask("POST", "/upload")).status == 405
        assert (await ask("GET", "/elsewhere")).status == 404
        assert shelf.public == []


async def test_head_tells_what_an_upload_would_be_answered():
    async with on() as (shelf, ask, _):
        said = {"X-SHA-256": HASH, "X-Content-Type": "image/png", "X-Content-Length": "9"}
        assert (await ask("HEAD", "/upload", **leave(), **said)).status == 200
        assert (await ask("HEAD", "/upload", **leave(), **said | {"X-SHA-256": "x"})).status == 400
        del said["X-Content-Length"]
        assert (await ask("HEAD", "/upload", **leave(), **said)).status == 411
        assert shelf.public == []


async def test_its_owner_deletes_it_and_nobody_else():
    async with on() as (shelf, ask, _):
        await put(ask)
        assert (await ask("DELETE", f"/{HASH}", **leave("delete", key=Key()))).status == 403
        assert (await ask("DELETE", f"/{HASH}", **leave("upload"))).status == 401
        assert (await ask("DELETE", f"/{HASH}", **leave("delete"))).status == 204
        assert (await ask("DELETE", f"/{HASH}", **leave("delete"))).status == 404
        assert shelf.public == []


async def test_a_listing_goes_by_pages():
    async with on() as (shelf, ask, clock):
        made = []
        for n in range(3):
            made.append(shelf.put(b"%d" % n, owner=KEY.pubkey).sha256)
            clock.at += 1
        shelf.put(b"of another")

        async def listed(query):
            answer = await ask("GET", f"/list/{KEY.pubkey}{query}", **leave("list"))
            return [one["sha256"] for one in json.loads(answer.body)]

        assert await listed("") == made[::-1]
        assert await listed(f"?limit=1&cursor={made[2]}") == [made[1]]
        assert (await ask("GET", f"/list/{KEY.pubkey}?page=2", **leave("list"))).status == 400


async def test_too_many_requests_say_when_to_come_back():
    async with on() as (shelf, ask, clock):
        shelf.requests_allowed = 1
        await put(ask)
        answer = await put(ask)
        assert (answer.status, answer.headers["retry-after"]) == (429, str(60 - NOW % 60))
        clock.at += 60
        assert (await put(ask)).status == 200


async def test_what_goes_wrong_on_the_way():
    async with on() as (shelf, ask, clock):
        shelf.script(faults.cut(), faults.maintenance("30"), on="PUT /upload")
        with pytest.raises(NoAnswer):
            await put(ask)
        assert len(shelf.public) == 1
        assert (await put(ask)).status == 503
        shelf.lists_late_s = 10
        assert (await ask("HEAD", f"/{HASH}")).status == 404
        clock.at += 10
        assert (await ask("HEAD", f"/{HASH}")).status == 200
        shelf.forget(HASH)
        assert (await ask("HEAD", f"/{HASH}")).status == 404


async def test_a_server_that_alters_what_it_is_given_says_another_hash():
    async with on() as (shelf, ask, _):
        shelf.alters = True
        assert json.loads((await put(ask)).body)["sha256"] != HASH


async def test_a_relay_shows_the_media_of_a_text():
    async with blossom() as shelf, nostr_relay(shelves=[shelf]) as platform:
        url = f"{shelf.base}/{shelf.put(PICTURE).sha256}.png"
        imeta = ["imeta", f"url {url}", "m image/png", f"x {HASH}", "alt A roof at night"]
        platform.put(f"Look. {url}", tags=[imeta])
        platform.put("No link.", tags=[imeta])
        [[medium], none] = [one.media for one in platform.public]
        assert (medium.alt, medium.type, medium.content) == (
            "A roof at night",
            "image/png",
            PICTURE,
        )
        assert none == ()
