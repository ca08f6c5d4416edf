"""Secrets on their way into place: beside it while they are tried, then all together or none.

A bridge may write beside a secret while it is tried: a session whose tokens were renewed already,
so that the secret alone opens nothing any more. What it wrote goes into place with the secret; so
does what a bridge of another package wrote in the ``folder`` of its section (``bridges.kit``).
"""

from __future__ import annotations

import contextlib
import glob
import os
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path

from relay.keyfiles import MAX_BYTES, write_secret
from relay.plugins import make_room
from relay.spool.files import sync_folder


@contextlib.contextmanager
def tried_beside(
    secrets: Mapping[Path, bytes], folder: Path | None = None
) -> Iterator[Mapping[Path, Path]]:
    """Where each secret lies until the block ends, by its place; what was written beside it, and
    under its name in ``folder``, is gone then as well. Raises OSError."""
    there = {file: file.with_name(f".{file.name}.tried") for file in secrets}
    try:
        for file, content in secrets.items():
            _away(there[file], folder)
            write_secret(there[file], content)
        yield there
    finally:
        for path in there.values():
            _away(path, folder)


def grown(there: Mapping[Path, Path], folder: Path | None = None) -> dict[Path, bytes]:
    """What was written beside secrets that are being tried, or in ``folder``, by the place where it
    belongs."""
    found: dict[Path, bytes] = {}
    for file, tried in there.items():
        for path in _beside(tried, folder):
            place = path.with_name(file.name + path.name.removeprefix(tried.name))
            for one in [path] if path.is_file() else sorted(path.iterdir()):
                if one.is_file() and one.stat().st_size <= MAX_BYTES:
                    found[place / one.relative_to(path)] = one.read_bytes()
    return found


def _beside(tried: Path, folder: Path | None) -> list[Path]:
    where = (tried, *([folder / tried.name] if folder else []))
    return [Path(one) for path in where for one in glob.glob(f"{glob.escape(str(path))}?*")]


def _away(path: Path, folder: Path | None = None) -> None:
    """Also what a write that failed left of it (``keyfiles.write_secret``)."""
    for one in (path, path.with_name(f".{path.name}.new"), *_beside(path, folder)):
        if one.is_dir() and not one.is_symlink():
            shutil.rmtree(one)
        else:
            one.unlink(missing_ok=True)


def put_together(files: Mapping[Path, bytes]) -> None:
    """Put all of them in place, mode 0600, in this order, or none. Raises OSError.

    Each is durable beside its place before the first is moved, so that a full disk changes nothing.
    Only a power cut between two moves could leave some of them: then give the command again.
    """
    staged = {file: file.with_name(f".{file.name}.next") for file in files}
    for folder in {file.parent for file in files}:
        if folder.is_file():  # a session, as the version before had it
            make_room(folder)
    try:
        for file, content in files.items():
            write_secret(staged[file], content)
        _moved(staged)
    finally:
        for path in staged.values():
            _away(path)
    for folder in {file.parent for file in files}:
        sync_folder(folder)


def _moved(staged: Mapping[Path, Path]) -> None:
    before = {file: file.with_name(f".{file.name}.before") for file in staged}
    moved: list[Path] = []
    try:
        for file, old in before.items():
            old.unlink(missing_ok=True)
            if file.exists():
                os.link(file, old)
        for file, path in staged.items():
            path.rename(file)
            moved.append(file)
    except BaseException:
        for file in moved:
            before[file].rename(file) if before[file].exists() else file.unlink()
        raise
    finally:
        for old in before.values():
            old.unlink(missing_ok=True)
