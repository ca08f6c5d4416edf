"""A file and what is said of it in one form (RFC 7578), as WordPress's own editor uploads it.

Facts: ``WP_REST_Attachments_Controller::upload_from_file``: the field is ``file``, the other fields
are arguments like those of a query.
"""

from __future__ import annotations

from dataclasses import dataclass
from email import message_from_bytes
from email.policy import HTTP
from typing import Final

from relay.testing.loopback import Request
from relay.testing.wordpress.says import No

FIELD: Final = "file"


@dataclass(frozen=True, slots=True)
class File:
    """What came as the file: its name, the type that it claims, its bytes."""

    name: str
    type: str
    content: bytes


def read_form(request: Request) -> tuple[list[tuple[str, str]], File | None]:
    """The arguments in a form, and its file. Raises No."""
    head = b"Content-Type: " + request.headers.get("content-type", "").encode() + b"\r\n\r\n"
    made = message_from_bytes(head + request.body, policy=HTTP)
    if not made.is_multipart() or made.defects:
        raise No(400, "rest_upload_no_data", "No data supplied.")
    pairs, file = [], None
    for part in made.iter_parts():
        name = part.get_param("name", "", "content-disposition")
        content = part.get_payload(decode=True)
        held = content if isinstance(content, bytes) else b""
        if name == FIELD and part.get_filename():
            file = File(str(part.get_filename()), part.get_content_type(), held)
        else:
            pairs.append((str(name), held.decode()))
    return pairs, file
