/* sensitive_keys.c - keys that services give out, known by their prefixes, and secrets that stand behind a name that says so. */
#include "sensitive_parts.h"
#include <math.h>
#include <string.h>

enum { NAME_BYTES_MAX = 64, VALUE_BYTES_LEAST = 8, VALUE_BYTES_MAX = 200, LONG_VALUE = 16, BLANKS_MAX = 64 };

static const struct {
    struct slice prefix;
    const char *more; /* what may stand in it besides letters and digits */
    uint8_t least, most; /* bytes behind the prefix */
} prefixes[] = {
    {SLICE_CONSTANT("AKIA"), "", 16, 16},       {SLICE_CONSTANT("ASIA"), "", 16, 16},
    {SLICE_CONSTANT("ghp_"), "", 36, 36},       {SLICE_CONSTANT("gho_"), "", 36, 36},
    {SLICE_CONSTANT("ghu_"), "", 36, 36},       {SLICE_CONSTANT("ghs_"), "", 36, 36},
    {SLICE_CONSTANT("ghr_"), "", 36, 76},       {SLICE_CONSTANT("github_pat_"), "_", 40, 90},
    {SLICE_CONSTANT("glpat-"), "-_", 20, 50},   {SLICE_CONSTANT("xoxb-"), "-", 20, 200},
    {SLICE_CONSTANT("xoxp-"), "-", 20, 200},    {SLICE_CONSTANT("xoxa-"), "-", 20, 200},
    {SLICE_CONSTANT("xoxr-"), "-", 20, 200},    {SLICE_CONSTANT("xoxs-"), "-", 20, 200},
    {SLICE_CONSTANT("sk_live_"), "", 16, 120},  {SLICE_CONSTANT("sk_test_"), "", 16, 120},
    {SLICE_CONSTANT("rk_live_"), "", 16, 120},  {SLICE_CONSTANT("whsec_"), "+/=", 24, 80},
    {SLICE_CONSTANT("AIza"), "-_", 35, 35},     {SLICE_CONSTANT("ya29."), "-_", 40, 250},
    {SLICE_CONSTANT("sk-ant-"), "-_", 40, 200}, {SLICE_CONSTANT("sk-proj-"), "-_", 40, 200},
    {SLICE_CONSTANT("sk-"), "", 32, 64},        {SLICE_CONSTANT("hf_"), "", 34, 40},
    {SLICE_CONSTANT("npm_"), "", 36, 36},       {SLICE_CONSTANT("SG."), "-_.", 60, 70},
    {SLICE_CONSTANT("dop_v1_"), "", 64, 64},
};

static bool is_in(char c, const char *more)
{
    return sensitive_is_digit(c) || sensitive_is_letter(c) || (c != '\0' && strchr(more, c) != NULL);
}

size_t sensitive_access_key_size(struct slice text, size_t at, size_t *steps)
{
    struct slice rest = slice_range(text, at, text.size);
    for (size_t i = 0; i < ARRAY_COUNT(prefixes); i++) {
        if (!slice_starts_with(rest, prefixes[i].prefix))
            continue;
        size_t end = prefixes[i].prefix.size, digits = 0, most = end + prefixes[i].most;
        for (; end < rest.size && end <= most && is_in(rest.data[end], prefixes[i].more); end++)
            digits += sensitive_is_digit(rest.data[end]);
        *steps += end;
        size_t size = end - prefixes[i].prefix.size;
        if (size >= prefixes[i].least && size <= prefixes[i].most && digits > 0 && sensitive_ends_word(rest, end))
            return end;
    }
    return 0;
}

/* ---- secrets behind names ---- */

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c + 'a' - 'A') : c;
}

static bool holds_lower(struct slice text, const char *wanted)
{
    size_t size = strlen(wanted);
    for (size_t at = 0; at + size <= text.size; at++) {
        size_t i = 0;
        while (i < size && lower(text.data[at + i]) == wanted[i])
            i++;
        if (i == size)
            return true;
    }
    return false;
}

static bool holds_any(struct slice text, const char *const *words)
{
    for (; *words != NULL; words++)
        if (holds_lower(text, *words))
            return true;
    return false;
}

static bool is_secret_name(struct slice name)
{
    static const char *const words[] = {"password",    "passwd",   "pwd",        "secret",     "token",
                                        "api_key",     "apikey",   "api-key",    "access_key", "accesskey",
                                        "private_key", "auth_key", "passphrase", "credential", NULL};
    return holds_any(name, words);
}

/* Shannon's entropy of its bytes, in bits. */
static double entropy(struct slice text)
{
    unsigned counts[256] = {0};
    double bits = 0;
    for (size_t i = 0; i < text.size; i++)
        counts[(unsigned char)text.data[i]]++;
    for (size_t i = 0; i < 256; i++)
        if (counts[i] > 0)
            bits -= counts[i] / (double)text.size * log2(counts[i] / (double)text.size);
    return bits;
}

/* What stands for a value, and what tells how one is kept. */
static bool is_placeholder(struct slice value)
{
    static const char *const placeholders[] = {
        "example",    "xxxx",   "your",     "change", "....", "****",   "placeholder", "secret", "password", "token",
        "1234567890", "abcdef", "redacted", "dummy",  "test", "sample", "none",        "null",   NULL};
    return value.size < VALUE_BYTES_LEAST || strchr("$<{%[(&*/.#@", value.data[0]) != NULL || holds_any(value, placeholders);
}

/* At random, not a word, a name, a path. */
static bool is_secret_value(struct slice value, bool is_quoted)
{
    size_t digits = 0, small = 0, capital = 0, marks = 0;
    if (is_placeholder(value))
        return false;
    for (size_t i = 0; i < value.size; i++) {
        char c = value.data[i];
        digits += sensitive_is_digit(c);
        small += c >= 'a' && c <= 'z';
        capital += c >= 'A' && c <= 'Z';
        marks += c > ' ' && c < 0x7F && !sensitive_is_word(c);
        if (c == '(' || c == '<' || c == '{' || (unsigned char)c >= 0x80)
            return false; /* a call, a variable, prose */
    }
    int classes = (digits > 0) + (small > 0) + (capital > 0) + (marks > 0);
    bool is_long = value.size >= LONG_VALUE && digits >= 2 && classes >= 2 && entropy(value) >= 3.3;
    return is_long || (is_quoted && digits > 0 && classes >= 3 && entropy(value) >= 2.7);
}

static bool is_password_value(struct slice value)
{
    static const char *const told[] = {"sha1",    "sha2",       "sha3",     "sha5",    "sha-",     "md5",      "bcrypt",
                                       "scrypt",  "argon2",     "pbkdf",    "base64",  "aes1",     "aes2",     "aes-",
                                       "hmac",    "utf-8",      "utf8",     "oauth",   "rfc",      "://",      "beispiel",
                                       "ejemplo", "exemple",    "esempio",  "passwor", "kennwort", "contrase", "wachtwoord",
                                       "passwd",  "passphrase", "12345678", "varchar", NULL};
    return !is_placeholder(value) && !holds_any(value, told) && entropy(value) >= 2.4 && sensitive_is_password(value);
}

struct assignment {
    size_t start, end; /* of the value */
    bool is_quoted;
};

/* Bytes of a blank, or of a mark that sets type (`**Password:** x`), at `at`; 0: none. */
static size_t blank_size(struct slice text, size_t at, bool with_marks)
{
    struct slice rest = slice_range(text, at, text.size);
    if (rest.size == 0)
        return 0;
    if (rest.data[0] == ' ' || (with_marks && rest.data[0] == '*'))
        return 1;
    return slice_starts_with(rest, SLICE("\xC2\xA0")) ? 2 : slice_starts_with(rest, SLICE("\xE2\x80\xAF")) ? 3 : 0;
}

/* Some, for what stands in columns; never along a whole page of them. */
static size_t skip_blanks(struct slice text, size_t at)
{
    size_t end = at, marks = 0, size;
    while (end - at < BLANKS_MAX && (size = blank_size(text, end, marks < 2)) > 0) {
        marks += text.data[end] == '*';
        end += size;
    }
    return end;
}

/* Quotes of print and full stops of other scripts: bytes of the one at `at`, or 0. */
static size_t print_mark_size(struct slice text, size_t at)
{
    static const struct slice marks[] = {
        SLICE_CONSTANT("“"),  SLICE_CONSTANT("”"),  SLICE_CONSTANT("„"),        SLICE_CONSTANT("‘"),
        SLICE_CONSTANT("’"),  SLICE_CONSTANT("‚"),  SLICE_CONSTANT("«"),        SLICE_CONSTANT("»"),
        SLICE_CONSTANT("。"), SLICE_CONSTANT("，"), SLICE_CONSTANT("、"),       SLICE_CONSTANT("」"),
        SLICE_CONSTANT("「"), SLICE_CONSTANT("："), SLICE_CONSTANT("\xC2\xA0"), SLICE_CONSTANT("\xE2\x80\xAF")};
    struct slice rest = slice_range(text, at, text.size);
    for (size_t i = 0; rest.size > 0 && (unsigned char)rest.data[0] >= 0x80 && i < ARRAY_COUNT(marks); i++)
        if (slice_starts_with(rest, marks[i]))
            return marks[i].size;
    return 0;
}

/* Behind ":" or "=", also "=>" and "=="; 0: there is none. */
static size_t sign_end(struct slice text, size_t at)
{
    if (sensitive_is_wide_colon(text, at))
        return at + 3;
    if (at >= text.size || (text.data[at] != '=' && text.data[at] != ':'))
        return 0;
    at++;
    return at + (at < text.size && (text.data[at] == '>' || text.data[at] == '='));
}

/* "is", where a sentence tells a password; 0: there is none. */
static size_t verb_end(struct slice text, size_t at)
{
    static const struct slice verbs[] = {SLICE_CONSTANT("is "),  SLICE_CONSTANT("ist "), SLICE_CONSTANT("lautet "),
                                         SLICE_CONSTANT("est "), SLICE_CONSTANT("es "),  SLICE_CONSTANT("é "),
                                         SLICE_CONSTANT("è "),   SLICE_CONSTANT("to "),  SLICE_CONSTANT("är "),
                                         SLICE_CONSTANT("er "),  SLICE_CONSTANT("was "), SLICE_CONSTANT("war ")};
    for (size_t i = 0; i < ARRAY_COUNT(verbs); i++)
        if (slice_starts_with(slice_range(text, at, text.size), verbs[i]))
            return at + verbs[i].size - 1;
    return 0;
}

/* The value at `value`, behind its sign and blanks. */
static bool read_value(struct slice text, size_t value, struct assignment *found, size_t *steps)
{
    bool is_closed = true;
    char quote = value < text.size && (text.data[value] == '"' || text.data[value] == '\'' || text.data[value] == '`')
                     ? text.data[value]
                     : '\0';
    value += quote != '\0' ? 1 : print_mark_size(text, value);
    found->start = found->end = value;
    found->is_quoted = quote == '"' || quote == '\'';
    while (found->end < text.size && found->end - value <= VALUE_BYTES_MAX && (unsigned char)text.data[found->end] > ' ' &&
           text.data[found->end] != '"' && text.data[found->end] != '\'' && text.data[found->end] != '`' &&
           text.data[found->end] != ',' && print_mark_size(text, found->end) == 0)
        found->end++;
    *steps += found->end - found->start;
    if (quote != '\0')
        is_closed = found->end < text.size && text.data[found->end] == quote;
    return is_closed && found->end - value <= VALUE_BYTES_MAX;
}

/* Without what ends a sentence, and what sets type. */
static size_t password_end(struct slice text, const struct assignment *found)
{
    size_t end = found->end;
    while (!found->is_quoted && end > found->start && strchr(".;)*", text.data[end - 1]) != NULL)
        end--;
    return end;
}

/* `name = "value"`, `"name": "value"`, `NAME=value`, "the password is value" from the name on. */
static bool read_assignment(struct slice text, size_t at, struct assignment *found, size_t *steps)
{
    size_t end = at;
    while (end < text.size && end - at <= NAME_BYTES_MAX &&
           (sensitive_is_word(text.data[end]) || text.data[end] == '-' || text.data[end] == '.' ||
            ((unsigned char)text.data[end] >= 0x80 && print_mark_size(text, end) == 0)))
        end++;
    *steps += end - at;
    if (end - at > NAME_BYTES_MAX)
        return false;
    bool is_sign = end == at && sensitive_is_password_before(text, at); /* ":" behind a word of another script */
    bool is_password = is_sign || (end > at && sensitive_is_password_name(text, at, end));
    if (!is_password && (end == at || !is_secret_name(slice_range(text, at, end))))
        return false;
    *steps += NAME_BYTES_MAX;
    size_t quote = end < text.size && (text.data[end] == '"' || text.data[end] == '\'' || text.data[end] == '`');
    size_t sign = skip_blanks(text, end + quote), value = sign_end(text, sign);
    if (value == 0 && is_password)
        value = verb_end(text, sign);
    if (value == 0 || !read_value(text, skip_blanks(text, value), found, steps))
        return false;
    if (is_secret_value(slice_range(text, found->start, found->end), found->is_quoted))
        return true;
    found->end = password_end(text, found);
    return is_password && is_password_value(slice_range(text, found->start, found->end));
}

size_t sensitive_secret_size(struct slice text, size_t at, size_t *steps)
{
    struct assignment found;
    bool may_be = sensitive_is_word(text.data[at]) || text.data[at] == ':' || text.data[at] == '=' ||
                  sensitive_is_wide_colon(text, at);
    return may_be && read_assignment(text, at, &found, steps) ? found.end - at : 0;
}

size_t sensitive_secret_start(struct slice text, size_t at)
{
    struct assignment found;
    size_t steps = 0;
    return read_assignment(text, at, &found, &steps) ? found.start : at;
}
