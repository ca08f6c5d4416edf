"""Each bridge of ours in a process that is kept to what its outlet is granted: twice, as if it had
been restarted. It has all that it needs, keeps what it has to keep, and reaches no other secret."""

from __future__ import annotations

import os
import re
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import trio
from stands import (
    apprise,
    blogger,
    bluesky,
    discord,
    email_list,
    facebook,
    mastodon,
    matrix,
    nostr,
    peertube,
    slack,
    telegram,
    wordpress,
    x,
    youtube,
)

from bridges import kit
from relay.cli.going_out import started
from relay.config import Settings, load
from relay.confine import Grants, confine, libraries, possible
from relay.node.confined import keep_to
from relay.node.granted import granted_to, make_pages, make_sessions
from relay.plugins import bridges, session_of
from relay.plugins.found import candidates
from relay.plugins.sessions import OF_OURS
from relay.testing.journey import VirtualClock
from relay.testing.loopback import on_loopback
from relay.testing.recorder import Recorder
from relay.testing.stand import Stand, secret

ROOT = Path(__file__).parent.parent.parent

pytestmark = pytest.mark.skipif(not possible().enough, reason="this kernel cannot confine")


@asynccontextmanager
async def _webhook(clock: VirtualClock, folder: Path) -> AsyncIterator[Stand]:
    async with on_loopback(Recorder(keys=False)) as platform:
        token = secret(folder, "token", "a-token")
        yield Stand(platform, {"url": f"{platform.base}/in", "token_file": token}, ())


@asynccontextmanager
async def _own_folder(clock: VirtualClock, folder: Path) -> AsyncIterator[Stand]:
    (folder / "out").mkdir()
    yield Stand(None, {"folder": str(folder / "out")}, ())


BEFORE: dict[str, tuple[str, Callable[[VirtualClock, Path], Any]]] = {
    "apprise": ("apprise", apprise.stand),
    "blogger": ("blogger", blogger.stand),
    "bluesky": ("bluesky", bluesky.stand),
    "discord": ("discord", discord.stand),
    "email": ("email", email_list.stand),
    "facebook": ("facebook", facebook.stand),
    "feed": ("feed", _own_folder),
    "folder": ("folder", _own_folder),
    "mastodon": ("mastodon", mastodon.stand),
    "matrix": ("matrix", matrix.stand),
    "matrix with a token": ("matrix", matrix.with_a_token),
    "nostr": ("nostr", nostr.stand),
    "peertube": ("peertube", peertube.stand),
    "slack": ("slack", slack.bot),
    "slack by a hook": ("slack", slack.webhook),
    "telegram": ("telegram", telegram.blind),
    "webhook": ("webhook", _webhook),
    "wordpress": ("wordpress", wordpress.stand),
    "x": ("x", x.stand),
    "x with a token": ("x", x.with_a_token),
    "youtube": ("youtube", youtube.stand),
}


def written(bridge: str, stand: Stand, folder: Path) -> None:
    """The settings of a node with this destination, and a secret of another."""
    values = "\n".join(f"{key} = {_toml(value)}" for key, value in stand.settings.items())
    ca = f'ca_file = "{stand.authority}"\n' if stand.authority else ""
    budget = "money_per_day = 5.0\n" if bridge == "x" else ""
    (folder / "relay.toml").write_text(
        '[node]\nname = "n1"\n[channels.news]\ndestinations = ["it"]\n'
        f'[destinations.it]\nbridge = "{bridge}"\n{ca}{budget}{values}\n'
    )
    secret(folder, "of-another", "not for it")


def _toml(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(map(_toml, value))}]"
    return str(value) if isinstance(value, int) else f'"{value}"'


def lives(file: Path, kept: dict[str, object]) -> str:
    """Confined, as an outlet is: what is wrong, if anything is."""
    settings = load(file)
    served = {"it": settings.destinations["it"]}
    [one] = candidates(served["it"].bridge)
    one.load()
    make_pages(served, settings.base)
    make_sessions(served, settings)
    granted = granted_to("outlet", settings, served)
    keep_to(granted)
    return trio.run(_checked, settings, kept)


async def _checked(settings: Settings, kept: dict[str, object]) -> str:
    one = settings.destinations["it"]
    async with started("it", one, settings) as there:
        health, _ = await there.health()
    if health.trouble:
        return health.trouble
    room = session_of(one, settings)
    if room is not None:
        session = kit.Session(str(room).removesuffix(kit.session.ENDING))
        held = session.load()
        if not kept.items() <= held.items():
            return "what was kept is gone"
        await session.store({**held, "kept": "by a confined process"})
        if session.load() != {**held, "kept": "by a confined process"}:
            return "what was stored cannot be read"
    return _reaches_others(settings.base)


def _reaches_others(base: Path) -> str:
    for flags in (os.O_RDONLY, os.O_WRONLY):
        try:
            os.close(os.open(base / "of-another", flags))
        except PermissionError:
            continue
        return "it reaches a secret of another"
    try:
        (base / "of-another").unlink()
    except PermissionError:
        return ""
    return "it removes a secret of another"


class Life:
    """A process that waits to be told of its settings, forked while there is no thread of trio."""

    def __init__(self, kept: dict[str, object]) -> None:
        heard, self._tell = os.pipe()
        self._said, says = os.pipe()
        self.pid = os.fork()
        if self.pid == 0:
            os.close(self._tell)
            os.close(self._said)
            said = "it failed"
            try:
                file = os.read(heard, 4096).decode()
                said = lives(Path(file), kept) if file else ""
            except BaseException as error:
                said = f"{type(error).__name__}: {error}"
            finally:
                os.write(says, said.encode()[:4096])
                os._exit(0)
        os.close(heard)
        os.close(says)

    def lived(self, file: Path) -> str:
        os.write(self._tell, str(file).encode())
        return os.read(self._said, 4096).decode()

    def ended(self) -> None:
        os.close(self._tell)
        os.waitpid(self.pid, 0)
        os.close(self._said)


@pytest.mark.parametrize("name", BEFORE)
def test_a_confined_bridge_has_what_it_needs_and_keeps_what_it_must(
    name: str, tmp_path: Path
) -> None:
    bridge, stand = BEFORE[name]
    kept = {"kept": "by a confined process"} if bridge in OF_OURS else {}
    first, second = Life({}), Life(kept)

    async def before_it() -> None:
        async with stand(VirtualClock(int(time.time())), tmp_path) as there:
            written(bridge, there, tmp_path)
            file = tmp_path / "relay.toml"
            with trio.fail_after(30):
                assert await trio.to_thread.run_sync(first.lived, file) == ""
                assert await trio.to_thread.run_sync(second.lived, file) == ""

    try:
        trio.run(before_it)
    finally:
        first.ended()
        second.ended()


@pytest.mark.parametrize(("own", "said"), [("own", ""), ("", "PermissionError")])
def test_a_plug_in_of_others_keeps_its_session_in_its_folder_and_nowhere_else(
    own: str, said: str, tmp_path: Path
) -> None:
    (tmp_path / "own").mkdir()
    token = secret(tmp_path, "token", "a token")
    granted = Grants((*libraries(), Path(token)), writes=(tmp_path / "own",), by_name=False)
    told, tells = os.pipe()
    if (pid := os.fork()) == 0:
        why = "it failed"
        try:
            confine(granted)
            session = kit.Session(token, own and str(tmp_path / own))
            trio.run(session.store, {"refresh": "r"})
            why = "" if session.load() == {"refresh": "r"} else "it cannot be read"
        except BaseException as error:
            why = type(error).__name__
        finally:
            os.write(tells, why.encode())
            os._exit(0)
    os.close(tells)
    with open(told) as heard:
        assert heard.read() == said
    os.waitpid(pid, 0)


def test_every_bridge_of_ours_is_tried() -> None:
    assert {bridge for bridge, _ in BEFORE.values()} == {one.name for one in bridges() if one.ours}


def test_every_bridge_of_ours_that_keeps_a_session_is_granted_its_folder() -> None:
    keeping = set()
    for one in bridges():
        [found] = candidates(one.name)
        text = (ROOT / found.load().__module__.replace(".", "/")).with_suffix(".py").read_text()
        for package in set(re.findall(r"^from bridges\.([\w.]+) import", text, re.M)) - {"kit"}:
            inside = ROOT / "bridges" / package.replace(".", "/")
            text += "".join(file.read_text() for file in inside.glob("*.py"))
        if "kit.Session(" in text:
            keeping.add(one.name)
    assert keeping == set(OF_OURS)
