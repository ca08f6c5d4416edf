"""Bundles, requests and revocations in files: read within bounds, written whole or not at all."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Final

import click

from relay.errors import CannotMake, OutwordError
from relay.keyfiles import put_in_place
from relay.wire.batch import MAX_BUNDLE

STANDARD: Final = Path("-")


class CannotRead(OutwordError):
    """The file cannot be read."""

    exit_code = 66


class TooMuch(OutwordError):
    """That is larger than any bundle of keys: it was not read further, and nothing has changed."""

    exit_code = 65


def carried(path: Path) -> bytes:
    """What was brought in a file, or on standard input for ``-``. Raises CannotRead or TooMuch."""
    try:
        if path == STANDARD:
            content = sys.stdin.buffer.read(MAX_BUNDLE + 1)
        else:
            with open(path, "rb") as file:
                content = file.read(MAX_BUNDLE + 1)
    except OSError as error:
        raise CannotRead(f"{path}: {error.strerror}") from None
    if len(content) > MAX_BUNDLE:
        raise TooMuch
    return content


def carry(path: Path, content: bytes, *, for_all: bool = True) -> None:
    """Write what is to be carried; to standard output for ``-``. What was there is replaced in one
    step. ``for_all``: others on this machine may read it. Raises CannotMake."""
    if path == STANDARD:
        if sys.stdout.isatty():
            raise click.UsageError("that is no text for a terminal: name a file")
        sys.stdout.buffer.write(content)
        sys.stdout.buffer.flush()
        return
    try:
        put_in_place(path, content, 0o666 if for_all else 0o600)
    except OSError as error:
        raise CannotMake(f"{path}: cannot be written: {error.strerror}") from None
