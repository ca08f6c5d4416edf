"""From a connection to a server that lets us send: TLS always, and the log-in."""

from __future__ import annotations

import base64
from dataclasses import dataclass, field
from typing import Final, Literal

import trio

from bridges.mail_out import replies
from bridges.mail_out.dialogue import Dialogue, Reply
from relay.ports import Http, Later, NoAnswer, NotSent, Stopped

NAME: Final = "[127.0.0.1]"
"""What we are called in EHLO: an address literal (RFC 5321, 4.1.3) that is everybody's own. It gets
into the Received line of each mail, and the name of this machine is nobody's business."""

CONNECT_S: Final = 20.0

NO_TLS: Final = Stopped(
    "the mail server offers no TLS", "use another server or port: nothing is sent in the clear"
)
NO_LOGIN: Final = Stopped("the mail server offers no log-in by password", replies.ACTION)


@dataclass(frozen=True, slots=True)
class Server:
    """Where mails are handed over. Without ``user`` there is no log-in."""

    host: str
    port: int
    tls: Literal["now", "starttls"]
    user: str = ""
    password: str = field(default="", repr=False)


async def opened(http: Http, server: Server, within_s: float) -> Dialogue | Later | Stopped:
    """A dialogue with a server that lets us send, or why there is none."""
    tls: Literal["now", "later"] = "now" if server.tls == "now" else "later"
    try:
        stream = await http.connect(server.host, server.port, tls=tls, timeout_s=CONNECT_S)
    except NotSent:
        return replies.UNREACHED
    dialogue = Dialogue(stream, trio.current_time() + within_s)
    try:
        trouble = await _let_in(dialogue, server)
    except (NotSent, NoAnswer):
        trouble = replies.UNREACHED
    except BaseException:
        await dialogue.aclose()
        raise
    if trouble is not None:
        await dialogue.leave()
        return trouble
    return dialogue


async def _let_in(dialogue: Dialogue, server: Server) -> Later | Stopped | None:
    reply = await dialogue.reply()
    if reply.good:
        reply = await dialogue.greeted(NAME)
    if not reply.good:
        return replies.to_greeting(reply)
    if server.tls == "starttls":
        if "STARTTLS" not in dialogue.offers:
            return NO_TLS
        [reply] = await dialogue.say("STARTTLS")
        if not reply.good:
            return replies.to_greeting(reply)
        await dialogue.under_tls()
        reply = await dialogue.greeted(NAME)
        if not reply.good:
            return replies.to_greeting(reply)
    return await _log_in(dialogue, server) if server.user else None


async def _log_in(dialogue: Dialogue, server: Server) -> Later | Stopped | None:
    ways = dialogue.offers.get("AUTH", "").split()
    if "PLAIN" in ways:
        said = _coded(f"\0{server.user}\0{server.password}")
        [reply] = await dialogue.say(f"AUTH PLAIN {said}")
    elif "LOGIN" in ways:
        reply = await _one_by_one(dialogue, server)
    else:
        return NO_LOGIN
    return None if reply.good else replies.to_login(reply)


async def _one_by_one(dialogue: Dialogue, server: Server) -> Reply:
    """AUTH LOGIN: older than any RFC, and all that some servers know."""
    reply = Reply(0)
    for said in ("AUTH LOGIN", _coded(server.user), _coded(server.password)):
        [reply] = await dialogue.say(said)
        if reply.code != 334:
            break
    return reply


def _coded(said: str) -> str:
    return base64.b64encode(said.encode()).decode()
