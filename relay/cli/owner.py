"""Files of a node belong to whoever owns its folder, also when root gives the command.

A file of root's in a node's folder would stop the node at its next start. So what root asks for is
done as the owner of the folder; who is not root can be nobody else, and stays who he is.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path


@contextlib.contextmanager
def as_owner_of(folder: Path) -> Iterator[None]:
    """Inside the block root has the rights of the folder's owner and group, and no others.

    Of a folder that is not there it is the first one above it that is.
    """
    there = next(one for one in (folder.absolute(), *folder.absolute().parents) if one.exists())
    about = there.stat()
    if os.geteuid() != 0 or about.st_uid == 0:
        yield
        return
    group, more = os.getegid(), os.getgroups()
    os.setgroups([about.st_gid])  # root's others may open what a link in the folder leads to
    os.setegid(about.st_gid)
    os.seteuid(about.st_uid)
    try:
        yield
    finally:
        os.seteuid(0)
        os.setegid(group)
        os.setgroups(more)
