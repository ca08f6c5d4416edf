"""Places on a map: pairs of coordinates, links to maps, plus codes, three words.

Forms: RFC 5870 (geo:), ISO 6709, the Open Location Code specification (alphabet and length), and
what3words' own "///" sign.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from relay.rules.seen import Seen, Span, of_link

# ---------------------------------------------------------------- coordinates

_SIGN: Final = r"[+\-\u2212\u2013]?"
_PAIR: Final = re.compile(
    rf"(?<![\d.,])({_SIGN}\d{{1,2}}\.\d{{3,15}})[°º]? ?[nsشج]?"
    rf"(?:,|;|/|\||\)\(| ){{1,2}} {{0,2}}[ew]? ?({_SIGN}\d{{1,3}}\.\d{{3,15}})(?![\d.]*\d)"
)
_LEAST_DECIMALS: Final = 4
"""Of each of a bare pair: about 10 m. Three are also how thousands are written."""

_GEO: Final = re.compile(
    rf"\bgeo:{_SIGN}\d{{1,2}}(?:\.\d+)?,{_SIGN}\d{{1,3}}(?:\.\d+)?[^\s]{{0,80}}"
)
_LABELLED: Final = re.compile(
    r"(?<!\w)(?:lat|lon|lng|long|latitude|longitude|gps|latitud|longitud|широта|долгота|шырата"
    r"|даўгата|enlem|boylam|عرض جغرافیایی|طول جغرافیایی|خط العرض|خط الطول|纬度|經度|经度|緯度)"
    rf"[^0-9\n]{{0,6}}?{_SIGN}\d{{1,3}}\.\d{{2,15}}"
)
_DEGREES: Final = re.compile(
    r"(?<!\d)\d{1,3} ?[°º˚d] ?\d{1,2}(?:\.\d{1,8})? ?['′’‘`m]"
    r"(?: ?\d{1,2}(?:\.\d{1,8})? ?(?:[\"″”“]|'')?)? ?"
    r"(?:[nsewсюзвo]\b|شمالی|جنوبی|شرقی|غربی|شمالا|شرقا|北|南|东|東|西)?"
)
_DEGREES_BEFORE: Final = re.compile(
    r"(?<![\w])[nsew北南东東西] ?\d{1,3}[°º˚] ?\d{1,2}(?:\.\d{1,8})?"
)
_GRID: Final = re.compile(
    r"(?<![\w/])(?:[1-9]|[1-5]\d|60)[c-hj-np-x] ?[a-hj-np-z]{2} ?"
    r"(?:\d{3} ?\d{3}|\d{4} ?\d{4}|\d{5} ?\d{5})(?!\w)"
)
"""The Military Grid Reference System (NGA.STND.0037): zone, square, digits to 100 m and less."""

_MAP: Final = re.compile(
    r"(?:https?://)?(?:"
    r"(?:www\.|m\.)?(?:openstreetmap\.org|osm\.org|neshan\.org|balad\.ir|map\.baidu\.com|2gis\.\w{2,3}"
    r"|bing\.com/maps|waze\.com|here\.com|wego\.here\.com|mapy\.cz|amap\.com)"
    r"|maps\.app\.goo\.gl|goo\.gl/maps|maps\.google\.\w{2,3}(?:\.\w{2})?"
    r"|(?:www\.)?google\.\w{2,3}(?:\.\w{2})?/maps|maps\.apple\.com|maps\.apple|yandex\.\w{2,3}/maps"
    r"|maps\.yandex\.\w{2,3}|ya\.ru/maps|nshn\.ir|osm\.to|omaps\.app|ge0\.me|share\.here\.com"
    r"|surl\.amap\.com|j\.map\.baidu\.com|uri\.amap\.com|maps\.me|goo\.gl/maps"
    r")(?=[/?#])[^\s<>\"]{1,2048}"
)


def coordinates(seen: Seen) -> Iterator[Span]:
    """Where pairs of coordinates and links to a place on a map stand."""
    text = seen.small
    if "/" in text:
        yield from (of_link(found) for found in _MAP.finditer(text))
    if "geo:" in text:
        yield from (of_link(found) for found in _GEO.finditer(text))
    if not seen.has_digits:
        return
    for found in _PAIR.finditer(text):
        if _is_pair(found[1], found[2]):
            yield found.span()
    for form in (_LABELLED, _DEGREES, _DEGREES_BEFORE, _GRID):
        for found in form.finditer(text):
            yield found.start(), found.start() + len(found[0].rstrip())


def _is_pair(first: str, second: str) -> bool:
    decimals = min(len(one.partition(".")[2]) for one in (first, second))
    north, east = (
        abs(float(one.replace("\u2212", "-").replace("\u2013", "-"))) for one in (first, second)
    )
    return decimals >= _LEAST_DECIMALS and north <= 90 and east <= 180


# ---------------------------------------------------------------- plus codes

_CODE: Final = "23456789cfghjmpqrvwx"
_FULL: Final = re.compile(
    rf"(?<![\w+])[23456789c][23456789cfghjmpqrv][{_CODE}]{{2,6}}0{{0,6}}\+(?:[{_CODE}]{{2,7}})?(?![\w+])"
)
_SHORT: Final = re.compile(
    rf"(?<![\w+])([{_CODE}]{{4}}|[{_CODE}]{{6}})\+[{_CODE}]{{2,3}}(?=,? ?[^\W\d])"
)


def plus_codes(seen: Seen) -> Iterator[Span]:
    """Where full plus codes stand, and short ones with a place after them."""
    if not seen.has_digits or "+" not in seen.small:
        return
    for found in _FULL.finditer(seen.small):
        if found[0].index("+") == 8:
            yield found.span()
    for found in _SHORT.finditer(seen.small):
        if re.search("[a-z]", found[0]):  # digits alone are a sum
            yield found.span()


# ---------------------------------------------------------------- three words

_THREE: Final = re.compile(
    r"(?:///|(?:https?://)?(?:w3w\.co|what3words\.com|w3w\.io)/)"
    r"[^\W\d_]{2,30}[.\u3002][^\W\d_]{2,30}[.\u3002][^\W\d_]{2,30}(?!\w)"
)


def three_words(seen: Seen) -> Iterator[Span]:
    """Where what3words addresses stand."""
    if "/" in seen.small:
        yield from (found.span() for found in _THREE.finditer(seen.small))
