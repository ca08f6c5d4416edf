"""What people write on a bad day: what is danger in it, and what is none.

An editor reads every mark: those of votes, prices and links to news would bury the others. No
speaker has checked the sentences.
"""

from __future__ import annotations

import pytest

from relay.rules.danger import marks

HARMLESS = """
خبر کامل: https://www.bbc.com/persian/articles/c9v1234567o
https://www.tasnimnews.com/fa/news/1404/08/25/3345678/news
https://www.irna.ir/news/85678901/
https://ria.ru/20261128/protest-1987654321.html
https://www.rfi.fr/fr/afrique/20261128-manifestation
https://x.com/NetBlocks/status/1234567890123456789
https://www.hurriyet.com.tr/gundem/haber-42345678
Resultados: 7.443.584 votos (67,05%)
COVID-19 deaths: 1 234 567 total
GDP 121020700 万元增长
بودجه ۱۲۳۴۵۶۷۸ تومان
на митинг вышли 1 234 567 человек
bütçe 12.345.678 TL
Coupure d'Internet depuis 48 heures
Articles published at bbc.com and at the site of the court
entre 1 500 000 o 2 000 000
files of mode 0600, 10,000 lines
open since 2026-11-29 14 UTC
10|20|30|40|50|60
Hundreds are trapped under the rubble, say neighbours
Люди сидят в подвалах, они в шоке
Мы в шоке, я на вашей стороне
مردم در خیابان هستند و خطر در کمین است
اعتقل ثلاثة شبان في ساحة التحرير
Los vecinos se esconden en la iglesia
有人被困在楼里
Look at the polka dot dress
one two three, and then he ran
CO², 10 km² and a footnote¹²
第一二三次会议
رمز پیروزی ما اتحاد است ۱۴۰۱
code of conduct 2026
دو سه روز پیش، یکی دو نفر
""".strip().split("\n")


@pytest.mark.parametrize("text", HARMLESS)
def test_news_votes_and_prices_get_no_mark(text: str) -> None:
    assert [(one.kind, text[one.offset :][: one.length]) for one in marks(text)] == []


FOUND = {
    "login_code": "2026\n482913",
    "phone": """
nine one two three four five six seven
نه یک دو سه چهار پنج شش هفت
واحد اثنان ثلاثة أربعة خمسة ستة سبعة
cero cuatro uno dos cinco cinco cinco uno
zéro six un deux trois quatre cinq six
восемь девять ноль три один два три
sıfır beş üç iki bir iki üç dört
一三八一二三四五六七八
O9l2 345 67 89
O9l2345678O
⓪⑨①②③④⑤⑥⑦⑧⑨
⁰⁹¹²³⁴⁵⁶⁷⁸⁹
0̲9̲1̲2̲3̲4̲5̲6̲7̲8̲9̲
0️⃣9️⃣1️⃣2️⃣3️⃣4️⃣5️⃣6️⃣7️⃣8️⃣9️⃣
0912*345*6789
0912،345،6789
0912🔥345🔥6789
""",
    "mail": """
jane at example dot org
jane dot doe at gmail dot com
jane AT gmail.com
jane @ gmail . com
jane@gmail,com
علی ات جیمیل دات کام
ivan собака mail точка ru
juan arroba gmail punto com
paul arobase gmail point com
ali et gmail nokta com
li艾特gmail点com
ivan сабака mail кропка by
""",
    "time": """
at noon
14:35
à midi
al mediodía
saat beşte
قبل نصف ساعة
منذ عشر دقائق
عند منتصف الليل
۸شب
۹ونیم شب
ساعت ۵
ساعت: ۱۷
5م
بعد العصر
в полседьмого
а 18-й
晚8点
saat:18
17hs
at 0930
""",
    "profile": "liming_88\nwxid_abc12345\nali_reza",
    "id": "9.876.543\n12345678",
    "coordinates": "38SMB44488123\n35.6892 E51.3890\n35.6892|51.3890",
}
SAID = {
    "here": """
Hiding in the basement of 12 Elm
we're stuck inside the mosque
im at the bridge
الان جلوی زندان هستم
تو پارکینگ قایم شدیم
احنا بشارع فلسطين
متواجدين قرب الجسر
я на Тверской 5
мы у метро Чкаловская
сижу в подвале на Ленина 5
nos escondemos en la iglesia
nous sommes bloqués rue de Rivoli
我被困在富士康宿舍
Taksim'de bekliyoruz
အခု ဆူးလေ ရောက်နေတယ်
сяджу ў падвале
""",
    "name": "I'm Ali Rezaei\nSoy Juan Pérez\nя Иван Петров\nben Ali Kaya",
}


@pytest.mark.parametrize(
    ("kind", "text"),
    [(kind, one) for kind, some in SAID.items() for one in some.strip().split("\n")],
)
def test_who_says_where_they_are_or_who_is_heard(kind: str, text: str) -> None:
    assert [one.kind for one in marks(f"{text}. x") if one.kind == kind] == [kind]


AROUND = {
    "liming_88": "微信号: {}",
    "wxid_abc12345": "加我微信 {}",
    "2026": "Your code: {}",
    "482913": "{} is what you need to verify your account",
    "14:35": "The march to the corner of the revolution {}",
    "ali_reza": "آیدی تلگرام: {}",
    "9.876.543": "cédula de identidad {}",
    "12345678": "ID card number {}",
}
CASES = [(kind, one) for kind, some in FOUND.items() for one in some.strip().split("\n")]


@pytest.mark.parametrize(("kind", "danger"), CASES)
def test_what_people_write_so_that_no_program_finds_it_is_found(kind: str, danger: str) -> None:
    text = "x: " + AROUND.get(danger, "{}").format(danger) + " !"
    found = [text[one.offset :][: one.length] for one in marks(text) if one.kind == kind]
    assert found == [danger]


@pytest.mark.parametrize(
    "text",
    [
        "https://example.org/?phone=9121234567",
        "https://divar.ir/v/09121234567",
        "https://example.org/%2B989121234567",
        "https://www.irna.ir/news/85678901/ 09121234567",
        "https://www.irna.ir/news/85678901/ ۰۹۱۲۱۲۳۴۵۶۷",
    ],
)
def test_a_number_to_be_dialled_is_found_in_a_link_and_beside_one(text: str) -> None:
    assert [one.kind for one in marks(text)] == ["phone"]


def test_what_belongs_to_the_last_sign_belongs_to_the_mark() -> None:
    text = "0️⃣9️⃣1️⃣2️⃣3️⃣4️⃣5️⃣6️⃣7️⃣ \u2068x\u2069"
    (mark,) = marks(text)
    assert text[mark.offset + mark.length :] == " \u2068x\u2069"
