"""What mail programs, lists and companies put at the end of a mail, in the languages we read.

Data only; ``relay.reader.tails`` reads it, and compares as ``relay.reader.leads.plain`` has it.
"""

from __future__ import annotations

from typing import Final

_SENT: Final = """
sent emailed отправлено отправлен отправлена послано надіслано envoyé envoyée enviado enviada
gesendet
ارسال ارسال‌شده فرستاده أرسل أرسلت مرسل مرسلة الإرسال إرسالها إرساله gönderildi gönderilmiştir
şandin نێردراوە نێردرا ပို့သည် ပေးပို့သည် ပို့ထားသည် ပို့ခဲ့သည် ပေးပို့ခဲ့သည်
inviato verzonden skickat wysłano
"""
_GET: Final = """
get download télécharger téléchargez obtenez obtenir obtener obtenga descargar descargue laden holen
загрузить скачать دریافت الحصول تنزيل edinin indirin scarica
"""
_FILLING: Final = """
from via with using my the a an on for and app apps mobile secure encrypted email e-mail mail mails
message new 10 11 4g 5g lte wireless network your os device devices
с из от через моего моей версия приложения мобильной почты почта почту устройства для на планшета
depuis de mon ma à partir d'un du avec le la un une l'appareil appareil mobile portable pour
desde mi meu do da para el dispositivo móvil
von vom meinem meiner mit mein aus sie sich für mobil gerät
شده‌است شده شد است از با طریق من توسط برای همراه هوشمند دستگاه پست الکترونیک ایمیل تلفن
تم من عبر بواسطة باستخدام على ال الـ جهاز جهازي الذكي المحمول لنظام لأجهزة لـ بريد البريد تطبيق
benim ile üzerinden için cihazımdan uygulamasından
ji min hat hate bi لە بە
ကျွန်ုပ်၏ ကျွန်ုပ် ကျွန်တော့် မှ စက်
з мого dal mio vanaf mijn från min mojego
"""
_DEVICES: Final = """
iphone ipad ipod ios ipados android samsung galaxy huawei honor xiaomi redmi poco oppo vivo
realme oneplus nokia motorola moto lg sony xperia pixel google htc blackberry windows phone
smartphone tablet cellphone outlook yahoo yahoo! gmail hotmail proton protonmail tuta
tutanota thunderbird k-9 fairemail bluemail spark aquamail mail.ru mail mails
яндекс яндекс.почты яндекс.почта yandex
yandex.mail icloud mac macbook rogers t-mobile verizon at&t orange sfr vodafone handy telefon
айфона айфон смартфон смартфона телефона téléphone teléfono celular smartphones telefonumdan
آیفون اندروید سامسونگ هوآوی شیائومی یاهو جیمیل اوت‌لوک گوشی موبایل تلفن
آيفون الآيفون أيفون الأيفون أندرويد سامسونج سامسونغ هواوي هاتفي هاتف الجوال جوالي
ဖုန်း ဖုန်းမှ مۆبایلەکەم pro max plus mini ultra zoho mailfence posteo hushmail
"""
SENT: Final = frozenset(_SENT.split())
GET: Final = frozenset(_GET.split())
FILLING: Final = frozenset(_FILLING.split())
DEVICES: Final = frozenset(_DEVICES.split())
"""Of such words and no others, one of ``DEVICES`` among them and one of ``SENT`` (or one of ``GET``
and "Outlook"), is "Sent from my iPhone" made."""

EXCUSES: Final = (
    *("please excuse my brevity", "excuse my brevity", "please excuse typos", "excuse any typos"),
    *("veuillez excuser ma brièveté", "excusez ma brièveté", "disculpa mi brevedad"),
    *("por favor, disculpa mi brevedad", "disculpe mi brevedad", "простите за краткость"),
    *("извините за краткость", "пожалуйста, извините за краткость", "请原谅我的简短"),
    *("bitte entschuldigen sie die kürze", "لطفا اختصارم را ببخشید", "المعذرة على الاختصار"),
)
"""What phones add to the name of a device, at the end of its line."""

DEVICE_LINES: Final = (
    r"(?:发自|发送自|来自|从|從|傳送自|寄自)(?:我的|我)? ?"
    r"(?:iphone|ipad|android|安卓|华为|華為|荣耀|小米|红米|三星|samsung|oppo|vivo|手机|手機|平板"
    r"|qq邮箱|网易邮箱|outlook|yahoo)[a-z0-9 ]{0,20}"
    r"(?:手机|手機|平板|设备|裝置|版|客户端)?(?:发送|傳送|寄出|发出|的邮件)?",
    r"(?:获取|取得|下载)[a-z ]{0,5}(?:适用于|適用於)?[a-z ]{0,20}的? ?outlook[a-z ]{0,20}",
)
"""The same where words stand without blanks: patterns of a whole line."""

ADVERTS: Final = (
    *("virus-free", "this email has been checked for viruses", "this message has been scanned for"),
    *("this e-mail has been checked for viruses", "do you yahoo!?", "get your free", "sent with"),
    *(
        "sent securely",
        "securely sent with",
        "secured with",
        "scanned by",
        "no virus found in this",
    ),
    *("virenfrei", "diese e-mail wurde von", "sicher versendet mit", "garanti sans virus"),
    *("l'absence de virus dans ce courrier", "libre de virus", "el software de antivirus"),
    *(
        "без вирусов",
        "это сообщение проверено на вирусы",
        "проверено антивирусом",
        "не содержит вирусов",
    ),
    *(
        "不含病毒",
        "无病毒",
        "本邮件已通过",
        "خالي من الفيروسات",
        "خالية من الفيروسات",
        "خال من الفيروسات",
    ),
    *("بدون ویروس", "عاری از ویروس", "virüs bulunmuyor", "bu e-posta virüslere karşı"),
    *("this message was sent from a", "create your free", "upgrade to", "tired of spam"),
)
"""How a line of a provider or a scanner begins."""

ADVERTISED: Final = (
    *("avast", "avg", "www.", "http", "proton", "tuta", "yahoo", "kaspersky", "mcafee", "norton"),
    *("eset", "mailscanner", "microsoft", "drweb", "dr.web", "gmx", "mail.com", "mailfence"),
)
"""One of these must be in it as well."""

LISTS: Final = (
    *("mailing list", "listinfo", "unsubscribe", "groups.io", "googlegroups", "google groups"),
    *("لغو اشتراک", "إلغاء الاشتراك", "لإلغاء", "گروه‌های google", "مجموعات google"),
    *("отписаться", "отказаться от подписки", "退订", "取消订阅", "取消訂閱", "darse de baja"),
    *(
        "se désabonner",
        "désinscrire",
        "desabonner",
        "cancelar la suscripción",
        "liste de diffusion",
    ),
    *("lista de correo", "список рассылки", "邮件列表", "abbestellen", "mailingliste", "aboneliği"),
)
"""What the end of a mail says that came over a list."""

LIST_BEGINS: Final = (
    *("you received this message because you are subscribed to", "to unsubscribe from this"),
    *("vous recevez ce message, car vous êtes abonné", "has recibido este mensaje porque est"),
    *("вы получили это сообщение, поскольку подписаны", "您收到此邮件是因为您订阅了"),
    *("لقد تلقيت هذه الرسالة لأنك مشترك", "این پیام را به این دلیل دریافت کرده‌اید که"),
    *("شما این پیام را به این دلیل دریافت کرده‌اید که", "bu iletiyi google grupları"),
    *("sie erhalten diese nachricht, weil sie in google groups", "您會收到這則訊息,是因為您已訂閱"),
    *("sie haben diese nachricht erhalten, weil sie der gruppe", "groups.io links:"),
)
"""How that end begins, where no line is drawn above it."""

SECRECY_BEGINS: Final = (
    r"(?:\*+ ?)?(?:confidential(?:ity)?(?: (?:notice|note|statement|warning))?|disclaimer"
    r"|legal (?:notice|disclaimer)|privileged (?:and|/) confidential|important notice) ?[:\-–.]",
    r"(?:the (?:information|content|contents) (?:of|in|contained in) )?this (?:e-?mail|message"
    r"|communication|transmission)\b.{0,120}?\b(?:confidential|intended (?:only"
    r"|solely)|privileged)",
    r"(?:avis de )?confidentialité ?:|ce (?:message|courriel|mail)\b.{0,120}?confidentiel",
    r"(?:aviso (?:de confidencialidad|legal)|confidencialidad) ?:"
    r"|este (?:mensaje|correo)\b.{0,120}?confidencial",
    r"(?:конфиденциально|уведомление о конфиденциальности) ?[:.]"
    r"|(?:это|данное|настоящее) (?:сообщение|письмо|электронное).{0,120}?конфиденциальн",
    r"(?:保密声明|免责声明|聲明|声明|保密提示) ?:|(?:本|此|这封)(?:电子)?(?:邮件"
    r"|郵件).{0,60}?(?:保密|机密|機密)",
    r"(?:اخطار محرمانگی|سلب مسئولیت|توجه) ?:.{0,80}?محرمانه|این (?:ایمیل|پیام"
    r"|نامه).{0,120}?محرمانه",
    r"(?:اخلاء مسئولیه|اشعار السریه|تنبیه) ?:|(?:هذه|ان هذه) (?:الرساله|البرید).{0,120}?سری",
    r"(?:vertraulichkeitshinweis|haftungsausschluss|wichtiger hinweis) ?:"
    r"|diese (?:e-?mail|nachricht)\b.{0,120}?vertraulich",
    r"(?:gizlilik (?:notu|bildirimi)|yasal uyarı) ?:|bu (?:e-?posta|mesaj|ileti)\b.{0,120}?gizli",
)
"""How a company's words about secrecy begin: patterns of the beginning of a paragraph."""

SECRECY_GOES_ON: Final = (
    *("recipient", "addressee", "in error", "by mistake", "destinataire", "par erreur"),
    *(
        "destinatario",
        "por error",
        "adresat",
        "адресат",
        "получател",
        "по ошибке",
        "收件人",
        "误收",
    ),
    *("誤收", "错误", "گیرنده", "اشتباه", "المرسل", "المستلم", "المقصود", "خطا", "empfänger"),
    *("irrtümlich", "alıcı", "yanlışlıkla"),
)
"""One of these stands in it as well: a person who asks for secrecy does not write so."""
