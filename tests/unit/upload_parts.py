"""For tests of stand-ins: a clock that a test moves, files, and a multipart body around them."""

from __future__ import annotations

import json

from relay.testing.fediverse.forms import File

START = 1_790_000_000
JPEG = File("a.jpg", "image/jpeg", b"\xff\xd8\xff\xe0picture")
MP4 = File("b.mp4", "video/mp4", b"\0\0\0 ftypisom")


class HandClock:
    """A clock that a test moves."""

    at = START

    def now(self) -> int:
        return self.at


def multipart(files, params):
    """A body and its Content-Type; what is no text is written as JSON."""
    made = b""
    for name, value in params.items():
        value = value if isinstance(value, str) else json.dumps(value)
        head = f'--edge\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n'
        made += head.encode() + value.encode() + b"\r\n"
    for name, file in files.items():
        named = f'name="{name}"; filename="{file.name}"'
        head = f"--edge\r\nContent-Disposition: form-data; {named}\r\nContent-Type: {file.type}"
        made += head.encode() + b"\r\n\r\n" + file.content + b"\r\n"
    return made + b"--edge--\r\n", "multipart/form-data; boundary=edge"
