"""What lies at the desk, to be looked at and looked for: in memory, and nowhere else.

::

    card.py      what a lane shows of one message, as the core tells it
    lanes.py     in which lanes a card lies
    letters.py   the words of a text, as they are searched for
    tables.py    the cards and their words: SQLite without a file
    tallies.py   what a group has, counted as cards come and go
    index.py     all of these together: put, removed, and kept in step
    groups.py    what a page shows of groups: lanes, members, a sample
    search.py    what a page shows of a search
    differs.py   what differs between two texts, word by word
    building.py  filled from the core and by its news, in slices

It ends with the process. Nothing of it is written anywhere, a temporary file included.
"""
