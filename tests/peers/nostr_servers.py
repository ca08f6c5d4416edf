"""Two Nostr relays by others: rust-nostr's LocalRelay (in memory) and nostr-relay (on disk)."""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from running import SERVERS, Server, free_port, running
from wsproto import ConnectionType, WSConnection
from wsproto.events import AcceptConnection, CloseConnection, Request, TextMessage

PYTHON = SERVERS / "nostr/bin/python"

LOCAL_RELAY = """\
import asyncio, sys
from nostr_sdk import *
async def main():
    builder = LocalRelayBuilder().addr("127.0.0.1").port(int(sys.argv[1])){more}
    relay = builder.build()  # it ends with its name
    await relay.run()
    await asyncio.Event().wait()
asyncio.run(main())
"""

NOSTR_RELAY = """\
DEBUG: false
relay_name: a test
storage:
  sqlalchemy.url: sqlite+aiosqlite:///{folder}/nostr.sqlite3
  validators:
    - nostr_relay.validators.is_not_too_large
    - nostr_relay.validators.is_signed
    - nostr_relay.validators.is_recent
  max_event_size: 65536
  oldest_event: 31536000
gunicorn:
  bind: 127.0.0.1:{port}
  workers: 1
  loglevel: warning
  reload: false
"""


@dataclass(frozen=True)
class Relay:
    """A running relay, and what it shows to anybody (NIP-01)."""

    port: int
    server: Server

    @property
    def url(self) -> str:
        return f"ws://127.0.0.1:{self.port}"

    def events(self, pubkey: str) -> list[dict[str, Any]]:
        """What it has of an author, the oldest first."""
        asked = ["REQ", "s", {"authors": [pubkey], "limit": 500}]
        found = [said[2] for said in self._told(asked) if said[0] == "EVENT"]
        return sorted(found, key=lambda one: int(one["created_at"]))

    def put(self, event: dict[str, Any]) -> None:
        """Somebody's event, which must be taken."""
        *_, said = self._told(["EVENT", event])
        assert said[:3] == ["OK", event["id"], True], said

    def _told(self, message: list[Any]) -> Iterator[list[Any]]:
        """What it says to a message, up to the end of that."""
        with socket.create_connection(("127.0.0.1", self.port), 20) as there:
            speaking = WSConnection(ConnectionType.CLIENT)
            there.sendall(speaking.send(Request(host=f"127.0.0.1:{self.port}", target="/")))
            text = ""
            while True:
                speaking.receive_data(there.recv(65536) or None)
                for event in speaking.events():
                    if isinstance(event, AcceptConnection):
                        there.sendall(speaking.send(TextMessage(data=json.dumps(message))))
                    elif isinstance(event, CloseConnection):
                        return
                    elif isinstance(event, TextMessage):
                        text += event.data
                        if event.message_finished:
                            said, text = json.loads(text), ""
                            yield said
                            if said[0] in ("EOSE", "CLOSED", "OK"):
                                return


@contextmanager
def rust_nostr(folder: Path, more: str = "") -> Iterator[Relay]:
    """One while the block lasts; one that was killed has forgotten everything. ``more`` is what its
    builder is told besides (``.min_pow(8)``)."""
    port = free_port()
    (folder / "local_relay.py").write_text(LOCAL_RELAY.format(more=more))
    command = [PYTHON, "local_relay.py", str(port)]
    with running(command, folder, ready=f"tcp://127.0.0.1:{port}") as server:
        yield Relay(port, server)


@contextmanager
def nostr_relay(folder: Path) -> Iterator[Relay]:
    """One while the block lasts."""
    port = free_port()
    (folder / "c.yaml").write_text(NOSTR_RELAY.format(folder=folder, port=port))
    command = [SERVERS / "nostr/bin/nostr-relay", "-c", "c.yaml", "serve"]
    path = f"{SERVERS / 'nostr/bin'}:{os.environ['PATH']}"
    ready = f"tcp://127.0.0.1:{port}"
    with running(command, folder, ready=ready, env={"PATH": path}) as server:
        yield Relay(port, server)
