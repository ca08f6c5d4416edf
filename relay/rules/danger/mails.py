"""Mail addresses, also those that are hidden from programs ("someone [at] example.org")."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from relay.rules.seen import Seen, Span

_NOT_IN_NAME: Final = '\\s@\uff20\ufe6b<>()\\[\\]{},;:"\u00ab\u00bb\u060c\u061b\u3001\uff0c'
_LABEL: Final = rf"[^{_NOT_IN_NAME}.\u3002\uff0e\uff61!?/\\\u061f]"
_AT: Final = (
    "(?:[@\uff20\ufe6b]"
    r"|[\[({<]\s?(?:at|@|arroba|собака|ات)\s?[\])}>])"
)
_DOT: Final = (
    "(?:[.\u3002\uff0e\uff61]"
    r"|\s?[\[({]\s?(?:dot|punto|точка|نقطه|نقطة|\.)\s?[\])}]\s?)"
)
_DOMAIN: Final = re.compile(
    rf"{_AT}(\s{{0,2}})(?:{_LABEL}{{1,63}}{_DOT}){{1,10}}{_LABEL}{{2,63}}", re.IGNORECASE
)
_NAME_BACKWARDS: Final = re.compile(rf"(\s{{0,2}})([^{_NOT_IN_NAME}]{{1,64}})")


def mails(seen: Seen) -> Iterator[Span]:
    """Where they stand."""
    text = seen.text
    for domain in _DOMAIN.finditer(text):
        before = text[max(0, domain.start() - 66) : domain.start()][::-1]
        name = _NAME_BACKWARDS.match(before)
        plain = domain[0][0] in "@\uff20\ufe6b"
        # "hello @someone.social" calls somebody; "someone @ example.org" hides an address.
        if name and not (plain and bool(name[1]) != bool(domain[1])):
            yield domain.start() - name.end(), domain.end()
