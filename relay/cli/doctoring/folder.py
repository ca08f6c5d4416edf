"""The node's folder: whose it is, and who else may read it."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from pathlib import Path

from relay.cli.doctoring.finding import Finding, good, mind, wrong
from relay.config import Settings
from relay.plugins import secrets_of, session_of


def look(file: Path, settings: Settings) -> Iterator[Finding]:
    """Every file that is ours alone, and the folders they lie in."""
    owner = file.parent.stat().st_uid
    faults = 0
    if file.stat().st_mode & 0o077:
        why = "it names your ways in and your accounts"
        yield mind("permissions", f"others may read {file}", why, f"chmod 600 {file}")
    for path in _ours(file, settings):
        for finding in _fault(path, owner):
            faults += 1
            yield finding
    if not faults:
        yield good("permissions", "keys, secrets and data are ours alone")
    if owner == 0:
        why = "a fault in one of its libraries is then a fault of the whole machine"
        remedy = "give the folder to a user of its own, and run the node as that user"
        yield mind("user", "the folder belongs to root, so the node runs as root", why, remedy)
    else:
        yield good("user", "the node has a user of its own")


def _ours(file: Path, settings: Settings) -> Iterator[Path]:
    """Files and folders that nobody else may open, those that are there."""
    sections = (*settings.transports.values(), *settings.destinations.values())
    named = [path for one in sections for path in secrets_of(one, settings).values()]
    named += [settings.at(settings.node.passphrase_file)]
    rooms = (session_of(one, settings) for one in settings.destinations.values())
    named += [path for room in rooms if room for path in (room, *_children(room))]
    folders = {settings.keys, settings.data, *(path.parent for path in named)} - {file.parent}
    kept = [*_children(settings.keys), *_children(settings.data)]
    for path in dict.fromkeys([*sorted(folders), *named, *kept]):
        if path.is_symlink() or path.exists():
            yield path


def _children(folder: Path) -> list[Path]:
    try:
        return sorted(folder.iterdir())
    except OSError:
        return []


def _fault(path: Path, owner: int) -> Iterator[Finding]:
    about = path.lstat()
    if stat.S_ISLNK(about.st_mode):
        why = "it can be turned to another file"
        yield wrong("permissions", f"{path} is a link", why, "put the file itself there")
        return
    if about.st_mode & 0o077:
        mode = "700" if stat.S_ISDIR(about.st_mode) else "600"
        why = "who reads it can read what people wrote, or post as you"
        remedy = f"chmod {mode} {path}"
        yield wrong("permissions", f"others on this machine may open {path}", why, remedy)
    if about.st_uid not in (owner, 0):
        why = "it can be changed by another user, or not be read by the node"
        remedy = f"chown --reference={path.parent} {path}"
        yield wrong("permissions", f"{path} belongs to another user", why, remedy)
    elif about.st_uid != owner:
        why = "the node's own user may be unable to read or replace it"
        remedy = f"chown --reference={path.parent} {path}"
        yield wrong("permissions", f"{path} belongs to root", why, remedy)
