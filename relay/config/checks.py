"""What is wrong with settings beyond a single value, what is not built yet, and what is unsafe.

Every mistake is in our own words and with a remedy; none quotes a value.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pydantic_core import ErrorDetails

from relay.config.budget_checks import wrong_budgets
from relay.config.canary_checks import unsafe_canaries, wrong_canaries
from relay.config.desk_checks import unsafe_desk, wrong_desk
from relay.config.fallback_checks import wrong_fallbacks
from relay.config.folder_checks import wrong_folders
from relay.config.inward import KINDS, WayIn
from relay.config.linking import LINK_KINDS
from relay.config.peer_checks import unfinished_peers, warned_of_links
from relay.config.reaching import DIRECT
from relay.config.role_checks import wrong_roles
from relay.config.routes_checks import unsafe_routes, wrong_routes
from relay.config.sections import Settings
from relay.config.values import names_in
from relay.config.windows_checks import wrong_windows
from relay.errors import Mistake
from relay.serving.peers import is_loopback
from relay.wire.ways import MOST_WAYS, can_be_shown

NOT_BUILT_VALUES = {
    "spool.url": "another spool than sqlite",
    "node.doors": "more than one door",
    "channels.*.review": "this kind of review",
    "transports.*.kind": "this kind of transport",
    "transports.*.gateway": "this gateway",
}
"""Keys of which this version takes some values, and refuses others of the design by name."""

_DESIGNED = {"mailbox", "postgresql"}


def not_built(table: Mapping[str, Any]) -> Iterator[Mistake]:
    """A mistake for each value of the design that this version does not have."""
    for pattern, thing in NOT_BUILT_VALUES.items():
        for key, value in _matching(table, pattern.split("."), ()):
            if value == "mailbox" and pattern == "transports.*.kind":
                yield Mistake(key, "has no such kind", 'a mailbox is kind = "imap"')
            elif not _is_built(pattern, value):
                yield _missing(key, thing)


def _missing(key: str, thing: str) -> Mistake:
    return Mistake(key, f"{thing} is not built yet", "leave it out, or take a default")


def _is_built(pattern: str, value: object) -> bool:
    """Whether the models may judge it: it is built, or no word of the design at all."""
    if pattern == "node.doors":
        return not isinstance(value, int) or value < 2
    return isinstance(value, str) and value.split(":")[0] not in _DESIGNED


def _matching(
    table: Any, pattern: list[str], done: tuple[str, ...]
) -> Iterator[tuple[str, object]]:
    if not pattern:
        yield ".".join(done), table
    elif isinstance(table, Mapping):
        for key in table if pattern[0] == "*" else [pattern[0]]:
            if key in table:
                yield from _matching(table[key], pattern[1:], (*done, str(key)))


def crossed(settings: Settings, table: Mapping[str, Any]) -> Iterator[Mistake]:
    """What only shows when sections are held against each other.

    ``table`` is the file as it was written: a section with a mistake in it may be missing in
    ``settings``, and is there nevertheless.
    """
    yield from _twice(settings)
    yield from _at_one_port(settings)
    yield from _untold(settings)
    yield from wrong_budgets(settings.destinations)
    yield from wrong_routes(settings, table)
    yield from wrong_windows(settings, table)
    yield from wrong_fallbacks(settings, table)
    yield from wrong_canaries(settings, table)
    yield from wrong_desk(settings, table)
    yield from wrong_roles(settings, table)
    yield from wrong_folders(settings)
    served = {*names_in(table, "destinations"), "page"}
    channels = names_in(table, "channels")
    for name, channel in settings.channels.items():
        for destination in channel.destinations:
            if destination not in served:
                key = f"channels.{name}.destinations"
                yield Mistake(key, "names no destination", "add [destinations.NAME] or mend it")
        if channel.delay[0] > channel.delay[1]:
            yield Mistake(f"channels.{name}.delay", "is upside down", "write the shorter one first")
    for name, transport in settings.transports.items():
        yield from _unknown_channels(f"transports.{name}", transport, channels)
        yield from transport.mistakes(f"transports.{name}", table)
    yield from _inside_data(settings)
    yield from _alarms(settings, served)


def _alarms(settings: Settings, served: set[str]) -> Iterator[Mistake]:
    """Alarms go where the public does not read."""
    public = {name for channel in settings.channels.values() for name in channel.posts_to}
    for name in settings.alarms.to if settings.alarms is not None else ():
        written = settings.destinations.get(name)
        if name not in served:
            yield Mistake("alarms.to", "names no destination", "add [destinations.NAME] or mend it")
        elif name in public or name == "page":
            yield Mistake("alarms.to", "names what the public reads", "name one of no channel")
        elif written is not None and written.bridge == "feed":
            yield Mistake("alarms.to", "names a page of items", "name another kind of destination")


def _inside_data(settings: Settings) -> Iterator[Mistake]:
    """What opens the messages must not lie beside them: a copy of the one would be of both."""
    data = Path(os.path.normpath(settings.data))
    secret = {"keys": settings.keys, "passphrase_file": settings.at(settings.node.passphrase_file)}
    for key, path in secret.items():
        lies_at = Path(os.path.normpath(path))
        if lies_at == data or data in lies_at.parents:
            yield Mistake(f"node.{key}", "lies inside node.data", "keep it beside that folder")


def _twice(settings: Settings) -> Iterator[Mistake]:
    seen: set[str] = {"relay", "send", "http", "desk"}  # what we call our own
    always = {"page": "destinations", DIRECT: "routes"}  # these two exist, written or not
    for section in (
        "channels",
        "transports",
        "destinations",
        "windows",
        "routes",
        "peers",
        "links",
    ):
        for name in getattr(settings, section):
            if name in seen or always.get(name, section) != section:
                yield Mistake(f"{section}.{name}", "is a name used twice", "choose another")
            seen.add(name)


def _at_one_port(settings: Settings) -> Iterator[Mistake]:
    """Two that listen at one address: the second would end the start."""
    listening = {"http": settings.http.listen} if settings.http is not None else {}
    seen = {at for at in listening.values() if at[1]}  # port 0: the system chooses
    if settings.desk is not None and settings.desk.listen[1]:
        if settings.desk.listen in seen:
            why = "is where another part of this file listens"
            yield Mistake("desk.listen", why, "choose another port")
        seen.add(settings.desk.listen)
    for name, link in settings.links.items():
        at = link.listens()
        if at is not None and at[1] and at in seen:
            why = "is where another part of this file listens"
            yield Mistake(f"links.{name}.listen", why, "choose another port")
        seen |= {at} if at is not None else set()
    for name, transport in settings.transports.items():
        at = transport.listens()
        if at is not None and at[1] and at in seen:
            why = "is where another part of this file listens"
            yield Mistake(f"transports.{name}.listen", why, "choose another port")
        seen |= {at} if at is not None else set()


def _unknown_channels(key: str, transport: WayIn, channels: set[str]) -> Iterator[Mistake]:
    for channel, where in transport.to_channels().items():
        if channel not in channels:
            yield Mistake(f"{key}.{where}", "names no channel", "add [channels.NAME] or mend it")


def _untold(settings: Settings) -> Iterator[Mistake]:
    """What keeps a public transport from being told of on ``/send``."""
    public = {name: one for name, one in settings.transports.items() if one.public}
    for name, transport in public.items():
        yield from _untold_of(f"transports.{name}", transport)
    if sum(len(one.told()) for one in public.values()) > MOST_WAYS:
        why = f"name more than {MOST_WAYS} ways in to the public"
        yield Mistake("transports", why, "name fewer with shown, or take a public away")


def _untold_of(key: str, transport: WayIn) -> Iterator[Mistake]:
    told = transport.told()
    if not told:
        yield Mistake(f"{key}.public", "has nothing to show", transport.to_show)
    if not all(can_be_shown(one) for one in told):
        why = "has what cannot be shown"
        yield Mistake(f"{key}.public", why, "use printable characters without blanks, at most 254")


_KINDS = {
    section: " or ".join(f'"{kind}"' for kind in kinds)
    for section, kinds in (("transports", KINDS), ("links", LINK_KINDS))
}

_SAID = {
    "extra_forbidden": ("is not a key we know", "look for a misspelling, or take it out"),
    "missing": ("is missing", "add it"),
    "too_short": ("is empty", "name at least one"),
    "too_long": ("is too long", "name fewer"),
}  # fmt: skip


def mistake_of(error: ErrorDetails) -> Mistake:
    """Our words for pydantic's: its own messages may quote what was written."""
    parts = [str(part) for part in error["loc"] if part != "[key]"]
    kinds = {"transports": KINDS, "links": LINK_KINDS}.get(parts[0] if parts else "", ())
    if len(parts) > 2 and parts[2] in kinds:
        del parts[2]  # the member of the union, which is no key of the file
    kind, context = error["type"], error.get("ctx", {})
    of_several = [part for part in parts if "[" in part]  # one of the types that a value may have
    parts = [part for part in parts if part not in of_several]
    if kind.startswith("union_tag_"):
        parts.append("kind")
    key = ".".join(parts) or "(file)"
    if kind.startswith("union_tag_"):
        these = _KINDS.get(parts[0], "another")
        if kind == "union_tag_invalid":
            return Mistake(key, "has no such kind", f"use {these}")
        return Mistake(key, "has no kind", f"add kind = {these}")
    if kind == "value_error":
        return Mistake(key, "cannot be used", str(context.get("error", "")))
    if kind == "literal_error":
        return Mistake(key, "is none of the values it may have", f"use {context['expected']}")
    if kind in ("greater_than_equal", "less_than_equal"):
        bound = context.get("ge", context.get("le"))
        side = "least" if "ge" in context else "most"
        return Mistake(key, "is out of its range", f"use at {side} {bound}")
    wanted = _wanted("" if of_several and kind in ("tuple_type", "dict_type") else kind)
    what, remedy = _SAID.get(kind, ("has the wrong type", f"it should be {wanted}"))
    return Mistake(key, what, remedy)


def _wanted(kind: str) -> str:
    return {
        "string_type": "a text in quotes",
        "int_type": "a whole number",
        "bool_type": "true or false",
        "dict_type": "a table",
        "model_type": "a table",
        "model_attributes_type": "a table",
        "tuple_type": "a list",
    }.get(kind, "written as in relay.toml.example")


def warnings(settings: Settings) -> list[tuple[str, str]]:
    """Each unsafe choice as (key, what it means): named at every start."""
    said = unfinished_peers(settings)
    for name, channel in settings.channels.items():
        key = f"channels.{name}"
        if channel.review == "none":
            said.append((f"{key}.review", "nobody reads a message before the world does"))
        if channel.review == "unknown":
            why = "who knows a code word is published unread: from whom it was learnt nobody sees"
            said.append((f"{key}.review", why))
        if channel.media_review == "none":
            why = "nobody sees a picture or a film before the world does: no check finds faces"
            said.append((f"{key}.media_review", why))
        if channel.withdraw == "at once":
            why = "who has the code of a post, by whatever means, takes it down: nobody is asked"
            said.append((f"{key}.withdraw", why))
        if channel.delay[0] < 60:
            said.append((f"{key}.delay", "a post appears at once: who watches can time its sender"))
        if channel.danger == "off":
            said.append((f"{key}.danger", "numbers and addresses in a text are published"))
        if channel.danger == "mark" and channel.review == "none":
            said.append((f"{key}.danger", "what is found is only marked, and nobody looks first"))
        if channel.danger == "off" and channel.danger_words_file:
            said.append((f"{key}.danger_words_file", "its words are not looked for: danger is off"))
        if "page" not in channel.destinations:
            said.append((f"{key}.destinations", "without the page nothing here is our own"))
    for name, transport in settings.transports.items():
        said += transport.unsafe(f"transports.{name}")
    page = settings.destinations.get("page")
    if page is not None and page.rest.get("tick") in ("0s", "0m", "0h", "0d"):
        said.append(("destinations.page.tick", "items appear one by one: their times can be told"))
    for name, destination in settings.destinations.items():
        if destination.untested:
            why = "what posts here may never have been tried against its platform: watch it"
            said.append((f"destinations.{name}.untested", why))
        if destination.allow_unconfined:
            why = "where this machine cannot confine it, code of others reads all that the node can"
            said.append((f"destinations.{name}.allow_unconfined", why))
    said += unsafe_canaries(settings)
    said += unsafe_routes(settings)
    said += unsafe_desk(settings)
    said += warned_of_links(settings)
    if settings.https and settings.http and is_loopback(settings.http.listen[0]):
        why = "with [tls] it speaks HTTPS here: a proxy in front that speaks HTTP needs http.behind"
        said.append(("http.listen", why))
    if settings.node.role == "both":
        said.append(("node.role", "this node both accepts and opens: who seizes it gets both"))
    return said
