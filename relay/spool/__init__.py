"""The durable store: ``sqlite`` on a disk, ``memory`` for tests and dry runs; one contract.

::

    sqlite.py   the port's face: async calls, and put_soon for who has no loop
    worker.py   the thread that owns the connection: group commit, answers, fail stop
    store.py    what the operations do to the tables, in one transaction
    reading.py  what they tell of them, and lend
    tables.py   the statements                 schema.sql  the tables
    tally.py    the sum, in step with the commit
    feed.py     what has changed, for the desk
    moves.py    what moved on, for who counts
    finding.py  rows that an operator asks for
    summing.py  how much waits, put together
    repeats.py  repeat keys, a table a day     leases and waiting: leases.py, bells.py
    seen.py     what shows a silent loss       bodies.py   big bodies, files of their own
    set_back.py what such a loss makes unsure  heads.py    first bytes of bodies, put anew
    room.py     free space and the ballast     faults.py   which fault of the disk is which
"""
