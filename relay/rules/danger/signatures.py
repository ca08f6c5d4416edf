"""Ends of letters: a signature, the name of a device, a name under a greeting.

A reader takes off what a mail program adds, and knows it by its place in the mail. This looks at
what a person typed, in whatever way it came: the last lines of the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from relay.rules.seen import Seen, Span, unified

_LINES: Final = 6
"""Lines at the end of a text in which its author may be named."""

_LONGEST: Final = 60
"""Characters of a line of a signature; what is longer is told."""

_CLOSING: Final = re.compile(
    unified(
        r"[ \t]*(?:--|—|–)?[ \t]*(?:"
        r"(?:best |kind |warm |with (?:best |kind )?)?regards|sincerely(?: yours)?"
        r"|yours(?: \w{1,10})?"
        r"|best wishes|all the best|cheers|respectfully|with respect"
        r"|با ?(?:تشکر|احترام|سپاس)(?: فراوان)?|ارادتمند(?: شما)?|قربان(?: شما)?|با درود"
        r"|مع (?:تحیاتی|خالص التحیات|فایق الاحترام|التقدیر)|تحیاتی|وتقبلوا"
        r"|လေးစားစွာဖြင့်|ရိုသေစွာဖြင့်"
        r"|(?:un )?(?:cordial )?saludos?(?: cordiales)?|atentamente|un abrazo"
        r"|cordialement|bien à vous|sincères salutations|salutations"
        r"|с уважением|с наилучшими пожеланиями|всего доброго|з павагай"
        r"|saygılarımla|sevgiler|iyi çalışmalar|此致|敬礼|敬禮|谨上|謹上"
        r")[ \t]*(?:[,،.!:–—-]+[ \t]*(?P<name>[^\n]{0,60}))?"
    )
)
_DEVICE: Final = re.compile(
    r"[ \t]*(?:sent from (?:my )?[\w ]{2,30}|get outlook for [\w ]{2,20}"
    r"|enviado desde mi \w[\w ]{0,20}"
    r"|envoyé de mon \w[\w ]{0,20}|отправлено с (?:моего )?\w[\w ]{0,20}|发自我的[\w ]{1,20}"
    r"|\w[\w ]{0,20}'?d[ae]n gönderildi|ارسال شده از [\w ]{2,30}|أرسلت من [\w ]{2,30})\.?[ \t]*"
)
_DELIMITER: Final = re.compile(r"--[ \t]?")
_FIRST_WORDS: Final = 4
"""Words of a name that stands on the line of the greeting."""


def signatures(seen: Seen) -> Iterator[Span]:
    """Where one stands, to the end of the text."""
    text = seen.small
    end = len(text.rstrip())
    starts = _last_lines(text, end)
    for place, start in enumerate(starts):
        stop = starts[place + 1] - 1 if place + 1 < len(starts) else end
        line = text[start:stop]
        rest = text[stop:end]
        if not _is_short(rest):
            continue
        if _DEVICE.fullmatch(line):
            yield start, stop
        elif _is_closing(line, rest) or (_DELIMITER.fullmatch(line) and rest.strip()):
            yield start, end
            return


def _last_lines(text: str, end: int) -> list[int]:
    """Where the last lines begin that have something on them."""
    starts: list[int] = []
    stop = end
    while stop > 0 and len(starts) < _LINES:
        start = text.rfind("\n", 0, stop) + 1
        if text[start:stop].strip():
            starts.append(start)
        stop = start - 1
        if start == 0:
            break
    return starts[::-1]


def _is_short(lines: str) -> bool:
    return all(len(line) <= _LONGEST for line in lines.split("\n"))


def _is_closing(line: str, rest: str) -> bool:
    found = _CLOSING.fullmatch(line)
    if found is None:
        return False
    name = (found["name"] or "").strip()
    return bool(name or rest.strip()) and len(name.split()) <= _FIRST_WORDS
