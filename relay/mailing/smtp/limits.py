"""What an SMTP server gives to strangers: sessions, bytes and seconds, each with its reason.

A limit that is hit is a temporary refusal wherever waiting helps: the other side comes again.
"""

from __future__ import annotations

from dataclasses import dataclass

from relay.mailing import MIB


@dataclass(frozen=True, slots=True)
class SmtpLimits:
    """Limits of an SMTP door. Times in seconds, sizes in bytes.

    ``idle_s`` is RFC 5321's five minutes for a server (section 4.5.3.2.7). ``data_s`` is absolute,
    for the whole of one DATA: 10 MiB at 17 kB/s; idle alone lets a client send a byte a minute for
    ever. ``commands`` counts between two mails, so that a kept session may bring any number.
    ``in_flight`` are bodies of all sessions while they are received and stored; a network may hold
    a quarter of it. ``handshake_s`` is for STARTTLS, from our answer until both sides speak TLS.
    """

    message_bytes: int = 10 * MIB
    sessions: int = 400
    sessions_per_network: int = 100
    recipients: int = 100
    commands: int = 500
    errors: int = 20
    in_flight: int = 64 * MIB
    idle_s: float = 300.0
    data_s: float = 600.0
    session_s: float = 3600.0
    handshake_s: float = 30.0
    goodbye_s: float = 5.0
