"""A bridge made from its section, and why it cannot be.

Whatever is wrong with a bridge is said in our words, with the keys of its section and the class of
an exception; never with the text of one, which may quote a setting, a secret or a post.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, cast

from pydantic import ValidationError

from relay.bridging.hosts import NoHosts, hosts_of
from relay.errors import KeyFileError, OutwordError
from relay.ports import Bridge, Clock, Http

API: Final = 1
"""The interface that a bridge says it was written for."""

MOST_TOLD = 5
"""Mistakes of one section that are told: they go on one line of the board."""

LATE: Final = "; if it was installed while the node ran, restart the node: a reload is not enough"
"""Where modules lie is found when the node starts, and so is what a plug-in is granted of it."""


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


def class_of(load: Callable[[], Any]) -> Any:
    """The class that an entry point gives when it is loaded. Raises Unusable."""
    try:
        cls = load()
    except BaseException as error:  # it is a stranger's: importing it may even call sys.exit
        late = LATE if isinstance(error, (ModuleNotFoundError, PermissionError)) else ""
        raise Unusable(f"its bridge cannot be imported: {_kind(error)}{late}") from None
    if getattr(cls, "api", None) != API:
        raise Unusable(f"its bridge was written for another interface: it does not say api = {API}")
    if not hasattr(cls, "Settings"):
        raise Unusable("its bridge says nothing of its settings: it has no class Settings")
    return cls


def settings_of(cls: Any, table: Mapping[str, Any], url: str) -> Any:
    """The settings of a class, of a section whose paths are absolute. ``url`` is given to one that
    has a setting ``url`` unset. Raises Unusable, which names each key that is wrong."""
    try:
        given = dict(table)
        if "url" in cls.Settings.model_fields and url:
            given.setdefault("url", url)
        return cls.Settings.model_validate(given)
    except ValidationError as error:
        wrong = [f"{key} {what}" for key, what in wrong_keys(error)]
        more = f" and {len(wrong) - MOST_TOLD} more" if len(wrong) > MOST_TOLD else ""
        raise Unusable(f"its settings: {', '.join(wrong[:MOST_TOLD])}{more}") from None
    except BaseException as error:
        raise Unusable(f"its bridge cannot read its settings: {_kind(error)}") from None


def hosts_said(cls: Any, settings: Any) -> frozenset[str]:
    """The hosts that a class says it reaches. Raises Unusable, or what is wrong with a secret file
    in which they stand."""
    try:
        return hosts_of(cls, settings)
    except NoHosts as error:
        raise Unusable(str(error)) from None
    except Exception as error:
        if isinstance(error, KeyFileError) or type(error).__name__ == "BadSecret":
            raise  # their words are made never to quote it
        raise Unusable(f"its bridge cannot say which hosts it reaches: {_kind(error)}") from None


def wrong_keys(error: ValidationError) -> Iterator[tuple[str, str]]:
    """Each key that is wrong, and what is wrong with it: pydantic's words may quote a value."""
    for one in error.errors(include_input=False, include_context=False, include_url=False):
        what = "is not a key we know" if one["type"] == "extra_forbidden" else "cannot be used"
        if one["type"] == "missing":
            what = "is missing"
        yield ".".join(str(part) for part in one["loc"]), what


def _kind(error: BaseException) -> str:
    return type(error).__name__.lower()
