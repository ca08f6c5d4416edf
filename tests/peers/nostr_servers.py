"""Two Nostr relays by others: rust-nostr's LocalRelay (in memory) and nostr-relay (on disk)."""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from running import SERVERS, free_port, running
from wsproto import ConnectionType, WSConnection
from wsproto.events import AcceptConnection, CloseConnection, Request, TextMessage

PYTHON = SERVERS / "nostr/bin/python"

LOCAL_RELAY = """\
import asyncio, sys
from nostr_sdk import LocalRelayBuilder
async def main():
    relay = LocalRelayBuilder().addr("127.0.0.1").port(int(sys.argv[1])).build()
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


@contextmanager
def rust_nostr(folder: Path) -> Iterator[str]:
    """Its address, while the block lasts."""
    port = free_port()
    (folder / "local_relay.py").write_text(LOCAL_RELAY)
    command = [PYTHON, "local_relay.py", str(port)]
    with running(command, folder, ready=f"tcp://127.0.0.1:{port}"):
        yield f"ws://127.0.0.1:{port}"


@contextmanager
def nostr_relay(folder: Path) -> Iterator[str]:
    """Its address, while the block lasts."""
    port = free_port()
    (folder / "c.yaml").write_text(NOSTR_RELAY.format(folder=folder, port=port))
    command = [SERVERS / "nostr/bin/nostr-relay", "-c", "c.yaml", "serve"]
    path = f"{SERVERS / 'nostr/bin'}:{os.environ['PATH']}"
    with running(command, folder, ready=f"tcp://127.0.0.1:{port}", env={"PATH": path}):
        yield f"ws://127.0.0.1:{port}"


def events_of(url: str, pubkey: str) -> list[dict[str, Any]]:
    """What a relay has of an author, the oldest first: asked by the test itself (NIP-01)."""
    host, _, port = url.removeprefix("ws://").partition(":")
    found: list[dict[str, Any]] = []
    with socket.create_connection((host, int(port)), 10) as there:
        speaking = WSConnection(ConnectionType.CLIENT)
        there.sendall(speaking.send(Request(host=f"{host}:{port}", target="/")))
        text = ""
        while True:
            speaking.receive_data(there.recv(65536) or None)
            for event in speaking.events():
                if isinstance(event, AcceptConnection):
                    asked = json.dumps(["REQ", "s", {"authors": [pubkey], "limit": 100}])
                    there.sendall(speaking.send(TextMessage(data=asked)))
                elif isinstance(event, CloseConnection):
                    return found
                elif isinstance(event, TextMessage):
                    text += event.data
                    if not event.message_finished:
                        continue
                    said, text = json.loads(text), ""
                    if said[0] == "EVENT":
                        found.append(said[2])
                    elif said[0] in ("EOSE", "CLOSED"):
                        return sorted(found, key=lambda one: one["created_at"])
