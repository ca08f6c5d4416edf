"""Opens the transports of SMS that a gateway brings."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

from relay.config import SmsIn
from relay.config.inward.sms import PATH_SECRET
from relay.errors import KeyFileError
from relay.keyfiles import read_line
from relay.node.inward.opening import Opened, Opening
from relay.node.inward.reaching import patience_s, routes_of
from relay.reach.fetch import Fetch
from relay.transports.gateways.board import GatewayBoard
from relay.transports.gateways.media import Media
from relay.transports.gateways.sent import basic
from relay.transports.gateways.table import Account
from relay.transports.sms import Sms


def sms(at: SmsIn, opening: Opening) -> Opened:
    """A gateway's webhook, and the calls by which it sends."""
    kind = at.of
    account = account_of(at, opening)
    host = urlsplit(account.answer_url).hostname or ""
    routes = routes_of(at, opening)
    hosts = frozenset({host, *kind.media_hosts, *at.media_hosts} - {""})
    fetch = Fetch(hosts, patience_s(routes), routes=routes)
    board = GatewayBoard(opening.faring)
    media = Media(
        fetch,
        host=host,
        login=basic(account.id, account.secret) if kind.media_login else "",
        deletes=kind.deletes,
        emptied=board.pictures,
    )
    made = Sms(
        opening.name,
        kind.make(account),
        at.channel,
        opening.take_in,
        opening.clock,
        service=opening.service,
        ignored=opening.service,
        turned_away=opening.turned_away,
        alive=opening.alive,
        faring=board.account,
        path_secret=path_secret_of(at.path_secret_file, opening),
        media=media if kind.media_hosts else None,
        fetch=fetch,
        answers=at.answers == "asked",
        sender=at.answer_from or at.number,
        methods=kind.methods,
        body_bytes=kind.body_bytes,
    )
    return Opened(inlet=made, answer=made.answer if at.answers == "asked" else None)


def account_of(at: SmsIn, opening: Opening) -> Account:
    """What we have at its gateway. Raises KeyFileError."""
    http = opening.settings.http
    base = http.url.rstrip("/") if http is not None else ""
    return Account(
        secret=_line(at.secret_file, opening),
        url=f"{base}/in/{opening.name}",
        id=at.account,
        answer_url=(at.answer_url or at.of.answer_url).rstrip("/"),
        answer_secret=_line(at.answer_secret_file, opening),
        remote=at.remote,
    )


def path_secret_of(path: str, opening: Opening) -> bytes:
    """The last segment of our address; none where no file is named. Raises KeyFileError."""
    secret = _line(path, opening)
    if path and not PATH_SECRET.fullmatch(secret):
        name = Path(path).name
        raise KeyFileError(f"{name} must have 16 letters and digits or more: use relay login --new")
    return secret


def _line(path: str, opening: Opening) -> bytes:
    """The secret in a file of the settings; none where no file is named. Raises KeyFileError."""
    return read_line(opening.at(path)) if path else b""
