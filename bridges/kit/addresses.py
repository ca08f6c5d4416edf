"""Addresses that a bridge may post to, and those of posts that may be shown."""

from __future__ import annotations

import ipaddress
from typing import Any, Final
from urllib.parse import urlsplit

MAX_URL_CHARACTERS: Final = 2048


def web_address(url: str) -> str:
    """``url``, if a bridge may post there: https, or http to a loopback address. Raises ValueError.

    Names and tokens belong in a secret file, so an address that carries a user is refused.
    """
    parts = urlsplit(url)
    parts.port  # noqa: B018  (raises for one that is no number)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("write a whole address: https://...")
    if "@" in parts.netloc or parts.fragment:
        raise ValueError("put the secret into a file of its own")
    if parts.scheme == "http" and not _loopback(parts.hostname):
        raise ValueError("write https: plaintext goes to this machine only")
    return url


def host_of(url: str) -> str:
    """The host of an address, in lower case, as ``hosts`` of a bridge names it; "" if it has none.
    Raises ValueError for what is no address."""
    return (urlsplit(url).hostname or "").lower()


def _loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def shown_at(said: Any) -> str:
    """Where people see a post, if a platform says so in a way that can be shown; else ""."""
    if not isinstance(said, str) or not said.isprintable() or len(said) > MAX_URL_CHARACTERS:
        return ""
    return said if said.startswith(("https://", "http://")) else ""


MAX_REF_CHARACTERS: Final = 64


def is_ref(said: Any, *, more: str = "-_", longest: int = MAX_REF_CHARACTERS) -> bool:
    """Whether it may be a platform's id: ASCII letters and digits, and the signs in ``more``."""
    if not isinstance(said, str) or len(said) > longest or not said.isascii():
        return False
    return said.translate(dict.fromkeys(map(ord, more))).isalnum()
