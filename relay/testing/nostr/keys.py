"""Keys of Nostr: a number that signs (BIP-340), and the two ways in which it is written down."""

from __future__ import annotations

from dataclasses import dataclass, field
from secrets import token_bytes
from typing import Final

from coincurve import PrivateKey, PublicKeyXOnly

LETTERS: Final = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
GENERATORS: Final = (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)


@dataclass(frozen=True, slots=True)
class Key:
    """A secret key, made at random unless it is given. Equal secrets are equal keys."""

    secret: str = field(default_factory=lambda: token_bytes(32).hex(), repr=False)

    @property
    def pubkey(self) -> str:
        """The account: the x of the public point, in hex."""
        return PublicKeyXOnly.from_secret(bytes.fromhex(self.secret)).format().hex()

    @property
    def nsec(self) -> str:
        """The secret as NIP-19 writes it down."""
        return bech32("nsec", bytes.fromhex(self.secret))

    @property
    def npub(self) -> str:
        """The account as NIP-19 writes it down."""
        return bech32("npub", bytes.fromhex(self.pubkey))

    def sign(self, id: str) -> str:
        """The signature of an event's id, another one each time."""
        return PrivateKey(bytes.fromhex(self.secret)).sign_schnorr(bytes.fromhex(id)).hex()


def verified(pubkey: str, id: str, sig: str) -> bool:
    """Whether this account signed this id. All three in hex of the right length."""
    try:
        point = PublicKeyXOnly(bytes.fromhex(pubkey))
    except ValueError:
        return False  # no point of the curve has this x
    return point.verify(bytes.fromhex(sig), bytes.fromhex(id))


def bech32(prefix: str, content: bytes) -> str:
    """BIP-173: five bits a letter, and six letters that tell a slip of the pen."""
    bits = "".join(f"{byte:08b}" for byte in content)
    bits += "0" * (-len(bits) % 5)
    values = [int(bits[at : at + 5], 2) for at in range(0, len(bits), 5)]
    named = [ord(one) >> 5 for one in prefix] + [0] + [ord(one) & 31 for one in prefix]
    check = _polymod([*named, *values, 0, 0, 0, 0, 0, 0]) ^ 1
    values += [check >> 5 * (5 - place) & 31 for place in range(6)]
    return f"{prefix}1" + "".join(LETTERS[value] for value in values)


def _polymod(values: list[int]) -> int:
    made = 1
    for value in values:
        top = made >> 25
        made = (made & 0x1FFFFFF) << 5 ^ value
        for place, generator in enumerate(GENERATORS):
            if top >> place & 1:
                made ^= generator
    return made
