"""Opens the form."""

from __future__ import annotations

from relay.config.inward import FormIn
from relay.node.inward.opening import Opened, Opening


def form(at: FormIn, opening: Opening) -> Opened:
    """A page by which people write, on ``[http]``."""
    from relay.transports.form import Form  # its templates: 2 MB, in a door that has a form

    made = Form(
        opening.name,
        at.channel,
        opening.take_in,
        opening.keyed("code", b"").encode(),
        answers=at.answers == "asked",
        body_bytes=at.message_bytes,
    )
    return Opened(inlet=made, answer=made.answer)
