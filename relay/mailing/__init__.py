"""Mail, as transports and links speak it: SMTP in both directions, and IMAP.

::

    submission   hands mails in at a provider or an own mail server
    smtp         an SMTP server: strict, bounded, and saying only what stands in a list
    imap         one IMAP session, blocking, and the thread that it runs in

What a mail means is no business of this room: it carries bytes.
"""

from __future__ import annotations

from typing import Final

MIB: Final = 1024 * 1024
