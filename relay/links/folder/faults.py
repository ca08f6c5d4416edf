"""What the system says of a folder or its disk, in our own words: no path, no name of a file."""

from __future__ import annotations

import errno
from typing import Final

NOT_THERE: Final = "the folder is not there"

_SAID: Final = {
    errno.ENOSPC: "the disk of the folder is full",
    errno.EDQUOT: "the disk of the folder is full",
    errno.EFBIG: "the folder takes no file of that size",
    errno.EROFS: "the folder can only be read",
    errno.EACCES: "the folder is closed to this user",
    errno.EPERM: "the folder is closed to this user",
    errno.ENOENT: NOT_THERE,
    errno.ENOTDIR: "the folder is a file, or a link to elsewhere",
    errno.ELOOP: "the folder is a file, or a link to elsewhere",
    errno.ENODEV: "the disk of the folder was pulled out",
    errno.ENXIO: "the disk of the folder was pulled out",
    errno.ESTALE: "the disk of the folder was pulled out",
    errno.ENOTCONN: "the disk of the folder was pulled out",
    errno.ESHUTDOWN: "the disk of the folder was pulled out",
    errno.EIO: "the disk of the folder failed, or was pulled out",
}

FULL: Final = (errno.ENOSPC, errno.EDQUOT)


class Spoiled(OSError):
    """What was written does not read back as it was: the disk lies, or is dying."""

    def __init__(self) -> None:
        super().__init__(errno.EIO, "what was written reads back as something else")


class Crowded(OSError):
    """More lies in the folder than anybody of ours has put there."""

    def __init__(self) -> None:
        super().__init__(errno.E2BIG, "too many files lie in the folder")


class NoRoom(OSError):
    """As much of ours lies there as may."""

    def __init__(self) -> None:
        super().__init__(errno.EDQUOT, "as much lies in the folder as may: nobody took it out")


def why(error: OSError) -> str:
    """Why something could not be done, in our own words."""
    if isinstance(error, Spoiled | Crowded | NoRoom):
        return str(error.strerror)
    return _SAID.get(error.errno or 0, "the disk of the folder failed")
