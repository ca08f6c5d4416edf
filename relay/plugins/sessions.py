"""Where bridges of ours keep a session: tokens that a platform renews, each in a folder of its own.

A confined outlet reads its secrets and writes none. What it has to keep lies in ``SECRET.session``
beside one (``bridges.kit.session``), a folder, so that it can be granted by itself: a rule of
Landlock for a file would not hold for the next that is renamed into its place, and one for the
folder of the secrets would hold for all of them.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from relay.config import Destination, Settings
from relay.spool.files import sync_folder

OF_OURS: Final = {
    "bluesky": ("password_file",),
    "matrix": ("password_file", "token_file"),
    "peertube": ("password_file",),
    "telegram": ("token_file",),
    "x": ("token_file",),
}
"""Our bridges that keep a session, and the keys of the secret that it belongs to: one of them."""

ENDING: Final = ".session"
HELD: Final = "held"
"""The file in that folder."""


def session_of(destination: Destination, settings: Settings) -> Path | None:
    """The folder in which the bridge of a destination keeps its session, if it is one of ours."""
    named = [destination.rest.get(key) for key in OF_OURS.get(destination.bridge, ())]
    files = (beside(settings.at(one)) for one in named if isinstance(one, str) and one)
    return next(files, None)


def beside(secret: Path) -> Path:
    """The folder of the session that belongs to a secret file."""
    return secret.with_name(secret.name + ENDING)


def make_room(folder: Path) -> None:
    """Make the folder of a session, mode 0700. Raises OSError.

    A session of the version before was a file of that name: it goes into the folder. Whatever kills
    us in between, the next call finds it.
    """
    new = folder.with_name(f".{folder.name}.room")
    if folder.is_dir() and not folder.is_symlink():
        return
    new.mkdir(mode=0o700, exist_ok=True)
    if folder.is_file():
        folder.rename(new / HELD)
        sync_folder(new)
    new.rename(folder)
    sync_folder(folder.parent)
