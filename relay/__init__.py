"""Outword: a resilient message relay for restricted networks."""
