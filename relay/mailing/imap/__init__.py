"""One IMAP session (``session``), its thread (``apart``), and its troubles in our words."""
