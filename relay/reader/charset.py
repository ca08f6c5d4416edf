"""Bytes to text: by the charset that is named, if it is one; else by what the bytes look like.

Only encodings of text are known here, by a fixed list: Python would look up "zlib" or "hex" as
well, import a module of any name asked for, and read "utf-7" or "idna", which hide what they say.
"""

from __future__ import annotations

import codecs
import encodings.aliases
import re
from dataclasses import dataclass
from typing import Final

GUESSED: Final = "guessed_charset"
"""Flag: nothing said how to read the bytes and they were not UTF-8."""

DAMAGED: Final = "damaged_text"
"""Flag: some bytes could not be read and stand as U+FFFD, or the part was cut or garbled."""


@dataclass(frozen=True, slots=True, repr=False)
class Decoded:
    """A text and the flags of how it was come by."""

    text: str
    flags: tuple[str, ...] = ()


_CODECS: Final = frozenset(
    f"utf_8 utf_16 utf_16_be utf_16_le utf_32 ascii gb18030 big5 big5hkscs cp950 "
    f"euc_jp iso2022_jp iso2022_jp_1 iso2022_jp_2 iso2022_jp_3 iso2022_jp_ext shift_jis cp932 "
    f"euc_kr cp949 iso2022_kr johab hz tis_620 cp874 koi8_r koi8_u koi8_t kz1048 ptcp154 "
    f"mac_arabic mac_farsi mac_cyrillic mac_roman mac_greek mac_turkish cp437 cp850 cp852 cp864 "
    f"cp866 {' '.join(f'cp125{n}' for n in range(9))} "
    f"{' '.join(f'iso8859_{n}' for n in range(2, 17) if n != 12)}".split()
)

# What names mean in practice rather than in the register (WHATWG Encoding, section 4.2): a mail
# that says Latin-1 has the quotation marks of windows-1252, one that says GB2312 has more.
_MEANS: Final = {
    "latin_1": "cp1252",
    "iso8859_1": "cp1252",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "unicode_1_1_utf_8": "utf_8",
    "x_sjis": "cp932",
    "windows_31j": "cp932",
    "shift_jis": "cp932",
    "euc_kr": "cp949",
    "ks_c_5601_1987": "cp949",
    "x_gbk": "gb18030",
    "x_mac_cyrillic": "mac_cyrillic",
    "iso_8859_6_i": "iso8859_6",
    "iso_8859_8_i": "iso8859_8",
    "windows_874": "cp874",
    "cp1256_1": "cp1256",
}

for _name in sorted(_CODECS):
    codecs.lookup(_name)  # loaded now: a reader opens no files later


def codec(name: str) -> str | None:
    """The Python codec for a charset's name, or None if it is not one of ours."""
    plain = re.sub(r"[^a-z0-9]+", "_", name[:40].lower()).strip("_")
    plain = _MEANS.get(plain, plain)
    plain = encodings.aliases.aliases.get(plain, plain)
    plain = _MEANS.get(plain, plain)
    return plain if plain in _CODECS else None


def decode(raw: bytes, charset: str = "") -> Decoded:
    """The text of ``raw``, whose charset is said to be ``charset`` (empty: nothing is said)."""
    named = codec(charset)
    if named not in (None, "ascii"):  # who says ASCII and writes more says nothing
        strict = _strict(raw, named)
        if strict is not None:
            return Decoded(strict)
    utf8 = _strict(raw, "utf_8")
    if utf8 is not None:
        return Decoded(utf8, () if named in (None, "ascii") else (GUESSED,))
    if named not in (None, "ascii"):
        return Decoded(raw.decode(named, "replace"), (DAMAGED,))
    if _broken_utf8(raw):
        return Decoded(raw.decode("utf_8", "replace"), (DAMAGED,))
    return Decoded(raw.decode(_guess(raw), "replace"), (GUESSED,))


def _strict(raw: bytes, name: str) -> str | None:
    try:
        return raw.decode(name)
    except (UnicodeError, ValueError):
        return None


_SAMPLE: Final = 64 * 1024
_MULTIBYTE: Final = re.compile(
    rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}"
)
_HIGH_RUN: Final = re.compile(rb"[\x80-\xff]{2,}")
_ARABIC: Final = re.compile(r"[\u0600-\u06ff\u200c\u200d]")


def _broken_utf8(raw: bytes) -> bool:
    """Whether it was UTF-8 before something cut or hurt it: most of its high bytes still are."""
    high = sum(map(len, re.findall(rb"[\x80-\xff]+", raw[:_SAMPLE])))
    whole = sum(map(len, _MULTIBYTE.findall(raw[:_SAMPLE])))
    return high > 0 and whole * 10 >= high * 8


def _guess(raw: bytes) -> str:
    """windows-1256 or -1251 where high bytes stand together as in words, else windows-1252.

    In Western languages letters above ASCII stand alone between plain ones; Arabic script and
    Cyrillic are nothing but such letters. Read as windows-1256, Cyrillic gives many French letters.
    """
    sample = raw[:_SAMPLE]
    high = sum(map(len, re.findall(rb"[\x80-\xff]+", sample)))
    together = b"".join(_HIGH_RUN.findall(sample))
    if len(together) * 10 < high * 6:
        return "cp1252"
    arabic = len(_ARABIC.findall(together.decode("cp1256", "replace")))
    return "cp1256" if arabic * 10 >= len(together) * 8 else "cp1251"
