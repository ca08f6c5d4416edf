"""An outlet and the process of a stranger's plug-in: what goes through, and what ends them both.

The plug-in's end of the pair is held by the tests, who say what a thief would.
"""

from __future__ import annotations

import os
import socket
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest
import trio
from trio.testing import MockClock, wait_all_tasks_blocked

from relay.config import Destination, Route
from relay.errors import Damaged
from relay.model import Attempt, Once, Part, Posted
from relay.node import pipes
from relay.node.child import Pulse
from relay.node.outlet import Place
from relay.node.pipes import Pipe, PipeEnded
from relay.node.process import FROM_OUTLET
from relay.node.serving import FROM_CORE
from relay.node.strangers import answering, keeper, room
from relay.node.strangers.asking import Asking
from relay.node.strangers.cell import TO_PLUG_IN
from relay.node.strangers.keeper import FROM_PLUG_IN, Keeper
from relay.node.strangers.line import MOST_SAID, Line, pair
from relay.ports import NoAnswer, NotSent
from relay.reach import race
from relay.testing.recorder import Fault, Recorder, recorder
from relay.wire import asked, frames
from relay.wire.pack import MAX_BYTES

BEGIN = asked.Begin("loft", "pigeon:Pigeon", b"", "", (), (), 0.0)
SERVES = frames.Serves("loft", Once("none"), 1)
ATTEMPT = Attempt(Part("key", 0, 1, b"text"), 1, 0)


class Clock:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.at = 1_000_000

    def now(self) -> int:
        return self.at


class End:
    """How it ended, once it has."""

    def __init__(self) -> None:
        self._there = trio.Event()
        self._how = ""

    def said(self, how: str) -> None:
        self._how = how
        self._there.set()

    @property
    def there(self) -> bool:
        return self._there.is_set()

    async def how(self) -> str:
        with trio.fail_after(5):
            await self._there.wait()
        return self._how


@dataclass
class Between:
    """An outlet between a core and a plug-in's process: both ends of it, and how it ended."""

    core: Pipe
    line: Line
    raw: socket.socket
    asking: Asking
    beats: Callable[[], bytes]
    clock: Clock
    ended: End
    nursery: trio.Nursery

    async def begun(self, *hosts: str, says: bool = True) -> None:
        """Its process has begun, named these hosts, and serves."""
        assert isinstance(await self.line.receive(), asked.Begin)
        await self.line.send(asked.Hosts(hosts, says))
        assert await self.line.receive() == asked.Go()
        await self.line.send(SERVES)
        assert await self.core.receive() == SERVES
        self.nursery.start_soon(self._answers)

    async def _answers(self) -> None:
        while (frame := await self.line.receive()) is not None:
            if isinstance(frame, asked.FROM_NETWORK):
                self.asking.told(frame)


@asynccontextmanager
async def between(
    url: str = "http://127.0.0.1:9/",
    moved: Callable[[], bool] = lambda: False,
    begin: asked.Begin = BEGIN,
    ways: Mapping[str, Route] = MappingProxyType({}),
    **more: Any,
) -> AsyncIterator[Between]:
    """The outlet of a section with this address."""
    (ours, theirs), (core, outlet) = pair(), pipes.pair()
    read, write = os.pipe()
    os.set_blocking(read, False)
    clock, ended = Clock(), End()
    section = Destination.model_validate({"bridge": "pigeon", "url": url, **more})
    pipe = Pipe(outlet, FROM_CORE)
    keeper = Keeper("loft", section, Place(Path(), "", ways), pipe, Pulse(write), clock)
    line = Line(theirs, TO_PLUG_IN, MAX_BYTES, whole=True)

    def beats() -> bytes:
        try:
            return os.read(read, 100)
        except BlockingIOError:
            return b""

    async def run() -> None:
        try:
            await keeper.run(Line(ours, FROM_PLUG_IN, MOST_SAID), begin, moved)
            ended.said("it ended")
        except* Damaged:
            ended.said("damaged")
        ours.close()
        outlet.close()

    try:
        async with trio.open_nursery() as nursery:
            nursery.start_soon(run)
            asking, core_end = Asking(line.send), Pipe(core, FROM_OUTLET)
            yield Between(core_end, line, theirs, asking, beats, clock, ended, nursery)
            nursery.cancel_scope.cancel()
    finally:
        for sock in (ours, theirs, core, outlet):
            sock.close()
        for fd in (read, write):
            os.close(fd)


@asynccontextmanager
async def platform(**more: Any) -> AsyncIterator[tuple[Recorder, Between]]:
    """A platform, and an outlet that may reach it and has begun."""
    async with recorder(good=Fault(body=b"{}")) as there, between(there.url, **more) as it:
        await it.begun("127.0.0.1")
        yield there, it


# ---------------------------------------------------------------- requests


async def test_a_request_is_made_for_it_and_the_answer_comes_back() -> None:
    async with platform() as (there, it):
        answer = await it.asking.request("POST", there.url, headers={"x-a": "b"}, body=b"a post")
        assert (answer.status, answer.body) == (200, b"{}")
        assert (there.made[0].body, there.made[0].headers["x-a"]) == (b"a post", "b")


async def test_requests_at_the_same_time_get_their_own_answers() -> None:
    async with platform() as (there, it):
        async with trio.open_nursery() as nursery:
            for n in range(20):
                nursery.start_soon(it.asking.request, "POST", f"{there.url}{n}")
        assert len(there.made) == 20


@pytest.mark.parametrize("url", ["http://127.0.0.2:9/", "http://thief.example/", "no address"])
async def test_a_host_that_nobody_wrote_is_not_reached(url: str) -> None:
    async with platform() as (_, it):
        with pytest.raises(NotSent):
            await it.asking.request("POST", url, body=b"a post")
        with pytest.raises(NotSent):
            await it.asking.connect("127.0.0.2", 9, tls="later")


@pytest.mark.parametrize(
    "host",
    [
        "thief.example:443 HTTP/1.1\r\n\r\n.loft.example",
        "thief.example HTTP/1.1\nx: .loft.example",
        "thief.example\0.loft.example",
        "thief.example/.loft.example",
        "thief.example@.loft.example",
        "thief.example#.loft.example",
        "thief.example .loft.example",
        "thief.example%2f.loft.example",
        "1.2.3.4%\r\nx.loft.example",
        "::1%1.loft.example",
        ".loft.example",
        "-.loft.example",
    ],
)
async def test_no_name_is_told_to_a_proxy_that_could_be_more_than_one(host: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as proxy:
        proxy.setblocking(False)
        at = f"http://127.0.0.1:{proxy.getsockname()[1]}"
        async with between(
            "https://loft.example/",
            routes=["proxy"],
            hosts=["*.loft.example"],
            ways={"proxy": Route.model_validate({"proxy": at})},
        ) as it:
            await it.begun("*.loft.example")
            with pytest.raises(NotSent):
                await it.asking.connect(host, 443, tls="later")
            with pytest.raises(NotSent):
                await it.asking.request("GET", f"https://{host}/")
        with pytest.raises(BlockingIOError):
            proxy.accept()


async def test_a_name_that_leads_to_this_machine_is_not_spoken_to_in_clear(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def leads(host: str, port: int) -> list[tuple[int, str]]:
        return [(socket.AF_INET, "127.0.0.1")]

    monkeypatch.setattr(race, "resolved", leads)
    with socket.create_server(("127.0.0.1", 0)) as control:
        control.setblocking(False)
        async with between("https://loft.example/") as it:
            await it.begun("loft.example")
            with pytest.raises(NotSent, match="direct: dns"):
                await it.asking.connect("loft.example", control.getsockname()[1], tls="later")
        with pytest.raises(BlockingIOError):
            control.accept()


async def test_hosts_are_those_of_the_section_where_its_class_names_none() -> None:
    async with recorder(good=Fault(body=b"{}")) as there, between(there.url) as it:
        await it.begun(says=False)
        assert (await it.asking.request("GET", there.url)).status == 200


async def test_what_is_no_request_is_told_where_it_is_asked() -> None:
    async with platform() as (there, it):
        for odd in ({"x": 1}, {1: "x"}):
            with pytest.raises(NotSent):
                await it.asking.request("POST", there.url, headers=odd)  # type: ignore[arg-type]
        with pytest.raises(NotSent):
            await it.asking.request("POST", there.url, body=bytes(MOST_SAID))
        assert (await it.asking.request("GET", there.url)).status == 200


async def test_a_request_that_was_given_up_is_given_up_by_the_outlet_too() -> None:
    async with trio.open_nursery() as nursery:
        gone = trio.Event()

        async def hold(stream: trio.SocketStream) -> None:
            with suppress(trio.BrokenResourceError):
                async for _ in stream:
                    pass
            gone.set()

        serve = partial(trio.serve_tcp, host="127.0.0.1")
        [listener] = await nursery.start(serve, hold, 0)
        port = listener.socket.getsockname()[1]
        async with between(f"http://127.0.0.1:{port}/") as it:
            await it.begun("127.0.0.1")
            with trio.move_on_after(0.05):
                await it.asking.request("GET", f"http://127.0.0.1:{port}/")
            with trio.fail_after(5):
                await gone.wait()
        nursery.cancel_scope.cancel()


async def test_one_that_fills_its_folder_ends_with_its_outlet(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room, "MOST_BYTES", 100_000)
    monkeypatch.setattr(keeper, "BEAT_S", 0.01)
    (tmp_path / "written").write_bytes(bytes(50_000))
    async with between(begin=replace(BEGIN, writes=(str(tmp_path),))) as it:
        await it.begun("127.0.0.1")
        await trio.sleep(0.05)
        assert not it.ended.there
        (tmp_path / "more").write_bytes(bytes(60_000))
        assert await it.ended.how() == "it ended"


async def test_too_much_at_a_time_is_not_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(answering, "MOST_WAITING", 1000)
    monkeypatch.setattr(answering, "MOST_UNDER_WAY", 2)
    async with platform() as (there, it):
        with pytest.raises(NotSent, match="too much at a time"):
            await it.asking.request("POST", there.url, body=bytes(1001))
        with pytest.raises(NotSent, match="too much at a time"):
            await it.asking.request("X" * 1001, there.url)
        with pytest.raises(NotSent, match="too much at a time"):
            await it.asking.request("GET", there.url + "x" * 1001)
        with pytest.raises(NotSent, match="too much at a time"):
            await it.asking.connect("x" * 1001, 443)
        failed: list[str] = []

        async def ask() -> None:
            try:
                await it.asking.request("POST", there.url, body=b"x")
            except NotSent as error:
                failed.append(str(error))

        async with trio.open_nursery() as nursery:
            for _ in range(10):
                nursery.start_soon(ask)
        assert failed and len(failed) + len(there.made) == 10
        assert (await it.asking.request("POST", there.url, body=b"x")).status == 200


# ---------------------------------------------------------------- connections


@asynccontextmanager
async def echoing() -> AsyncIterator[int]:
    """A server that says what it hears; its port."""

    async def echo(stream: trio.SocketStream) -> None:
        with suppress(trio.BrokenResourceError):
            async for some in stream:
                await stream.send_all(some)

    async with trio.open_nursery() as nursery:
        [listener] = await nursery.start(partial(trio.serve_tcp, host="127.0.0.1"), echo, 0)
        yield listener.socket.getsockname()[1]
        nursery.cancel_scope.cancel()


async def test_a_connection_is_made_for_it_and_bytes_go_both_ways() -> None:
    async with echoing() as port, between() as it:
        await it.begun("127.0.0.1")
        stream = await it.asking.connect("127.0.0.1", port, tls="later")
        await stream.send(b"EHLO relay\r\n")
        assert await stream.receive() == b"EHLO relay\r\n"
        with pytest.raises(NotSent):
            await stream.start_tls(timeout_s=0.05)
        await stream.aclose()
        await stream.aclose()
        with pytest.raises(NoAnswer):
            await stream.receive()


async def test_connections_without_end_are_not_had(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(answering, "MOST_LINES", 2)
    async with echoing() as port, between() as it:
        await it.begun("127.0.0.1")
        streams = [await it.asking.connect("127.0.0.1", port, tls="later") for _ in range(2)]
        with pytest.raises(NotSent, match="too many connections"):
            await it.asking.connect("127.0.0.1", port, tls="later")
        await streams[0].aclose()
        await it.asking.connect("127.0.0.1", port, tls="later")


async def test_a_connection_that_is_not_its_own_is_none() -> None:
    async with between() as it:
        await it.begun("127.0.0.1")
        for frame in (asked.Say, asked.Hear, asked.Secure):
            with pytest.raises(NoAnswer):
                more = (b"x",) if frame is asked.Say else ()
                await it.asking.asked(lambda n, f=frame, m=more: f(n, 7, *m, 1.0))  # type: ignore[misc]


@pytest.mark.parametrize("timeout_s", [float("nan"), float("inf"), -1.0, 1e300])
async def test_a_time_that_is_none_ends_no_outlet(timeout_s: float) -> None:
    async with platform() as (there, it):
        with suppress(NotSent, NoAnswer):
            await it.asking.request("GET", there.url, timeout_s=timeout_s)
        assert (await it.asking.request("GET", there.url)).status == 200


# ---------------------------------------------------------------- what ends it


@pytest.mark.parametrize(
    "garbage", [b"\xff" * 64, b"\0\0\0\0", b"\0\0\0\1\xc1", b"\0\0\0\3abc", b"\x7f\xff\xff\xff"]
)
async def test_garbage_ends_it(garbage: bytes) -> None:
    async with between() as it:
        await it.begun("127.0.0.1")
        await trio.to_thread.run_sync(it.raw.send, garbage)
        assert await it.ended.how() == "damaged"


@pytest.mark.parametrize(
    "said",
    [
        frames.Serves("page", Once("none"), 1),
        frames.Routed("loft", "direct", {}),
        frames.Skewed(7),
        asked.Hosts((), True),
        frames.Child("door", 1),
        asked.Go(),
    ],
    ids=lambda said: type(said).__name__,
)
async def test_what_it_has_no_business_to_say_ends_it(said: object) -> None:
    async with between() as it:
        await it.begun("127.0.0.1")
        await it.line.send(said)
        assert await it.ended.how() == "damaged"


async def test_a_request_before_its_hosts_are_known_ends_it() -> None:
    async with between() as it:
        await it.line.send(asked.Request(1, "GET", "http://127.0.0.1/", {}, b"", 1.0))
        assert await it.ended.how() == "damaged"


async def test_two_requests_of_one_number_end_it() -> None:
    async with echoing() as port, between() as it:
        await it.begun("127.0.0.1")
        for _ in range(2):
            await it.line.send(asked.Connect(1, "127.0.0.1", port, "later", 5.0))
        assert await it.ended.how() == "damaged"


async def test_the_end_of_its_process_is_the_end_of_the_outlet() -> None:
    async with between() as it:
        await it.begun("127.0.0.1")
        await it.core.send(frames.Send(1, "loft", ATTEMPT))
        it.raw.shutdown(socket.SHUT_RDWR)
        assert await it.ended.how() == "it ended"


async def test_the_end_of_the_core_is_the_end_of_both() -> None:
    async with between() as it:
        await it.begun("127.0.0.1")
        it.core.close()
        assert await it.ended.how() == "it ended"


# ---------------------------------------------------------------- what goes through


async def test_calls_of_the_core_and_their_answers_go_through() -> None:
    async with between() as it:
        assert isinstance(await it.line.receive(), asked.Begin)
        await it.line.send(asked.Hosts(("127.0.0.1",), True))
        assert await it.line.receive() == asked.Go()
        await it.line.send(SERVES)
        assert await it.core.receive() == SERVES
        for call in (frames.Send(1, "loft", ATTEMPT), frames.Cancel(1), frames.Kept(1)):
            await it.core.send(call)
            assert type(await it.line.receive()) is type(call)
        await it.line.send(frames.Ended(1, Posted("7")))
        assert await it.core.receive() == frames.Ended(1, Posted("7"))


async def test_hosts_that_nobody_wrote_are_told_to_the_core_and_it_does_not_start() -> None:
    async with between() as it:
        assert isinstance(await it.line.receive(), asked.Begin)
        await it.line.send(asked.Hosts(("thief.example",), True))
        told = await it.core.receive()
        assert (
            told.trouble == 'it would reach thief.example: add hosts = ["thief.example"] if it may'
        )
        assert await it.line.receive() is None
        await it.core.send(frames.Check(1, "loft"))
        assert await it.core.receive() == frames.Failed(1, "its bridge did not start")


@pytest.mark.parametrize("host", ["a b", "\x1b[2J", "*", "x" * 300])
async def test_what_is_no_host_is_not_shown(host: str) -> None:
    async with between() as it:
        assert isinstance(await it.line.receive(), asked.Begin)
        await it.line.send(asked.Hosts((host,), True))
        assert (await it.core.receive()).trouble == "its bridge names a host that is none"


async def test_it_lives_as_long_as_the_loop_of_the_plug_in_goes_round(
    autojump_clock: MockClock,
) -> None:
    async with between() as it:
        await it.begun("127.0.0.1")
        await trio.sleep(20)
        assert len(it.beats()) >= 20  # it had not begun: a Python takes its time
        await it.line.send(asked.Alive())
        await wait_all_tasks_blocked()
        it.beats()
        await trio.sleep(20)
        assert it.beats() == b""
        await it.line.send(asked.Alive())
        await wait_all_tasks_blocked()
        assert len(it.beats()) == 1


async def test_one_that_never_begins_is_not_waited_for_without_end(
    autojump_clock: MockClock,
) -> None:
    async with between() as it:
        await trio.sleep(70)
        it.beats()
        await trio.sleep(20)
        assert it.beats() == b""


async def test_it_is_told_the_time_of_the_node(autojump_clock: MockClock) -> None:
    async with between() as it:
        begin = await it.line.receive()
        it.clock.at += 3600
        told = await it.line.receive()
        assert isinstance(told, asked.Time) and round(told.base - begin.base) == 3600


async def test_it_ends_for_another_when_what_it_was_granted_has_moved_and_nothing_is_under_way(
    autojump_clock: MockClock,
) -> None:
    there = [False]
    async with between(moved=lambda: there[0]) as it:
        await it.begun("127.0.0.1")
        await it.core.send(frames.Send(1, "loft", ATTEMPT))
        await wait_all_tasks_blocked()
        there[0] = True
        await trio.sleep(10)
        assert not it.ended.there
        await it.line.send(frames.Ended(1, Posted("7")))
        assert await it.core.receive() == frames.Ended(1, Posted("7"))
        assert await it.ended.how() == "it ended"


# ---------------------------------------------------------------- the line


async def test_a_frame_that_was_begun_is_sent_to_its_end_by_the_plug_ins_side() -> None:
    ours, theirs = pair()
    sends = Line(ours, (frames.Keeps,), MAX_BYTES, whole=True)
    hears = Line(theirs, (frames.Keeps,), MAX_BYTES)
    large = frames.Keeps(1, bytes(4 << 20))
    async with trio.open_nursery() as nursery:

        async def send() -> None:
            with trio.move_on_after(0.01):
                await sends.send(large)

        nursery.start_soon(send)
        await trio.sleep(0.02)
        assert await hears.receive() == large
    sends.close()
    assert await hears.receive() is None
    hears.close()


async def test_a_line_that_was_torn_is_of_no_use() -> None:
    ours, theirs = pair()
    sends = Line(ours, (frames.Keeps,), MAX_BYTES)
    with trio.move_on_after(0.01):
        await sends.send(frames.Keeps(1, bytes(4 << 20)))
    with pytest.raises(PipeEnded):
        await sends.send(frames.Keeps(1, b""))
    ours.close()
    theirs.close()
