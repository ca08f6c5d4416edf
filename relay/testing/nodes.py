"""A node in a folder of its own, started as a user would start it, with fast settings for tests."""

from __future__ import annotations

import contextlib
import os
import re
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from secrets import token_hex

READY_S = 30.0

SETTINGS = """\
[node]
name = "test"

[http]
listen = "127.0.0.1:0"

[channels.news]
destinations = [{destinations}]
review = "none"
delay = ["0s", "0s"]

[transports.mail]
kind = "smtp"
listen = "127.0.0.1:0"
channel = "news"
addresses = ["post@example.org"]

[transports.phone]
kind = "sms"
gateway = "generic"
secret_file = "secrets/phone"
channel = "news"

[destinations.page]
bridge = "feed"
folder = "public"
tick = "0s"

[spool]
min_free_bytes = 1048576
ballast_bytes = 65536
"""


class NotReady(Exception):
    """The node ended, or did not print its line in time; what it said is in its log file."""


class Node:
    """One relay in a folder: settings, the phone's secret, and a process when it runs."""

    def __init__(
        self,
        folder: Path,
        settings: str = "",
        *,
        more: str = "",
        destinations: tuple[str, ...] = ("page",),
    ) -> None:
        self.folder = folder
        self.file = folder / "relay.toml"
        self.secret = token_hex(16).encode()
        self.log = folder / "log"
        self.process: subprocess.Popen[bytes] | None = None
        self.at: dict[str, str] = {}
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "secrets").mkdir(mode=0o700, exist_ok=True)
        self.write("secrets/phone", self.secret)
        named = ", ".join(f'"{one}"' for one in destinations)
        written = settings or SETTINGS.format(destinations=named)
        self.file.write_text(written + more)

    def write(self, name: str, secret: bytes) -> Path:
        """A secret file in the node's folder."""
        path = self.folder / name
        path.touch(mode=0o600)
        path.write_bytes(secret)
        return path

    def start(
        self,
        *flags: str,
        env: Mapping[str, str] | None = None,
        wait_s: float = READY_S,
        before: Sequence[str] = (),
    ) -> Node:
        """Run it, with these flags of `relay run` and these words before the command, until its
        line is printed. Raises NotReady."""
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [*before, sys.executable, "-m", "relay", "run", *flags, "-c", str(self.file)],
                stdout=subprocess.PIPE,
                stderr=log,
                env={**os.environ, **(env or {})},
            )
        line = self._line(wait_s)
        self.at = dict(pair.split("=", 1) for pair in line.split()[1:])
        return self

    def _line(self, wait_s: float) -> str:
        assert self.process is not None and self.process.stdout is not None
        until = time.monotonic() + wait_s
        while (left := until - time.monotonic()) > 0:
            if select.select([self.process.stdout], [], [], left)[0]:
                line = self.process.stdout.readline().decode()
                if line.startswith("ready"):
                    return line
                if not line:
                    break
        self.kill()
        raise NotReady(self.log.read_text()[-2000:])

    @property
    def mail(self) -> tuple[str, int]:
        """Host and port of its SMTP transport."""
        host, _, port = self.at["mail"].rpartition(":")
        return host, int(port)

    @property
    def url(self) -> str:
        """The base URL of its page and webhooks."""
        return f"http://{self.at['http']}"

    def stop(self, wait_s: float = 15.0) -> int:
        """End it in order (SIGTERM); its exit status."""
        assert self.process is not None
        self.process.send_signal(signal.SIGTERM)
        status = self.process.wait(wait_s)
        self.kill()
        return status

    def boots(self) -> None:
        """Its machine is started anew before the node is: whatever the clock says then, it did not
        jump (``relay.node.timekeeping``)."""
        clock = self.folder / "data" / "clock"
        clock.write_bytes(re.sub(rb"^boot .*", b"boot 0", clock.read_bytes()))

    def kill(self) -> None:
        """End the launcher with SIGKILL; its children follow it."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            if self.process.stdout is not None:
                self.process.stdout.close()


@contextlib.contextmanager
def running(
    node: Node, *flags: str, env: Mapping[str, str] | None = None, before: Sequence[str] = ()
) -> Iterator[Node]:
    """A node that runs, with these flags, inside the block and is gone after it."""
    try:
        yield node.start(*flags, env=env, before=before)
    finally:
        node.kill()
