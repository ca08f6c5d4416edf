"""The core's part in what crosses between nodes.

::

    links.py      the process of the links, as the core sees it
"""
