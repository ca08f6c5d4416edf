"""Parses what people, or an enemy, sent: bytes in, a message out, no file, no network."""
