"""How people say where they are, or who. No speaker of these languages has checked them.

Small letters, one letter for those that are written for one another, and none of what cannot be
seen: as ``Seen.small`` has them. What follows the words, to the end of the clause, belongs to it.
"""

from __future__ import annotations

from typing import Final

HERE: Final = {
    "en": (
        r"\b(?:i'?m|i am|we're|we are)(?: now| currently| right now| still| here| also)?"
        r"(?: (?:hiding|standing|waiting|staying|sitting|locked|trapped|hidden|living|sheltering))?"
        r" (?:at|near|inside|outside|behind|next to|opposite|across from|in front of|close to)"
        r" (?!a loss|(?:the )?(?:(?:end|edge|top|bottom|point|mercy) of|limit|risk|war\b|peace|odds"
        r"|you\b|them\b|him\b|her\b|it\b|all\b|this\b)|the same time|once)",
        r"\b(?:i'?m|i am|we're|we are)(?: now| currently| right now| still| all)?"
        r" (?:hiding|standing|waiting|staying|sitting|locked|trapped|hidden|living|sheltering"
        r"|stuck) (?:in|on|inside|under) ",
        r"\b(?:\A|(?<=[.!?\n])|(?<=[.!?] ))(?:hiding|stuck|trapped|locked)"
        r" (?:in|on|inside|under|at|behind) ",
        r"\b(?:i|we) (?:live|work|am staying|are staying|hide) (?:at|in|on|near|next to|behind) "
        r"(?!fear|hope|peace|pain|hell|danger|silence|vain|a (?:country|world|state|society))",
        r"\b(?:my|our) (?:home |current |exact )?(?:address|location)(?: is|'s)\b",
        r"\b(?:my|our) (?:house|home|flat|apartment|office|shop) is (?:at|in|on|near"
        r"|next to|behind) (?!fire|danger|ruins|flames)",
        r"\b(?:come|came) to my (?:house|home|flat|place|apartment)\b",
    ),
    "fa": (
        r"(?<!\w)(?:من|ما) (?:\w{1,10} ){0,2}?(?:در|تو|توی|نزدیک|جلوی|روبروی|کنار|داخل|پشت|سر) "
        r"(?!خطر|اعتصاب|کنار هم|حال|انتظار|جنگ|فشار|عذاب|رنج|ترس|شوک|این راه|برابر)"
        r"[^\n.!?؟,]{1,40}?(?:هستم|هستیم|بودم|بودیم|پنهان|مخفی|گیر|زندگی می ?کن)",
        r"(?<!\w)(?:الان|اکنون) (?:در|تو|توی|نزدیک|جلوی|روبروی|کنار|داخل|پشت|سر) "
        r"(?!خطر|اعتصاب|حال|انتظار|جنگ|فشار|شوک|این راه)[^\n.!?؟,]{1,40}?(?:هستم|هستیم)(?!\w)",
        r"(?<!\w)(?:در|تو|توی|پشت|زیر|داخل) [^\n.!?؟,]{1,30}? (?:قایم|پنهان|مخفی|گیر) ?(?:شدم|شدیم"
        r"|هستم|هستیم|افتادم|افتادیم|کردیم|افتاده ?ایم|شده ?ایم)(?!\w)",
        r"(?<!\w)(?:ادرس|نشانی|محل|خانه|خونه|لوکیشن) ?(?:ی )?(?:من|ما|مان|ام|مون|م)(?!\w)",
        r"(?<!\w)(?:ادرسم|ادرسمون|خونمون|خونه مون|لوکیشنم)(?!\w)",
    ),
    "ar": (
        r"(?<!\w)(?:انا|نحن|احنا|نحنا|اني) (?:\w{1,10} ){0,2}?(?:فی|عند|قرب|بجانب|امام|خلف"
        r"|داخل|جنب) "
        r"(?!خطر|حرب|انتظار|حاله|حال|خدمه|امان|رعب|خوف|حداد)",
        r"(?<!\w)(?:عنوانی|عنواننا|بیتی|بیتنا|منزلی|موقعی|موقعنا)(?!\w)",
        r"(?<!\w)(?:انا|نحن|احنا|نحنا|اني) ب(?:ال)?(?:ساحه|شارع|حی|منطقه|مستشفی|مدرسه|بیت|جامع"
        r"|جسر|سوق|محطه|مبنی|بنایه|میدان)(?!\w)",
        r"(?<!\w)(?:متواجدین|متواجدون|متواجد|عالقین|عالقون|مختبیین|مختبءین) (?:فی|ب|قرب|عند|امام"
        r"|داخل|خلف|تحت) ",
        r"(?<!\w)(?:اسکن|نسکن|اعیش|اقیم|نختبی|اختبی|موجودین|موجودون|محاصرین|محاصرون) (?:فی|ب)",
    ),
    "my": (
        r"(?:ကျွန်တော်|ကျွန်မ|ကျနော်|ကျမ|ငါ)(?:တို့)?[^\n။]{1,40}?(?:မှာ|တွင်) ?(?:ရှိ|နေ|ပုန်း)",
        r"(?:အခု|ယခု)[^\n။]{1,40}?(?:ရောက်နေ|ပုန်း)",
        r"(?:နေရပ်လိပ်စာ|လိပ်စာ) ?(?:က|မှာ|သည်|:)",
    ),
    "es": (
        r"\b(?:estoy|estamos|me encuentro|nos encontramos)(?: ahora| escondid[oa]s?| atrapad[oa]s?"
        r"| aquí)? (?:en|cerca de|frente a|detrás de|dentro de|junto a|al lado de) "
        r"(?!contra|guerra|peligro|huelga|crisis|lucha|shock|pie|paz|camino|desacuerdo|duelo|casa\b"
        r"|una? (?:crisis|guerra|lucha|dictadura|situación)|manos|20\d\d|medio)",
        r"\b(?:mi|nuestra) (?:dirección|ubicación|casa) (?:es|está|queda)\b",
        r"\b(?:me escondo|nos escondemos) (?:en|detrás|cerca|dentro) ",
        r"\b(?:vivo|vivimos|trabajo|trabajamos) en (?!paz|miedo|un país|contra)",
    ),
    "fr": (
        r"\b(?:je suis|nous sommes|on est)(?: maintenant| cachés?e?s?| coincés?e?s?)?"
        r" (?:chez|devant|derrière|près d[eu']|en face d[eu']|à côté d[eu']|au|à la|à l'|à)"
        r"(?! ?(?:bout|genoux|vos côtés|recherche|écoute|deux doigts|fois|aise|jour|nouveau"
        r"|courant|pied|leur|jamais|peine|charge|heure|merci|limite|abri))",
        r"\b(?:mon|notre) adresse (?:est|:)",
        r"\b(?:je suis|nous sommes|on est) (?:bloqués?|coincés?|bloquées?|coincées?|cachés?) "
        r"(?:rue|place|dans|au|à|sous|derrière|avenue|chez)\b",
        r"\b(?:j'habite|nous habitons|je vis|je travaille) (?:à|au|dans|chez|près|rue)\b",
    ),
    "ru": (
        r"\b(?:я|мы)(?: сейчас| сегодня| все| все еще)? (?:прячемся|прячусь|стоим|стою|сижу|сидим"
        r"|нахожусь|находимся|заперты) (?:в|на|у|возле|около|рядом|за)\b",
        r"\b(?:я|мы)(?: сейчас| сегодня| еще) (?:в|на|у|возле|около|рядом с) "
        r"(?!шоке|ужасе|опасности|стороне|связи|курсе|отчаянии|пределе|состоянии)",
        r"\b(?:нахожусь|находимся|прячусь|прячемся) (?:в|на|у|возле|около|рядом|за|по)\b",
        r"\b(?:мой|наш|домашний) адрес\b",
        r"\b(?:я|мы) (?:в|на|у|возле|около) (?:\w{2,20} ){0,2}?(?:улиц|площад|метро|станци|вокзал"
        r"|школ|больниц|здани|двор|подъезд|доме|квартир|подвал|суда|суде|отдел|овд|рынк|мост|парк|церк"
        r"|проспект|набережн)\w{0,4}",
        r"\b(?:я|мы) на \w{3,20} \d{1,3}\b",
        r"\b(?:сижу|сидим|стою|стоим|жду|ждем) (?:в|на|у|возле|около|за) (?:\w{2,20} ){0,2}?(?:улиц"
        r"|площад|метро|станци|вокзал|школ|больниц|здани|двор|подъезд|доме|квартир|подвал|суда|отдел"
        r"|рынк|мост|парк|церк|проспект)\w{0,4}",
        r"\b(?:мой|наш) (?:дом|подъезд|офис) (?:на|у|возле|по) ",
        r"\b(?:я )?(?:живу|живем|работаю) (?:в|на|по|возле|около|рядом) (?!стране|страхе|мире|аду)",
    ),
    "be": (
        r"\b(?:я|мы)(?: зараз| сёння)? (?:хаваемся|хаваюся|стаім|стаю|знаходжуся|знаходзімся)"
        r" (?:у|ў|на|каля|за)\b",
        r"\b(?:я|мы) зараз (?:у|ў|на|каля) (?!шоку|жаху|небяспецы|адчаі)",
        r"\b(?:мой|наш) адрас\b",
        r"\b(?:сяджу|сядзім|стаю|стаім|хаваюся|хаваемся|чакаем|чакаю) (?:у|ў|на|каля|за|ля) ",
        r"\b(?:я )?(?:жыву|жывём) (?:у|ў|на|па|каля) (?!краіне|страху)",
    ),
    "tr": (
        r"\b[\w]{2,30}'?(?:de|da|te|ta)(?:yim|yım|yiz|yız)\b",
        r"\b(?:adresim|adresimiz|konumum|evim|evimiz)\b(?! gibi)",
        r"\b[\w]{2,30}'?(?:de|da|te|ta) (?:oturuyorum|oturuyoruz|yaşıyorum|saklanıyor\w{1,3}"
        r"|bekliyoruz|bekliyorum|mahsur\w{0,3}|sıkıştık)\b",
    ),
    "zh": (
        r"(?:我|我们|我們)(?:现在|現在|正|就|躲|住|被困)?在[^\n,。！？!?]{1,20}?"
        r"(?:路|街|楼|樓|号|號|门口|門口|站|广场|廣場|大学|大學|医院|醫院|学校|學校|酒店|小区|小區"
        r"|公园|公園|附近|旁边|旁邊|家里|家裡|对面|對面)",
        r"(?:我|我们|我們|我家)的?(?:地址|住址|位置)",
        r"(?:我|我们|我們)(?:还|還|都|现在|現在|正)?(?:被困|躲|藏)在",
        r"(?:我|我们|我們)住(?!院|嘴|手|口|了|过|過)",
    ),
}
"""Where somebody is or lives."""

NAMED: Final = {
    "en": (r"\bmy (?:full |real )?name(?: is|'s) (?!unimportant|not\b)",),
    "fa": (r"(?<!\w)(?:اسم|نام)(?:م| من| و نام خانوادگی من)(?!\w)",),
    "ar": (r"(?<!\w)اسمی(?!\w)",),
    "my": (r"(?:ကျွန်တော့်|ကျွန်မ|ကျနော့်|ငါ့) ?(?:နာမည်|အမည်)",),
    "es": (r"\b(?:me llamo|mi nombre es)\b",),
    "fr": (r"\b(?:je m'appelle|mon nom est)\b",),
    "ru": (r"\b(?:меня зовут|мое имя|моя фамилия)\b",),
    "be": (r"\b(?:мяне завуць|маё імя|мае імя)\b",),
    "tr": (r"\b(?:benim )?(?:adım|ismim|soyadım)\b(?! adım)",),
    "zh": (
        r"(?:我|本人)(?:的名字|的姓名|名)?叫(?!做|他|她|你|车|車|救|醒|停)|我的(?:名字|姓名)是",
    ),
}
"""Who somebody is."""

REST: Final = r"[^\n.!?;؟؛。！？।။]{0,60}"
"""What belongs to it: to the end of the clause, and no more than an address has."""
