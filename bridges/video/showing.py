"""What people will see beside a film, before it is sent."""

from __future__ import annotations

from bridges.kit.counting import units
from bridges.video.composing import Limits
from bridges.video.drafts import Draft
from relay.ports import Said


def film(draft: Draft, limits: Limits) -> Said:
    """The title and the words below it, counted as the platform counts a description."""
    text = "\n\n".join(filter(None, [draft.title, draft.text]))
    count = units(draft.text, limits.text_in)
    return Said(text, count, limits.text, int(draft.film is not None), draft.refuse)
