"""Answers by mail: the letter, the SMTP client that hands it in, and what became of it."""
