"""A release as the spool remembers it: JSON of our own. What is damaged is none."""

from __future__ import annotations

import json
import math
from dataclasses import asdict

from relay.errors import Damaged
from relay.rules.releasing import Release

RELEASE = "release "
"""What a release is remembered under, followed by the name of its destination."""


def written_release(release: Release) -> bytes:
    """A release in bytes."""
    return json.dumps(asdict(release)).encode()


def read_release(value: bytes) -> Release:
    """What ``written_release`` wrote. Raises Damaged."""
    try:
        kept = json.loads(value)
        paces = float(kept["every_s"]), float(kept["owed_s"])
        release = Release(str(kept["window"]), kept["first"], *paces)
    except (ValueError, TypeError, KeyError, RecursionError):
        raise Damaged from None
    if release.first not in ("oldest", "newest") or not math.isfinite(release.pace_s):
        raise Damaged
    return release
