"""What X makes of a text: its weight, its addresses, its parts and their price."""

from __future__ import annotations

import pytest
from x_parts import Scripted, a_bridge, post_of

from bridges.kit import drafts
from bridges.kit.counting import measure
from bridges.kit.words import JOINER
from bridges.twitter import links, signing
from bridges.twitter.weight import Weight
from relay.model import Media

WEIGHT = Weight()


@pytest.mark.parametrize(
    ("text", "weight"),
    [
        ("سلام دنیا", 9),
        ("می\u200cخواهم", 8),  # a joiner weighs 1
        ("۱۲۳", 3),
        ("привет שלום", 11),
        ("日本語", 6),
        ("\u200e", 2),
        ("\ufb56", 2),  # an Arabic presentation form
        ("é", 1),
        ("“‘—…”", 6),  # dashes and quotation marks are light, the ellipsis is not
        ("👾", 2),
        ("🙋🏽", 2),
        ("👨\u200d🎤", 2),
        ("👨\u200d👩\u200d👧\u200d👦", 2),
        ("👩🏽\u200d❤\ufe0f\u200d💋\u200d👨🏿", 2),
        ("🏳\ufe0f\u200d🌈", 2),
        ("🇮🇷", 2),
        ("🇽🇽", 4),  # no region's flag
        ("1\ufe0f\u20e3", 2),
        ("❤\ufe0f", 2),
        ("😀\u200d😀", 5),  # joined, and no emoji of Unicode's list
        ("https://example.com", 23),
        ("https://example.com/a/very/long/path?x=1&y=2#there", 23),
        ("https://example.com/a.", 24),
        ("(https://example.com)", 25),
        ("example.com", 23),
        ("test.ir www.bbc.co.uk/persian", 47),
        ("us@example.com", 14),
        ("1.5 and v2.0", 12),
        ("日本語example.com日本語", 35),
    ],
)
def test_what_a_text_weighs(text, weight):
    assert measure(text, WEIGHT) == weight


@pytest.mark.parametrize(
    "text",
    [
        "https://exämple.com/x",
        "https://مثال.ایران/a",
        "https://t.co/abc/def",
        "https://a.org,https://b.org",
        "https://unknown.ending/,b.org",
    ],
)
def test_an_address_of_which_it_is_not_certain_weighs_the_dearest(text):
    assert measure(text, WEIGHT) >= 46


@pytest.mark.parametrize(
    ("text", "settled"),
    [
        ("it ended.They left", f"it ended.{JOINER}They left"),
        ("it ended.It was late", f"it ended.{JOINER}It was late"),
        ("the B.B.C. said", "the B.B.C. said"),
        ("see example.com.", "see example.com."),
        ("see EXAMPLE.COM", "see EXAMPLE.COM"),
        ("www.bbc.co.uk/persian", "www.bbc.co.uk/persian"),
        ("https://example.org/a.b", "https://example.org/a.b"),
        ("BBC.ایران", f"BBC.{JOINER}ایران"),
        ("us@example.com 1.5", "us@example.com 1.5"),
    ],
)
def test_two_sentences_without_a_blank_are_no_address(text, settled):
    assert links.settled(text, keep=True) == settled


@pytest.mark.parametrize(
    ("text", "settled"),
    [
        ("https://example.org/fa", f"example.{JOINER}org/fa"),
        ("see www.bbc.co.uk now", f"see www.{JOINER}bbc.{JOINER}co.{JOINER}uk now"),
        ("nothing here", "nothing here"),
    ],
)
def test_a_dropped_address_can_be_read_and_leads_nowhere(text, settled):
    made = links.settled(text, keep=False)
    assert made == settled
    assert not links.present(made)


@pytest.mark.parametrize(
    ("text", "price"),
    [
        ("سلام", 15),
        ("look: https://example.org", 200),
        ("look: example.org", 200),
        ("it ended.They left", 15),
    ],
)
async def test_a_post_with_an_address_is_many_times_as_dear(tmp_path, text, price):
    [part] = await a_bridge(tmp_path, Scripted()).prepare(post_of(text))
    assert part.price == price
    [cheap] = await a_bridge(tmp_path, Scripted(), links="drop").prepare(post_of(text))
    assert cheap.price == 15


@pytest.mark.parametrize(
    "text",
    [
        "see app.xn--p1ai/a",
        "see www.app.xn--p1ai",
        "www.naïveté.com",
        "see naïveté.com/a",
        "https://日本語.jp",
        "см. https://пример.рф",
        "#日本t.co",
    ],
)
async def test_an_address_in_any_script_is_billed_as_one(tmp_path, text):
    [part] = await a_bridge(tmp_path, Scripted(), mentions="on").prepare(post_of(text))
    assert part.price == 200
    assert measure(drafts.thawed(part.payload).text, WEIGHT) >= 23
    [cheap] = await a_bridge(tmp_path, Scripted(), links="drop").prepare(post_of(text))
    assert cheap.price == 15


@pytest.mark.parametrize("text", ["@name.org said", "#news.org", "$news.com", "e (\u0301.org)"])
@pytest.mark.parametrize("kept", ["keep", "drop"])
async def test_a_name_that_is_made_plain_words_becomes_no_address(tmp_path, text, kept):
    [part] = await a_bridge(tmp_path, Scripted(), links=kept).prepare(post_of(text))
    assert part.price == 15
    assert drafts.thawed(part.payload).text.replace(JOINER, "") == text


async def test_no_scheme_is_left_where_addresses_are_dropped(tmp_path):
    bridge = a_bridge(tmp_path, Scripted(), links="drop")
    [part] = await bridge.prepare(post_of("http://https://http://日本語.jp"))
    assert drafts.thawed(part.payload).text == "日本語.jp" and part.price == 15


async def test_what_is_refused_costs_nothing(tmp_path):
    [part] = await a_bridge(tmp_path, Scripted()).prepare(post_of(" "))
    assert part.price == 0 and "nothing is left" in drafts.thawed(part.payload).refuse


FAMILY = "👩\u200d👩\u200d👧\u200d👦"
SENTENCE = f"امشب برق نیست و می\u200cخواهیم همه بدانند {FAMILY} 🇮🇷 https://example.org/fa. "


@pytest.mark.parametrize("long", [277, 278, 279, 280, 900, 3000])
async def test_a_persian_text_with_emoji_is_cut_between_words_and_within_the_count(tmp_path, long):
    text = SENTENCE
    while measure(text, WEIGHT) < long:
        text += SENTENCE if measure(text + SENTENCE, WEIGHT) <= long else "ب"
    parts = await a_bridge(tmp_path, Scripted()).prepare(post_of(text))
    said = [drafts.thawed(part.payload).text for part in parts]
    assert max(measure(one, WEIGHT) for one in said) <= 278
    bare = " ".join(one.rpartition("\n(")[0] if len(said) > 1 else one for one in said)
    assert bare.split() == text.split()
    assert (len(parts) > 1) == (measure(text.strip(), WEIGHT) > 278)


async def test_names_tags_and_tickers_are_plain_words(tmp_path):
    text = "@bob #news $ABC $XYZ 5$"
    [part] = await a_bridge(tmp_path, Scripted()).prepare(post_of(text))
    assert drafts.thawed(part.payload).text == (
        f"@{JOINER}bob #{JOINER}news ${JOINER}ABC ${JOINER}XYZ 5$"
    )
    [part] = await a_bridge(tmp_path, Scripted(), mentions="on").prepare(post_of(text))
    assert drafts.thawed(part.payload).text == f"@bob #news ${JOINER}ABC ${JOINER}XYZ 5$"


async def test_a_long_description_is_cut(tmp_path):
    picture = Media("image/PNG", b"x", "ب" * 1200)
    [part] = await a_bridge(tmp_path, Scripted()).prepare(post_of(media=[picture]))
    [medium] = drafts.thawed(part.payload).media
    assert medium.type == "image/png" and len(medium.alt) == 1000


async def test_a_description_is_cleaned_as_a_text_is(tmp_path):
    picture = Media("image/png", b"x", "a\x00 roof\ud800")
    [part] = await a_bridge(tmp_path, Scripted()).prepare(post_of(media=[picture]))
    [medium] = drafts.thawed(part.payload).media
    assert medium.alt == "a roof"


async def test_the_same_post_gives_the_same_bytes(tmp_path):
    post = post_of(SENTENCE * 9, title="عنوان", media=[Media("image/png", b"x", "alt")])
    first = await a_bridge(tmp_path, Scripted()).prepare(post)
    assert first == await a_bridge(tmp_path, Scripted()).prepare(post)


async def test_who_pays_for_it_may_post_more_at_once(tmp_path):
    text = "word " * 400
    [part] = await a_bridge(tmp_path, Scripted(), characters=4000).prepare(post_of(text))
    assert drafts.thawed(part.payload).text == text.strip()


def test_a_request_is_signed_as_the_published_example_is():
    # docs.x.com, "Creating a signature"; its form field stands here in the query.
    four = signing.Four(
        "xvz1evFS4wEEPTGEFPHBog",
        "kAcSOqF21Fu85e7zjz7ZN2U4ZRhfV3WpwPAoE3Z7kBw",
        "370773112-GmHxMAgYyLbNEtIKZeRNFsMKPR9EyMZeS9weJAEb",
        "LswwdoUaIvS8ltyTt5jkRh4J50vUPVVHtR2YPi5kE",
    )
    query = [
        ("status", "Hello Ladies + Gentlemen, a signed OAuth request!"),
        ("include_entities", "true"),
    ]
    url = "https://api.x.com/1.1/statuses/update.json"
    nonce = "kYjzVBB8Y0ZFabxSWbWovY3uYSQ2pTgmZeNu2VS4cg"
    made = signing.header(four, "post", url, query, 1318622958, nonce)
    assert 'oauth_signature="Ls93hJiZbQ3akF3HF3x1Bz8%2FzU4%3D"' in made
    assert made.startswith("OAuth ") and "secret" not in made.lower()
