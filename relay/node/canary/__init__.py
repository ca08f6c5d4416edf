"""The canary: the node writes to its own ways in, and tries its destinations, every so often.

``running`` is the core's side as a whole; ``ways_in`` sends a line through a door and waits until
the exit has read it; ``destinations`` checks an account, or posts there, and ``taking_back`` ends
what was posted; ``stopping`` says what keeps it from one; ``found`` is what it found, and ``kept``
what it knows after a restart. A door's side is ``relay.node.inward.trying``.
"""

from relay.node.canary.running import Canary, Result

__all__ = ["Canary", "Result"]
