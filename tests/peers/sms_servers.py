"""A centre of SMS, made of the library smpp by others, and what its tests ask of a node."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from running import SERVERS, Server, asked, free_port

from relay.testing.nodes import Node
from relay.testing.senders import page_texts

HERE = Path(__file__).parent
WITHIN_S = 60.0
SENDER, NUMBER = "989120000001", "30001"


def until(holds: Callable[[], Any], within_s: float = WITHIN_S) -> Any:
    """What a question gives, once it is something."""
    end = time.monotonic() + within_s
    while time.monotonic() < end:
        if found := holds():
            return found
        time.sleep(0.05)
    raise AssertionError("it did not come to that")


def segments(text: str, reference: int) -> list[dict[str, Any]]:
    """A text as a phone sends it: UCS-2 cut every 67 units, wherever that is."""
    octets = text.encode("utf-16-be")
    parts = [octets[at : at + 134] for at in range(0, len(octets), 134)]
    header = f"050003{reference:02x}{len(parts):02x}"
    return [
        {"from": SENDER, "to": NUMBER, "coding": 8, "udh": f"{header}{n:02x}", "hex": part.hex()}
        for n, part in enumerate(parts, start=1)
    ]


def whole(text: str, sender: str = SENDER) -> dict[str, Any]:
    """A text of one SMS."""
    return {"from": sender, "to": NUMBER, "coding": 8, "hex": text.encode("utf-16-be").hex()}


# ---------------------------------------------------------------- a centre


@dataclass
class Smsc:
    """A centre, at a port, and what it tells about itself."""

    port: int
    control: str
    server: Server

    def send(self, *messages: dict[str, Any]) -> None:
        """People have sent these."""
        status, _, _ = asked("POST", self.control, list(messages))
        assert status == 200

    @property
    def told(self) -> dict[str, Any]:
        """How it stands."""
        _, told, _ = asked("GET", self.control)
        assert isinstance(told, dict)
        return told

    def until_taken(self, count: int) -> None:
        """Until a client has said yes so many times."""
        until(lambda: len(self.told["taken"]) >= count)

    def until_bound(self) -> None:
        """Until a client is bound."""
        until(lambda: self.told["bound"])


@contextmanager
def smsc(folder: Path, *tls: Path) -> Iterator[Smsc]:
    """A centre while the block lasts. ``tls``: its certificate and key."""
    folder.mkdir(parents=True, exist_ok=True)
    port, control = free_port(), free_port()
    node = shutil.which("node")
    assert node, "node is missing: apt-get install nodejs"
    command = [node, HERE / "smsc/centre.cjs", str(port), str(control), *tls]
    env = {"NODE_PATH": str(SERVERS / "smsc/node_modules")}
    url = f"http://127.0.0.1:{control}/"
    server = Server(command, folder, ready=url, env=env)
    try:
        server.start()
        yield Smsc(port, url, server)
    finally:
        server.stop()


FAKETIME = next(iter(Path("/usr/lib").glob("*/faketime/libfaketime.so.1")), None)


def at(moment: str) -> dict[str, str]:
    """An environment in which it is this time ("@2027-01-15 23:59:50") or later ("+1d")."""
    assert FAKETIME is not None, "faketime is missing: make test-peers installs it"
    stays = {"LD_PRELOAD": str(FAKETIME), "FAKETIME": moment, "FAKETIME_DONT_RESET": "1"}
    return {**stays, "TZ": "UTC", "PATH": os.environ["PATH"]}


# ---------------------------------------------------------------- a node, and its processes


def texts(node: Node) -> list[str]:
    """What stands on its page now, oldest first; nothing while it cannot be asked."""
    try:
        return page_texts(node.url)[::-1]
    except OSError:
        return []


def process(node: Node, role: str) -> int:
    """The pid of one of its processes, as proc(5) names them; waits for one."""
    assert node.process is not None
    children = Path(f"/proc/{node.process.pid}/task/{node.process.pid}/children")

    def found() -> int:
        for pid in children.read_text().split():
            with suppress(OSError):
                if Path(f"/proc/{pid}/comm").read_text().strip() == f"relay-{role}":
                    return int(pid)
        return 0

    return int(until(found))
