"""The proxy abroad and the TLS before a stand-in, met by a client that is not ours."""

from __future__ import annotations

import ssl
from pathlib import Path

import trio

from relay.testing.abroad import Asked, abroad, behind_tls
from relay.testing.certificates import make_pair
from relay.testing.recorder import recorder

NAME = "platform.outword.invalid"


async def connected(port: int) -> trio.SocketStream:
    return await trio.open_tcp_stream("127.0.0.1", port)


async def ends(stream: trio.SocketStream) -> bool:
    """Whether nothing more comes; a client that had more to say hears a reset."""
    async with stream:
        try:
            return await stream.receive_some(10) == b""
        except trio.BrokenResourceError:
            return True


def wants(name: str, port: int) -> bytes:
    return b"\x05\x01\x00\x03" + bytes([len(name)]) + name.encode() + port.to_bytes(2)


async def test_a_name_that_it_knows_leads_to_the_platform_and_it_remembers_who_asked(
    tmp_path: Path,
) -> None:
    pair = make_pair(tmp_path, host=NAME)
    async with recorder() as hook, abroad() as proxy:
        port = int(hook.url.split(":")[2].split("/")[0])
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(pair.certificate, pair.key)
        async with behind_tls(context, port) as secured:
            proxy.knows[NAME, 443] = ("127.0.0.1", secured)
            stream = await connected(proxy.port)
            await stream.send_all(b"\x05\x02\x00\x02")
            assert await stream.receive_some(2) == b"\x05\x02"
            await stream.send_all(b"\x01\x04mine\x04word")
            assert await stream.receive_some(2) == b"\x01\x00"
            await stream.send_all(wants(NAME, 443))
            assert (await stream.receive_some(10))[:2] == b"\x05\x00"
            tls = trio.SSLStream(stream, pair.trusting(), server_hostname=NAME)
            await tls.send_all(b"POST /in HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nhi")
            assert (await tls.receive_some(100)).startswith(b"HTTP/1.1 200")
            await trio.aclose_forcefully(tls)
    assert proxy.asked == [Asked((NAME, 443), b"mine:word")]
    assert [request.body for request in hook.requests] == [b"hi"]


async def test_a_name_that_it_does_not_know_is_unreachable() -> None:
    async with abroad() as proxy:
        stream = await connected(proxy.port)
        await stream.send_all(b"\x05\x01\x00" + wants(NAME, 443))
        assert await stream.receive_some(2) == b"\x05\x00"
        assert (await stream.receive_some(10))[:2] == b"\x05\x04"
        assert await ends(stream)


async def test_who_asks_for_an_address_has_resolved_the_name_at_home_and_is_not_served() -> None:
    async with abroad() as proxy:
        stream = await connected(proxy.port)
        await stream.send_all(b"\x05\x01\x00" + b"\x05\x01\x00\x01\x7f\x00\x00\x01\x01\xbb")
        assert await stream.receive_some(2) == b"\x05\x00"
        assert await ends(stream)
    assert proxy.asked == []
