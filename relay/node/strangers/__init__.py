"""A third party's plug-in: in a process that has no socket, no file but its own, and nothing of
anybody else.

The process ``outlet.NAME`` of such a destination is our code: it has the pipe to the core, the
routes and the way out. Before anything else it starts another one, a new Python that inherits
nothing: no memory, no variable, no descriptor but one end of a socket pair. There the plug-in is
imported, after the kernel was told what that process may have (``relay.confine``)::

    core  <- frames ->  outlet.NAME (ours)  <- frames, requests ->  the plug-in's own process

    starting.py    the new process, and what its section grants it
    settling.py    what that process does first: limits, streams, its end with ours
    cell.py        the process: it imports the plug-in, makes the bridge, answers calls
    asking.py      its ``Http``: a request is a frame
    keeper.py      the outlet's side: frames between it and the core, in both directions
    answering.py   the same: requests are made, by the routes and to the hosts of its section
    room.py        how much may lie in its folder
    line.py        frames over the pair between the two

The two share no memory: what a fork would leave there are the settings of all the others.
"""
