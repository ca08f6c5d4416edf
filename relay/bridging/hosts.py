"""Which hosts a bridge may reach: those its class names, or else every host among its settings.

What is decided here is kept by ``relay.reach``: a bridge that asks for another host is told that it
cannot be reached, and nothing leaves. So a token goes nowhere by a slip, and a platform's answer
leads a bridge to no place that its operator did not choose.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from ipaddress import ip_address
from typing import Any, Final
from urllib.parse import urlsplit

from pydantic import BaseModel

from relay.errors import OutwordError

MOST_HOSTS: Final = 256
"""No destination needs more; a bridge that names more makes them up."""

_NAME: Final = re.compile(r"(?!-)[\w-]{1,63}(?:\.(?!-)[\w-]{1,63})*")
_HOST: Final = re.compile(r"(?P<host>[\w.-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\])(?::\d{1,5})?")


class NoHosts(OutwordError):
    """What the class of a bridge says of its hosts cannot be used."""

    exit_code = 78


def hosts_of(cls: Any, settings: Any) -> frozenset[str]:
    """The hosts of a bridge of this class with these settings, in lower case.

    A class says them itself with ``hosts(settings)``, static or of the class; it may read secret
    files for it, as ``__init__`` may, and whatever it raises is raised here. Without it they are
    the hosts of every address and every name of a host among the settings. Raises NoHosts.
    """
    say = getattr(cls, "hosts", None)
    if say is None:
        return hosts_among(settings)
    said: object = say(settings)
    if isinstance(said, str) or not isinstance(said, Collection) or len(said) > MOST_HOSTS:
        raise NoHosts("its bridge does not say which hosts it reaches")
    found = frozenset(one.lower() if isinstance(one, str) else "" for one in said)
    if not all(map(is_host, found)):
        raise NoHosts("its bridge names a host that is none")
    return found


def hosts_among(settings: object) -> frozenset[str]:
    """The hosts of every address, and every name of a host, among values, however deep they lie."""
    return frozenset(_among(settings))


def is_host(said: str) -> bool:
    """A name, an address, or ``*.`` and a name of two parts at least: no whole country."""
    below = said.removeprefix("*.")
    if below != said:
        return _NAME.fullmatch(below) is not None and "." in below
    return _is_address(said) or _NAME.fullmatch(said) is not None


def _among(value: object) -> Iterator[str]:
    """Every host that a model of settings holds, however deep."""
    if isinstance(value, BaseModel):
        value = dict(value)
    if isinstance(value, str):
        yield from _in_text(value)
    elif isinstance(value, Mapping):
        for one in value.values():
            yield from _among(one)
    elif isinstance(value, list | tuple | set | frozenset):
        for one in value:
            yield from _among(one)
    elif isinstance(host := getattr(value, "host", None), str):  # pydantic's own addresses
        yield host.lower()


def _in_text(written: str) -> Iterator[str]:
    """The host of an address, or what can be the name of one, with a port or without."""
    if "://" in written:
        try:
            host = urlsplit(written).hostname
        except ValueError:
            return
        if host:
            yield host.lower()
        return
    found = _HOST.fullmatch(written)
    host = found["host"].strip("[]").lower() if found else ""
    if host == "localhost" or _is_address(host) or (_NAME.fullmatch(host) and "." in host):
        yield host


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True
