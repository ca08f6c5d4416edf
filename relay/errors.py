"""The ways Outword says no. The docstring of each exception is the sentence an operator reads.

Raised for what the caller cannot have wanted; what happens every day (a repeat, a full queue, a
busy platform) is a value in ``relay.model``. No exception here carries a text, an address, a
number or a secret: what it is raised with is made of our own words, names from ``relay.toml`` and
counts.
"""

from __future__ import annotations

from dataclasses import dataclass


class OutwordError(Exception):
    """Something went wrong inside the relay."""

    exit_code = 70  # EX_SOFTWARE, sysexits(3)

    def __str__(self) -> str:
        said = super().__str__()
        return said or " ".join((type(self).__doc__ or "").split())


class Damaged(OutwordError):
    """These bytes are damaged, or are not what they claim to be: they were set aside."""

    exit_code = 65


class NotMine(Damaged):
    """This envelope is sealed to keys that this node does not hold."""


class TooLarge(OutwordError):
    """This is larger than the largest envelope: send it in pieces."""

    exit_code = 65


class KeyFileError(OutwordError):
    """A key file cannot be used: look at its path, owner and mode (0600), or restore a backup."""

    exit_code = 78


class WrongPassphrase(KeyFileError):
    """The passphrase does not open exit.key: try again, it is never changed by the relay."""


class SpoolFull(OutwordError):
    """The disk is full: nothing new is accepted until there is room; free some space."""

    exit_code = 74


class SpoolBroken(OutwordError):
    """The disk reported an error: this process accepts no more and a new one reads the disk."""

    exit_code = 74


class Busy(OutwordError):
    """Another relay runs on this folder: stop it first, or wait until its last send has ended."""

    exit_code = 73


class CannotMake(OutwordError):
    """A folder or a file of the node cannot be made: look at the place and who may write there."""

    exit_code = 73


class NoNode(OutwordError):
    """No relay runs here: start it with `systemctl start outword`, or with `relay run` where it is
    no service, or name its file with `-c relay.toml`."""

    exit_code = 69


class Asked(OutwordError):
    """The node understood the command and will not do it."""

    exit_code = 65


@dataclass(frozen=True, slots=True)
class Mistake:
    """One thing that is wrong in ``relay.toml``: where, what, and what to do. Never a value.
    The key ``(file)`` is the file itself."""

    key: str
    what: str
    remedy: str

    @property
    def said(self) -> str:
        """Where and what; of the file itself only what, since its name stands before it."""
        return self.what if self.key == "(file)" else f"{self.key}: {self.what}"

    def __str__(self) -> str:
        return f"{self.said}; {self.remedy}"


class SettingsError(OutwordError):
    """The settings cannot be used."""

    exit_code = 78

    def __init__(self, file: str, mistakes: tuple[Mistake, ...]) -> None:
        self.file = file
        self.mistakes = mistakes
        super().__init__("\n".join(f"{file}: {m}" for m in mistakes) or None)
