"""Log-in codes: some digits near a word about codes, on either side of it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

from relay.rules.seen import Seen, Span

MOST_CODE_CHARACTERS: Final = 8
"""Of a log-in code: 4 to 8 digits, or twice three."""

NEAR: Final = 60
"""Characters between a code and a word about codes."""

BESIDE: Final = 6
"""The same where the code may as well be a year."""

_LOOKED_AT: Final = 16
"""Words about codes that may lie between a code and the one that is nearest to it."""

_YEAR: Final = re.compile(r"1[34]\d\d|19[5-9]\d|20[0-4]\d")
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


def codes(seen: Seen) -> Iterator[Span]:
    """Where they stand."""
    text = seen.text
    near = [
        code.span()
        for code in _CODE.finditer(text)
        if code.end() - code.start() <= MOST_CODE_CHARACTERS
    ]
    if not near:
        return
    words = [word.span() for word in _ABOUT_CODES.finditer(text)]
    at = 0
    for start, end in near:
        while at < len(words) and words[at][1] < start - NEAR:
            at += 1
        reach = BESIDE if _YEAR.fullmatch(seen.plain, start, end) else NEAR
        prefix = _PREFIX.search(text[max(0, start - 4) : start])
        if prefix:
            start -= len(prefix[0])
        if (prefix and end - start > 6) or _is_near(words[at : at + _LOOKED_AT], start, end, reach):
            yield start, end


def _is_near(words: Sequence[Span], start: int, end: int, reach: int) -> bool:
    return any(word[0] <= end + reach and word[1] >= start - reach for word in words)
