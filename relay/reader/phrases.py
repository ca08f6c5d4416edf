"""What mail programs write around the words of a person, in the languages of those who write to us.

Data only; ``relay.reader.leads`` reads it. The phrases are those of Gmail, Outlook, Apple Mail,
Thunderbird, Yahoo, Yandex, Mail.ru, QQ and the programs of phones, gathered without a speaker of
each language at hand: one that is missing leaves a quote in the text, for a person to see, and one
that no program writes does no harm. Letters are compared as ``relay.reader.leads.plain`` has them.
"""

from __future__ import annotations

from typing import Final

WROTE: Final = (
    # at the end of the line that introduces a quote
    *("wrote", "writes"),
    *("نوشت", "نوشته است", "نوشته", "نوشته‌است"),
    *("كتب", "كتبت", "كتب/ت", "كتب/كتبت", "كتب ما يلي", "کتب", "كتب التالي"),
    *("написал", "написала", "написал(а)", "написали", "пишет", "писал", "писал(а)", "писала"),
    *("写道", "寫道", "写", "已写", "寫下", "撰写", "撰寫"),
    *("escribió", "escribio", "ha escrito", "escribía"),
    *("a écrit", "a ecrit", "a écrit ce qui suit", "écrivait", "écrit"),
    *("ရေးခဲ့သည်", "ရေးသားခဲ့သည်", "ရေးသားသည်", "ရေးသည်", "ရေး၏"),
    *("schrieb", "schrieb folgendes", "hat geschrieben", "geschrieben"),
    *("yazdı", "şunu yazdı", "şunları yazdı", "yazmış"),
    *("nivîsand", "nivîsî", "nivîsandiye", "نووسیویەتی", "نووسی", "نووسیوێتی"),
    *("ha scritto", "escreveu", "schreef", "skrev", "napsal(a)", "napisał(a)", "пише", "написав"),
    *("napisał", "napsal", "scrive", "yazıb", "yozdi", "لکھا"),
)
"""Verbs that stand right before the colon of such a line."""

WROTE_BEFORE_NAME: Final = (
    *("schrieb", "schreef", "skrev", "escribió", "a écrit", "написал", "написала", "написал(а)"),
    *("كتب", "كتبت", "كتب/ت", "كتب/كتبت", "تمت كتابة ما يلي بواسطة", "wrote", "نوشت"),
)
"""Verbs that may stand before the name instead, somewhere in the line."""

OPENINGS: Final = (
    *("on", "at", "le", "el", "am", "em", "il", "op", "den", "dne", "dnia", "w dniu"),
    *("در", "در تاریخ", "روز", "به تاریخ", "تاریخ", "لە", "لە ڕۆژی", "di", "roja"),
    *("في", "في يوم", "بتاريخ", "يوم", "بتأريخ"),
    *("在", "于", "於"),
)
"""Words with which such a line begins, where it does not begin with a date or a name."""

WEEKDAYS: Final = (
    *("mon", "tue", "wed", "thu", "fri", "sat", "sun"),
    *("пн", "вт", "ср", "чт", "пт", "сб", "вс", "понедельник", "вторник", "среда", "четверг"),
    *("пятница", "суббота", "воскресенье"),
    *("شنبه", "یکشنبه", "یک‌شنبه", "دوشنبه", "سه‌شنبه", "چهارشنبه", "پنجشنبه", "پنج‌شنبه", "جمعه"),
    *("الأحد", "الاثنين", "الثلاثاء", "الأربعاء", "الخميس", "الجمعة", "السبت"),
)
"""And with these a date that is written out begins."""

# ---------------------------------------------------------------- separators

ORIGINAL: Final = (
    *("original message", "original appointment", "original email", "original mail"),
    *("reply message", "reply above this line", "replied message"),
    *("پیام اصلی", "پیغام اصلی", "متن پیام اصلی", "پیام اولیه", "نامه اصلی", "ایمیل اصلی"),
    *("الرسالة الأصلية", "الرساله الاصليه", "رسالة أصلية", "الرسالة الاصلية", "الرسالة الاصليه"),
    *("исходное сообщение", "оригинальное сообщение", "исходное письмо"),
    *("первоначальное сообщение", "оригинал сообщения", "конец исходного сообщения"),
    *(
        "原始邮件",
        "原始郵件",
        "邮件原件",
        "原邮件",
        "原始信息",
        "原始訊息",
        "回复的原邮件",
        "回复邮件",
    ),
    *("mensaje original", "mensaje originario", "message d'origine", "message original"),
    *("message d’origine", "message initial", "messages d'origine", "courriel original"),
    *("မူရင်းစာ", "မူရင်းမက်ဆေ့ချ်", "မူရင်း မက်ဆေ့ချ်", "မူလစာ"),
    *("ursprüngliche nachricht", "originalnachricht", "urspruengliche nachricht"),
    *("orijinal mesaj", "özgün ileti", "orjinal mesaj", "orijinal ileti", "asıl ileti"),
    *("peyama resen", "peyama orîjînal", "نامەی سەرەکی", "پەیامی سەرەکی"),
    *("messaggio originale", "mensagem original", "oorspronkelijk bericht", "вихідне повідомлення"),
)
"""Between dashes: what follows was answered."""

FORWARDED: Final = (
    *("forwarded message", "forwarded mail", "forwarded email", "forwarded by", "forward message"),
    *("پیام بازارسال‌شده", "پیام بازارسال شده", "پیام باز ارسال شده", "پیام هدایت شده"),
    *("پیام فوروارد شده", "پیام ارسال‌شده", "پیام ارجاع‌شده", "پیام ارسال مجدد شده"),
    *("رسالة معاد توجيهها", "الرسالة المعاد توجيهها", "رسالة مُعاد توجيهها", "رسالة محولة"),
    *("الرسالة المحولة", "رسالة معاد إرسالها"),
    *("пересылаемое сообщение", "пересланное сообщение", "перенаправленное сообщение"),
    *("пересылаемое письмо", "конец пересылаемого сообщения"),
    *(
        "转发的邮件",
        "转发邮件",
        "转发信息",
        "已转发邮件",
        "轉寄郵件",
        "轉寄的郵件",
        "轉寄訊息",
        "转发的消息",
    ),
    *("已转发消息", "转发邮件信息", "已轉寄郵件"),
    *("mensaje reenviado", "mensaje remitido", "message transféré", "message réexpédié"),
    *("courriel transféré", "message transmis"),
    *("ထပ်ဆင့်ပို့သောစာ", "ထပ်ဆင့်ပို့ထားသောစာ", "ထပ်ဆင့်ပို့ထားသော မက်ဆေ့ချ်", "ပြန်ပို့ထားသောစာ"),
    *("weitergeleitete nachricht", "weitergeleitete mail", "yönlendirilmiş mesaj"),
    *("iletilen mesaj", "iletilmiş ileti", "yönlendirilen ileti", "yönlendirilmiş ileti"),
    *("peyama beralîkirî", "نامەی ڕەوانەکراو", "پەیامی ڕەوانەکراو"),
    *(
        "messaggio inoltrato",
        "mensagem encaminhada",
        "doorgestuurd bericht",
        "переслане повідомлення",
    ),
)
"""Between dashes: what follows is what the person wants to pass on."""

BEGINS_FORWARDED: Final = (
    *("begin forwarded message", "anfang der weitergeleiteten nachricht", "weitergeleitet von"),
    *("début du message réexpédié", "début du message transféré", "inicio del mensaje reenviado"),
    *("inicio de mensaje reenviado", "начало переадресованного сообщения"),
    *(
        "начало пересылаемого сообщения",
        "下面是被转发的邮件",
        "以下是转发的邮件",
        "以下是轉寄的郵件",
    ),
    *("開始轉寄郵件", "بداية الرسالة المعاد توجيهها", "بداية الرسالة المُعاد توجيهها"),
    *("بدء الرسالة المعاد توجيهها", "شروع پیام بازارسال شده", "شروع پیام بازارسال‌شده"),
    *("آغاز پیام بازارسال‌شده", "آغاز پیام بازارسال شده", "iletilmiş mesajın başlangıcı"),
    *("yönlendirilmiş ileti başlangıcı", "ထပ်ဆင့်ပို့သောစာ အစ"),
)
"""On a line without dashes, a colon at its end, over the header of what is passed on."""

# ---------------------------------------------------------------- headers in the text

_FIELDS: Final = {
    "from": "from|von|de|от|от кого|відправник|发件人|寄件人|寄件者|发件者|از|فرستنده|ارسال‌کننده"
    "|ارسال کننده|من|مِن|المرسل|kimden|gönderen|ji|ji kê|لەلایەن|لە|မှ|ပေးပို့သူ|ပို့သူ|da|van|від",
    "when": "sent|date|gesendet|datum|sent at|envoyé|date d'envoi|enviado|enviado el|fecha"
    "|fecha de envío|отправлено|дата|发送时间|发送日期|日期|时间"
    "|寄件日期|傳送時間|寄件時間|傳送日期"
    "|تاریخ|ارسال|ارسال شده|ارسال‌شده|فرستاده شده|زمان ارسال|تاريخ الإرسال|تم الإرسال|أرسلت|التاريخ"
    "|تاريخ|تم الارسال|الإرسال|gönderme tarihi|gönderildi|tarih"
    "|gönderilme tarihi|dîrok|şandî|ڕێکەوت"
    "|بەروار|ပို့သည့်ရက်|ရက်စွဲ|ပို့ခဲ့သည်|နေ့စွဲ|inviato|data|verzonden|надіслано",
    "to": "to|an|à|a|para|кому|收件人|收件者|به|گیرنده|إلى|الى|kime|alıcı|bo|ji bo|بۆ|သို့|လက်ခံသူ"
    "|destinataire|destinatario|aan",
    "cc": "cc|kopie|bcc|копия|抄送|副本|رونوشت|نسخة|نسخة إلى|bilgi|کۆپی"
    "|မိတ္တူ|copie à|copia|reply-to"
    "|antwort an|répondre à|responder a|reply to|回复|回覆|پاسخ به|الرد على|обратный адрес|yanıtla",
    "subject": "subject|betreff|objet|asunto|тема|主题|主題|主旨|标题|موضوع"
    "|الموضوع|konu|mijar|بابەت"
    "|အကြောင်းအရာ|ခေါင်းစဉ်|oggetto|assunto|onderwerp|sujet",
    "other": "importance|attachments|wichtigkeit|anlagen|priorität|importance|pièces jointes"
    "|importancia|datos adjuntos|важность|вложения|附件|重要性|پیوست"
    "|پیوست‌ها|اهمیت|المرفقات|الأهمية"
    "|ekler|önem|organization|newsgroups|message-id|mailed-by|signed-by|list-id",
}

FIELDS: Final = {name: kind for kind, names in _FIELDS.items() for name in names.split("|")}
"""What a field of a header is about, by its name in the languages of mail programs."""

# ---------------------------------------------------------------- titles

REPLY: Final = (
    *("re", "aw", "sv", "vs", "antw", "antwort", "ynt", "yan", "res", "rif", "odp", "отв", "ответ"),
    *("на", "پاسخ", "جواب", "رد", "الرد", "回复", "回覆", "答复", "答覆", "rép", "rta", "وەڵام"),
)
FORWARD: Final = (
    *("fw", "fwd", "wg", "tr", "rv", "enc", "ilt", "i", "vl", "pd", "пересл", "переслать", "fwd."),
    *("转发", "轉寄", "轉發", "إعادة توجيه", "تحويل", "بازارسال", "باز ارسال", "هدایت", "فوروارد"),
    *("ارسال مجدد", "پیشتاز", "ထပ်ဆင့်", "reenv", "transf"),
)
"""How programs begin the title of an answer, or of what is passed on; a colon follows."""
