"""Panic: what opens what is stored is destroyed, and then nothing of the node runs any more.

::

    listed.py       what there is to destroy, read from a settings file that may be broken
    destroying.py   one file after another, the most important first
    running.py      the processes of a node, found without asking any of them

It asks no core, needs no room on the disk, and may be begun again wherever it was cut short.
"""
