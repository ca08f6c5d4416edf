"""Why a connection was not had, told by the errors of whoever tried."""

from __future__ import annotations

import ipaddress
import socket
import ssl
from collections.abc import Iterable, Iterator
from typing import Final

import httpcore

from relay.rules.routes import Failure

_NO_TLS: Final = frozenset({"WRONG_VERSION_NUMBER", "HTTP_REQUEST", "HTTPS_PROXY_REQUEST"})
"""OpenSSL's words for a first answer that is no record of TLS at all: somebody speaks in clear."""

_OWN_NAMES: Final = frozenset(
    {"localhost", "local", "internal", "intranet", "lan", "home", "corp", "arpa", "onion", "test"}
)
"""Last labels of names that no public DNS answers for (RFC 6761, 6762, 7686, 8375, and habit)."""

_TELLING: Final[tuple[Failure, ...]] = ("reset", "refused", "timed out", "unreachable")
"""Of several addresses of a host, what says most about the way there: a machine without IPv6 cannot
reach half of them, and that says nothing."""


class Unreached(Exception):
    """No connection was had; nothing that matters has left."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure)
        self.failure: Final = failure


def kind_of(error: BaseException) -> Failure:
    """What an error says, or one that caused it. Its own words are not read: they may quote."""
    for one in _causes(error):
        kind = _kind(one)
        if kind is not None:
            return kind
    return "reset"


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        if isinstance(error, BaseExceptionGroup):
            for inner in error.exceptions:
                yield from _causes(inner)
        error = error.__cause__ or error.__context__


def _kind(error: BaseException) -> Failure | None:
    match error:
        case Unreached():
            return error.failure
        case ssl.SSLEOFError() | ssl.SSLZeroReturnError() | ConnectionError():
            return "refused" if isinstance(error, ConnectionRefusedError) else "reset"
        case ssl.SSLError():
            return "block page" if error.reason in _NO_TLS else "tls"
        case socket.gaierror() | UnicodeError():
            return "dns"
        case TimeoutError() | httpcore.TimeoutException():
            return "timed out"
        case OSError() if error.errno is not None:
            return "unreachable"
        case _:
            return None


def most_telling(kinds: Iterable[Failure]) -> Failure:
    """Of the failures of several addresses of one host, one."""
    kinds = list(kinds)
    return next((kind for kind in _TELLING if kind in kinds), "unreachable")


def is_odd(host: str, address: str) -> bool:
    """Whether this address cannot be true for this host: a public name that leads to a network
    that is not public. Resolvers that were told to lie give such answers."""
    if "." not in host or host.rstrip(".").rpartition(".")[2].lower() in _OWN_NAMES:
        return False
    if is_address(host):
        return False
    there = _address(address)
    return there is not None and (not there.is_global or there.is_multicast)


def is_address(host: str) -> bool:
    """Whether it is an address, and no name."""
    return _address(host) is not None


def _address(written: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(written.partition("%")[0])
    except ValueError:
        return None
