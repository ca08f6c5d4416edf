"""A node whose processes are killed: on fixed ports, waited for, looked at when all is quiet."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from relay.cli.look import status_of
from relay.errors import OutwordError
from relay.testing.nodes import SETTINGS, Node

QUIET_S = 90.0
"""Longer than any wait of the relay's own that a kill can bring about."""


def free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        port: int = sock.getsockname()[1]
        return port


def lock_holders(lock: Path) -> Iterator[str]:
    """Every process that has the lock's file open, and what it is doing (proc(5))."""
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if any(fd.readlink() == lock for fd in (process / "fd").iterdir()):
                stat = (process / "stat").read_text().split()[:4]
                yield f"{stat} at {(process / 'wchan').read_text()}"
        except OSError:
            continue


def on_fixed_ports(*destinations: str) -> str:
    """Settings with ports of their own, so that people find the node again after a restart."""
    settings = SETTINGS.format(destinations=", ".join(f'"{one}"' for one in destinations))
    for _ in range(2):
        settings = settings.replace("127.0.0.1:0", f"127.0.0.1:{free_port()}", 1)
    return settings


def all_gone(node: Node) -> None:
    """The children follow their launcher: whoever holds the lock could still be sending."""
    until = time.monotonic() + 10
    while holders := list(lock_holders(node.folder / "data/lock")):
        assert time.monotonic() < until, holders
        time.sleep(0.01)


def settled(node: Node) -> dict[str, Any]:
    """The status once nothing goes by itself any more; how long that takes is the machine's
    affair, as long as something ends every QUIET_S."""
    until, ended = time.monotonic() + QUIET_S, -1
    while time.monotonic() < until:
        try:
            status = status_of(node.file)
        except OutwordError:
            time.sleep(0.2)
            continue
        busy = {"waiting", "prepared", "sending", "unsure"} & status["deliveries"].keys()
        if status["waiting"] == 0 and not any(status["deliveries"][state] for state in busy):
            return status
        if (now := status["queues"].get("ended", 0)) != ended:
            until, ended = time.monotonic() + QUIET_S, now
        time.sleep(0.2)
    raise AssertionError(f"nothing moved for {QUIET_S} s: {status}")
