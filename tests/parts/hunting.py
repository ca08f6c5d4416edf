"""Looks for what names a person in whatever a thief can carry off: a disk, and memory.

Of a process all is read that it can have written to: anonymous memory, its stack, shared memory and
the writable parts of its libraries. What is read-only and comes from a file is code.
"""

from __future__ import annotations

import json
import os
import re
import struct
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from leaking import spellings, written

_REGION = re.compile(r"([0-9a-f]+)-([0-9a-f]+) (r\S+) \S+ \S+ (\d+) *(.*)")
_OF_THE_KERNEL = ("[vvar", "[vsyscall", "[vdso")
_PAGE = 4096


def encodings(secret: str) -> set[bytes]:
    """How a secret may stand in bytes, ``spellings`` included. A number also as machines have it:
    in eight octets from either end, and as CPython has it (digits of 30 bits, in four octets)."""
    found = set(spellings(secret))
    found.add(json.dumps(secret)[1:-1].encode())
    found.add("".join(f"={byte:02X}" for byte in secret.encode()).encode())
    if secret.isdigit() and 1 << 40 < int(secret) < 1 << 60:
        number = int(secret)
        found |= {struct.pack(form, number) for form in ("<q", ">q")}
        found.add(struct.pack("<II", number & (1 << 30) - 1, number >> 30))
    return found


def found_in(places: Iterable[tuple[str, bytes]], secrets: Mapping[str, str]) -> list[str]:
    """Which of the secrets stand where, in whatever encoding."""
    sought = [(what, coded) for what, secret in secrets.items() for coded in encodings(secret)]
    return sorted(
        {
            f"{what} in {where}"
            for where, content in places
            for what, coded in sought
            if coded in content
        }
    )


def disk(folder: Path) -> Iterator[tuple[str, bytes]]:
    """Every file under a folder, and its name."""
    return written(folder)


def memory(pid: int, name: str) -> Iterator[tuple[str, bytes]]:
    """All that a process holds, region by region; pages of zeros at their ends are left out."""
    mem = os.open(f"/proc/{pid}/mem", os.O_RDONLY)
    try:
        for start, end in _regions(pid):
            try:
                content = b"".join(_read(mem, start, end))
            except OSError:  # it was given back meanwhile
                continue
            if content := content.strip(b"\0"):
                yield f"memory of {name}", content
    finally:
        os.close(mem)


def _read(mem: int, start: int, end: int) -> Iterator[bytes]:
    while start < end:
        chunk = os.pread(mem, min(end - start, 256 * _PAGE), start)
        if not chunk:
            return
        yield chunk
        start += len(chunk)


def _regions(pid: int) -> Iterator[tuple[int, int]]:
    for line in Path(f"/proc/{pid}/maps").read_text().splitlines():
        match = _REGION.match(line)
        if match is None or match[5].startswith(_OF_THE_KERNEL):
            continue
        if "w" in match[3] or match[4] == "0":
            yield int(match[1], 16), int(match[2], 16)
