"""Media at Telegram, fetched while they fit into one submission."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from telegram import Bot
from telegram.constants import FileSizeLimit
from telegram.error import BadRequest

from relay.transports.entity import MOST_BYTES
from relay.transports.telegram.content import Medium

MOST_FILE: Final = min(int(FileSizeLimit.FILESIZE_DOWNLOAD), MOST_BYTES)
"""Bytes of the largest file: Telegram's servers give a bot no larger ones than 20 MB."""


async def fetched(bot: Bot, media: Sequence[Medium]) -> tuple[tuple[tuple[str, bytes], ...], int]:
    """The media as (type, content), and how many were left out: too large, or gone at Telegram.

    Raises TelegramError for a network that is down: they are there the next time.
    """
    found: list[tuple[str, bytes]] = []
    room, left_out = MOST_BYTES * 3 // 4, 0  # base64 makes four bytes of three
    for medium in media:
        content = await _file(bot, medium, min(room, MOST_FILE))
        if not content or len(content) > room:
            left_out += 1
            continue
        room -= len(content)
        found.append((medium.type, content))
    return tuple(found), left_out


async def _file(bot: Bot, medium: Medium, most_bytes: int) -> bytes:
    """The bytes of a file; empty if Telegram has it no more, or it is too large."""
    if not medium.file_id or (medium.size or 0) > most_bytes:
        return b""
    try:
        file = await bot.get_file(medium.file_id)
    except BadRequest:
        return b""
    size = file.file_size if medium.size is None else medium.size
    if size is None or size > most_bytes:
        return b""
    # The library would read a path of this machine, if a server named one.
    if not (file.file_path or "").startswith(f"{bot.base_file_url}/"):
        return b""
    return bytes(await file.download_as_bytearray())
