"""Looks for what must be nowhere: in files and their names, and in the list of processes."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote


def spellings(secret: str) -> Iterator[bytes]:
    """How a text may stand in bytes."""
    yield secret.encode()
    yield secret.encode("utf-16-le")
    yield secret.encode("utf-16-be")
    yield secret.encode().hex().encode()
    yield secret.encode().hex().upper().encode()
    yield "".join(f"%{byte:02x}" for byte in secret.encode()).encode()
    yield "".join(f"%{byte:02X}" for byte in secret.encode()).encode()
    yield quote(secret, safe="").encode()
    for shift in range(3):  # base64 of a longer text that contains it, at each alignment
        coded = base64.b64encode(b"\x00" * shift + secret.encode())
        yield coded[4 if shift else 0 : -4]


def written(folder: Path) -> Iterator[tuple[str, bytes]]:
    """Everything under a folder: names of files and what is in them."""
    for path in folder.rglob("*"):
        yield f"name of {path.name}", str(path).encode()
        if path.is_file():
            yield path.name, path.read_bytes()


def processes() -> Iterator[tuple[str, bytes]]:
    for path in Path("/proc").glob("[0-9]*"):
        for name in ("cmdline", "comm"):
            try:
                yield f"{name} of a process", (path / name).read_bytes()
            except OSError:
                continue


def leaks(folder: Path, secrets: dict[str, str]) -> list[str]:
    everywhere = [*written(folder), *processes()]
    return [
        f"{what} in {where}"
        for what, secret in secrets.items()
        for where, content in everywhere
        for spelling in spellings(secret)
        if spelling in content
    ]
