"""Users of a desk: who has added them, and what stands on their telephones."""

from __future__ import annotations

from base64 import b32decode
from collections.abc import AsyncGenerator, Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from relay.config.sections import DeskAt
from relay.node.desk.people import People
from relay.spool.memory import MemorySpool
from relay.wire import totp
from relay.wire.keys import make_exit_keys
from relay.wire.primitives import Argon2

START = 1_800_000_000
KEYS = make_exit_keys()
CHEAP = Argon2(8 * 1024, 1, 1)
PASSPHRASE = "seven grey herons wade"


class Hands:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.at = START

    def now(self) -> int:
        return self.at


class Office:
    """A node, as far as people see it: what it was told to do, and by whom."""

    def __init__(self, at: Path, keeps: Mapping[str, Any] | None = None) -> None:
        self.clock = Hands()
        self.spool = MemorySpool(self.clock)
        self.settings: Any = SimpleNamespace(
            data=at / "data",
            keys=at / "keys",
            desk=DeskAt.model_validate(keeps or {}),
        )
        (at / "data").mkdir(exist_ok=True)
        self.done: list[Mapping[str, Any]] = []
        self.secrets: dict[str, bytes] = {}
        self.begin()

    def begin(self, *, unlocked: bool = True) -> None:
        """The core starts, or starts again."""
        self.people = People(self, self._answers, lambda: False, CHEAP)
        if unlocked:
            self.people.unlock(KEYS)

    async def _answers(self, order: Mapping[str, Any]) -> AsyncGenerator[Mapping[str, Any], None]:
        self.done.append(order)
        yield {"done": order["do"]}
        yield {"by": order["by"]}

    async def ask(self, do: str, **more: Any) -> Any:
        """The last answer to an order of the desk."""
        last = None
        async for answer in self.people.answers({"do": do, **more}):
            last = answer
        return last

    async def order(self, do: str, **more: Any) -> Any:
        """The last answer to an order at the terminal."""
        last = None
        async for answer in self.people.terminal({"do": do, **more}):
            last = answer
        return last

    async def has(self, handle: str, *roles: str) -> None:
        """A user who has joined."""
        linked = await self.order("users", add=handle, roles=list(roles or ("editor",)))
        await self.join(linked["link"])

    async def takes_up(self, link: str) -> str:
        """Whoever has the link has an authenticator take up the secret; gives their handle."""
        told = await self.ask("joining", link=link)
        self.secrets[told["handle"]] = b32decode(told["secret"])
        handle: str = told["handle"]
        return handle

    async def join(self, link: str) -> Any:
        """Whoever has the link does what its page says."""
        code = self.code(await self.takes_up(link))
        return await self.ask("join", link=link, passphrase=PASSPHRASE, code=code)

    def code(self, handle: str, steps: int = 0) -> str:
        """What the telephone of a user shows, a step later or earlier."""
        return totp.code(self.secrets[handle], self.clock.at // totp.STEP_S + steps)

    async def enters(self, handle: str, **more: Any) -> Any:
        """What a user is told who signs in; half a minute later, so that there is a new code."""
        self.clock.at += totp.STEP_S
        shown = {"name": handle, "passphrase": PASSPHRASE, "code": self.code(handle), **more}
        return await self.ask("sign-in", **shown)

    async def session(self, handle: str, *roles: str) -> str:
        """The session of a user who is added for it."""
        await self.has(handle, *roles)
        session: str = (await self.enters(handle))["session"]
        return session

    async def entries(self) -> list[tuple[str, str]]:
        """Who did what, oldest first."""
        found = [one async for one in self.people.terminal({"do": "audit"})]
        return [(one["handle"], one["deed"]) for one in reversed(found)]
