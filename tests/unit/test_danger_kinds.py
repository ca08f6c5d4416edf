"""Every kind of danger is found where it stands, in any script's digits, and nothing else is."""

from __future__ import annotations

import sys
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from relay.model import Media, Message
from relay.reader.text import clean
from relay.rules.danger import _FINDERS, SAID, all_marks, marks
from relay.rules.seen import Seen

DIGITS = (
    "0123456789",
    "۰۱۲۳۴۵۶۷۸۹",
    "٠١٢٣٤٥٦٧٨٩",
    "၀၁၂၃၄၅၆၇၈၉",
    "०१२३४५६७८९",
    "０１２３４５６７８９",
)
UNSEEN = ("", "\u200c", "\u200d", "\u200e", "\u200f", "\u061c", "\u00ad", "\ufeff")


def found(text: str, kind: str) -> list[str]:
    return [text[one.offset :][: one.length] for one in marks(text) if one.kind == kind]


PLAIN = {
    "coordinates": (
        "35.6997, 51.3380",
        "35.6997,51.3380",
        "-33.86785 151.20732",
        "35.7001 N, 51.3380",
        "۳۵٫۶۹۹۷، ۵۱٫۳۳۸۰",
        "geo:35.7,51.4",
        "lat: 35.71",
        "عرض جغرافیایی ۳۵.۷۱",
        "35°41'59\"N",
        "35° 41.99′ N",
        "https://www.google.com/maps/@35.6997,51.3380,15z",
        "https://maps.app.goo.gl/AbC123",
        "https://maps.google.com/?q=35.7,51.4",
        "https://neshan.org/maps/@35.7,51.4",
        "https://www.openstreetmap.org/#map=17/35.7/51.4",
        "https://yandex.ru/maps/?ll=27.5,53.9",
        "https://maps.apple.com/?ll=35.7,51.4",
        "https://map.baidu.com/?latlng=39.9,116.4",
    ),
    "plus_code": ("8H7MMCXJ+2V", "8h7mmcxj+2v", "8H7M0000+"),
    "three_words": ("///filled.count.soap", "https://w3w.co/filled.count.soap"),
    "address_ip": ("192.168.1.10", "10.0.0.1", "2001:db8::1", "fe80::1ff:fe23:4567:890a"),
    "profile": (
        "@someone_there",
        "@someone@server.example",
        "t.me/some_person",
        "https://telegram.me/some_person",
        "https://wa.me/989121234567",
        "https://vk.com/id12345",
        "https://signal.me/#p/+989121234567",
    ),
    "private_link": (
        "https://t.me/+AbCdEf",
        "t.me/joinchat/AbCdEf",
        "https://t.me/c/1234567/89",
        "https://chat.whatsapp.com/AbCd",
        "https://signal.group/#CjQKI",
        "https://discord.gg/abcd",
        "https://us02web.zoom.us/j/8123456789",
        "https://docs.google.com/document/d/1aB",
    ),
    "plate": ("۱۲ ب ۳۴۵ ایران ۶۷", "ایران ۶۷ - ۱۲ب۳۴۵", "А123ВС77", "1234 AB-7"),
    "phone": (
        "+34 612 345 000",  # like an amount, and a number that can be dialled
        "+98 912 000 0000",
    ),
}


@pytest.mark.parametrize(
    ("kind", "danger"), [(kind, one) for kind, many in PLAIN.items() for one in many]
)
def test_it_is_found_to_the_letter(kind: str, danger: str) -> None:
    for around in ("{}", "see {} now", "ببینید {} لطفاً", "(смотри {})", "看 {}。"):
        assert found(around.format(danger), kind) == [danger]


TIMES = (
    "at 14:35", "at 9:05", "from 10:30 on", "14:35:07", "2026-01-08T14:35", "5 pm", "5:30 p.m.",
    "5 o'clock", "half past five", "at 5 tonight", "in 20 minutes", "10 minutes ago", "1430 hrs",
    "ساعت ۱۴:۳۵", "ساعت ۵", "ساعت پنج عصر", "ساعت پنج و نیم", "۵ عصر", "۲۰ دقیقه پیش",
    "تا ۲۰ دقیقه دیگر", "همین الان", "الساعة ١٤:٣٥", "الساعة الخامسة", "٥ مساءً", "قبل ٢٠ دقيقة",
    "بعد ساعتين", "a las 5", "a las cinco y media", "a las 17:00", "5 de la tarde",
    "hace 20 minutos", "à 14h35", "14h35", "vers 18 heures", "il y a 20 minutes", "в 14:35",
    "в 14.35", "в 5 часов", "5 вечера", "через 20 минут", "полчаса назад", "а 14:35",
    "праз 20 хвілін", "saat 17:00", "saat beş", "20 dakika önce", "下午3点", "15点", "三点半",
    "20分钟后", "刚刚", "၂ နာရီ", "ညနေ ၅ နာရီ", "၂၀ မိနစ်အတွင်း",
)  # fmt: skip


@pytest.mark.parametrize("time_of_day", TIMES)
def test_a_time_of_the_clock_is_found_in_ten_languages(time_of_day: str) -> None:
    for around in ("{}", "They came {}, all of them", "{} آمدند"):
        assert found(around.format(time_of_day), "time")


@pytest.mark.parametrize(
    "text",
    [
        "I am at the bakery on the corner",
        "We're hiding in the school",
        "We are near the big bridge",
        "my address is 12 Elm Street",
        "I live in the old town",
        "من در خیابان آزادی هستم",
        "ما الان توی دانشگاه گیر افتادیم",
        "آدرس من خیابان ولیعصر",
        "أنا في شارع الحمراء",
        "عنواني دمشق القديمة",
        "ကျွန်တော် ရန်ကုန်မှာ ရှိတယ်",
        "Estoy en la plaza de Bolívar",
        "Vivo en Maracaibo",
        "je suis devant la mairie",
        "J'habite à Lyon",
        "Я сейчас на площади",
        "Мы находимся у вокзала",
        "мой адрес: Минск",
        "мы зараз на плошчы",
        "Kızılay'dayım",
        "我在人民广场",
        "我住在上海",
    ],
)
def test_where_somebody_says_they_are_is_found_with_the_rest_of_the_clause(text: str) -> None:
    assert found(f"{text}. Help", "here") == [text]


@pytest.mark.parametrize(
    "text",
    ["My name is Ali", "اسم من رضا است", "اسمي أحمد", "me llamo Ana", "je m'appelle Anne",
     "меня зовут Иван", "мяне завуць Янка", "我叫李明"],
)  # fmt: skip
def test_where_somebody_says_their_name_is_found(text: str) -> None:
    assert found(text, "name") == [text]


@pytest.mark.parametrize(
    "end",
    [
        "Regards,\nAli",
        "با احترام\nرضا محمدی",
        "تحياتي\nأحمد",
        "С уважением, Иван",
        "Cordialement,\nA.",
        "Saludos,\nAna",
        "-- \nJohn Smith\nTehran",
        "此致\n李明",
        "Sent from my iPhone",
    ],
)
def test_the_end_of_a_letter_is_found(end: str) -> None:
    assert found(f"They shot at us.\n{end}", "signature") == [end]


def test_what_stands_in_the_middle_is_no_signature() -> None:
    told = (
        "Regards,\nAli\n" + "and then they told us to go home, which nobody did that evening\n" * 3
    )
    assert not found(told, "signature")


HARMLESS = """\
In 1953 and again in 1979 everything changed.
On 2026-01-08 the internet went off.
در ۱۸ دی ۱۴۰۴ اینترنت قطع شد
۱۴۰۴/۱۰/۱۸
بیش از ۱۲٬۵۰۰ نفر
12,500 people marched
1 250 000 votes
Candidate A 4,512,330 votes, candidate B 3,998,112
62.3% against 35.1%
9/11 changed the world, on the news 24/7
John 3:16 and Psalm 91:11
Quran 18:10, سوره بقره آیه ۲:۲۵۵
Matthew 10:34 says, 1 Corinthians 13:13
#MahsaAmini #زن_زندگی_آزادی #1404
bread costs 25,000 toman, or $1,299.99
the score was 2:1, the ratio 16:9
UN Security Council Resolution 2231 (2015)
Iran 2009, Burma 2021, Belarus 2020
Статья 27 Конституции, 9 августа 2020 года, 1 500 рублей
2022年11月26日，第27条
ဇန်နဝါရီ ၈၊ ၂၀၂၆ တွင် ၈၈၈၈ အရေးတော်ပုံ
Version 2.4.1, version 1.2.3.4
F-16, COVID-19, Boeing 737-800, PS752, AK-47, 7.62 mm
25°C in Tehran, 40 km north
The people are in the streets, they shot at us from the roofs
We are in this together, we are not afraid
our house is on fire, my heart is with you
ما همه با هم هستیم، مردم در خیابان هستند
ما در خطر هستیم
نحن في خطر، لن ننسى
мы в шоке, мы не боимся
estamos en contra, nous sommes à bout
我们在一起，我们不怕
https://www.bbc.com/persian/articles/abc123
https://t.me/bbcpersian/12345
https://x.com/user/status/1234
https://www.youtube.com/watch?v=dQw4w9WgXcQ
Regards the law, nothing changed, best wishes to all
SMSки, IT-шник, iPhone'ом, COVIDные
Persian فارسی and English in one sentence, Привет и hello вместе
for ten minutes nobody spoke, three hours in the queue
چند ساعت در صف، پنج کشته و ده زخمی
3 часа в очереди, час настал
一点也不，两点意见，三个小时
به نام خدا، اسم رمز
the 5+1 talks, 2 + 2 = 4, C++
1/3 of the voters, ages 18-25, room 12
می‌خواهم آزاد باشم 👨‍👩‍👧 ❤️""".splitlines()


@pytest.mark.parametrize("text", HARMLESS)
def test_history_prices_votes_verses_and_tags_get_no_mark(text: str) -> None:
    assert [(one.kind, text[one.offset :][: one.length]) for one in marks(text)] == []


def test_all_harmless_lines_together_are_harmless() -> None:
    assert marks("\n".join(HARMLESS)) == ()


# ---------------------------------------------------------------- whatever stands between

NUMBERED = {
    "phone": "09121234567",
    "bank": "4111111111111111",
    "id": "529.982.247-25",
    "coordinates": "35.69971, 51.33801",
    "time": "14:35",
    "address_ip": "192.168.1.10",
    "plate": "12 ب 345 ایران 67",
}


@given(
    st.sampled_from(sorted(NUMBERED.items())),
    st.sampled_from(DIGITS),
    st.lists(st.sampled_from(UNSEEN), min_size=24, max_size=24),
)
@settings(max_examples=100, deadline=None)
def test_any_digits_with_whatever_cannot_be_seen_between_them_are_found(
    danger: tuple[str, str], digits: str, between: list[str]
) -> None:
    kind, written = danger
    turned = "".join(digits[int(one)] if one.isdecimal() else one for one in written)
    hidden = "".join(f"{one}{unseen}" for one, unseen in zip(turned, between, strict=False))
    whole = hidden.rstrip("".join(UNSEEN))
    text = f"x {whole}"
    spans = [text[one.offset :][: one.length] for one in marks(text) if one.kind == kind]
    assert len(spans) == 1
    seen = "".join(one for one in spans[0] if one not in UNSEEN)
    assert seen == turned


@given(st.text(max_size=200))
@settings(max_examples=200, deadline=None)
def test_whatever_the_text_marks_lie_within_it_and_are_of_a_known_kind(text: str) -> None:
    for one in marks(text):
        assert one.kind in SAID
        assert 0 <= one.offset < one.offset + one.length <= len(text)


@given(st.text(max_size=80))
@settings(max_examples=100, deadline=None)
def test_a_danger_is_found_whatever_stands_on_the_lines_around_it(around: str) -> None:
    text = f"{clean(around)}\n\n +98 912 123 4567 \n\nx"
    place = text.index("+98 912")
    held = [one for one in marks(text) if one.kind == "phone" and one.offset <= place + 1]
    assert any(one.offset + one.length >= place + 16 for one in held)


def test_marks_of_a_message_say_whether_they_stand_in_text_title_or_words_about_a_medium() -> None:
    message = Message(
        "call 0912 345 6789",
        title="at 14:35",
        media=(Media("image/png", b"", "write to a@b.org"),),
    )
    assert [(one.where, one.kind) for one in all_marks(message)] == [
        ("text", "phone"),
        ("title", "time"),
        ("alt", "mail"),
    ]


UNITS = (
    "1", "1:", "12:35 ", "at ", "i am at ", "من در ", "я ", "我在", "а ", "в 5 ", "t.me/", "@ab.c",
    "35.12345, ", "12° ", "///a.b.", "4111 ", "IR12 1234 ", "1.1.", "a:", "::", "аa.", "tel ",
    "+34 612 345 000 ", "Regards,\n", "-- \n", "maps.me/", "2345+67 ", "passport ", "\u200c",
)  # fmt: skip


@pytest.mark.parametrize("kind", sorted(_FINDERS))
def test_four_times_the_text_takes_no_more_than_some_four_times_as_long(kind: str) -> None:
    for unit in UNITS:
        cost = [_cost(kind, (unit * 4_000)[:length]) for length in (1_000, 4_000)]
        assert cost[1] < 10 * cost[0] + 0.02  # squares: 16 times, and far above the 20 ms


def _cost(kind: str, text: str) -> float:
    """Seconds of CPU, the least of two: whatever else the machine does is none of it."""
    spent = []
    for _ in range(2):
        seen = Seen(text)
        begun = time.process_time()
        sum(1 for _ in _FINDERS[kind](seen))
        spent.append(time.process_time() - begun)
    return min(spent)


def test_to_search_a_text_opens_no_file() -> None:
    """A reader that has begun may open none: whatever is needed is loaded with the rules."""
    loaded = set(sys.modules)
    marks("+34 612 345 000, +855 12 345 000, +1 000 000, 2001:db8::1, 35.7001, 51.3380, at 14:35")
    assert set(sys.modules) == loaded
