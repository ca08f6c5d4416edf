"""The words that people put around what they forward, by language, as people write them.

No speaker of these languages has checked them. One that is missing costs a group, and one too many
costs a word at the edge of a text that all its copies lose alike. Names of places and numbers must
not be among them.
"""

from __future__ import annotations

from typing import Final

WORDS: Final = """
fwd fw forward forwarded forwarding forwards re rt retweet repost reposted share shared
sharing please pls plz everyone everybody urgent urgently breaking news send sent received
receive copied copy copying paste pasted spread word group groups channel via message msg
tell friends contacts important attention alert update help pray prayers original source
subscribe join follow with for on us god bless omg wow sad whatsapp telegram signal many
times as read this from a to the your my
it all and of in you can must begin end quote unquote now just got info know let people

لطفا لطفاً فوری مهم خبر پخش کنید کنین نشر دهید بدید بدین ارسال شده فوروارد بازنشر اشتراک
بگذارید بذارید همه دوستان پیام کانال گروه منبع نقل از به رسیده برسانید برسونید اطلاع رسانی کپی
عاجل توجه خبرفوری را رو با این هموطنان رسید دریافت بفرستید بفرستین عضو شوید همرسانی دست
مخاطبین تون خود برای هر کس

عاجل الرجاء رجاء نشر انشر انشروا شارك شاركوا ارسل ارسلوا أرسلوا منقول وصلني وصلتني رسالة
محولة معاد توجيهها هام مهم خبر الان يرجى النشر للنشر من فضلك فضلكم عمم تعميم ارجو أرجو
المشاركة قناة مجموعة المصدر للجميع الى إلى كل على نطاق واسع اصدقاء أصدقائكم اعادة إعادة كما
وردني

срочно пожалуйста перешлите переслано переслать поделитесь поделись репост распространите
всем друзья новости сообщение канал группа источник внимание важно разошлите скопировано
отправьте от из прислали максимальный просьба это для всех подпишитесь молния получил
получила терміново поширте перешліть будь ласка поширення передайте тэрмінова падзяліцеся
перашліце калі распаўсюдзьце макс

urgente importante favor por comparte compartan compartir
comparta difundir difundan difunde reenviado
reenviar reenvien reenvía mensaje noticia última ultima hora atención grupo canal fuente
copiado recibido todos para que se sepa pásalo pasalo rt de lo esto máxima difusión a los
contactos amigos me

urgent partagez partager partage svp merci transféré transferer transfère transférez faites
suivre tourner diffusez diffuser message groupe canal source copié reçu important alerte
info à tous de ce actu s'il vous plaît plait veuillez vos contacts amis maximum passez le au

lütfen paylaşın paylaş paylaşalım acil iletildi yönlendirildi yayın yayalım duyurun herkes
herkese son dakika haber mesaj grup kanal kaynak kopyala alıntı önemli dikkat iletin
gönderin olarak tarafından arkadaşlar yaygınlaştıralım

bitte teilen weiterleiten weitergeleitet eilmeldung dringend wichtig nachricht von an alle
kanal gruppe quelle kopiert leitet weiter compartilhe compartilhem encaminhado encaminhada
repassem divulguem favor

بەپەلە تکایە بڵاوی بکەنەوە هەواڵ ji kerema xwe parve bikin bilez nûçe belav
"""
"""English, Persian, Arabic, Russian (with some Ukrainian and Belarusian), Spanish, French, Turkish,
German with Portuguese, Kurdish."""

PHRASES: Final = """
请大家转发 请转发扩散 请广泛转发 请帮忙转发 请帮忙扩散 请多多转发 求转发扩散 请转发 求转发
求扩散 请扩散 转发自 转自 转发 扩散 紧急通知 紧急 突发 快讯 請大家轉發 請轉發 轉發 轉自 擴散
緊急 网传 群里看到的 群里看到 朋友发来的 收到的消息 让更多人知道 让更多人看到 大家 谢谢 帮忙
消息 ကျေးဇူးပြု၍ ကျေးဇူးပြုပြီး မျှဝေပေးပါ မျှဝေကြပါ ရှယ်ပေးကြပါ ရှယ်ပေးပါ ဖြန့်ဝေပေးပါ
ဖြန့်ဝေပေးကြပါ မျှဝေပါ ရှယ်ပါ ဖြန့်ပေးပါ အရေးကြီး သတင်း အရေးပေါ် တဆင့် ပြန်လည်မျှဝေ ကူးယူ လက်ဆင့်ကမ်းပေးပါ
โปรดแชร์ ช่วยแชร์ กรุณาแชร์ ช่วยกันแชร์ ส่งต่อ แชร์ ด่วน ข่าว ได้โปรด ด้วยครับ ด้วยค่ะ กรุณา 拡散希望
拡散お願いします シェアしてください 転送 拡散 速報 공유 부탁드립니다 긴급 속보 퍼가요
"""
"""Chinese, Burmese, Thai, Japanese, Korean: written without blanks, and found so."""
