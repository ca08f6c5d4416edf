"""Synapse, the reference server of Matrix, on SQLite: accounts and rooms as tests need them."""

from __future__ import annotations

import hashlib
import hmac
import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from running import SERVERS, Server, asked, free_port, running

SECRET = "only a test"
PASSWORD = "only a test as well"

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
rc_message: &often {{per_second: 1000, burst_count: 1000}}
rc_login: {{address: *often, account: *often, failed_attempts: *often}}
rc_joins: {{local: *often, remote: *often}}
rc_room_creation: *often
max_upload_size: 10M
"""

LOG = "version: 1\ndisable_existing_loggers: false\nroot: {level: WARNING}\n"
CLIENT = "/_matrix/client/v3"


@dataclass(frozen=True)
class Account:
    """A user of the homeserver, with a session of the test's own."""

    base: str
    name: str
    user: str
    token: str

    def asks(self, method: str, path: str, said: object = None) -> Any:
        """A request of this user that must go well."""
        status, made, _ = self.tries(method, path, said)
        assert status < 300, (status, made)
        return made

    def tries(self, method: str, path: str, said: object = None) -> tuple[int, Any, Any]:
        """A request of this user: status, what came, headers."""
        headers = {"Authorization": f"Bearer {self.token}"}
        return asked(method, self.base + path, said, headers=headers)

    def media(self, url: str) -> bytes:
        """A file by its mxc address (Matrix 1.11, "Content repository")."""
        where = url.removeprefix("mxc://")
        _, made, _ = self.tries("GET", f"/_matrix/client/v1/media/download/{where}")
        assert isinstance(made, bytes), made
        return made


@dataclass(frozen=True)
class Room:
    """A room, as somebody in it sees it."""

    by: Account
    id: str

    def events(self) -> list[dict[str, Any]]:
        """The messages, the oldest first, redacted ones and edits included."""
        events: list[dict[str, Any]] = []
        filter = quote(json.dumps({"types": ["m.room.message"]}))
        below = ""
        while True:
            path = f"{self._path}/messages?dir=b&limit=100&filter={filter}{below}"
            page = self.by.asks("GET", path)
            events += page["chunk"]
            if "end" not in page:
                return events[::-1]
            below = f"&from={quote(page['end'])}"

    def event(self, id: str) -> dict[str, Any]:
        """One event as the server shows it now, with what belongs to it."""
        found: dict[str, Any] = self.by.asks("GET", f"{self._path}/event/{quote(id)}")
        return found

    def thread(self, id: str) -> list[dict[str, Any]]:
        """What stands in the thread under an event, the oldest first, by the server's own list."""
        path = f"{self._path.replace('v3', 'v1')}/relations/{quote(id)}/m.thread?dir=f&limit=50"
        found: list[dict[str, Any]] = self.by.asks("GET", path)["chunk"]
        return found

    def says(self, content: dict[str, Any], txn: str) -> str:
        """A message of ``by``; its event's id."""
        made = self.by.asks("PUT", f"{self._path}/send/m.room.message/{txn}", content)
        return str(made["event_id"])

    @property
    def _path(self) -> str:
        return f"{CLIENT}/rooms/{quote(self.id)}"


@dataclass(frozen=True)
class Synapse:
    """A running homeserver."""

    base: str
    server: Server

    def account(self, name: str) -> Account:
        """A new user."""
        path = f"{self.base}/_synapse/admin/v1/register"
        _, made, _ = asked("GET", path)
        nonce = made["nonce"]
        signed = "\0".join([nonce, name, PASSWORD, "notadmin"]).encode()
        mac = hmac.new(SECRET.encode(), signed, hashlib.sha1).hexdigest()
        said = {"nonce": nonce, "username": name, "password": PASSWORD, "admin": False, "mac": mac}
        status, made, _ = asked("POST", path, said)
        assert status == 200, (status, made)
        return Account(self.base, name, str(made["user_id"]), str(made["access_token"]))

    def room(self, owner: Account, *members: Account) -> Room:
        """A new room of ``owner``, which these are in as well; seen by the last of them."""
        said = {"preset": "public_chat", "room_alias_name": owner.name}
        room = str(owner.asks("POST", f"{CLIENT}/createRoom", said)["room_id"])
        for member in members:
            member.asks("POST", f"{CLIENT}/join/{quote(room)}", {})
        return Room([owner, *members][-1], room)


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
    with running(command, folder, ready=f"{base}/_matrix/client/versions") as server:
        yield Synapse(base, server)
