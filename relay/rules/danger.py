"""What in a text could name or harm a person: telephone numbers, mail addresses, log-in codes.

It errs towards marking: a mark costs an editor a look, a number that was published cannot be called
back. Digits are those of any script, and what cannot be seen between them does not part them.
Linear in the length of the text, whatever is in it: every repetition is of one class of characters
or bounded, and what lies around a match is looked at a bounded way.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from typing import Final

from relay.model import Mark

LEAST_DIGITS: Final = 7
"""Of a telephone number; fewer are house numbers, prices and years."""

MOST_DIGITS: Final = 15
"""Of a telephone number (ITU-T E.164) written in one go. In groups more are marked too: there may
be two numbers side by side, or the number of a bank card."""

MOST_CODE_CHARACTERS: Final = 8
"""Of a log-in code: 4 to 8 digits, or twice three."""

NEAR: Final = 60
"""Characters between a code and a word about codes."""

_INVISIBLE: Final = re.compile(
    "[\u00ad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\u20e3\ufe00-\ufe0f\ufeff"
    "\U000e0000-\U000e007f]+"
)

# ---------------------------------------------------------------- numbers

_BLANK: Final = " \t\u00a0\u2000-\u200a\u202f\u205f\u3000"
_BETWEEN: Final = (
    rf"{_BLANK}\-_.·•/\\()\[\]~\u2010-\u2015\u2212\u30fb\uff08\uff09\uff0d\uff0e\uff0f\u066b"
)
_RUN: Final = re.compile(rf"\d[\d{_BETWEEN}\n]*")
_BEFORE: Final = "+\uff0b\ufe62(\uff08["
_APART: Final = re.compile(rf"[{_BETWEEN}\n]{{6,}}|[{_BETWEEN}]{{0,5}}\n[{_BETWEEN}]{{0,5}}\n")
_LAST_DIGIT: Final = re.compile(rf"[{_BETWEEN}\n]*\Z")
_NO_DIGIT: Final = re.compile(r"\D+")
_LONGEST_WRITTEN: Final = 40  # characters of a date with an hour, or of an amount

_ONE_DATE: Final = r"(?:\d{4}([-/.])\d{1,2}\1\d{1,2}|\d{1,2}([-/.])\d{1,2}\2\d{4})"
_DATE: Final = re.compile(_ONE_DATE)
_DATE_AND_HOUR: Final = re.compile(rf"{_ONE_DATE}[{_BLANK}\n]{{1,3}}\d{{1,2}}")
_YEARS: Final = re.compile(r"(\d{4}) ?[-\u2010-\u2015/] ?(\d{4})")
_IN_THREES: Final = re.compile(r"([1-9]\d{0,2})([ .\u00a0\u202f])\d{3}(?:\2\d{3})*")
_ROUND: Final = re.compile(r"[1-9]\d{0,2}0{5,}")

# ---------------------------------------------------------------- addresses

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

# ---------------------------------------------------------------- codes

_CODE: Final = re.compile(r"\d{4,}|\d{3}[ \-]\d{3}(?!\d)")
_PREFIX: Final = re.compile(r"(?<![A-Za-z])[A-Z]{1,2}-\Z")
_ABOUT_CODES: Final = re.compile(
    r"\b(?:codes?|passcodes?|otp|pin|2fa|tan|passwords?|passwd|passphrase|verif\w{1,9}|log-?in"
    r"|sign-?in|one-time|código|codigo|clave|contraseña|verificación|verificacion|código"
    r"|mot de passe|vérification|kennwort|passwort|kod|kodu|şifre|şifreniz|parola|doğrulama"
    r"|код\w{0,3}|парол\w{1,3}|подтвержд\w{1,6}|підтвердж\w{1,6}"
    r"|[کك]د|رمز|گذرواژه|پسورد|ت[اأ][یيئ]{1,2}د|كود|التحقق|التفعيل|تحقق|كلمة (?:السر|المرور)"
    r"|کۆد|ووشەی نهێنی)"
    r"|验证码|驗證碼|校验码|校驗碼|动态码|動態碼|密码|密碼|口令|認証|コード|ကုဒ်|စကားဝှက်|အတည်ပြု",
    re.IGNORECASE,
)


def marks(text: str) -> tuple[Mark, ...]:
    """Every danger found, in order: kinds "phone", "mail" and "login_code".

    Offset and length count characters of ``text`` as it is given."""
    seen = _Seen(text)
    found = [seen.mark("phone", *span) for span in _phones(seen.text)]
    found += [seen.mark("mail", *span) for span in _mails(seen.text)]
    found += [seen.mark("login_code", *span) for span in _codes(seen.text)]
    return tuple(sorted(found, key=lambda mark: (mark.offset, mark.kind)))


class _Seen:
    """The text without what cannot be seen, and the way back to where it stood."""

    def __init__(self, text: str) -> None:
        self._gone: list[tuple[int, int]] = []  # place in the text that is seen, removed up to it
        removed = 0
        for match in _INVISIBLE.finditer(text):
            at = match.start() - removed
            removed += match.end() - match.start()
            self._gone.append((at, removed))
        self.text = _INVISIBLE.sub("", text) if removed else text

    def mark(self, kind: str, start: int, end: int) -> Mark:
        begin = self._place(start)
        return Mark(kind, begin, self._place(end - 1) + 1 - begin)

    def _place(self, index: int) -> int:
        at = bisect_right(self._gone, index, key=lambda gone: gone[0])
        return index + (self._gone[at - 1][1] if at else 0)


def _phones(text: str) -> Iterator[tuple[int, int]]:
    for run in _RUN.finditer(text):
        if run.end() - run.start() < LEAST_DIGITS:
            continue
        for start, end in _pieces(text, run.start(), run.end()):
            if end - start >= LEAST_DIGITS and _is_number(text, start, end):
                while start > 0 and end - start < _LONGEST_WRITTEN and text[start - 1] in _BEFORE:
                    start -= 1
                yield start, end


def _pieces(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """A run without what stands at its end, parted where more than a line break lies between."""
    for gap in _APART.finditer(text, start, end):
        if gap.start() > start:
            yield start, gap.start()
        start = gap.end()
    while end > start and not text[end - 1].isdecimal():
        end -= 1
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
    return not (_is_time(written, text[end : end + 1]) or _is_amount(written))


def _is_time(written: str, following: str) -> bool:
    """A date, alone or with an hour after it, or a span of years: Gregorian, Persian or Hijri."""
    if years := _YEARS.fullmatch(written):
        return _is_year(years[1]) and _is_year(years[2]) and int(years[1]) < int(years[2])
    date = _DATE.match(written)
    if date is None or not _is_date(date[0]):
        return False
    return date[0] == written or (following == ":" and bool(_DATE_AND_HOUR.fullmatch(written)))


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
    plain = "".join(str(int(one)) if one.isdecimal() else one for one in written)
    if _ROUND.fullmatch(plain):
        return True
    if not _IN_THREES.fullmatch(plain) or not plain.endswith("000"):
        return False
    return not plain[2].isdigit() or plain[4:].strip("0 .\u00a0\u202f") == ""


def _mails(text: str) -> Iterator[tuple[int, int]]:
    for domain in _DOMAIN.finditer(text):
        before = text[max(0, domain.start() - 66) : domain.start()][::-1]
        name = _NAME_BACKWARDS.match(before)
        plain = domain[0][0] in "@\uff20\ufe6b"
        # "hello @someone.social" calls somebody; "someone @ example.org" hides an address.
        if name and not (plain and bool(name[1]) != bool(domain[1])):
            yield domain.start() - name.end(), domain.end()


def _codes(text: str) -> Iterator[tuple[int, int]]:
    codes = [
        code.span()
        for code in _CODE.finditer(text)
        if code.end() - code.start() <= MOST_CODE_CHARACTERS
    ]
    if not codes:
        return
    words = [word.span() for word in _ABOUT_CODES.finditer(text)]
    at = 0
    for start, end in codes:
        while at < len(words) and words[at][1] < start - NEAR:
            at += 1
        prefix = _PREFIX.search(text[max(0, start - 4) : start])
        if prefix:
            start -= len(prefix[0])
        if (prefix and end - start > 6) or (at < len(words) and words[at][0] <= end + NEAR):
            yield start, end
