"""The link by folder: one that both sides see, or a stick that is carried between them.

::

    FOLDER/parts/k3x7q2mb.bin    one batch, or one list of what its writer has put there
    FOLDER/parts/w5h2ncya.tmp    one that is being written: nobody reads it

    place.py      the sub-folder: bounded reads, writes that are whole or not there
    sheet.py      the signed list by which a copy that is not complete is found out
    looked.py     what lies there, and for whom, by the first bytes of each file
    taking.py     what is for us: what is whole, cut short, altered, missing
    shelf.py      what we keep there for one peer
    merged.py     many short receipts as few long ones
    faults.py     what the system says of a disk, in our own words
    patient.py    what may hang, in a thread and with a deadline

A file gets its name only when it is whole, as in a maildir, and is read back from the disk before
that: what is pulled out too early leaves a ``.tmp``, or what the list tells from a whole one (as
the manifest of RFC 8493 tells a bag that is complete from one that is not). Names are chance, the
same on every file system, and say nothing; files of others are left alone. The folder itself may
be a stranger's: of it nothing is read but plain files, of bounded size and number.
"""
