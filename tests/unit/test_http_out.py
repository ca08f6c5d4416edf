"""The way out: what it refuses to do, and how it tells "not sent" from "no answer"."""

from __future__ import annotations

import contextlib
import logging
import ssl
from functools import partial

import pytest
import trio

from relay.ports import NoAnswer, NotSent
from relay.reach.http import MAX_ANSWER_BYTES, HttpOut
from relay.testing import recorder as faults
from relay.testing.recorder import Fault, recorder


async def test_a_request_arrives_whole_and_so_does_its_answer():
    good = Fault(201, {"Content-Type": "application/json", "X-Two": "a"}, b'{"id":"7"}')
    async with recorder(good=good) as there, HttpOut(frozenset({"127.0.0.1"})) as http:
        answer = await http.request("POST", there.url + "?a=b", headers={"X-One": "1"}, body=b"hi")
    [request] = there.requests
    assert (request.method, request.target, request.body) == ("POST", "/in?a=b", b"hi")
    assert request.headers["x-one"] == "1" and request.headers["content-length"] == "2"
    assert (answer.status, answer.body) == (201, b'{"id":"7"}')
    assert answer.headers["x-two"] == "a"


async def test_a_request_names_no_product():
    async with recorder() as there, HttpOut(None) as http:
        await http.request("GET", there.url)
    [request] = there.requests
    assert request.headers["accept-encoding"] == "identity"
    said = " ".join(request.headers.values()).lower()
    for name in ("outword", "relay", "python", "httpx"):
        assert name not in said


async def test_a_redirect_is_an_answer_like_any_other():
    async with recorder() as there, HttpOut(None) as http:
        there.script(faults.redirect(there.url))
        answer = await http.request("POST", there.url)
        assert (answer.status, len(there.requests)) == (302, 1)


async def test_no_cookie_comes_back():
    good = Fault(200, {"Set-Cookie": "a=b; Path=/"})
    async with recorder(good=good) as there, HttpOut(None) as http:
        await http.request("GET", there.url)
        await http.request("GET", there.url)
    assert all("cookie" not in request.headers for request in there.requests)


async def test_the_environment_names_no_proxy(monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")
    async with recorder() as there, HttpOut(None) as http:
        assert (await http.request("GET", there.url)).status == 200


@pytest.mark.parametrize(
    "url",
    [
        "http://192.0.2.1/in",
        "http://example.org/in",
        "http://127.0.0.1.example.org/in",
        "http://127.1/in",
        "ftp://127.0.0.1/in",
        "file:///etc/passwd",
        "https://user@example.org/",
        "https://[::1/",
        "https://example.org:port/",
        "",
    ],
)
async def test_no_plaintext_to_another_machine_and_no_other_scheme(url):
    async with HttpOut(None) as http:
        with pytest.raises(NotSent):
            await http.request("POST", url)


async def test_only_the_hosts_it_was_made_for():
    async with recorder() as there, HttpOut(frozenset({"localhost"})) as http:
        with pytest.raises(NotSent):
            await http.request("POST", there.url)
        assert (
            await http.request("POST", there.url.replace("127.0.0.1", "localhost"))
        ).status == 200
        assert len(there.requests) == 1


@pytest.mark.parametrize("headers", [{"X": "a\r\nB: c"}, {"X": "á\u0646"}, {"Host": "other"}])
async def test_a_header_that_would_be_another_request_is_not_sent(headers):
    async with recorder() as there, HttpOut(None) as http:
        with pytest.raises(NotSent):
            await http.request("POST", there.url, headers=headers)
        assert there.requests == []


async def test_a_refused_connection_is_not_sent():
    async with recorder() as there, HttpOut(None) as http:
        there.refuse()
        await trio.testing.wait_all_tasks_blocked()
        with pytest.raises(NotSent):
            await http.request("POST", there.url)
        await there.open()
        assert (await http.request("POST", there.url)).status == 200


@pytest.mark.parametrize("fault", [faults.cut(), faults.half(), faults.endless(), faults.hang()])
async def test_a_request_without_a_whole_answer_may_have_happened(fault):
    async with recorder(fault) as there, HttpOut(None) as http:
        with pytest.raises(NoAnswer):
            await http.request("POST", there.url, timeout_s=0.2)
        assert len(there.made) == 1
        assert (await http.request("POST", there.url)).status == 200


async def test_a_drip_of_an_answer_does_not_outlast_the_deadline():
    async def drip(stream):
        await stream.receive_some(65536)
        await stream.send_all(b"HTTP/1.1 200 OK\r\n")
        with contextlib.suppress(trio.BrokenResourceError):
            while True:
                await stream.send_all(b"a: b\r\n")
                await trio.sleep(0.01)

    async with trio.open_nursery() as nursery, HttpOut(None) as http:
        [listener] = await nursery.start(partial(trio.serve_tcp, drip, 0, host="127.0.0.1"))
        port = listener.socket.getsockname()[1]
        began = trio.current_time()
        with pytest.raises(NoAnswer):
            await http.request("POST", f"http://127.0.0.1:{port}/", timeout_s=0.1)
        assert trio.current_time() - began < 1
        nursery.cancel_scope.cancel()


@pytest.mark.parametrize(
    ("size", "whole"), [(MAX_ANSWER_BYTES, True), (MAX_ANSWER_BYTES + 1, False)]
)
async def test_an_answer_of_one_mebibyte_and_not_a_byte_more(size, whole):
    async with recorder(good=Fault(body=bytes(size))) as there, HttpOut(None) as http:
        if whole:
            assert len((await http.request("GET", there.url)).body) == size
        else:
            with pytest.raises(NoAnswer):
                await http.request("GET", there.url)


async def test_a_packed_answer_is_no_answer():
    good = Fault(200, {"Content-Encoding": "gzip"}, b"\x1f\x8b")
    async with recorder(good=good) as there, HttpOut(None) as http:
        with pytest.raises(NoAnswer):
            await http.request("GET", there.url)


async def test_a_silent_port_that_speaks_no_tls_is_not_sent():
    async def deaf(stream):
        await stream.receive_some(1)
        await trio.sleep_forever()

    async with trio.open_nursery() as nursery, HttpOut(None, connect_s=0.1) as http:
        [listener] = await nursery.start(partial(trio.serve_tcp, deaf, 0, host="127.0.0.1"))
        port = listener.socket.getsockname()[1]
        with pytest.raises(NotSent):
            await http.request("POST", f"https://127.0.0.1:{port}/")
        nursery.cancel_scope.cancel()


def test_tls_that_is_not_verified_cannot_be_asked_for():
    lax = ssl.create_default_context()
    lax.check_hostname = False
    with pytest.raises(ValueError, match="verified"):
        HttpOut(None, tls=lax)


async def test_nothing_is_logged_and_no_exception_quotes_the_address(caplog):
    caplog.set_level(logging.DEBUG)
    async with recorder(faults.cut()) as there, HttpOut(None) as http:
        with pytest.raises(NoAnswer) as caught:
            await http.request("POST", there.url + "?token=SECRET")
        await http.request("POST", there.url + "?token=SECRET")
    assert "SECRET" not in str(caught.value) and caught.value.__cause__ is None
    assert not [r for r in caplog.records if r.name.startswith(("httpx", "httpcore"))]
