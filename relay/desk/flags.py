"""What a flag of a message is called at the desk: flags are names for programs."""

from __future__ import annotations

from typing import Final

SAID: Final = {
    "auto-submitted": "automatic mail",
    "list": "from a mailing list",
    "media": "came with media",
    "media-left-out": "media left out",
    "cut_text": "the beginning of a longer text",
    "damaged_text": "damaged text",
    "guessed_charset": "damaged text",
    "unknown_address": "unknown address",
    "perhaps_repeat": "perhaps a repeat",
    "sms": "SMS",
    "flood": "very many from one sender",
    "edited": "an edited message",
    "quote_removed": "quotes or a signature taken off",
    "quoted": "perhaps a quote",
    "encrypted": "it was encrypted",
    "not_opened": "a part of it was not opened",
    "zawgyi": "perhaps Zawgyi",
    "perhaps_code": "perhaps a command",
    "perhaps_command": "perhaps a command",
    "nothing_left": "nothing is left of it",
}
"""By flag, in English, as ``docs/operate.md`` has them; the others are shown as they are."""


def named(flag: str) -> str:
    """The words for a flag."""
    return SAID.get(flag, flag)
