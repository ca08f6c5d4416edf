"""The desk as a part of the node: its own process, and what the core does for it.

::

    process.py   the process: it listens, and asks the core; no keys, no spool
    asking.py    its end of the pipe to the core
    service.py   the core's end
"""
