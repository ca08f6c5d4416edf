"""A process that dies at a chosen step of its bridge: before a request, after it, at a ``keep``.

The way out (``ports.Http``) is wrapped so that every request, and everything sent or received on a
connection, is two moments: just before it, when nothing has left, and just after, when the other
side has acted and we never heard of it. ``Died`` is no ``Exception``: like a SIGKILL, no bridge and
no engine catches it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from relay.ports import Answer, Http, Keep, Stream


class Died(BaseException):
    """The process is gone at this moment."""


@dataclass
class Fate:
    """Counts the moments that pass, and ends at one of them. ``at`` 0: never."""

    at: int = 0
    passed: int = field(default=0, init=False)

    def moment(self) -> None:
        """One more; raises Died if it is the one."""
        self.passed += 1
        if self.passed == self.at:
            raise Died


class Dying:
    """``Http`` with a fate. No call takes longer than ``patience_s``, so that a platform that does
    not answer costs a test no minute."""

    def __init__(self, http: Http, fate: Fate, patience_s: float = 0.5) -> None:
        self._http = http
        self._patience_s = patience_s
        self.fate = fate

    async def request(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        body: bytes = b"",
        timeout_s: float = 60.0,
    ) -> Answer:
        """One request between two moments."""
        patience_s = min(timeout_s, self._patience_s)
        self.fate.moment()
        answer = await self._http.request(
            method, url, headers=headers, body=body, timeout_s=patience_s
        )
        self.fate.moment()
        return answer

    async def connect(
        self,
        host: str,
        port: int,
        *,
        tls: Literal["now", "later"] = "now",
        timeout_s: float = 15.0,
    ) -> Stream:
        """One connection whose every step is between two moments."""
        self.fate.moment()
        stream = await self._http.connect(host, port, tls=tls, timeout_s=timeout_s)
        return _DyingStream(stream, self.fate, self._patience_s)

    def keeping(self, keep: Keep) -> Keep:
        """``keep`` between two moments."""

        async def kept(what: bytes) -> None:
            self.fate.moment()
            await keep(what)
            self.fate.moment()

        return kept


class _DyingStream:
    def __init__(self, stream: Stream, fate: Fate, patience_s: float) -> None:
        self._stream = stream
        self._fate = fate
        self._patience_s = patience_s

    async def send(self, said: bytes, *, timeout_s: float = 60.0) -> None:
        self._fate.moment()
        await self._stream.send(said, timeout_s=min(timeout_s, self._patience_s))
        self._fate.moment()

    async def receive(self, *, timeout_s: float = 60.0) -> bytes:
        got = await self._stream.receive(timeout_s=min(timeout_s, self._patience_s))
        self._fate.moment()
        return got

    async def start_tls(self, *, timeout_s: float = 15.0) -> None:
        await self._stream.start_tls(timeout_s=timeout_s)

    async def aclose(self) -> None:
        await self._stream.aclose()
