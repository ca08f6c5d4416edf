"""What ``relay doctor`` looks at, one concern a file. Each look gives findings and changes nothing.

What a look must know of the machine it asks a ``Host`` for, so that a test can be any machine.
"""
