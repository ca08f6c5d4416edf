"""``relay keys sign``: on the machine that keeps the identity, and that no network reaches."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import click

from relay.cli.common import passphrase_of, said
from relay.cli.keys.files import carried, carry
from relay.cli.keys.told import day, words
from relay.errors import Asked, Damaged
from relay.keyfiles import read_secret
from relay.wire.bundle import Bundle, read_request, sign_bundle
from relay.wire.identityfile import identity_in, unlock_identity

NO_REQUEST = "that is no request for a signature, or it was damaged on its way: export it again"
OF_ANOTHER = "that request is of an exit with another identity: nothing was signed"
NO_KEY = "that request names no key to seal to: nothing was signed"
OTHER_WORDS = "those are not the words of this request: nothing was signed"


@click.command()
@click.argument("folder", type=click.Path(path_type=Path), metavar="FOLDER")
@click.argument("file", type=click.Path(path_type=Path), metavar="FILE")
@click.option("--to", type=click.Path(path_type=Path), help="By default FILE.bundle.")
@click.option("--words", "compared", metavar="WORDS", help="Those that the exit showed.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def sign(folder: Path, file: Path, to: Path | None, compared: str | None, as_json: bool) -> None:
    """Sign the request in FILE with the identity in FOLDER; no settings are needed.

    Compare the words with those that the exit showed: who changes the request on its way could have
    his own keys signed. The passphrase of identity.key is asked for, or read from a pipe.
    """
    asked = carried(file)
    try:
        bundle = read_request(asked)
    except Damaged:
        raise Asked(NO_REQUEST) from None
    key = read_secret(folder / "identity.key")
    if bundle.identity != identity_in(key) or bundle.ended:
        raise Asked(OF_ANOTHER)
    if not bundle.until():
        raise Asked(NO_KEY)
    for line in _about(bundle, asked):
        click.echo(line, err=True)
    _compare(asked, compared)
    seed = unlock_identity(key, passphrase_of("identity.key").encode())
    out = to or file.with_name(f"{file.name}.bundle")
    carry(out, sign_bundle(bundle, seed))
    if as_json:
        said({"file": str(out), "serial": bundle.serial, "until": bundle.until()})
    else:
        click.echo(f"Signed: {out}. At the exit: relay keys import {out.name}", err=True)


def _about(bundle: Bundle, asked: bytes) -> Iterator[str]:
    days = [one.not_before for one in bundle.good()]
    yield f"{len(days)} keys, of {day(min(days))} to {day(max(days))}; bundle {bundle.serial}"
    yield f"made on {day(bundle.made)}; keys are kept for {bundle.road_s // 3600} hours more"
    if bundle.revoked:
        yield f"{len(bundle.revoked)} are revoked"
    yield f"In words: {words(asked)}"


def _compare(asked: bytes, compared: str | None) -> None:
    """Raises Asked or Abort."""
    if compared is not None:
        if compared.lower().replace("-", " ").split() != words(asked).split():
            raise Asked(OTHER_WORDS)
    elif sys.stdin.isatty():
        click.confirm("Did the exit show the same words?", abort=True, err=True)
    else:
        raise click.UsageError("give the words that the exit showed with --words")
