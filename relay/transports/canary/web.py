"""One request of HTTP/1.1 (RFC 9112) to ``[http]``, on a connection of its own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from relay.transports.canary.end import End, connected
from relay.transports.canary.note import Unheard

MOST_BYTES: Final = 1024 * 1024
"""Of an answer: the largest page of ours is a tenth of that."""


@dataclass(frozen=True, slots=True, repr=False)
class Call:
    """What is asked: ``target`` is path and query; names of headers are lower case."""

    target: str
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    method: str = "POST"


async def answered(end: End, call: Call) -> bytes:
    """The body of a 200. Raises Unheard for every other answer."""
    host = f"[{end.host}]" if ":" in end.host else end.host
    headers = {"host": f"{host}:{end.port}", "connection": "close", **call.headers}
    if call.method == "POST":
        headers["content-length"] = str(len(call.body))
    lines = [f"{call.method} {call.target} HTTP/1.1"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    async with connected(end, tls=end.shown is not None) as (reader, writer):
        writer.write("\r\n".join([*lines, "", ""]).encode() + call.body)
        await writer.drain()
        head = await reader.readuntil(b"\r\n\r\n")
        status = head[9:12].decode("ascii", "replace")
        if not head.startswith(b"HTTP/1.") or not status.isdigit():
            raise Unheard("it does not speak HTTP")
        if status != "200":
            raise Unheard(f"it answers {status}")
        body = bytearray()
        while chunk := await reader.read(MOST_BYTES):
            body += chunk
            if len(body) > MOST_BYTES:
                raise Unheard("its answer has no end")
        return bytes(body)
