"""Every address that a process, or a child of it, opens a connection or sends a datagram to.

It is told by the interpreter itself (sys.addaudithook), before anything leaves: whatever library
makes the call, and whether or not anybody listens there.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

HOOK = """\
import os, sys

_file = os.open({file!r}, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o666)


def _hear(event, given, calls={{"socket.connect", "socket.sendto", "socket.sendmsg"}}):
    if event in calls and isinstance(given[1], tuple):
        os.write(_file, f"{{given[1][0]}} {{given[1][1]}}\\n".encode())


sys.addaudithook(_hear)
"""


class Outgoing:
    """What is run with ``env`` is heard. ``folder`` is made."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        self._file = folder / "calls"
        self._file.touch()
        (folder / "sitecustomize.py").write_text(HOOK.format(file=str(self._file)))
        self.env: Mapping[str, str] = {"PYTHONPATH": str(folder)}

    @property
    def addresses(self) -> set[tuple[str, int]]:
        """Host and port, each once; of unix sockets nothing is told."""
        lines = (line.rpartition(" ") for line in self._file.read_text().splitlines())
        return {(host, int(port)) for host, _, port in lines}
