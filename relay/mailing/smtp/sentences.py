"""All that the SMTP door can say: a finite list, so that no answer can quote anything.

Codes are RFC 5321's, the three numbers after them RFC 3463's. 4xx keeps the mail at the other side.
"""

from __future__ import annotations

GREETING = b"220 ESMTP"
OK = b"250 2.0.0 OK"
TOO_BIG = b"552 5.3.4 Message too big"
FULL = b"452 4.3.1 Not enough storage, try again later"
TRY_LATER = b"451 4.3.0 Try again later"
TOO_BUSY = b"421 4.3.2 Too busy, try again later"
TOO_SLOW = b"421 4.4.2 Timed out, try again later"
TOO_MUCH_SAID = b"421 4.7.0 Too many commands, try again later"
NO_SUCH_USER = b"550 5.1.1 No such address here"
TOO_MANY = b"452 4.5.3 Too many recipients, send the others separately"
NOT_ACCEPTED = b"554 5.6.0 Message not accepted"
BAD_TEXT = b"554 5.6.0 Lines end with CR LF, and NUL is not allowed"
LONG_LINE = b"500 5.6.0 Line too long"
LONG_COMMAND = b"500 5.5.2 Command line too long"
GO_AHEAD = b"220 2.0.0 Begin TLS now"
NO_TLS_NOW = b"454 4.7.0 TLS is not available now"
TLS_FIRST = b"530 5.7.0 STARTTLS first"
SAID_TOO_SOON = b"503 5.5.1 Nothing may be said between STARTTLS and its answer"
NO_COMMAND = b"500 5.5.2 Command not recognised"
BARE_LF = b"500 5.5.2 Lines end with CR LF"
BYE = b"221 2.0.0 Bye"

BY_CODE = {
    "250": OK,
    "501": b"501 5.5.4 Syntax error",
    "503": b"503 5.5.1 Bad sequence of commands",
    "552": TOO_BIG,
    "553": b"553 5.1.3 Malformed address",
    "555": b"555 5.5.4 Parameter not supported",
}
"""What is said in the place of an answer that aiosmtpd would give."""

TURN_AWAY = {TOO_BIG, FULL, TRY_LATER, TOO_BUSY, NO_SUCH_USER, NOT_ACCEPTED, BAD_TEXT, LONG_LINE}
"""Answers after which somebody was turned away: a mail, or a session before its mail."""
