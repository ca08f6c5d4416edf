"""``relay keys list``: what the other side needs to know of this node, and how long it holds."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from relay.cli.common import common, said
from relay.cli.keys.told import ENDED, UNSIGNED, code, day, for_settings, lasts, words
from relay.cli.owner import as_owner_of
from relay.config import Settings, load
from relay.errors import KeyFileError
from relay.keyfiles import read_secret
from relay.model import Instant
from relay.plugins import bundle_of
from relay.wire.bundle import Bundle, read_bundle
from relay.wire.epochs import EpochPublic, days_ahead
from relay.wire.exitfile import exit_bundle, exit_public
from relay.wire.keys import ExitPublic, read_link_file
from relay.wire.linkkeys import LinkKey, identity_text, link_key_of

NONE_YET = "there are no keys yet: `relay keys init` makes them, and so does the first start"

BELOW = "For the relay.toml of the other side, below [peers.NAME]; NAME is its name for this node:"
"""No name is proposed: each node is made as ``n1``, and two exits of one entry need two names."""


@dataclass(frozen=True, slots=True)
class Shown:
    """What is public of the keys of a node. ``exit`` is None on an entry, ``bundle`` where nothing
    was signed yet; ``peers`` are the exits of an entry, None for one whose keys are not here."""

    link: LinkKey
    exit: ExitPublic | None
    bundle: Bundle | None
    peers: Mapping[str, Bundle | None]


@click.command(name="list")
@click.option("--epochs", is_flag=True, help="Each key to seal to, with its id and its day.")
@click.option("--qr", is_flag=True, help="The QR code also where no terminal is.")
@common
def shown(path: Path, as_json: bool, epochs: bool, qr: bool) -> None:
    """Show what the other side needs: the lines for its relay.toml, in words, as a QR code.

    Nothing of it is secret, and no passphrase is needed. Compare the words by voice.
    """
    settings, now = load(path), int(time.time())
    found = _found(settings)
    if as_json:
        said(_as_json(found, now))
        return
    lines = for_settings(found.link, found.exit.identity if found.exit else b"")
    click.echo(f"{BELOW}\n")
    click.echo("\n".join(lines))
    click.echo(f"\nThe link key in words:  {words(found.link.public)}")
    if found.exit is not None:
        click.echo(f"The identity in words:  {words(found.exit.identity)}")
        for line in _of_exit(found.exit, found.bundle, now):
            click.echo(line)
    for name, bundle in found.peers.items():
        click.echo(f"{name}: {_of_peer(bundle, now)}")
    if epochs and found.exit is not None:
        for one in found.exit.epochs:
            click.echo(f"{one.id.hex()}  {day(one.not_before)}")
    if qr or sys.stdout.isatty():
        for line in code(lines):
            click.echo(line)


def _found(settings: Settings) -> Shown:
    with as_owner_of(settings.keys):
        if not (settings.keys / "link.key").exists():
            raise KeyFileError(NONE_YET)
        link = link_key_of(read_link_file(read_secret(settings.keys / "link.key")))
        if settings.node.role == "entry":
            return Shown(link, None, None, {n: bundle_of(settings, n) for n in settings.peers})
        file = read_secret(settings.keys / "exit.key")
    public, signed = exit_public(file), exit_bundle(file)
    return Shown(link, public, read_bundle(signed, public.identity) if signed else None, {})


def _of_exit(exit: ExitPublic, bundle: Bundle | None, now: Instant) -> Iterator[str]:
    if bundle is None:
        if not exit.epochs:
            yield f"No bundle of keys is signed yet. {UNSIGNED}"
        return
    if bundle.ended:
        yield ENDED
        return
    yield f"{lasts(exit.until(), now)} Bundle {bundle.serial}, made {day(bundle.made)}."


def _of_peer(bundle: Bundle | None, now: Instant) -> str:
    if bundle is None:
        return (
            "its keys are not here yet: they come over a link, or `relay keys import` brings them"
        )
    if bundle.ended:
        return "revoked: nothing is sealed to it any more"
    return f"{lasts(bundle.until(), now)} Bundle {bundle.serial}, made {day(bundle.made)}."


def _as_json(found: Shown, now: Instant) -> Mapping[str, Any]:
    about: dict[str, Any] = {
        "link": found.link.written,
        "link_words": words(found.link.public),
        "identity": identity_text(found.exit.identity) if found.exit else None,
        "identity_words": words(found.exit.identity) if found.exit else None,
    }
    if found.exit is not None:
        about |= _keys_json(found.bundle, found.exit.until(), now)
        about["epochs"] = [_epoch_json(one) for one in found.exit.epochs]
    about["peers"] = {
        name: _keys_json(one, one.until() if one else 0, now) for name, one in found.peers.items()
    }
    return about


def _keys_json(bundle: Bundle | None, until: Instant, now: Instant) -> Mapping[str, Any]:
    return {
        "serial": bundle.serial if bundle else 0,
        "until": until,
        "days_ahead": days_ahead(until, now),
        "ended": bundle is not None and bundle.ended,
    }


def _epoch_json(epoch: EpochPublic) -> Mapping[str, Any]:
    return {"id": epoch.id.hex(), "not_before": epoch.not_before, "not_after": epoch.not_after}
