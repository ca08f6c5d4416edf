"""The folders of links: whether they are there, and whether the node may write in them."""

from __future__ import annotations

import os
from collections.abc import Iterator

from relay.cli.doctoring.finding import Finding, good, mind, wrong
from relay.config import Settings
from relay.config.linking import FolderLink

CHECK = "links"


def look(settings: Settings) -> Iterator[Finding]:
    """Every folder in which batches for other nodes are put."""
    for name, link in settings.links.items():
        if isinstance(link, FolderLink):
            yield _at(name, link, settings)


def _at(name: str, link: FolderLink, settings: Settings) -> Finding:
    folder = settings.at(link.folder)
    if link.removable and not os.path.ismount(folder):
        return good(CHECK, f"links.{name}: no stick is mounted now")
    if not folder.is_dir():
        why = "nothing goes by this link, and nothing comes"
        remedy = f"mkdir {folder}, or mount what belongs there"
        return mind(CHECK, f"links.{name}: its folder is not there", why, remedy)
    if not os.access(folder, os.R_OK | os.W_OK | os.X_OK):
        why = "it can neither put anything there nor take anything out"
        remedy = "let the user of the node write there: look at its owner and mode"
        return wrong(CHECK, f"links.{name}: the node may not write in its folder", why, remedy)
    return good(CHECK, f"links.{name}: its folder is there, and can be written to")
