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

/* At random, not a word, a name, a path or what stands for a value. */
static bool is_secret_value(struct slice value, bool is_quoted)
{
    static const char *const placeholders[] = {
        "example",    "xxxx",   "your",     "change", "....", "****",   "placeholder", "secret", "password", "token",
        "1234567890", "abcdef", "redacted", "dummy",  "test", "sample", "none",        "null",   NULL};
    size_t digits = 0, small = 0, capital = 0, marks = 0;
    if (value.size < VALUE_BYTES_LEAST || strchr("$<{%[(&*/.#@", value.data[0]) != NULL || holds_any(value, placeholders))
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

struct assignment {
    size_t start, end; /* of the value */
    bool is_quoted;
};

/* Some, for what stands in columns; never along a whole page of them. */
static size_t skip_blanks(struct slice text, size_t at)
{
    size_t end = at;
    while (end < text.size && end - at < BLANKS_MAX && text.data[end] == ' ')
        end++;
    return end;
}

/* `name = "value"`, `"name": "value"`, `NAME=value` from the name on. */
static bool read_assignment(struct slice text, size_t at, struct assignment *found, size_t *steps)
{
    size_t end = at;
    while (end < text.size && end - at <= NAME_BYTES_MAX &&
           (sensitive_is_word(text.data[end]) || text.data[end] == '-' || text.data[end] == '.'))
        end++;
    *steps += end - at;
    if (end == at || end - at > NAME_BYTES_MAX)
        return false;
    size_t value = skip_blanks(text, end + (end < text.size && (text.data[end] == '"' || text.data[end] == '\'')));
    if (value >= text.size || (text.data[value] != '=' && text.data[value] != ':') ||
        !is_secret_name(slice_range(text, at, end)))
        return false;
    *steps += NAME_BYTES_MAX;
    value++;
    value += value < text.size && (text.data[value] == '>' || text.data[value] == '=');
    value = skip_blanks(text, value);
    char quote = value < text.size && (text.data[value] == '"' || text.data[value] == '\'') ? text.data[value] : '\0';
    value += quote != '\0';
    found->start = found->end = value;
    found->is_quoted = quote != '\0';
    while (found->end < text.size && found->end - value <= VALUE_BYTES_MAX && (unsigned char)text.data[found->end] > ' ' &&
           text.data[found->end] != '"' && text.data[found->end] != '\'' && text.data[found->end] != '`' &&
           text.data[found->end] != ',')
        found->end++;
    *steps += found->end - found->start;
    bool is_closed = quote == '\0' || (found->end < text.size && text.data[found->end] == quote);
    return is_closed && found->end - value <= VALUE_BYTES_MAX &&
           is_secret_value(slice_range(text, value, found->end), found->is_quoted);
}

size_t sensitive_secret_size(struct slice text, size_t at, size_t *steps)
{
    struct assignment found;
    return sensitive_is_word(text.data[at]) && read_assignment(text, at, &found, steps) ? found.end - at : 0;
}

size_t sensitive_secret_start(struct slice text, size_t at)
{
    struct assignment found;
    size_t steps = 0;
    return read_assignment(text, at, &found, &steps) ? found.start : at;
}
