"""Public: a stand-in for a mail submission server with a mailing list, with scripted faults."""

from relay.testing.mailserver.faults import (
    Trouble,
    cut,
    endless,
    full,
    garbage,
    greylisted,
    hang,
    late,
    long_line,
    maintenance,
    quota,
    says,
    spam,
    unknown,
)
from relay.testing.mailserver.mails import Mail, Medium
from relay.testing.mailserver.policy import Policy
from relay.testing.mailserver.server import Copy, MailServer, mailserver

__all__ = [
    "Copy",
    "Mail",
    "MailServer",
    "Medium",
    "Policy",
    "Trouble",
    "cut",
    "endless",
    "full",
    "garbage",
    "greylisted",
    "hang",
    "late",
    "long_line",
    "mailserver",
    "maintenance",
    "quota",
    "says",
    "spam",
    "unknown",
]
