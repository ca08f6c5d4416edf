"""What a section says of routes, as the way out that its bridge is given."""

from __future__ import annotations

import ssl
from pathlib import Path

import pytest
import trio

from relay.config import Destination, Route
from relay.errors import KeyFileError
from relay.plugins import Unusable, ways
from relay.plugins.ways import believing, routes_of, way_out, ways_of
from relay.ports import NoAnswer, NotSent
from relay.reach.routes import Way
from relay.testing.certificates import make_pair
from relay.testing.recorder import hang, recorder

TOR = Route(proxy="socks5h://[::1]:9050", probe="10s", connect="40s")


def secret(folder: Path, text: str = "hunter2\n", mode: int = 0o600) -> str:
    (folder / "password").touch(mode=mode)
    (folder / "password").write_text(text)
    return "password"


def test_the_routes_of_a_list_are_its_ways_in_order(tmp_path: Path) -> None:
    proxy = "http://proxy.example.org:3128"
    out = Route(proxy=proxy, user="mé", password_file=secret(tmp_path), isolate=False)
    made = ways_of(["out", "direct", "tor"], {"tor": TOR, "out": out}, tmp_path)
    assert made == (
        Way("out", "http", "proxy.example.org", 3128, "mé".encode(), b"hunter2", isolate=False),
        Way("direct"),
        Way("tor", "socks5", "::1", 9050, probe_s=10.0, connect_s=40.0),
    )
    assert "hunter2" not in repr(made)


def test_the_way_without_a_proxy_may_have_times_of_its_own(tmp_path: Path) -> None:
    direct = Route(probe="5s", connect="2s")
    made = ways_of(["direct"], {"direct": direct}, tmp_path)
    assert made == (Way("direct", probe_s=5.0, connect_s=2.0),)


def test_a_password_that_cannot_be_read_is_said_and_not_left_out(tmp_path: Path) -> None:
    out = Route(proxy="http://127.0.0.1:3128", user="me", password_file="none")
    with pytest.raises(KeyFileError):
        ways_of(["out"], {"out": out}, tmp_path)


def test_each_destination_has_routes_of_its_own_under_its_name(tmp_path: Path) -> None:
    both = Destination(bridge="folder", routes=("tor",))
    one, other = (routes_of(name, both, {"tor": TOR}, tmp_path) for name in ("one", "other"))
    assert one.login(one.ways[0]) != other.login(other.ways[0])


def test_an_authority_of_its_own_is_believed_in_place_of_all_others(tmp_path: Path) -> None:
    make_pair(tmp_path, "ca")
    context = believing("ca.pem", tmp_path)
    assert context is not None and context.verify_mode is ssl.CERT_REQUIRED
    assert len(context.get_ca_certs()) == 1
    assert believing("", tmp_path) is None


@pytest.mark.parametrize("content", [None, "no certificate"])
def test_an_authority_that_is_none_stops_the_destination(
    tmp_path: Path, content: str | None
) -> None:
    if content is not None:
        (tmp_path / "ca.pem").write_text(content)
    with pytest.raises(Unusable, match="certificate in PEM"):
        believing("ca.pem", tmp_path)


async def test_a_bridge_reaches_its_hosts_and_no_others(tmp_path: Path) -> None:
    one = Destination(bridge="folder")
    async with recorder() as there:
        routes = routes_of("box", one, {}, tmp_path)
        async with way_out(frozenset({"127.0.0.1"}), one, routes, tmp_path) as http:
            assert (await http.request("GET", there.url)).status == 200
        async with way_out(frozenset(), one, routes, tmp_path) as http:
            with pytest.raises(NotSent, match="does not name"):
                await http.request("GET", there.url)
        assert len(there.requests) == 1


async def test_a_call_ends_before_its_send_is_broken_off(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else nobody would learn that its way carries nothing."""
    assert ways.OF_DEADLINE < 1
    monkeypatch.setattr(ways, "OF_DEADLINE", 0.05)
    one = Destination.model_validate({"bridge": "folder", "deadline": "1s"})
    routes = routes_of("box", one, {}, tmp_path)
    hosts = frozenset({"127.0.0.1"})
    async with recorder() as there, way_out(hosts, one, routes, tmp_path) as http:
        there.script(hang())
        with trio.fail_after(1), pytest.raises(NoAnswer):
            await http.request("GET", there.url)
