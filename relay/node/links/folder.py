"""The link by folder, made from its section of the settings."""

from __future__ import annotations

from relay.config import Settings
from relay.config.linking import FolderLink as Section
from relay.links.folder.folder import Folder
from relay.links.folder.link import FolderLink
from relay.links.port import Opening


def folder_link(at: Section, opening: Opening, settings: Settings) -> FolderLink:
    """The link of ``kind = "folder"``. It is with the peer that it leads to, or with all."""
    folder = Folder(
        settings.at(at.folder),
        opening.seed,
        opening.peers,
        [opening.peer] if opening.peer is not None else list(opening.peers.values()),
        opening.clock,
        removable=at.removable,
    )
    return FolderLink(opening, folder, every_s=at.every, again_s=at.again, most_bytes=at.most_bytes)
