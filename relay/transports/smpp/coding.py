"""``data_coding``: in which alphabet a text is written (SMPP 3.4, 5.2.19; 3GPP TS 23.038, 4). Pure.

Sixteen values are SMPP's own. Above them many centres hand on what the network wrote, and there the
upper bits say a message class or a waiting voice mail, and two of the lower ones the alphabet.
"""

from __future__ import annotations

from typing import Final, Literal

Default = Literal["gsm", "latin1"]
"""What a centre means by 0, its own default: GSM 03.38 with a septet in each octet, or Latin-1."""

BINARY: Final = "binary"
"""Ring tones, settings, WAP: nothing that a person wrote."""

WAITING: Final = "waiting"
"""A voice mail, a fax or a mail waits: told by the network."""

GSM, UCS2 = "gsm", "ucs2"

_OF_SMPP: Final = {
    1: "latin-1",  # IA5: what is more than ASCII is not in it, and is kept
    2: BINARY,
    3: "latin-1",
    4: BINARY,
    5: "shift_jis",
    6: "iso8859-5",
    7: "iso8859-8",
    8: UCS2,
    9: BINARY,  # pictograms
    10: "iso2022_jp",
    11: UCS2,  # 11, 12 and 15 are reserved: read as 23.038 has their bits, so that nothing is lost
    12: GSM,
    13: "euc_jp",
    14: "euc_kr",
    15: GSM,
}
_OF_GSM: Final = (
    GSM,
    BINARY,
    UCS2,
    GSM,
)  # the last is reserved: "shall be assumed to be" the first


def alphabet(data_coding: int, default: Default) -> str:
    """``GSM``, ``UCS2``, ``BINARY``, ``WAITING``, or the name of a codec of Python's."""
    if data_coding == 0:
        return GSM if default == "gsm" else "latin-1"
    if data_coding < 0x10:
        return _OF_SMPP.get(data_coding, BINARY)
    if data_coding < 0x80:  # general, and marked for deletion: bit 5 says that it is compressed
        return BINARY if data_coding & 0x20 else _OF_GSM[data_coding >> 2 & 3]
    if 0xC0 <= data_coding < 0xF0:
        return WAITING
    if data_coding >= 0xF0:
        return BINARY if data_coding & 4 else GSM
    return GSM  # reserved: 23.038 again
