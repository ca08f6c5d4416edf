"""`relay send`: a text of this machine's own user."""

from __future__ import annotations

import os
import socket
import stat
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from relay.errors import NoNode
from relay.model import Verdict
from relay.sockets import short
from relay.testing.door import Taken, serving, with_take_in
from relay.transports.local import MAX_BYTES, Local, send


@contextmanager
def open_door(path: Path, request_s: float = 5.0) -> Iterator[Taken]:
    taken = Taken()
    door = Local(path, ["news", "خبر"], request_s=request_s)
    with serving(with_take_in(door.run, taken)) as name:
        assert name == "send"
        yield taken


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "send"


def test_a_text_is_taken_in(path: Path) -> None:
    with open_door(path) as taken:
        assert send(path, "news", "تیراندازی".encode()) is Verdict.TAKEN
        assert send(path, "خبر", b"x") is Verdict.TAKEN
    first, second = taken.arrivals
    assert first.content.decode() == "تیراندازی"
    assert (first.channels, first.kind, first.sender) == (("news",), "text", b"")
    assert second.channels == ("خبر",)
    assert len(first.provider_id) == 16 and first.provider_id != second.provider_id


@pytest.mark.parametrize("verdict", [Verdict.BUSY, Verdict.FULL, Verdict.KNOWN, Verdict.REFUSED])
def test_the_verdict_is_the_answer(path: Path, verdict: Verdict) -> None:
    with open_door(path) as taken:
        taken.verdict = verdict
        assert send(path, "news", b"x") is verdict


def test_a_fault_is_busy_and_says_nothing(path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    with open_door(path) as taken:
        taken.fault = RuntimeError("MARKER")
        assert send(path, "news", b"x") is Verdict.BUSY
    shown = capfd.readouterr()
    assert shown.out == shown.err == ""


def test_what_is_no_text_or_has_no_channel_is_refused(path: Path) -> None:
    with open_door(path) as taken:
        for channel, text in (
            ("other", b"x"),
            ("", b"x"),
            ("n" * 256, b"x"),
            ("news", b""),
            ("news", b" \n"),
            ("news", b"\xff"),
        ):
            assert send(path, channel, text) is Verdict.REFUSED
    assert taken.arrivals == []


def test_the_longest_text_is_taken_and_one_byte_more_is_not(path: Path) -> None:
    with open_door(path) as taken:
        assert send(path, "news", b"x" * MAX_BYTES) is Verdict.TAKEN
        with pytest.raises(ValueError):
            send(path, "news", b"x" * (MAX_BYTES + 1))
        with raw(path) as asking:  # who does not keep to the client's own limit
            asking.sendall(struct.pack(">16sHI", b"i" * 16, 4, MAX_BYTES + 1) + b"news")
            assert asking.recv(100) == b"refused\n"
    assert len(taken.arrivals) == 1


def raw(path: Path) -> socket.socket:
    asking = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    asking.settimeout(5)
    with short(path) as name:
        asking.connect(name)
    return asking


def test_half_a_request_is_nothing(path: Path) -> None:
    whole = struct.pack(">16sHI", b"i" * 16, 4, 5) + b"newshello"
    with open_door(path, request_s=0.1) as taken:
        for end in (0, 10, 22, len(whole) - 1):
            with raw(path) as asking:
                asking.sendall(whole[:end])
                assert asking.recv(100) == b""  # cut after its time
            with raw(path) as asking:
                asking.sendall(whole[:end])
                asking.shutdown(socket.SHUT_WR)
                assert asking.recv(100) == b""
        assert send(path, "news", b"x") is Verdict.TAKEN
    assert len(taken.arrivals) == 1


def test_without_a_node_nobody_listens(path: Path) -> None:
    with pytest.raises(NoNode):
        send(path, "news", b"x")
    with open_door(path):
        pass
    assert not path.exists()
    with pytest.raises(NoNode):
        send(path / "missing", "news", b"x")


def test_only_the_owner_may_open_it(path: Path) -> None:
    with open_door(path):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.skipif(os.getuid() != 0, reason="only root can become another user")
def test_another_user_is_not_heard_even_if_the_socket_lets_it_in(path: Path) -> None:
    with open_door(path) as taken:
        path.parent.chmod(0o711)
        path.chmod(0o666)
        child = os.fork()
        if not child:
            os._exit(answer_to_nobody(path))
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
        assert taken.arrivals == []


def answer_to_nobody(path: Path) -> int:
    """In a process of its own: how many bytes the user "nobody" is answered; 99 for no socket."""
    os.chdir(path.parent)
    os.setuid(65534)
    with socket.socket(socket.AF_UNIX) as asking:
        asking.settimeout(5)
        try:
            asking.connect(path.name)
        except OSError:
            return 99
        try:
            asking.sendall(struct.pack(">16sHI", b"i" * 16, 4, 5) + b"newshello")
            return len(asking.recv(100))
        except ConnectionError:
            return 0


def test_the_socket_of_a_killed_node_is_replaced(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as left:
        left.bind(str(path))
    with open_door(path):
        assert send(path, "news", b"x") is Verdict.TAKEN


def test_a_deep_data_folder_is_no_hindrance(tmp_path: Path) -> None:
    deep = tmp_path / ("d" * 100) / ("e" * 100)
    deep.mkdir(parents=True)
    with open_door(deep / "send"):
        assert send(deep / "send", "news", b"x") is Verdict.TAKEN
