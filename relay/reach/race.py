"""The addresses of a host, tried one soon after the other (RFC 8305): a filter that swallows all
packets to one of them, or a network without IPv6, costs a quarter of a second and no more."""

from __future__ import annotations

import socket
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from itertools import zip_longest
from typing import Final, TypeVar

import anyio
import anyio.to_thread

from relay.reach.failing import Unreached, is_address, is_odd, kind_of, most_telling
from relay.reach.loopback import is_loopback
from relay.rules.routes import Failure

T = TypeVar("T")

HEAD_START_S: Final = 0.25
"""RFC 8305, 5."""

MOST_ADDRESSES: Final = 8


async def reached(
    host: str,
    port: int,
    within_s: float,
    connect: Callable[[str], Awaitable[T]],
    close: Callable[[T], Awaitable[object]],
) -> tuple[T, bool]:
    """A connection to a host, by whichever of its addresses, and whether these are odd (see
    ``failing.is_odd``). ``connect`` makes one to an address. Raises Unreached."""
    until = anyio.current_time() + within_s
    with in_time(within_s, "dns"):
        addresses = await addresses_of(host, port)
    odd = any(is_odd(host, address) for address in addresses)
    try:
        with in_time(until - anyio.current_time(), "timed out"):
            return await first_of(addresses, connect, close), odd
    except Unreached:
        if odd:
            raise Unreached("dns") from None
        raise


@contextmanager
def in_time(within_s: float, failure: Failure) -> Iterator[None]:
    """Raise Unreached, for this reason, where it takes longer."""
    try:
        with anyio.fail_after(max(0.0, within_s)):
            yield
    except TimeoutError:
        raise Unreached(failure) from None


async def addresses_of(host: str, port: int) -> Sequence[str]:
    """What the system's resolver says, families in turn (RFC 8305, 4); of a name of this machine
    what is true, since it is spoken to in clear. Raises Unreached."""
    if is_address(host):
        return [host]
    try:
        found = await resolved(host, port)
    except (OSError, UnicodeError):
        raise Unreached("dns") from None
    families: dict[int, list[str]] = {}
    for family, address in found:
        families.setdefault(family, []).append(address)
    turns = zip_longest(*families.values())
    in_turn = dict.fromkeys(one for turn in turns for one in turn if can_be(host, one))
    if not in_turn:
        raise Unreached("dns")
    return list(in_turn)[:MOST_ADDRESSES]


async def resolved(host: str, port: int) -> Sequence[tuple[int, str]]:
    """Families and addresses, as the system's resolver gives them. Raises OSError or UnicodeError.

    Not by the loop: asyncio's has as few as five threads for all that a door does in one, and where
    a filter swallows what is asked a look-up keeps its own for half a minute.
    """
    ask = partial(socket.getaddrinfo, host, port, type=socket.SOCK_STREAM)
    found = await anyio.to_thread.run_sync(ask, abandon_on_cancel=True)
    return [(family, str(at[0])) for family, *_, at in found]


def can_be(host: str, address: str | None) -> bool:
    """Whether a connection to this host may be made to this address."""
    return address is not None and (is_loopback(address) or not is_loopback(host))


async def first_of(
    addresses: Sequence[str],
    connect: Callable[[str], Awaitable[T]],
    close: Callable[[T], Awaitable[object]],
) -> T:
    """The first connection that is had; others are closed. Raises Unreached."""
    won: list[T] = []
    failures: list[Failure] = []

    async def attempt(address: str, failed: anyio.Event) -> None:
        try:
            made = await connect(address)
        except Exception as error:
            failures.append(kind_of(error))
            failed.set()
        else:
            won.append(made)
            group.cancel_scope.cancel()

    try:
        async with anyio.create_task_group() as group:
            for address in addresses:
                failed = anyio.Event()
                group.start_soon(attempt, address, failed)
                with anyio.move_on_after(HEAD_START_S):
                    await failed.wait()
    except BaseException:
        await _closed(won, close)
        raise
    await _closed(won[1:], close)
    if not won:
        raise Unreached(most_telling(failures))
    return won[0]


async def _closed(made: Sequence[T], close: Callable[[T], Awaitable[object]]) -> None:
    with anyio.CancelScope(shield=True):
        for one in made:
            await close(one)
