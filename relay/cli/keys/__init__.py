"""``relay keys``: what other nodes and senders need to know of a node, and what changes its keys.

::

    mail.py      show, encrypted: what senders encrypt mail to
    making.py    init: what is missing, or an identity that is kept on another machine
    listing.py   list: what the other side needs
    changing.py  roll, revoke
    carrying.py  export, import: bundles and revocations, in files
    signing.py   sign: on the machine that keeps the identity

    stopped.py   exit.key of a node, by its passphrase
    files.py     what is carried: read within bounds, written whole
    told.py      keys in words, days, and a QR code
"""

from __future__ import annotations

import click

from relay.cli.keys.carrying import export, take
from relay.cli.keys.changing import revoke, roll
from relay.cli.keys.listing import shown
from relay.cli.keys.mail import NoAddress, NoLibraries, encrypted, show
from relay.cli.keys.making import init
from relay.cli.keys.signing import sign

__all__ = ["NoAddress", "NoLibraries", "keys"]


@click.group()
def keys() -> None:
    """The keys of a node: what others need to know of them, and what changes them."""


for command in (init, shown, roll, export, take, sign, revoke, show, encrypted):
    keys.add_command(command)
