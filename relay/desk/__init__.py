"""The desk: where editors review, in a browser. Pages, and an index of what may be looked for.

It holds no keys and no spool: whatever it shows it has asked the core for, and the core decides
who may have it (``core.py``).
"""
