"""A window that an operator adds by command, checked as one of the settings is."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from pydantic import ValidationError

from relay.config.checks import mistake_of
from relay.config.reaching import Window as Written
from relay.config.sections import Settings
from relay.config.values import NAME
from relay.config.window_times import NO_ZONE, NOW
from relay.config.windows_checks import around, made, wrong_window
from relay.errors import Mistake
from relay.model import Instant
from relay.rules.windows import Once, Window, next_period

_IN_ITS_PLACE = {"destinations": ["nowhere"], "from": NOW, "until": "+1m"}
"""For what is wrong or missing, so that the rest can be checked; of this nothing is told."""


def added(
    name: str,
    given: Mapping[str, object],
    settings: Settings,
    now: Instant,
    reached: Collection[str],
) -> Window | tuple[Mistake, ...]:
    """The window, or all that is wrong with it, by the keys of the settings. ``given`` has those
    keys; ``from`` may be "now". ``reached`` are the destinations that the node posts to."""
    written, mistakes = _sound(given)
    wrong = {one.key.split(".")[0] for one in mistakes}
    wrong |= {"to"} & set(given) if "do" in wrong else set()  # who knows what was meant
    window = made(name, written, now)
    later = [*_wrong_name(name, settings), *wrong_window(written, around(settings))]
    later += _unreached(written, reached, {one.key for one in later})
    if wrong & {"from", "until"}:  # a length from now on, if that was meant, needs none
        later += [] if written.zone or given.get("from") == NOW else [NO_ZONE]
    elif isinstance(window, Mistake):
        later.append(window)
    elif _is_over(window, now):
        later.append(Mistake("until", "is over already", "mend the one or the other"))
    mistakes += [one for one in later if one.key not in wrong]
    return tuple(mistakes) if mistakes or isinstance(window, Mistake) else window


def _unreached(
    written: Written, reached: Collection[str], told: Collection[str]
) -> Iterator[Mistake]:
    """What is in the settings, and nothing is posted to: who reads them again makes it so."""
    remedy = "name it in a channel first, and reload the node"
    if "destinations" not in told and not set(written.destinations) <= set(reached):
        yield Mistake("destinations", "name what no channel posts to", remedy)
    if written.to and "to" not in told and written.to not in reached:
        yield Mistake("to", "names what no channel posts to", remedy)


def _sound(given: Mapping[str, object]) -> tuple[Written, list[Mistake]]:
    """What can be read of it, and what cannot."""
    try:
        return Written.model_validate(given), []
    except ValidationError as error:
        errors = error.errors(include_input=False, include_url=False)
    wrong = {str(one["loc"][0]) for one in errors}
    rest = {key: value for key, value in given.items() if key not in wrong}
    return Written.model_validate({**_IN_ITS_PLACE, **rest}), list(
        dict.fromkeys(map(mistake_of, errors))
    )


def _is_over(window: Window, now: Instant) -> bool:
    times = window.times
    return times.ends <= now if isinstance(times, Once) else next_period(window, now) is None


def _wrong_name(name: str, settings: Settings) -> Iterator[Mistake]:
    if not NAME.fullmatch(name):
        remedy = "use lower-case letters, digits, - and _, at most 32"
        yield Mistake("name", "is no name", remedy)
    elif name in taken(settings):
        yield Mistake("name", "is used in the settings", "choose another")


def taken(settings: Settings) -> frozenset[str]:
    """Names that no added window may have: a name has one meaning."""
    sections = (
        settings.channels,
        settings.transports,
        settings.destinations,
        settings.routes,
        settings.windows,
    )
    ours = {"relay", "send", "http", "page", "direct"}
    return frozenset(ours.union(*sections))
