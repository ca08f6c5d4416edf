"""Files of a node belong to whoever owns its folder, also when root gives the command.

A file of root's in a node's folder would stop the node at its next start. So what root asks for is
done as the owner of the folder; who is not root can be nobody else, and stays who he is.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import click
import pydantic

from relay.errors import OutwordError
from relay.keyfiles import user_called

PROGRAM: Final = tuple(map(str, (os.__file__, __file__, click.__file__, pydantic.__file__)))
"""A file of Python, of ours, and of the libraries: each may lie in a place of its own."""


class Closed(OutwordError):
    """The user of the node's folder cannot read this program."""

    exit_code = 78


@contextlib.contextmanager
def as_owner_of(folder: Path) -> Iterator[None]:
    """Inside the block root has the rights of the folder's owner and group, and no others.

    Of a folder that is not there it is the first one above it that is. Raises Closed where
    something cannot be imported any more, since that owner cannot read the program.
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
    except ImportError:
        must_read_program()
        raise
    finally:
        os.seteuid(0)
        os.setegid(group)
        os.setgroups(more)


def must_read_program(files: Sequence[str] | None = None) -> None:
    """Raises Closed where we, as who we are now, cannot read what is still to be imported."""
    for file in PROGRAM if files is None else files:
        try:
            os.listdir(os.path.dirname(file))
            os.close(os.open(file, os.O_RDONLY | os.O_CLOEXEC))
        except OSError:
            user, place = user_called(os.geteuid()), os.path.dirname(file)
            raise Closed(
                f"{user}, to whom the node's folder belongs, cannot read this program in {place}:"
                f" install it where {user} may read, as in /opt/outword; nor could the node run"
            ) from None
