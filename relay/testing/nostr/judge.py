"""Whether a relay takes an event: every reason for which one is refused, in the order of strfry."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Set
from dataclasses import dataclass, field
from typing import Final

from relay.model import Instant
from relay.testing.nostr.events import AUTH, Event, No, read
from relay.testing.nostr.manners import Manners

PER_S: Final = 60
"""The window in which events are counted."""


@dataclass(slots=True)
class Rules:
    """Who may write. ``members``: these accounts only; None: anybody. ``banned``: these not.
    ``unpaid``: these would have to pay. ``events_allowed``: of one account in 60 s."""

    members: set[str] | None = None
    banned: set[str] = field(default_factory=set)
    unpaid: set[str] = field(default_factory=set)
    events_allowed: int = 100_000
    _counted: Counter[tuple[str, int]] = field(default_factory=Counter)

    def judge(self, event: Event, now: Instant) -> None:
        """Raise No for whom these rules keep out."""
        if event.pubkey in self.banned:
            raise No("blocked: you are banned from posting here")
        if event.pubkey in self.unpaid:
            raise No("restricted: payment required, see our payments page")
        if self.members is not None and event.pubkey not in self.members:
            raise No("restricted: not allowed to write.")
        window = (event.pubkey, now // PER_S)
        self._counted[window] += 1
        if self._counted[window] > self.events_allowed:
            raise No("rate-limited: slow down there chief")


def judged(value: object, manners: Manners, authed: Set[str], now: Instant) -> Event:
    """The event in a message, from a client that proved to be each of ``authed``. Raises No."""
    event = read(value, manners.escapes)
    _timely(event, manners, now)
    _fits(event, manners)
    _proved(event, manners, authed)
    _worked(event, manners.min_pow_difficulty)
    return event


def _fits(event: Event, manners: Manners) -> None:
    if manners.max_event_tags is not None and len(event.tags) > manners.max_event_tags:
        raise No(f"invalid: too many tags: {len(event.tags)}")
    letters = manners.max_content_length
    too_long = letters is not None and len(event.content) > letters
    length = len(json.dumps(event.shown(), ensure_ascii=False, separators=(",", ":")).encode())
    if length > manners.max_event_bytes or too_long:
        raise No(manners.oversize.format(length=length, most=manners.max_event_bytes))


def _timely(event: Event, manners: Manners, now: Instant) -> None:
    lower, upper = manners.created_at_lower_limit, manners.created_at_upper_limit
    if lower is not None and event.created_at < now - lower:
        raise No("invalid: created_at too early")
    if upper is not None and event.created_at > now + upper:
        raise No("invalid: created_at too late")
    if event.first("expiration") and event.expires is None:
        raise No("invalid: expiration is not a time")
    if event.expires is not None and event.expires <= now:
        raise No("invalid: event expired")


def _proved(event: Event, manners: Manners, authed: Set[str]) -> None:
    """NIP-42, and NIP-70 for events that only their author may publish."""
    if event.kind == AUTH:
        raise No(f"blocked: kind {AUTH} is not accepted by this relay")
    protected = any(tag == ("-",) for tag in event.tags)
    if protected and manners.auth == "never":
        raise No("blocked: event marked as protected")
    if (protected or manners.auth != "never") and not authed:
        raise No("auth-required: we only accept events from authenticated users")
    if protected and event.pubkey not in authed:
        raise No("restricted: must be published by the author")


def _worked(event: Event, least: int) -> None:
    """NIP-13: the id has the work, and the tag commits to it."""
    if event.work < least:
        raise No(f"pow: difficulty {event.work} is less than {least}")
    nonces = [tag for tag in event.tags if tag[0] == "nonce"]
    if least and not (nonces and len(nonces[0]) > 2 and nonces[0][2].isdigit()):
        raise No("pow: no committed target difficulty")
    if least and int(nonces[0][2]) < least:
        raise No(f"pow: committed target {nonces[0][2]} is less than {least}")
