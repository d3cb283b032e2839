/* sensitive.c - secrets and personal data in a text, each proved as far as it can be, so that false alarms are rare:
 *
 *   cards     number of a network, and the Luhn sum      IBAN     country's length, and the remainder by 97
 *   SSN       ranges that are given out                  phones   a form that numbers have, or a word before it that says so
 *   keys      prefixes that their issuers use            secrets  behind a name that says so, with letters and digits at random
 *
 * The text is read once, from word to word; what is found is passed over. No finder looks far from where it begins, or else it looks at bytes
 * that no other start of its kind looks at: the steps grow with the text, whatever it is. */
#include "sensitive_parts.h"
#include <ctype.h>
#include <string.h>

enum {
    LOCAL_BYTES_MAX = 64,
    DOMAIN_BYTES_MAX = 253,
    TOKEN_BYTES_MAX = 8 * 1024,
    KEY_BLOCK_BYTES_MAX = 16 * 1024,
    KEY_NAME_BYTES_MAX = 64,
    KEY_HEAD_BYTES_MAX = 512,
    KEY_LINE_BYTES = 20 /* shorter runs of letters are words */
};

static const char *const kind_names[] = {"email",      "phone",       "card",       "iban",  "us_ssn",
                                         "ip_address", "private_key", "access_key", "token", "secret"};

static const char *const kind_labels[] = {"e-mail address", "phone number", "card number", "IBAN",  "social security number",
                                          "IP address",     "private key",  "API key",     "token", "secret"};

const char *sensitive_kind_label(enum sensitive_kind kind)
{
    return kind_labels[kind]; /* ORDER sensitive_kind */
}

bool sensitive_kind_named(struct slice name, enum sensitive_kind *kind)
{
    for (size_t i = 0; i < SENSITIVE_KIND_COUNT; i++)
        if (slice_equal_text(name, kind_names[i])) {
            *kind = (enum sensitive_kind)i;
            return true;
        }
    return false;
}

const char *sensitive_kind_name(enum sensitive_kind kind)
{
    return kind_names[kind]; /* ORDER sensitive_kind */
}

/* ---- e-mail ---- */

static bool is_file_ending(struct slice ending)
{
    static const char *const endings[] = {"png", "jpg",  "jpeg", "gif", "svg",  "webp", "js", "css",
                                          "md",  "html", "json", "yml", "yaml", "sh",   "py"};
    for (size_t i = 0; i < ARRAY_COUNT(endings); i++)
        if (slice_equal_text(ending, endings[i]))
            return true;
    return false;
}

/* "example.org" at `at`: its bytes, or 0. */
static size_t domain_size(struct slice text, size_t at, size_t *steps)
{
    size_t start = at, label = at, last = SIZE_MAX, end = at;
    for (; at < text.size && at - start <= DOMAIN_BYTES_MAX; at++) {
        char c = text.data[at];
        if (c == '.' && at > label && text.data[at - 1] != '-') {
            last = label = at + 1;
            continue;
        }
        if (!sensitive_is_word(c) && (c != '-' || at == label))
            break;
        if (c == '_')
            break;
        if (last != SIZE_MAX)
            end = at + 1;
    }
    *steps += at - start;
    size_t ending = end;
    while (ending > start && text.data[ending - 1] != '.')
        ending--;
    struct slice name = slice_range(text, ending, end);
    if (end == start || ending == start || name.size < 2 || name.size > 24 || is_file_ending(name))
        return 0;
    for (size_t i = 0; i < name.size; i++)
        if (!sensitive_is_letter(name.data[i]))
            return 0;
    return end - start;
}

static size_t email_size(struct slice text, size_t at, size_t *steps)
{
    size_t end = at;
    while (end < text.size && end - at <= LOCAL_BYTES_MAX &&
           (sensitive_is_word(text.data[end]) || strchr(".%+-'", text.data[end]) != NULL) && text.data[end] != '\0')
        end++;
    *steps += end - at;
    if (end == at || end >= text.size || text.data[end] != '@' || text.data[end - 1] == '.' ||
        !sensitive_is_word(text.data[at]))
        return 0;
    size_t domain = domain_size(text, end + 1, steps), all = end + 1 + domain - at;
    if (domain == 0 || (at + all < text.size && text.data[at + all] == ':' &&
                        slice_starts_with(slice_range(text, at, text.size), SLICE("git@"))))
        return 0; /* git@host:path */
    return all;
}

/* ---- numbers that are proved ---- */

static size_t iban_size(struct slice text, size_t at, size_t *steps)
{
    static const struct {
        char country[3];
        uint8_t size;
    } sizes[] = {{"AD", 24}, {"AE", 23}, {"AL", 28}, {"AT", 20}, {"AZ", 28}, {"BA", 20}, {"BE", 16}, {"BG", 22}, {"BH", 22},
                 {"BR", 29}, {"BY", 28}, {"CH", 21}, {"CR", 22}, {"CY", 28}, {"CZ", 24}, {"DE", 22}, {"DK", 18}, {"DO", 28},
                 {"EE", 20}, {"EG", 29}, {"ES", 24}, {"FI", 18}, {"FO", 18}, {"FR", 27}, {"GB", 22}, {"GE", 22}, {"GI", 23},
                 {"GL", 18}, {"GR", 27}, {"GT", 28}, {"HR", 21}, {"HU", 28}, {"IE", 22}, {"IL", 23}, {"IQ", 23}, {"IS", 26},
                 {"IT", 27}, {"JO", 30}, {"KW", 30}, {"KZ", 20}, {"LB", 28}, {"LC", 32}, {"LI", 21}, {"LT", 20}, {"LU", 20},
                 {"LV", 21}, {"MC", 27}, {"MD", 24}, {"ME", 22}, {"MK", 19}, {"MR", 27}, {"MT", 31}, {"MU", 30}, {"NL", 18},
                 {"NO", 15}, {"PK", 24}, {"PL", 28}, {"PS", 29}, {"PT", 25}, {"QA", 29}, {"RO", 24}, {"RS", 22}, {"SA", 24},
                 {"SE", 24}, {"SI", 19}, {"SK", 24}, {"SM", 27}, {"TN", 24}, {"TR", 26}, {"UA", 29}, {"VA", 22}, {"VG", 24},
                 {"XK", 20}};
    char digits[40];
    size_t wanted = 0, count = 0, end = at;
    for (size_t i = 0; at + 4 <= text.size && i < ARRAY_COUNT(sizes); i++)
        if (memcmp(text.data + at, sizes[i].country, 2) == 0)
            wanted = sizes[i].size;
    for (; end < text.size && count < wanted; end++) {
        char c = text.data[end];
        bool is_gap = c == ' ' && count % 4 == 0 && count > 0;
        if (!is_gap && !(c >= 'A' && c <= 'Z') && !sensitive_is_digit(c))
            return 0;
        if (!is_gap)
            digits[count++] = c;
    }
    *steps += end - at;
    if (wanted == 0 || count < wanted || !sensitive_ends_word(text, end))
        return 0;
    unsigned remainder = 0;
    for (size_t i = 0; i < count; i++) { /* the first four count last */
        char c = digits[(i + 4) % count];
        remainder = sensitive_is_digit(c) ? (remainder * 10 + (unsigned)(c - '0')) % 97
                                          : (remainder * 100 + (unsigned)(c - 'A') + 10) % 97;
    }
    return remainder == 1 ? end - at : 0;
}

static size_t ssn_size(struct slice text, size_t at, size_t *steps)
{
    struct slice it = slice_range(text, at, at + 11 <= text.size ? at + 11 : at);
    *steps += it.size;
    if (it.size == 0 || it.data[3] != '-' || it.data[6] != '-' || !sensitive_ends_number(text, at + 11))
        return 0;
    for (size_t i = 0; i < 11; i++)
        if (i != 3 && i != 6 && !sensitive_is_digit(it.data[i]))
            return 0;
    bool is_given = it.data[0] != '9' && memcmp(it.data, "000", 3) != 0 && memcmp(it.data, "666", 3) != 0 &&
                    memcmp(it.data + 4, "00", 2) != 0 && memcmp(it.data + 7, "0000", 4) != 0;
    return is_given ? 11 : 0;
}

static bool is_luhn(const char *digits, size_t count)
{
    unsigned sum = 0;
    for (size_t i = 0; i < count; i++) {
        unsigned digit = (unsigned)(digits[count - 1 - i] - '0');
        sum += i % 2 == 0 ? digit : digit < 5 ? 2 * digit : 2 * digit - 9;
    }
    return sum % 10 == 0;
}

/* Networks by their first digits, with the lengths of their numbers. */
static bool is_network(const char *digits, size_t count)
{
    unsigned two = (unsigned)(digits[0] - '0') * 10 + (unsigned)(digits[1] - '0');
    unsigned four = two * 100 + (unsigned)(digits[2] - '0') * 10 + (unsigned)(digits[3] - '0');
    if (digits[0] == '4')
        return count == 13 || count == 16 || count == 19;
    if ((two >= 51 && two <= 55) || (four >= 2221 && four <= 2720))
        return count == 16;
    if (two == 34 || two == 37 || four == 1800 || four == 2131)
        return count == 15;
    if (two == 36 || two == 38 || two == 39 || (four >= 3000 && four <= 3059))
        return count == 14;
    if (two == 35)
        return count == 16;
    return (two == 50 || (two >= 56 && two <= 69)) && count >= 12;
}

static size_t card_size(struct slice text, size_t at, size_t *steps)
{
    char digits[20];
    size_t count = 0, end = at, group = 0, groups = 1;
    char gap = '\0';
    for (; end < text.size && count < 20; end++) {
        char c = text.data[end];
        if (sensitive_is_digit(c)) {
            digits[count++] = c;
            group++;
            continue;
        }
        bool goes_on = (c == ' ' || c == '-') && (gap == '\0' || gap == c) && group >= 4 && end + 1 < text.size &&
                       sensitive_is_digit(text.data[end + 1]);
        if (!goes_on)
            break;
        gap = c;
        group = 0;
        groups++;
    }
    *steps += end - at;
    if (count < 12 || count > 19 || (groups > 1 && (groups < 3 || groups > 5)) || !sensitive_ends_number(text, end))
        return 0;
    if (!is_network(digits, count) || !is_luhn(digits, count))
        return 0;
    static const char *const words[] = {"card",    "credit", "visa", "mastercard", "amex",
                                        "maestro", "cc",     "pay",  "account",    NULL};
    bool is_sure = count >= 15 || sensitive_has_word_before(text, at, words);
    return is_sure ? end - at : 0;
}

/* ---- keys ---- */

/* Its letters go on from behind the mark before it: it begins where they begin, so that no byte is looked at for two tokens. */
static size_t jwt_size(struct slice text, size_t at, size_t *steps)
{
    size_t end = at, part = at, parts = 0;
    bool goes_on = at > 0 && (text.data[at - 1] == '.' || text.data[at - 1] == '-');
    if (goes_on || !slice_starts_with(slice_range(text, at, text.size), SLICE("eyJ")))
        return 0;
    for (; end < text.size && end - at <= TOKEN_BYTES_MAX; end++) {
        char c = text.data[end];
        if (c == '.' && end - part >= 10 && parts < 2) {
            parts++;
            part = end + 1;
        } else if (!sensitive_is_word(c) && c != '-')
            break;
    }
    *steps += end - at;
    return parts == 2 && end - part >= 10 && end - at <= TOKEN_BYTES_MAX ? end - at : 0;
}

/* "DEK-Info: AES-256-CBC,…" up to its line's end; 0 when it is no such line. */
static size_t key_head_size(struct slice text)
{
    size_t name = 0, end;
    while (name < text.size && name < KEY_NAME_BYTES_MAX && (isalnum((unsigned char)text.data[name]) || text.data[name] == '-'))
        name++;
    if (name == 0 || name + 1 >= text.size || text.data[name] != ':' || text.data[name + 1] != ' ')
        return 0;
    struct slice rest = slice_range(text, name, text.size < name + KEY_HEAD_BYTES_MAX ? text.size : name + KEY_HEAD_BYTES_MAX);
    return slice_find(rest, '\n', &end) ? name + end : 0;
}

/* What stands between two rows of dashes may be letters of base 64 and lines like "DEK-Info: …"; without the end of a key, all of that
 * belongs to it. */
static size_t key_block_end(struct slice text, size_t at)
{
    size_t end = at;
    for (size_t line = at; line < text.size; line++) {
        char c = text.data[line];
        if (c == '\n' || c == '\r' || c == ' ' || c == '\t')
            continue;
        size_t head = key_head_size(slice_range(text, line, text.size));
        if (head > 0) {
            line += head;
            continue; /* belongs to the key when lines of it follow */
        }
        size_t start = line, marks = 0;
        while (line < text.size && text.data[line] > ' ' && text.data[line] < 0x7F && text.data[line] != '-') {
            marks += !sensitive_is_word(text.data[line]) && text.data[line] != '+' && text.data[line] != '/' &&
                     text.data[line] != '=';
            line++;
        }
        if (marks > 0 || line - start < KEY_LINE_BYTES)
            break;
        end = line--;
    }
    return end;
}

static size_t private_key_size(struct slice text, size_t at, size_t *steps)
{
    struct slice rest = slice_range(text, at, text.size), mark = SLICE("-----"), begin = SLICE("-----BEGIN ");
    if (!slice_starts_with(rest, begin))
        return 0;
    rest = slice_range(rest, 0, rest.size < KEY_BLOCK_BYTES_MAX ? rest.size : KEY_BLOCK_BYTES_MAX);
    struct slice name = slice_range(rest, begin.size, rest.size < KEY_NAME_BYTES_MAX ? rest.size : KEY_NAME_BYTES_MAX);
    const char *kind = memmem(name.data, name.size, "PRIVATE KEY", 11),
               *dashes = memmem(name.data, name.size, mark.data, mark.size);
    *steps += name.size;
    if (kind == NULL || (dashes != NULL && dashes < kind))
        return 0;
    if (dashes == NULL)
        return (size_t)(kind + 11 - rest.data);
    size_t body = (size_t)(dashes - rest.data) + mark.size;
    const char *end = memmem(rest.data + body, rest.size - body, mark.data, mark.size);
    *steps += (end != NULL ? (size_t)(end - rest.data) : rest.size) - body;
    if (end == NULL || !slice_starts_with(slice_range(rest, (size_t)(end - rest.data), rest.size), SLICE("-----END ")))
        return key_block_end(slice_range(text, at, text.size), body); /* however long: what it takes is not looked at again */
    size_t after = (size_t)(end - rest.data) + 9;
    const char *last = memmem(rest.data + after,
                              rest.size - after < KEY_NAME_BYTES_MAX ? rest.size - after : KEY_NAME_BYTES_MAX, mark.data,
                              mark.size);
    return last != NULL ? (size_t)(last - rest.data) + mark.size : after;
}

/* ---- the walk ---- */

static const struct {
    enum sensitive_kind kind;
    size_t (*size)(struct slice text, size_t at, size_t *steps); /* of what begins there, or 0 */
} finders[] = {
    {SENSITIVE_PRIVATE_KEY, private_key_size},
    {SENSITIVE_ACCESS_KEY, sensitive_access_key_size},
    {SENSITIVE_TOKEN, jwt_size},
    {SENSITIVE_EMAIL, email_size},
    {SENSITIVE_IBAN, iban_size},
    {SENSITIVE_SSN, ssn_size},
    {SENSITIVE_CARD, card_size},
    {SENSITIVE_IP_ADDRESS, sensitive_ip_size},
    {SENSITIVE_PHONE, sensitive_phone_size},
    {SENSITIVE_SECRET, sensitive_secret_size},
};

/* Nothing that is looked for begins within a word or a number. */
static bool may_begin(struct slice text, size_t at)
{
    char c = text.data[at], before = at > 0 ? text.data[at - 1] : ' ';
    if (sensitive_is_word(c))
        return !sensitive_is_word(before) && (unsigned char)before < 0x80;
    return c == '+' || c == '(' || c == '-' || c == '"' || c == '\'' || c == '=' || c == ':' ||
           sensitive_is_wide_colon(text, at);
}

bool sensitive_walk(struct slice text, sensitive_visitor *visit, void *context, size_t *steps)
{
    for (size_t at = 0; at < text.size;) {
        size_t size = 0;
        if (may_begin(text, at))
            for (size_t i = 0; size == 0 && i < ARRAY_COUNT(finders); i++) {
                size = finders[i].size(text, at, steps);
                size_t skipped = size > 0 && finders[i].kind == SENSITIVE_SECRET ? sensitive_secret_start(text, at) - at : 0;
                if (size > 0 && !visit(context, finders[i].kind, at + skipped, at + size))
                    return false;
            }
        at += size > 0 ? size : 1;
    }
    return true;
}

bool sensitive_each(struct slice text, sensitive_visitor *visit, void *context)
{
    size_t steps = 0;
    return sensitive_walk(text, visit, context, &steps);
}

/* ---- masking ---- */

struct masking {
    struct slice text;
    struct buffer *out;
    size_t taken;
    uint32_t kinds;
};

static bool mask_one(void *context, enum sensitive_kind kind, size_t start, size_t end)
{
    struct masking *masking = context;
    if (!(masking->kinds >> kind & 1))
        return true;
    buffer_append_slice(masking->out, slice_range(masking->text, masking->taken, start));
    buffer_format(masking->out, "[%s]", sensitive_kind_label(kind));
    masking->taken = end;
    return true;
}

void sensitive_mask(struct slice text, uint32_t kinds, struct buffer *out)
{
    struct masking masking = {.text = text, .out = out, .kinds = kinds};
    (void)sensitive_each(text, mask_one, &masking);
    buffer_append_slice(out, slice_range(text, masking.taken, text.size));
}
