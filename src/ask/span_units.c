/* span_units.c - words and signs that say what a number is of: units, currencies, scales, and numbers in words. In English, German, French,
 * Spanish, Italian, Dutch and Portuguese. */
#include "span_parts.h"
#include <string.h>

static const struct span_unit units[] = {
    {"year|years|yr|yrs|jahr|jahre|jahren|jahres|an|ans|année|années|año|años|anno|anni|jaar|jaren|ano|anos|rok|lat|lata|år",
     SPAN_DURATION, SPAN_FAMILY_TIME, 7},
    {"month|months|monat|monate|monaten|monats|mois|mes|meses|mese|mesi|maand|maanden|mês|miesiąc|miesiące|miesięcy|månad|"
     "månader",
     SPAN_DURATION, SPAN_FAMILY_TIME, 6},
    {"week|weeks|woche|wochen|semaine|semaines|semana|semanas|settimana|settimane|weken|tydzień|tygodnie|tygodni|vecka|veckor",
     SPAN_DURATION, SPAN_FAMILY_TIME, 5},
    {"day|days|tag|tage|tagen|tages|jour|jours|día|días|giorno|giorni|dag|dagen|dia|dias|workday|workdays|weekdays|werktag|"
     "werktage|"
     "werktagen|arbeitstag|arbeitstage|arbeitstagen|kalendertage|kalendertagen|bankarbeitstage|werkdag|werkdagen|night|nights|"
     "dni|dzień|dagar|nacht|nächte|nächten|nuit|nuits|noche|noches|notte|notti",
     SPAN_DURATION, SPAN_FAMILY_TIME, 4},
    {"hour|hours|hr|hrs|h|stunde|stunden|std|heure|heures|hora|horas|ora|ore|uur|uren|godzina|godziny|godzin|timme|timmar",
     SPAN_DURATION, SPAN_FAMILY_TIME, 3},
    {"minute|minutes|min|mins|minuten|minuto|minutos|minuti|minuut|minut|minuty|minuter", SPAN_DURATION, SPAN_FAMILY_TIME, 2},
    {"second|seconds|sec|secs|s|sekunde|sekunden|sek|seconde|secondes|segundo|segundos|secondo|secondi|seconden", SPAN_DURATION,
     SPAN_FAMILY_TIME, 1},
    {"millisecond|milliseconds|ms|µs|quarter|quarters|decade|decades|century|centuries|fortnight|fortnights|semester|semesters",
     SPAN_DURATION, 0, 0},
    {"mile|miles|mi", SPAN_MEASURE, SPAN_FAMILY_FEET, 4},
    {"yard|yards|yd|yds", SPAN_MEASURE, SPAN_FAMILY_FEET, 3},
    {"foot|feet|ft", SPAN_MEASURE, SPAN_FAMILY_FEET, 2},
    {"inch|inches", SPAN_MEASURE, SPAN_FAMILY_FEET, 1},
    {"km|kilometer|kilometers|kilometre|kilometres|kilometern|kilomètre|kilomètres|kilómetro|kilómetros|chilometri|quilómetros",
     SPAN_MEASURE, SPAN_FAMILY_METRES, 4},
    {"m|meter|meters|metre|metres|metern|mètre|mètres|metro|metros|metri", SPAN_MEASURE, SPAN_FAMILY_METRES, 3},
    {"cm|centimeter|centimeters|centimetre|centimetres|zentimeter|centimètres|centímetros", SPAN_MEASURE, SPAN_FAMILY_METRES,
     2},
    {"mm|millimeter|millimeters|millimetre|millimetres", SPAN_MEASURE, SPAN_FAMILY_METRES, 1},
    {"stone|st", SPAN_MEASURE, SPAN_FAMILY_POUNDS, 3},
    {"lb|lbs|pound|pounds", SPAN_MEASURE, SPAN_FAMILY_POUNDS, 2},
    {"oz|ounce|ounces", SPAN_MEASURE, SPAN_FAMILY_POUNDS, 1},
    {"kg|kilo|kilos|kilogram|kilograms|kilogramm", SPAN_MEASURE, SPAN_FAMILY_GRAMS, 3},
    {"g|gram|grams|gramm|grammes|gramos", SPAN_MEASURE, SPAN_FAMILY_GRAMS, 2},
    {"mg", SPAN_MEASURE, SPAN_FAMILY_GRAMS, 1},
    {"t|ton|tons|tonne|tonnes|tonnen|l|liter|liters|litre|litres|litern|litro|litros|litri|ml|cl|dl|gallon|gallons|pint|pints|"
     "w|kw|mw|"
     "kwh|wh|watt|watts|v|volt|volts|a|amp|amps|ah|mah|hz|khz|mhz|ghz|db|pa|kpa|bar|psi|nm|n|j|kj|cal|kcal|b|kb|mb|gb|tb|pb|"
     "kib|mib|gib|"
     "tib|bit|bits|kbit|mbit|gbit|byte|bytes|mph|kmh|kph|rpm|knots|px|dpi|ha|acre|acres|hectare|hectares|qm|mbps|gbps|kbps|hp|"
     "ps",
     SPAN_MEASURE, 0, 0},
    {"euro|euros|eur|dollar|dollars|usd|franc|francs|franken|chf|yen|rupee|rupees|crown|crowns|krona|kronor|krone|kroner|kr|"
     "zloty|złoty|"
     "cent|cents|pence|dólares|dólar|dollari|reais|pesos|peso|francos|gbp|inr|sterling",
     SPAN_MONEY, 0, 0},
};

const struct span_unit *span_unit_of(struct slice word)
{
    for (size_t i = 0; i < ARRAY_COUNT(units); i++)
        if (span_is_one_of(units[i].words, word))
            return &units[i];
    return NULL;
}

/* ---- money ---- */

static const char signs[] = "US$|CA$|AU$|NZ$|HK$|R$|C$|A$|S$|€|£|$|₹|¥|₩|₽|₺|₫|₴|₪|₦|฿|￥|zł|Kč|¢";
static const char
    codes[] = "EUR|USD|GBP|CHF|INR|JPY|CNY|RMB|SEK|NOK|DKK|PLN|CZK|HUF|AUD|CAD|NZD|SGD|HKD|BRL|MXN|ZAR|TRY|KRW|Rs|kr|Fr";

/* A code is a word by itself, which may have a full stop: "Rs. 500". */
static size_t code_at(struct slice text, size_t at)
{
    size_t size = span_one_at(text, at, codes);
    if (size == 0 || span_letter_at(text, at + size) > 0 || span_letter_before(text, at))
        return 0;
    return size;
}

size_t span_currency_at(struct slice text, size_t at)
{
    size_t size = span_one_at(text, at, signs);
    return size > 0 ? size : code_at(text, at);
}

size_t span_currency_before(struct slice text, size_t at)
{
    size_t end = at, most = 5;
    for (size_t blank = 1; blank <= 3 && blank < at && end == at; blank++)
        if (span_blank_at(text, at - blank) == blank)
            end = at - blank;
    for (size_t size = most; size > 0; size--) {
        if (size > end)
            continue;
        size_t start = end - size, found = span_one_at(text, start, signs);
        if (found == 0)
            found = code_at(text, start);
        bool is_there = found == size || (found > 0 && found + 1 == size && text.data[end - 1] == '.');
        if (is_there && ((unsigned char)text.data[start] & 0xC0) != 0x80)
            return at - start;
    }
    return 0;
}

/* ---- scales ---- */

struct scale {
    const char *words;
    double factor;
};

static const struct scale scales[] = {
    {"hundred|hundert", 1e2},
    {"k|thousand|thousands|tausend|mille|mil|mila|duizend|tsd", 1e3},
    {"lakh|lakhs", 1e5},
    {"mio|million|millions|millionen|millón|millones|milione|milioni|miljoen|milhão|milhões|mln|mn", 1e6},
    {"crore|crores", 1e7},
    {"bn|billion|billions|mrd|milliarde|milliarden|milliard|milliards|miliardo|miliardi|miljard|bilhão|bilhões", 1e9},
    {"trillion|trillions|tn|bio", 1e12},
};

static const struct scale east_scales[] = {{"百万", 1e6}, {"千", 1e3}, {"万", 1e4}, {"萬", 1e4}, {"亿", 1e8}, {"億", 1e8}};

/* Of one letter it is a scale only behind the digits themselves; "m" is metres but for money. */
static double scale_of(struct slice text, const struct span_word *word, bool is_glued, bool is_money)
{
    if (word->size == 1) {
        char letter = text.data[word->start];
        bool is_alone = !span_is_digit(text, word->end);
        double factor = letter == 'k' || letter == 'K'                 ? 1e3
                        : letter == 'M' || (letter == 'm' && is_money) ? 1e6
                        : letter == 'B' && is_money                    ? 1e9
                                                                       : 0;
        return is_glued && is_alone ? factor : 0;
    }
    for (size_t i = 0; i < ARRAY_COUNT(scales); i++)
        if (span_word_is(word, scales[i].words))
            return scales[i].factor;
    return 0;
}

size_t span_scale_at(struct slice text, size_t at, bool is_money, double *value)
{
    size_t blank = span_blank_at(text, at);
    for (size_t i = 0; i < ARRAY_COUNT(east_scales); i++)
        if (span_starts(text, at, east_scales[i].words)) {
            *value *= east_scales[i].factor;
            return at + strlen(east_scales[i].words);
        }
    struct span_word word = span_word_at(text, at + blank);
    double factor = word.size > 0 ? scale_of(text, &word, blank == 0, is_money) : 0;
    if (factor == 0 || (span_word_is(&word, "mil") && blank == 0))
        return 0;
    *value *= factor;
    bool has_stop = span_word_is(&word, "mio|mrd|mln|tsd|bio") && span_starts(text, word.end, ".");
    return word.end + has_stop;
}

size_t span_share_at(struct slice text, size_t at)
{
    size_t size = span_one_at(text, at,
                              "%|‰|％|percentage points|percent|per cent|Prozentpunkte|Prozent|pour cent|por ciento|por cento|"
                              "per cento|procent");
    return size > 0 && (byte_among(text.data[at], "%\xE2\xEF") || span_letter_at(text, at + size) == 0) ? at + size : 0;
}

/* ---- numbers in words ---- */

static const char *const spelled[] = {
    /* ones, by their value; 0: half */
    "half",
    "one|once|ein|eine|einen|einem|einer|eines|un|une|una|uno|um|uma|een|één",
    "two|twice|zwei|deux|dos|due|twee|dois|duas",
    "three|drei|trois|tres|tre|drie|três",
    "four|vier|quatre|cuatro|quattro|quatro",
    "five|fünf|cinq|cinco|cinque|vijf",
    "six|sechs|seis|sei|zes",
    "seven|sieben|sept|siete|sette|zeven|sete",
    "eight|acht|huit|ocho|otto|oito",
    "nine|neun|neuf|nueve|nove|negen",
    "ten|zehn|dix|diez|dieci|tien|dez",
    "eleven|elf|onze|once|undici",
    "twelve|zwölf|douze|doce|dodici|twaalf|doze",
};

static const struct scale tens[] = {
    {"fourteen|vierzehn|quatorze|catorce|quattordici|veertien|catorze", 14},
    {"fifteen|fünfzehn|quinze|quince|quindici|vijftien", 15},
    {"sixteen|sechzehn|seize", 16},
    {"eighteen|achtzehn", 18},
    {"twenty|zwanzig|vingt|veinte|venti|twintig|vinte", 20},
    {"thirty|dreißig|trente|treinta|trenta|dertig|trinta", 30},
    {"forty|vierzig|quarante|cuarenta|quaranta|veertig", 40},
    {"fifty|fünfzig|cinquante|cincuenta|cinquanta|vijftig", 50},
    {"sixty|sechzig|soixante|sesenta|sessanta|zestig|sessenta", 60},
    {"seventy|siebzig", 70},
    {"eighty|achtzig", 80},
    {"ninety|neunzig|noventa|novanta|negentig", 90},
};

static bool is_one(struct span_word word, size_t *value)
{
    for (*value = 0; *value < ARRAY_COUNT(spelled); ++*value)
        if (span_word_is(&word, spelled[*value]))
            return true;
    return false;
}

/* "十", "二十五", "三百": up to 9999, as Chinese and Japanese write them. Its end, or 0. */
static size_t east_spelled(struct slice text, size_t at, double *value)
{
    static const char *const ones[] = {"〇|零", "一", "二|两|兩", "三", "四", "五", "六", "七", "八", "九"};
    static const struct scale places[] = {{"十", 10}, {"百", 100}, {"千", 1000}};
    double sum = 0, one = -1;
    size_t end = at;
    for (bool goes_on = true; goes_on && end < text.size;) {
        goes_on = false;
        for (size_t i = 0; i < ARRAY_COUNT(ones) && one < 0 && !goes_on; i++) {
            size_t size = span_one_at(text, end, ones[i]);
            goes_on = size > 0;
            one = goes_on ? (double)i : one;
            end += size;
        }
        for (size_t i = 0; i < ARRAY_COUNT(places) && !goes_on; i++) {
            size_t size = span_one_at(text, end, places[i].words);
            goes_on = size > 0;
            sum += goes_on ? (one < 0 ? 1 : one) * places[i].factor : 0;
            one = goes_on ? -1 : one;
            end += size;
        }
    }
    *value = sum + (one > 0 ? one : 0);
    return end > at ? end : 0;
}

size_t span_spelled_at(struct slice text, size_t at, double *value, bool *is_article)
{
    struct span_word word = span_word_at(text, at);
    size_t ones;
    if (span_ideograph_at(text, at)) {
        *is_article = false;
        return east_spelled(text, at, value);
    }
    if (word.size < 2)
        return 0;
    if (is_one(word, &ones)) {
        *value = ones == 0 ? 0.5 : (double)ones;
        *is_article = ones <= 1;
        return word.end;
    }
    *is_article = false;
    for (size_t i = 0; i < ARRAY_COUNT(tens); i++) {
        if (!span_word_is(&word, tens[i].words))
            continue;
        *value = tens[i].factor;
        struct span_word behind = span_word_at(text, word.end + 1);
        bool joined = tens[i].factor >= 20 && (span_starts(text, word.end, "-") || span_starts(text, word.end, " ")) &&
                      is_one(behind, &ones) && ones >= 1 && ones <= 9;
        *value += joined ? (double)ones : 0;
        return joined ? behind.end : word.end;
    }
    return 0;
}
