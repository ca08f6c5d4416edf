"""The secret file: four secrets (OAuth 1.0a) or a client and its token (OAuth 2.0), by name.

JSON, or a line ``name = value`` each; the names are those of X's console in lower case.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Final

from bridges.kit import BadSecret
from bridges.twitter.signing import Four
from bridges.twitter.tokens import Client

FOUR: Final = ("api_key", "api_key_secret", "access_token", "access_token_secret")
_OTHER_NAMES: Final = {
    "consumer_key": "api_key",
    "consumer_secret": "api_key_secret",
    "api_secret": "api_key_secret",
    "api_secret_key": "api_key_secret",
    "access_secret": "access_token_secret",
}


def read(held: bytes) -> Four | Client:
    """Which of the two it holds. Raises BadSecret, which names what is missing and quotes nothing.

    A line of four words is taken for the four, in their order."""
    named = _named(held)
    if "client_id" in named:
        return _client(named)
    lacking = [name for name in FOUR if not named.get(name)]
    if lacking:
        raise BadSecret(f"the secret file lacks {', '.join(lacking)}")
    return Four(*(named[name] for name in FOUR))


def written(named: Mapping[str, str]) -> bytes:
    """The content of such a file."""
    return json.dumps({name: value for name, value in named.items() if value}).encode()


def _client(named: Mapping[str, str]) -> Client:
    if not named.get("refresh_token"):
        raise BadSecret("the secret file lacks refresh_token (scope offline.access gives one)")
    return Client(
        named["client_id"],
        named.get("client_secret", ""),
        named["refresh_token"],
        named.get("access_token", ""),
    )


def _named(held: bytes) -> dict[str, str]:
    try:
        text = held.decode()
        said = json.loads(text) if text.startswith("{") else dict(_lines(text))
    except (ValueError, RecursionError):
        raise BadSecret("the secret file is neither JSON nor lines of `name = value`") from None
    named = {}
    for name, value in said.items():
        word = str(name).strip().lower().replace(" ", "_").replace("-", "_")
        if not isinstance(value, str) or (value.strip() and not is_word(value.strip())):
            raise BadSecret("each secret is one word of plain characters")
        named[_OTHER_NAMES.get(word, word)] = value.strip()
    return named


def _lines(text: str) -> list[tuple[str, str]]:
    words = text.split()
    if len(words) == len(FOUR) and "=" not in text:
        return list(zip(FOUR, words, strict=True))
    rows = [line.partition("=") for line in text.splitlines() if line.strip()]
    if not all(between for _, between, _ in rows):
        raise ValueError("a line without a name")
    return [(name, value.strip().strip("\"'")) for name, _, value in rows]


def is_word(value: str) -> bool:
    """Whether it may be a secret, and stand in a header: one word of plain characters."""
    return bool(value) and value.isascii() and value.isprintable() and " " not in value
