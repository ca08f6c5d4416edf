"""Bridges: each posts outward to one kind of platform.

A bridge is one file with one class and no base class: it has ``prepare`` (fit a post into parts
that never change again), ``send`` (publish one part, once, and say how it ended), ``find`` (is an
earlier try public?) and ``check`` (name the account), as ``relay.ports.Bridge`` writes them down,
and it carries ``api = 1`` and a nested pydantic model ``Settings``. It imports ``relay.ports``,
``bridges.kit`` and libraries, nothing else of ours; it neither retries, queues, sleeps nor logs:
the spool does that.

A third party ships one as a package of its own with an entry point in the group ``relay.bridges``
that names the class (ours are found the same way). ``relay bridges new NAME`` writes one with green
tests; ``docs/write-a-bridge.md`` goes from there to a published package.
"""
