"""Files that only we may read: written whole or not at all, refused when others could read them."""

from __future__ import annotations

import contextlib
import ctypes
import os
import pwd
import stat
from pathlib import Path
from typing import Final

from relay.errors import KeyFileError
from relay.spool.files import sync_folder

MAX_BYTES = 1024 * 1024
"""No key or secret file is larger; a hostile one is not read into memory."""

_HERE: Final = -100
_EXCHANGE: Final = 2
"""AT_FDCWD and RENAME_EXCHANGE (linux/fcntl.h, linux/fs.h)."""


def read_secret(path: Path) -> bytes:
    """The bytes of a secret file. Raises KeyFileError unless it is a plain file of ours, 0600.

    The owner may be root as well: systemd hands credentials over that way.
    """
    return _read(path, shared=0o077)


def read_credential(name: str) -> bytes | None:
    """A secret that systemd hands over (systemd.exec(5), LoadCredential); None if there is none.

    Its folder is ours alone. The file itself may belong to root and be opened to us by an access
    list, which shows as a right of the group to read: here, and only here, that is no fault.
    Without the white space around it. Raises KeyFileError.
    """
    folder = os.environ.get("CREDENTIALS_DIRECTORY", "")
    if not folder:
        return None
    try:
        os.stat(Path(folder) / name)
    except FileNotFoundError:
        return None
    except OSError:
        raise KeyFileError(f"the credential {name} cannot be read") from None
    return _read(Path(folder) / name, shared=0o037).strip()


def _read(path: Path, shared: int) -> bytes:
    """The bytes of a secret file, which must have none of the mode bits ``shared``."""
    try:
        file = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError:
        raise KeyFileError(f"{path.name} is missing") from None
    except OSError:
        raise KeyFileError(f"{path.name} cannot be opened, or is a symbolic link") from None
    try:
        trouble = _trouble(path, os.fstat(file), shared)
        if trouble:
            raise KeyFileError(f"{path.name} {trouble}")
        return os.read(file, MAX_BYTES)
    finally:
        os.close(file)


def _trouble(path: Path, about: os.stat_result, shared: int) -> str:
    if not stat.S_ISREG(about.st_mode):
        return "is not a plain file"
    if about.st_uid not in (os.geteuid(), 0):
        return _of_another(path, about.st_uid)
    if about.st_mode & shared:
        return "can be read by others: use chmod 600"
    if about.st_size > MAX_BYTES:
        return "is too large to be a secret"
    return ""


def _of_another(path: Path, owner: int) -> str:
    """Root in a user's node must not take the file from that user, who could not start any more."""
    if os.geteuid() == 0 and path.parent.stat().st_uid == owner:
        user = user_called(owner)
        return f"belongs to {user}, as its folder does: run this as {user}, not as root"
    return "belongs to another user: use chown"


def user_called(number: int) -> str:
    """A user's name, or the number where it has none here (getpwuid(3))."""
    try:
        return pwd.getpwuid(number).pw_name
    except (KeyError, OSError):
        return f"user {number}"


def read_line(path: Path) -> bytes:
    """A secret that people paste into a file: without the white space around it."""
    return read_secret(path).strip()


def write_secret(path: Path, secret: bytes) -> None:
    """Put a secret in place, mode 0600, durable, replacing what was there in one step. Raises
    OSError."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    put_in_place(path, secret, 0o600)


def put_in_place(path: Path, content: bytes, mode: int) -> None:
    """Have a file say this, durable, replacing what was there in one step; ``mode`` as for open(2).
    Raises OSError; then what was there is there still, and nothing lies beside it."""
    beside = _written_beside(path, content, mode)
    try:
        beside.rename(path)
    except OSError:
        _forget(beside)
        raise
    sync_folder(path.parent)


def replace_secret(path: Path, secret: bytes) -> None:
    """The same, and what was there is written over once it is not the file any more: as far as the
    file system writes in place, no part of it stays on the disk. Of flash, and of a file system
    that copies on write, nobody can say so. A copy that somebody made by a link is theirs.

    The two change their names, so that what was there has one until it is written over: whoever is
    killed before that leaves it to the next who writes here. Raises OSError where the new one
    cannot be written; then the old one is there still.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    beside = _written_beside(path, secret, 0o600)
    old = _to_write_over(path)
    try:
        if old < 0 or not _exchanged(beside, path):
            beside.rename(path)
        sync_folder(path.parent)
        if old >= 0:
            with contextlib.suppress(OSError):  # it is not the file any more, whatever comes of it
                _destroy(old, beside)
    finally:
        if old >= 0:
            os.close(old)


def _written_beside(path: Path, content: bytes, mode: int) -> Path:
    """What is to become this file, written and synced. What a process left there that was killed
    is destroyed before: it may have keys that this one has no more. Raises OSError, and then
    nothing lies there."""
    beside = path.with_name(f".{path.name}.new")
    left = _to_write_over(beside)
    try:
        beside.unlink(missing_ok=True)  # first: no noise takes the place of what is written there
        if left >= 0:
            with contextlib.suppress(OSError):
                _destroy(left, beside)
    finally:
        if left >= 0:
            os.close(left)
    file = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, mode)
    try:
        with open(file, "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
    except OSError:
        _forget(beside)
        raise
    return beside


def _forget(beside: Path) -> None:
    with contextlib.suppress(OSError):
        beside.unlink()


def _exchanged(one: Path, other: Path) -> bool:
    """Whether these two have changed their names, in one step (renameat2(2)). Not everywhere."""
    call = getattr(ctypes.CDLL(None), "renameat2", None)
    names = os.fsencode(one), os.fsencode(other)
    return call is not None and call(_HERE, names[0], _HERE, names[1], _EXCHANGE) == 0


def _to_write_over(path: Path) -> int:
    """A descriptor of the file that is there; -1 where there is none, or none that is ours."""
    try:
        return os.open(path, os.O_WRONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return -1


def _destroy(file: int, path: Path) -> None:
    """Write over an open file that has no name any more, or only this one; then that goes too. One
    with another name is somebody's copy."""
    about, names = os.fstat(file), 1 if path.exists() else 0
    if stat.S_ISREG(about.st_mode) and about.st_nlink == names:
        _write_over(file)
    path.unlink(missing_ok=True)


def _write_over(file: int) -> None:
    size, at = os.fstat(file).st_size, 0
    noise = os.urandom(size)
    while at < size:
        at += os.pwrite(file, noise[at:], at)
    os.fsync(file)


class Kept:
    """A file that is read and replaced as a secret is; nothing is there until the first save.

    What this process has put there it need not be able to read: a confined one was granted the file
    that lay there before. The same holds for what the process before it has put there, and has told
    it of.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._put: bytes | None = None
        self.known: bytes | None = None
        """What was read or saved last by this process; None if it knows of nothing."""

    def load(self) -> bytes | None:
        """What was saved last, None if nothing ever was. Raises KeyFileError."""
        try:
            self.known = read_secret(self._path) if self._path.exists() else None
        except KeyFileError:
            if self._put is None:
                raise
            self.known = self._put
        return self.known

    def told(self, content: bytes) -> None:
        """The process before this one knew that this lies there."""
        self._put = self.known = content

    def save(self, content: bytes) -> None:
        """Replace it; durable when this returns. Raises OSError."""
        write_secret(self._path, content)
        self._put = self.known = content
