"""One mail is handed over, to as many of its recipients as the server takes it for.

There is one moment of doubt: from when the final dot may have left until the server has answered.
Before it the server has nothing (RFC 5321, 4.1.1.4), and after it has said yes or no we know.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from bridges.mail_out import replies
from bridges.mail_out.dialogue import Dialogue, Reply
from relay.ports import Later, NoAnswer, Refused, Stopped, Unsure

AFTER_DOT_S: Final = 600.0
"""RFC 5321, 4.5.3.2.6: a server may take ten minutes, and who gives up sooner makes doubles."""

NO_ADDRESS: Final = Stopped(
    "the mail server takes none of the addresses", "look at the addresses in `to`"
)
NOT_LET: Final = Stopped("the mail server does not let this account send", replies.ACTION)
"""Said to RCPT as well: Postfix, as it is shipped, puts off until then what it has against a sender
(postconf(5), smtpd_delay_reject)."""

DOUBT: Final = Unsure("the mail server did not say whether it has the mail")


@dataclass(frozen=True, slots=True, repr=False)
class Handed:
    """Who has it now; and what was said to those who are put off, if there are any. The others are
    refused for good."""

    to: tuple[str, ...]
    later: Reply | None = None


async def handed(
    dialogue: Dialogue, sender: str, recipients: Sequence[str], mail: bytes
) -> Handed | Later | Refused | Stopped | Unsure:
    """Hand it over. Only a ``Handed`` and an ``Unsure`` may have reached anybody."""
    try:
        envelope = await _enveloped(dialogue, sender, recipients, len(mail))
        if not isinstance(envelope, Handed):
            return envelope
        if envelope.to:
            [reply] = await dialogue.say("DATA")
            if reply.code != 354:
                return replies.to_mail(reply)
            await dialogue.content(mail)
    except NoAnswer:
        return replies.BROKE_OFF
    if not envelope.to:
        return envelope
    try:
        reply = await dialogue.dot(AFTER_DOT_S)
    except NoAnswer:
        return DOUBT
    if reply.good:
        return envelope
    return DOUBT if reply.code < 400 else replies.to_mail(reply)


async def may_send(dialogue: Dialogue, sender: str) -> Later | Refused | Stopped | None:
    """Whether the server lets this account send; nothing is sent."""
    try:
        [reply] = await dialogue.say(f"MAIL FROM:<{sender}>")
    except NoAnswer:
        return replies.UNREACHED
    return None if reply.good else replies.to_sender(reply)


async def _enveloped(
    dialogue: Dialogue, sender: str, recipients: Sequence[str], size: int
) -> Handed | Later | Refused | Stopped:
    most = dialogue.offers.get("SIZE", "")
    if most.isdigit() and 0 < int(most[:15]) < size:  # 0: no limit (RFC 1870, 4)
        return Refused("the mail is larger than the mail server takes")
    sized = f" SIZE={size}" if "SIZE" in dialogue.offers else ""
    [reply] = await dialogue.say(f"MAIL FROM:<{sender}>{sized}")
    if not reply.good:
        return replies.to_sender(reply)
    told = await dialogue.say(*(f"RCPT TO:<{one}>" for one in recipients))
    taken = tuple(one for one, reply in zip(recipients, told, strict=True) if reply.good)
    later = [reply for reply in told if 400 <= reply.code < 500]
    if not taken and not later:
        # RFC 3463: 1 is about an address, 7 about who may send.
        about_us = all(reply.enhanced.startswith("5.7.") for reply in told)
        return NOT_LET if about_us else NO_ADDRESS
    return Handed(taken, later[0] if later else None)
