"""The front: what it passes on is done by the server behind it, whatever becomes of the answer."""

from __future__ import annotations

import json
from datetime import datetime
from urllib.parse import urlencode

import pytest
import trio
from mastodon_server import TOKEN, mock_server

from relay.ports import NoAnswer
from relay.reach.http import HttpOut
from relay.testing import recorder as faults
from relay.testing.front import front
from relay.testing.ledger import marker
from relay.testing.loopback import Fault
from relay.testing.recorder import recorder

STATUSES = "/api/v1/statuses"
POSTS = f"POST {STATUSES}"
FORM = {"authorization": f"Bearer {TOKEN}", "content-type": "application/x-www-form-urlencoded"}


@pytest.fixture(scope="session")
def mock(tmp_path_factory):
    with mock_server(tmp_path_factory.mktemp("mock")) as server:
        yield server.url


async def post(http, base, text, key):
    return await http.request(
        "POST",
        base + STATUSES,
        headers=FORM | {"idempotency-key": key},
        body=urlencode({"status": text}).encode(),
        timeout_s=10,
    )


async def known(http, base, text):
    """How often a text is on the public timeline of the server itself."""
    answer = await http.request("GET", f"{base}/api/v1/timelines/public?limit=40", headers=FORM)
    return sum(text in one["content"] for one in json.loads(answer.body))


async def test_a_request_and_its_answer_pass_unchanged(mock):
    text, key = f"passed on {marker()}", marker()
    async with front(mock) as there, HttpOut(None) as http:
        first = await post(http, there.base, text, key)
        direct = await post(http, mock, text, key)
        wrong = await http.request("GET", f"{there.base}/api/v1/accounts/verify_credentials")
        assert json.loads(first.body)["id"] == json.loads(direct.body)["id"]
        assert (first.status, wrong.status) == (200, 401)
        assert await known(http, mock, text) == 1
    assert there.requests[0].line == POSTS


async def test_an_answer_that_is_cut_after_the_server_acted_is_a_post(mock):
    text, key = f"cut {marker()}", marker()
    async with front(mock) as there, HttpOut(None) as http:
        there.script(faults.cut(), faults.error(500, made=True), on=POSTS)
        with pytest.raises(NoAnswer):
            await post(http, there.base, text, key)
        assert await known(http, mock, text) == 1
        assert (await post(http, there.base, text, key)).status == 500
        assert (await post(http, there.base, text, key)).status == 200
        assert await known(http, mock, text) == 1


async def test_what_is_not_made_never_reaches_the_server(mock):
    text = f"never {marker()}"
    async with front(mock) as there, HttpOut(None) as http:
        there.script(faults.cut(made=False), faults.maintenance("9"), on=POSTS)
        with pytest.raises(NoAnswer):
            await post(http, there.base, text, "k1")
        assert (await post(http, there.base, text, "k1")).headers["retry-after"] == "9"
        assert await known(http, mock, text) == 0


async def test_a_429_of_the_mock_becomes_mastodons_own(mock):
    rule = {
        "match": {"methods": ["POST"], "path": STATUSES},
        "effect": {"type": "ratelimit"},
        "count": 2,
    }
    asked = json.dumps(rule).encode()
    async with front(mock) as there, HttpOut(None) as http:
        json_ = {"content-type": "application/json"}
        await http.request("POST", f"{mock}/api/v1/_mock/faults", headers=json_, body=asked)
        theirs = await post(http, mock, "x", "k2")
        ours = await post(http, there.base, "x", "k2")
    assert theirs.status == ours.status == 429
    assert theirs.headers["x-ratelimit-reset"].isdigit() and "retry-after" in theirs.headers
    assert "retry-after" not in ours.headers
    reset = datetime.strptime(ours.headers["x-ratelimit-reset"], "%Y-%m-%dT%H:%M:%S.%f%z")
    assert abs(reset.timestamp() - int(theirs.headers["x-ratelimit-reset"])) < 60
    assert ours.headers["x-ratelimit-reset"].endswith(".000000Z")


async def test_a_test_can_hold_a_request_before_and_after_the_server_acts():
    async with recorder() as server, front(server.base) as there, HttpOut(None) as http:
        met, go = trio.Event(), trio.Event()
        seen = []

        async def hold(request):
            seen.append(len(server.made))
            met.set()
            await go.wait()

        there.before = there.after = hold
        async with trio.open_nursery() as nursery:
            nursery.start_soon(http.request, "POST", f"{there.base}/in")
            await met.wait()
            assert server.made == []
            go.set()
        assert seen == [0, 1] and len(server.made) == 1


async def test_any_answer_can_be_rewritten_and_its_addresses_are_the_fronts():
    async with recorder() as server, HttpOut(None) as http:
        server.script(Fault(200, {"Link": f"<{server.base}/in?page=2>"}, b"{}", made=True))

        def colder(request, answer):
            return Fault(418, answer.headers, request.body)

        async with front(server.base, rewrite=colder) as there:
            answer = await http.request("POST", f"{there.base}/in?page=1", body=b"tea")
    assert (answer.status, answer.body) == (418, b"tea")
    assert answer.headers["link"] == f"<{there.base}/in?page=2>"
    assert [one.target for one in server.requests] == ["/in?page=1"]


async def test_a_server_that_is_gone_is_a_connection_that_ends():
    async with recorder() as server, HttpOut(None) as http, front(server.base) as there:
        server.refuse()
        with pytest.raises(NoAnswer):
            await http.request("POST", f"{there.base}/in")
