"""Bodies of forms: multipart/form-data (RFC 7578), with file names that say nothing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from relay.ports import Media

_ENDINGS: Final = {
    "image/jpeg": "jpg",
    "image/png": "png",
    "image/gif": "gif",
    "image/webp": "webp",
    "image/avif": "avif",
    "image/heic": "heic",
    "video/mp4": "mp4",
    "video/webm": "webm",
    "video/quicktime": "mov",
    "audio/mpeg": "mp3",
    "audio/ogg": "ogg",
    "audio/wav": "wav",
    "audio/flac": "flac",
    "audio/mp4": "m4a",
    "application/pdf": "pdf",
}


def file_name(type: str, stem: str = "1") -> str:
    """A neutral name for a file of this type (RFC 6838)."""
    return f"{stem}.{_ENDINGS.get(type, 'bin')}"


def multipart(
    fields: Sequence[tuple[str, str]],
    files: Sequence[tuple[str, Media]],
    boundary: str,
    *,
    stem: str = "1",
) -> tuple[str, bytes]:
    """Content-Type and body of a form: ``files`` are named for their fields, then ``fields``.

    ``boundary`` (at most 60 letters and digits) is lengthened where the content has it in it.
    Names of fields are the platform's own: they are written as they are.
    """
    held = b"".join(one.content for _, one in files) + "".join(v for _, v in fields).encode()
    while b"--" + boundary.encode() in held:
        boundary += "0"
    line = f"--{boundary}\r\n".encode()
    body = bytearray()
    for number, (name, one) in enumerate(files, 1):
        called = file_name(one.type, stem if len(files) == 1 else str(number))
        body += line
        body += f'Content-Disposition: form-data; name="{name}"; filename="{called}"\r\n'.encode()
        body += f"Content-Type: {one.type}\r\n\r\n".encode() + one.content + b"\r\n"
    for name, value in fields:
        body += line + f'Content-Disposition: form-data; name="{name}"\r\n\r\n'.encode()
        body += value.encode() + b"\r\n"
    body += f"--{boundary}--\r\n".encode()
    return f"multipart/form-data; boundary={boundary}", bytes(body)
