"""What X will make a web address of: also without a scheme, wherever a name ends as hosts do.

Each address weighs 23 and makes a post many times dearer, so it is settled beforehand what is one.
A dot without a blank after it ("it ended.They left") is kept from being taken for one by a word
joiner after it, which nobody sees. By the published description of twitter-text's URL detection
(docs.x.com, "Counting characters"); the endings are IANA's.
"""

from __future__ import annotations

from typing import Final

import regex

from bridges.kit.words import JOINER
from bridges.twitter.emoji import REGIONS

COST: Final = 23
"""What every address weighs (configuration v3: transformed_url_length)."""

_NO_COUNTRIES: Final = "bl bq cp dg ea eh ic mf ta um un xk"  # flags that no hosts end with
_COUNTRIES: Final = (REGIONS | {"su", "uk"}) - set(_NO_COUNTRIES.split())
_OTHERS: Final = (
    "academy agency app art asia biz blog cafe cat center chat club com dev edu email fund "
    "global gov help info int jobs life link live media mil mobi museum name net network news "
    "one online org page press pro report shop site social space store studio tech today "
    "tools top travel tube wiki work world xyz"
)
_ENDINGS: Final = "|".join([*sorted(_COUNTRIES), *_OTHERS.split()])
_SCHEME: Final = "https?://"
_PUNYCODE: Final = r"xn--[a-z0-9-]++"
_LABEL: Final = r"[a-z0-9](?:[a-z0-9-]{0,62}+(?<!-))"
_LATIN: Final = r"a-z0-9\u00c0-\u02ff\u0300-\u036f\u1e00-\u1eff"
"""What X takes for part of a host that stands without a scheme: accents too, and alone."""
_PORT: Final = r"(?::[0-9]{1,5}+)?"
_PATH: Final = r"/(?:[a-z0-9!*';:=+,.$/%#_~&-]*[a-z0-9=_#/+-])?"
_QUERY: Final = r"(?:\?[a-z0-9!?*';:&=+$/%#_.,~-]*[a-z0-9_&=#/-])?"
_BEGINS: Final = r"(?<![^\s(\[\"'«])"
"""At the start, or after white space or an opening sign."""

_AFTER: Final = r"(?![a-z0-9@+-])"

PLAIN: Final = regex.compile(
    rf"{_BEGINS}https?://(?!t\.co[/?])(?:{_LABEL}\.){{1,16}}(?:{_ENDINGS}){_AFTER}{_PORT}(?:{_PATH})?{_QUERY}",
    regex.IGNORECASE,
)
"""An address with its scheme of which it is certain where it ends for X."""

TYPED: Final = (
    rf"(?:{_SCHEME})++\S(?:(?!{_SCHEME})"
    r"[^\s\p{Han}\p{Hiragana}\p{Katakana}\p{Hangul}\u3000-\u303f\uff00-\uffef])*+"
)
"""An address with its scheme, as far as it may go; its host may be in any script."""

BARE: Final = (
    rf"(?<![a-z0-9@＠$#＃/])(?P<host>(?:[{_LATIN}][{_LATIN}-]{{0,62}}+\.(?!{_SCHEME})){{1,16}}"
    rf"(?P<ending>{_PUNYCODE}|[a-z]{{2,24}}+{_AFTER}|[\p{{L}}--[a-z]][\p{{L}}\p{{M}}--[a-z]]*+))"
    rf"(?P<path>(?:{_PORT}{_PATH}{_QUERY})?)"
)
"""What looks like a host, and perhaps a path, without a scheme."""

_FOUND: Final = regex.compile(
    rf"(?P<typed>{TYPED})|(?P<bare>{BARE})", regex.IGNORECASE | regex.VERSION1
)
_KNOWN: Final = regex.compile(f"{_ENDINGS}|{_PUNYCODE}", regex.IGNORECASE)
_SCHEMES: Final = regex.compile(rf"^(?:{_SCHEME})+", regex.IGNORECASE)
_DOT: Final = regex.compile(r"\.(?=[\p{L}\p{N}])")
_LAID_BARE: Final = regex.compile(rf"(?<=[@＠#＃$]{JOINER})|(?=\p{{M}})")
"""Where a host begins that is one for X alone: in a name or tag that was made plain words, or with
the accent of a sign before it."""


def settled(text: str, *, keep: bool) -> str:
    """The text with what is no address kept from being one; without ``keep`` that is all of them:
    then they can be read, and lead nowhere."""

    def one(found: regex.Match[str]) -> str:
        if found["typed"]:
            return found[0] if keep else _unlinked(_SCHEMES.sub("", found[0]))
        return found[0] if keep and not _stray(found) else _unlinked(found[0])

    said: str = _FOUND.sub(one, text)
    return said


def present(text: str) -> bool:
    """Whether X may see an address in it."""
    return _FOUND.search(text) is not None


def canonical(text: str) -> str:
    """The text with each address written as one with a scheme, to be compared with what X shows:
    that has one of its own in each place."""
    said: str = _FOUND.sub(lambda found: "https://x" if found["bare"] else found[0], text)
    return said


def is_certain(found: regex.Match[str]) -> bool:
    """Whether a find of ``BARE`` is an address for X, and all of it."""
    at = found.start()
    begins = at == 0 or found.string[at - 1].isspace() or found.string[at - 1] in "([\"'«"
    return begins and found[0].isascii() and _KNOWN.fullmatch(found["ending"]) is not None


def follows(text: str, at: int) -> bool:
    """Whether a dot and more stand there, as in a host."""
    return _DOT.match(text, at) is not None


def _stray(found: regex.Match[str]) -> bool:
    """Whether it is two sentences without a blank between them, and no host that is meant."""
    ending = found["ending"]
    if _LAID_BARE.match(found.string, found.start()):
        return True
    if found["path"] or found["host"].lower().startswith("www."):
        return False
    begins_sentence = ending[0].isupper() and not found["host"].isupper()
    return begins_sentence or not _KNOWN.fullmatch(ending)


def _unlinked(address: str) -> str:
    said: str = _DOT.sub("." + JOINER, address)
    return said
