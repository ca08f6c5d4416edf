"""Somebody on the line who answers in a platform's place, with a certificate of another authority.

It takes whatever comes: all bytes as they came (``raw``), and what it could read of them
(``heard``), which is nothing unless somebody believes it.
"""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from relay.testing.certificates import Pair


class Interceptor:
    """Serves at a socket that listens."""

    def __init__(self, listening: socket.socket, pair: Pair) -> None:
        self.came = 0
        self.raw = b""
        self.heard = b""
        self._listening = listening
        self._context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        self._context.load_cert_chain(pair.certificate, pair.key)

    def serve(self) -> None:
        """Until the socket is closed."""
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._listening.accept()
                self.came += 1
                threading.Thread(target=self._meet, args=(client,), daemon=True).start()

    def _meet(self, client: socket.socket) -> None:
        incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        line = self._context.wrap_bio(incoming, outgoing, server_side=True)
        shaken = False
        with client, contextlib.suppress(OSError):  # SSLError too: we are not believed
            while True:
                try:
                    if not shaken:
                        line.do_handshake()
                        shaken = True
                    self.heard += line.read(65536)
                except ssl.SSLWantReadError:
                    pass
                if said := outgoing.read():
                    client.sendall(said)
                if not (came := client.recv(65536)):
                    return
                self.raw += came
                incoming.write(came)


@contextmanager
def intercepting(listening: socket.socket, pair: Pair) -> Iterator[Interceptor]:
    """One that serves while the block lasts."""
    made = Interceptor(listening, pair)
    thread = threading.Thread(target=made.serve, daemon=True)
    thread.start()
    try:
        yield made
    finally:
        with contextlib.suppress(OSError):
            listening.shutdown(socket.SHUT_RDWR)
        listening.close()
        thread.join()
