"""Parses what people (or an enemy) sent: bytes in, a Message or a reason out."""
