"""Our side: a fresh node with real settings, real sealing and real syncs, on the disk measured.

Set otherwise than shipped is only what would measure something else: all clients are one network
here, so that one may have all sessions.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from bench.clients import TO
from relay.testing.nodes import Node

_BOTH = """\
[node]
name = "bench"

[http]
listen = "127.0.0.1:0"

[transports.mail]
kind = "smtp"
listen = "127.0.0.1:0"
channel = "news"
addresses = ["{to}"]
sessions = 400
sessions_per_network = 400
"""

ACCEPTS = """
[channels.news]
review = "all"
"""
"""Everything is held for a person: nothing is posted."""

DELIVERS = """
[channels.news]
destinations = ["hook"]
review = "none"
delay = ["0s", "0s"]
danger = "off"

[destinations.hook]
bridge = "webhook"
url = "http://127.0.0.1:{hook}/"
at_once = 32
"""


class Relay:
    """One fresh node in ``folder``."""

    def __init__(self, folder: Path, settings: str, **given: object) -> None:
        self.node = Node(folder, _BOTH.format(to=TO) + settings.format(**given))

    @property
    def pid(self) -> int:
        """Of its launcher."""
        assert self.node.process is not None
        return self.node.process.pid

    @property
    def port(self) -> int:
        """Where it takes mail."""
        return self.node.mail[1]

    def start(self) -> Relay:
        """Run it until it is ready. Raises NotReady."""
        self.node.start()
        return self

    def status(self) -> dict[str, object]:
        """What ``relay status --json`` says."""
        asked = [sys.executable, "-m", "relay", "status", "--json", "-c", str(self.node.file)]
        said: dict[str, object] = json.loads(subprocess.check_output(asked))
        return said

    def stop(self) -> None:
        """End it in order."""
        if self.node.process is not None:
            self.node.stop()
