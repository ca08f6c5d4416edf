"""A header field to text: encoded words (RFC 2047), and bytes that should have been encoded.

Written out because ``email.header`` takes the square of a field's length, raises for a bad letter
of base64, and loses 8-bit characters that stand between encoded words.
"""

from __future__ import annotations

import binascii
import re
from typing import Final

from relay.reader.charset import Decoded, decode

_WORD: Final = re.compile(r"=\?([^?*\s]{1,40})(?:\*[^?\s]{0,40})?\?([bBqQ])\?([^?]*)\?=")


def decode_words(value: str) -> Decoded:
    """The text of a field as the parser gives it, with 8-bit bytes as surrogates; not cleaned.

    White space between encoded words is no part of the text (section 6.2); neighbours in one
    charset are decoded together, since many programs cut a letter in two.
    """
    pieces: list[tuple[str, bytes]] = []
    flags: set[str] = set()
    at = 0
    for word in _WORD.finditer(value):
        between = value[at : word.start()]
        if between.strip() or at == 0:
            pieces.append(("", _raw(between)))
        charset, content = word[1].lower(), _content(word)
        if pieces and pieces[-1][0] == charset:
            charset, content = charset, pieces.pop()[1] + content
        pieces.append((charset, content))
        at = word.end()
    pieces.append(("", _raw(value[at:])))
    text = ""
    for charset, raw in pieces:
        decoded = decode(raw, charset)
        flags.update(decoded.flags)
        text += decoded.text
    return Decoded(text, tuple(sorted(flags)))


def _content(word: re.Match[str]) -> bytes:
    raw = _raw(word[3])
    if word[2] in "qQ":
        return binascii.a2b_qp(raw, header=True)
    try:
        return binascii.a2b_base64(raw + b"===")
    except binascii.Error:
        return _raw(word[0])


def _raw(value: str) -> bytes:
    return value.encode("utf-8", "surrogateescape")
