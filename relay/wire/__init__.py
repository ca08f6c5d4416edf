"""Bytes without I/O: the envelope, the keys, what processes say to each other."""
