"""How people write a time of day, by language. No speaker of these languages has checked them.

Small letters, one letter for those that are written for one another, and none of what cannot be
seen: as ``Seen.small`` has them. ``{hour}`` is a number from 0 to 24, or a word for one to twelve;
``{clock}`` that with or without minutes after a colon or a dot; ``{n}`` a number.
"""

from __future__ import annotations

from typing import Final

HOURS: Final = {
    "en": (
        r"\b{clock} ?(?:a\.?m\b|p\.?m\b)\.?",
        r"\b{hour} o'? ?clock\b",
        r"\b(?:half past|quarter (?:past|to)|(?:five|ten|twenty) (?:past|to)"
        r"|(?:five|ten|twenty|(?<![\d:.])\d{{1,2}}) minutes (?:past|to)) {hour}\b",
        r"\bat {clock}(?= ?(?:sharp|this (?:morning|afternoon|evening)|tonight|today"
        r"|tomorrow|yesterday"
        r"|in the (?:morning|afternoon|evening)|at night)\b)",
        r"\b{hour}(?=(?: in the (?:morning|afternoon|evening)| at night)\b)",
        r"\b(?:at )?(?:[01]\d|2[0-4])[0-5]\d ?(?:hrs|hours|gmt|utc|local time)\b",
        r"\bat 0\d[0-5]\d\b",
        r"\b(?:at|around|by|till|until|from|since|before|after) (?:noon|midday|midnight)\b",
    ),
    "fa": (
        r"ساع(?:ت|ات)[: ]{{0,2}}(?:حدود |تقریبا |دقیقا )?{clock}(?: و (?:نیم|ربع"
        r"|{n} دقیقه))?(?:(?<=\d)|(?!\w))",
        r"(?<!\w){clock} ?(?:و ?(?:نیم|ربع) ?)?(?:صبح|ظهر|بعد ?از ?ظهر|عصر|غروب|شب|بامداد)(?!\w)",
    ),
    "ar": (
        r"الساعه {clock}(?: و(?:النصف|الربع|{n} دقیقه))?(?!\w)",
        r"(?<!\w){clock} (?:صباحا|مساء|ظهرا|عصرا|لیلا|فجرا)(?!\w)",
        r"(?<!\w)(?:عند|فی|حتی|بعد|قبل) (?:صلاه )?(?:منتصف اللیل|الظهر|الفجر|العصر|المغرب"
        r"|العشاء)(?!\w)",
        r"(?<!\w)(?<![\d.,:])(?:[01]?\d|2[0-4])(?::[0-5]\d)? ?[مص](?!\w)",
        r"(?<!\w)(?:فی|علی|حتی|من) (?:[01]?\d|2[0-4])[.:][0-5]\d(?!\d)",
    ),
    "es": (
        r"\ba las? {clock}(?: (?:y (?:media|cuarto|{n})|menos (?:cuarto"
        r"|{n})))?(?! (?:personas|veces))\b",
        r"\b{clock} de la (?:mañana|tarde|noche|madrugada)\b",
        r"(?<![\d.,])(?:1[3-9]|2[0-3]) ?hs?\b",
        r"\b(?:al mediodía|a (?:la )?medianoche)\b",
    ),
    "fr": (
        r"\b(?:à|a|vers|dès|depuis|jusqu'à) {hour} ?(?:h|heures?)(?: ?[0-5]\d"
        r"| et demie| et quart)?\b",
        r"\b{hour} heures? (?:du matin|de l'après-midi|du soir)\b",
        r"\b(?:à|vers|avant|dès|jusqu'à) (?:midi|minuit)\b",
        r"(?<![\d.,])(?:[01]?\d|2[0-3]) ?h ?[0-5]\d\b",
    ),
    "ru": (
        r"\b(?:в|к|около|после|до|с) {clock} ?(?:час\w{{0,3}}|ч\.?)(?!\w)",
        r"\b{clock} ?(?:час\w{{0,3}} )?(?:утра|вечера|ночи|дня)\b(?! назад)",
        r"\bв (?:[01]?\d|2[0-3])[.\-][0-5]\d\b",
        r"\bв (?:полдень|полночь)\b",
        r"\bв пол(?:овин\w )?(?:перв|втор|треть|четверт|пят|шест|седьм|восьм|девят|десят"
        r"|одиннадцат|двенадцат)(?:ого|его)\b",
    ),
    "be": (
        r"\b(?:а|у|ў|каля|пасля|да) {clock} ?(?:-?[йя] )?(?:гадзін\w{{0,3}})\b",
        r"\b{clock} ?(?:гадзін\w{{0,3}} )?(?:раніцы|вечара|ночы|дня)\b",
        r"\b(?:а|у|ў) (?:[01]?\d|2[0-3])[.\-][0-5]\d\b",
        r"\bа (?:[01]?\d|2[0-4])-й\b",
    ),
    "tr": (
        r"\b(?:[01]?\d|2[0-3])[.:][0-5]\d'(?:[dt][ae]n?|y?[ea])\b",
        r"\bsaat[: ]{{1,2}}(?:tam |yaklaşık )?{clock}(?:[dt][ae]n?|y?[ea])?\b",
        r"\b(?:sabah|akşam|gece|öğlen) {clock}(?='?\w{{0,4}}\b)",
    ),
    "zh": (
        r"(?:上午|下午|晚上|早上|凌晨|中午|傍晚|今早|今晚|明早|昨晚|晚|早|夜) ?{hour} ?[点點时時]",
        r"{hour} ?[点點时時] ?(?:半|整|钟|鐘|一刻|三刻|{n} ?分)",
        r"{hour} ?[点點时時](?=见|見|集合|到|在|开始|開始|出发|出發)",
        r"(?<!\d)(?:1[3-9]|2[0-4]) ?[点點时時](?!候|间|間|代|期)",
    ),
    "my": (r"(?:မနက်|ည|ညနေ|နေ့လယ်) ?{hour} ?နာရီ", r"{clock} ?နာရီ(?: ?(?:ခွဲ|တိတိ|{n} ?မိနစ်))?"),
}
"""An hour of the clock."""

AGO: Final = {
    "en": (
        r"\b(?:in|within|for the last|since) (?:about "
        r"|the next )?{n} ?(?:more )?(?:min(?:ute)?s?|hours?|hrs?)\b",
        r"\b(?:{n}|an?|half an?|two|three|five|ten|twenty|thirty) ?(?:min(?:ute)?s?"
        r"|hours?|hrs?) ago\b",
        r"\bjust now\b",
    ),
    "fa": (
        r"(?<!\w)(?:{n}|یک|دو|سه|پنج|ده|بیست|نیم) (?:دقیقه"
        r"|ساعت)(?: \w{{1,8}})?? (?:پیش|قبل|دیگه|دیگر|بعد)(?!\w)",
        r"(?<!\w)همین (?:الان|حالا)(?!\w)",
    ),
    "ar": (
        r"(?<!\w)(?:قبل|بعد|خلال|منذ) (?:(?:{n}|حوالی|نصف|ربع|ثلث|خمس|عشر|عشره|عشرین|ثلاثین) ?)?"
        r"(?:دقیقه|دقائق|دقیقتین|ساعه|ساعات|ساعتین)(?!\w)",
    ),
    "es": (
        r"\b(?:en|hace|dentro de) (?:unos |unas )?(?:{n}|un|una|dos|cinco|diez"
        r"|veinte) (?:minutos?|horas?)\b",
    ),
    "fr": (
        r"\b(?:dans|il y a) (?:environ )?(?:{n}|une?|deux|cinq|dix"
        r"|vingt) (?:minutes?|min|heures?)\b",
    ),
    "ru": (
        r"\b(?:через|за) (?:{n} )?(?:минут\w?|час\w{{0,2}}|полчаса)\b",
        r"\b(?:{n} )?(?:минут\w?|час\w{{0,2}}|полчаса) назад\b",
        r"\bтолько что\b",
    ),
    "be": (
        r"\bпраз (?:{n} )?(?:хвілін\w?|гадзін\w?|паўгадзіны)\b",
        r"\b(?:{n} )?(?:хвілін\w?|гадзін\w?|паўгадзіны) таму\b",
    ),
    "tr": (
        r"\b{n} ?(?:dakika|dk|saat) (?:önce|sonra|içinde)\b",
        r"\baz önce\b",
    ),
    "zh": (
        r"(?:{n}|[一二两兩三五十半]{{1,3}}) ?(?:分钟|分鐘|个?小时|個?小時)(?:前|后|後|内|內|以前"
        r"|之后)",
        r"刚刚|剛剛",
    ),
    "my": (r"(?:လွန်ခဲ့သော )?{n} ?(?:မိနစ်|နာရီ) ?(?:အတွင်း|အကြာ|လောက်က|ခန့်က)",),
}
"""How long ago or ahead: with the time of the message that is a time of the clock."""

SCRIPTS: Final = {
    "[a-z]": ("en", "es", "fr", "tr"),
    "[\u0600-\u06ff]": ("fa", "ar"),
    "[\u0400-\u04ff]": ("ru", "be"),
    "[\u4e00-\u9fff]": ("zh",),
    "[\u1000-\u109f]": ("my",),
}
"""The languages by their letters: where a text has none of these it is not searched for them."""

NUMBERS: Final = {
    "en": "one two three four five six seven eight nine ten eleven twelve",
    "es": "una dos tres cuatro cinco seis siete ocho nueve diez once doce",
    "fr": "une deux trois quatre cinq six sept huit neuf dix onze douze",
    "tr": "bir iki üç dört beş altı yedi sekiz dokuz on",
    "fa": "یک دو سه چهار پنج شش هفت هشت نه ده یازده دوازده",
    "ar": "الواحده الثانیه الثالثه الرابعه الخامسه السادسه السابعه الثامنه التاسعه العاشره",
    "ru": "час два три четыре пять шесть семь восемь девять десять одиннадцать двенадцать",
    "be": "першай другой трэцяй чацвёртай пятай шостай сёмай восьмай дзявятай дзясятай",
    "zh": "一 二 两 兩 三 四 五 六 七 八 九 十 十一 十二",
    "my": "တစ် နှစ် သုံး လေး ငါး ခြောက် ခုနစ် ရှစ် ကိုး ဆယ်",
}
"""Words for one to twelve, as they stand for an hour."""

SCRIPTURE: Final = (
    "psalms? ps genesis exodus leviticus numbers deuteronomy joshua judges ruth samuel kings isaiah"
    " jeremiah ezekiel daniel hosea joel amos micah zechariah malachi proverbs job ecclesiastes"
    " matthew matt mt mark mk luke lk john jn acts romans rom corinthians cor galatians ephesians"
    " philippians colossians thessalonians timothy titus hebrews james peter jude revelation rev"
    " verses? surahs? suras? sura quran qur'an koran ayah?s? ayat"
    " سوره ایه ایات قران القران انجیل مزمور متی یوحنا لوقا مرقس"
    " sure ayet kuran mezmur salmos? mateo lucas marcos juan apocalipsis corán versículo"
    " psaumes? matthieu luc marc jean coran sourate verset"
    " псал\\w{1,3} матфе\\w"
    " мф лук\\w лк марк\\w мк иоанн\\w ин деян\\w{0,3} рим кор сур\\w коран\\w? аят\\w?"
    " 诗篇 詩篇 马太福音 约翰福音 古兰经"
)
"""Words before the number of a verse, which is written as a time is ("John 3:16")."""
