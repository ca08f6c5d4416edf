"""Opens the chat transport."""

from __future__ import annotations

from relay.config.inward import TelegramIn
from relay.keyfiles import read_line
from relay.node.inward.opening import Opened, Opening
from relay.node.inward.reaching import routes_of


def telegram(at: TelegramIn, opening: Opening) -> Opened:
    """A Telegram bot."""
    # imported only where there is a bot: the library needs 20 MiB
    from relay.transports.telegram import Hook, Telegram, Where

    hook = None
    if at.mode == "webhook" and opening.settings.http is not None:
        url = f"{opening.settings.http.url.rstrip('/')}/in/{opening.name}"
        hook = Hook(url, opening.keyed("hook", b""))
    made = Telegram(
        opening.name,
        at.channel,
        Where(at.base_url, at.proxy),
        lambda: read_line(opening.at(at.token_file)),
        faring=opening.faring,
        service=opening.service,
        turned_away=opening.turned_away,
        answers=at.answers == "asked",
        hook=hook,
        routes=routes_of(at, opening),
    )
    return Opened(
        run=lambda ready: made.run(opening.take_in, ready),
        inlet=made.inlet,
        answer=made.answer,
        fetches=True,  # also by webhook: what is put off, Telegram gives up (Bot API, setWebhook)
    )
