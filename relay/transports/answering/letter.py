"""An answer as a mail: what a machine writes to a person (RFC 3834), and not a word more.

Whoever finds it in a mailbox learns that somebody was answered, and nothing of what they wrote:
the subject is ``Re:`` alone, and no In-Reply-To names a mail that its sender may have deleted (RFC
3834 section 3.1.5 would like one). The time is that of the hour. No program is named, no host, and
no way that it took.
"""

from __future__ import annotations

from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from secrets import token_hex

from relay.model import Instant, hour_of


def letter(sender: str, to: str, text: str, now: Instant) -> bytes:
    """The mail, with CRLF, in seven bits. The addresses are plain ones."""
    mail = EmailMessage(policy=SMTP)
    mail["From"] = sender
    mail["To"] = to
    mail["Subject"] = "Re:"
    mail["Date"] = format_datetime(datetime.fromtimestamp(hour_of(now), UTC))
    mail["Message-ID"] = f"<{token_hex(16)}@{sender.rpartition('@')[2]}>"
    mail["Auto-Submitted"] = "auto-replied"
    mail.set_content(text, cte="base64")
    return mail.as_bytes()
