"""The way out of a door: the promises of the other one, and redirects that go no further."""

from __future__ import annotations

import pytest
from on_asyncio import on_asyncio

from relay.ports import Answer, NoAnswer, NotSent
from relay.reach.fetch import Fetch, TooLarge
from relay.testing.loopback import Fault
from relay.testing.recorder import recorder

LOOPBACK = frozenset({"127.0.0.1"})


async def asked(url: str, *, method: str = "POST", timeout_s: float = 5) -> Answer:
    async def whole() -> Answer:
        async with Fetch(LOOPBACK) as fetch:
            headers = {"x-one": "1"}
            return await fetch.request(
                method, url, headers=headers, body=b"hi", timeout_s=timeout_s
            )

    return await on_asyncio(whole)


async def got(url: str, *, most_bytes: int = 1000, timeout_s: float = 5) -> Answer:
    async def whole() -> Answer:
        async with Fetch(LOOPBACK) as fetch:
            headers = {"authorization": "Basic x"}
            return await fetch.get(url, headers=headers, most_bytes=most_bytes, timeout_s=timeout_s)

    return await on_asyncio(whole)


async def test_a_request_arrives_whole_and_so_does_its_answer() -> None:
    async with recorder(good=Fault(201, {"X-Two": "a"}, b"made")) as there:
        answer = await asked(there.url + "?a=b")
    [request] = there.requests
    assert (request.method, request.target, request.body) == ("POST", "/in?a=b", b"hi")
    assert request.headers["x-one"] == "1" and request.headers["accept-encoding"] == "identity"
    said = " ".join(request.headers.values()).lower()
    assert not any(name in said for name in ("outword", "relay", "python", "httpx"))
    assert (answer.status, answer.headers["x-two"], answer.body) == (201, "a", b"made")


@pytest.mark.parametrize(
    "url",
    [
        "https://other.example.net/",
        "http://localhost:9/",
        "http://user@127.0.0.1:9/",
        "ftp://127.0.0.1/",
        "file:///etc/passwd",
        "127.0.0.1",
        "http://127.0.0.1:x/",
        "http://[::1/",
        "",
    ],
)
async def test_no_other_host_is_asked(url: str) -> None:
    with pytest.raises(NotSent):
        await asked(url)
    with pytest.raises(NotSent):
        await got(url)


async def test_plaintext_goes_to_this_machine_only() -> None:
    async def whole() -> None:
        async with Fetch(None) as fetch:
            await fetch.request("GET", "http://api.example.org/")

    with pytest.raises(NotSent, match="plaintext"):
        await on_asyncio(whole)


async def test_nobody_there_is_not_sent_and_half_an_answer_is_none() -> None:
    with pytest.raises(NotSent):
        await asked("http://127.0.0.1:9/")
    for fault in (Fault(then="cut"), Fault(then="half"), Fault(then="endless")):
        async with recorder() as there:
            there.script(fault)
            with pytest.raises(NoAnswer) as raised:
                await asked(there.url)
            assert there.url not in str(raised.value)


async def test_an_answer_that_does_not_come_ends_in_time() -> None:
    async with recorder() as there:
        there.script(Fault(then="hang"))
        with pytest.raises(NoAnswer):
            await asked(there.url, timeout_s=0.05)


async def test_what_is_packed_is_no_answer() -> None:
    async with recorder(good=Fault(200, {"Content-Encoding": "gzip"}, b"x")) as there:
        with pytest.raises(NoAnswer, match="packed"):
            await got(there.url)


async def test_what_is_larger_than_it_may_be_is_not_kept() -> None:
    async with recorder(good=Fault(200, {}, b"x" * 1000)) as there:
        assert len((await got(there.url, most_bytes=1000)).body) == 1000
        with pytest.raises(TooLarge):
            await got(there.url, most_bytes=999)
        there.script(Fault(then="endless"))
        with pytest.raises(TooLarge):
            await got(there.url, most_bytes=1000)


async def test_a_call_follows_no_redirect() -> None:
    async with recorder() as there:
        there.script(Fault(307, {"Location": there.url}))
        assert (await asked(there.url)).status == 307
    assert len(there.requests) == 1


async def test_a_medium_may_lie_elsewhere_and_the_login_does_not_go_there() -> None:
    async with recorder() as first, recorder(good=Fault(200, {}, b"medium")) as second:
        first.script(Fault(307, {"Location": "/moved"}), Fault(302, {"Location": second.url}))
        assert (await got(first.url)).body == b"medium"
    assert [one.target for one in first.requests] == ["/in", "/moved"]
    assert all(one.headers["authorization"] == "Basic x" for one in first.requests)
    assert "authorization" not in second.requests[0].headers


@pytest.mark.parametrize("there", ["https://other.example.net/", "http://169.254.169.254/", "//x/"])
async def test_a_redirect_leads_to_no_other_host(there: str) -> None:
    async with recorder() as first:
        first.script(Fault(302, {"Location": there}))
        with pytest.raises(NotSent):
            await got(first.url)
    assert len(first.requests) == 1


async def test_a_redirect_without_end_ends() -> None:
    async with recorder(good=Fault(302, {"Location": "/in"})) as there:
        with pytest.raises(NotSent):
            await got(there.url)
    assert len(there.requests) == 4


async def test_a_redirect_to_what_is_no_address_is_a_fault_of_theirs() -> None:
    for odd in ("http://[::1/", "http://127.0.0.1:x/", "\\\\", "https://user@127.0.0.1/"):
        async with recorder(good=Fault(302, {"Location": odd}, b"")) as there:
            with pytest.raises(NotSent):
                await got(there.url)
