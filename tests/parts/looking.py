"""A node looked at and told from outside, as its operator does it with the command ``relay``."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from relay.cli.common import asked
from relay.cli.look import status_of
from relay.testing.nodes import Node


def relay(node: Node | Path, *words: str, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    """The command ``relay`` as a user calls it, on a node's settings."""
    file = node.file if isinstance(node, Node) else node
    command = [sys.executable, "-m", "relay", *words, "-c", str(file)]
    return subprocess.run(command, input=stdin, capture_output=True, timeout=60)


def printed(node: Node, *words: str) -> list[dict[str, Any]]:
    """What a command prints with --json, one value a line."""
    done = relay(node, *words, "--json")
    assert done.returncode == 0, done.stderr.decode()
    return [json.loads(line) for line in done.stdout.splitlines()]


def listed(node: Node, *, everything: bool = False) -> list[dict[str, Any]]:
    """What ``relay queue list --json`` prints, without starting a process."""
    return list(asked(node.file, {"do": "list", "all": everything}))


def shown(node: Node, id: str) -> dict[str, Any]:
    """What ``relay queue show ID --json`` prints, without starting a process."""
    [message] = asked(node.file, {"do": "show", "id": id})
    return dict(message)


def status(node: Node) -> dict[str, Any]:
    """What ``relay status --json`` prints, without starting a process."""
    return status_of(node.file)


def pid(node: Node, role: str) -> int:
    """The one process of this role."""
    [found] = [one["pid"] for one in status(node)["processes"] if one["role"] == role]
    return int(found)


def soon(claim: Callable[[], Any], within_s: float = 30.0) -> Any:
    """What a claim gives once it is true; fails after a while."""
    until = time.monotonic() + within_s
    while not (given := claim()):
        assert time.monotonic() < until, f"not within {within_s} s"
        time.sleep(0.02)
    return given


def message_of(node: Node, text: str) -> dict[str, Any]:
    """The message with this text, as it is listed, once it was read; an empty one until then."""
    for row in listed(node, everything=True):
        if row["destination"] == "" and text in shown(node, row["id"]).get("text", ""):
            return row
    return {}
