"""What people will see of a part, for whoever looks at it before it is sent (relay.ports.Previews).

A platform's own measure is what splits a text, so it is what counts it here: an editor sees the
same number that decided where it was cut.
"""

from __future__ import annotations

from collections.abc import Sequence

from bridges.kit.counting import Measure, Unit, measure, units
from bridges.kit.matching import text_of
from relay.ports import Media, Said


def said(
    text: str, by: Measure | Unit, most: int, media: Sequence[Media] = (), refuse: str = ""
) -> Said:
    """A text, counted by a platform's measure, or in one of its units."""
    count = units(text, by) if isinstance(by, str) else measure(text, by)
    return Said(text, count, most, len(media), refuse)


def article(
    title: str, html: str, most: int, media: Sequence[Media] = (), refuse: str = ""
) -> Said:
    """A post with a title above it, whose text is HTML of ours (``kit.markup``); counted in code
    points, the title aside."""
    text = text_of(html).strip()
    whole = "\n\n".join(filter(None, [title, text]))
    return Said(whole, len(text), most, len(media), refuse)
