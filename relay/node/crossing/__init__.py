"""The core's part in what crosses between nodes.

::

    links.py        the process of the links, as the core sees it
    said.py         what that says, before the core believes it
    bounds.py       how much may be under way between the two
    faring.py       how links are: on the board, in the status, for the alarms

Of an exit::

    taking.py       what entries hand over becomes rows of the inbox
    returning.py    what there is for entries: answers, receipts, keys
    newest.py       the keys that go to them
    giving_back.py  the same, handed over where nobody waits for an answer
"""
