"""What there is to say of the keys of an exit, none of which is secret."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from relay.wire.keys import ExitKeys
from relay.wire.rolling import unsigned


def about(keys: ExitKeys) -> Mapping[str, Any]:
    """In JSON: ``until`` is when the last key ends that is sealed to, ``storage_keys`` how many
    there are: more than one while rows are wrapped anew. ``unsigned``: so many keys wait for the
    signature of an identity that is kept on another machine."""
    return {
        "serial": keys.serial,
        "until": keys.public.until(),
        "epochs": len(keys.epochs),
        "storage_keys": len(keys.storage),
        "unsigned": unsigned(keys),
        "ended": keys.ended,
    }
