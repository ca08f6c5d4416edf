"""Accounts of people, and links that only some were given or that say whose they are.

An invitation and a link into a private group lead to the few who are in it; a file that somebody
shares shows the name of its owner. Links to what is public (a post of a public channel) are none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from relay.rules.seen import Seen, Span, of_link, unified

_NAME: Final = re.compile(
    r"(?<![\w@./+\-])@(?=[^\W\d])[\w][\w.]{2,31}(?:@[\w\-]{1,63}(?:\.[\w\-]{2,63}){1,4})?"
)
_LINK: Final = r"(?:https?://)?(?:www\.|m\.)?"

_PROFILE: Final = re.compile(
    rf"(?<![\w@.\-/]){_LINK}(?:"
    rf"(?:t\.me|telegram\.me|telegram\.dog)/(?!c/|joinchat|\+|s/|share|proxy|socks)[a-z]\w{{3,31}}(?!\w)(?!/\d)"
    r"|wa\.me/\+?\d{5,15}|(?:api|web)\.whatsapp\.com/send\S{1,200}"
    r"|signal\.me/#\S{1,200}|(?:viber|tg|whatsapp|skype|sgnl):\S{2,200}"
    r"|(?:facebook|fb)\.com/(?:profile\.php\?id=\d+|people/\S{1,200})|vk\.com/id\d+"
    r"|line\.me/(?:ti|r)/\S{1,200}|u\.wechat\.com/\S{1,200}|weixin://\S{1,200}"
    r"|threema\.id/\w{8}|matrix\.to/#/@\S{1,200}|snapchat\.com/add/\S{1,200}|imo\.im/\S{1,200}"
    r"|eitaa\.com/\w{4,40}|ble\.ir/\w{4,40}|rubika\.ir/\w{4,40}|ok\.ru/profile/\d+"
    r"|linkedin\.com/in/\S{1,200}"
    r")"
)
_CALLED: Final = re.compile(
    unified(
        r"(?:微信|qq)(?:号|號)?[:\s]{0,2}([a-z\d][\w\-]{4,19})(?!\w)|(?<!\w)(wxid_\w{4,24})"
        r"|(?<!\w)(?:(?:آیدی|ایدی|id) ?(?:تلگرام|اینستا\w{0,4}|واتساپ|من)|تلگرام|اینستا\w{0,4}"
        r"|تلجرام|انستا\w{0,4}|سناب|wechat|weixin|vx|wx|telegram(?: id)?|insta(?:gram)?(?: id)?"
        r"|snap(?:chat)?|тг|телеграм|тэлеграм|инста\w{0,4})"
        r" ?(?::|=|：) ?([a-z][\w.]{3,31})(?!\w)"
    )
)
"""The name of an account after the word for where it is."""

_PRIVATE: Final = re.compile(
    rf"(?<![\w@.\-/]){_LINK}(?:"
    r"(?:t\.me|telegram\.me)/(?:\+|joinchat/|c/)\S{1,200}|tg://(?:join|resolve|user|privatepost)\S{1,200}"
    r"|chat\.whatsapp\.com/\S{1,200}|whatsapp\.com/channel/\S{1,200}|signal\.group/#\S{1,200}"
    r"|discord\.(?:gg|com/invite)/\S{1,200}|(?:[\w\-]{1,40}\.)?zoom\.us/[jsw]/\S{1,200}"
    r"|meet\.google\.com/[a-z]{3}-[a-z]{4}-[a-z]{3}|meet\.jit\.si/\S{1,200}"
    r"|teams\.(?:microsoft|live)\.com/\S{1,200}|matrix\.to/#/!\S{1,200}|eitaa\.com/joinchat/\S{1,200}"
    r"|ble\.ir/join/\S{1,200}|rubika\.ir/joing/\S{1,200}|simplex\.chat/\S{1,400}|i\.delta\.chat/#\S{1,400}"
    r"|(?:docs|drive|photos)\.google\.com/\S{1,400}|photos\.app\.goo\.gl/\S{1,200}"
    r"|forms\.gle/\S{1,200}|1drv\.ms/\S{1,200}|[\w\-]{1,60}\.sharepoint\.com/\S{1,400}"
    r"|(?:www\.)?dropbox\.com/\S{1,400}|icloud\.com/(?:photos|iclouddrive)/\S{1,200}|wetransfer\.com/\S{1,200}"
    r"|we\.tl/\S{1,100}|disk\.yandex\.\w{2,3}/\S{1,200}|yadi\.sk/\S{1,200}|cloud\.mail\.ru/\S{1,200}"
    r")"
)


def profiles(seen: Seen) -> Iterator[Span]:
    """Where @names and links to people's accounts at messengers stand."""
    if "@" in seen.small:
        yield from (of_link(found) for found in _NAME.finditer(seen.small))
    if "/" in seen.small or ":" in seen.small:
        yield from (of_link(found) for found in _PROFILE.finditer(seen.small))
    for found in _CALLED.finditer(seen.small):
        yield found.span(found.lastindex or 0)


def private_links(seen: Seen) -> Iterator[Span]:
    """Where invitations, links into groups, meetings and shared files stand."""
    if "/" in seen.small:
        yield from (of_link(found) for found in _PRIVATE.finditer(seen.small))
