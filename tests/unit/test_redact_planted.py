"""Whatever stands around a danger, in text, title or the words about a picture: nothing of it is
left where a channel redacts."""

from __future__ import annotations

import unicodedata
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from relay.exit.guard import as_written, guarded
from relay.exit.record import Record
from relay.model import Media, Message
from relay.reader.text import clean, clean_line
from relay.rules.policy import Policy
from relay.rules.wordlist import word_list

POLICY = Policy(
    review="none",
    media_review="none",
    danger="redact",
    words=word_list(["سوسن امینی", "Sunflower Street"]),
)
PLANTED = """
09121234567
0912 345 6789
+98 912 345 6789
۰۹۱۲۳۴۵۶۷۸۹
0️⃣9️⃣1️⃣2️⃣3️⃣4️⃣5️⃣6️⃣7️⃣8️⃣9️⃣
⓪⑨①②③④⑤⑥⑦⑧⑨
one two three four five six seven
jane@example.org
jane dot doe at gmail dot com
35.68921, 51.38901
8H7X2G5W+2Q
///tree.house.garden
https://maps.app.goo.gl/abcDEF
https://t.me/+AbCdEf12345
https://t.me/ali_reza
@freedom_voice
203.0.113.77
2001:db8::8a2e:370:7334
4111 1111 1111 1111
DE89 3704 0044 0532 0130 00
529.982.247-25
V-12.345.678
12 ب 345 ایران 67
14:35
ساعت ۵ عصر
سوسن امینی
Sunflower Street
""".strip().split("\n")
AROUND = """
march people سلام در تجمع ဆန္ဒပြ люди 12 2026
人们 […] (x) « » : , - الساعة و ۳۰ 🙂 ❤️ 👨‍👩‍👧 é \u200f می\u200cروم
""".split()  # noqa: SIM905

planted = st.sampled_from(PLANTED)
texts = st.tuples(
    st.lists(st.sampled_from([*AROUND, "\n"]), max_size=5),
    st.lists(planted, min_size=1, max_size=2),
    st.lists(st.sampled_from([*AROUND, "\n"]), max_size=5),
)


def letters(text: str) -> str:
    return "".join(one for one in unicodedata.normalize("NFKC", text) if one.isalnum())


@given(texts, texts, texts)
@settings(max_examples=200, deadline=None)
def test_nothing_of_a_planted_danger_is_left_in_text_title_or_words_about_media(
    text: tuple[list[str], list[str], list[str]],
    title: tuple[list[str], list[str], list[str]],
    alt: tuple[list[str], list[str], list[str]],
) -> None:
    whole = [" ".join([*before, *some, *after]) for before, some, after in (text, title, alt)]
    message = Message(
        clean(whole[0]),
        title=clean_line(whole[1]),
        media=(Media("image/png", b"", clean_line(whole[2])),),
    )
    made = guarded(Record(bytes(32), "text", "phone", "news", message=message), POLICY)
    assert made.message is not None
    left = (made.message.text, made.message.title, made.message.media[0].alt)
    for (_, dangers, _), one in zip((text, title, alt), left, strict=True):
        for danger in dangers:
            assert letters(danger) not in letters(one)
            assert danger[: len(danger) * 2 // 3] not in one
            assert danger[len(danger) // 3 :] not in one
        assert "…]\ufe0f" not in one and "…]\u20e3" not in one
    assert replace(as_written(made), marks=()) == message
