"""Commands that try an account go by its routes: it is blocked here, and seen abroad."""

from __future__ import annotations

import json
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import trio
from click.testing import CliRunner, Result

from relay.cli.bridges import bridges
from relay.cli.destinations import destinations
from relay.cli.doctoring import routes as looking
from relay.cli.going_out import health_of
from relay.cli.login import login
from relay.config import Route, Settings, load
from relay.testing.abroad import Abroad, abroad, behind_tls
from relay.testing.certificates import make_pair
from relay.testing.fediverse import fediverse

BLOCKED = "platform.invalid"
"""A name that resolves nowhere (RFC 6761, 6.4); the proxy knows it."""


@dataclass
class Blocked:
    """A node's folder, the proxy, and the stand-in that only the proxy reaches."""

    folder: Path
    proxy: Abroad
    platform: Any
    port: int

    def settings(self, routes: str = '["direct", "tor"]', more: str = "") -> Settings:
        """Its settings; the file is written."""
        (self.folder / "relay.toml").write_text(
            f"""
            [channels.news]
            destinations = ["page", "mastodon"]
            [destinations.mastodon]
            bridge = "mastodon"
            server = "https://{BLOCKED}:{self.port}"
            token_file = "secrets/mastodon"
            ca_file = "platform.pem"
            routes = {routes}
            {more}
            [routes.tor]
            proxy = "{self.proxy.proxy}"
            """
        )
        return load(self.folder / "relay.toml")

    async def run(self, command: Any, *words: str, stdin: bytes = b"") -> Result:
        """A command, in a thread: it has a loop of its own."""
        at = ["-c", str(self.folder / "relay.toml")]
        return await trio.to_thread.run_sync(
            lambda: CliRunner().invoke(command, [*words, *at], input=stdin)
        )


@asynccontextmanager
async def blocked(folder: Path) -> AsyncIterator[Blocked]:
    pair = make_pair(folder, "platform", host=BLOCKED)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(pair.certificate, pair.key)
    async with fediverse() as platform, abroad() as proxy:
        here = int(platform.base.rpartition(":")[2])
        async with behind_tls(context, here) as port:
            proxy.knows[BLOCKED, port] = ("127.0.0.1", port)
            (folder / "secrets").mkdir()
            (folder / "secrets/mastodon").touch(mode=0o600)
            (folder / "secrets/mastodon").write_text(platform.token)
            made = Blocked(folder, proxy, platform, port)
            made.settings()
            yield made


async def test_an_account_is_tried_by_the_next_route_where_the_first_fails(tmp_path: Path) -> None:
    async with blocked(tmp_path) as there:
        done = await there.run(destinations, "test", "mastodon")
        assert done.exit_code == 0, done.output
        assert "the account can post" in done.output
        assert "not by every route: direct: dns" in done.output
        logins = {asked.login for asked in there.proxy.asked}
        assert len(logins) == 1 and b"mastodon" not in b"".join(logins)


async def test_what_no_route_reaches_is_said_with_each(tmp_path: Path) -> None:
    async with blocked(tmp_path) as there:
        there.proxy.knows.clear()
        done = await there.run(destinations, "test", "mastodon", "--json")
        assert done.exit_code == 69
        assert "(direct: dns; tor: unreachable)" in json.loads(done.output)["trouble"]


async def test_a_new_secret_is_tried_by_the_routes_of_its_destination(tmp_path: Path) -> None:
    async with blocked(tmp_path) as there:
        token = there.platform.token.encode() + b"\n"
        done = await there.run(login, "mastodon", stdin=token)
        assert done.exit_code == 0, done.output
        assert there.proxy.asked


async def test_a_bridge_is_tried_by_the_routes_of_its_section(tmp_path: Path) -> None:
    async with blocked(tmp_path) as there:
        words = ("try", "mastodon", "--text", "-", "--send", "--json")
        done = await there.run(bridges, *words, stdin=b"we are well")
        assert done.exit_code == 0, done.output
        assert there.platform.texts == ["we are well"]
        assert {asked.to for asked in there.proxy.asked} == {(BLOCKED, there.port)}


async def test_by_a_proxy_alone_nothing_else_is_asked(tmp_path: Path) -> None:
    async with blocked(tmp_path) as there:
        settings = there.settings('["tor"]')
        looked = await health_of("mastodon", settings.destinations["mastodon"], settings)
        assert (looked.health.trouble, looked.failures) == ("", "")


async def test_a_key_that_differs_is_a_failure_of_the_way(tmp_path: Path) -> None:
    async with blocked(tmp_path) as there:
        settings = there.settings('["tor"]', f'pins = ["sha256/{"A" * 43}="]')
        looked = await health_of("mastodon", settings.destinations["mastodon"], settings)
        assert not looked.reached and looked.failures == "tor: tls"
        assert there.platform.requests == []


# ---------------------------------------------------------------- the password of a proxy


async def test_the_password_of_a_proxy_is_put_in_place_by_its_route(tmp_path: Path) -> None:
    (tmp_path / "relay.toml").write_text(
        '[routes.out]\nproxy = "http://127.0.0.1:3128"\nuser = "me"\npassword_file = "secrets/out"'
    )
    at = ["-c", str(tmp_path / "relay.toml")]
    done = CliRunner().invoke(login, ["out", *at], input=b"hunter2\n")
    assert done.exit_code == 0, done.output
    assert (tmp_path / "secrets/out").read_text() == "hunter2\n"
    assert "hunter2" not in done.output


# ---------------------------------------------------------------- doctor


async def test_a_proxy_that_is_there_is_good() -> None:
    async with abroad() as proxy:
        [found] = await looking.look("tor", Route(proxy=proxy.proxy))
        assert found.state == "good" and proxy.asked == []


async def test_a_proxy_that_is_not_there_is_wrong() -> None:
    async with abroad() as proxy:
        gone = Route(proxy=proxy.proxy)
    [found] = await looking.look("tor", gone)
    assert found.state == "wrong" and "nobody listens" in found.what


@pytest.mark.parametrize("answer", [b"HTTP/1.1 400 Bad Request\r\n\r\n", b"\x05\xff", b""])
async def test_what_is_no_proxy_of_this_kind_is_wrong(answer: bytes) -> None:
    async def serve(stream: trio.SocketStream) -> None:
        async with stream:
            await stream.receive_some()
            if answer:
                await stream.send_all(answer)

    async with trio.open_nursery() as nursery:
        listen = partial(trio.serve_tcp, serve, 0, host="127.0.0.1")
        [listener] = await nursery.start(listen)
        port = listener.socket.getsockname()[1]
        [found] = await looking.look("tor", Route(proxy=f"socks5://127.0.0.1:{port}"))
        assert found.state == "wrong" and "does not speak SOCKS5" in found.what
        [found] = await looking.look("out", Route(proxy=f"http://127.0.0.1:{port}"))
        assert found.state == "good"
        nursery.cancel_scope.cancel()
