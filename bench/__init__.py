"""Measurements, for anybody to repeat: how fast the path is beside what people would use instead.

Run them as modules from the folder above (``python -m bench.accept``). A figure of one machine on
one day says little, so each is taken beside a peer in the same round, the order alternating, and
what is reported is the ratio, pair by pair. docs/performance.md has the method and the results.
"""
