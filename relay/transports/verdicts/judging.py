"""SPF, DKIM and DMARC for one mail: what pyspf and dkimpy say, held against the domain in From.

It runs where it can do nothing but compute (``child.py``), since all it reads was written by
whoever sent the mail, or by whoever keeps a domain. Whatever cannot be known is "none"; where the
memory is too little, the process ends (MemoryError), and nothing is known either.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any, Final

import dkim
import dkim.util
import spf

from relay.entry.headers import MOST
from relay.model import Instant
from relay.transports.imap.head import author_of
from relay.transports.trust import Said
from relay.transports.verdicts.dmarc import Owners, Policy
from relay.transports.verdicts.lookup import Look, NoAnswer, Record, joined

MOST_SIGNATURES: Final = 4
"""Signatures of one mail that are looked at; a mail has one or two."""

MOST_KEY: Final = 1024
"""Bytes of a record with a key: RSA of 4,096 bits fits, and no longer one is needed (RFC 8301)."""

LEAST_KEY: Final = 1024
"""Bits of an RSA key (RFC 8301 section 3.2)."""

_END = re.compile(rb"\r?\n\r?\n")
_DOMAIN = re.compile(r"(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.)+[a-z0-9-]{2,63}", re.ASCII)


def judged(
    mail: bytes, envelope: bytes, client: str, look: Look, now: Instant | None = None
) -> Said:
    """What DMARC says. ``envelope`` is MAIL FROM (empty: a bounce), ``client`` the address that the
    mail came from; ``now`` says whether a signature is past or in the future: the node's time, and
    without one the system's."""
    domain = _domain_of(author_of(mail))
    end = _END.search(mail, 0, MOST)
    if not domain or end is None:
        return "none"
    owners = Owners(look)
    try:
        policy = owners.policy(domain)
        if policy is None:
            return "none"
        with _as_if_it_were(now):
            passed, sure = _passed(mail, envelope, client, look, owners, policy, domain)
    except NoAnswer:
        return "none"
    return "pass" if passed else "fail" if sure else "none"


def _passed(
    mail: bytes,
    envelope: bytes,
    client: str,
    look: Look,
    owners: Owners,
    policy: Policy,
    domain: str,
) -> tuple[bool, bool]:
    """Whether SPF or DKIM speaks for the domain; and if not, whether that is sure."""
    sure = True
    checks: tuple[Callable[[], bool], ...] = (
        lambda: _by_spf(envelope, client, look, owners, policy, domain),
        lambda: _by_dkim(mail, look, owners, policy, domain),
    )
    for check in checks:
        try:
            if check():
                return True, True
        except NoAnswer:
            sure = False
    return False, sure


def _domain_of(address: bytes) -> str:
    """The domain of an address, as the DNS has it; empty if it can be none."""
    try:
        domain = address.rpartition(b"@")[2].decode().encode("idna").decode().lower().rstrip(".")
    except UnicodeError:
        return ""
    return domain if len(domain) <= 253 and _DOMAIN.fullmatch(domain) else ""


# ---------------------------------------------------------------- SPF (RFC 7208)


def _by_spf(
    envelope: bytes, client: str, look: Look, owners: Owners, policy: Policy, domain: str
) -> bool:
    sender = _domain_of(envelope)
    if not sender or not client or not owners.aligned(domain, sender, strict=policy.strict_spf):
        return False

    def lookup(name: str, kind: str, strict: object, timeout: object) -> list[Any]:
        try:
            return [((name, kind), _as_spf_has_it(one)) for one in look(name, kind)]
        except NoAnswer:
            raise spf.TempError("no answer") from None

    spf.DNSLookup = lookup  # the library asks through this name
    address = envelope.decode("ascii", "replace")
    try:
        result = spf.query(i=client, s=address, h=sender).check()[0]
    except MemoryError:
        raise
    except Exception:  # a record that cannot be read is as good as none
        return False
    if result == "temperror":
        raise NoAnswer
    return bool(result == "pass")


def _as_spf_has_it(record: Record) -> object:
    return tuple(record) if isinstance(record, list) else record


# ---------------------------------------------------------------- DKIM (RFC 6376)


def _by_dkim(mail: bytes, look: Look, owners: Owners, policy: Policy, domain: str) -> bool:
    unknown = False

    def key(name: bytes, timeout: object = None) -> bytes | None:
        found = [joined(one) for one in look(name.decode("ascii").rstrip("."), "TXT")]
        return found[0] if len(found) == 1 and len(found[0]) <= MOST_KEY else None

    try:
        parsed = dkim.DKIM(mail, minkey=LEAST_KEY)
    except dkim.DKIMException:
        return False
    for at, signer in _signatures(parsed):
        try:
            ours = owners.aligned(domain, signer, strict=policy.strict_dkim)
            if ours and parsed.verify(at, dnsfunc=key):
                return True
        except NoAnswer:
            unknown = True
        except MemoryError:
            raise
        except Exception:  # a signature that cannot be read is as good as none
            continue
    if unknown:
        raise NoAnswer
    return False


@contextmanager
def _as_if_it_were(now: Instant | None) -> Iterator[None]:
    """The library asks for the time through the name ``time`` of its module."""
    asked = dkim.time
    if now is not None:
        dkim.time = SimpleNamespace(time=lambda: now)
    try:
        yield
    finally:
        dkim.time = asked


def _signatures(parsed: Any) -> Iterator[tuple[int, str]]:
    """Those that may count: their place, and the domain that signs.

    Not with ``l=``, which lets others write below what was signed; not with SHA-1 (RFC 8301); and
    From must be signed.
    """
    fields = [value for name, value in parsed.headers if name.lower() == b"dkim-signature"]
    for at, value in enumerate(fields[:MOST_SIGNATURES]):
        try:
            tags = dkim.util.parse_tag_value(value)
        except dkim.util.InvalidTagValueList:
            continue
        signed = {one.strip().lower() for one in tags.get(b"h", b"").split(b":")}
        signer = _domain_of(b"@" + tags.get(b"d", b""))
        sound = b"l" not in tags and b"from" in signed and tags.get(b"a") == b"rsa-sha256"
        if sound and signer:
            yield at, signer
