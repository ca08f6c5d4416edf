"""How X counts a text, finds its links and shows them.

Facts: configuration version 3 of twitter-text (limit 280, a link 23, four ranges of code points
that weigh 1, all else 2, an emoji sequence 2 in all, counted in NFC) and its rule for links, which
takes bare domains too. Of the top-level domains that it knows, the country codes are here, and of
the others those that people write; after ``https://`` any will do. A link ends where a letter
comes that is neither Latin nor Cyrillic: a Persian path is counted as text.
"""

from __future__ import annotations

import html
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

import regex

LIMIT: Final = 280
LINK: Final = 23
LIGHT: Final = ((0x0000, 0x10FF), (0x2000, 0x200D), (0x2010, 0x201F), (0x2032, 0x2037))
"""Code points that weigh 1."""

NEVER: Final = frozenset("\ufffe\ufeff\uffff")
"""Characters that no post may hold."""

COUNTRIES: Final = (
    "ac ad ae af ag ai al am an ao aq ar as at au aw ax az ba bb bd be bf bg bh bi bj bl bm bn bo"
    " bq br bs bt bv bw by bz ca cc cd cf cg ch ci ck cl cm cn co cr cu cv cw cx cy cz de dj dk dm"
    " do dz ec ee eg eh er es et eu fi fj fk fm fo fr ga gb gd ge gf gg gh gi gl gm gn gp gq gr gs"
    " gt gu gw gy hk hm hn hr ht hu id ie il im in io iq ir is it je jm jo jp ke kg kh ki km kn kp"
    " kr kw ky kz la lb lc li lk lr ls lt lu lv ly ma mc md me mf mg mh mk ml mm mn mo mp mq mr ms"
    " mt mu mv mw mx my mz na nc ne nf ng ni nl no np nr nu nz om pa pe pf pg ph pk pl pm pn pr ps"
    " pt pw py qa re ro rs ru rw sa sb sc sd se sg sh si sj sk sl sm sn so sr ss st su sv sx sy sz"
    " tc td tf tg th tj tk tl tm tn to tp tr tt tv tw tz ua ug uk um us uy uz va vc ve vg vi vn vu"
    " wf ws ye yt za zm zw"
)
OTHERS: Final = (
    "academy aero africa agency app arab art asia audio bank bar best bio biz blog blue book bot"
    " business buzz cafe camp capital care cash cat center chat church city click cloud club coach"
    " codes coffee com community company consulting contact cool coop country dance data date day"
    " deals design dev digital direct directory domains earth edu education email energy events"
    " exchange expert fail family fan farm film finance fit foundation fun fund gallery game games"
    " gold gov green group guide guru health help host house how inc info ink institute int"
    " international jobs kim land law legal life limited link live loan lol love ltd market media"
    " mil mobi money movie museum name net network news ngo ninja now one ong onion online org page"
    " party photo photos pictures pink plus post press pro pub radio read red report review rocks"
    " run sale school science security services sex shop show site social software solar solutions"
    " space store studio study style support systems tax team tech technology tel tips today tools"
    " top tours town trade training travel university video vision vote watch website wiki win work"
    " works world wtf xxx xyz yoga zone"
)
IDN: Final = (
    "ایران امارات السعودية المغرب الجزائر الاردن البحرين تونس سورية عراق عمان فلسطين قطر مصر"
)
CYRILLIC_LATIN: Final = r"\u0400-\u04FF\u00C0-\u00D6\u00D8-\u00F6\u00F8-\u024F"


def _link() -> regex.Pattern[str]:
    known = "|".join(sorted(f"{COUNTRIES} {OTHERS}".split(), key=len, reverse=True))
    own = "|".join(IDN.split())
    ends, path, query = "(?![0-9A-Za-z@+-])", f"/{_path()}", rf"(?:\?{_query()})?"
    short = r"https?://t\.co/[a-z0-9]+"
    top = rf"(?:{own}|xn--[a-z0-9-]+|[a-z]{{2,}}){ends}"
    named = rf"https?://(?:\w(?:[\w-]*\w)?\.)+{top}(?::[0-9]+)?(?:{path})?{query}"
    letter = r"[a-z0-9\u00C0-\u00D6\u00D8-\u00F6\u00F8-\u024F]"
    label = rf"{letter}(?:(?:{letter}|-)*{letter})?\."
    bare = rf"(?<![-_./])(?:{label})+(?:{known}|xn--[a-z0-9-]+){ends}"
    bare += rf"(?:(?::[0-9]+)?{path}{query})?"
    whole = rf"(?<![A-Za-z0-9@＠$#＃])(?:{short}|{named}|{bare})"
    return regex.compile(whole, regex.IGNORECASE)


def _path() -> str:
    inside = rf"[a-z0-9!*';:=+,.$/%#\[\]\-–_~@|&{CYRILLIC_LATIN}]"
    brackets = rf"\((?:{inside}+|{inside}*\({inside}+\){inside}*)\)"
    last = rf"(?:[-+a-z0-9=_#/{CYRILLIC_LATIN}]|{brackets})"
    return rf"(?:(?:{inside}|{brackets})*{last})?"


def _query() -> str:
    return r"[a-z0-9!?*'@();:&=+$/%#\[\]\-_.,~|]*[a-z0-9\-_&=#/]"


URL: Final = _link()
_ONE: Final = (
    r"(?:[0-9#*]\uFE0F?\u20E3|\p{Extended_Pictographic}\uFE0F?\p{Emoji_Modifier}?"
    r"[\U000E0020-\U000E007F]*|\p{Emoji_Modifier})"
)
EMOJI: Final = regex.compile(rf"\p{{RI}}\p{{RI}}|{_ONE}(?:\u200D{_ONE})*")
CASHTAG: Final = regex.compile(r"(?<![\w$])\$[A-Za-z]{1,6}(?:[._][A-Za-z]{1,2})?(?!\w)")


@dataclass(frozen=True, slots=True, repr=False)
class Link:
    """A link of a post as it is shown: ``start`` and ``end`` count code points of that text.
    ``media_key`` is set where it stands for a medium."""

    start: int
    end: int
    short: str
    full: str
    display: str
    media_key: str = ""


def normal(text: str) -> str:
    """A text as it is counted and kept."""
    return unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))


def weight(text: str) -> int:
    """The length of a text as X counts it."""
    text = normal(text)
    total, at = 0, 0
    for found in URL.finditer(text):
        total += _weighed(text[at : found.start()]) + LINK
        at = found.end()
    return total + _weighed(text[at:])


def _weighed(text: str) -> int:
    emoji = len(EMOJI.findall(text))
    return 2 * emoji + sum(map(_letter, EMOJI.sub("", text)))


def _letter(letter: str) -> int:
    return 1 if any(first <= ord(letter) <= last for first, last in LIGHT) else 2


def links(text: str) -> Iterator[str]:
    """Every link in a text, as written."""
    return (found[0] for found in URL.finditer(normal(text)))


def shown(text: str, slug: Callable[[], str]) -> tuple[str, tuple[Link, ...]]:
    """A text as the API gives it: every link is a short one, and ``& < >`` are entities of HTML."""
    text, made, at = normal(text), "", 0
    found = []
    for url in URL.finditer(text):
        made += html.escape(text[at : url.start()], quote=False)
        short = f"https://t.co/{slug()}"
        full = url[0] if "://" in url[0] else f"http://{url[0]}"
        found.append(Link(len(made), len(made) + len(short), short, full, _display(url[0])))
        made, at = made + short, url.end()
    return made + html.escape(text[at:], quote=False), tuple(found)


def _display(url: str) -> str:
    """A link without its scheme, cut after 27 characters."""
    bare = url.partition("://")[2] or url
    return bare if len(bare) <= 27 else bare[:26] + "…"
