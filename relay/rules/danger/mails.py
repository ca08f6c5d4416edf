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
_SPOKEN: Final = re.compile(
    r"(?<![\w.@])[\w.\-]{1,40}(?:[ ](?:dot|punto|point|точка|кропка|نقطه|نقطة|دات|nokta|点) "
    r"[\w\-]{1,40}){0,3}(?: (?:at|arroba|arobase|chez|собака|сабака|ات|آت|ایت|et|圈) |艾特|圈)"
    r"(?:[\w\-]{1,40}(?: ?\. ?| (?:dot|punto|point|точка|кропка|نقطه|نقطة|دات|nokta) |点)){1,4}?"
    r"(?:com|org|net|info|edu|gov|io|me|co|ir|ru|by|cn|tr|fr|es|ve|mm|uk|de|eu|ch|ua|us|ca|kz|iq|eg"
    r"|ком|орг|ру|کام|كوم|نت)(?!\w)",
    re.IGNORECASE,
)
"""An address as it is said aloud; after a plain "at" no site with a dot, which is told."""

_SIGN: Final = re.compile("[@\uff20\ufe6b]")
_SAID_AT: Final = re.compile(
    r" (?:[aA][tT]|arroba|arobase|собака|сабака|ات|آت|ایت|et|chez) |艾特|圈"
)
"""Without one of these there is none, and nothing is searched for."""
_SAID_DOT: Final = re.compile(r" (?:dot|punto|point|точка|кропка|نقطه|نقطة|دات|nokta) |点")
_PROVIDER: Final = re.compile(
    r"(?:gmail|googlemail|yahoo|ymail|hotmail|outlook|live|icloud|proton(?:mail)?|pm|riseup|tuta"
    r"|tutanota|yandex|mail|bk|inbox|rambler|gmx|aol|qq|163|126|disroot|posteo|mailfence"
    r"|جیمیل|یاهو)(?: ?[.点]| )",
    re.IGNORECASE,
)
_LOOSE: Final = re.compile(
    r"(?<![\w.@])[\w.\-]{1,64} ?[@\uff20\ufe6b] ?[\w\-]{2,40}"
    r"(?: ?[.,،·] ?| )(?:com|org|net|ir|ru|me|by|cn|tr|fr|es|de|ch)(?!\w)",
    re.IGNORECASE,
)
"""With blanks in it, or a comma for its dot."""

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
    if _SIGN.search(text):
        yield from (loose.span() for loose in _LOOSE.finditer(text))
    for spoken in _SPOKEN.finditer(text) if _SAID_AT.search(text) else ():
        if _SAID_DOT.search(spoken[0]) or _PROVIDER.search(spoken[0]):
            yield spoken.span()
