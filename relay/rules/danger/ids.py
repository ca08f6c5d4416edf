"""Numbers of people's papers: only those with a check digit, or of an unmistakable form.

Sources of the forms: the states' own descriptions, as they are public. A number without its word
and without a check digit is a telephone number to us, and marked as one.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Final

from relay.rules.danger import check_digits as check
from relay.rules.seen import Seen, Span

_NOT_AFTER: Final = r"(?<![0-9a-zа-я])"
_NOT_BEFORE: Final = r"(?![0-9a-zа-я])"
_B: Final = r"[ .\-\u00a0\u2010-\u2013]?"  # what may stand between two groups


def _form(written: str) -> re.Pattern[str]:
    return re.compile(f"{_NOT_AFTER}{written}{_NOT_BEFORE}")


_CHECKED: Final[tuple[tuple[re.Pattern[str], Callable[[str], bool]], ...]] = (
    (_form(rf"\d{{3}}{_B}\d{{6}}{_B}\d"), check.iran),
    (_form(r"\d{10}"), check.ukraine),
    (_form(r"[1-9]\d{10}"), check.turkey),
    (_form(rf"\d{{3}}{_B}\d{{3}}{_B}\d{{3}}{_B}\d{{2}}"), check.russia_insurance),
    (_form(r"\d{12}"), check.russia_tax),
    (_form(r"\d{12}"), check.kazakhstan),
    (_form(rf"\d{{6}}{_B}\d{{8}}{_B}\d{{3}}[\dx]"), check.china),
    (_form(r"[23]\d{13}"), check.egypt),
    (_form(rf"[12]{_B}\d\d{_B}\d\d{_B}\d\d{_B}\d{{3}}{_B}\d{{3}}{_B}\d\d"), check.france),
    (_form(rf"\d{{8}}{_B}[a-z]"), check.spain),
    (_form(rf"[xyz]{_B}\d{{7}}{_B}[a-z]"), check.spain),
    (_form(r"[1-6]\d{6}[abchkem]\d{3}(?:pb|ba|bi)\d"), check.belarus),
)

_MYANMAR: Final = (
    r"(?:1[0-4]|[1-9]) ?/ ?(?:[a-z]{3,12} ?\((?:n|naing|e|p|t|s|y)\)"
    r"|[\u1000-\u109f]{3,24} ?\([\u1000-\u109f]{1,12}\)) ?\d{6}"
)
_UNMISTAKABLE: Final = tuple(
    map(
        _form,
        (
            _MYANMAR,
            r"[ve] ?- ?\d{1,2}\.?\d{3}\.?\d{3}",  # Venezuela's cédula
            r"[1-9]\d{4}-\d{7}-\d",  # Pakistan's CNIC
            r"\d{3}\.\d{3}\.\d{3}-\d{2}",  # Brazil's CPF
            r"[a-z]{4}\d{2}(?:0\d|1[0-2])[0-3]\d[hm][a-z]{5}[\da-z]\d",  # Mexico's CURP
        ),
    )
)

_PAPERS: Final = re.compile(
    r"(?:passport|национальн\w{1,4} паспорт|паспорт\w{0,3}|пашпарт\w{0,3}|pasaporte|passeport"
    r"|pasaport\w{0,4}|护照|護照|گذرنامه|پاسپورت|جواز السفر|جواز سفر|نیشنل|national id"
    r"|کد ملی|کدملی|شماره ملی|شماره شناسنامه|شناسنامه|الرقم الوطنی|رقم الهویه|الرقم القومی"
    r"|\b(?:id|identity) (?:card|number|no)\b|\bdriver'?s? licen[cs]e|\bc[ée]dula\b|\bdni\b"
    r"|carte d'identité|\bcni\b|kimlik (?:no|numara)\w{0,3}|\bсни?лс\b|\bинн\b"
    r"|身份证|身分證|မှတ်ပုံတင်)[^0-9\n]{0,24}?((?:(?<!\w)[a-z]{1,2} ?)?\d[0-9 .\-]{4,20}\d)"
)
"""A word for a paper, and the number after it. No speaker has checked the words."""

_GAPS: Final = re.compile(r"[^0-9a-z]+")


def ids(seen: Seen) -> Iterator[Span]:
    """Where they stand."""
    text = seen.small
    if not seen.has_digits:
        return
    for form, is_right in _CHECKED:
        for found in form.finditer(text):
            if is_right(_GAPS.sub("", found[0])) and not seen.leads_to(found.start()):
                yield found.span()
    for form in _UNMISTAKABLE:
        for found in form.finditer(text):
            yield found.span()
    for found in _PAPERS.finditer(text):
        yield found.span(1)


# ---------------------------------------------------------------- banks

_CARD: Final = _form(r"[2-9]\d{3}(?:[ \-]?\d{4}){2}[ \-]?\d{1,7}|3\d{3}[ \-]?\d{6}[ \-]?\d{5}")
_IBAN: Final = _form(r"[a-z]{2}\d{2}(?: ?[0-9a-z]{4}){3,7}(?: ?[0-9a-z]{1,3})?")
_LEAST_CARD, _MOST_CARD = 13, 19
_LEAST_IBAN, _MOST_IBAN = 15, 34
_BLANKS: Final = re.compile("[ -]")


def banks(seen: Seen) -> Iterator[Span]:
    """Where numbers of bank cards (Luhn's digit) and of accounts (IBAN) stand."""
    text = seen.small
    if not seen.has_digits:
        return
    for found in _CARD.finditer(text):
        digits = _BLANKS.sub("", found[0])
        is_card = _LEAST_CARD <= len(digits) <= _MOST_CARD and check.luhn(digits)
        if is_card and not seen.leads_to(found.start()):  # where it is the number of an article
            yield found.span()
    for found in _IBAN.finditer(text):
        yield from _account(text, *found.span())


def _account(text: str, start: int, end: int) -> Iterator[Span]:
    """An account, and not the words after it: groups are taken away until the sum is right."""
    while end > start:
        signs = _BLANKS.sub("", text[start:end])
        if len(signs) < _LEAST_IBAN:
            return
        if len(signs) <= _MOST_IBAN and check.iban(signs):
            yield start, end
            return
        end = text.rfind(" ", start, end)
