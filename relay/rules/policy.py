"""A channel's policy: what becomes of a message that was read."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from relay.model import HOUR, Instant, Message
from relay.rules.wordlist import NO_WORDS, WordList

AUTOMATIC = frozenset({"auto-submitted", "bulk", "list", "bounce"})
"""Flags of mail that no person wrote to us (RFC 3834): never published by itself."""

KNOWN = "known"
"""The flag of what a known sender wrote: the exit found the word of one under it."""

BY_SMS = "sms"
"""The flag of what came by SMS. The telephone company reads it, and with it every code word."""

MAY_READ = "may-read"
"""The flag of a transport whose sender may be told what stands on the page."""

STALE = "stale"
"""Why a delivery is held that waited too long."""

Draw = Callable[[int, int], int]
"""A random whole number between two, both included."""


Danger = Literal["hold", "mark", "redact", "off"]
"""What becomes of a text in which danger was found: a person sees it first; it goes on, and is
marked where people look; what was found is taken out of it; nothing."""


TwoPersons = Literal["none", "danger", "all"]
"""What two persons must release: nothing, that in which danger was found, or everything that a
person releases."""


@dataclass(frozen=True, slots=True)
class Policy:
    """What ``[channels.NAME]`` says. ``media_review``: whether a person must see whatever came
    with a picture, a film or a sound. ``words`` are danger here. Delays and ages in seconds;
    ``stale`` 0 is never.
    ``priority``: its messages go out before the others that wait."""

    destinations: tuple[str, ...] = ("page",)
    review: Literal["all", "unknown", "none"] = "all"
    delay: tuple[int, int] = (300, 2700)
    danger: Danger = "hold"
    stale: int = 3 * 86400
    withdraw: Literal["desk", "at once"] = "desk"
    withdraw_per_day: int = 20
    priority: bool = False
    media_review: Literal["all", "none"] = "all"
    words: WordList = NO_WORDS
    two_persons: TwoPersons = "none"

    def no_looser_than(self, other: Policy) -> bool:
        """Whether it reviews no less than another, holds danger no less, and knows its words."""
        return (
            _REVIEWS.index(self.review) >= _REVIEWS.index(other.review)
            and _DANGERS.index(self.danger) >= _DANGERS.index(other.danger)
            and _MEDIA_REVIEWS.index(self.media_review) >= _MEDIA_REVIEWS.index(other.media_review)
            and _TWO.index(self.two_persons) >= _TWO.index(other.two_persons)
            and (other.danger == "off" or self.words.has_all_of(other.words))
        )


_REVIEWS = ("none", "unknown", "all")
_DANGERS = ("off", "mark", "redact", "hold")
_MEDIA_REVIEWS = ("none", "all")
_TWO: tuple[TwoPersons, ...] = ("none", "danger", "all")


MEDIA: Final = "media"

_HOLDING: Final = (
    (AUTOMATIC, "automatic mail"),
    ({"media"}, MEDIA),
    ({"media-left-out"}, "media left out"),
    ({"flood"}, "very many from one sender"),
    ({"unknown_address"}, "unknown address"),
    ({"perhaps_repeat"}, "perhaps a repeat"),
    ({"edited"}, "an edited message"),
    ({"damaged_text", "guessed_charset", "national-alphabet"}, "damaged text"),
    ({"zawgyi"}, "perhaps Zawgyi"),
    ({"perhaps_code"}, "perhaps a command"),
    ({"quoted"}, "perhaps a quote"),
    ({"not_opened"}, "not opened"),
    ({"nothing_left"}, "nothing is left of it"),
)
"""Flags for which a person must see a message, whatever the channel says; most pressing first."""


def held_for(
    message: Message, policy: Policy | None, left_out: Sequence[str] = ()
) -> tuple[str, ...]:
    """Why a person must see this message first, most pressing first; empty if nobody must.

    ``left_out``: why nothing is published of some of its media, a reason each."""
    if policy is None:
        return ("its channel is not in the settings",)
    flags = set(message.flags)
    reasons = []
    kinds = sorted({mark.kind for mark in message.marks})
    if kinds and policy.danger in ("hold", "redact"):  # what was taken out has none
        reasons.append("danger: " + ", ".join(kinds))
    for some, reason in _HOLDING:
        if flags & some or (reason == MEDIA and (message.media or left_out)):
            reasons += _about_media(policy, left_out) if reason == MEDIA else [reason]
    if policy.review == "all" or (policy.review == "unknown" and not _is_trusted(flags)):
        reasons.append("review")
    return tuple(reasons)


def _about_media(policy: Policy, left_out: Sequence[str]) -> list[str]:
    """Why a person must see what came with media. Also where a channel lets these go unseen, nobody
    but a person lets a message go without some of them."""
    reasons = [MEDIA] if policy.media_review == "all" else []
    if left_out:
        reasons.append("media not published: " + ", ".join(dict.fromkeys(left_out)))
    return reasons


def _is_trusted(flags: set[str]) -> bool:
    """Whether a known sender wrote it, by a way on which nobody else reads the word."""
    return KNOWN in flags and BY_SMS not in flags


def may_be_read(flags: Iterable[str]) -> bool:
    """Whether who asks by this way may be told what stands on the page: by SMS only where its
    transport says so."""
    return BY_SMS not in flags or MAY_READ in flags


def due_after(policy: Policy, now: Instant, draw: Draw) -> Instant:
    """When a released message may be posted: a random delay from now."""
    return now + draw(*policy.delay)


def is_stale(released: Instant, after_s: int, now: Instant) -> bool:
    """Whether what was released in this hour is older than that. Only the hour is known, so that
    it gets one more: nothing is too old too early."""
    return after_s > 0 and now >= released + HOUR + after_s


def next_tick(due: Instant, tick_s: int) -> Instant:
    """The first tick of a recurring window that is not before ``due``; ``due`` without one."""
    return due if tick_s <= 0 else -(-due // tick_s) * tick_s
