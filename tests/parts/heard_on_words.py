"""What people and their programs put round a message they pass on, by language."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Around:
    """The words of one language: no comment names a place, only `counted` has a number."""

    forwarded: tuple[str, ...]
    """What WhatsApp writes over a message that was passed on."""
    forwarded_from: str
    """What Telegram writes before the name of a source."""
    mail: tuple[str, str, str, str, str]
    """The line over a mail passed on; from, date, subject, to."""
    sources: tuple[str, ...]
    before: tuple[str, ...]
    after: tuple[str, ...]
    counted: str
    tags: tuple[str, ...]


AROUND = {
    "en": Around(
        ("Forwarded", "Forwarded many times"),
        "Forwarded from",
        ("---------- Forwarded message ---------", "From", "Date", "Subject", "To"),
        ("City News", "Neighbours", "mum"),
        ("Omg just got this from my aunt.", "pls share!!", "Can anyone confirm this?", "FYI"),
        ("Stay safe everyone.", "copy and paste, dont forward", "I didn't check it myself"),
        "third time i get this today",
        ("#breaking", "#help", "#SOS"),
    ),
    "fa": Around(
        ("هدایت‌شده", "بارها هدایت‌شده"),
        "هدایت شده از",
        ("---------- پیام هدایت‌شده ---------", "از", "تاریخ", "موضوع", "به"),
        ("خبر محله", "همسایه‌ها", "کانال مردمی"),
        ("این الان به دستم رسید.", "لطفا پخش کنید!", "کسی تایید می‌کنه؟", "از گروه خانوادگی:"),
        ("مواظب خودتون باشید.", "خودم ندیدم، نقل از دوستم", "به امید آزادی"),
        "این سومین باره که این پیام میاد",
        ("#خبر_فوری", "#صدای_ما_باشید", "#کمک"),
    ),
    "ar": Around(
        ("مُعاد توجيهها", "تمت إعادة توجيهها عدة مرات"),
        "معاد توجيهها من",
        ("---------- رسالة مُعاد توجيهها ---------", "من", "التاريخ", "الموضوع", "إلى"),
        ("أخبار الحي", "الجيران", "مراسلون"),
        ("وصلني هلق من قرايبنا.", "انشروها يا ناس!", "حدا يأكد الخبر؟", "منقول"),
        ("الله يحمي الجميع.", "ما تأكدت بنفسي", "ادعوا لنا"),
        "هي المرة التالتة بتوصلني",
        ("#عاجل", "#أنقذوا_الناس", "#نداء"),
    ),
    "ru": Around(
        ("Переслано", "Часто пересылаемое сообщение"),
        "Переслано из",
        ("---------- Пересылаемое сообщение ---------", "От", "Дата", "Тема", "Кому"),
        ("Новости района", "Соседи", "мама"),
        ("Только что прислали.", "Максимальный репост!", "Кто может подтвердить?", "Пишут:"),
        ("Берегите себя.", "сам не проверял", "За что купил, за то продаю."),
        "уже в третий раз приходит",
        ("#срочно", "#помогите", "#репост"),
    ),
    "my": Around(
        ("ထပ်ဆင့်ပို့ထားသည်", "Forwarded"),
        "Forwarded from",
        ("---------- Forwarded message ---------", "From", "Date", "Subject", "To"),
        ("မြို့သတင်း", "အိမ်နီးချင်း", "ပြည်သူ့အသံ"),
        ("အခုပဲ ရတဲ့သတင်း။", "ရှယ်ပေးကြပါ", "ဟုတ်မဟုတ် သိလား?", "သူငယ်ချင်း ပို့တာ -"),
        ("အားလုံး ဂရုစိုက်ကြပါ။", "ကိုယ်တိုင် မမြင်ဘူး", "ဆုတောင်းပေးကြပါ"),
        "ဒါ သုံးခါမြောက် ရတာ",
        ("#သတင်း", "#ကူညီပါ", "#အရေးပေါ်"),
    ),
    "zh": Around(
        ("转发", "已转发多次"),
        "转发自",
        ("---------- 转发的邮件 ---------", "发件人", "日期", "主题", "收件人"),
        ("本地消息", "邻居群", "家里人"),
        ("刚收到的。", "求转发！", "有人能证实吗？", "群里看到的："),
        ("大家注意安全。", "我没核实过", "快存图，等下就没了"),
        "今天第三次看到这条了",
        ("#突发", "#求助", "#扩散"),
    ),
    "tr": Around(
        ("İletildi", "Birçok kez iletildi"),
        "Şuradan iletildi:",
        ("---------- Yönlendirilmiş mesaj ---------", "Gönderen", "Tarih", "Konu", "Alıcı"),
        ("Mahalle Haber", "Komşular", "annem"),
        ("Şimdi geldi bana.", "Lütfen yayın!!", "Doğru mu bilen var mı?", "Alıntıdır"),
        ("Dikkatli olun.", "ben teyit etmedim", "Allah yardımcınız olsun"),
        "bu mesaj üçüncü kez geliyor",
        ("#sondakika", "#yardım", "#acil"),
    ),
    "es": Around(
        ("Reenviado", "Reenviado muchas veces"),
        "Reenviado de",
        ("---------- Forwarded message ---------", "De", "Fecha", "Asunto", "Para"),
        ("Noticias del barrio", "Vecinos", "mi tía"),
        ("Me acaba de llegar esto.", "Difundan por favor!!", "¿Alguien confirma?", "Copio y pego:"),
        ("Cuídense mucho.", "yo no lo he verificado", "Dios los guarde"),
        "ya me llegó tres veces esto",
        ("#urgente", "#SOS", "#ayuda"),
    ),
    "ckb": Around(
        ("گواستراوەتەوە", "Forwarded"),
        "گواستراوەتەوە لە",
        ("---------- Forwarded message ---------", "From", "Date", "Subject", "To"),
        ("هەواڵی شار", "دراوسێکان", "دەنگی خەڵک"),
        ("ئێستا پێم گەیشت.", "تکایە بڵاوی بکەنەوە!", "کەس دەزانێت ڕاستە؟", "لە هاوڕێیەکەوە:"),
        ("ئاگاتان لە خۆتان بێت.", "خۆم نەمبینیوە", "خوا بتانپارێزێت"),
        "ئەمە جاری سێیەمە پێم دەگات",
        ("#هەواڵ", "#یارمەتی", "#بەپەلە"),
    ),
    "ur": Around(
        ("فارورڈ کیا گیا", "کئی بار فارورڈ کیا گیا"),
        "فارورڈ کردہ از",
        ("---------- آگے بھیجا گیا پیغام ---------", "منجانب", "تاریخ", "موضوع", "بنام"),
        ("محلے کی خبر", "پڑوسی", "امی"),
        ("ابھی ابھی ملا ہے۔", "شیئر کریں پلیز!", "کوئی تصدیق کر سکتا ہے؟", "منقول"),
        ("اپنا خیال رکھیں۔", "میں نے خود نہیں دیکھا", "اللہ رحم کرے"),
        "یہ تیسری بار آیا ہے",
        ("#بریکنگ", "#مدد", "#ایمرجنسی"),
    ),
    "uk": Around(
        ("Переслано", "Переслано багато разів"),
        "Переслано від",
        ("---------- Пересланий лист ---------", "Від", "Дата", "Тема", "Кому"),
        ("Новини району", "Сусіди", "мама"),
        ("Щойно прислали.", "Поширте, будь ласка!", "Хтось може підтвердити?", "З чату:"),
        ("Бережіть себе.", "сама не перевіряла", "Тримаймося"),
        "вже втретє таке приходить",
        ("#терміново", "#допоможіть", "#поширте"),
    ),
    "fr": Around(
        ("Transféré", "Transféré de nombreuses fois"),
        "Transféré de",
        ("---------- Message transféré ---------", "De", "Date", "Objet", "À"),
        ("Infos quartier", "Voisins", "tata"),
        ("Je viens de recevoir ça.", "Partagez svp!!", "Quelqu'un peut confirmer ?", "Copié :"),
        ("Prenez soin de vous.", "j'ai pas vérifié", "Courage à tous"),
        "c'est la troisième fois que je le reçois",
        ("#urgent", "#alerte", "#aide"),
    ),
}
