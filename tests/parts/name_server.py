"""A name server of this machine for whatever a test says stands in the DNS."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress

import dns.message
import dns.rcode
import dns.rrset

Zone = Mapping[tuple[str, str], Sequence[str]]
"""(name, kind) to records, as a zone file has them (TXT in quotes)."""


class NameServer:
    """Answers by ``zone``; names in ``silent`` never, names in ``broken`` with an error."""

    def __init__(self, zone: Zone, at: tuple[str, int] = ("127.0.0.1", 0)) -> None:
        self.zone = dict(zone)
        self.silent: set[str] = set()
        self.broken: set[str] = set()
        self.asked: list[tuple[str, str]] = []
        self._sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._sock.bind(at)
        self.address: tuple[str, int] = self._sock.getsockname()

    def serve(self) -> None:
        """Until it is closed."""
        while True:
            said, client = self._sock.recvfrom(4096)
            if not said:
                return
            answer = self._answer(dns.message.from_wire(said))
            if answer is not None:
                with suppress(OSError):  # the way to the client is cut
                    self._sock.sendto(answer.to_wire(), client)

    def _answer(self, query: dns.message.Message) -> dns.message.Message | None:
        question = query.question[0]
        name = question.name.to_text(omit_final_dot=True).lower()
        kind = question.rdtype.name
        self.asked.append((name, kind))
        if name in self.silent:
            return None
        answer = dns.message.make_response(query)
        if name in self.broken:
            answer.set_rcode(dns.rcode.SERVFAIL)
        elif records := self.zone.get((name, kind)):
            answer.answer.append(dns.rrset.from_text(name + ".", 60, "IN", kind, *records))
        elif not any(name == known for known, _ in self.zone):
            answer.set_rcode(dns.rcode.NXDOMAIN)
        return answer

    def end(self) -> None:
        """Answer nothing any more: an empty datagram ends it."""
        self._sock.sendto(b"", self.address)

    def close(self) -> None:
        """Give the port back."""
        self._sock.close()


@contextmanager
def name_server(zone: Zone) -> Iterator[NameServer]:
    """One while the block lasts."""
    server = NameServer(zone)
    thread = threading.Thread(target=server.serve, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.end()
        thread.join(5)
        server.close()
