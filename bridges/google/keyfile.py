"""The secret file: a client of type Desktop app, and the refresh token that was given to it.

JSON with ``client_id``, ``client_secret`` and ``refresh_token``. Google says itself that the secret
of such a client is none (developers.google.com, "OAuth 2.0 for desktop apps"); the token is.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from bridges.kit import BadSecret

MOST_CHARACTERS = 4096


@dataclass(frozen=True, slots=True, repr=False)
class Client:
    """An OAuth client and what the account's owner gave to it."""

    client_id: str
    client_secret: str
    refresh_token: str


def read(held: bytes) -> Client:
    """The client in a secret file. Raises BadSecret, which names what is missing and no more."""
    try:
        said = json.loads(held)
    except (ValueError, RecursionError):
        said = None
    if not isinstance(said, dict):
        raise BadSecret("the secret file is not what relay login wrote")
    named = {name: word(said.get(name)) for name in Client.__slots__}
    lacking = [name for name, value in named.items() if not value]
    if lacking:
        raise BadSecret(f"the secret file lacks {', '.join(lacking)}: relay login")
    return Client(**named)


def written(client: Client) -> bytes:
    """The content of such a file."""
    made: Mapping[str, str] = asdict(client)
    return json.dumps(made).encode()


def word(said: Any) -> str:
    """One word of plain characters, as it may stand in a header; "" for anything else."""
    plain = isinstance(said, str) and len(said) <= MOST_CHARACTERS and said.isascii()
    return said if plain and said.isprintable() and " " not in said else ""
