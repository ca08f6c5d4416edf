"""How much lies in the folder of a plug-in: the disk is everybody's, and the core's first.

The kernel bounds each of its files, and not how many there are. So the outlet before it looks, each
second: who has written too much is ended, and starts again once somebody has made room.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Final

MOST_BYTES: Final = 256 * 1024 * 1024
"""On the disk, of all files in the folder: a plug-in keeps what it remembers there, not films."""

MOST_FILES: Final = 10_000
"""Files and folders in it."""

_BLOCK: Final = 512  # of st_blocks (stat(2)), whatever the file system has


def too_full(folders: Sequence[str]) -> bool:
    """Whether too much lies in these together; or it cannot be looked through, which is a plug-in's
    doing: it has closed a folder, or hidden one too deep for a path. One that is not there is not.
    """
    left, files = MOST_BYTES, MOST_FILES
    inner = [Path(one) for one in folders]
    while inner:
        folder = inner.pop()
        try:
            with os.scandir(folder) as entries:
                for entry in entries:
                    files -= 1
                    left -= entry.stat(follow_symlinks=False).st_blocks * _BLOCK
                    if left < 0 or files < 0:
                        return True
                    if entry.is_dir(follow_symlinks=False):
                        inner.append(Path(entry.path))
        except (FileNotFoundError, NotADirectoryError):
            continue  # taken away while we looked
        except OSError:
            return True
    return False
