"""``relay destinations``: one account tried from here, and what people answered there."""

from __future__ import annotations

import click

from relay.cli.common import Refusing
from relay.cli.destinations.replies import replies
from relay.cli.destinations.test import test


@click.group(cls=Refusing)
def destinations() -> None:
    """Destinations: try an account, read what was answered to its posts."""


destinations.add_command(test)
destinations.add_command(replies)
