"""The danger check of a text: numbers, addresses and log-in codes, marked with their place.

Linear in the length of the text, whatever it is. In doubt it marks: a mark costs an editor a look,
a published number can cost a life. Digits are those of any script (Unicode Nd).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from relay.model import Mark

LEAST_DIGITS = 7
MOST_DIGITS = 15
"""Digits of a telephone number (ITU-T E.164 allows 15)."""

_INVISIBLE = "\u200b-\u200f\u202a-\u202e\u2060-\u2069\u00ad\ufeff"
_BETWEEN = f"[ \\t\u00a0\u2007\u2009\u202f().\\-\u2010-\u2015\u2212/_{_INVISIBLE}]"
_GAP = rf"(?:{_BETWEEN}{{0,3}}(?:\n{_BETWEEN}{{0,3}})?)"
_NUMBER = re.compile(rf"[+\uff0b]?\d(?:{_GAP}\d){{{LEAST_DIGITS - 1},40}}")
_DATE = re.compile(r"(\d{4})([-/.])(\d{1,2})\2(\d{1,2})|(\d{1,2})([-/.])(\d{1,2})\6(\d{4})")
_YEARS = re.compile(r"(\d{4}) ?[-\u2010-\u2014/] ?(\d{4})")
_THOUSANDS = re.compile(r"(\d{1,3})([ .\u202f\u00a0])(?:\d{3}\2){1,3}(\d{3})")
_AT = "[@\uff20\ufe6b]"
_MAIL = re.compile(
    rf"[^\s@\uff20\ufe6b<>()\[\],;:\"]{{1,64}}{_AT}[^\s@\uff20\ufe6b<>()\[\],;:\"]{{1,190}}"
)
_DOMAIN = re.compile(r"[\w\-]{1,63}(?:[.\u3002\uff0e][\w\-]{1,63})+", re.UNICODE)
_SPELLED = re.compile(
    r"\b[\w.+-]{1,64} ?[\[(] ?at ?[\])] ?[\w-]{1,63}(?: ?[\[(] ?dot ?[\])] ?|\.)[\w.-]{2,63}",
    re.IGNORECASE,
)
_CODE = re.compile(r"(?:\b[A-Z]{1,3}-)?(?<!\d)\d{4,8}(?!\d)")
_GOOGLE = re.compile(r"\b[A-Z]-\d{5,8}\b")
_ABOUT_CODES = re.compile(
    r"\b(?:codes?|otp|pin|passcode|password|verification|verify|login|log-in|2fa|"
    r"código|clave|contraseña|verificación|code de|mot de passe|"
    r"код|пароль|подтвержд\w*)\b"
    r"|کد|رمز|تایید|تأیید|گذرواژه|رمز|كود|تحقق|كلمة السر|验证码|驗證碼|校验码|密码|ကုဒ်|စကားဝှက်",
    re.IGNORECASE,
)
NEAR = 60
"""Characters between a word about codes and the code."""


def marks(text: str) -> tuple[Mark, ...]:
    """Every danger found, in order: kinds "phone", "mail" and "login_code"."""
    found = [*_phones(text), *_mails(text), *_codes(text)]
    return tuple(sorted(found, key=lambda mark: (mark.offset, mark.kind)))


def _phones(text: str) -> Iterator[Mark]:
    for match in _NUMBER.finditer(text):
        written = match[0]
        digits = sum(one.isdecimal() for one in written)
        if digits >= LEAST_DIGITS and not (_times(written) or _round(written)):
            yield Mark("phone", match.start(), len(written))


def _times(written: str) -> bool:
    """Whether it is a date or two years, of the Gregorian, Jalali or Hijri calendar."""
    if years := _YEARS.fullmatch(written):
        return _is_year(years[1]) and _is_year(years[2]) and int(years[1]) < int(years[2])
    if date := _DATE.fullmatch(written):
        year, one, other = (date[1], date[3], date[4]) if date[1] else (date[8], date[5], date[7])
        low, high = sorted((int(one), int(other)))
        return _is_year(year) and 1 <= low <= 12 and high <= 31
    return False


def _is_year(digits: str) -> bool:
    return 1200 <= int(digits) < 1500 or 1700 <= int(digits) < 2100


def _round(written: str) -> bool:
    """Whether it is an amount: in groups of three, with zeros at its end.

    Without them it could be a number as it is written in Spain or Poland, and is marked.
    """
    found = _THOUSANDS.fullmatch(written)
    if not found or int(found[1][0]) == 0 or int(found[3]):
        return False
    return len(found[1]) < 3 or not int("".join(filter(str.isdecimal, written))) % 1_000_000


def _mails(text: str) -> Iterator[Mark]:
    for match in _MAIL.finditer(text):
        domain = re.split(_AT, match[0])[-1]
        if _DOMAIN.match(domain):
            yield Mark("mail", match.start(), len(match[0]))
    for match in _SPELLED.finditer(text):
        yield Mark("mail", match.start(), len(match[0]))


def _codes(text: str) -> Iterator[Mark]:
    words = [match.start() for match in _ABOUT_CODES.finditer(text)]
    at = 0
    for match in _CODE.finditer(text):
        while at < len(words) and words[at] < match.start() - NEAR:
            at += 1
        near = at < len(words) and words[at] <= match.end() + NEAR
        if near or _GOOGLE.fullmatch(match[0]):
            yield Mark("login_code", match.start(), len(match[0]))
