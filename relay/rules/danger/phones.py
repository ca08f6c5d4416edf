"""Telephone numbers, in any script's digits and however they are grouped.

It errs towards marking: a mark costs an editor a look, a number that was published cannot be called
back. Linear: every repetition is of one class of characters or bounded. What looks like an amount
or a date is one, unless Google's tables of numbering plans (the ``phonenumbers`` library) know it
with its "+" as a number that can be dialled; and a short number is one after a word that says so.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

import phonenumbers

from relay.rules.danger.amounts import is_counted
from relay.rules.danger.disguised import disguised
from relay.rules.seen import Seen, Span, unified

LEAST_DIGITS: Final = 7
"""Of a telephone number; fewer are house numbers, prices and years."""

MOST_DIGITS: Final = 15
"""Of a telephone number (ITU-T E.164) written in one go. In groups more are marked too: there may
be two numbers side by side, or the number of a bank card."""

_BLANK: Final = " \t\u00a0\u2000-\u200a\u202f\u205f\u3000"
_BETWEEN: Final = (
    rf"{_BLANK}\-_.·•/\\()\[\]~\u2010-\u2015\u2212\u30fb\uff08\uff09\uff0d\uff0e\uff0f\u066b"
)
_RUN: Final = re.compile(rf"\d[\d{_BETWEEN}\n]*")
_BEFORE: Final = "+\uff0b\ufe62(\uff08["
_PLUS: Final = "+\uff0b\ufe62"
_APART: Final = re.compile(rf"[{_BETWEEN}\n]{{6,}}|[{_BETWEEN}]{{0,5}}\n[{_BETWEEN}]{{0,5}}\n")
_LAST_DIGIT: Final = re.compile(rf"[{_BETWEEN}\n]*\Z")
_NO_DIGIT: Final = re.compile(r"\D+")
_LONGEST_WRITTEN: Final = 40  # characters of a date with an hour, or of an amount

_ONE_DATE: Final = r"(?:\d{4}([-/.])\d{1,2}\1\d{1,2}|\d{1,2}([-/.])\d{1,2}\2\d{4})"
_DATE: Final = re.compile(_ONE_DATE)
_DATE_AND_HOUR: Final = re.compile(rf"{_ONE_DATE}[{_BLANK}\n]{{1,3}}\d{{1,2}}")
_YEARS: Final = re.compile(r"(\d{4}) ?[-\u2010-\u2015/] ?(\d{4})")
_NUMBER_AND_YEAR: Final = re.compile(r"[1-9]\d{0,3} ?\(([12]\d{3})")  # "Resolution 2231 (2015)"
_IN_THREES: Final = re.compile(r"([1-9]\d{0,2})([ .\u00a0\u202f])\d{3}(?:\2\d{3})*")
_ROUND: Final = re.compile(r"[1-9]\d{0,2}0{5,}")

phonenumbers.PhoneMetadata.load_all()  # at once: a reader that has begun opens no file any more

MOST_ASKED: Final = 500
"""Numbers of one text that the library is asked about (20 microseconds each)."""

_SAID: Final = re.compile(
    unified(
        r"(?:(?<!\w)(?:tel|tél|phone|call me|call us|mobile|cell|fax|whatsapp|signal"
        r"|viber|тел|телефон\w?"
        r"|звон\w{2,5}|моб|тэл|teléfono|celular|móvil|llam\w{2,5}|téléphone"
        r"|appel\w{1,4}|telefon\w{0,3}"
        r"|تلفن|شماره تلفن|موبایل|تماس|زنگ بزن\w{0,3}|هاتف|تلیفون|جوال|موبایل|اتصل\w{0,2})"
        r"|电话|電話|手机|手機|致电|ဖုန်း|☎|📞)"
        r"[^\w\n]{0,4}(?:(?:at|on|me|us|no|nr|number|is|par|al|au|à|по|на|شماره|رقم"
        r"|به|با|:)[^\w\n]{1,3}){0,2}"
        r"(\d{2,3}[ .\-]?\d{2}[ .\-]?\d{2}|\d{5,6})(?![ .\-]?\d)"
    )
)
"""A word for a telephone and five or six digits after it, as people write them within one town. No
speaker has checked the words."""


_FOR_A_LINK: Final = re.compile(r"(?:\+|%2b|(?:phone|tel|mobile|number|text)=)\Z")
"""What stands before a number in a link that is one to be dialled, and not that of an article."""


def phones(seen: Seen) -> Iterator[Span]:
    """Where they stand."""
    text, asked = seen.plain, 0
    for start, end, linked in _runs(seen):
        if end - start < LEAST_DIGITS or not _is_number(text, start, end):
            if start > 0 and asked < MOST_ASKED and text[start - 1] in _PLUS:
                asked += 1
                if _is_dialled(text[start:end]):
                    yield start - 1, end
        elif linked:
            if text[start] == "0" or _FOR_A_LINK.search(seen.small, max(0, start - 10), start):
                yield start, end
        elif not is_counted(seen.small, start, end):
            while start > 0 and end - start < _LONGEST_WRITTEN and text[start - 1] in _BEFORE:
                start -= 1
            yield start, end
    for said in _SAID.finditer(seen.small):
        yield said.span(1)
    yield from disguised(seen.small)


def _runs(seen: Seen) -> Iterator[tuple[int, int, bool]]:
    """Digits and what may stand between them, and whether that is what a link leads to: many an
    article has a number that is as long as a telephone's."""
    text, at = seen.plain, 0
    for start, end in (*seen.links, (len(text), len(text))):
        for begin, stop, linked in ((at, start, False), (start, end, True)):
            for run in _RUN.finditer(text, begin, stop):
                if run.end() - run.start() >= LEAST_DIGITS:
                    for piece in _pieces(text, run.start(), run.end()):
                        yield (*piece, linked)
        at = end


def _is_dialled(written: str) -> bool:
    """Whether a number with a "+" before it is one of a country's plan."""
    try:
        return phonenumbers.is_valid_number(phonenumbers.parse(f"+{written}"))
    except phonenumbers.NumberParseException:
        return False


def _pieces(text: str, start: int, end: int) -> Iterator[Span]:
    """A run without what stands at its end, parted where more than a line break lies between."""
    for gap in _APART.finditer(text, start, end):
        if gap.start() > start:
            yield start, gap.start()
        start = gap.end()
    while end > start and not text[end - 1].isdecimal():
        end -= 1
    if end > start:
        yield start, end


def _is_number(text: str, start: int, end: int) -> bool:
    written = text[start:end]
    digits = len(_NO_DIGIT.sub("", written))
    if digits < LEAST_DIGITS:
        return False
    if digits == len(written) and digits > MOST_DIGITS:
        return False
    if len(written) > _LONGEST_WRITTEN:
        return True
    return not (_is_time(written) or _is_amount(written))


def _is_time(written: str) -> bool:
    """A date, alone or with an hour after it, or a span of years: Gregorian, Persian or Hijri."""
    if years := _YEARS.fullmatch(written):
        return _is_year(years[1]) and _is_year(years[2]) and int(years[1]) < int(years[2])
    if year := _NUMBER_AND_YEAR.fullmatch(written):
        return _is_year(year[1])
    date = _DATE.match(written)
    if date is None or not _is_date(date[0]):
        return False
    return date[0] == written or bool(_DATE_AND_HOUR.fullmatch(written))


def _is_date(written: str) -> bool:
    numbers = re.findall(r"\d+", written)
    year, *rest = sorted(numbers, key=len, reverse=True)
    month, day = sorted(map(int, rest))
    return _is_year(year) and 1 <= month <= 12 and day <= 31


def _is_year(digits: str) -> bool:
    return 1200 <= int(digits) < 1500 or 1700 <= int(digits) < 2100


def _is_amount(written: str) -> bool:
    """A number with nothing but zeros at its end, in groups of three or in one.

    "612 345 000" is how Spain writes a telephone number, so that three digits before the first
    blank need six zeros.
    """
    if _ROUND.fullmatch(written):
        return True
    if not _IN_THREES.fullmatch(written) or not written.endswith("000"):
        return False
    return not written[2].isdigit() or written[4:].strip("0 .\u00a0\u202f") == ""
