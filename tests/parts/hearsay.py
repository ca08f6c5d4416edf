# ruff: noqa: E501
"""Stories as they come in by the hundred: in ten languages, forwarded, shortened, typed anew.

Of each story there are others that differ from it in the place or in a number alone.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Tongue:
    """A language: stories as sentences with ``{p}`` for a place and ``{n}`` and ``{m}`` for
    numbers, and what its people put before and after what they forward."""

    stories: tuple[tuple[str, ...], ...]
    places: tuple[str, ...]
    before: tuple[str, ...]
    after: tuple[str, ...]
    digits: str = "0123456789"


TONGUES: Final = {
    "en": Tongue(
        (
            (
                "Last night {n} people were shot dead in {p} when police opened fire near the bazaar.",
                "At least {m} others were taken to the central hospital.",
                "The phones have been cut since midnight.",
            ),
            (
                "Water in {p} has been off for {n} days.",
                "Families are queueing at the only well that still works.",
                "The mayor says it will take another {m} weeks.",
            ),
            (
                "Plain clothes men arrested {n} students at the university of {p} this morning.",
                "They were driven away in {m} white vans.",
            ),
            (
                "The bridge on the road to {p} is closed.",
                "Soldiers check every car and have taken {n} telephones.",
            ),
        ),
        ("Shiraz", "Tabriz", "Iran", "Iraq", "Karaj", "Mashhad"),
        (
            "Fwd: ",
            "FORWARDED MESSAGE\n",
            "Breaking news!! ",
            "RT @freevoice: ",
            "URGENT, please share: ",
            "[12/01/2026, 14:33] Ali: ",
        ),
        (
            " Please share!",
            " 🙏🙏 share with everyone",
            "\nhttps://t.me/news/123",
            " #breaking",
            " Spread the word",
            "\n\nForwarded many times",
        ),
    ),
    "fa": Tongue(
        (
            (
                "دیشب در {p} دست‌کم {n} نفر با شلیک مأموران کشته شدند.",
                "{m} نفر زخمی به بیمارستان منتقل شده‌اند.",
                "اینترنت از نیمه‌شب قطع است و مردم نمی‌توانند با هم تماس بگیرند.",
            ),
            (
                "آب {p} از {n} روز پیش قطع شده است.",
                "خانواده‌ها برای پر کردن دبه‌ها ساعت‌ها در صف می‌ایستند.",
                "شهردار می‌گوید {m} هفته دیگر طول می‌کشد.",
            ),
            (
                "امروز صبح لباس شخصی‌ها {n} دانشجو را در دانشگاه {p} بازداشت کردند.",
                "آنها را با {m} ون سفید بردند.",
            ),
        ),
        ("شیراز", "تبریز", "زابل", "بابل", "کرمان", "کرمانشاه"),
        ("فوری: ", "لطفا پخش کنید\n", "پیام رسیده از کانال: ", "خبر فوری ❗️ "),
        (" لطفاً پخش کنید", " به اشتراک بگذارید 🙏", "\n@khabar_channel", " اطلاع رسانی کنید"),
        "۰۱۲۳۴۵۶۷۸۹",
    ),
    "ar": Tongue(
        (
            (
                "قُتل {n} أشخاص في {p} مساء أمس عندما فتحت قوات الأمن النار قرب السوق.",
                "ونُقل {m} جريحاً إلى المستشفى المركزي.",
                "الاتصالات مقطوعة منذ منتصف الليل.",
            ),
            (
                "انقطعت المياه عن مدينة {p} منذ {n} أيام.",
                "تقف العائلات في طوابير أمام البئر الوحيدة التي ما زالت تعمل.",
                "البلدية تقول إن الإصلاح يحتاج {m} أسابيع.",
            ),
        ),
        ("حمص", "حماة", "إدلب", "الرقة", "درعا"),
        ("عاجل: ", "منقول ", "الرجاء النشر: ", "رسالة معاد توجيهها\n"),
        (" الرجاء النشر", " انشروا على نطاق واسع", " 🔴 منقول", "\nt.me/akhbar"),
        "٠١٢٣٤٥٦٧٨٩",
    ),
    "ru": Tongue(
        (
            (
                "Вчера вечером в городе {p} задержали {n} человек на площади у вокзала.",
                "Ещё {m} избиты, их увезли в больницу.",
                "Мобильный интернет не работает с полуночи.",
            ),
            (
                "В {p} уже {n} дней нет воды.",
                "Люди стоят в очереди у единственной колонки.",
                "Мэр обещает всё починить через {m} недели.",
            ),
        ),
        ("Минск", "Пинск", "Гомель", "Брест", "Могилёв"),
        ("Срочно! ", "Переслано: ", "Перешлите всем: ", "Молния\n"),
        (" Поделитесь!", " Максимальный репост", "\nПодпишитесь на канал", " ‼️ распространите"),
    ),
    "es": Tongue(
        (
            (
                "Anoche mataron a {n} personas en {p} cuando la policía disparó cerca del mercado.",
                "Otras {m} fueron llevadas al hospital central.",
                "Los teléfonos están cortados desde la medianoche.",
            ),
            (
                "El agua en {p} lleva cortada {n} días.",
                "Las familias hacen cola en el único pozo que funciona.",
                "El alcalde dice que faltan {m} semanas.",
            ),
        ),
        ("Caracas", "Maracay", "Mérida", "Managua"),
        ("URGENTE: ", "Reenviado\n", "Por favor compartan: ", "Última hora. "),
        (" ¡Compartan!", " Por favor difundir", " pásalo 🙏", " Reenviado muchas veces"),
    ),
    "fr": Tongue(
        (
            (
                "Hier soir {n} personnes ont été tuées à {p} quand la police a tiré près du marché.",
                "{m} autres ont été emmenées à l'hôpital central.",
                "Les téléphones sont coupés depuis minuit.",
            ),
            (
                "L'eau est coupée à {p} depuis {n} jours.",
                "Les familles font la queue au seul puits qui marche encore.",
                "Le maire parle de {m} semaines de plus.",
            ),
        ),
        ("Conakry", "Goma", "Bukavu", "Bamako"),
        ("URGENT : ", "Message transféré\n", "À partager svp : ", "Info importante ! "),
        (" Partagez svp", " Merci de partager", " Faites tourner !!", " 🙏 partage maximum"),
    ),
    "tr": Tongue(
        (
            (
                "Dün gece {p} çarşısında polis ateş açtı ve {n} kişi öldü.",
                "Yaralanan {m} kişi devlet hastanesine kaldırıldı.",
                "Telefonlar gece yarısından beri çalışmıyor.",
            ),
            (
                "{p} şehrinde {n} gündür su yok.",
                "Aileler çalışan tek kuyunun önünde bekliyor.",
                "Belediye {m} hafta daha süreceğini söylüyor.",
            ),
        ),
        ("Diyarbakır", "Van", "Hakkari", "Batman"),
        ("ACİL: ", "İletildi\n", "Lütfen paylaşın: ", "Son dakika! "),
        (" Lütfen paylaşın", " paylaş 🙏", " Herkese iletin", " Yayalım arkadaşlar"),
    ),
    "zh": Tongue(
        (
            (
                "昨天晚上{p}市中心警察开枪，有{n}人死亡。",
                "另外{m}名伤者被送往中心医院。",
                "电话从半夜开始就打不通了。",
            ),
            (
                "{p}已经停水{n}天了。",
                "居民在唯一一口还能用的水井前排队。",
                "市长说还要等{m}个星期。",
            ),
        ),
        ("河南郑州", "河北邯郸", "湖北武汉", "湖南长沙"),
        ("紧急！", "转发：", "请大家转发：", "【转发】"),
        ("请转发！", "求扩散🙏", "让更多人知道", "，请大家转发"),
    ),
    "my": Tongue(
        (
            (
                "မနေ့ညက {p}မြို့ ဈေးနားမှာ ရဲတွေ ပစ်လို့ လူ {n} ယောက် သေဆုံးခဲ့တယ်။",
                "ဒဏ်ရာရသူ {m} ဦးကို ဆေးရုံကြီးကို ပို့ထားတယ်။",
                "ဖုန်းလိုင်းတွေ ညသန်းခေါင်ကတည်းက ပြတ်နေတယ်။",
            ),
            (
                "{p}မှာ ရေ မလာတာ {n} ရက် ရှိပြီ။",
                "မိသားစုတွေ ရေတွင်းတစ်တွင်းတည်းမှာ တန်းစီနေကြတယ်။",
                "မြို့တော်ဝန်က နောက်ထပ် {m} ပတ် ကြာမယ်လို့ ပြောတယ်။",
            ),
        ),
        ("ရန်ကုန်", "မန္တလေး", "ပဲခူး", "မိတ္ထီလာ"),
        ("အရေးကြီး ", "သတင်း - ", "မျှဝေပေးပါ ", "အရေးပေါ် "),
        (" မျှဝေပေးပါ", " ရှယ်ပေးကြပါ 🙏", " ဖြန့်ဝေပေးပါ", " ကျေးဇူးပြု၍ မျှဝေပါ"),
        "၀၁၂၃၄၅၆၇၈၉",
    ),
    "th": Tongue(
        (
            (
                "เมื่อคืนตำรวจยิงปืนใกล้ตลาดใน{p} มีผู้เสียชีวิต {n} คน",
                "ผู้บาดเจ็บอีก {m} คนถูกส่งไปโรงพยาบาลกลาง",
                "โทรศัพท์ใช้ไม่ได้ตั้งแต่เที่ยงคืน",
            ),
            (
                "น้ำประปาใน{p}ไม่ไหลมา {n} วันแล้ว",
                "ชาวบ้านต่อแถวที่บ่อน้ำแห่งเดียวที่ยังใช้ได้",
                "นายกเทศมนตรีบอกว่าต้องรออีก {m} สัปดาห์",
            ),
        ),
        ("เชียงใหม่", "เชียงราย", "ปัตตานี", "ยะลา"),
        ("ด่วน! ", "ส่งต่อ: ", "ช่วยแชร์ ", "ข่าวด่วน "),
        (" ช่วยแชร์ด้วย", " โปรดแชร์", " ช่วยกันแชร์ 🙏", " แชร์"),
        "๐๑๒๓๔๕๖๗๘๙",
    ),
}


@dataclass(frozen=True)
class Told:
    """One message, the number of the story it was made from, how, and all stories that what is left
    in it fits: more than one, where it lost what tells them apart."""

    story: int
    text: str
    how: str
    language: str
    fits: frozenset[int]


def corpus(seed: int, *, copies: int = 6) -> list[Told]:
    """Every story with its copies, in a random order that the seed decides."""
    chance = random.Random(seed)
    told: list[Told] = []
    number = 0
    for language, tongue in TONGUES.items():
        for sentences in tongue.stories:
            stories: dict[int, list[str]] = {}
            for whole in _variants(sentences, tongue):
                number += 1
                stories[number] = whole
            for story, whole in stories.items():
                told.append(Told(story, " ".join(whole), "whole", language, frozenset({story})))
                for _ in range(copies):
                    kept, text, how = _copy(chance, whole, tongue)
                    fits = frozenset(n for n, other in stories.items() if kept in " ".join(other))
                    told.append(Told(story, text, how, language, fits))
    chance.shuffle(told)
    return told


def _variants(sentences: tuple[str, ...], tongue: Tongue) -> list[list[str]]:
    """A story and those that differ from it in one place or number."""
    first = tongue.places[0]
    facts = [*((place, 3, 15) for place in tongue.places), (first, 13, 15), (first, 3, 16)]
    made = [[one.format(p=p, n=n, m=m) for one in sentences] for p, n, m in facts]
    return [one for at, one in enumerate(made) if one not in made[:at]]


def _copy(chance: random.Random, whole: list[str], tongue: Tongue) -> tuple[str, str, str]:
    """What is kept of a story, the message made of it, and how."""
    kept = " ".join(whole)
    how = []
    if chance.random() < 0.4:
        how.append("shortened")
        parts = chance.choice([whole[:1], whole[:2], whole[:-1], whole[1:]])
        kept = chance.choice([" ".join(parts), _cut(chance, kept)])
    text = kept
    if chance.random() < 0.4:
        how.append("retyped")
        text = retyped(chance, text, tongue)
    if chance.random() < 0.6 or not how:
        how.append("forwarded")
        if chance.random() < 0.6:
            text = chance.choice(tongue.before) + text
        else:
            text = text + chance.choice(tongue.after)
    return kept, text, "+".join(how)


def _cut(chance: random.Random, kept: str) -> str:
    words = kept.split(" ")
    if len(words) < 6:
        return kept
    return " ".join(words[: chance.randint(len(words) // 2, len(words))])


def retyped(chance: random.Random, text: str, tongue: Tongue) -> str:
    """By another keyboard, in haste: digits, capitals, signs, letters that are doubled, left out
    or changed with the next one. The place is written as it was."""
    if chance.random() < 0.5:
        text = text.translate(str.maketrans("0123456789", tongue.digits))
    if chance.random() < 0.5:
        text = text.lower() if chance.random() < 0.7 else text.upper()
    if chance.random() < 0.5:
        text = text.replace(".", "").replace(",", "").replace("。", " ")
    if chance.random() < 0.4:
        text = text.replace("\u200c", chance.choice(("", " "))).replace("ی", "ي").replace("ک", "ك")
    for _ in range(chance.randint(0, 2)):
        text = _mistyped(chance, text, tongue)
    return text


def _mistyped(chance: random.Random, text: str, tongue: Tongue) -> str:
    words = text.split(" ")
    at = chance.randrange(len(words))
    word = words[at]
    if len(word) < 4 or not word.isalpha() or _is_name(word, tongue):
        return text
    i = chance.randrange(1, len(word) - 1)
    kind = chance.randrange(4)
    if kind == 0:
        word = word[:i] + word[i + 1] + word[i] + word[i + 2 :]
    elif kind == 1:
        word = word[:i] + word[i + 1 :]
    elif kind == 2:
        word = word[:i] + word[i] + word[i:]
    else:
        word = word[:i] + chance.choice(text.replace(" ", "")) + word[i + 1 :]
    words[at] = word
    return " ".join(words)


def _is_name(word: str, tongue: Tongue) -> bool:
    return any(
        word.lower() in place.lower() or place.lower() in word.lower() for place in tongue.places
    )
