"""Whatever dangers stand in a mail, what an honest reader says of them is believed by the core."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from relay.model import Message
from relay.node.read_said import believed
from relay.reader.read import read

_PIECES = st.sampled_from(
    ["0912 345 6789", "14:35", "a@b.org", "29001012100017", "1.1.1.1", "@abc", "аa", "t.me/+a",
     "Regards,\nA", "I am at x", " ", "\n", "1", "کد ملی ", "\u200c", "code 4821"]
)  # fmt: skip
_TEXTS = st.lists(_PIECES, max_size=10).map("".join)


@given(_TEXTS, _TEXTS)
@settings(max_examples=100, deadline=None)
def test_marks_lie_within_their_text_and_title(text: str, title: str) -> None:
    subject = " ".join(title.split())
    reading = read(f"Subject: {subject}\r\n\r\n{text}".encode(), "mail")
    assert believed(reading) == reading


def test_a_danger_in_a_title_longer_than_its_text_is_believed() -> None:
    reading = read(b"Subject: call 0912 345 6789 at 14:35\r\n\r\nx", "mail")
    assert isinstance(reading, Message)
    assert {one.where for one in reading.marks} == {"title"}
    assert believed(reading) is reading
