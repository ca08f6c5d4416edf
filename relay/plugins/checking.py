"""What ``relay check`` says of destinations and of the files that the settings name.

Of a third party's destination it looks at the secret files alone: their names end in ``_file``, and
whose they are and who may read them is our affair. Everything else is checked by the plug-in's own
``Settings``, when its outlet starts; ``notes`` says so.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from relay.config import DIRECT, Destination, Settings, WayIn
from relay.errors import Mistake
from relay.keyfiles import read_line
from relay.plugins.building import lacking, wrong_keys
from relay.plugins.files import for_routes, gone, unreadable
from relay.plugins.found import BY_DESCRIPTION, Offered, candidates, offered, tested
from relay.plugins.peers import of_peers
from relay.plugins.places import of_a_way_in, of_ours
from relay.plugins.sections import NO_SECRETS, absolute, page_of
from relay.plugins.strangers import of_a_stranger, of_ours_alone
from relay.plugins.wordlists import empty_lists, wrong_words
from relay.serving.certificate import (
    BadCertificate,
    context,
    days_left,
    first_of,
    readable_by_others,
)


def how_to_get(destination: Destination, key: str) -> str:
    """Where the operator gets the secret that this key names, in the words of its bridge; empty
    where that is a third party's."""
    for one in candidates(destination.bridge):
        if one.ours:
            return str(getattr(one.load(), "secrets", {}).get(key, ""))
    return ""


def mistakes(settings: Settings) -> Iterator[Mistake]:
    """What is wrong with the destinations and with every secret file the settings name."""
    page = {} if settings.node.role == "entry" else {"page": page_of(settings)}
    for name, destination in {**settings.destinations, **page}.items():
        yield from _mistakes_of(name, destination, settings)
    for name, transport in settings.transports.items():
        for key, file in transport:
            if key.endswith("_file") and file:
                look = gone if key in NO_SECRETS else unreadable
                wrong = list(look(f"transports.{name}.{key}", settings.at(file)))
                yield from wrong or _unfit_for(name, key, transport, settings.at(file))
        yield from of_a_way_in(name, transport, settings)
    yield from for_routes(settings)
    yield from wrong_words(settings)
    yield from of_peers(settings)
    if settings.tls is not None:
        yield from _unfit(settings.at(settings.tls.certificate), settings.at(settings.tls.key))


def _mistakes_of(name: str, destination: Destination, settings: Settings) -> Iterator[Mistake]:
    key = f"destinations.{name}"
    found = candidates(destination.bridge)
    if not found:
        what = "is no bridge that is installed here"
        yield Mistake(f"{key}.bridge", what, f"use {_names()}, or install the package that has it")
        return
    if len(found) > 1:
        what = f"is offered by {len(found)} packages that are installed here"
        yield Mistake(f"{key}.bridge", what, "take all but one away: `relay bridges` names them")
        return
    table = absolute(destination.rest, settings.base)
    if found[0].ours:
        yield from _mistakes_of_ours(key, destination, found[0], table)
        yield from of_ours(name, destination, settings)
    else:
        yield from of_a_stranger(name, destination, settings)
    for one, value in table.items():
        if one.endswith("_file") and isinstance(value, str):
            look = gone if one in NO_SECRETS else unreadable
            yield from look(f"{key}.{one}", Path(value))


def _mistakes_of_ours(
    key: str, destination: Destination, one: Offered, table: dict[str, object]
) -> Iterator[Mistake]:
    cls = one.load()
    try:
        cls.Settings.model_validate(table)
    except ValidationError as error:
        for where, what in wrong_keys(error):
            yield Mistake(f"{key}.{where}", what, f"see relay.toml.example, bridge {one.name}")
    for what, remedy in lacking(cls):
        yield Mistake(f"{key}.bridge", what, remedy)
    yield from of_ours_alone(key, destination)
    yield from _by_itself(key, destination, cls)
    if tested(cls) == BY_DESCRIPTION and not destination.untested:
        what = "is a bridge that was never tried against its platform, nor against its schema"
        yield Mistake(f"{key}.bridge", what, "add untested = true, and watch what it posts")
    if destination.canary == "post" and (one.name == "feed" or not hasattr(cls, "remove")):
        what = "would post what its bridge cannot take back, or what everybody sees on the page"
        yield Mistake(f"{key}.canary", what, 'use "check", which is the default')
    bills = getattr(cls, "bills", "")
    if bills and not (destination.money_per_month or destination.money_per_day):
        what = f"is missing: its platform bills each post in {bills}"
        remedy = "say what a month may cost, as in money_per_month = 10.0"
        yield Mistake(f"{key}.money_per_month", what, remedy)


def _by_itself(key: str, destination: Destination, cls: Any) -> Iterator[Mistake]:
    """What cannot hold for a bridge whose library makes its own connections, so that nothing is
    promised that is not kept."""
    if getattr(cls, "goes_by_itself", False):
        why = "does not hold: this bridge's library makes its own connections"
        for name, asked in (
            ("routes", destination.routes != (DIRECT,)),
            ("pins", destination.pins),
            ("ca_file", destination.ca_file),
        ):
            if asked:
                yield Mistake(f"{key}.{name}", why, "take it out, or use another bridge")


def notes(settings: Settings) -> Iterator[tuple[str, str]]:
    """What an operator should know and need not mend, as ``relay.config.warnings`` has it.

    ``untested = true`` is a permission, not a claim. Where it is not needed, it stops nothing: a
    bridge that was tried at last comes with a new version, and no node may refuse to start after
    such good news. It is only said that the line can go.
    """
    for name, one in settings.destinations.items():
        found = candidates(one.bridge)
        if len(found) != 1:
            continue
        if not found[0].ours:
            whose = f"it is of the package {_shown(found[0].distribution)}"
            yield f"destinations.{name}", f"{whose}: its settings are checked when it starts"
        elif getattr(found[0].load(), "goes_by_itself", False):
            why = "its library makes its own connections: routes and our own limits do not hold"
            yield f"destinations.{name}.bridge", why
        if one.untested and not (found[0].ours and tested(found[0].load()) == BY_DESCRIPTION):
            yield f"destinations.{name}.untested", "this bridge does not need it: take it out"
    yield from empty_lists(settings)


def _shown(distribution: str) -> str:
    return distribution if distribution.isprintable() else "(with an odd name)"


def _names() -> str:
    names = {one.name for one in offered() if one.ours or one.name.isprintable()}
    return " or ".join(f'"{name}"' for name in sorted(names))


def _unfit_for(name: str, key: str, transport: WayIn, path: Path) -> Iterator[Mistake]:
    """A file that can be read, and holds what can be no such secret."""
    why = "" if key in NO_SECRETS else transport.unfit(key, read_line(path))
    if why:
        remedy = f"use `relay login {name} --setting {key}`"
        yield Mistake(f"transports.{name}.{key}", f"holds no such secret: {why}", remedy)


_UNFIT = {
    "missing": ("names a file that does not exist", "get a certificate first: docs/operate.md"),
    "unreadable": ("names a file that cannot be read", "let the node's user read it, or its group"),
    "no-certificate": ("names a file without a certificate in PEM", "name the whole chain"),
    "no-key": ("names a file without a key in PEM", "name the key of the certificate"),
    "encrypted": ("names a key under a passphrase", "store it without one, mode 0640"),
    "does-not-fit": ("is not the key of the certificate", "name the two files of one certificate"),
}


def _unfit(certificate: Path, key: Path) -> Iterator[Mistake]:
    """Why the two files of ``[tls]`` make no certificate to show."""
    try:
        first_of(certificate)
        context(certificate, key)
    except BadCertificate as error:
        yield Mistake(f"tls.{error.of}", *_UNFIT[error.word])
    else:
        if readable_by_others(key):
            yield Mistake("tls.key", "can be read by everybody on this machine", "use chmod o=")


def expiring(settings: Settings, now: int) -> Iterator[tuple[str, str]]:
    """What to say of a certificate whose time is over soon, as ``relay.config.warnings`` does.

    Its end stops no node: most mail servers send nevertheless, and who refuses to keeps the mail.
    """
    if settings.tls is None:
        return
    try:
        shown = first_of(settings.at(settings.tls.certificate))
    except BadCertificate:
        return  # a mistake, and told as one
    left = days_left(shown.ends, now)
    if now < shown.begins:
        yield "tls.certificate", "it is not valid yet: is the clock right?"
    elif left is not None:
        ends = f"it ends in {left} days: has its renewal failed?"
        yield "tls.certificate", ends if left >= 0 else "it has ended: nobody can trust it"
