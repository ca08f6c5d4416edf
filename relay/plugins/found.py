"""Which bridges there are, by the metadata of what is installed: nothing is imported to know.

Whoever may install a package here may have Python run code of it in any process of ours (a ``.pth``
file is enough). So a name is looked up, not defended: it is ours if the distribution ``outword``
offers it, and ours goes first.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from importlib.metadata import Distribution, EntryPoint, distributions
from typing import Any

from relay.ports import Once

GROUP = "relay.bridges"
OURS = "outword"

BY_DESCRIPTION = "by description only"
"""What ``tested`` says of a bridge that met neither its platform nor its platform's schema."""


@dataclass(frozen=True, slots=True)
class Offered:
    """A bridge that a distribution offers under a name."""

    name: str
    distribution: str
    version: str
    point: EntryPoint = field(repr=False)

    @property
    def ours(self) -> bool:
        """Whether it comes with the relay itself."""
        return self.distribution == OURS

    def load(self) -> Any:
        """Its class; imports its module. For a third party only in its own outlet."""
        return self.point.load()


def offered(name: str | None = None) -> list[Offered]:
    """Every bridge that is installed here, or those of one name, by name; ours first."""
    found = [one for one in _offers() if name is None or one.name == name]
    return sorted(found, key=lambda one: (one.name, not one.ours, one.distribution))


def candidates(name: str) -> Sequence[Offered]:
    """What a name may mean: ours alone where there is one; else all that others offer under it.

    More than one is a mistake: nobody can tell which of them the operator wants.
    """
    own = [one for one in _offers(OURS) if one.name == name]  # without a look at all the others
    return own[:1] or offered(name)


def ours(name: str) -> bool:
    """Whether a bridge of that name is ours, so that it may be imported anywhere."""
    return any(one.ours for one in candidates(name))


def _offers(package: str = "") -> Iterator[Offered]:
    """What all packages offer, or one."""
    seen: set[str] = set()
    for distribution in distributions(name=package) if package else distributions():
        try:
            points = distribution.entry_points.select(group=GROUP)
            name, version = _named(distribution) if points else ("", "")
        except Exception:  # a package with broken metadata offers nothing, and breaks nothing
            continue
        if not points or name in seen:  # the first on sys.path is the one that is imported
            continue
        seen.add(name)
        for point in points:
            yield Offered(point.name, name, version, point)


def _named(distribution: Distribution) -> tuple[str, str]:
    said = distribution.metadata
    return str(said["Name"]), str(said["Version"])


# ---------------------------------------------------------------- for people


@dataclass(frozen=True, slots=True)
class Listed:
    """A bridge as ``relay bridges`` shows it.

    ``hidden``: another of the same name is used in its place, or none can be, since several
    packages of third parties offer it. The rest is empty for a third party, whose module is not
    imported to be listed: ``tested`` says how we know that it is right ("real server",
    "schema-checked", "by description only"), ``once`` what repeating a send does before settings
    or the server say otherwise ("exact", "exact for 3600 s", "lookup", "none"; empty where only
    they can say), ``again`` in a sentence what that rests on.
    """

    name: str
    distribution: str
    version: str
    ours: bool
    hidden: bool = False
    tested: str = ""
    once: str = ""
    again: str = ""


def bridges() -> list[Listed]:
    """Every bridge that is installed, by name. Imports each of ours, and none of others."""
    found = offered()
    return [_listed(one, [other for other in found if other.name == one.name]) for one in found]


def _listed(one: Offered, same: Sequence[Offered]) -> Listed:
    if not one.ours:
        return Listed(one.name, one.distribution, one.version, False, hidden=len(same) > 1)
    cls = one.load()
    return Listed(
        one.name,
        one.distribution,
        one.version,
        True,
        tested=tested(cls),
        once=_in_words(getattr(cls, "once", None)),
        again=str(getattr(cls, "again", "")),
    )


def tested(cls: Any) -> str:
    """How we know that a bridge of ours is right; one that does not say counts as untried."""
    return str(getattr(cls, "tested", BY_DESCRIPTION))


def _in_words(once: object) -> str:
    if not isinstance(once, Once):
        return ""
    return once.means if once.exact_for_s is None else f"{once.means} for {once.exact_for_s} s"
