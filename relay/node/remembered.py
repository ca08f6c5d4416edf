"""What one door remembers on the disk: door.key, and what its transports keep beside it.

The door that comes after it was granted the files that lay there when it started, and cannot read
one that was put in their place since: so it is told what is in them.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from relay.keyfiles import Kept

DOOR_KEY: Final = "door.key"


class Remembered:
    """The files in a folder by their names, each opened once."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._files: dict[str, Kept] = {}

    def file(self, name: str) -> Kept:
        """One of them."""
        if name not in self._files:
            self._files[name] = Kept(self._folder / name)
        return self._files[name]

    def known(self) -> dict[str, bytes]:
        """What was read or saved last, for the door that comes after this one."""
        return {name: kept.known for name, kept in self._files.items() if kept.known is not None}

    def learn(self, known: Mapping[str, bytes]) -> None:
        """What the door before this one knew."""
        for name, content in known.items():
            self.file(name).told(content)
