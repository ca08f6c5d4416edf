"""The folders of links: the process of the links may write there, and so nothing else may lie
there that opens anything or must stay what it is."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from relay.config.linking import FolderLink
from relay.config.sections import Settings
from relay.errors import Mistake


def wrong_folders(settings: Settings) -> Iterator[Mistake]:
    """A folder of a link that has what is the node's own in it, or lies in that."""
    own = {
        "node.data": settings.data,
        "node.keys": settings.keys,
        "node.passphrase_file": settings.at(settings.node.passphrase_file),
    }
    for name, link in settings.links.items():
        if not isinstance(link, FolderLink):
            continue
        folder = _plain(settings.at(link.folder))
        for key, path in own.items():
            if _one_in_the_other(folder, _plain(path)):
                what = f"is one with {key}, or one of them lies in the other"
                yield Mistake(f"links.{name}.folder", what, "name a folder that has nothing else")
                break


def _one_in_the_other(one: Path, other: Path) -> bool:
    return one == other or one in other.parents or other in one.parents


def _plain(path: Path) -> Path:
    return Path(os.path.normpath(path))
