"""Keys for mail that a sender encrypts: an OpenPGP certificate and an age recipient of the exit.

People who have OpenPGP or age need nothing of ours to use these. Both are made and used by
libraries of the extra ``encrypted``; a node without them has none of these keys, and everything
else works. What is shown of them is kept beside them as text, so that it can be shown without any
library and without the passphrase.

The OpenPGP key is of version 4 with Curve25519 (RFC 4880 and RFC 9580 know it, and so does every
program of the last ten years). It does not expire: who holds a printed one has no way to ask for
a newer one.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from importlib.util import find_spec
from typing import Final

from relay.errors import Damaged

NAMED: Final = "Encrypted mail"
"""The user ID of a certificate whose mail address nobody gave: mail programs want one."""

MOST_NAMES: Final = 8
MOST_BYTES: Final = 64 * 1024
_RECIPIENT: Final = re.compile(r"age1[02-9ac-hj-np-z]{58}")
_FINGERPRINT: Final = re.compile(r"[0-9A-F]{40}")
_ADDRESS: Final = re.compile(r"[!#-;=?A-~]{1,64}@[!#-;=?A-~]{1,189}")


@dataclass(frozen=True, slots=True, repr=False)
class MailPublic:
    """What a sender needs: the certificate (armoured) and its fingerprint (40 hex digits), and the
    age recipient ("age1...")."""

    certificate: str
    fingerprint: str
    recipient: str

    def __post_init__(self) -> None:
        good = (
            0 < len(self.certificate) <= MOST_BYTES
            and _FINGERPRINT.fullmatch(self.fingerprint)
            and _RECIPIENT.fullmatch(self.recipient)
        )
        if not good:
            raise Damaged


@dataclass(frozen=True, slots=True, repr=False)
class MailKeys:
    """What opens such mail: the OpenPGP secret key (a transferable secret key, RFC 9580 section
    10.2) and the age identity ("AGE-SECRET-KEY-1..."); with their public halves."""

    openpgp: bytes
    age: str
    public: MailPublic

    def __post_init__(self) -> None:
        if not 0 < len(self.openpgp) <= MOST_BYTES or not 0 < len(self.age) <= 200:
            raise Damaged


def can_be_made() -> bool:
    """Whether the libraries are installed."""
    return find_spec("pysequoia") is not None and find_spec("pyrage") is not None


def is_address(text: str) -> bool:
    """Whether it can stand in a certificate as a mail address."""
    return _ADDRESS.fullmatch(text) is not None


def make_mail_keys(addresses: Sequence[str] = ()) -> MailKeys | None:
    """New keys; None where the libraries are not installed. ``addresses`` are those people write
    to: mail programs choose a certificate by them. Raises ValueError for what is no address."""
    if not can_be_made():
        return None
    import pyrage
    import pysequoia

    key = pysequoia.Tsk.generate(user_ids=_user_ids(addresses) or [NAMED])
    certificate = key.extract_certificate()
    identity = pyrage.x25519.Identity.generate()
    public = MailPublic(
        str(certificate), certificate.fingerprint.upper(), str(identity.to_public())
    )
    return MailKeys(bytes(key), str(identity), public)


def with_addresses(keys: MailKeys, addresses: Sequence[str]) -> MailKeys:
    """The same keys, and the certificate names these addresses as well. Needs the libraries.

    Raises ValueError for what is no address, and for more of them than a certificate should have.
    """
    import pysequoia

    certificate = pysequoia.Cert.from_bytes(keys.public.certificate.encode())
    key = pysequoia.Tsk.from_bytes(keys.openpgp)
    there = set(map(str, certificate.user_ids))
    wanted = [one for one in _user_ids(addresses) if one not in there]
    if len(there) + len(wanted) > MOST_NAMES:
        raise ValueError("too many addresses")
    for one in wanted:
        certificate = certificate.add_user_id(value=one, certifier=key.certifier())
    return replace(keys, public=replace(keys.public, certificate=str(certificate)))


def _user_ids(addresses: Sequence[str]) -> list[str]:
    if len(addresses) > MOST_NAMES or not all(map(is_address, addresses)):
        raise ValueError("no mail address")
    return [f"<{one}>" for one in dict.fromkeys(addresses)]
