"""The world outside: names, accounts, mailboxes, the clocks of others, and our page from there.

Each look has ten seconds and waits for no other. Nothing is posted, and nobody is asked who is not
in the settings.
"""

from __future__ import annotations

import socket
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from functools import partial
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

import trio

from relay.cli.doctoring import routes
from relay.cli.doctoring.finding import Finding, good, mind, wrong
from relay.cli.doctoring.host import Host
from relay.cli.going_out import as_it_is, health_of, out_of
from relay.cli.init_todo import host_of, mail_domains
from relay.cli.trying import bot_trouble, mailbox_trouble
from relay.config import Destination, ImapIn, Settings
from relay.config.inward import TelegramIn
from relay.config.linking import MailLink
from relay.errors import OutwordError
from relay.keyfiles import read_line
from relay.plugins import ours, page_of, secrets_of
from relay.ports import Http, NoAnswer, NotSent

LOOK_S = 10.0
"""Seconds for each look."""

APART_S = 120
"""Seconds by which our clock may differ from a server's. Gateways are refused from 300 on."""

Resolve = Callable[[str], Sequence[str]]
Look = Callable[[], Awaitable[Iterable[Finding]]]


def resolve(name: str) -> Sequence[str]:
    """Every address of a name, by the system's resolver; none where it has none. Blocks."""
    try:
        found = socket.getaddrinfo(name, None, type=socket.SOCK_STREAM)
    except OSError:
        return []
    return sorted({str(one[4][0]) for one in found})


@dataclass(frozen=True, slots=True)
class World:
    """How it is reached: ``http`` leads to our own page, ``dns`` is the server that dig asks,
    host:port. Destinations are reached by their own routes; ``through`` may stand before those."""

    host: Host
    http: Http
    resolve: Resolve = resolve
    own: str = ""
    dns: str = ""
    through: Callable[[Http], Http] = as_it_is


async def look(settings: Settings, world: World, status: Mapping[str, Any] | None) -> list[Finding]:
    """All of it. ``status`` is what the node says of itself, None where none runs."""
    found: dict[str, list[Finding]] = {}
    async with trio.open_nursery() as nursery:
        for check, one in _looks(settings, world, status):
            found[check] = []
            nursery.start_soon(_within, check, one, found[check])
    return [finding for findings in found.values() for finding in findings]


async def _within(check: str, one: Look, found: list[Finding]) -> None:
    with trio.move_on_after(LOOK_S) as scope:
        try:
            found.extend(await one())
        except OutwordError as error:
            why, remedy = "so it could not be looked at", "mend that, and look again"
            found.append(wrong(check, str(error), why, remedy))
        except Exception as error:  # one look that fails must not hide what the others found
            why, remedy = "so it could not be looked at", "please report it: a fault of ours"
            found.append(wrong(check, f"the look failed: {type(error).__name__}", why, remedy))
    if scope.cancelled_caught:
        why = "it waits for an answer of the network"
        what = f"no answer within {LOOK_S:.0f} s"
        found.append(wrong(check, what, why, "look again; then look at the network"))


def _looks(
    settings: Settings, world: World, status: Mapping[str, Any] | None
) -> Iterable[tuple[str, Look]]:
    host = host_of(settings)
    for name in [host] if host else []:
        yield f"name {name}", partial(_name, world, name)
    for domain in mail_domains(settings):
        yield f"mail {domain}", partial(_mail, world, domain, host)
    if host and settings.http:
        yield "page", partial(_page, world, settings.http.url, status is not None)
    page = {} if settings.node.role == "entry" else {"page": page_of(settings)}
    for name, one in {**settings.destinations, **page}.items():  # a look at a page makes its folder
        if _without_secret(one, settings):
            continue
        if status is None or "folder" not in one.rest:  # a node that runs looks after its own disk
            yield f"destination {name}", partial(_destination, world, name, one, settings)
    for server, name in sorted(_servers(settings).items()):
        yield f"clock of {server}", partial(_clock, world, server, name, settings)
    for name, route in settings.routes.items():
        if route.proxy:
            yield f"route {name}", partial(routes.look, name, route)
    for name, transport in settings.transports.items():
        if isinstance(transport, ImapIn) and not _without_secret(transport, settings):
            yield f"mailbox {name}", partial(_mailbox, name, transport, settings)
        if isinstance(transport, TelegramIn) and not _without_secret(transport, settings):
            yield f"bot {name}", partial(_bot, name, transport, settings)
    for name, link in settings.links.items():
        if isinstance(link, MailLink) and link.imap and not _without_secret(link, settings):
            yield f"mailbox {name}", partial(_mailbox, name, link, settings)


def _without_secret(section: Any, settings: Settings) -> bool:
    """Whether its secret is missing: that is a mistake of the settings, and said there, once."""
    return any(not file.exists() for file in secrets_of(section, settings).values())


def _servers(settings: Settings) -> dict[str, str]:
    """Each server that destinations name, and the first that names it: it is reached as that is."""
    named = {_server(one): name for name, one in reversed(settings.destinations.items())}
    return {server: name for server, name in named.items() if server}


def _server(destination: Destination) -> str:
    """Scheme, host and port of the address that a destination names."""
    for key in ("server", "url"):
        written = destination.rest.get(key)
        parts = urlsplit(written) if isinstance(written, str) else None
        if parts and parts.scheme in ("https", "http") and parts.hostname:
            return f"{parts.scheme}://{parts.netloc}"
    return ""


# ---------------------------------------------------------------- names


async def _name(world: World, name: str) -> list[Finding]:
    check = f"name {name}"
    found = await trio.to_thread.run_sync(world.resolve, name, abandon_on_cancel=True)
    if not found:
        why = "readers and phones find this machine by that name"
        return [wrong(check, "it has no address", why, "add it: todo/dns.txt has the line")]
    if world.own and ip_address(world.own).is_global and world.own not in found:
        why = "what comes to it goes to another machine; right where a proxy of yours stands there"
        return [mind(check, "its address is not this machine's", why, "compare todo/dns.txt")]
    return [good(check, "it has an address")]


async def _mail(world: World, domain: str, host: str) -> list[Finding]:
    check = f"mail {domain}"
    if world.host.run(["dig", "-v"]) is None:
        why = "MX, SPF and MTA-STS were not looked at: that takes the command dig"
        remedy = "apt-get install bind9-dnsutils, or compare todo/dns.txt by hand"
        return [mind(check, "its records were not looked at", why, remedy)]
    ask = partial(trio.to_thread.run_sync, abandon_on_cancel=True)
    mx = await ask(_dig, world, "MX", domain)
    spf = await ask(_dig, world, "TXT", domain)
    sts = await ask(_dig, world, "TXT", f"_mta-sts.{domain}")
    said = []
    if not mx:
        why = "mail servers find this machine by it"
        said.append(wrong(check, "it has no MX record", why, "add it: todo/dns.txt has the line"))
    elif host and not any(line.split()[-1].rstrip(".").lower() == host for line in mx):
        why = "mail goes to another machine; right where your mail server stands there"
        said.append(mind(check, f"its MX is not {host}", why, "compare todo/dns.txt"))
    if not any("v=spf1" in line for line in spf):
        why = "anybody can write mail in the name of this domain"
        said.append(mind(check, "it has no SPF record", why, "add it: todo/dns.txt has the line"))
    if not any("v=STSv1" in line for line in sts):
        why = "who watches the line can have mail sent to you in clear"
        said.append(mind(check, "it has no MTA-STS record", why, "todo/dns.txt has the lines"))
    return said or [good(check, "MX, SPF and MTA-STS are there")]


def _dig(world: World, kind: str, name: str) -> list[str]:
    """The lines that dig prints for a question (dig(1), bind9-dnsutils)."""
    host, _, port = world.dns.rpartition(":") if world.dns else ("", "", "")
    at = [f"@{host}", "-p", port] if host else []
    answer = world.host.run(["dig", "+short", "+time=3", "+tries=1", *at, kind, name]) or ""
    return [line for line in answer.splitlines() if line and not line.startswith(";")]


# ---------------------------------------------------------------- accounts


async def _destination(
    world: World, name: str, destination: Destination, settings: Settings
) -> list[Finding]:
    check = f"destination {name}"
    if not ours(destination.bridge):
        why = "its bridge is of another package, and runs in the node alone"
        return [mind(check, "it was not asked for its account", why, "relay board shows how it is")]
    looked = await health_of(name, destination, settings, world.through)
    if not looked.health.trouble and looked.failures:
        what = f"the account can post, and not by every route: {looked.failures}"
        why = "another route stands in for it, as long as that one works"
        return [mind(check, what, why, "docs/blocked.md, What a failure means")]
    if not looked.health.trouble:
        return [good(check, "the account can post")]
    if looked.reached:
        why, remedy = "what is for it waits until then", f"relay login {name}, or its settings"
    else:
        why, remedy = "what is for it waits, and goes out by itself later", "look again later"
    return [wrong(check, looked.health.trouble, why, remedy)]


async def _mailbox(name: str, mailbox: ImapIn | MailLink, settings: Settings) -> list[Finding]:
    check = f"mailbox {name}"
    secret = read_line(settings.at(mailbox.password_file))
    trouble, reached = await trio.to_thread.run_sync(
        mailbox_trouble, mailbox, secret, settings, abandon_on_cancel=True
    )
    if not trouble:
        return [good(check, "it opens")]
    remedy = f"relay login {name}, or its settings" if reached else "look again later"
    return [wrong(check, trouble, "mail stays at the provider until then", remedy)]


async def _bot(name: str, transport: TelegramIn, settings: Settings) -> list[Finding]:
    check = f"bot {name}"
    secret = read_line(settings.at(transport.token_file))
    bot, trouble, reached = await trio.to_thread.run_sync(
        bot_trouble, transport, secret, settings, abandon_on_cancel=True
    )
    if not trouble:
        return [good(check, f"Telegram knows it as {bot}")]
    remedy = f"relay login {name}, or its settings" if reached else "look again later"
    return [wrong(check, trouble, "what people write to it is gone after 24 hours", remedy)]


async def _clock(world: World, server: str, name: str, settings: Settings) -> list[Finding]:
    """Our clock against the Date of a server (RFC 9110, 6.6.1), by the routes of a destination."""
    check = f"clock of {server}"
    host = urlsplit(server).hostname or ""
    try:
        async with out_of(name, settings.destinations[name], settings, [host]) as out:
            answer = await world.through(out).request("HEAD", f"{server}/", timeout_s=LOOK_S)
        apart_s = world.host.now() - parsedate_to_datetime(answer.headers["date"]).timestamp()
    except (NotSent, NoAnswer, OutwordError):
        return []  # that it cannot be reached is said where its account was tried
    except (KeyError, ValueError):
        return []  # it tells no time
    if abs(apart_s) <= APART_S:
        return [good(check, "as ours")]
    why = "platforms and phones refuse what is signed by a clock that is wrong, and posts are dated"
    side = "ahead of" if apart_s > 0 else "behind"
    what = f"ours is {abs(apart_s) / 60:.0f} minutes {side} it"
    return [wrong(check, what, why, "timedatectl set-ntp true; then look with timedatectl")]


async def _page(world: World, url: str, runs: bool) -> list[Finding]:
    """Our page as the world sees it; only while a node runs there is something to see."""
    if not runs:
        return []
    why = "readers and phones come by this address"
    remedy = "look at the proxy: todo/ has its file"
    try:
        answer = await world.http.request("GET", f"{url.rstrip('/')}/feed.json", timeout_s=LOOK_S)
        health = await world.http.request("GET", f"{url.rstrip('/')}/healthz", timeout_s=LOOK_S)
    except (NotSent, NoAnswer) as error:
        return [wrong("page", f"it cannot be reached by its url: {error}", why, remedy)]
    if answer.status != 200:
        return [wrong("page", f"its url answers {answer.status}", why, remedy)]
    if health.status != 404:
        why = "anybody can ask whether the node is locked or its disk is full"
        return [mind("page", "/healthz is open to the world", why, remedy)]
    return [good("page", "it is there for the world")]


def board(status: Mapping[str, Any] | None) -> list[Finding]:
    """What a node that runs says of itself."""
    if status is None:
        why = "what it would say of itself was not looked at"
        remedy = "systemctl start outword, or relay run where it is no service"
        return [mind("node", "none runs here", why, remedy)]
    said = []
    if status["standing"] == "keys":  # of an entry; what is "locked" is none
        why = "everybody is answered 'try again later'"
        remedy = "mend the link to an exit, or bring its keys by hand: relay keys import FILE"
        said.append(wrong("node", "there is no key of an exit to seal to", why, remedy))
    elif status["standing"] != "ok":
        why = "it takes messages, and opens and posts none"
        said.append(wrong("node", f"it is {status['standing']}", why, "relay unlock"))
    if status["lost"]:
        why = "messages were accepted and are gone from the disk"
        remedy = "docs/operate.md, When something is lost"
        said.append(wrong("node", f"{status['lost']} messages are lost", why, remedy))
    for name, place in status["board"].items():
        said += _place(name, place, of_link=name in status.get("links", {}))
    return said or [good("node", "it runs, and everything on its board works")]


_MIND = ("slow", "silent", "spent", "paused")
"""States that end by themselves, or that somebody wanted."""


def _place(name: str, place: Mapping[str, Any], *, of_link: bool = False) -> list[Finding]:
    """A place, with what the board says of it; a window in force is as it should be."""
    state, why = place["state"], place["why"]
    if state == "works":
        return []
    if state == "planned":
        return [good("node", f"{name}: planned: {why}")]
    then = f", then relay login {name}" if state == "login" else ""
    found = mind if state in _MIND else wrong
    more = "; docs/operate.md says how each kind of link is mended" if of_link else ""
    return [found("node", f"{name}: {state}", why or "it said no more", f"relay board{then}{more}")]
