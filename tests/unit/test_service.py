"""What systemd hears of the launcher: ready once, and that it lives, as often as it must."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from relay.node import service


@pytest.fixture
def heard(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[socket.socket]:
    """The socket of a service manager; what is told to it arrives here."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK) as sock:
        sock.bind(str(tmp_path / "notify"))
        monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
        yield sock


def all_of(sock: socket.socket) -> list[bytes]:
    found = []
    while True:
        try:
            found.append(sock.recv(100))
        except BlockingIOError:
            return found


def test_a_state_is_told(heard: socket.socket) -> None:
    service.tell("READY=1")
    assert all_of(heard) == [b"READY=1"]


def test_an_abstract_socket_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    name = f"outword-test-{os.getpid()}"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK) as sock:
        sock.bind(f"\0{name}")
        monkeypatch.setenv("NOTIFY_SOCKET", f"@{name}")
        service.tell("READY=1")
        assert all_of(sock) == [b"READY=1"]


def test_who_does_not_listen_is_not_waited_for(
    heard: socket.socket, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for _ in range(5000):  # more than its queue holds
        service.tell("WATCHDOG=1")
    assert 0 < len(all_of(heard)) < 5000
    monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "nobody"))
    service.tell("READY=1")
    monkeypatch.delenv("NOTIFY_SOCKET")
    service.tell("READY=1")
    assert all_of(heard) == []


def test_a_watchdog_hears_four_times_in_its_time(
    heard: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [100.0]
    monkeypatch.setenv("WATCHDOG_USEC", "60000000")
    monkeypatch.setenv("WATCHDOG_PID", str(os.getpid()))
    here = service.alive(lambda: now[0])
    for _ in range(241):  # a minute, four calls a second
        here()
        now[0] += 0.25
    assert all_of(heard) == [b"WATCHDOG=1"] * 5


@pytest.mark.parametrize(
    "environment",
    [{}, {"WATCHDOG_USEC": "soon"}, {"WATCHDOG_USEC": "60000000", "WATCHDOG_PID": "1"}],
    ids=["no watchdog", "no number", "another process"],
)
def test_without_a_watchdog_of_ours_nothing_is_told(
    heard: socket.socket, monkeypatch: pytest.MonkeyPatch, environment: dict[str, str]
) -> None:
    for name in ("WATCHDOG_USEC", "WATCHDOG_PID"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    service.alive()()
    assert all_of(heard) == []
