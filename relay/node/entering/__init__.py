"""The core of a node of role entry: it keeps what was sealed, forwards it, and can open none of it.

::

    core.py       what runs, and what does not: no step of the exit, no desk, no exit.key
    orders.py     what the command line may ask; what an entry does not do is refused by name
    shown.py      its exits and what is on the way to them, for the status and the alarms
"""
