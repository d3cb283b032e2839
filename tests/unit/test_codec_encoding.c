/* test_codec_encoding.c - older encodings are found and read: texts of our own in many languages, written in them by iconv. */
#include "compare.h"
#include "codec/codec.h"
#include <iconv.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct {
    const char *encodings, *text;
} texts[] = {
    {"CP1252 ISO-8859-1 ISO-8859-15 MACINTOSH CP850 CP437",
     "Die Rückgabe ist bis zum dreißigsten Tag möglich. Wer später zurückgibt, muss die Gebühr für die Prüfung "
     "übernehmen; größere Geräte holen wir auf Wunsch ab. Die Schlüssel bleiben natürlich bei Ihnen."},
    {"CP1252 ISO-8859-1 ISO-8859-15 MACINTOSH CP850 CP437",
     "Le remboursement est crédité après réception du colis à l'entrepôt. Les frais d'expédition ne sont pas remboursés, sauf "
     "si l'article était défectueux; dès que le contrôle est terminé, vous êtes prévenu."},
    {"CP1252 ISO-8859-1 ISO-8859-15 MACINTOSH CP850 CP437",
     "La devolución será aceptada después de la revisión técnica. El año pasado cambió la dirección del almacén, así que "
     "envíe el paquete a la nueva dirección y guarde también el número de seguimiento."},
    {"CP1252 ISO-8859-1",
     "A devolução só é aceita após a inspeção. Não esqueça de informar o número da nota fiscal e a razão da "
     "devolução; a informação será usada também para a garantia até o próximo verão."},
    {"CP1252 ISO-8859-1 CP850",
     "Återbetalningen görs när varan har kommit tillbaka till lagret. Du får själv betala frakten, men är "
     "varan skadad står vi för kostnaden. Hör av dig så hjälper vi till på måndag."},
    {"CP1252 ISO-8859-1", "Pengene bliver sat ind på kontoen, når varen er nået frem til lageret. Du skal selv betale for "
                          "forsendelsen, medmindre der er fejl på varen. Læs også vores øvrige vilkår, før du køber."},
    {"CP1252 ISO-8859-1", "Rahat palautetaan tilille, kun tuote on tarkastettu. Lähetä paketti viimeistään kymmenen päivän "
                          "kuluessa, äläkä hävitä kuittia. Myös käyttämätön lahjakortti hyvitetään täysimääräisenä."},
    {"CP1250 ISO-8859-2 CP852",
     "Zwrot pieniędzy następuje po sprawdzeniu przesyłki w magazynie. Jeśli urządzenie było uszkodzone, koszt "
     "wysyłki również zostanie zwrócony. Proszę dołączyć paragon oraz krótki opis usterki."},
    {"CP1250 ISO-8859-2 CP852",
     "Peníze vám vrátíme, jakmile bude zboží zkontrolováno ve skladu. Pokud bylo zařízení poškozené, "
     "uhradíme také poštovné. Přiložte prosím účtenku a stručný popis závady, děkujeme."},
    {"CP1250 ISO-8859-2", "A pénzt akkor térítjük vissza, amikor az áru megérkezett a raktárba és ellenőriztük. Ha a készülék "
                          "hibás volt, a szállítási költséget is visszafizetjük. Kérjük, őrizze meg a számlát."},
    {"CP1250", "Banii sunt restituiţi după ce produsul a fost verificat în depozit. Dacă aparatul a fost stricat, plătim şi "
               "transportul. Vă rugăm să păstraţi bonul şi să ataşaţi o scurtă descriere a defecţiunii."},
    {"CP1250 ISO-8859-2", "Novac vraćamo čim je roba pregledana u skladištu. Ako je uređaj bio oštećen, plaćamo i poštarinu. "
                          "Molimo priložite račun te kratak opis kvara, a rješenje šaljemo sljedeći tjedan."},
    {"CP1251 KOI8-R ISO-8859-5",
     "Деньги возвращаются после проверки товара на складе. Если прибор был неисправен, мы оплатим и доставку. "
     "Пожалуйста, приложите чек и краткое описание поломки."},
    {"CP1251 KOI8-U",
     "Гроші повертаються після перевірки товару на складі. Якщо прилад був несправний, ми сплатимо й доставку. Будь "
     "ласка, додайте чек і стислий опис поломки, її причини та ваші побажання."},
    {"CP1251 ISO-8859-5",
     "Парите се връщат след проверка на стоката в склада. Ако уредът е бил повреден, плащаме и доставката. Моля, "
     "приложете касовата бележка и кратко описание на дефекта."},
    {"CP1253 ISO-8859-7",
     "Τα χρήματα επιστρέφονται μετά τον έλεγχο του προϊόντος στην αποθήκη. Αν η συσκευή ήταν ελαττωματική, "
     "πληρώνουμε και τα μεταφορικά. Παρακαλούμε να φυλάξετε την απόδειξη."},
    {"CP1254",
     "Para iadesi, ürün depoda kontrol edildikten sonra yapılır. Cihaz arızalıysa kargo ücretini de biz öderiz. Lütfen "
     "faturayı ve arızanın kısa bir açıklamasını ekleyin; teşekkür eder, iyi günler dileriz."},
    {"CP1255",
     "הכסף יוחזר לאחר שהמוצר ייבדק במחסן. אם המכשיר היה פגום, נשלם גם את דמי המשלוח. נא לצרף את הקבלה ותיאור קצר של התקלה."},
    {"CP1256", "يعاد المبلغ بعد فحص المنتج في المستودع. إذا كان الجهاز معطلا فإننا ندفع أيضا تكاليف الشحن. يرجى إرفاق الفاتورة "
               "ووصف قصير للعطل."},
    {"CP1257", "Pinigai grąžinami, kai prekė patikrinama sandėlyje. Jei prietaisas buvo sugedęs, apmokame ir siuntimą. Prašome "
               "pridėti kvitą ir trumpą gedimo aprašymą, kad galėtume greičiau išspręsti šį klausimą."},
    {"CP932 EUC-JP ISO-2022-JP", "返金は、倉庫で商品を確認したあとに行われます。機器が壊れていた場合は、送料も当社が負担します"
                                 "。領収書と故障の簡単な説明を同封してください。"},
    {"GB18030 GBK",
     "退款将在仓库检查商品之后进行。如果设备有故障，运费也由我们承担。请附上收据和对故障的简短说明，我们会尽快处理。"},
    {"BIG5", "退款將在倉庫檢查商品之後進行。如果設備有故障，運費也由我們承擔。請附上收據和對故障的簡短說明，我們會儘快處理。"},
    {"EUC-KR CP949", "환불은 창고에서 상품을 확인한 뒤에 이루어집니다. 기기가 고장 난 경우에는 배송비도 저희가 부담합니다. "
                     "영수증과 고장에 대한 간단한 설명을 "
                     "함께 보내 주십시오."},
    {"UTF-16LE UTF-16BE UTF-32LE UTF-32BE", "Grüße aus Köln, und 中文 dazu: alles in einem Text, der lang genug ist.\n"},
    {"UTF-16LE UTF-16BE", "退款将在仓库检查商品之后进行。如果设备有故障，运费也由我们承担。请附上收据。"},
};

/* The text in that encoding; false when this system's iconv lacks it. */
static bool encode(const char *encoding, const char *text, struct buffer *out)
{
    iconv_t converter = iconv_open(encoding, "UTF-8");
    if (converter == (iconv_t)-1)
        return false;
    char *from = (char *)(uintptr_t)text, *to = buffer_reserve(out, 4096);
    size_t from_left = strlen(text), to_left = 4096;
    assert_non_null(to);
    size_t result = iconv(converter, &from, &from_left, &to, &to_left);
    if (result != (size_t)-1)
        result = iconv(converter, NULL, NULL, &to, &to_left);
    iconv_close(converter);
    assert_true(result != (size_t)-1);
    out->size += 4096 - to_left;
    return true;
}

static void texts_of_many_languages_come_back(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(texts); i++) {
        struct slice rest = slice_from(texts[i].encodings), part;
        while (slice_next(&rest, ' ', &part)) {
            struct buffer encoded, text;
            struct error error = {0};
            char encoding[32];
            const char *found;
            snprintf(encoding, sizeof(encoding), SLICE_FORMAT, SLICE_ARGUMENT(part));
            buffer_init(&encoded, 8192);
            buffer_init(&text, 8192);
            if (encode(encoding, texts[i].text, &encoded)) {
                assert_true(encoding_detect(buffer_slice(&encoded), SLICE(""), &found));
                expect_ok(encoding_to_utf8(buffer_slice(&encoded), found, &text, &error), &error);
                compare_text(encoding, buffer_slice(&text), texts[i].text);
            } else
                print_message("skipped: iconv has no %s\n", encoding);
            buffer_release(&encoded);
            buffer_release(&text);
        }
    }
}

/* Each pair of bytes is what iconv says, but for the few where tables differ by custom. */
static void pairs_are_those_of_iconv(void **state)
{
    (void)state;
    static const char *const names[][2] = {{"gb18030", "GB18030"}, {"big5", "CP950"},    {"euc-kr", "CP949"},
                                           {"shift_jis", "CP932"}, {"euc-jp", "EUC-JP"}, {"koi8-u", "KOI8-U"}};
    for (size_t i = 0; i < ARRAY_COUNT(names); i++) {
        size_t same = 0, all = 0;
        iconv_t converter = iconv_open("UTF-8", names[i][1]);
        if (converter == (iconv_t)-1) {
            print_message("skipped: iconv has no %s\n", names[i][1]);
            continue;
        }
        for (unsigned pair = i == 4 ? 0xA140 : 0x8040; pair < 0xFFFF; pair++) { /* EUC-JP has controls below */
            char bytes[2] = {(char)(pair >> 8), (char)pair}, wanted[16], *from = bytes, *to = wanted;
            size_t from_left = 2, to_left = sizeof(wanted);
            struct buffer text;
            struct error error = {0};
            iconv(converter, NULL, NULL, NULL, NULL);
            if (iconv(converter, &from, &from_left, &to, &to_left) == (size_t)-1)
                continue;
            buffer_init(&text, 64);
            expect_ok(encoding_to_utf8((struct slice){bytes, 2}, names[i][0], &text, &error), &error);
            struct slice is = {wanted, sizeof(wanted) - to_left};
            bool is_private = is.size == 3 && ((unsigned char)is.data[0] == 0xEE || (unsigned char)is.data[0] == 0xEF);
            all += !is_private;
            same += !is_private && slice_equal(buffer_slice(&text), is);
            buffer_release(&text);
        }
        iconv_close(converter);
        if (all < 100 || same * 1000 < all * 985)
            fail_msg("%s: %zu of %zu pairs", names[i][0], same, all);
    }
}

static void expect_encoding(const char *source, size_t size, const char *declared, const char *wanted)
{
    const char *found = NULL;
    bool is_text = encoding_detect((struct slice){source, size}, slice_from(declared), &found);
    if (wanted == NULL) {
        assert_false(is_text);
        return;
    }
    if (!is_text)
        fail_msg("no text: %s", wanted);
    assert_string_equal(found, wanted);
}

static void marks_and_declarations(void **state)
{
    (void)state;
    expect_encoding("", 0, "", "utf-8");
    expect_encoding("plain", 5, "", "utf-8");
    expect_encoding("plain", 5, "shift_jis", "utf-8"); /* the same in both */
    expect_encoding("\xEF\xBB\xBF\xE9", 4, "", "utf-8");
    expect_encoding("\xFF\xFE"
                    "a\0",
                    4, "", "utf-16le");
    expect_encoding("\xFE\xFF\0a", 4, "", "utf-16be");
    expect_encoding("\xFF\xFE\0\0a\0\0\0", 8, "", "utf-32le");
    expect_encoding("\0\0\xFE\xFF\0\0\0a", 8, "", "utf-32be");
    expect_encoding("caf\xC3\xA9", 5, "windows-1252", "utf-8"); /* what is valid UTF-8 is UTF-8 */
    expect_encoding("caf\xE9", 4, "", "windows-1252");
    expect_encoding("caf\xE9", 4, "Latin-1", "windows-1252");
    expect_encoding("caf\xE9", 4, "cp1251", "windows-1251"); /* it fits */
    expect_encoding("caf\xE9", 4, "utf-8", "windows-1252"); /* it does not */
    expect_encoding("caf\xE9", 4, "no such", "windows-1252");
    expect_encoding("\x7F"
                    "ELF\2\1\1\0\0\0\0\0\0\0\0\0\2\0>\0\1\0\0\0",
                    24, "", NULL);
    expect_encoding("a\0b", 3, "", NULL);
    expect_encoding("\1\2\3\4\5\6\7", 7, "", NULL);
    expect_encoding("\x1B$B\x46|\x4B\\\x38l\x1B(B\n", 13, "", "iso-2022-jp");
}

static void names(void **state)
{
    (void)state;
    static const char *const cases[][2] = {{"UTF-8", "utf-8"},
                                           {"utf8", "utf-8"},
                                           {"ISO_8859-1", "windows-1252"},
                                           {"us-ascii", "windows-1252"},
                                           {"ISO-8859-9", "windows-1254"},
                                           {"gb2312", "gb18030"},
                                           {"GBK", "gb18030"},
                                           {"x-sjis", "shift_jis"},
                                           {"EUC-JP", "euc-jp"},
                                           {"ks_c_5601-1987", "euc-kr"},
                                           {"CP1250", "windows-1250"},
                                           {"x-cp1251", "windows-1251"},
                                           {"koi8-r", "koi8-r"},
                                           {"macintosh", "macintosh"}};
    for (size_t i = 0; i < ARRAY_COUNT(cases); i++)
        assert_string_equal(encoding_named(slice_from(cases[i][0])), cases[i][1]);
    assert_null(encoding_named(SLICE("")));
    assert_null(encoding_named(SLICE("x-unknown")));
    assert_null(encoding_named(SLICE("a-name-that-is-longer-than-any-encoding-has-ever-been-given")));
    struct buffer text;
    struct error error = {0};
    buffer_init(&text, 64);
    expect_error(encoding_to_utf8(SLICE("a"), "nothing", &text, &error), &error, ERROR_INVALID, "\"nothing\"");
    buffer_release(&text);
}

static void what_pages_say(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"<html><head><meta charset=windows-1251>", "windows-1251"},
        {"<META CHARSET = \"Shift_JIS\" />", "Shift_JIS"},
        {"<meta http-equiv=\"Content-Type\" content=\"text/html; charset=koi8-r\">", "koi8-r"},
        {"<meta content='text/html; charset=euc-kr' http-equiv=content-type>", "euc-kr"},
        {"<!-- <meta charset=big5> --><meta charset=gbk>", "gbk"},
        {"<?xml version=\"1.0\" encoding=\"iso-8859-2\"?><p>", "iso-8859-2"},
        {"<metadata charset=big5>", ""},
        {"<meta name=a content=b><p>charset=big5", ""},
        {"<meta charset", ""},
        {"<!-- <meta charset=big5>", ""},
        {"", ""},
    };
    for (size_t i = 0; i < ARRAY_COUNT(cases); i++)
        compare_text(cases[i][0], html_encoding(slice_from(cases[i][0])), cases[i][1]);
}

static void damage_becomes_replacement_characters(void **state)
{
    (void)state;
    static const struct {
        const char *name, *source, *wanted;
    } cases[] = {
        {"utf-8",
         "a\xFF"
         "b",
         "a\xEF\xBF\xBD"
         "b"},
        {"shift_jis", "a\x81", "a\xEF\xBF\xBD"},
        {"shift_jis", "\x81<b>", "\xEF\xBF\xBD<b>"}, /* what is ASCII stays */
        {"euc-jp", "\xA4\xA2\xA4", "\xE3\x81\x82\xEF\xBF\xBD"},
        {"gb18030", "\x81\x30\x81\x30\x95\x32\x82\x36", "\xC2\x80\xF0\xA0\x80\x80"},
        {"utf-16le", "a\x01z", "\xC5\xA1\xEF\xBF\xBD"},
        {"utf-16be", "\xD8\x01\x01\x61", "\xEF\xBF\xBD\xC5\xA1"},
        {"windows-1252", "\x81\x80", "\xEF\xBF\xBD\xE2\x82\xAC"},
    };
    for (size_t i = 0; i < ARRAY_COUNT(cases); i++) {
        struct buffer text;
        struct error error = {0};
        buffer_init(&text, 256);
        expect_ok(encoding_to_utf8(slice_from(cases[i].source), cases[i].name, &text, &error), &error);
        compare_text(cases[i].name, buffer_slice(&text), cases[i].wanted);
        buffer_release(&text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts_of_many_languages_come_back),
        cmocka_unit_test(pairs_are_those_of_iconv),
        cmocka_unit_test(marks_and_declarations),
        cmocka_unit_test(names),
        cmocka_unit_test(what_pages_say),
        cmocka_unit_test(damage_becomes_replacement_characters),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
