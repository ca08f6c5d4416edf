"""The keys of an exit change with the days, and old ones are destroyed.

::

    keyring.py   the one place where keys change: first on the disk, then in memory
    anew.py      what lies under an older storage key is wrapped by the newest
    over.py      which epochs nothing on its way and nothing in the inbox needs any more
    rolling.py   the task that does all this, each in its time
    said.py      what there is to say of them
    left.py      how long there will be keys to seal to

Nothing is destroyed before what takes its place is durable, and nothing while nobody knows what
time it is. Killed between any two steps the next process begins where this one was: each step finds
out anew what is left to do.
"""
