"""Sentences in thirty languages, and the encodings in which people have kept them."""

SENTENCES = {
    "es": (
        "El año que viene abriremos otra tienda en España.",
        "La señal no se devuelve; el depósito, sí: cuando la habitación quede vacía y usted nos entregue las llaves.",
    ),
    "fr": (
        "Où se trouve la clé de l’entrée ?",
        "Les réservations annulées après le délai ne sont pas remboursées, même si le client était déjà arrivé à l’hôtel.",
    ),
    "de": (
        "Größere Straßen werden im März geräumt.",
        "Die Übergabe der Schlüssel erfolgt am frühen Nachmittag; für verspätete Rückgaben müssen wir eine Gebühr berechnen.",
    ),
    "pt": (
        "Não há informações sobre a devolução.",
        "A reunião de amanhã começa às nove; por favor, tragam os relatórios e as cópias das últimas três faturas.",
    ),
    "it": (
        "Perché la città è così bella d’estate?",
        "Il modulo è già stato compilato, però la verità è che nessuno può più trovarlo nell'archivio della società.",
    ),
    "nl": (
        "Wij coördineren de geïmporteerde goederen.",
        "De financiële reünie van de vereniging werd één week verschoven, omdat de zaal nog niet vrij was.",
    ),
    "sv": (
        "Här är våra öppettider för påsken.",
        "Kunden får tillbaka pengarna när varan har lämnats in; vänligen spara kvittot och lådan tills allt är färdigt.",
    ),
    "da": (
        "Vi åbner først igen på fredag.",
        "Nøglerne skal afleveres før klokken tolv, ellers må vi desværre opkræve et gebyr for hver påbegyndt dag.",
    ),
    "fi": (
        "Hyvää päivää, mitä teille kuuluu tänään?",
        "Sähköposti lähetettiin väärään osoitteeseen, joten emme ehtineet käsitellä pyyntöänne ennen määräaikaa.",
    ),
    "pl": (
        "Zażółć gęślą jaźń, proszę.",
        "Święto w Łodzi odbędzie się w sobotę, dzięki któremu każdy może się najeść i spędzić miło dzień z bliskimi.",
    ),
    "cs": (
        "Příliš žluťoučký kůň úpěl ďábelské ódy.",
        "Smlouva končí za třicet dní; zákazník musí vrátit všechny klíče a zaplatit poslední účet v hotovosti nebo kartou.",
    ),
    "sk": (
        "Ďakujeme, že ste si vybrali náš hotel.",
        "Výpožička kníh je možná každý štvrtok, čitatelia však musia predložiť platný preukaz a vrátiť všetko včas.",
    ),
    "hu": (
        "Árvíztűrő tükörfúrógép.",
        "A szerződés megszűnését követően a bérlő köteles a kulcsokat visszaadni, különben külön díjat számolunk fel érte.",
    ),
    "ro": (
        "Mâine plecăm împreună la mare și la munte.",
        "Clienţii care îşi anulează rezervarea după termen nu primesc înapoi avansul, chiar dacă au plătit în numerar.",
    ),
    "hr": (
        "Dođite k nama već sljedeće nedjelje.",
        "Račun možete platiti gotovinom ili karticom, a ključeve ćete dobiti čim potpišete ugovor i pokažete osobnu iskaznicu.",
    ),
    "tr": (
        "İstanbul’da güneşli bir gün, şehir kalabalık.",
        "Müşteri ödemeyi yaptıktan sonra anahtarları alır; gecikme olursa günlük ücret ayrıca hesaplanır ve faturaya eklenir.",
    ),
    "lt": (
        "Ačiū, kad pasirinkote mūsų viešbutį.",
        "Užsakymą galima atšaukti per dešimt dienų, tačiau už vėliau grąžintus daiktus reikės sumokėti papildomą mokestį.",
    ),
    "lv": (
        "Lūdzu, aizveriet durvis, kad aiziesiet.",
        "Līgums beidzas pēc trīsdesmit dienām, un īrniekam jāatdod visas atslēgas, citādi būs jāmaksā par katru kavējuma dienu.",
    ),
    "et": (
        "Järgmisel nädalal oleme õhtuti avatud.",
        "Leping lõpeb kolmekümne päeva pärast ja üürnik peab kõik võtmed õigeks ajaks tagastama, muidu lisandub tasu.",
    ),
    "ru": (
        "Привет, мир. Это короткий текст.",
        "Договор заканчивается через тридцать дней; клиент должен вернуть все ключи и оплатить последний счёт наличными.",
    ),
    "uk": (
        "Її книга лежить на столі, а є ще й інші.",
        "Договір закінчується за тридцять днів; клієнт повинен повернути всі ключі та сплатити останній рахунок готівкою.",
    ),
    "bg": (
        "Моля, затворете вратата след себе си.",
        "Договорът изтича след тридесет дни; клиентът трябва да върне всички ключове и да плати последната сметка в брой.",
    ),
    "el": (
        "Καλημέρα, πού είναι ο σταθμός;",
        "Η σύμβαση λήγει σε τριάντα ημέρες· ο πελάτης πρέπει να επιστρέψει όλα τα κλειδιά και να πληρώσει τον τελευταίο λογαριασμό.",
    ),
    "he": (
        "שלום לכולם, איפה נמצאת התחנה?",
        "החוזה מסתיים בעוד שלושים יום; הלקוח חייב להחזיר את כל המפתחות ולשלם את החשבון האחרון במזומן או בכרטיס.",
    ),
    "ar": (
        "أين تقع المحطة من فضلك؟",
        "ينتهي العقد بعد ثلاثين يوما، وعلى العميل أن يعيد جميع المفاتيح وأن يدفع الحساب الأخير نقدا أو بالبطاقة.",
    ),
    "th": ("สวัสดีครับ สถานีอยู่ที่ไหน", "สัญญาจะสิ้นสุดในอีกสามสิบวัน ลูกค้าต้องคืนกุญแจทั้งหมดและชำระบิลสุดท้ายเป็นเงินสดหรือบัตร"),
    "ja": (
        "こんにちは、駅はどこですか。",
        "契約は三十日後に終了します。お客様はすべての鍵を返却し、最後の請求書を現金またはカードでお支払いください。",
    ),
    "zh": (
        "你好，请问车站在哪里？",
        "合同将在三十天后到期；客户必须归还所有钥匙，并以现金或银行卡支付最后一笔账单。",
    ),
    "zt": (
        "您好，請問車站在哪裡？",
        "合約將在三十天後到期；客戶必須歸還所有鑰匙，並以現金或信用卡支付最後一筆帳單。",
    ),
    "ko": (
        "안녕하세요, 역이 어디에 있습니까?",
        "계약은 삼십 일 후에 종료되며 고객은 모든 열쇠를 반환하고 마지막 청구서를 현금이나 카드로 지불해야 합니다.",
    ),
}
"""A short one and a longer one."""

ENCODINGS = {
    "es": ["cp1252", "mac_roman", "cp850", "iso8859_15", "cp437"],
    "fr": ["cp1252", "mac_roman", "cp850", "iso8859_15", "cp437"],
    "de": ["cp1252", "mac_roman", "cp850", "iso8859_15", "cp437"],
    "pt": ["cp1252", "mac_roman", "cp850", "iso8859_15"],
    "it": ["cp1252", "mac_roman", "cp850", "iso8859_15", "cp437"],
    "nl": ["cp1252", "mac_roman", "cp850", "iso8859_15", "cp437"],
    "sv": ["cp1252", "mac_roman", "cp850", "iso8859_15", "cp437"],
    "da": ["cp1252", "mac_roman", "cp850", "iso8859_15"],
    "fi": ["cp1252", "mac_roman", "cp850", "iso8859_15", "cp437"],
    "pl": ["cp1250", "iso8859_2", "cp852"],
    "cs": ["cp1250", "iso8859_2", "cp852", "mac_latin2"],
    "sk": ["cp1250", "iso8859_2", "cp852"],
    "hu": ["cp1250", "iso8859_2", "cp852"],
    "ro": ["cp1250", "iso8859_2", "cp852"],
    "hr": ["cp1250", "iso8859_2", "cp852"],
    "tr": ["cp1254", "cp857"],
    "lt": ["cp1257", "iso8859_13", "cp775"],
    "lv": ["cp1257", "iso8859_13", "cp775"],
    "et": ["cp1257", "iso8859_13", "cp775"],
    "ru": ["cp1251", "koi8_r", "iso8859_5", "cp866", "mac_cyrillic"],
    "uk": ["cp1251", "koi8_u", "iso8859_5", "cp1125"],
    "bg": ["cp1251", "iso8859_5", "cp866"],
    "el": ["cp1253", "iso8859_7", "cp737"],
    "he": ["cp1255", "iso8859_8", "cp862"],
    "ar": ["cp1256", "iso8859_6"],
    "th": ["cp874"],
    "ja": ["cp932", "euc_jp", "iso2022_jp"],
    "zh": ["gb18030"],
    "zt": ["big5", "cp950"],
    "ko": ["cp949"],
}


def encoded() -> list[tuple[str, str, bytes]]:
    """Language, encoding and bytes of each longer text; characters that an encoding lacks are left out."""
    made = []
    for language, encodings in ENCODINGS.items():
        for encoding in encodings:
            data = SENTENCES[language][1].replace("’", "'").encode(encoding, "ignore")
            if not data.isascii() or encoding.startswith("iso2022"):
                made.append((language, encoding, data))
    return made
