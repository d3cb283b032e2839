/* span_numbers.c - quantities, and ranges of whole quantities.
 *
 *   −   US$   12,500.00   million   …          sign, currency, digits, scale
 *             2           hours  30 minutes    digits, unit, a smaller unit
 *             15          €      per month     digits, currency, rate
 *   └──────── quantity ────────┘ to └──────── quantity ────────┘
 *
 * A range is joined only when both ends are whole and of one kind, or the first is digits alone ("3 to 5 days"). Digits that are part of a code,
 * a version, a reference are passed over as a whole. From each place only so many bytes are looked at, or all that is looked at belongs to the
 * number: text of any kind is gone through in a time that grows with its size. */
#include "span_parts.h"
#include <string.h>

enum { PHONE_BYTES = 32, ACCOUNT_BYTES = 64, GROUPS_MAX = 6, CODE_DIGITS = 12, SMALLER_MAX = 3 };

static const char
    before_units[] = "working|business|calendar|full|pay|leave|academic|consecutive|trading|banking|school|square|cubic|sq|"
                     "nautical|metric|us|volle|vollen|ganze|weitere|aufeinanderfolgende";
static const char behind_units[] = "ouvrés|ouvrables|calendaires|hábiles|laborables|naturales|lavorativi|úteis|corridos";
static const char
    references[] = "chapter|chapters|section|sections|page|pages|figure|figures|table|article|clause|annex|appendix|"
                   "paragraph|footnote|kapitel|seite|seiten|abschnitt|abbildung|tabelle|artikel|absatz|anhang|anlage|ziffer|"
                   "nummer|chapitre|annexe|capítulo|página|sección|artículo|capitolo|pagina|articolo|hoofdstuk|seção|artigo|"
                   "iso|iec|din|rfc";
static const char
    short_references[] = "no|nos|nr|nrn|art|fig|abs|abb|tab|kap|p|pp|s|ch|sec|vol|núm|pág|cap|rn|ziff|bd|anm|ref"; /* "Nr." */

/* ---- digits ---- */

struct digits {
    size_t end;
    double value;
    bool is_code;
};

/* Where groups of three digits behind the first ones end; `end` when there are none. Of two before the last: "1,25,000". */
static size_t groups_end(struct slice text, size_t end, const char *sign)
{
    size_t step = strlen(sign);
    for (size_t count = 0; count < GROUPS_MAX && span_starts(text, end, sign); count++) {
        size_t group = span_digits_end(text, end + step), size = group - end - step;
        bool is_pair = size == 2 && *sign == ',' && span_starts(text, group, ",") &&
                       span_digits_end(text, group + 1) >= group + 3;
        if (size != 3 && !is_pair)
            break;
        end = group;
    }
    return end;
}

static double digits_value(struct slice text, size_t start, size_t end, size_t fraction)
{
    double value = 0, place = 1;
    for (size_t i = start; i < end; i++) {
        if (!span_is_digit(text, i))
            continue;
        place = i >= fraction ? place / 10 : 1;
        value = i >= fraction ? value + place * (text.data[i] - '0') : value * 10 + (text.data[i] - '0');
    }
    return value;
}

/* All that hangs together with the digits: "2.10.3", "8601-1:2019". */
static size_t code_end(struct slice text, size_t at)
{
    for (;;) {
        at = span_digits_end(text, at);
        if (at >= text.size || !byte_among(text.data[at], ".,:/-") || !span_is_digit(text, at + 1))
            return at;
        at++;
    }
}

static bool begins_group(struct slice text, size_t at)
{
    bool stop;
    struct span_word before = span_word_before(text, at, &stop);
    return !span_is_month(&before) && !span_is_reference(text, at);
}

static size_t thousands_end(struct slice text, size_t at, size_t end)
{
    static const char *const signs[] = {",", ".", "'", "’", "\xC2\xA0", "\xE2\x80\xAF", "\xE2\x80\x89", " "};
    if (end == at || end - at > 3 || text.data[at] == '0')
        return end;
    for (size_t i = 0; i < ARRAY_COUNT(signs); i++) {
        size_t groups = span_starts(text, end, signs[i]) ? groups_end(text, end, signs[i]) : end;
        if (groups > end)
            return *signs[i] == ' ' && !begins_group(text, at) ? end : groups;
    }
    return end;
}

/* Letters and digits from `at` on, as of a code. */
static size_t letters_and_digits_end(struct slice text, size_t at)
{
    while (at < text.size && (span_is_digit(text, at) || ((text.data[at] | 0x20) >= 'a' && (text.data[at] | 0x20) <= 'z')))
        at++;
    return at;
}

/* "15W-40": a capital letter and a hyphen within. */
static bool is_grade(struct slice text, size_t end)
{
    size_t last = span_starts(text, end + 1, "-") ? span_digits_end(text, end + 2) : 0;
    return last > end + 2 && text.data[end] >= 'A' && text.data[end] <= 'Z' && span_letter_at(text, last) == 0;
}

/* "0x8007": letters with digits behind them, unless that is "1h45" or "50m2". */
static bool is_in_code(struct slice text, size_t end)
{
    struct span_word word = span_word_at(text, end);
    if (is_grade(text, end))
        return true;
    if (word.size == 0 || !span_is_digit(text, word.end) || span_word_is(&word, "h|hr|d|ft|min|m"))
        return false;
    return !(span_word_is(&word, "km|cm|mm") && !span_is_digit(text, word.end + 1)) && !span_ideograph_at(text, end);
}

static bool read_digits(struct slice text, size_t at, struct digits *digits)
{
    size_t first = span_digits_end(text, at), end = thousands_end(text, at, first), fraction = SIZE_MAX;
    bool is_grouped = end > first;
    if (first == at)
        return false;
    char next = end < text.size ? text.data[end] : '\0';
    if ((next == '.' || next == ',') && span_is_digit(text, end + 1) && !(is_grouped && next == text.data[first])) {
        fraction = end + 1;
        end = span_digits_end(text, fraction);
    } else if ((next == '/' || next == ':') && span_is_digit(text, end + 1)) {
        fraction = end + 1; /* "1/2", "3:1": about the first */
        end = span_digits_end(text, fraction);
    }
    *digits = (struct digits){end, digits_value(text, at, fraction < end ? fraction - 1 : end, SIZE_MAX), false};
    if (next == '.' || next == ',')
        digits->value = digits_value(text, at, end, fraction);
    if (end < text.size && byte_among(text.data[end], ".,:/") && span_is_digit(text, end + 1)) {
        digits->end = code_end(text, end);
        digits->is_code = true;
    } else if (is_in_code(text, end)) {
        digits->end = letters_and_digits_end(text, is_grade(text, end) ? end + 2 : end);
        digits->is_code = true;
    } else {
        size_t size = span_one_at(text, end, "½|¼|¾|,-|,–|.–");
        bool is_plus = span_starts(text, end, "+") && !span_is_digit(text, end + 1) && !span_letter_at(text, end + 1);
        digits->end += size > 0 && !span_is_digit(text, end + size) ? size : is_plus;
    }
    return true;
}

/* ---- what stands before ---- */

bool span_is_reference(struct slice text, size_t at)
{
    bool stop;
    struct span_word before = span_word_before(text, at, &stop);
    return span_word_is(&before, references) || (stop && span_word_is(&before, short_references));
}

/* "§ 12", "#5", "[1]", "(2)", "EMB-24". */
static bool is_marked(struct slice text, size_t at)
{
    size_t end = span_digits_end(text, at), blank = 0;
    char before = at > 0 ? text.data[at - 1] : '\0', third = at > 1 ? text.data[at - 2] : '\0';
    if (before == ' ')
        blank = 1;
    else if (at >= 2 && span_blank_at(text, at - 2) == 2)
        blank = 2;
    bool is_capital = third >= 'A' && third <= 'Z', is_digit = third >= '0' && third <= '9';
    if (at >= blank + 2 && span_starts(text, at - blank - 2, "§"))
        return true;
    if ((before == '[' && span_starts(text, end, "]")) || (before == '(' && end - at <= 2 && span_starts(text, end, ")")))
        return true;
    return before == '#' || (byte_among(before, "-/._") && (is_capital || is_digit)) || (before == ':' && is_digit);
}

/* ---- units ---- */

static void set_unit(struct number *number, enum span_kind kind, size_t end)
{
    number->kind = kind;
    number->end = end;
    number->is_bare = false;
}

/* Units of one letter that would be words or codes in small letters. */
static bool is_small_letter(struct slice text, const struct span_word *word)
{
    return word->size == 1 && byte_among(text.data[word->start], "abnjwv");
}

/* "m²", "km2". */
static size_t power_end(struct slice text, size_t end)
{
    size_t size = span_one_at(text, end, "²|³");
    if (size == 0 && end > 0 && text.data[end - 1] == 'm' && (span_starts(text, end, "2") || span_starts(text, end, "3")) &&
        !span_is_digit(text, end + 1) && span_letter_at(text, end + 1) == 0)
        size = 1;
    return end + size;
}

/* Any other word says what is counted; that is how a short one is told from a long one that says little. */
static void read_thing(struct slice text, struct number *number, const struct span_word *word)
{
    if (span_is_function_word(word) || span_is_month(word) || is_small_letter(text, word) || span_word_is(word, "x"))
        return;
    bool is_short = word->size <= 2 || word->end - number->bare_end <= 8;
    set_unit(number, is_short ? SPAN_MEASURE : SPAN_COUNT, span_letters_end(text, word->start));
    number->unit = slice_range(text, word->start, number->end);
    number->is_thing = true;
}

/* Chinese and Japanese: a sign or two behind the digits. */
static bool read_east_unit(struct slice text, struct number *number)
{
    size_t end = number->bare_end, money = span_one_at(text, end, "円|元|ドル|ユーロ|欧元|美元|人民币|块");
    size_t time = span_one_at(
        text, end,
        "日間|日|天|週間|週|周|星期|个星期|ヶ月間|ヶ月|か月間|か月|カ月|个月|個月|年間|年|時間|小时|小時|个小时|"
        "分間|分钟|分鐘|分|秒");
    if (money > 0)
        set_unit(number, SPAN_MONEY, end + money);
    else if (time > 0)
        set_unit(number, SPAN_DURATION, end + time);
    return money > 0 || time > 0;
}

static void read_unit_word(struct slice text, struct number *number, size_t at)
{
    struct span_word word = span_word_at(text, at);
    size_t start = at;
    if (span_word_is(&word, before_units) && span_blank_at(text, word.end) > 0) {
        at = word.end + span_blank_at(text, word.end);
        word = span_word_at(text, at);
    }
    if (word.size == 0)
        return;
    const struct span_unit *unit = span_unit_of((struct slice){word.bytes, word.size});
    bool is_article = span_word_is(&word, "an") && span_one_at(text, word.end, " hour") > 0; /* "5 an hour" */
    if (unit == NULL || is_small_letter(text, &word) || is_article) {
        if (start == at || !span_is_function_word(&word))
            read_thing(text, number, &word);
        return;
    }
    set_unit(number, unit->kind, power_end(text, word.end));
    number->unit = slice_range(text, word.start, word.end);
    number->family = unit->family;
    number->rank = unit->rank;
    size_t blank = span_blank_at(text, word.end);
    struct span_word behind = span_word_at(text, word.end + blank);
    if (unit->kind == SPAN_DURATION && blank > 0 && span_word_is(&behind, behind_units))
        number->end = behind.end;
}

/* "under 14 │ £3": the sign is of the amount that it stands at. */
static bool is_of_next(struct slice text, size_t at, size_t blank)
{
    size_t end = at + span_currency_at(text, at);
    return blank > 0 && span_letter_at(text, at) == 0 && span_is_digit(text, end);
}

/* What stands behind a number and belongs to it. */
static void read_unit(struct slice text, struct number *number)
{
    size_t at = number->bare_end, blank = span_blank_at(text, at), end;
    if (blank == 0 && span_ideograph_at(text, at) && read_east_unit(text, number))
        return;
    if (blank == 0 && span_starts(text, at, "-") && span_letter_at(text, at + 1) > 0)
        blank = 1; /* "90-day" */
    at += blank;
    size_t of = number->value >= 1e6 ? span_one_at(text, at, "de |d'|d’|di ") : 0; /* "3 millions d'euros" */
    if ((end = span_share_at(text, at)) > 0) {
        set_unit(number, SPAN_SHARE, end);
    } else if (span_currency_at(text, at) > 0 && !is_of_next(text, at, blank)) {
        set_unit(number, SPAN_MONEY, at + span_currency_at(text, at));
    } else if (span_one_at(text, at, "°|º") > 0) {
        at += span_one_at(text, at, "°|º");
        set_unit(number, SPAN_MEASURE, at + (span_letter_at(text, at) > 0 ? span_letters_end(text, at) - at : 0));
    } else {
        read_unit_word(text, number, at + of);
    }
}

/* ---- a smaller unit, a rate ---- */

/* "2 hours | and 30 minutes": where the second part ends, or 0. */
static size_t smaller_end(struct slice text, struct number *number, size_t at, bool in_words)
{
    struct digits digits;
    double value;
    bool is_article;
    size_t end = read_digits(text, at, &digits) && !digits.is_code ? digits.end : 0;
    if (end == 0 && in_words)
        end = span_spelled_at(text, at, &value, &is_article);
    if (end == 0 || end - at > SPAN_WORD_BYTES)
        return 0;
    struct span_word word = span_word_at(text, end + span_blank_at(text, end));
    const struct span_unit *unit = word.size > 0 ? span_unit_of((struct slice){word.bytes, word.size}) : NULL;
    if (unit != NULL && unit->family == number->family && unit->rank < number->rank) {
        number->rank = unit->rank;
        return word.end;
    }
    if (number->family == SPAN_FAMILY_FEET && number->rank == 2 && span_word_is(&word, "in")) { /* feet and inches */
        number->rank = 1;
        return word.end;
    }
    bool is_hour = number->family == SPAN_FAMILY_TIME && number->rank == 3 && number->unit.size == 1;
    bool is_minutes = is_hour && end == at + 2 && text.data[at] < '6' && span_letter_at(text, end) == 0 &&
                      (word.size == 0 || at == number->end) && !in_words;
    number->rank = is_minutes ? 0 : number->rank;
    return is_minutes ? end : 0; /* "1h45" */
}

static void read_smaller(struct slice text, struct number *number)
{
    static const char *const between[] = {"", " ", "\xC2\xA0", ", ", " and ", " und ", " et ", " y ", " e ", " en "};
    struct span_word before = span_word_before(text, number->start, NULL);
    if (span_word_is(&before, "between|zwischen|entre|tussen"))
        return;
    for (size_t count = 0; count < SMALLER_MAX && number->family > 0 && number->rank > 1; count++) {
        size_t end = 0;
        for (size_t i = 0; i < ARRAY_COUNT(between) && end == 0; i++)
            if (span_starts(text, number->end, between[i]))
                end = smaller_end(text, number, number->end + strlen(between[i]), i >= 4);
        if (end == 0)
            return;
        number->end = end;
    }
}

static void read_rate(struct slice text, struct number *number)
{
    static const char *const any[] = {" per ", " pro ", " par ", " por ", " / ", "/"};
    static const char *const times[] = {" a ",    " an ",    " je ",  " al ",  " im ",  " am ",
                                        " each ", " every ", " the ", " all'", " à l'", " ao "};
    static const char persons[] =
        "person|persons|user|users|seat|head|unit|item|page|employee|guest|room|personne|persona|pessoa|persoon|nutzer|"
        "kopf|stück|quarter|trimestre|quartal|call|visit|order|parcel|request|image|document|piece";
    for (size_t i = 0; i < ARRAY_COUNT(any) + ARRAY_COUNT(times); i++) {
        const char *sign = i < ARRAY_COUNT(any) ? any[i] : times[i - ARRAY_COUNT(any)];
        if (!span_starts(text, number->end, sign))
            continue;
        struct span_word word = span_word_at(text, number->end + strlen(sign));
        const struct span_unit *unit = word.size > 0 ? span_unit_of((struct slice){word.bytes, word.size}) : NULL;
        bool is_time = unit != NULL && unit->kind == SPAN_DURATION;
        bool is_tight = sign[0] == '/' && word.size > 0 && !number->is_bare;
        if (is_time || is_tight || (i < ARRAY_COUNT(any) && (unit != NULL || span_word_is(&word, persons)))) {
            number->rate = number->end;
            number->end = is_tight ? power_end(text, word.end) : word.end;
            return;
        }
    }
}

/* ---- a whole quantity ---- */

/* "thirty (30) days", "half an hour": what stands between the number and its unit. */
static size_t behind_spelled(struct slice text, size_t end, double value)
{
    if (value == 0.5)
        return end + span_one_at(text, end, " a| an");
    size_t digits = span_starts(text, end, " (") ? span_digits_end(text, end + 2) : 0;
    return digits > end + 2 && span_starts(text, digits, ")") ? digits + 1 : end;
}

/* Of things that are counted it is none: "four people", "one of them" are in texts of any kind, and seldom what is asked for. */
static bool read_spelled(struct slice text, size_t at, struct number *number)
{
    bool is_article;
    size_t end = span_spelled_at(text, at, &number->value, &is_article), scale;
    struct span_word word = span_word_at(text, at);
    if (end == 0)
        return false;
    number->is_spelled = true;
    number->end = number->bare_end = behind_spelled(text, end, number->value);
    if (!is_article && (scale = span_scale_at(text, end, false, &number->value)) > 0) {
        number->end = number->bare_end = scale;
        number->is_spelled = false;
    }
    read_unit(text, number);
    if (span_word_is(&word, "once|twice")) {
        set_unit(number, SPAN_DURATION, end);
        number->unit = SLICE("");
        number->is_thing = false;
        return true;
    }
    if (number->is_spelled && number->is_thing)
        *number = (struct number){.start = at,
                                  .end = number->bare_end,
                                  .bare_end = number->bare_end,
                                  .kind = SPAN_COUNT,
                                  .value = number->value,
                                  .is_spelled = true,
                                  .is_bare = true};
    return !is_article || !number->is_bare;
}

/* Digits that a currency may precede. */
static bool read_amount(struct slice text, size_t at, struct number *number)
{
    struct digits digits;
    size_t currency = span_is_digit(text, at) ? 0 : span_currency_at(text, at), scale;
    if (currency > 0) {
        at += currency + (span_starts(text, at + currency, ".") ? 1 : 0);
        at += span_blank_at(text, at);
    }
    if (!read_digits(text, at, &digits))
        return false;
    number->has_sign = currency > 0;
    number->is_bare = true;
    number->kind = digits.is_code ? SPAN_NONE : currency > 0 ? SPAN_MONEY : SPAN_COUNT;
    number->value = digits.value;
    number->end = number->bare_end = digits.end;
    if (digits.is_code)
        return true;
    if ((scale = span_scale_at(text, digits.end, currency > 0, &number->value)) > 0)
        number->end = number->bare_end = scale;
    if (currency == 0)
        read_unit(text, number);
    else if (span_one_at(text, number->end, " USD| EUR| GBP| CHF| CAD| AUD") > 0)
        number->end += 4;
    return true;
}

/* "-5", "−5", "+5": a sign that no word or number stands before. */
static size_t sign_at(struct slice text, size_t at)
{
    size_t size = span_one_at(text, at, "-|−|+|±");
    bool is_free = at == 0 || (byte_among(text.data[at - 1], " ([{|:;\"'\n\t<>=") || span_starts(text, at - 1, "\xA0"));
    bool is_number = span_is_digit(text, at + size) || (size > 0 && span_one_at(text, at + size, "$|€|£") > 0);
    return size > 0 && is_free && is_number ? size : 0;
}

bool span_quantity_at(struct slice text, size_t at, struct number *number)
{
    size_t sign = sign_at(text, at);
    *number = (struct number){.start = at, .kind = SPAN_COUNT, .is_bare = true};
    if (!read_amount(text, at + sign, number) && (sign > 0 || !read_spelled(text, at, number)))
        return false;
    if (sign > 0 && text.data[at] != '+' && !span_starts(text, at, "±"))
        number->value = -number->value;
    if (number->kind != SPAN_NONE) {
        read_smaller(text, number);
        read_rate(text, number);
    }
    return true;
}

/* ---- numbers to call ---- */

struct groups {
    size_t end, digits, count;
    size_t sizes[8];
};

static void read_groups(struct slice text, size_t at, struct groups *groups)
{
    size_t limit = at + PHONE_BYTES < text.size ? at + PHONE_BYTES : text.size;
    *groups = (struct groups){0};
    for (size_t signs = 0; at < limit && signs < 3;) {
        size_t end = span_digits_end(slice_range(text, 0, limit), at);
        if (end > at && groups->count < ARRAY_COUNT(groups->sizes)) {
            groups->sizes[groups->count++] = end - at;
            groups->digits += end - at;
            groups->end = at = end;
            signs = 0;
        } else if (byte_among(text.data[at], "()+-./ ") && end == at) {
            at++;
            signs++;
        } else {
            return;
        }
    }
}

size_t span_phone_end(struct slice text, size_t at, bool is_asked)
{
    struct groups groups;
    char first = text.data[at];
    read_groups(text, at, &groups);
    size_t last = groups.count > 0 ? groups.sizes[groups.count - 1] : 0;
    bool is_whole = !span_is_digit(text, groups.end) && groups.digits >= 7 && groups.digits <= 15;
    if (!is_whole || span_letter_at(text, groups.end) * !span_ideograph_at(text, groups.end) > 0 ||
        span_one_at(text, groups.end, " €|€| $| %|%| EUR") > 0)
        return 0;
    bool is_called = first == '+' || (first == '0' && groups.count >= 2 && groups.sizes[0] >= 2) ||
                     (first == '(' && groups.count >= 2 && groups.sizes[0] <= 5 && groups.sizes[0] >= 2);
    bool is_american = groups.count >= 3 && last == 4 && groups.sizes[groups.count - 2] == 3 &&
                       groups.sizes[groups.count - 3] >= 3;
    return is_called || is_american || (is_asked && groups.count >= 2 && groups.digits >= 8) || (is_asked && groups.count == 1)
               ? groups.end
               : 0;
}

/* "ext. 2120", "bleep 4471", where a number to call is asked for: its end, or 0. */
static size_t extension_end(struct slice text, size_t at)
{
    struct span_word before = span_word_before(text, at, NULL);
    size_t end = span_digits_end(text, at);
    bool is_called = span_word_is(&before,
                                  "ext|extension|bleep|pager|durchwahl|dw|apparat|poste|interno|phone|tel|hotline|toestel");
    return is_called && end - at >= 3 && end - at <= 6 && !byte_among(end < text.size ? text.data[end] : ' ', "-/:") ? end : 0;
}

/* An account's or card's digits in groups: no quantity. Its end, or 0. */
static size_t account_end(struct slice text, size_t at)
{
    struct slice near = slice_range(text, 0, at + ACCOUNT_BYTES < text.size ? at + ACCOUNT_BYTES : text.size);
    size_t digits = 0, groups = 0;
    for (;; at++) {
        size_t end = span_digits_end(near, at);
        if (end == at || end - at > 5)
            return 0;
        digits += end - at;
        groups++;
        at = end;
        if (!span_starts(near, end, " ") || !span_is_digit(near, end + 1))
            return digits >= CODE_DIGITS && groups >= 3 ? end : 0;
    }
}

/* ---- ranges ---- */

enum join { JOIN_DASH, JOIN_TO, JOIN_OR, JOIN_AND, JOIN_TIMES, JOIN_BY };

struct connector {
    const char *text;
    enum join join;
};

static const struct connector connectors[] = {
    {" – ", JOIN_DASH},  {" - ", JOIN_DASH},     {" — ", JOIN_DASH},  {"–", JOIN_DASH},       {"-", JOIN_DASH},
    {"…", JOIN_DASH},    {"~", JOIN_DASH},       {"～", JOIN_DASH},   {"〜", JOIN_DASH},      {"から", JOIN_TO},
    {"至", JOIN_TO},     {"到", JOIN_TO},        {" to ", JOIN_TO},   {" bis zum ", JOIN_TO}, {" bis ", JOIN_TO},
    {" à ", JOIN_TO},    {" a ", JOIN_TO},       {" al ", JOIN_TO},   {" au ", JOIN_TO},      {" tot en met ", JOIN_TO},
    {" t/m ", JOIN_TO},  {" tot ", JOIN_TO},     {" até ", JOIN_TO},  {" hasta ", JOIN_TO},   {" until ", JOIN_TO},
    {" till ", JOIN_TO}, {" through ", JOIN_TO}, {" or ", JOIN_OR},   {" oder ", JOIN_OR},    {" ou ", JOIN_OR},
    {" o ", JOIN_OR},    {" of ", JOIN_OR},      {" and ", JOIN_AND}, {" und ", JOIN_AND},    {" et ", JOIN_AND},
    {" y ", JOIN_AND},   {" e ", JOIN_AND},      {" en ", JOIN_AND},  {" x ", JOIN_TIMES},    {" × ", JOIN_TIMES},
    {"×", JOIN_TIMES},   {" by ", JOIN_BY},
};

/* A date, an hour or a quantity, whichever it is. */
static bool read_one(struct slice text, size_t at, bool alone, struct number *number)
{
    return span_hour_at(text, at, number) || span_date_at(text, at, alone, number) || span_quantity_at(text, at, number);
}

static bool is_day_number(const struct number *number)
{
    return number->is_ordinal || (number->is_bare && number->kind == SPAN_COUNT && number->value >= 1 && number->value <= 31);
}

static bool is_year_at(struct slice text, size_t at)
{
    size_t end = span_digits_end(text, at);
    return span_is_year(slice_range(text, at, end));
}

/* "5–7 May", "May 5–7, 2024", "9 to 17:00": the parts of a date or an hour that the other end has. */
static bool joins_calendar(struct slice text, const struct number *first, const struct number *second)
{
    if (first->kind == SPAN_DATE && second->kind == SPAN_DATE && !first->is_ordinal)
        return true;
    if (first->kind == SPAN_DATE && first->lacks_year && is_day_number(second) && second->kind != SPAN_DATE)
        return !span_letter_before(text, first->end) || first->is_ordinal || span_is_digit(text, first->end - 3);
    if (second->kind == SPAN_DATE && span_is_digit(text, second->start) && is_day_number(first))
        return true;
    bool is_hour = first->is_bare && first->kind == SPAN_COUNT && first->value <= 24;
    if (second->kind == SPAN_HOUR)
        return first->kind == SPAN_HOUR || is_hour;
    return first->kind == SPAN_HOUR && second->is_bare && second->kind == SPAN_COUNT && second->value <= 24;
}

static bool is_same_unit(const struct number *first, const struct number *second)
{
    return first->unit.size == second->unit.size && slice_equal(first->unit, second->unit);
}

/* Whether two quantities are the ends of one range. */
static bool joins(struct slice text, const struct number *first, const struct number *second, enum join join)
{
    bool is_first_bare = first->is_bare && first->kind == SPAN_COUNT,
         is_second_bare = second->is_bare && second->kind == SPAN_COUNT;
    bool can = is_first_bare     ? !second->has_sign
               : first->has_sign ? second->kind == SPAN_MONEY || is_second_bare
                                 : first->kind == second->kind && !is_second_bare &&
                                       (!(first->is_thing || second->is_thing) || is_same_unit(first, second));
    if (!can || first->kind == SPAN_NONE || second->kind == SPAN_NONE || second->kind == SPAN_DATE ||
        second->kind == SPAN_HOUR || first->kind == SPAN_DATE || first->kind == SPAN_HOUR)
        return false;
    if (join == JOIN_OR && (!is_first_bare || first->value > 1000))
        return false;
    if (join == JOIN_BY) /* "3 m by 2 m" */
        return second->kind == SPAN_MEASURE && first->kind == SPAN_MEASURE && is_same_unit(first, second) && !first->is_thing;
    if (join == JOIN_TIMES)
        return second->kind == SPAN_MEASURE || is_second_bare;
    bool falls = second->value < first->value && (is_first_bare || first->has_sign || is_same_unit(first, second));
    bool is_short_year = is_year_at(text, first->start) && is_second_bare && second->value < 100;
    return !falls || (join == JOIN_DASH && is_first_bare && is_second_bare) || is_short_year;
}

/* What a range is of: the end that says more says it. */
static void take_end(struct slice text, struct number *number, const struct number *second)
{
    bool is_calendar = number->kind == SPAN_DATE || number->kind == SPAN_HOUR;
    bool keeps_kind = is_calendar || (number->has_sign && second->is_bare);
    if (number->rate > 0 || second->rate > 0)
        number->rate = second->rate;
    number->end = second->end;
    number->bare_end = second->bare_end;
    number->kind = keeps_kind ? number->kind : second->kind;
    number->unit = second->unit;
    number->family = second->family;
    number->is_thing = second->is_thing;
    number->is_bare = number->is_bare && second->is_bare;
    number->is_spelled = number->is_spelled && second->is_spelled && second->kind == SPAN_COUNT;
    number->value = second->value;
    number->is_ordinal = false;
    if (number->kind == SPAN_DATE && number->lacks_year)
        span_year_behind(text, number);
}

/* "12-3-4" is a code, as a whole. */
static void note_code(struct slice text, struct number *number)
{
    size_t end = number->end;
    if (end < text.size && byte_among(text.data[end], "-/.:") && span_is_digit(text, end + 1)) {
        number->end = number->bare_end = code_end(text, end);
        number->kind = SPAN_NONE;
    }
}

static bool join_with(struct slice text, struct number *number, const struct connector *connector, size_t end)
{
    struct number second;
    size_t at = end + strlen(connector->text);
    struct span_word before = span_word_before(text, number->start, NULL);
    if (connector->join == JOIN_AND && !span_word_is(&before, "between|zwischen|entre|tra|fra|tussen"))
        return false;
    at += connector->join == JOIN_TO ? span_one_at(text, at, "the |le |el |il |den |dem ") : 0;
    if (!read_one(text, at, true, &second))
        return false;
    bool is_calendar = connector->join != JOIN_OR && connector->join != JOIN_TIMES && connector->join != JOIN_BY &&
                       joins_calendar(text, number, &second);
    if (!is_calendar && (end > number->end || !joins(text, number, &second, connector->join)))
        return false;
    if (number->is_ordinal && second.kind == SPAN_DATE)
        number->kind = SPAN_DATE;
    take_end(text, number, &second);
    if (connector->join == JOIN_DASH && number->is_bare)
        note_code(text, number);
    return true;
}

/* The other end of a range, or the other sides of what is measured. */
static void read_range(struct slice text, struct number *number)
{
    for (size_t count = 0; count < 2; count++) {
        bool is_ordinal = number->is_bare && number->value <= 31 && span_starts(text, number->end, "."); /* "1. bis 3. März" */
        bool is_joined = false;
        enum join join = JOIN_DASH;
        for (size_t i = 0; i < ARRAY_COUNT(connectors) && !is_joined; i++) {
            const struct connector *connector = &connectors[i];
            size_t end = number->end + (is_ordinal && span_starts(text, number->end + 1, connector->text));
            join = connector->join;
            is_joined = span_starts(text, end, connector->text) && join_with(text, number, connector, end);
        }
        if (!is_joined || (join != JOIN_TIMES && join != JOIN_BY))
            return;
    }
}

/* ---- all of them ---- */

/* Digits of which nothing tells that they are no year: "in 1998", "1998–2003", and not "2000 seats". */
static void note_year(struct slice text, struct number *number)
{
    size_t first = span_digits_end(text, number->start);
    bool is_range = number->bare_end > first;
    if (number->is_spelled || !is_year_at(text, number->start) ||
        (number->kind != SPAN_COUNT && number->kind != SPAN_MEASURE) || !(number->is_bare || number->is_thing))
        return;
    bool is_round = number->unit.size > 0 && number->bare_end == first && text.data[first - 1] == '0' &&
                    text.data[first - 2] == '0';
    bool is_named = span_is_named_date(text, number->start);
    if (is_range) { /* "2019–20" too */
        size_t last = number->bare_end;
        while (last > first && span_is_digit(text, last - 1))
            last--;
        bool is_years = is_year_at(text, last) || (number->bare_end - last == 2 && last > first);
        number->kind = is_years ? SPAN_DATE : number->kind;
        number->end = is_years ? number->bare_end : number->end;
    } else if (number->is_bare || is_named || (number->kind == SPAN_COUNT && !is_round)) {
        number->kind = SPAN_DATE;
        number->end = number->bare_end;
        number->rate = 0;
    }
}

/* The number that begins at `at`, or false. Its kind is SPAN_NONE where digits are there that are no quantity. */
static bool read_number(struct slice text, size_t at, unsigned asked, struct number *number)
{
    bool is_digit = span_is_digit(text, at);
    size_t account = is_digit ? account_end(text, at) : 0, phone = 0;
    if (is_digit && (is_marked(text, at) || span_is_reference(text, at))) {
        size_t end = code_end(text, at);
        *number = (struct number){.start = at, .end = end, .bare_end = end};
        return true;
    }
    bool is_date = is_digit && span_date_at(text, at, false, number) && number->kind == SPAN_DATE;
    if (!is_date && (is_digit || byte_among(text.data[at], "+(")))
        phone = span_phone_end(text, at, (asked & SPAN_PHONE) != 0);
    if (phone == 0 && is_digit && (asked & SPAN_PHONE) != 0)
        phone = extension_end(text, at);
    if (phone > 0 || (account > 0 && !is_date)) {
        size_t end = phone > 0 ? phone : account;
        *number = (struct number){.start = at, .end = end, .bare_end = end, .kind = phone > 0 ? SPAN_PHONE : SPAN_NONE};
        return true;
    }
    if (!read_one(text, at, false, number))
        return false;
    if (number->kind == SPAN_NONE && !number->is_ordinal)
        return true;
    read_range(text, number);
    note_year(text, number);
    bool is_alone = number->is_spelled && number->kind == SPAN_COUNT;
    return !is_alone;
}

/* A number begins where no word goes on; among signs of Chinese anywhere. */
static bool begins(struct slice text, size_t at)
{
    unsigned char byte = (unsigned char)text.data[at];
    if ((byte & 0xC0) == 0x80)
        return false;
    if (span_is_digit(text, at)) {
        size_t before = at;
        while (before > 0 && at - before < 4 && ((unsigned char)text.data[before - 1] & 0xC0) == 0x80)
            before--;
        bool is_east = before > 0 && before < at && span_ideograph_at(text, before - 1);
        return at == 0 || is_east || (!span_is_digit(text, at - 1) && !span_letter_before(text, at));
    }
    return span_letter_at(text, at) == 0 || span_ideograph_at(text, at) || at == 0 ||
           (!span_is_digit(text, at - 1) && !span_letter_before(text, at));
}

bool span_next_number(struct slice text, size_t *at, unsigned asked, struct number *number)
{
    for (; *at < text.size; ++*at) {
        if (text.data[*at] == ' ' || !begins(text, *at) || !read_number(text, *at, asked, number))
            continue;
        *at = number->end > number->bare_end ? number->end : number->bare_end;
        if (number->kind != SPAN_NONE)
            return true;
        --*at;
    }
    return false;
}

bool span_tells_money(struct slice text)
{
    struct number number;
    for (size_t at = 0; span_next_number(text, &at, SPAN_MONEY, &number);)
        if (number.kind == SPAN_MONEY)
            return true;
    return false;
}
