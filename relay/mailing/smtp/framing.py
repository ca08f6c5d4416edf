"""What may stand in the text of a mail: whole lines of bounded length. Pure, and fast on 10 MB."""

from __future__ import annotations

from typing import Final

LINE: Final = 1000
"""Octets of a line of text, with its CRLF (RFC 5321 section 4.5.3.1.6)."""


def framed(text: bytes | bytearray) -> bool:
    """Whether every CR and LF is half of a CRLF, and no octet is NUL.

    What one server takes for a line and the next one does not, an enemy uses to smuggle a second
    mail into the first: RFC 5321 section 2.3.8 forbids both alone.
    """
    lines = text.count(b"\r\n")
    return text.count(b"\r") == lines and text.count(b"\n") == lines and b"\0" not in text


def short_lines(text: bytes | bytearray) -> bool:
    """Whether no line has more than LINE octets. Jumps from line end to line end, far apart."""
    at = 0
    while len(text) - at > LINE:
        end = text.rfind(b"\n", at, at + LINE)
        if end < 0:
            return False
        at = end + 1
    return True
