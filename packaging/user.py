"""The node's own user and folder: a name without a shell, and a folder that only it may enter.

That a user was made here is written in its comment field, so that ``uninstall`` needs no list. The
user stays as long as the folder does: a number that is free again would be given to another user,
who would then own the keys.
"""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
from pathlib import Path

from place import Cannot, Place, Steps, ids_of, prune

COMMENT = "Outword node"


def as_user(place: Place) -> list[str]:
    """What stands before a command so that it runs as the node's user, with no more rights."""
    groups = "--clear-groups" if place.user.isdigit() else "--init-groups"
    changed = [f"--reuid={place.user}", f"--regid={_group(place)}", groups]
    if not place.real and os.geteuid() != 0:
        changed = []  # we are that user
    return ["setpriv", *changed, "--inh-caps=-all", "--no-new-privs", "--"]


def _group(place: Place) -> str:
    try:
        return str(ids_of(place)[1])
    except KeyError:
        return place.user  # useradd will make a group of that name


def make_user(place: Place, steps: Steps) -> None:
    """The node's user, made if there is none. Raises Cannot."""
    if shutil.which("setpriv") is None:
        raise Cannot("setpriv is missing: apt-get install util-linux", 69)
    try:
        uid, _ = ids_of(place)
    except KeyError:
        if not place.real:
            raise Cannot(
                f"there is no user {place.user}, and none is made under ROOT", 64
            ) from None
    else:
        if place.real and uid == 0:
            raise Cannot("a node does not run as root: choose another USER_", 64)
        steps.says("user", f"{place.user} is there")
        return
    command = ["useradd", "--system", "--user-group", "--no-create-home"]
    command += ["--home-dir", str(place.node), "--shell", "/usr/sbin/nologin"]
    command += ["--comment", COMMENT, place.user]
    steps.does("user", f"{place.user} is made: no shell, no password", lambda: _run(command))


def make_folder(place: Place, steps: Steps) -> None:
    """The node's folder, made if there is none: 0700, the user's. Raises Cannot."""
    if place.node.is_symlink() or (place.node.exists() and not place.node.is_dir()):
        raise Cannot(f"{place.node} is not a folder", 73)
    if place.node.exists():
        if place.node.stat().st_uid != _uid(place, place.node):
            raise Cannot(f"{place.node} belongs to another user: chown -R {place.user} it", 73)
        steps.says("folder", f"{place.node} is there, unchanged")
        return

    def make() -> None:
        place.node.parent.mkdir(parents=True, exist_ok=True)
        place.node.mkdir(mode=0o700)
        if os.geteuid() == 0:
            os.chown(place.node, *ids_of(place))

    steps.does("folder", f"{place.node} is made, for {place.user} alone", make)


def _uid(place: Place, folder: Path) -> int:
    try:
        return ids_of(place)[0]
    except KeyError:  # a dry run: the user would be made
        return folder.stat().st_uid


def remove_folder(place: Place, steps: Steps) -> None:
    """Destroy the node's folder. Raises Cannot if it does not look like a node's."""
    folder = place.node
    if not folder.exists() and not folder.is_symlink():
        return
    if folder.is_symlink() or not folder.is_dir():
        raise Cannot(f"{folder} is not a folder: remove it yourself", 73)
    if any(folder.iterdir()) and not (folder / "relay.toml").is_file():
        raise Cannot(f"{folder} has no relay.toml, so it is no node's: remove it yourself", 73)

    def remove() -> None:
        shutil.rmtree(folder)
        prune(place, folder.parent)

    steps.does("folder", f"{folder} is destroyed, with keys and messages", remove)


def remove_user(place: Place, steps: Steps) -> None:
    """Remove the user, if it was made here."""
    if not place.real:
        return
    try:
        found = pwd.getpwnam(place.user)
    except KeyError:
        return
    if found.pw_gecos != COMMENT:
        steps.says("user", f"{place.user} stays: not made by `make install`")
        return
    steps.does("user", f"{place.user} is removed", lambda: _run(["userdel", place.user]))


def _run(command: list[str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL)
    if done.returncode:
        raise Cannot(f"{command[0]}: {done.stderr.strip()}", 73)
