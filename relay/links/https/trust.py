"""TLS between two nodes: version 1.3, both show a certificate, and only those written down count.

A certificate is the peer's or it is not: it is compared as a whole, after the handshake. Nothing
else about it matters: no authority, no name, and no date either, since the clock of a node that was
off for long may stand anywhere.
"""

from __future__ import annotations

import hmac
import os
import ssl
from collections.abc import Iterable
from typing import Any, Final

from relay.reach.pins import key_of
from relay.wire.linkkeys import LinkKey, link_key_of, private_pem

NO_CHECK_TIME: Final = 0x200000
"""X509_V_FLAG_NO_CHECK_TIME of OpenSSL, for which Python has no name
(X509_VERIFY_PARAM_set_flags(3))."""

SPEAKS: Final = ("http/1.1",)
"""As any other client says it (ALPN, RFC 7301)."""


def for_calling(seed: bytes, peer: LinkKey) -> ssl.SSLContext:
    """How a node calls this peer, with the link key of this seed."""
    return _context(ssl.PROTOCOL_TLS_CLIENT, seed, [peer])


def for_listening(seed: bytes, peers: Iterable[LinkKey]) -> ssl.SSLContext:
    """How a node is called, by any of these peers."""
    made = _context(ssl.PROTOCOL_TLS_SERVER, seed, peers)
    made.num_tickets = 0  # their key would open recordings long after
    return made


def is_of(peer: LinkKey, under: ssl.SSLObject | Any) -> bool:
    """Whether the other side of a connection has shown exactly this peer's certificate."""
    return hmac.compare_digest(_shown(under), peer.certificate)


def pin_of(peer: LinkKey) -> bytes:
    """The peer's key as a pin of ``reach``, for who tries a way and sends nothing."""
    return key_of(peer.certificate)


def _shown(under: ssl.SSLObject | Any) -> bytes:
    return (under.getpeercert(binary_form=True) if under is not None else None) or b""


def _context(side: ssl._SSLMethod, seed: bytes, peers: Iterable[LinkKey]) -> ssl.SSLContext:
    made = ssl.SSLContext(side)
    made.minimum_version = ssl.TLSVersion.TLSv1_3
    made.check_hostname = False
    made.verify_mode = ssl.CERT_REQUIRED
    # All link certificates have one name, so that OpenSSL, looking for who has signed one, would
    # take the first of them that it finds. PARTIAL_CHAIN: the one that is shown must be there.
    made.verify_flags = ssl.VerifyFlags(ssl.VERIFY_X509_PARTIAL_CHAIN | NO_CHECK_TIME)
    made.set_alpn_protocols(list(SPEAKS))
    _show(made, seed)
    if pems := "".join(one.pem for one in peers):
        made.load_verify_locations(cadata=pems)
    return made


def _show(context: ssl.SSLContext, seed: bytes) -> None:
    """Python takes its own certificate from a file only: one that has no name, and is in memory
    (memfd_create(2)). Landlock lets a process open its own, whatever else it is kept from."""
    file = os.memfd_create("link", os.MFD_CLOEXEC)
    try:
        os.write(file, private_pem(seed) + link_key_of(seed).pem.encode())
        context.load_cert_chain(f"/proc/self/fd/{file}")
    finally:
        os.close(file)
