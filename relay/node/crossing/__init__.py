"""The core's part in what crosses between nodes.

::

    links.py        the process of the links, as the core sees it
    said.py         what that says, before the core believes it
    bounds.py       how much may be under way between the two
    faring.py       how links are: on the board, in the status, for the alarms
    carried.py      what a person carries on a stick, for the command line

Of an entry::

    bundles.py      the keys of its exits: held, renewed, refused
    putting.py      what is stored of an envelope: itself, and a crossing for each exit
    offering.py     what an exit is given next, and what becomes of it
    forward.py      the loops: each link at its own pace
    hearing.py      what an exit says: what it keeps, answers, its newest keys
    sweeping.py     what no exit will open any more ends

Of an exit::

    taking.py       what entries hand over becomes rows of the inbox
    returning.py    what there is for entries: answers, receipts, keys
    newest.py       the keys that go to them
    giving_back.py  the same, handed over where nobody waits for an answer
"""
