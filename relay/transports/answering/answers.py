"""``ports.Answers`` of a way in by mail: from the way back in a token to what became of it."""

from __future__ import annotations

from collections.abc import Callable

from relay.errors import KeyFileError
from relay.mailing.submission import Account, NotTaken, hand_in
from relay.model import Later, Outcome, Posted, Refused, Stopped, Unsure
from relay.ports import Clock
from relay.reach.routes import DIRECT, Routes
from relay.transports.answering.letter import letter

_LOG_IN = "look at answer_user and answer_password_file"


class Answers:
    """``password`` is called for each answer and may raise KeyFileError; ``sender`` is the address
    that answers come from, ``routes`` are the ways to the server that takes them."""

    def __init__(
        self,
        account: Account,
        sender: str,
        password: Callable[[], bytes],
        clock: Clock,
        routes: Routes = DIRECT,
    ) -> None:
        self._account = account
        self._sender = sender
        self._password = password
        self._clock = clock
        self._routes = routes

    async def answer(self, way_back: bytes, text: str) -> Outcome:
        """Send it, once.

        Its MAIL FROM is empty, so that nothing answers it and it bounces to nobody (RFC 3834
        section 3.3); only a server that takes no such mail gets our address there.
        """
        try:
            password = self._password() if self._account.user else b""
        except KeyFileError:
            return Stopped("its password cannot be read", _LOG_IN)
        to = way_back.decode("ascii", "replace")
        mail = letter(self._sender, to, text, self._clock.now())
        try:
            await hand_in(self._account, password, ("", self._sender), to, mail, self._routes)
        except NotTaken as not_taken:
            return _outcome(not_taken)
        return Posted("")


def _outcome(not_taken: NotTaken) -> Outcome:
    for_good = 500 <= not_taken.code < 600
    if not_taken.step == "log in" and for_good:
        return Stopped("the account of answers is not let in", _LOG_IN)
    if not_taken.step == "sent" and not not_taken.code:
        return Unsure("no answer came after the mail")
    if for_good:
        return Refused("its mail server does not take the answer")
    return Later("its mail server does not take the answer now")
