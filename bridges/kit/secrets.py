"""Secrets: files that hold one thing, that only we may read, and that no message quotes."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import Final

from bridges.kit.files import sync_folder

MAX_SECRET_BYTES: Final = 8 * 1024


class BadSecret(ValueError):
    """A secret file cannot be used: it must be a plain file of yours, mode 0600 or 0400, with the
    secret in it and nothing else."""


def read_secret(path: str) -> bytes:
    """The secret in a file, without white space around it. Raises BadSecret, which never quotes it.

    The file must be no link, mode 0600 or 0400, ours or root's, and hold 1 to 8,192 bytes.
    """
    try:
        # O_NONBLOCK: a pipe put in its place must not hang the start.
        opened = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        raise BadSecret(f"a secret file cannot be opened ({error.strerror})") from None
    try:
        facts = os.fstat(opened)
        if not stat.S_ISREG(facts.st_mode):
            raise BadSecret("a secret file is no plain file")
        if stat.S_IMODE(facts.st_mode) not in (0o600, 0o400):
            raise BadSecret("a secret file can be read by others: chmod 600 it")
        if facts.st_uid not in (os.geteuid(), 0):
            raise BadSecret("a secret file is somebody else's: run this as its owner, or chown it")
        held = os.read(opened, MAX_SECRET_BYTES + 1)
    finally:
        os.close(opened)
    if len(held) > MAX_SECRET_BYTES or not held.strip():
        raise BadSecret("a secret file is empty, or too long for a secret")
    return held.strip()


def write_secret(path: str, secret: bytes) -> None:
    """Put a secret in place, mode 0600, whole or not at all, durable when it returns.

    Raises OSError, which names the file and never its content.
    """
    there = Path(path)
    beside = there.with_name(f".{there.name}.new")
    beside.unlink(missing_ok=True)
    opened = os.open(
        beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600
    )
    try:
        with open(opened, "wb") as file:
            file.write(secret)
            file.flush()
            os.fsync(opened)
        beside.rename(there)
    except OSError:
        beside.unlink(missing_ok=True)
        raise
    sync_folder(there.parent)
