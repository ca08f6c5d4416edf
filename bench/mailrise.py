"""mailrise: takes mail and notifies a web address while the client waits; it has no store.

It runs in an environment of its own (``.venv-peers``), with the versions it was made for.
"""

from __future__ import annotations

import subprocess
from pathlib import Path

from bench.clients import TO
from bench.processes import end, free_port, wait_for_greeting

COMMAND = Path(".venv-peers/bin/mailrise")

_CONF = """\
listen:
  host: 127.0.0.1
  port: {port}
configs:
  {to}:
    urls:
      - json://127.0.0.1:{hook}/
"""


def missing() -> str:
    """Why it cannot be run here; empty if it can."""
    return "" if COMMAND.exists() else "mailrise is not installed: make bench-peers"


class Mailrise:
    """One fresh instance that notifies a port of this machine."""

    def __init__(self, folder: Path, hook: int) -> None:
        self.folder = folder
        self.hook = hook
        self.port = free_port()
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        """Of its one process."""
        assert self.process is not None
        return self.process.pid

    def start(self) -> Mailrise:
        """Run it until it listens. Raises RuntimeError."""
        self.folder.mkdir(parents=True, exist_ok=True)
        conf = self.folder / "mailrise.conf"
        conf.write_text(_CONF.format(port=self.port, hook=self.hook, to=TO))
        with (self.folder / "said").open("wb") as said:
            self.process = subprocess.Popen(
                [str(COMMAND.absolute()), str(conf)],
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=said,
            )
        wait_for_greeting(self.port, self.process)
        return self

    def stop(self) -> None:
        """End it."""
        if self.process is not None:
            end(self.process)
