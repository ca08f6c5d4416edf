"""The door's side of the DNS: what a child asks for is looked up here, and nowhere else."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import dns.asyncresolver
import dns.exception
import dns.resolver

from relay.transports.verdicts.lookup import MOST_RECORDS, MOST_TXT, NoAnswer, Record


class Names:
    """Asks name servers. ``servers`` are (address, port); none: those of the system, which are
    looked for at the first question."""

    def __init__(self, servers: Sequence[tuple[str, int]] = ()) -> None:
        self._servers = tuple(servers)
        self._resolver: dns.asyncresolver.Resolver | None = None

    async def records(self, name: str, kind: str, within_s: float) -> list[Record]:
        """The records of a name, none where there are none. Raises NoAnswer."""
        try:
            answer = await self._asked().resolve(
                name + ".", kind, lifetime=max(0.01, within_s), search=False
            )
        except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
            return []
        except (dns.exception.DNSException, OSError, ValueError):
            raise NoAnswer from None
        return [plain(kind, one) for one in list(answer)[:MOST_RECORDS]]

    def _asked(self) -> dns.asyncresolver.Resolver:
        if self._resolver is None:
            made = dns.asyncresolver.Resolver(configure=not self._servers)
            if self._servers:
                made.nameservers = [address for address, _ in self._servers]
                made.nameserver_ports = dict(self._servers)
            self._resolver = made
        return self._resolver


def plain(kind: str, record: Any) -> Record:
    """A record of dnspython's as a plain value. Raises NoAnswer for a longer one than any use."""
    if kind == "TXT":
        strings = [bytes(one) for one in record.strings]
        if sum(map(len, strings)) > MOST_TXT:
            raise NoAnswer
        return strings
    if kind == "MX":
        return int(record.preference), str(record.exchange.to_text(omit_final_dot=True))
    if kind == "PTR":
        return str(record.target.to_text(omit_final_dot=True))
    return str(record.address)
