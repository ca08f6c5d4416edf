"""Drawings made here, of numbers that the core told: where each stroke lies; a template draws it.

::

    scale.py      marks on an axis, of numbers and of times
    timeline.py   windows, a line for each destination
    columns.py    how much, hour by hour
    spans.py      how long it took, hour by hour

None of them is needed to know what it shows: a table with the same stands below each.
"""
