"""Makes a link over HTTPS from its section of the settings."""

from __future__ import annotations

from urllib.parse import urlsplit

from relay.config.linking import HttpsLink
from relay.links.https.calling import Calling
from relay.links.https.listening import Listening
from relay.links.port import Link, Opening

PORT = 443


def https(at: HttpsLink, opening: Opening) -> Link:
    """The side of it that the section is: with ``listen`` it is called, with ``url`` it calls."""
    if at.listen is not None:
        return Listening(opening, float(at.timeout))
    where = urlsplit(at.url)
    return Calling(opening, where.hostname or "", where.port or PORT, float(at.timeout))
