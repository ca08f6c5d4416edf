"""Cards as the core tells them to the desk, made up: many stories, each told again and again.

Some are told word for word, some with a word put in front or behind, some shortened; in six
languages, two of them without blanks between words. The same number always makes the same cards.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from hashlib import blake2b
from random import Random
from typing import Any

HOUR = 3600
NOW = 1_750_000_000 - 1_750_000_000 % HOUR

_STORIES = {
    "fa": "{n} نفر امروز در خیابان {place} جمع شدند، صدای شلیک شنیده می‌شد، برق از ساعت {m} قطع است",
    "ar": "تجمع {n} شخصا في شارع {place} اليوم وسمع إطلاق النار وانقطعت الكهرباء منذ الساعة {m}",
    "my": "ယနေ့{place}လမ်းတွင်လူ{n}ဦးစုဝေးခဲ့ပြီးသေနတ်သံများကြားခဲ့ရသည်{m}နာရီကတည်းကမီးပျက်နေသည်",
    "zh": "今天有{n}人聚集在{place}路，听到了枪声，从{m}点起整个街区停电",
    "ru": "Сегодня {n} человек собрались на улице {place}, слышны выстрелы, света нет с {m} часов",
    "en": "{n} people came together in {place} street today, shots were heard, no power since {m}",
}
_PLACES = {
    "fa": "بهار آزادی انقلاب گلستان نیلوفر شریعتی لاله سرو بنفشه سپید فردوس مهر باران دریا",
    "ar": "النيل الزهور السلام الحرية البحر النخيل الربيع الجبل النور الورد الفجر القمر السماء",
    "my": "ပန်းသီး သဇင် ကံ့ကော် စံပယ် ပိတောက် မြို့မ ရွှေ ငွေ မိုး နေ လ ကြယ် တောင် မြစ်",
    "zh": "长江 黄河 和平 光明 人民 解放 中山 东风 春天 花园 竹林 石桥 青山 白云",
    "ru": "Садовая Лесная Речная Полевая Школьная Новая Мирная Южная Озёрная Луговая Горная",
    "en": "Orchard Willow Harbour Station Market Church Mill Castle Bridge Garden Forest River",
}
_BEFORE = ("", "", "", "!!! ", "FWD: ", "→ ")
_AFTER = ("", "", "", " #news", " 🙏", " ...")
_TRANSPORTS = ("sms-1", "mail", "telegram", "form")
_DANGERS: tuple[tuple[str, ...], ...] = ((), (), (), (), ("phone",), ("name", "place"))


def cards(n: int, stories: int | None = None, seed: int = 1) -> Iterator[dict[str, Any]]:
    """So many cards, by default of a fifteenth as many stories; seven in ten wait for a person."""
    rnd = Random(seed)
    told = [_story(k, rnd) for k in range(stories or max(1, n // 15))]
    for seq in range(1, n + 1):
        language, text = told[min(int(rnd.expovariate(4) * len(told)), len(told) - 1)]
        yield _card(seq, language, rnd.choice(_BEFORE) + text + rnd.choice(_AFTER), rnd)


def _story(k: int, rnd: Random) -> tuple[str, str]:
    language = list(_STORIES)[k % len(_STORIES)]
    places = _PLACES[language].split()
    place = f"{rnd.choice(places)} {rnd.choice(places)}"
    text = _STORIES[language].format(place=place, n=20 + k, m=rnd.randint(1, 23))
    return language, text


def _card(seq: int, language: str, text: str, rnd: Random) -> dict[str, Any]:
    held = rnd.random() < 0.7
    transport = rnd.choice(_TRANSPORTS)
    return {
        "seq": seq,
        "id": blake2b(seq.to_bytes(8, "big"), digest_size=16).hexdigest(),
        "rev": 2,
        "queue": "review" if held else "assigned",
        "state": "held" if held else "posted",
        "held": held,
        "outbox_until": None,
        "due": None,
        "channel": rnd.choice(("news", "news", "family")),
        "transport": transport,
        "hour": NOW - HOUR * rnd.randint(0, 48),
        "language": language,
        "title": "" if transport != "mail" else text[:20],
        "text": text,
        "kinds": list(rnd.choice(_DANGERS)),
        "media": ["image/jpeg"] if rnd.random() < 0.1 else [],
        "flags": ["sms"] if transport == "sms-1" else [],
        "author": blake2b(b"a%d" % rnd.randint(0, 40_000), digest_size=16).hexdigest(),
        "network": blake2b(b"n%d" % rnd.randint(0, 300), digest_size=16).hexdigest(),
        "known": rnd.random() < 0.05,
        "assignee": "",
        "notes": 0,
        "confirmed": [],
        "asked_back": False,
        "replies": 0,
        "aside": False,
        "why": "review",
        "corrects": False,
        "destinations": {} if held else {"page": "posted", "telegram": "posted"},
    }


def one(seq: int, text: str, **more: Any) -> Mapping[str, Any]:
    """A card that waits, with this text."""
    plain = next(cards(1, seed=seq))
    id = blake2b(seq.to_bytes(8, "big"), digest_size=16).hexdigest()
    fixed = {
        "held": True, "state": "held", "queue": "review", "kinds": [], "media": [], "flags": [],
        "known": False, "author": "", "title": "", "destinations": {}, "transport": "mail",
        "channel": "news", "language": "en", "network": "",
    }  # fmt: skip
    return {**plain, **fixed, "seq": seq, "id": id, "text": text, **more}
