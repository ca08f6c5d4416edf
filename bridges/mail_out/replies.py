"""What a reply means (RFC 5321 4.2, RFC 3463), where it is not the yes that was hoped for."""

from __future__ import annotations

from typing import Final

from bridges.mail_out.dialogue import Reply
from relay.ports import Instant, Later, Refused, Stopped

ACTION: Final = "look at this server's settings and at the account there"
PASSWORD: Final = "put the right user name and password (often an app password) in place"

GREYLISTED_S: Final = 300
GREYLISTED_AGAIN_S: Final = 900
"""Who comes back sooner begins anew with many (RFC 6647, 5)."""

UNREACHED: Final = Later("the mail server cannot be reached", scope="host")
BROKE_OFF: Final = Later("the mail server broke off before it had the mail", scope="host")


def to_greeting(reply: Reply) -> Later | Stopped:
    """Of a greeting, an EHLO or a STARTTLS that was refused."""
    if _for_now(reply):
        return Later(_why(reply), scope="host")
    return Stopped("the mail server does not let us in", ACTION)


def to_login(reply: Reply) -> Later | Stopped:
    """Of AUTH (RFC 4954, 6)."""
    if _for_now(reply):
        return Later(_why(reply), scope="host")
    return Stopped("the mail server does not take the password", PASSWORD)


def to_sender(reply: Reply) -> Later | Refused | Stopped:
    """Of MAIL. A sender that may not send is the account's matter, a size is the mail's."""
    if _for_now(reply):
        return Later(_why(reply), scope="destination" if _policy(reply) else "host")
    if reply.code == 552 or reply.enhanced == "5.3.4":
        return Refused("the mail is larger than the mail server takes")
    return Stopped("the mail server does not let this account send", ACTION)


def to_mail(reply: Reply) -> Later | Refused | Stopped:
    """Of DATA, and of the final dot: then too it was not taken (RFC 5321, 4.2.5)."""
    if _for_now(reply):
        return Later(_why(reply), scope="destination" if _policy(reply) else "host")
    if reply.code in (530, 534, 535, 538):
        return Stopped("the mail server does not let this account send", ACTION)
    if reply.code == 552 or reply.enhanced in ("5.3.4", "5.2.3"):
        return Refused("the mail is larger than the mail server takes")
    return Refused("the mail server does not want the mail")


def put_off(reply: Reply, n: int, now: Instant, have: int, of: int) -> Later:
    """Of a RCPT that was refused for now, in try ``n``; so many of all have the mail."""
    wait = GREYLISTED_S if n < 2 else GREYLISTED_AGAIN_S
    again = now + wait if reply.code in (450, 451) else None
    return Later(f"{have} of {of} addresses have it, others are put off", again)


def _for_now(reply: Reply) -> bool:
    return 400 <= reply.code < 500


def _policy(reply: Reply) -> bool:
    """Whether it is about how much this account sends (RFC 3463, 3.8)."""
    return reply.enhanced.startswith("4.7.")


def _why(reply: Reply) -> str:
    return f"the mail server says later ({reply.code})"
