"""The node that ``relay bundle`` is given for: its core, its link key, and its peers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from relay.cli.bundle.core import Core
from relay.cli.common import control_of
from relay.cli.owner import as_owner_of
from relay.config import load
from relay.errors import Asked, OutwordError
from relay.keyfiles import read_secret
from relay.links.port import Peer
from relay.wire.keys import read_link_file
from relay.wire.linkkeys import LinkKey, link_key, link_key_of


class NoPeers(OutwordError):
    """This node has no peer: add [peers.NAME] to its relay.toml."""

    exit_code = 78


@dataclass(frozen=True, slots=True, repr=False)
class Own:
    """``seed`` is that of its link key, of which ``key`` is the public half."""

    core: Core
    seed: bytes
    key: LinkKey
    peers: tuple[Peer, ...]

    @property
    def by_key(self) -> dict[bytes, Peer]:
        """All peers by their public link keys."""
        return {one.key.public: one for one in self.peers}

    def meant(self, only: str | None) -> Sequence[Peer]:
        """The peer of that name; all of them for None. Raises Asked."""
        meant = [one for one in self.peers if only in (None, one.name)]
        if not meant:
            raise Asked(f"there is no peer of that name: {', '.join(p.name for p in self.peers)}")
        return meant


def own_of(path: Path) -> Own:
    """The node of a settings file. Raises SettingsError, KeyFileError and NoPeers."""
    settings = load(path)
    peers = tuple(Peer(name, link_key(one.link)) for name, one in settings.peers.items())
    if not peers:
        raise NoPeers
    with as_owner_of(settings.keys):
        seed = read_link_file(read_secret(settings.keys / "link.key"))
    return Own(Core(control_of(settings)), seed, link_key_of(seed), peers)
