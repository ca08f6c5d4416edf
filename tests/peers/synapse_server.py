"""Synapse, the reference server of Matrix, on SQLite: one account, one room."""

from __future__ import annotations

import hashlib
import hmac
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from running import SERVERS, asked, free_port, running

SECRET = "only a test"
USER, PASSWORD = "relay", "only a test as well"

CONFIG = """\
server_name: "localhost:{port}"
listeners:
  - {{port: {port}, bind_addresses: ["127.0.0.1"], type: http, x_forwarded: false,
     resources: [{{names: [client, media]}}]}}
database: {{name: sqlite3, args: {{database: "{folder}/homeserver.db"}}}}
media_store_path: "{folder}/media"
signing_key_path: "{folder}/signing.key"
log_config: "{folder}/log.yaml"
registration_shared_secret: "{secret}"
trusted_key_servers: []
federation_domain_whitelist: []
url_preview_enabled: false
report_stats: false
rc_message: {{per_second: 1000, burst_count: 1000}}
rc_login:
  address: {{per_second: 1000, burst_count: 1000}}
  account: {{per_second: 1000, burst_count: 1000}}
  failed_attempts: {{per_second: 1000, burst_count: 1000}}
max_upload_size: 10M
"""

LOG = "version: 1\ndisable_existing_loggers: false\nroot: {level: WARNING}\n"


@dataclass(frozen=True)
class Synapse:
    """A running homeserver, and what its own API shows to the account."""

    base: str
    token: str
    room: str

    def asks(self, method: str, path: str, said: object = None, token: str = "") -> Any:
        """A request with the account's token, or another's."""
        headers = {"Authorization": f"Bearer {token or self.token}"}
        status, made, _ = asked(method, self.base + path, said, headers=headers)
        assert status < 300, (status, made)
        return made

    def events(self) -> list[dict[str, Any]]:
        """The messages of the room, the oldest first."""
        path = f"/_matrix/client/v3/rooms/{quote(self.room)}/messages?dir=b&limit=100"
        chunk = self.asks("GET", path)["chunk"]
        return [one for one in reversed(chunk) if one["type"] == "m.room.message"]

    def member(self, name: str) -> str:
        """The token of somebody else who is in the room."""
        token = _registered(self.base, name)
        self.asks("POST", f"/_matrix/client/v3/join/{quote(self.room)}", {}, token)
        return token


@contextmanager
def synapse(folder: Path) -> Iterator[Synapse]:
    """A fresh homeserver while the block lasts."""
    port = free_port()
    (folder / "log.yaml").write_text(LOG)
    (folder / "hs.yaml").write_text(CONFIG.format(port=port, folder=folder, secret=SECRET))
    python = SERVERS / "synapse/bin/python"
    command = [python, "-m", "synapse.app.homeserver", "--config-path", "hs.yaml"]
    subprocess.run(
        [*map(str, command), "--generate-keys"], cwd=folder, check=True, capture_output=True
    )
    base = f"http://127.0.0.1:{port}"
    with running(command, folder, ready=f"{base}/_matrix/client/versions"):
        token = _registered(base, USER)
        there = Synapse(base, token, "")
        room = there.asks(
            "POST",
            "/_matrix/client/v3/createRoom",
            {"preset": "public_chat", "room_alias_name": "news"},
        )["room_id"]
        yield Synapse(base, token, room)


def _registered(base: str, name: str) -> str:
    path = f"{base}/_synapse/admin/v1/register"
    _, made, _ = asked("GET", path)
    nonce = made["nonce"]
    signed = "\0".join([nonce, name, PASSWORD, "notadmin"]).encode()
    mac = hmac.new(SECRET.encode(), signed, hashlib.sha1).hexdigest()
    said = {"nonce": nonce, "username": name, "password": PASSWORD, "admin": False, "mac": mac}
    status, made, _ = asked("POST", path, said)
    assert status == 200, (status, made)
    return str(made["access_token"])
