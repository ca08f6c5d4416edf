"""A door writes to its own ways in, as a person would: by the socket that people reach.

Each file here speaks one protocol as its client. Nothing new listens, and nobody else can ask for
it: the core does, and gives the line. Who is said to write is drawn anew each time, so that no
sender's turns are used up by it, and nobody's writing can use up the turns that it needs.
"""

from relay.transports.canary.note import Note, Unheard, Write, drawn

__all__ = ["Note", "Unheard", "Write", "drawn"]
