"""What a reader makes of mails before it is kept to computing, and after; and what it opened.

Run as a program, by itself: it is confined afterwards. On standard output, as JSON: how many mails
there were, the names of those of which it made something else, and what it opened or imported.
"""

from __future__ import annotations

import encodings
import json
import pickle
import pkgutil
import sys
from collections.abc import Iterator
from encodings.aliases import aliases

from relay.model import Kind
from relay.node.confined import compute_only
from relay.node.reader import load
from relay.reader.read import read

CODECS = sorted(one.name for one in pkgutil.iter_modules(encodings.__path__))
NAMES = sorted({*CODECS, *aliases, "antigravity", "../x", "x-unknown", "latin2_x"})
"""Every name of a charset that Python knows, and some that it does not."""

BODY = "Salam \xd3\xe1\xc7\xe3 +2KfYpw- \xba\xc3 \x1b$B$3$s\x1b(B ~{<:Ky2;~} 09123456789".encode(
    "latin-1"
)

MAIL = b"""Subject: =?%(c)s?Q?=D8=A7=41?= =?%(c)s?B?2KfYpw==?=
Content-Type: multipart/mixed; boundary*=%(c)s''b%%62; name*=%(c)s''%%d3

--bb
Content-Type: text/plain; charset=%(c)s; format*=%(c)s''flowed
Content-Transfer-Encoding: 8bit

%(b)s
--bb
Content-Type: text/html; charset*0*=%(c)s''%%75tf; charset*1=-8

<meta charset=%(c)s><p>&nbsp;&hellip;<table><tr><td>%(b)s</table>
--bb
Content-Type: image/jpeg
Content-Transfer-Encoding: quoted-printable
Content-Disposition: attachment; filename*=%(c)s''%%d3%%e1.jpg

=D3
--bb--
"""
HTML = b"Content-Type: text/html; charset=%(c)s\n\n<meta charset=%(c)s><p>%(b)s&notin;"
BORDER = (
    b"Content-Type: multipart/mixed; boundary*=%(c)s''b%%d3%%0a1\n\n--b\xd31\n\n%(b)s\n--b\xd31--\n"
)

TEXTS: dict[str, tuple[Kind, bytes]] = {
    "digits": ("text", b"+34 612 345 000, +855 12 345 000, 35.7001, 51.3380, 14:35"),
    "Burmese": ("text", "ေက်ာင္းသား မ်ား ဆႏၵျပ ၀၉၄၂၁၂၃၄၅၆".encode()),
    "Chinese": ("text", "下午3点 京A12345 11010519491231002X".encode()),
    "gsm": ("gsm", bytes(range(128))),
    "ucs2": ("ucs2", "ساعت ۵ عصر".encode("utf-16-be")),
    "ucs2, torn": ("ucs2", b"\xd8\x00\x06"),
}  # fmt: skip


def contents() -> Iterator[tuple[str, Kind, bytes]]:
    """What is read: each charset in every place where a mail may name one, and what is no mail."""
    for name in NAMES:
        yield f"mail in {name}", "mail", MAIL % {b"c": name.encode(), b"b": BODY}
    for name in CODECS:
        yield f"html in {name}", "mail", HTML % {b"c": name.encode(), b"b": BODY}
        yield f"border in {name}", "mail", BORDER % {b"c": name.encode(), b"b": BODY}
    for name, (kind, content) in TEXTS.items():
        yield name, kind, content


def main() -> None:
    """Read it all twice."""
    load()
    asked = list(contents())
    opened: set[str] = set()
    looks = True

    def heard(event: str, words: tuple[object, ...]) -> None:
        if looks and event in ("open", "import", "os.listdir", "ctypes.dlopen"):
            opened.add(f"{event} {words[0]}")

    sys.addaudithook(heard)
    before = [pickle.dumps(read(content, kind)) for _, kind, content in asked]
    looks = False
    compute_only()
    after = [pickle.dumps(read(content, kind)) for _, kind, content in asked]
    other = [name for (name, *_), one, two in zip(asked, before, after, strict=True) if one != two]
    print(json.dumps({"read": len(asked), "other": other, "opened": sorted(opened)}))


if __name__ == "__main__":
    main()
