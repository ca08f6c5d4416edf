"""What every stand-in has: a limit on bodies, HEAD, a script that waits for its request."""

from __future__ import annotations

import http.client

import pytest
import trio

from relay.ports import NoAnswer, NotSent
from relay.reach.http import HttpOut
from relay.testing import recorder as faults
from relay.testing.loopback import Fault, Loopback, on_loopback


class Echo(Loopback):
    """Says what it got."""

    max_body_bytes = 1000

    async def meet(self, request, fault):
        return fault or Fault(200, {"X-Line": request.line}, request.body)


async def test_a_body_of_the_limit_is_met_and_one_byte_more_is_cut():
    async with on_loopback(Echo()) as echo, HttpOut(None) as http:
        answer = await http.request("POST", f"{echo.base}/a?b=c", body=bytes(1000))
        assert answer.body == bytes(1000) and answer.headers["x-line"] == "POST /a"
        with pytest.raises(NoAnswer):
            await http.request("POST", f"{echo.base}/a", body=bytes(1001))
    assert [one.target for one in echo.requests] == ["/a?b=c"]


async def test_head_has_the_length_and_no_body():
    async with on_loopback(Echo()) as echo:

        def asked():
            connection = http.client.HTTPConnection(echo.base.partition("://")[2], timeout=5)
            connection.request("HEAD", "/", b"four")
            answer = connection.getresponse()
            got = answer.status, answer.headers["Content-Length"], answer.read()
            connection.request("POST", "/", b"and on")
            again = connection.getresponse().read()
            connection.close()
            return got, again

        assert await trio.to_thread.run_sync(asked) == ((200, "4", b""), b"and on")


async def test_a_script_is_in_order_among_what_it_is_for():
    async with on_loopback(Echo()) as echo, HttpOut(None) as http:
        echo.script(faults.error(501), on="PUT /a/*")
        echo.script(faults.error(502), faults.error(503), on="* /a/b")
        echo.script(faults.error(504))

        async def ask(method, path):
            return (await http.request(method, echo.base + path)).status

        assert await ask("GET", "/a/b") == 502
        assert await ask("PUT", "/a/b") == 501
        assert await ask("PUT", "/a/b") == 503
        assert await ask("PUT", "/c") == 504
        assert await ask("PUT", "/a/b") == 200


async def test_it_refuses_and_opens_again_where_it_was():
    async with on_loopback(Echo()) as echo, HttpOut(None) as http:
        base = echo.base
        echo.refuse()
        with pytest.raises(NotSent):
            await http.request("GET", base)
        await echo.open()
        assert echo.base == base
        assert (await http.request("GET", base)).status == 200
