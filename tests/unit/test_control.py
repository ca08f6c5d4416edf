"""The control socket: whatever a client does there, the node goes on and hears the next one."""

from __future__ import annotations

import json
import socket
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import trio

from relay.control import MAX_LINE, ask
from relay.errors import Asked, NoNode, SpoolBroken
from relay.node.listener import AT_ONCE, listen, serve


async def echo(request: Mapping[str, Any]) -> AsyncGenerator[Mapping[str, Any], None]:
    match request:
        case {"do": "fail"}:
            raise LookupError("a text that nobody may see")
        case {"do": "disk"}:
            raise SpoolBroken
        case {"do": "much"}:
            for n in range(20_000):
                yield {"n": n, "filling": "x" * 100}
        case _:
            yield request


@asynccontextmanager
async def served(folder: Path, **limits: float) -> AsyncIterator[Path]:
    path = folder / "control"
    async with trio.open_nursery() as nursery:
        listening = listen(path)

        async def run() -> None:
            await serve(listening, echo, **limits)

        nursery.start_soon(run)
        yield path
        nursery.cancel_scope.cancel()


async def asked(path: Path, request: Mapping[str, Any]) -> list[Any]:
    return await trio.to_thread.run_sync(lambda: list(ask(path, request, timeout_s=5)))


async def said(path: Path, line: bytes) -> bytes:
    stream = await trio.open_unix_socket(str(path))
    heard = b""
    async with stream:
        try:
            await stream.send_all(line)
            while more := await stream.receive_some():
                heard += more
        except trio.BrokenResourceError:
            pass  # it was sent away before it had said all
    return heard


async def test_a_request_is_answered(tmp_path: Path) -> None:
    async with served(tmp_path) as path:
        assert await asked(path, {"do": "this"}) == [{"do": "this"}]


async def test_a_client_that_says_nothing_is_sent_away_and_the_next_one_is_heard(
    tmp_path: Path,
) -> None:
    async with served(tmp_path, request_s=0.05) as path:
        assert await said(path, b'{"do": "not all of') == b""
        assert await asked(path, {"do": "this"}) == [{"do": "this"}]


@pytest.mark.parametrize(
    "line",
    [b"[" * 60_000 + b"\n", b"\xff\xfe\n", b"{]\n", b"[]\n", b"7\n", b"\n"],
    ids=["deep", "bytes", "broken", "list", "number", "blank"],
)
async def test_garbage_is_no_request_and_the_next_one_is_heard(tmp_path: Path, line: bytes) -> None:
    async with served(tmp_path) as path:
        assert json.loads(await said(path, line)) == {"refusal": "that is no request", "exit": 65}
        assert await asked(path, {"do": "this"}) == [{"do": "this"}]


@pytest.mark.parametrize(("size", "heard"), [(MAX_LINE, True), (MAX_LINE + 1, False)])
async def test_a_request_has_at_most_512_kib(tmp_path: Path, size: int, heard: bool) -> None:
    line = b'{"do": "' + b"x" * (size - 11) + b'"}\n'
    assert len(line) == size
    async with served(tmp_path) as path:
        assert bool(await said(path, line)) is heard
        assert await asked(path, {"do": "this"}) == [{"do": "this"}]


async def test_a_request_that_is_too_long_is_refused_before_it_is_sent(tmp_path: Path) -> None:
    with pytest.raises(Asked, match="too long"):
        await asked(tmp_path / "control", {"do": "x" * MAX_LINE})


async def test_what_is_no_utf_8_comes_through_to_be_refused_by_its_name(tmp_path: Path) -> None:
    async with served(tmp_path) as path:
        assert await asked(path, {"do": "\udcff"}) == [{"do": "\udcff"}]


async def test_an_order_that_fails_is_told_without_its_words_and_the_next_one_is_heard(
    tmp_path: Path,
) -> None:
    async with served(tmp_path) as path:
        with pytest.raises(Asked) as failed:
            await asked(path, {"do": "fail"})
        assert failed.value.exit_code == 70
        assert "nobody may see" not in str(failed.value)
        with pytest.raises(Asked) as disk:
            await asked(path, {"do": "disk"})
        assert disk.value.exit_code == 74
        assert await asked(path, {"do": "this"}) == [{"do": "this"}]


async def test_clients_that_never_read_hold_up_nobody_for_long(tmp_path: Path) -> None:
    async with served(tmp_path, answer_s=0.1) as path:
        sleepers = [await trio.open_unix_socket(str(path)) for _ in range(AT_ONCE)]
        for one in sleepers:
            await one.send_all(b'{"do": "much"}\n')
        assert await asked(path, {"do": "this"}) == [{"do": "this"}]
        for one in sleepers:
            await one.aclose()


async def test_a_long_list_comes_whole(tmp_path: Path) -> None:
    async with served(tmp_path) as path:
        assert len(await asked(path, {"do": "much"})) == 20_000


def test_without_a_node_there_is_nobody_to_ask(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as left_over:
        left_over.bind(str(tmp_path / "control"))
    for path in (tmp_path / "control", tmp_path / "no/such/folder/control"):
        with pytest.raises(NoNode):
            list(ask(path, {"do": "this"}))
