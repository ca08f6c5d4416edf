"""The way out of a bridge that is being tried: everything that leaves it is told, masked.

While it is closed nothing leaves: to a bridge that is as if there were no connection.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from relay.cli.bridges.mask import Mask
from relay.ports import Answer, Http, NoAnswer, NotSent, Stream
from relay.reader.text import clean

MOST: Final = 4000
"""Characters that are shown of one body."""


@dataclass(slots=True, repr=False)
class Exchange:
    """One request and what came of it, as they may be shown; of a stream, one side's bytes.

    ``status`` None: there was no whole answer, and ``failed`` says why.
    """

    method: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: str = ""
    status: int | None = None
    answer_headers: Mapping[str, str] = field(default_factory=dict)
    answer: str = ""
    failed: str = ""

    def as_json(self) -> dict[str, Any]:
        """As ``relay bridges try --json`` has it."""
        return {name: getattr(self, name) for name in self.__slots__}


Told = Callable[[Exchange], None]


class Watched:
    """``Http`` that tells. ``open`` says whether anything may leave at this moment."""

    def __init__(self, out: Http, mask: Mask, asked: Told, answered: Told) -> None:
        self.open = False
        self.turned_away = False
        """Whether the bridge wanted something while it was closed."""
        self._out = out
        self._mask = mask
        self._asked = asked
        self._answered = answered

    async def request(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        body: bytes = b"",
        timeout_s: float = 60.0,
    ) -> Answer:
        """One request, told before it leaves and after."""
        self._allow()
        given = headers or {}
        told = Exchange(
            clean(method),
            clean(self._mask.url(url)),
            {clean(k): clean(v) for k, v in self._mask.headers(given).items()},
            self._shown(body, _kind(given)),
        )
        self._asked(told)
        try:
            answer = await self._out.request(
                method, url, headers=headers, body=body, timeout_s=timeout_s
            )
        except (NotSent, NoAnswer) as error:
            told.failed = _why(error)
            self._answered(told)
            raise
        told.status = answer.status
        # The body first: a token that it names is known then, also where a header repeats it.
        told.answer = self._shown(answer.body, _kind(answer.headers))
        masked = self._mask.headers(answer.headers)
        told.answer_headers = {clean(k): clean(v) for k, v in masked.items()}
        self._answered(told)
        return answer

    async def connect(
        self,
        host: str,
        port: int,
        *,
        tls: Literal["now", "later"] = "now",
        timeout_s: float = 15.0,
    ) -> Stream:
        """A connection, every step of which is told."""
        self._allow()
        told = Exchange("connect", clean(self._mask.text(f"{host}:{port}")))
        self._asked(told)
        try:
            stream = await self._out.connect(host, port, tls=tls, timeout_s=timeout_s)
        except NotSent as error:
            told.failed = _why(error)
            self._answered(told)
            raise
        return _WatchedStream(stream, self)

    def said(self, to: str, content: bytes) -> None:
        """Some bytes of a stream, on their way out or in."""
        told = Exchange(to, f"{len(content)} bytes", body=self._shown(content, ""))
        self._asked(told)

    def _allow(self) -> None:
        if not self.open:
            self.turned_away = True
            raise NotSent("nothing leaves without --send")

    def _shown(self, content: bytes, kind: str) -> str:
        shown = clean(self._mask.body(content, kind)) if content else ""
        return shown if len(shown) <= MOST else f"{shown[:MOST]} ... ({len(content)} bytes)"


class _WatchedStream:
    def __init__(self, stream: Stream, watched: Watched) -> None:
        self._stream = stream
        self._watched = watched

    async def send(self, said: bytes, *, timeout_s: float = 60.0) -> None:
        self._watched.said("sends", said)
        await self._stream.send(said, timeout_s=timeout_s)

    async def receive(self, *, timeout_s: float = 60.0) -> bytes:
        got = await self._stream.receive(timeout_s=timeout_s)
        self._watched.said("receives", got)
        return got

    async def start_tls(self, *, timeout_s: float = 15.0) -> None:
        await self._stream.start_tls(timeout_s=timeout_s)

    async def aclose(self) -> None:
        await self._stream.aclose()


def _kind(headers: Mapping[str, str]) -> str:
    return next((value for name, value in headers.items() if name.lower() == "content-type"), "")


def _why(error: NotSent | NoAnswer) -> str:
    words = "it never left" if isinstance(error, NotSent) else "no whole answer came"
    return f"{words}: {clean(str(error))}"
