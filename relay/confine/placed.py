"""Files that others put anew in their place: what was granted is then no longer what lies there.

A rule of Landlock holds for a file, not for its name. A secret that was replaced, a name server
file that was written anew, a disk that was mounted over its folder: who was granted the old one
must be started again to be granted the new one.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Final

Stamp = tuple[int, int] | None
"""The device and the number of a file; None where none can be seen."""


class Placed:
    """What lies at some paths now."""

    def __init__(self, paths: Sequence[Path]) -> None:
        self._was = {path: _stamp(path) for path in paths}

    def moved(self) -> bool:
        """Whether something else lies at one of them, or nothing any more."""
        return any(_stamp(path) != was for path, was in self._was.items())


def _stamp(path: Path) -> Stamp:
    try:
        about = os.stat(path)
    except OSError:
        return None
    return about.st_dev, about.st_ino


NOWHERE: Final = Placed(())
"""Nothing that could move."""
