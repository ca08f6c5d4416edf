"""Rich messages (Bot API 10.1: blocks of text and media), read from JSON: the text, and the files.

Nothing of their form is kept but lines. Links show their address, as those of plain texts do; maps,
and the people who are mentioned by more than their written name, are dropped.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

MOST_DEPTH: Final = 32
"""Blocks within blocks: a hostile server of the Bot API must not exhaust our stack."""

_WORDS: Final = ("alternative_text", "expression", "label", "summary", "text", "credit")
"""Where text stands in a block, in order."""

_WITHIN: Final = ("cells", "items", "blocks", "caption")
"""Where more of it stands."""

_FILES: Final = {
    "animation": "video/mp4",
    "audio": "audio/mpeg",
    "document": "application/octet-stream",
    "video": "video/mp4",
    "voice_note": "audio/ogg",
}


def text(message: object) -> str:
    """What is written in a rich message, a line for each block; empty for what is none."""
    lines = (line.strip() for line in _lines(_of(message, "blocks"), MOST_DEPTH))
    return "\n".join(line for line in lines if line)


def files(message: object) -> Iterator[tuple[str, str, int | None]]:
    """Its files: id, type, size."""
    yield from _files(_of(message, "blocks"), MOST_DEPTH)


def _of(value: object, name: str) -> Any:
    return value.get(name) if isinstance(value, dict) else None


def _lines(value: object, depth: int) -> Iterator[str]:
    """Each block is a line, and so is each cell of a table."""
    if depth and isinstance(value, list):
        for one in value:
            yield from _lines(one, depth - 1)
    elif depth and isinstance(value, dict):
        written = [_inline(value.get(name), depth - 1) for name in _WORDS]
        yield " ".join(one for one in written if one)
        for name in _WITHIN:
            yield from _lines(value.get(name), depth - 1)
    elif isinstance(value, str):
        yield value  # a table's caption is text itself


def _inline(value: object, depth: int) -> str:
    """Text within a line: a string, a list, or something around a text."""
    if isinstance(value, str):
        return value
    if depth and isinstance(value, list):
        return "".join(_inline(one, depth - 1) for one in value)
    if depth and isinstance(value, dict):
        inner = "".join(_inline(value.get(name), depth - 1) for name in _WORDS)
        url = value.get("url")
        return f"{inner} <{url}>" if isinstance(url, str) and url != inner else inner
    return ""


def _files(value: object, depth: int) -> Iterator[tuple[str, str, int | None]]:
    if depth and isinstance(value, list):
        for one in value:
            yield from _files(one, depth - 1)
    elif depth and isinstance(value, dict):
        sizes = value.get("photo")
        if isinstance(sizes, list) and sizes:
            yield from _file(sizes[-1], "image/jpeg")  # the last is the largest
        for name, otherwise in _FILES.items():
            yield from _file(value.get(name), otherwise)
        for name in ("items", "blocks"):
            yield from _files(value.get(name), depth - 1)


def _file(value: object, otherwise: str) -> Iterator[tuple[str, str, int | None]]:
    file_id, type_, size = (_of(value, name) for name in ("file_id", "mime_type", "file_size"))
    if isinstance(file_id, str):
        type_ = type_ if isinstance(type_, str) else otherwise
        yield file_id, type_, size if type(size) is int else None
