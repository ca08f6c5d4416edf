"""``relay keys export`` and ``relay keys import``: what is signed, and what is to be, in files."""

from __future__ import annotations

import sys
import time
from base64 import b64encode
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click
import trio

from relay.cli.common import asked, common, said
from relay.cli.keys.changing import tell
from relay.cli.keys.files import STANDARD, carried, carry
from relay.cli.keys.stopped import changed, must_open, opened, stopped
from relay.cli.keys.told import words
from relay.cli.owner import as_owner_of
from relay.clock import SystemClock
from relay.config import Settings, load
from relay.errors import Asked, Damaged, NoNode, OutwordError
from relay.journal import Journal
from relay.keyfiles import read_secret
from relay.node.crossing.bundles import KNOWN, TAKEN, Bundles
from relay.node.key_orders import NOT_OURS, OFFLINE, having_taken
from relay.node.rolling.said import about
from relay.wire.bundle import make_revocation, read_bundle, read_request, signer_of
from relay.wire.epochs import days_ahead
from relay.wire.exitfile import exit_bundle, exit_public
from relay.wire.linkkeys import identity_of
from relay.wire.rolling import bundle_of


class NothingSigned(OutwordError):
    """No bundle of these keys is signed yet: make a request with `relay keys export --request`."""

    exit_code = 65


class NothingToSign(OutwordError):
    """There is no key for today or any day to come: `relay keys roll` makes them."""

    exit_code = 65


class IdentityHere(OutwordError):
    """The identity key lies in this exit.key: `relay keys export` gives what it has signed."""

    exit_code = 65


class OfNobody(OutwordError):
    """That is no bundle of an exit that this node knows, or it was damaged on its way: what was
    here is in force. Look at [peers], and have it exported again."""

    exit_code = 65


@click.command()
@click.argument("file", type=click.Path(path_type=Path), default=STANDARD, metavar="[FILE]")
@click.option("--request", is_flag=True, help="What is to be signed where the identity is kept.")
@click.option("--revocation", is_flag=True, help="What ends this exit, to be kept elsewhere.")
@common
def export(path: Path, as_json: bool, file: Path, request: bool, revocation: bool) -> None:
    """Write the keys that entries seal to, as they were signed, into FILE: none of it is secret.

    For --request and --revocation the passphrase of exit.key is asked for, or read from a pipe.
    """
    settings, now = load(path), int(time.time())
    must_open(settings, "export")
    if request and revocation:
        raise click.UsageError("--request or --revocation, not both")
    if as_json and file == STANDARD:
        raise click.UsageError("with --json name a file")
    made = (
        _request(settings, now)
        if request
        else _revocation(settings, now)
        if revocation
        else _signed(settings, now)
    )
    carry(file, made, for_all=not revocation)
    told = {"file": str(file), "bytes": len(made), "words": words(made)}
    if as_json:
        said(told)
    elif request:
        click.echo(f"In words: {words(made)}", err=True)
        click.echo("`relay keys sign` shows the same words, or it is not this request.", err=True)
    elif revocation:
        click.echo("Whoever has this file can end this exit. It opens nothing.", err=True)


def _signed(settings: Settings, now: int) -> bytes:
    with as_owner_of(settings.keys):
        file = read_secret(settings.keys / "exit.key")
    public, signed = exit_public(file), exit_bundle(file)
    if not signed:
        raise NothingSigned
    if not days_ahead(public.until(), now) and not read_bundle(signed, public.identity).ended:
        click.echo("warning: it has no key for tomorrow; `relay keys roll` makes them", err=True)
    return signed


def _request(settings: Settings, now: int) -> bytes:
    keys = opened(settings)
    if keys.identity:
        raise IdentityHere
    try:
        made = bundle_of(keys, now, settings.node.road_s)
        if not keys.ended and read_request(made).until() > now:
            return made
    except Damaged:  # a bundle of no keys is none
        pass
    raise NothingToSign


def _revocation(settings: Settings, now: int) -> bytes:
    keys = opened(settings)
    if not keys.identity:
        raise Asked(OFFLINE)
    return make_revocation(keys.identity, now)


# ---------------------------------------------------------------- in


@click.command(name="import")
@click.argument("file", type=click.Path(path_type=Path), metavar="FILE")
@common
def take(path: Path, as_json: bool, file: Path) -> None:
    """Take a bundle of keys, or a revocation, out of FILE ("-": standard input).

    On an entry that of one of its exits. On an exit what was signed where its identity is kept; if
    no node runs there, the passphrase of exit.key is asked for.
    """
    settings = load(path)
    content = carried(file)
    if settings.node.role == "entry":
        _of_peer(path, settings, content, as_json=as_json)
    else:
        tell(_own(path, settings, content), as_json)


def _own(path: Path, settings: Settings, signed: bytes) -> Mapping[str, Any]:
    with as_owner_of(settings.keys):
        public = exit_public(read_secret(settings.keys / "exit.key"))
    try:
        read_bundle(signed, public.identity)
    except Damaged:
        raise Asked(NOT_OURS) from None
    try:
        [answer] = asked(path, {"do": "bundle", "bundle": b64encode(signed).decode()})
        return dict(answer)
    except NoNode:
        if sys.stdin.isatty():
            click.echo("No node runs here.", err=True)
        return about(changed(settings, lambda keys: having_taken(keys, signed)))


def _of_peer(path: Path, settings: Settings, signed: bytes, *, as_json: bool) -> None:
    name = _whose(settings, signed)
    order = {"do": "bundle", "name": name, "bundle": b64encode(signed).decode()}
    try:
        [answer] = asked(path, order)
        became = str(answer["became"])
    except NoNode:
        became = _kept(settings, name, signed)
    if became not in (TAKEN, KNOWN):
        raise Asked(f"{name}: {became}; what was here is in force")
    bundle = read_bundle(signed, identity_of(settings.peers[name].identity))
    if as_json:
        said({"exit": name, "became": became, "serial": bundle.serial, "ended": bundle.ended})
    elif bundle.ended:
        click.echo(f"{name} is revoked: nothing is sealed to it any more, and nothing goes to it.")
    else:
        ahead = days_ahead(bundle.until(), int(time.time()))
        was = "newer keys are here" if became == TAKEN else "these keys were here already"
        click.echo(f"{name}: {was}, for today and {ahead} days more.")


def _whose(settings: Settings, signed: bytes) -> str:
    """The exit whose identity has signed it. Raises OfNobody."""
    exits = {name: identity_of(peer.identity) for name, peer in settings.peers.items()}
    try:
        return signer_of(signed, exits)
    except Damaged:
        raise OfNobody from None


def _kept(settings: Settings, name: str, signed: bytes) -> str:
    """What becomes of it where no node runs."""
    with stopped(settings):
        bundles = Bundles(settings, SystemClock(), Journal("keys"))
        return trio.run(bundles.take, name, signed)
