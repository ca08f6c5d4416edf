"""Secrets on their way into place: beside it while they are tried, then all together or none.

A bridge may write beside a secret while it is tried: a session whose tokens were renewed already,
so that the secret alone opens nothing any more. What it wrote goes into place with the secret.
"""

from __future__ import annotations

import contextlib
import glob
import os
from collections.abc import Iterator, Mapping
from pathlib import Path

from relay.keyfiles import MAX_BYTES, write_secret
from relay.spool.files import sync_folder


@contextlib.contextmanager
def tried_beside(secrets: Mapping[Path, bytes]) -> Iterator[Mapping[Path, Path]]:
    """Where each secret lies until the block ends, by its place. Raises OSError."""
    there = {file: file.with_name(f".{file.name}.tried") for file in secrets}
    try:
        for file, content in secrets.items():
            _away(there[file])
            write_secret(there[file], content)
        yield there
    finally:
        for path in there.values():
            _away(path)


def grown(there: Mapping[Path, Path]) -> dict[Path, bytes]:
    """What was written beside secrets that are being tried, by the place where it belongs."""
    return {
        file.with_name(file.name + path.name.removeprefix(tried.name)): path.read_bytes()
        for file, tried in there.items()
        for path in _beside(tried)
        if path.is_file() and path.stat().st_size <= MAX_BYTES
    }


def _beside(tried: Path) -> list[Path]:
    return [Path(one) for one in glob.glob(f"{glob.escape(str(tried))}?*")]


def _away(path: Path) -> None:
    """Also what a write that failed left of it (``keyfiles.write_secret``)."""
    for one in (path, path.with_name(f".{path.name}.new"), *_beside(path)):
        one.unlink(missing_ok=True)


def put_together(files: Mapping[Path, bytes]) -> None:
    """Put all of them in place, mode 0600, in this order, or none. Raises OSError.

    Each is durable beside its place before the first is moved, so that a full disk changes nothing.
    Only a power cut between two moves could leave some of them: then give the command again.
    """
    staged = {file: file.with_name(f".{file.name}.next") for file in files}
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
