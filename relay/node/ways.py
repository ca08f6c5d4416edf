"""The ways in that people are told of: from the settings to a signed statement.

Each kind of transport has a name that people know and the warnings that belong beside it. A warning
is a short name here; its sentence, in the languages in which it was checked, is in
``relay/locales/safety.json``, and a test holds the two together.
"""

from __future__ import annotations

from typing import Final

from relay.config import Settings
from relay.model import Instant
from relay.wire.ways import Way, make_ways, sign_ways

KINDS: Final = {
    "smtp": ("mail", ("mail-provider",)),
    "lmtp": ("mail", ("mail-provider",)),
    "imap": ("mail", ("mail-provider",)),
    "sms": ("sms", ("phone-company",)),
    "smpp": ("sms", ("phone-company",)),
    "gammu": ("sms", ("phone-company",)),
    "telegram": ("chat", ("chat-company",)),
    "form": ("form", ("web-carrier",)),
}
"""For every kind of transport: what people call it, and what they must know before they use it."""


_SAFEST_FIRST: Final = ("form", "mail", "chat", "sms")
"""In the order of what saves: the telephone company knows number, place and words."""


def ways_in(settings: Settings) -> tuple[Way, ...]:
    """Every way that is public: what saves most first, within a kind in the order of the file."""
    made = []
    for transport in settings.transports.values():
        kind, warnings = KINDS[transport.kind]
        if transport.public:
            made += [Way(kind, one, warnings) for one in transport.told()]
    return tuple(sorted(made, key=lambda way: _SAFEST_FIRST.index(way.kind)))


def stated(settings: Settings, now: Instant, page_seed: bytes) -> tuple[bytes, bytes]:
    """The statement of this day, and its signature."""
    document = make_ways(ways_in(settings), now, page_seed)
    return document, sign_ways(document, page_seed)


def page_title(settings: Settings) -> str:
    """The page's title, as the feed shows it."""
    page = settings.destinations.get("page")
    return str(page.rest.get("title", "News")) if page is not None else "News"


def page_url(settings: Settings) -> str:
    """How the public reaches the page, as far as the settings say; no slash at its end."""
    page = settings.destinations.get("page")
    written = page.rest.get("url", "") if page is not None else ""
    if not written and settings.http is not None:
        written = settings.http.url
    return str(written).rstrip("/")
