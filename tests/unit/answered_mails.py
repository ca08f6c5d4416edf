"""Mails as mail programs send them when a person answers or passes on: made up, one a language and
program. Each is (name, title, text of the mail, what the person wrote, flags)."""

from __future__ import annotations

from typing import NamedTuple

REMOVED, QUOTED = "quote_removed", "quoted"


class Answered(NamedTuple):
    name: str
    title: str
    text: str
    words: str
    flags: frozenset[str]


def _gone(name: str, title: str, words: str, rest: str) -> Answered:
    """The words, and after them what goes."""
    return Answered(name, title, f"{words}\n\n{rest}", words, frozenset({REMOVED}))


def _kept(name: str, title: str, text: str) -> Answered:
    """Nothing goes, and a person sees it."""
    return Answered(name, title, text, text, frozenset({QUOTED}))


def _plain(name: str, text: str, title: str = "") -> Answered:
    """Nothing goes, and there is no doubt about it."""
    return Answered(name, title, text, text, frozenset())


EN, FA, AR = "They closed the bridge.", "پل را بستند.", "أغلقوا الجسر."
RU, ZH, ES = "Мост закрыли.", "他们封了桥。", "Han cerrado el puente."
FR, MY, DE = "Ils ont fermé le pont.", "တံတားကို ပိတ်လိုက်ပြီ။", "Die Brücke ist zu."
TR, KU, CKB = "Köprüyü kapattılar.", "Pir hate girtin.", "پردەکەیان داخست."

ATTRIBUTIONS = [
    # English
    _gone(
        "gmail",
        "Re: x",
        EN,
        "On Thu, Jan 1, 2026 at 12:00 PM Sam Doe <sam@example.org> wrote:\n\n> are you there?\n"
        ">\n> S.",
    ),
    _gone(
        "gmail over two lines",
        "Re: x",
        EN,
        "On Thu, Jan 1, 2026 at 12:00 PM Somebody With A Very Long Name <\n"
        "somebody@example.org> wrote:\n\n> are you there?",
    ),
    _gone(
        "apple mail",
        "Re: x",
        EN,
        "> On 1 Jan 2026, at 12:00, Sam Doe <sam@example.org> wrote:\n> \n> are you there?",
    ),
    _gone("thunderbird", "Re: x", EN, "On 1/1/26 12:00, Sam Doe wrote:\n> are you there?\n> S."),
    _gone(
        "yahoo without signs",
        "Re: x",
        EN,
        "    On Thursday, January 1, 2026 at 12:00:00 PM GMT+3:30, Sam Doe <sam@example.org> "
        "wrote:  \n"
        " \n are you there?\n\nSam",
    ),
    _gone(
        "proton",
        "Re: x",
        EN,
        "On Thursday, January 1st, 2026 at 12:00 PM, Sam Doe <sam@example.org> wrote:\n\n> hello",
    ),
    _gone(
        "163 in english",
        "Re: x",
        EN,
        'At 2026-01-01 12:00:00, "Sam" <sam@example.org> wrote:\n>are you there?',
    ),
    # Persian
    _gone(
        "gmail fa",
        "Re: x",
        FA,
        "در تاریخ پنجشنبه ۱ ژانویهٔ ۲۰۲۶،‏ ۱۲:۰۰ سام <‪sam@example.org‬‏> نوشت:\n\n> کجایی؟",
    ),
    _gone(
        "gmail fa over two lines",
        "پاسخ: x",
        FA,
        "در تاریخ پنجشنبه ۱ ژانویهٔ ۲۰۲۶،‏ ۱۲:۰۰ نامی که خیلی دراز است <\n"
        "‪sam@example.org‬‏> نوشت:\n\n> کجایی؟",
    ),
    _gone(
        "apple fa",
        "Re: x",
        FA,
        "> در ۱ ژانویهٔ ۲۰۲۶،‏ ساعت ۱۲:۰۰، سام <sam@example.org> نوشت:\n> \n> کجایی؟",
    ),
    _gone("thunderbird fa", "Re: x", FA, "در 2026/1/1 12:00, سام نوشت:\n> کجایی؟"),
    _gone(
        "arabic letters fa",
        "Re: x",
        FA,
        "در تاريخ ۱۴۰۴/۱۰/۱۱ ۱۲:۰۰، سام <sam@example.org> نوشته است:\nكجايي؟\nسام",
    ),
    # Arabic
    _gone(
        "gmail ar",
        "رد: x",
        AR,
        "في الخميس، 1 يناير 2026 في 12:00 م تمت كتابة ما يلي بواسطة سام <‪sam@example.org‬‏>:\n"
        "\n> أين أنت؟",
    ),
    _gone(
        "apple ar",
        "Re: x",
        AR,
        "> في ١ يناير ٢٠٢٦، الساعة ١٢:٠٠ م، كتب/ت سام <sam@example.org>:\n>\n> أين أنت؟",
    ),
    _gone("thunderbird ar", "Re: x", AR, "في 1/1/2026 12:00 م، كتب سام:\n> أين أنت؟"),
    _gone(
        "verb last ar",
        "Re: x",
        AR,
        "بتاريخ 2026-01-01 12:00، سام <sam@example.org> كتب:\n> أين أنت؟",
    ),
    # Russian
    _gone(
        "gmail ru",
        "Re: x",
        RU,
        "чт, 1 янв. 2026 г. в 12:00, Sam Doe <sam@example.org>:\n\n> где ты?",
    ),
    _gone(
        "yandex", "Re: x", RU, '01.01.2026, 12:00, "Sam Doe" <sam@example.org>:\n\nгде ты?\n\nС.'
    ),
    _gone(
        "mail.ru",
        "Re: x",
        RU,
        "Четверг, 1 января 2026, 12:00 +03:00 от Sam Doe <sam@example.org>:\n \nгде ты?",
    ),
    _gone("thunderbird ru", "Re: x", RU, "01.01.2026 12:00, Sam пишет:\n> где ты?"),
    _gone(
        "apple ru",
        "Re: x",
        RU,
        "> 1 янв. 2026 г., в 12:00, Sam <sam@example.org> написал(а):\n> \n> где ты?",
    ),
    # Chinese
    _gone(
        "gmail zh",
        "Re: x",
        ZH,
        "Sam Doe <sam@example.org> 于2026年1月1日周四 12:00写道：\n\n> 你在哪？",
    ),
    _gone(
        "gmail zh tw",
        "Re: x",
        ZH,
        "Sam Doe <sam@example.org> 於 2026年1月1日 週四 下午12:00寫道：\n\n> 你在哪？",
    ),
    _gone("thunderbird zh", "Re: x", ZH, "在 2026/1/1 12:00, Sam 写道:\n> 你在哪？"),
    _gone("163", "回复: x", ZH, '在 2026-01-01 12:00:00，"Sam" <sam@example.org> 写道：\n你在哪？'),
    # Spanish, French
    _gone(
        "gmail es",
        "Re: x",
        ES,
        "El jue, 1 ene 2026 a las 12:00, Sam Doe (<sam@example.org>) escribió:\n\n> ¿estás?",
    ),
    _gone(
        "apple es",
        "Re: x",
        ES,
        "> El 1 ene 2026, a las 12:00, Sam <sam@example.org> escribió:\n> \n> ¿estás?",
    ),
    _gone(
        "gmail fr",
        "Re: x",
        FR,
        "Le jeu. 1 janv. 2026 à 12:00, Sam Doe <sam@example.org> a écrit :\n\n> tu es là ?",
    ),
    _gone("thunderbird fr", "Re: x", FR, "Le 01/01/2026 à 12:00, Sam a écrit :\n> tu es là ?"),
    _gone(
        "free fr without signs",
        "Re: x",
        FR,
        "Le 01/01/2026 12:00, Sam <sam@example.org> a écrit :\ntu es là ?",
    ),
    # Burmese
    _gone(
        "gmail my",
        "Re: x",
        MY,
        "၂၀၂၆၊ ဇန် ၁ ကြာသပတေး ၁၂:၀၀ တွင် Sam <sam@example.org> က ရေးခဲ့သည်:\n\n> ဘယ်မှာလဲ",
    ),
    _gone(
        "english my",
        "Re: x",
        MY,
        "On Thu, Jan 1, 2026 at 12:00 PM Sam <sam@example.org> wrote:\n\n> ဘယ်မှာလဲ",
    ),
    # German, Turkish, Kurdish
    _gone(
        "gmail de",
        "AW: x",
        DE,
        "Am Do., 1. Jan. 2026 um 12:00 Uhr schrieb Sam Doe <\nsam@example.org>:\n\n> bist du da?",
    ),
    _gone("thunderbird de", "AW: x", DE, "Am 01.01.26 um 12:00 schrieb Sam:\n> bist du da?"),
    _gone(
        "gmail tr",
        "Ynt: x",
        TR,
        "Sam Doe <sam@example.org>, 1 Oca 2026 Per, 12:00 tarihinde şunu yazdı:\n\n> orada mısın?",
    ),
    _gone(
        "ku", "Re: x", KU, "Di 01.01.2026 12:00 de, Sam <sam@example.org> nivîsand:\n> tu li wir î?"
    ),
    _gone("ckb", "Re: x", CKB, "لە ۱/۱/۲۰۲۶ ۱۲:۰۰، سام <sam@example.org> نووسیویەتی:\n> لەوێیت؟"),
]

HEADERS = [
    _gone(
        "outlook",
        "RE: x",
        EN,
        "________________________________\nFrom: Sam Doe <sam@example.org>\nSent: Thursday, "
        "January 1, "
        "2026 12:00 PM\nTo: Us <us@example.org>\nSubject: x\n\nare you there?\n\nSam",
    ),
    _gone(
        "outlook of old",
        "RE: x",
        EN,
        "-----Original Message-----\nFrom: Sam Doe [mailto:sam@example.org]\nSent: Thursday, "
        "January 1, "
        "2026 12:00 PM\nTo: Us\nSubject: x\n\nare you there?",
    ),
    _gone("separator alone", "x", EN, "------- Original Message -------\nare you there?"),
    _gone(
        "outlook fa",
        "پاسخ: x",
        FA,
        "________________________________\n‏از: سام <sam@example.org>\n‏ارسال شده: پنجشنبه, ۱ "
        "ژانویه ۲۰۲۶ "
        "۱۲:۰۰\n‏به: ما <us@example.org>\n‏موضوع: x\n\nکجایی؟",
    ),
    _gone(
        "separator fa",
        "Re: x",
        FA,
        "----- پیام اصلی -----\nفرستنده: سام\nتاریخ: ۱۴۰۴/۱۰/۱۱\nموضوع: x\n\nکجایی؟",
    ),
    _gone(
        "outlook ar",
        "رد: x",
        AR,
        "________________________________\nمن: سام <sam@example.org>\nتم الإرسال: "
        "01/يناير/2026 12:00 م\n"
        "إلى: نحن <us@example.org>\nالموضوع: x\n\nأين أنت؟",
    ),
    _gone(
        "separator ar",
        "Re: x",
        AR,
        "-----الرسالة الأصلية-----\nمن: سام\nالتاريخ: ٢٠٢٦/١/١\nإلى: نحن\n\nأين أنت؟",
    ),
    _gone(
        "outlook ru",
        "Отв: x",
        RU,
        "-----Исходное сообщение-----\nОт: Sam <sam@example.org>\nОтправлено: 1 января 2026 г. "
        "12:00\n"
        "Кому: us@example.org\nТема: x\n\nгде ты?",
    ),
    _gone(
        "qq",
        "回复：x",
        ZH,
        '------------------ 原始邮件 ------------------\n发件人: "Sam" <sam@example.org>;\n'
        '发送时间: 2026年1月1日(星期四) 中午12:00\n收件人: "us"<us@example.org>;\n主题: x\n\n'
        "你在哪？",
    ),
    _gone(
        "outlook zh",
        "答复: x",
        ZH,
        "发件人: Sam <sam@example.org>\n发送时间: 2026年1月1日 12:00\n收件人: us <us@example.org>\n"
        "主题: x\n\n你在哪？",
    ),
    _gone(
        "outlook es",
        "RE: x",
        ES,
        "De: Sam <sam@example.org>\nEnviado: jueves, 1 de enero de 2026 12:00\nPara: "
        "us@example.org\n"
        "Asunto: x\n\n¿estás?",
    ),
    _gone(
        "outlook fr",
        "RE: x",
        FR,
        "De : Sam <sam@example.org>\nEnvoyé : jeudi 1 janvier 2026 12:00\nÀ : us@example.org\n"
        "Objet : x\n\ntu es là ?",
    ),
    _gone("separator fr", "RE: x", FR, "----- Message d'origine -----\ntu es là ?"),
    _gone(
        "outlook my",
        "Re: x",
        MY,
        "မှ: Sam <sam@example.org>\nပို့သည့်ရက်: ၂၀၂၆-၀၁-၀၁ ၁၂:၀၀\nသို့: us@example.org\n"
        "အကြောင်းအရာ: x\n\nဘယ်မှာလဲ",
    ),
    _gone(
        "outlook de",
        "AW: x",
        DE,
        "Von: Sam <sam@example.org>\nGesendet: Donnerstag, 1. Januar 2026 12:00\nAn: "
        "us@example.org\n"
        "Betreff: x\n\nbist du da?",
    ),
    _gone(
        "outlook tr",
        "YNT: x",
        TR,
        "Kimden: Sam <sam@example.org>\nGönderildi: 1 Ocak 2026 Perşembe 12:00\nKime: "
        "us@example.org\n"
        "Konu: x\n\norada mısın?",
    ),
    _gone(
        "outlook in bold, spaced",
        "RE: x",
        EN,
        "*From:* Sam Doe <sam@example.org>\n\n*Sent:* Thursday, January 1, 2026 12:00 PM\n\n"
        "*To:* a@b.org;\n"
        "c@d.org; e@f.org\n\n*Subject:* x\n\nare you there?",
    ),
]

PASSED_ON = [
    Answered(
        "gmail",
        "Fwd: x",
        f"See this.\n\n---------- Forwarded message ---------\nFrom: Sam Doe <sam@example.org>\n"
        f"Date: Thu, Jan 1, 2026 at 12:00 PM\nSubject: x\nTo: <us@example.org>\n\n\n{EN}\n",
        f"See this.\n\n\n\n{EN}",
        frozenset({REMOVED}),
    ),
    Answered(
        "outlook",
        "FW: x",
        f"From: Sam Doe <sam@example.org>\nSent: Thursday, January 1, 2026 12:00 PM\n"
        f"To: us@example.org\nSubject: x\n\n{EN}",
        EN,
        frozenset({REMOVED}),
    ),
    Answered(
        "apple",
        "Fwd: x",
        f"Begin forwarded message:\n\n> From: Sam <sam@example.org>\n> Subject: x\n"
        f"> Date: 1 January 2026 at 12:00:00 GMT\n> To: us@example.org\n> \n> {EN}\n> \n> more",
        f"{EN}\n\nmore",
        frozenset({REMOVED}),
    ),
    Answered(
        "thunderbird fa",
        "Fwd: x",
        f"-------- پیام بازارسال‌شده --------\nموضوع: x\nتاریخ: Thu, 1 Jan 2026 12:00:00\n"
        f"از: سام <sam@example.org>\nبه: us@example.org\n\n{FA}",
        FA,
        frozenset({REMOVED}),
    ),
    Answered(
        "gmail ar",
        "إعادة توجيه: x",
        f"---------- رسالة معاد توجيهها ---------\nمن: سام <sam@example.org>\nالتاريخ: 1 يناير "
        f"2026\n"
        f"الموضوع: x\nإلى: us@example.org\n\n{AR}",
        AR,
        frozenset({REMOVED}),
    ),
    Answered(
        "yandex",
        "Fwd: x",
        f'-------- Пересылаемое сообщение --------\n01.01.2026, 12:00, "Sam" <s'
        f"am@example.org>:\n\n{RU}\n\n"
        f"-------- Конец пересылаемого сообщения --------",
        RU,
        frozenset({REMOVED}),
    ),
    Answered(
        "qq",
        "转发：x",
        f"------------------ 转发邮件 ------------------\n发件人: Sam <sam@example.org>\n"
        f"发送时间: 2026-01-01 12:00\n收件人: us@example.org\n主题: x\n\n{ZH}",
        ZH,
        frozenset({REMOVED}),
    ),
    Answered(
        "without a title",
        "x",
        f"From: Sam <sam@example.org>\nSent: 1 January 2026 12:00\nTo: us@example.org\n\n{EN}",
        EN,
        frozenset({REMOVED, QUOTED}),
    ),
]

ADDED = [
    _gone("signature", "", EN, "-- \nSam Doe\nDirector, +1 234 567 8901"),
    _gone(
        "signature over a quote",
        "Re: x",
        EN,
        "-- \nSam\n\nOn Thu, Jan 1, 2026 at 12:00 PM X <x@example.org> wrote:\n> hello",
    ),
    *(
        _gone(f"device {number}", "", words, line)
        for number, (words, line) in enumerate(
            [
                (EN, "Sent from my iPhone"),
                (EN, "Sent from Yahoo Mail on Android"),
                (EN, "Get Outlook for Android<https://aka.ms/AAb9ysg>"),
                (EN, "Sent from my Samsung Galaxy S21 smartphone."),
                (EN, "Sent from Mail for Windows 10"),
                (EN, "Sent with Proton Mail secure email."),
                (FA, "ارسال شده از iPhone من"),
                (FA, "از گوشی من ارسال شده است"),
                (AR, "أُرسلت من الـ iPhone"),
                (AR, "تم الإرسال من هاتفي"),
                (RU, "Отправлено с iPhone"),
                (RU, "Отправлено из мобильной Почты Mail"),
                (ZH, "发自我的iPhone"),
                (ZH, "从我的华为手机发送"),
                (ES, "Enviado desde mi iPhone"),
                (FR, "Envoyé de mon iPhone"),
                (FR, "Envoyé depuis mon téléphone Orange"),
                (MY, "ကျွန်ုပ်၏ iPhone မှ ပေးပို့သည်"),
                (DE, "Von meinem iPhone gesendet"),
                (TR, "iPhone'umdan gönderildi"),
                (KU, "Ji iPhone'a min hate şandin"),
            ]
        )
    ),
    _gone("advert", "", EN, "Virus-free.www.avast.com <https://www.avast.com/sig-email>"),
    _gone(
        "secrecy",
        "",
        EN,
        "CONFIDENTIALITY NOTICE: This e-mail and any attachments are for the exclusive use of the\n"
        "intended recipient. If you received this in error, delete it.",
    ),
    _gone(
        "secrecy fr",
        "",
        FR,
        "Ce message et ses pièces jointes sont confidentiels et destinés au seul destinataire. "
        "Si vous\n"
        "l'avez reçu par erreur, merci de le détruire.",
    ),
    _gone("secrecy fa", "", FA, "این ایمیل و پیوست‌های آن محرمانه و فقط برای گیرنده است."),
    _gone(
        "list",
        "",
        EN,
        "_______________________________________________\nNews mailing list\nNews@example.org\n"
        "https://lists.example.org/mailman/listinfo/news",
    ),
    _gone(
        "google group",
        "",
        EN,
        'You received this message because you are subscribed to the Google Groups "news" group.\n'
        "To unsubscribe from this group, send an email to news+unsubscribe@example.org.",
    ),
    Answered(
        "signed by openpgp",
        "",
        f"-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\n{EN}\n- -- three\n"
        "-----BEGIN PGP SIGNATURE-----\n\niQFz\n=abcd\n-----END PGP SIGNATURE-----",
        f"{EN}\n-- three",
        frozenset({REMOVED}),
    ),
]

DOUBTFUL = [
    _kept("signs without a word of who wrote", "Re: x", f"{EN}\n\n> are you there?\n> S."),
    Answered(
        "answered line by line",
        "Re: x",
        f"On 1/1/26 12:00, Sam wrote:\n> is the bridge open?\n{EN}\n> and the road?\nOpen.",
        f"> is the bridge open?\n{EN}\n> and the road?\nOpen.",
        frozenset({QUOTED, REMOVED}),
    ),
    Answered(
        "nothing but a quote",
        "Re: x",
        "On 1/1/26 12:00, Sam wrote:\n> is the bridge open?",
        "> is the bridge open?",
        frozenset({QUOTED, REMOVED}),
    ),
    _kept(
        "a sentence like a program's", "", f"On 15 June 2026 at 12:00 the commander wrote:\n\n{EN}"
    ),
    _kept(
        "a report like a header", "", "From: the bridge\nTo: the square\nDate: 12.6.2026\n\n5 dead."
    ),
    _kept("from and to", "", "From: Tehran\nTo: the world\nSubject: freedom\n\nWe are here."),
    _kept("two dashes", "", f"{EN}\n--\nSam"),
]

WORDS = [
    _plain("sent from is said", "We are trapped.\nSent from my phone, they are shooting"),
    _plain("from alone", "From: Tehran\nWe are here."),
    _plain("a dash line at the end", f"{EN}\n--"),
    _plain("a list", "- water\n- bread\n- no light"),
    _plain("a rule", f"{EN}\n____________________\nThe road as well."),
    _plain("please keep it", f"{EN}\n\nPlease keep this message confidential and delete it."),
    _plain("news from", "来自德黑兰的消息"),
    _plain("he wrote", "فرمانده نوشت: شلیک کنید."),
    _plain("a hashtag", f"{EN}\n#MahsaAmini"),
    _plain("a question", "آیا کسی هست؟"),
    _plain("an arrow from mbox", ">From the bridge they came."),
]

ALL = [*ATTRIBUTIONS, *HEADERS, *PASSED_ON, *ADDED, *DOUBTFUL, *WORDS]
