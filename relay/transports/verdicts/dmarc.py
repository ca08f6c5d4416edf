"""DMARC's part of a verdict: the policy of a domain, and which names belong to one owner.

The owner's domain is found by walking up the names, not by a list of public suffixes (draft-ietf-
dmarc-dmarcbis section 4.10, which takes the place of RFC 7489 section 3.2). How a name is aligned
is the same in both (RFC 7489 section 3.1).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from relay.transports.verdicts.lookup import Look, joined

MOST_LABELS: Final = 8
"""Names that are asked in one walk: of a longer one the labels between are left out."""


@dataclass(frozen=True, slots=True)
class Policy:
    """A record of ``_dmarc``: whether DKIM and SPF must name the very domain, and ``psd``."""

    strict_dkim: bool = False
    strict_spf: bool = False
    psd: Literal["y", "n", "u"] = "u"


class Owners:
    """Asks for policies, each name once."""

    def __init__(self, look: Look) -> None:
        self._look = look
        self._policies: dict[str, Policy | None] = {}

    def policy(self, domain: str) -> Policy | None:
        """The policy for mail From this domain: its own, its owner's, or of the suffix above. None
        if there is none. Raises NoAnswer."""
        return next((found for _, found in self._walk(domain)), None)

    def aligned(self, domain: str, other: str, *, strict: bool) -> bool:
        """Whether what speaks for ``other`` speaks for ``domain``. Raises NoAnswer."""
        if domain == other:
            return True
        if strict or domain.split(".")[-2:] != other.split(".")[-2:]:
            return False  # no owner has both; nothing need be asked
        return self.owner(domain) == self.owner(other)

    def owner(self, domain: str) -> str:
        """The organisational domain of a name. Raises NoAnswer."""
        found = self._walk(domain)
        for name, policy in found:
            if policy.psd == "n":
                return name
            if policy.psd == "y" and name != domain:
                return ".".join(domain.split(".")[-name.count(".") - 2 :])
        return found[-1][0] if found else domain

    def _walk(self, domain: str) -> list[tuple[str, Policy]]:
        """Every policy on the way up, until one says where the owner's names end."""
        found = []
        for name in steps(domain):
            if name not in self._policies:
                self._policies[name] = _policy(self._look, name)
            policy = self._policies[name]
            if policy is not None:
                found.append((name, policy))
                if policy.psd != "u":
                    break
        return found


def steps(domain: str) -> list[str]:
    """The names that are asked, from the domain up to its last label."""
    labels = domain.split(".")
    short = labels[-(MOST_LABELS - 1) :] if len(labels) >= MOST_LABELS else labels[1:]
    return [domain, *(".".join(short[n:]) for n in range(len(short)))]


def _policy(look: Look, name: str) -> Policy | None:
    """The one record there; of several none counts (RFC 7489 section 6.6.3)."""
    records = [tags for one in look(f"_dmarc.{name}", "TXT") if (tags := _tags(joined(one)))]
    if len(records) != 1:
        return None
    [tags] = records
    psd = tags.get("psd", "u").lower()
    return Policy(
        strict_dkim=tags.get("adkim", "r").lower() == "s",
        strict_spf=tags.get("aspf", "r").lower() == "s",
        psd="y" if psd == "y" else "n" if psd == "n" else "u",
    )


def _tags(record: bytes) -> dict[str, str]:
    """The tags of a record; none if it does not begin as one of DMARC (RFC 7489 section 6.3)."""
    pairs = [part.partition("=") for part in record.decode("ascii", "replace").split(";")]
    tags = {key.strip().lower(): value.strip() for key, _, value in pairs}
    first = pairs[0]
    return tags if (first[0].strip().lower(), first[2].strip()) == ("v", "DMARC1") else {}
