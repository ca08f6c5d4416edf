"""Which messages tell the same: forwarded, shortened and typed anew, in any script.

For the eye of an editor, who sees one group in place of a hundred messages. A group never holds two
tellings of which one has another place, name or number where the other has its own: what nobody
here can tell apart from a second story stands alone.
"""

from relay.rules.alike.groups import Alike, Change
from relay.rules.alike.typing_errors import forget

__all__ = ["Alike", "Change", "forget"]
