"""Files of the page's folder, asked about: what is not there is an answer, and no error."""

from __future__ import annotations

from pathlib import Path


def held(path: Path) -> bytes | None:
    """What is in it; None if it is not there. Raises OSError."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None


def whole(path: Path) -> bool:
    """Whether it is there and a power cut has not emptied it. Raises OSError."""
    try:
        return path.stat().st_size > 0
    except FileNotFoundError:
        return False


def hour(path: Path) -> int:
    """The time that it shows, as an Instant; -1 if it is not there. Raises OSError."""
    try:
        return int(path.stat().st_mtime)
    except FileNotFoundError:
        return -1
