"""Requests over several ways: what fails before the first byte goes on by the next, and no token
leaves before the host has shown who it is."""

from __future__ import annotations

import base64
import logging
import math
import socket
import ssl
from functools import partial

import pytest
import trio
import trio.testing
from false_proxies import connect_proxy, platform, serving, socks

from relay.ports import NoAnswer, NotSent
from relay.reach import race
from relay.reach.http import HttpOut
from relay.reach.pins import key_of
from relay.reach.routes import Routes, Way
from relay.reach.trying import Tries
from relay.reach.way import Target
from relay.testing import recorder as faults
from relay.testing.certificates import NAME, make_pair
from relay.testing.recorder import recorder

DIRECT = Way("direct")


@pytest.fixture(scope="module")
def pair(tmp_path_factory):
    return make_pair(tmp_path_factory.mktemp("real"))


@pytest.fixture(scope="module")
def other_pair(tmp_path_factory):
    """Of somebody who signs for the same name."""
    return make_pair(tmp_path_factory.mktemp("false"))


@pytest.fixture
def asked(monkeypatch):
    """What names were looked up here. NAME leads nowhere, unless a test says where."""
    names = []
    looked_up = race.addresses_of
    leads = {}

    async def addresses_of(host, port):
        names.append(host)
        return await looked_up(leads.get(host, "nowhere.invalid" if host == NAME else host), port)

    monkeypatch.setattr(race, "addresses_of", addresses_of)
    return names, leads


def out(pair, *ways, **more):
    routes = Routes(ways, "mastodon", **{k: more.pop(k) for k in ("told", "now") if k in more})
    return HttpOut(frozenset({NAME, "127.0.0.1"}), tls=pair.trusting(), routes=routes, **more)


@pytest.mark.parametrize("kind", [socks, connect_proxy])
async def test_a_proxy_is_given_the_name_and_nobody_here_looks_it_up(pair, asked, kind):
    async with (
        platform(pair) as there,
        kind({NAME: there.port}) as proxy,
        out(pair, proxy.way()) as http,
    ):
        for _ in range(2):
            assert (await http.request("POST", there.url)).status == 204
    assert proxy.hosts == [NAME] and there.came == 1  # and the connection is kept
    assert set(asked[0]) == {"127.0.0.1"}


async def test_a_login_of_the_settings_is_told_to_the_proxy(pair):
    for kind in (socks, connect_proxy):
        async with platform(pair) as there, kind({NAME: there.port}) as proxy:
            way = proxy.way(user=b"me", password=b"secret")
            async with out(pair, way) as http:
                await http.request("POST", there.url)
        assert proxy.logins == ["me:secret"]


async def test_two_destinations_are_never_one_login(pair):
    async with platform(pair) as there, socks({NAME: there.port}) as proxy:
        for name in ("mastodon", "bluesky", "mastodon"):
            routes = Routes([proxy.way()], name)
            async with HttpOut(None, tls=pair.trusting(), routes=routes) as http:
                await http.request("POST", there.url)
    first, second, again = proxy.logins
    assert first == again != second and len(first) > 40


async def test_what_cannot_be_connected_goes_on_by_the_next_way_in_the_same_call(pair, asked):
    told = []
    async with (
        platform(pair) as there,
        socks({NAME: there.port}) as proxy,
        out(pair, DIRECT, proxy.way(), told=lambda *said: told.append(said)) as http,
    ):
        assert (await http.request("POST", there.url)).status == 204
        assert (await http.request("POST", there.url)).status == 204
    assert told == [("proxy", {"direct": "dns"})]
    assert asked[0].count(NAME) == 1  # the way that failed is left alone: not even a name is asked
    assert len(there.requests) == 2


async def test_a_certificate_of_somebody_else_is_told_nothing(pair, other_pair):
    told = []
    async with (
        platform(other_pair) as interceptor,
        platform(pair) as there,
        socks({"127.0.0.1": there.port}) as proxy,
    ):
        ways = (DIRECT, proxy.way())
        async with out(pair, *ways, told=lambda *said: told.append(said)) as http:
            url = f"https://127.0.0.1:{interceptor.port}/in?token=SECRET"
            answer = await http.request("POST", url, headers={"authorization": "SECRET"})
    assert answer.status == 204 and len(there.requests) == 1
    assert interceptor.came == 1 and interceptor.requests == []
    assert told == [("proxy", {"direct": "tls"})]


async def test_an_interceptor_behind_a_proxy_is_told_nothing_either(pair, other_pair):
    async with (
        platform(other_pair) as interceptor,
        socks({NAME: interceptor.port}) as proxy,
        out(pair, proxy.way("tor")) as http,
    ):
        with pytest.raises(NotSent, match=r"^no connection \(tor: tls\)$"):
            await http.request("POST", interceptor.url)
    assert interceptor.came == 1 and interceptor.requests == []


def pin(pair):
    der = ssl.PEM_cert_to_DER_cert(pair.certificate.read_text())
    return base64.b64encode(key_of(der)).decode()


async def test_a_host_with_another_key_is_told_nothing_whoever_signed_it(pair, other_pair):
    async with platform(pair) as there:
        url = f"https://127.0.0.1:{there.port}/"
        async with out(pair, DIRECT, pins=[pin(other_pair)]) as http:
            with pytest.raises(NotSent, match="direct: tls"):
                await http.request("POST", url)
            with pytest.raises(NotSent, match="direct: tls"):
                await http.connect("127.0.0.1", there.port)
        assert there.requests == []
        async with out(pair, DIRECT, pins=[pin(other_pair), "sha256/" + pin(pair)]) as http:
            assert (await http.request("POST", url)).status == 204


@pytest.mark.parametrize("wrong", ["", "sha256/", "a" * 44, "YWJj", "sha1/" + "A" * 27 + "="])
def test_a_pin_that_is_none_is_refused(wrong):
    with pytest.raises(ValueError, match="base64"):
        HttpOut(None, pins=[wrong])


async def in_clear(stream):
    await stream.receive_some(1000)
    await stream.send_all(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<html>blocked</html>")


async def closes(stream):
    await stream.receive_some(1000)


async def says_nothing(stream):
    await stream.receive_some(1000)
    await trio.sleep_forever()


@pytest.mark.parametrize(
    ("serve", "kind"),
    [(in_clear, "block page"), (closes, "reset"), (says_nothing, "timed out")],
)
async def test_each_way_of_being_kept_from_a_host_has_its_name(pair, serve, kind):
    async with serving(serve) as port, out(pair, DIRECT, connect_s=0.1) as http:
        with pytest.raises(NotSent, match=rf"\(direct: {kind}\)"):
            await http.request("POST", f"https://127.0.0.1:{port}/?token=SECRET")


async def test_nobody_there_is_refused(pair):
    async with serving(closes) as port:
        pass
    async with out(pair, DIRECT) as http:
        with pytest.raises(NotSent, match=r"\(direct: refused\)"):
            await http.request("POST", f"https://127.0.0.1:{port}/")


@pytest.mark.parametrize("serve", [in_clear, closes])
async def test_a_public_name_that_leads_to_this_machine_is_a_lie_of_the_resolver(
    pair, asked, serve
):
    asked[1][NAME] = "127.0.0.1"
    async with serving(serve) as port, out(pair, DIRECT) as http:
        with pytest.raises(NotSent, match=r"\(direct: dns\)"):
            await http.request("POST", f"https://{NAME}:{port}/")
    with pytest.raises(NotSent, match=r"\(direct: dns\)"):
        await http.request("POST", f"https://{NAME}:{port}/")  # refused, by now


@pytest.mark.parametrize(
    ("kind", "serve", "failure"),
    [
        ("socks5", closes, "proxy"),
        ("socks5", in_clear, "proxy"),
        ("http", closes, "proxy"),
        ("http", in_clear, "block page"),  # it says yes, and then says it to us in clear
    ],
)
async def test_a_proxy_that_is_none_or_is_gone_is_the_proxys_fault(pair, kind, serve, failure):
    async with serving(serve) as port, out(pair, Way("tor", kind, "127.0.0.1", port)) as http:
        with pytest.raises(NotSent, match=rf"\(tor: {failure}\)"):
            await http.request("POST", f"https://{NAME}/")
    async with out(pair, Way("tor", kind, "127.0.0.1", port)) as http:
        with pytest.raises(NotSent, match=r"\(tor: proxy\)"):
            await http.request("POST", f"https://{NAME}/")


async def test_a_proxy_that_carries_nothing_takes_its_time_and_no_more(pair):
    async with (
        serving(says_nothing) as port,
        out(pair, Way("tor", "socks5", "127.0.0.1", port), connect_s=0.05) as http,
    ):
        with pytest.raises(NotSent, match=r"\(tor: timed out\)"):
            await http.request("POST", f"https://{NAME}/")


async def test_a_proxy_that_says_yes_before_it_knows_is_found_out_by_tls(pair):
    async with (
        platform(pair) as there,
        socks({NAME: there.port}, early=True) as proxy,
        out(pair, proxy.way()) as http,
    ):
        assert (await http.request("POST", there.url)).status == 204
    async with socks({}, early=True) as proxy, out(pair, proxy.way()) as http:
        with pytest.raises(NotSent, match=r"\(proxy: reset\)"):
            await http.request("POST", f"https://{NAME}/")


async def test_where_all_fail_each_is_named_and_no_host_is(pair, asked):
    async with socks({}) as first, connect_proxy({}) as second:
        ways = DIRECT, first.way("tor"), second.way("office")
        async with out(pair, *ways) as http:
            with pytest.raises(NotSent) as raised:
                await http.request("POST", f"https://{NAME}/?token=SECRET")
    said = "no connection (direct: dns; tor: unreachable; office: unreachable)"
    assert str(raised.value) == said and raised.value.__cause__ is None


async def test_a_way_that_is_left_alone_for_a_name_that_is_new_is_named_as_well(pair, asked):
    async with socks({}) as proxy, out(pair, DIRECT, proxy.way("tor")) as http:
        for host in (NAME, "127.0.0.1"):
            with pytest.raises(NotSent, match=r"\(direct: dns; tor: unreachable\)"):
                await http.request("POST", f"https://{host}:9/")
            http._routes.worked(proxy.way("tor"), Target(NAME, 9))
    assert asked[0].count("127.0.0.1") == 2  # the proxy's


# ---------------------------------------------------------------- once a byte has left


@pytest.mark.parametrize("then", ["cut", "hang"])
async def test_once_a_byte_left_there_is_no_other_way_and_the_next_call_takes_one(pair, then):
    told = []
    async with platform(pair) as there, socks({"127.0.0.1": there.port}) as proxy:
        ways = DIRECT, proxy.way()
        url = f"https://127.0.0.1:{there.port}/"
        async with out(pair, *ways, told=lambda *said: told.append(said)) as http:
            there.then = then
            with pytest.raises(NoAnswer):
                await http.request("POST", url, timeout_s=0.2)
            assert proxy.hosts == [] and len(there.requests) == 1
            there.then = "answer"
            assert (await http.request("POST", url)).status == 204
    assert proxy.hosts == ["127.0.0.1"]
    assert told == [("proxy", {"direct": "timed out" if then == "hang" else "reset"})]


@pytest.mark.parametrize("serve", [says_nothing, "hang"])
async def test_who_has_little_time_goes_by_the_next_way_all_the_same(pair, serve):
    """A call that is longer than its send may last would be broken off, and again the next time."""
    async with (
        serving(says_nothing) as silent,
        platform(pair) as there,
        socks({"127.0.0.1": there.port}) as proxy,
        out(pair, DIRECT, proxy.way(), most_s=0.3) as http,
    ):
        url = f"https://127.0.0.1:{silent if serve != 'hang' else there.port}/"
        if serve == "hang":
            there.then = "hang"
            with pytest.raises(NoAnswer):
                await http.request("POST", url)
            there.then = "answer"
        assert (await http.request("POST", url)).status == 204
    assert proxy.hosts == ["127.0.0.1"]


@pytest.mark.parametrize(
    ("lasted_s", "said"), [(14.0, []), (16.0, [("other", {"direct": "timed out"})])]
)
async def test_a_call_that_is_broken_off_after_long_says_that_its_way_carries_little(
    pair, monkeypatch, lasted_s, said
):
    monkeypatch.setattr(Tries, "lasted_s", lasted_s)
    told = []
    ways = DIRECT, Way("other", "socks5", "127.0.0.1", 1)
    async with (
        platform(pair) as there,
        out(pair, *ways, told=lambda *now: told.append(now)) as http,
    ):
        there.then = "hang"
        async with trio.open_nursery() as nursery:
            nursery.start_soon(http.request, "POST", f"https://127.0.0.1:{there.port}/")
            while not there.requests:
                await trio.testing.wait_all_tasks_blocked(0.01)
            nursery.cancel_scope.cancel()
    assert told == said


async def test_an_idle_connection_that_ended_says_nothing_about_the_way():
    told = []
    routes = Routes([DIRECT], "x", lambda *said: told.append(said))

    async def once(stream):
        for _ in range(2):
            await stream.receive_some(65536)
            if _ == 0:
                await stream.send_all(b"HTTP/1.1 204 No Content\r\n\r\n")

    async with serving(once) as port, HttpOut(None, routes=routes) as http:
        await http.request("POST", f"http://127.0.0.1:{port}/")
        with pytest.raises(NoAnswer):
            await http.request("POST", f"http://127.0.0.1:{port}/")
    assert told == []


async def test_an_answer_that_is_the_platforms_fault_is_not_the_ways(pair):
    told = []
    routes = Routes([DIRECT], "x", lambda *said: told.append(said))
    async with recorder() as there, HttpOut(None, routes=routes) as http:
        there.script(faults.error(500), faults.endless())
        assert (await http.request("POST", there.url)).status == 500
        with pytest.raises(NoAnswer):
            await http.request("POST", there.url)
    assert told == []


async def test_what_failed_is_cut_and_not_ended_in_good_form(pair):
    """A farewell would be sent again and again where a filter swallows it."""
    ends = []

    async def silent(stream):
        try:
            while await stream.receive_some(1000):
                pass
            ends.append("said goodbye")
        except trio.BrokenResourceError:
            ends.append("cut")

    async with serving(silent) as port, out(pair, DIRECT) as http:
        for scheme in ("http", "https"):
            with pytest.raises((NoAnswer, NotSent)):
                await http.request("POST", f"{scheme}://127.0.0.1:{port}/", timeout_s=0.05)
        await trio.testing.wait_all_tasks_blocked(0.01)
    assert ends == ["cut", "cut"]


@pytest.mark.parametrize("first", ["the one that works", "the one that breaks"])
async def test_what_is_kept_on_a_way_that_fails_is_cut_as_well(first):
    """Also what ends well after the way has failed: the server would close it some day, and we
    would say something to that."""
    ends = []
    goes_on = {"works": trio.Event(), "breaks": trio.Event()}

    async def server(stream):
        asked = await stream.receive_some(65536)
        if b"/breaks" in asked:
            return await goes_on["breaks"].wait()
        await goes_on["works"].wait()
        await stream.send_all(b"HTTP/1.1 204 No Content\r\n\r\n")
        try:
            await stream.receive_some(65536)
            ends.append("said goodbye")
        except trio.BrokenResourceError:
            ends.append("cut")

    async def breaks(http, url):
        with pytest.raises(NoAnswer):
            await http.request("POST", f"{url}/breaks")

    routes = Routes([DIRECT, Way("other", "socks5", "127.0.0.1", 1)])
    async with serving(server) as port, HttpOut(None, routes=routes) as http:
        url = f"http://127.0.0.1:{port}"
        async with trio.open_nursery() as nursery:
            nursery.start_soon(http.request, "POST", f"{url}/works")
            nursery.start_soon(breaks, http, url)
            for which in ("works", "breaks") if first.endswith("works") else ("breaks", "works"):
                await trio.testing.wait_all_tasks_blocked(0.01)
                goes_on[which].set()
        await trio.testing.wait_all_tasks_blocked(0.01)
        assert ends == ["cut"]


# ---------------------------------------------------------------- back to the better way


async def heard(told, wanted):
    with trio.fail_after(5):
        async for route, _ in told:
            if route == wanted:
                return


async def test_the_better_way_is_taken_back_by_itself_and_no_request_is_sent_to_find_out(
    pair, other_pair
):
    said, told = trio.open_memory_channel(math.inf)
    async with platform(pair) as there, socks({"127.0.0.1": there.port}) as proxy:
        ways = Way("direct", probe_s=0.01), proxy.way()
        routes = Routes(ways, "mastodon", lambda *now: said.send_nowait(now))
        url = f"https://127.0.0.1:{there.port}/"
        async with trio.open_nursery() as nursery:
            nursery.start_soon(routes.probe)
            async with HttpOut(None, tls=pair.trusting(), routes=routes) as http:
                there.then = "cut"
                with pytest.raises(NoAnswer):
                    await http.request("POST", url)
                there.then = "answer"
                await heard(told, "direct")
                asked = len(there.requests)
                assert (await http.request("POST", url)).status == 204
            nursery.cancel_scope.cancel()
    assert asked == 1 and proxy.hosts == []


async def test_the_only_way_is_looked_at_too_so_that_what_waits_for_it_goes_out_soon(pair):
    said, told = trio.open_memory_channel(math.inf)
    only = Way("direct", probe_s=0.01)
    routes = Routes([only], "mastodon", lambda *now: said.send_nowait(now))
    async with platform(pair) as there, trio.open_nursery() as nursery:
        routes.failed(only, "timed out", Target("127.0.0.1", there.port, pair.trusting()))
        nursery.start_soon(routes.probe)
        await heard(told, "direct")
        nursery.cancel_scope.cancel()
    assert there.came == 1 and there.requests == []


async def test_one_look_that_takes_long_keeps_no_other_waiting(pair):
    said, told = trio.open_memory_channel(math.inf)
    slow, quick = Way("slow", probe_s=0.01), Way("quick", probe_s=0.01)
    routes = Routes([slow, quick], "mastodon", lambda *now: said.send_nowait(now))
    async with (
        serving(says_nothing) as port,
        platform(pair) as there,
        trio.open_nursery() as nursery,
    ):
        for way in (slow, quick):
            routes.failed(way, "timed out", Target("127.0.0.1", port, pair.trusting()))
            routes.failed(way, "timed out", Target("127.0.0.1", there.port, pair.trusting()))
        nursery.start_soon(routes.probe)
        await heard(told, "slow")
        nursery.cancel_scope.cancel()


async def test_while_nothing_is_due_nothing_goes_out_on_the_way_that_fails(pair, other_pair):
    class Time:
        at = 0.0

        def __call__(self):
            return self.at

    time = Time()
    async with (
        platform(other_pair) as interceptor,
        platform(pair) as there,
        socks({"127.0.0.1": there.port}) as proxy,
    ):
        routes = Routes([Way("direct", probe_s=60), proxy.way()], "x", now=time)
        url = f"https://127.0.0.1:{interceptor.port}/"
        async with HttpOut(None, tls=pair.trusting(), routes=routes) as http:
            for _ in range(5):
                await http.request("POST", url)
                time.at += 30
    assert interceptor.came == 1 and len(there.requests) == 5


# ---------------------------------------------------------------- what never happens


async def test_plaintext_goes_to_this_machine_and_not_to_the_one_a_proxy_runs_on():
    async with recorder() as there, socks({"127.0.0.1": 1}) as proxy:
        far = Way("far", "socks5", "192.0.2.1", 1080)
        async with HttpOut(None, routes=Routes([far])) as http:
            with pytest.raises(NotSent, match="no way there"):
                await http.request("POST", there.url)
            with pytest.raises(NotSent, match="no way there"):
                await http.connect("127.0.0.1", 25, tls="later")
        near = proxy.way()
        async with HttpOut(None, routes=Routes([far, near])) as http:
            with pytest.raises(NotSent, match="proxy: "):
                await http.request("POST", there.url)
    assert proxy.hosts == ["127.0.0.1"] and there.requests == []


@pytest.mark.parametrize(
    "url",
    [
        "https://other.example@a.example/",
        "https://a.example@other.example/",
        "https://a.example\\@other.example/",
        "https://other.example\\.a.example/",
        "https://other.example#@a.example/",
        "https://other.example?.a.example/",
        "https://other.example[a.example]/",
        "https://[a.example]other.example/",
        "https://a.example:443:other.example/",
        "https://a.example%2eother.example/",
        "https://a.example\t.other.example/",
        "https://a.example./",
        "https://.a.example/",
        "https://a.example\u3002other.example/",
        "http://a.example/",
        "http://127.1/",
        "http://2130706433/",
        "http://0x7f.0.0.1/",
        "http://0177.0.0.1/",
        "http://[::ffff:192.0.2.1]/",
        "http://localhost.other.example/",
        "http://[::1]other.example/",
        "http://other.example[::1]/",
        "ftp://a.example/",
        "//a.example/",
        "a.example",
        "",
    ],
)
async def test_no_way_of_writing_an_address_leads_to_another_host_or_out_in_clear(url):
    hosts = {"a.example", "127.0.0.1", "::1", "localhost", "*.b.example"}
    async with socks({}) as proxy, HttpOut(frozenset(hosts), routes=Routes([proxy.way()])) as http:
        with pytest.raises(NotSent, match=r"^(not |a host |plaintext )"):
            await http.request("POST", url)
    assert proxy.hosts == []


async def test_a_name_in_other_letters_is_the_same_host():
    async with socks({}) as proxy:
        for host in ("b\u00fccher.example", "xn--bcher-kva.example"):
            async with HttpOut(frozenset({host}), routes=Routes([proxy.way()])) as http:
                for written in ("b\u00fccher.example", "XN--bcher-kva.example"):
                    with pytest.raises(NotSent, match="proxy: unreachable"):
                        await http.request("POST", f"https://{written}/")
    assert set(proxy.hosts) == {"xn--bcher-kva.example"}


async def test_a_name_server_that_says_where_this_machine_is_is_not_believed(monkeypatch):
    """What goes to it goes in clear."""

    async def lies(host, port):
        return [(socket.AF_INET, "192.0.2.1")]

    monkeypatch.setattr(race, "resolved", lies)
    async with HttpOut(frozenset({"localhost"}), routes=Routes([DIRECT])) as http:
        with pytest.raises(NotSent, match="direct: dns"):
            await http.request("POST", "http://localhost:9/", timeout_s=0.5)


async def test_only_named_hosts_are_reached_by_whichever_way(pair):
    async with socks({}) as proxy:
        routes = Routes([proxy.way()])
        async with HttpOut(frozenset({"a.example", "*.b.example"}), routes=routes) as http:
            for host in ("b.example", "c.example", "xb.example", "a.example.org", "x.a.example"):
                with pytest.raises(NotSent, match="does not name"):
                    await http.request("POST", f"https://{host}/")
                with pytest.raises(NotSent, match="does not name"):
                    await http.connect(host, 443)
            for host in ("a.example", "x.b.example", "Y.X.B.example"):
                with pytest.raises(NotSent, match="proxy: unreachable"):
                    await http.request("POST", f"https://{host}/")
    assert proxy.hosts == ["a.example", "x.b.example", "y.x.b.example"]


async def test_a_call_that_is_cancelled_leaves_no_connection(pair):
    ended = trio.Event()
    began = trio.Event()

    async def stuck(stream):
        began.set()
        while await stream.receive_some(1000):
            pass
        ended.set()

    for kind, serve in (("direct", stuck), ("socks5", stuck), ("http", stuck)):
        ended, began = trio.Event(), trio.Event()
        async with serving(serve) as port, out(pair, Way("w", kind, "127.0.0.1", port)) as http:
            for ask in (
                partial(http.request, "POST", f"https://127.0.0.1:{port}/"),
                partial(http.connect, "127.0.0.1", port),
            ):
                async with trio.open_nursery() as nursery:
                    nursery.start_soon(ask)
                    await began.wait()
                    nursery.cancel_scope.cancel()
                with trio.fail_after(5):
                    await ended.wait()
                ended, began = trio.Event(), trio.Event()


async def test_nothing_is_logged_and_no_repr_has_a_password(pair, caplog):
    caplog.set_level(logging.DEBUG)
    async with platform(pair) as there, socks({NAME: there.port}) as proxy:
        way = proxy.way(user=b"me", password=b"PASSWORD")
        async with out(pair, DIRECT, way) as http:
            await http.request("POST", there.url)
    assert "PASSWORD" not in repr(way)
    assert not [one for one in caplog.records if one.name.startswith(("httpx", "httpcore"))]


# ---------------------------------------------------------------- streams


async def test_tls_that_begins_later_has_its_own_time(pair):
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(pair.certificate, pair.key)

    async def slow(stream):
        await stream.receive_some(1)
        await stream.send_all(b"2")
        await trio.sleep(0.05)
        under = trio.SSLStream(stream, context, server_side=True, https_compatible=True)
        await under.receive_some(1)

    async with serving(slow) as port, out(pair, DIRECT) as http:
        stream = await http.connect("127.0.0.1", port, tls="later", timeout_s=0.04)
        await stream.send(b"1")
        await stream.receive()
        await stream.start_tls()
        await stream.aclose()


async def test_a_stream_goes_by_the_next_way_and_one_that_breaks_is_remembered(pair, other_pair):
    told = []
    async with (
        platform(other_pair) as interceptor,
        platform(pair) as there,
        socks({"127.0.0.1": there.port}) as proxy,
    ):
        ways = DIRECT, proxy.way()
        async with out(pair, *ways, told=lambda *said: told.append(said)) as http:
            stream = await http.connect("127.0.0.1", interceptor.port)
            await stream.send(b"hello")
            assert (await stream.receive()).startswith(b"HTTP/1.1 204")
            with pytest.raises(NoAnswer):
                await stream.receive(timeout_s=0.01)
            await stream.aclose()
    assert interceptor.requests == [] and there.requests == [b"hello"]
    assert told == [
        ("proxy", {"direct": "tls"}),
        ("", {"direct": "tls", "proxy": "timed out"}),
    ]


async def test_what_goes_on_on_an_old_connection_does_not_bring_back_a_way_that_lets_in_no_new_one(
    pair,
):
    """Filters often let go on what began before them."""
    async with platform(pair) as there, socks({"127.0.0.1": there.port}) as proxy:
        told = []
        routes = Routes([DIRECT, proxy.way()], "x", lambda *said: told.append(said))
        url = f"https://127.0.0.1:{there.port}/"
        async with HttpOut(None, tls=pair.trusting(), routes=routes) as http:
            await http.request("POST", url)
            routes.failed(DIRECT, "timed out", Target("127.0.0.1", there.port))
            routes.failed(routes.ways[1], "proxy", Target("127.0.0.1", there.port))
            assert (await http.request("POST", url)).status == 204  # by the kept one
    assert there.came == 1 and told[-1][0] == ""
