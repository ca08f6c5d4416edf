"""What people write that looks like a command and is none: in each language, one text a line.

BEGINNING begin with a word of ours. Each of ENDING is published with each end of ENDS after it.
"""

from __future__ import annotations

BEGINNING = {
    "en": """
HELP they are shooting
Help us, the hospital on the north road has no power since Friday
HELP! My brother was taken from the square
help is coming too late for the people under the bridge
Help me find my father, he went out to buy bread
HELP needed in the old town, bring water and bandages
Read this and pass it on to everybody you know
READ this
Read what the governor said yesterday and ask yourself who believes it
read it aloud in the mosque tonight
Status of the water: brown since Monday, children are ill
STATUS 3 dead, 20 wounded, roads closed
Status quo cannot last, the whole bazaar is on strike
Delete your chats before the checkpoint, they search every phone
DELETE nothing, keep every video as evidence
delete the pictures of the wounded, their faces can be seen
Answers from the ministry are lies, nobody was at the gate
ANSWERS? We asked for ten days and got none
Answers we want, not promises
Again they cut the lights at eight and again the soldiers came
AGAIN shooting near the university
again and again the same trucks, no plates, men in black
To everybody outside: we are alive, do not believe the television
TO the mothers of the square, we have not forgotten you
To Friday then, same place, same hour
Code red at the central hospital, they need blood of every kind
CODE of silence at the court, no lawyer was let in
Code 12 was shouted on their radio, then they began to fire
""",
    "fa": """
کمک کنید، دارند تیراندازی می‌کنند
کمک! برادرم را از میدان بردند
کمک به زخمی‌ها لازم است، باند و آب بیاورید
کمک می‌خواهیم، بیمارستان از جمعه برق ندارد
راهنما نداریم و جاده بسته است، از راه کوه نیایید
راهنما به ما گفت مرز از دیشب بسته شده
وضعیت آب: از دوشنبه قهوه‌ای است و بچه‌ها مریض شده‌اند
وضعیت ۳ کشته و ۲۰ زخمی، خیابان‌ها بسته
وضعیت بازار: همه در اعتصاب‌اند
وضعیت بحرانی است
حذف کنید عکس‌هایی را که چهرهٔ مردم در آن پیداست
حذف نام دانشجوها از فهرست، امروز صبح در دانشگاه
حذف یارانه‌ها همه را به خیابان آورد
پاک کن گوشی‌ات را پیش از ایست بازرسی
پاسخ‌های وزارتخانه دروغ است، کسی جلوی در نبود
پاسخ ها را شنیدیم و هیچ کدام راست نبود
جواب‌ها همه مثل هم بود: برو فردا بیا
بخوان و به دیگران هم برسان
بخوان این را
خواندن نماز در میدان را هم ممنوع کردند
دوباره برق را ساعت هشت قطع کردند
دوباره تیراندازی
دوباره و دوباره همان کامیون‌های بی‌پلاک
تکرار می‌کنم: از پل عبور نکنید
به همه بگویید ما زنده‌ایم
به مادران میدان، شما را فراموش نکرده‌ایم
به کانال‌های تلویزیون اعتماد نکنید
کد ملی همه را جلوی دانشگاه می‌گرفتند
کد خبر را از تلویزیون خواندند و فردایش تکذیب کردند
""",
    "ar": """
مساعدة عاجلة، إنهم يطلقون النار
مساعدة! أخذوا أخي من الساحة
مساعدة الجرحى أولا، نحتاج ماء وضمادات
حالة المياه: بنية منذ الاثنين والأطفال مرضى
حالة 3 من المصابين خطيرة والطرق مغلقة
حالة طوارئ في المستشفى المركزي
حالة استنفار
حذف الصور التي تظهر فيها الوجوه واجب علينا
حذف أسماء الطلاب من القوائم هذا الصباح
احذف محادثاتك قبل الحاجز، يفتشون كل هاتف
احذف كل شيء
ردود الوزارة كلها كذب، لم يكن أحد عند الباب
ردود؟ سألنا عشرة أيام ولم نسمع شيئا
الردود التي وصلتنا لا تشبه ما رأيناه
إجابات نريد لا وعودا
اقرأ هذا وانشره بين الناس
اقرأ هذا
قراءة الفاتحة على الشهداء الليلة في البيوت
تكرار المشهد نفسه كل ليلة، شاحنات بلا لوحات
تكرار الاعتقالات
مرة أخرى قطعوا الكهرباء في الثامنة
مرة أخرى يقصفون السوق
إلى أمهات الساحة، لم ننسكن
إلى متى نسكت
إلى قناة السويس وصلت السفن متأخرة اليوم
رمز الدولة على كل شاحنة رأيناها
رمز المقاومة مرسوم على جدار المدرسة
كود الأحمر في المستشفى، يحتاجون دما من كل فصيلة
""",
    "ru": """
Помощь нужна, они стреляют
ПОМОЩЬ! Моего брата увели с площади
Помощь раненым собирают у вокзала, несите воду и бинты
Помощь не пришла
Справка о смерти выдана без причины, нам не дали её прочесть
Статус воды: с понедельника бурая, дети болеют
СТАТУС 3 убитых, 20 раненых, дороги закрыты
Статус неизвестен
Состояние моста плохое, не ходите по нему ночью
Состояние критическое
Удалить фотографии раненых, на них видно лица
Удалить всё
Удали переписку перед постом, проверяют каждый телефон
Ответы министерства - ложь, у ворот никого не было
ОТВЕТЫ? Мы спрашивали десять дней
Ответы получены
Читать всем и передать дальше
Читай это вслух сегодня вечером
Читайте, что сказал губернатор, и спросите себя, кто ему верит
Повтор вчерашнего: те же машины без номеров
Повторить нельзя молчать
Ещё раз выключили свет в восемь
Еще раз просим: не ходите через мост
Снова стреляют
Снова и снова одни и те же люди в чёрном
В канал приходят письма из всех районов, пишите и вы
Канал обмелел, питьевой воды в посёлке нет
Код красный в центральной больнице, нужна кровь любой группы
Код города больше не отвечает, связи нет с утра
""",
    "zh": """
帮助我们，他们在开枪
帮助！我哥哥在广场被带走了
帮助受伤的人，桥下需要水和绷带
幫助我們，醫院從星期五起就停電了
状态很糟，三人死亡，二十人受伤，道路封闭
状态 这里的水从星期一起就是棕色的孩子们都病了
狀態不明，電話從早上就打不通
查询了三天也没有人告诉我们他在哪里
查詢電話一直沒有人接，家屬都在門口等
删除照片，上面能看见伤者的脸
删除聊天记录再过检查站，他们查每一部手机
刪除一切之前先把影片交給可靠的人
回复都是假的，当时门口根本没有人
回复？我们等了十天，什么也没有
回覆我們的只有警察
答复我们的只有沉默
答覆是明天再來，天天都是明天再來
阅读这段话，然后告诉你认识的每一个人
阅读 请大家把真相传出去不要相信电视
閱讀室被關了，學生都站在街上
重发一遍：不要走那座桥
重發昨天的消息：那些卡車沒有車牌
发到群里也没有用，群已经被封了
發到外面去，讓大家知道我們還活著
转到医院的人说需要各种血型的血
轉到北邊去的路今天早上被封了
代码红色，中心医院需要血
代碼是什麼我們不懂，他們在電台裡喊了十二
编号都被涂掉了，车上没有牌照
編號十二的囚室裡有我的父親
""",
    "es": """
AYUDA están disparando
Ayuda, el hospital del norte no tiene luz desde el viernes
AYUDA! Se llevaron a mi hermano de la plaza
Ayuda a los heridos: hacen falta agua y vendas en el puente
Ayuda humanitaria
Estado del agua: marrón desde el lunes, los niños están enfermos
ESTADO 3 muertos, 20 heridos, calles cerradas
Estado islámico
Estado de sitio en todo el barrio desde anoche
Borrar las fotos de los heridos, se les ve la cara
Borrar todo
Borrar los chats antes del retén, revisan cada teléfono
Eliminar los nombres de las listas, eso hicieron esta mañana
Eliminar evidencias
Respuestas del ministerio: mentiras, en la puerta no había nadie
RESPUESTAS? Preguntamos diez días y nada
Respuestas queremos, no promesas
Leer esto y pasarlo a todos los conocidos
Leer en voz alta esta noche en la iglesia
Leer esto
Repetir lo de ayer: los mismos camiones sin placas
Repetir elecciones
Otra vez cortaron la luz a las ocho
Otra vez disparando
Otra vez los mismos hombres de negro junto a la universidad
Al canal no llega agua desde hace una semana
Al canal de noticias no le crean nada, aquí seguimos vivos
Código rojo en el hospital central, falta sangre de todos los tipos
Código penal en mano nos dijeron que reunirse es delito
""",
    "my": """
အကူအညီ လိုတယ်၊ သူတို့ ပစ်နေပြီ
အကူအညီ! ကျွန်မအစ်ကိုကို ရင်ပြင်ကနေ ခေါ်သွားတယ်
အကူအညီပေးပါ ဆေးရုံမှာ သောကြာနေ့ကတည်းက မီးမလာဘူး
အကူအညီတွေ နောက်ကျနေပြီ တံတားအောက်မှာ လူတွေ ရှိသေးတယ်
အကူအညီ မရောက်သေးဘူး
အခြေအနေ ဆိုးနေပြီ၊ သုံးယောက်သေ၊ အယောက်နှစ်ဆယ် ဒဏ်ရာရ
အခြေအနေ ၃ ယောက်သေ၊ ၂၀ ဒဏ်ရာရ၊ လမ်းတွေပိတ်ထားတယ်
အခြေအနေက မနက်ကတည်းက မပြောင်းဘူး၊ ဖုန်းလိုင်းမရှိဘူး
အခြေအနေမကောင်းဘူး ရေက တနင်္လာနေ့ကတည်းက ညိုနေတယ်
ဖျက် မနေနဲ့၊ ဗီဒီယိုတွေကို သက်သေအဖြစ် သိမ်းထားပါ
ဖျက်ပစ်ကြပါ မျက်နှာပေါ်တဲ့ ဓာတ်ပုံတွေကို
ဖျက်ပါ စာတွေကို ဂိတ်မရောက်ခင်၊ ဖုန်းတိုင်း စစ်နေတယ်
ဖျက်ရန် မလိုပါ၊ လူတွေသိပြီးသား ဖြစ်တယ်
အဖြေများ? ဆယ်ရက်မေးနေတာ မရဘူး
အဖြေများ အားလုံး လိမ်တာပဲ၊ တံခါးမှာ ဘယ်သူမှ မရှိဘူး
အဖြေများကို ကျွန်ုပ်တို့ မကြားရသေးပါ
အဖြေများ လိုချင်တယ် ကတိ မလိုချင်ဘူး
ဖတ်ပြီး သိသမျှလူကို ပြောပြပါ
ဖတ် ကြည့်ပါ၊ မနေ့က ဝန်ကြီး ဘာပြောသလဲ
ဖတ်ရန် ဒီညမှာ စာတစ်စောင် ဘုန်းကြီးကျောင်းကို ရောက်တယ်
ဖတ်ရန်ခက်တယ် ဒါပေမဲ့ အမှန်ပါ
ထပ်ပို့ ပါ့မယ် မနက်ဖြန် လိုင်းရရင်
ထပ်ပို့လိုက်တဲ့ စစ်ကားတွေ နံပါတ်ပြား မပါဘူး
ထပ်ပို့ပါ ဆိုပေမဲ့ လိုင်းမရှိတော့ဘူး
ချန်နယ် အားလုံး ပိတ်ခံထားရတယ်
ချန်နယ်တွေက ပြောတာ မယုံပါနဲ့၊ ကျွန်တော်တို့ အသက်ရှင်နေသေးတယ်
ကုဒ် နီ ကြေညာထားတယ်၊ ဆေးရုံကြီးမှာ သွေးအမျိုးအစားစုံ လိုတယ်
ကုဒ်တွေ မသိဘူး၊ သူတို့စက်ထဲက တစ်ဆယ့်နှစ် အော်ပြီး ပစ်တော့တာပဲ
""",
    "fr": """
AIDE ils tirent
Aide, l'hôpital du nord n'a plus de courant depuis vendredi
AIDE! Mon frère a été emmené de la place
Aide aux blessés: il faut de l'eau et des bandages sous le pont
Aide humanitaire
Statut de l'eau: brune depuis lundi, les enfants sont malades
STATUT 3 morts, 20 blessés, routes fermées
Statut inconnu
État d'urgence dans tout le quartier depuis hier soir
Etat islamique
Supprimer les photos des blessés, on voit leurs visages
Supprimer internet
Effacer les messages avant le barrage, ils fouillent chaque téléphone
Effacer les preuves
Réponses du ministère: des mensonges, il n'y avait personne à la porte
REPONSES? Nous avons demandé dix jours
Réponses attendues
Lire ceci et le passer à tous ceux que vous connaissez
Lire à voix haute ce soir à la mosquée
Lire ceci
Répéter ce que tout le monde sait: ne passez pas le pont
Encore des tirs près de l'université
Encore bombardés
Encore et encore les mêmes camions sans plaques
Au canal il n'y a plus d'eau depuis une semaine
Au canal de télévision ne croyez rien, nous sommes vivants
Code rouge à l'hôpital central, il faut du sang de tous les groupes
Code pénal en main, on nous a dit que se réunir est un délit
Code 12 a été crié à leur radio, puis ils ont tiré
""",
}

ENDING = {
    "en": """
They closed the bridge at noon and nobody was told why
We are forty in the cellar, the youngest is two
My street has had no water for nine days
The teachers were let go, the students were not
""",
    "fa": """
پل را ظهر بستند و به کسی نگفتند چرا
چهل نفر در زیرزمین هستیم و کوچک‌ترین دو سال دارد
کوچهٔ ما نه روز است آب ندارد
معلم‌ها را آزاد کردند، دانشجوها را نه
""",
    "ar": """
أغلقوا الجسر ظهرا ولم يقولوا لأحد لماذا
نحن أربعون في القبو وأصغرنا في الثانية من عمره
شارعنا بلا ماء منذ تسعة أيام
أطلقوا المعلمين ولم يطلقوا الطلاب
""",
    "ru": """
В полдень закрыли мост и никому не сказали почему
Нас сорок в подвале, младшему два года
На нашей улице девять дней нет воды
Учителей отпустили, студентов нет
""",
    "zh": """
中午他们封了桥，没有人告诉我们为什么
地下室里有四十个人，最小的两岁
我们这条街九天没有水了
老師放了，學生還沒有放
""",
    "es": """
Cerraron el puente al mediodía y nadie dijo por qué
Somos cuarenta en el sótano, la menor tiene dos años
Mi calle lleva nueve días sin agua
Soltaron a los maestros, a los estudiantes no
""",
    "my": """
နေ့လယ်မှာ တံတားကို ပိတ်လိုက်တယ်၊ ဘာကြောင့်လဲ မပြောဘူး
မြေအောက်ခန်းထဲမှာ လေးဆယ်ယောက်ရှိတယ်၊ အငယ်ဆုံးက နှစ်နှစ်
ကျွန်မတို့လမ်းမှာ ကိုးရက်ရှိပြီ ရေမလာဘူး
ဆရာတွေကို လွှတ်ပေးပြီ၊ ကျောင်းသားတွေကို မလွှတ်သေးဘူး
""",
    "fr": """
Ils ont fermé le pont à midi sans dire pourquoi
Nous sommes quarante à la cave, la plus jeune a deux ans
Ma rue n'a pas d'eau depuis neuf jours
Les professeurs ont été relâchés, pas les étudiants
""",
}

ENDS = (
    "\n#MahsaAmini",
    " #۱۴۰۱",
    "\n#Jan25 #2026",
    "\n#1234567",
    "\n#၁၂၃၄",
    "\n--",
    "\n---",
    "\n- 3",
    "\n—",
    "?",
    "؟",
    "\n?",
    "\n? 2026",
    "？",
)


def lines(written: str) -> list[str]:
    return written.strip().splitlines()
