"""A bridge made from its section: in an outlet, and for the commands that try an account of ours.

Whatever is wrong with a bridge is said in our words, with the keys of its section and the class of
an exception; never with the text of one, which may quote a setting, a secret or a post.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any, cast

from pydantic import ValidationError

from relay.config import Destination
from relay.errors import KeyFileError, OutwordError
from relay.plugins.found import API, Offered, candidates
from relay.plugins.hosts import NoHosts, hosts_of
from relay.plugins.sections import absolute
from relay.ports import Bridge, Clock, Http

MOST_TOLD = 5
"""Mistakes of one section that are told: they go on one line of the board."""


class Unusable(OutwordError):
    """A bridge that cannot be used, and why."""

    exit_code = 78


@dataclass(frozen=True, slots=True, repr=False)
class Planned:
    """A bridge that can be made: its class, its settings, and the hosts it may reach, by which its
    way out is made."""

    cls: Any
    settings: Any
    hosts: frozenset[str]

    def made(self, http: Http, clock: Clock) -> Bridge:
        """The bridge. Raises whatever a bridge raises when it cannot start."""
        return cast(Bridge, self.cls(self.settings, http, clock))


def plan(destination: Destination, *, base: Path, url: str, alone: bool = False) -> Planned:
    """What the bridge of a destination is made from. ``url`` is given to one that has a setting
    ``url`` unset.

    ``alone``: this process serves nothing else, so that the module of a third party may be imported
    here. Raises Unusable, or what is wrong with a secret file in which hosts stand.
    """
    offered = _offered(destination.bridge, alone)
    cls = _class_of(offered)
    for what, remedy in lacking(cls) if offered.ours else ():
        raise Unusable(f"its bridge {what}: {remedy}")
    settings = _settings(cls, absolute(destination.rest, base), url)
    return Planned(cls, settings, _hosts(cls, settings))


def _offered(name: str, alone: bool) -> Offered:
    found = candidates(name)
    if not found:
        raise Unusable("no bridge of that name is installed")
    if len(found) > 1:
        raise Unusable("several packages offer a bridge of that name")
    if not found[0].ours and not alone:
        raise Unusable("its bridge is of another package, and runs in the node only")
    return found[0]


def _class_of(offered: Offered) -> Any:
    try:
        cls = offered.load()
    except BaseException as error:  # it is a stranger's: importing it may even call sys.exit
        raise Unusable(f"its bridge cannot be imported: {_kind(error)}") from None
    if getattr(cls, "api", None) != API:
        raise Unusable(f"its bridge was written for another interface: it does not say api = {API}")
    if not hasattr(cls, "Settings"):
        raise Unusable("its bridge says nothing of its settings: it has no class Settings")
    return cls


def _settings(cls: Any, table: dict[str, Any], url: str) -> Any:
    try:
        if "url" in cls.Settings.model_fields and url:
            table.setdefault("url", url)
        return cls.Settings.model_validate(table)
    except ValidationError as error:
        wrong = [f"{key} {what}" for key, what in wrong_keys(error)]
        more = f" and {len(wrong) - MOST_TOLD} more" if len(wrong) > MOST_TOLD else ""
        raise Unusable(f"its settings: {', '.join(wrong[:MOST_TOLD])}{more}") from None
    except BaseException as error:
        raise Unusable(f"its bridge cannot read its settings: {_kind(error)}") from None


def _hosts(cls: Any, settings: Any) -> frozenset[str]:
    try:
        return hosts_of(cls, settings)
    except NoHosts as error:
        raise Unusable(str(error)) from None
    except Exception as error:
        if isinstance(error, KeyFileError) or type(error).__name__ == "BadSecret":
            raise  # their words are made never to quote it
        raise Unusable(f"its bridge cannot say which hosts it reaches: {_kind(error)}") from None


def lacking(cls: Any) -> Iterator[tuple[str, str]]:
    """Of each library that a bridge of ours needs and that is not installed here: what to say, and
    the remedy."""
    for library in getattr(cls, "needs", ()):
        if find_spec(library) is None:
            remedy = f"make install WITH={library}, or pip install 'outword[{library}]'"
            yield "needs a library that is not installed here", remedy


def wrong_keys(error: ValidationError) -> Iterator[tuple[str, str]]:
    """Each key that is wrong, and what is wrong with it: pydantic's words may quote a value."""
    for one in error.errors(include_input=False, include_context=False, include_url=False):
        what = "is not a key we know" if one["type"] == "extra_forbidden" else "cannot be used"
        if one["type"] == "missing":
            what = "is missing"
        yield ".".join(str(part) for part in one["loc"]), what


def _kind(error: BaseException) -> str:
    return type(error).__name__.lower()
