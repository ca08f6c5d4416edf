"""What ``relay.transports.mailbox`` is made of: one IMAP session, its thread, and what is kept."""
