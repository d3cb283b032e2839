/* pattern_syntax.c - a regular expression as Oniguruma reads it, in PCRE2's words.
 *
 *   \w  [[:word:]] \b      letters are all that is Alphabetic, and marks, digits and connectors are of words too
 *   \h                     a hexadecimal digit, not a space
 *   [[:punct:]] ...        by the properties of Unicode
 *   \p{Han}                the script alone
 *   (?m)                   the dot matches line ends: (?s)
 *
 * Sets within sets ([a-z&&[^b]]) are refused. */
#include "pattern_syntax.h"

#define WORD_IN_SET "\\p{Alphabetic}\\p{M}\\p{Nd}\\p{Pc}"
#define WORD WORD_IN_SET "\\x{B2}\\x{B3}\\x{B9}\\x{BC}-\\x{BE}" /* outside of sets some of Latin 1 too */
#define HEXADECIMAL "0-9A-Fa-f"

struct replacement {
    struct slice from;
    const char *outside; /* NULL: as it is */
    const char *inside;  /* of a set; NULL: cannot be told there */
};

static const struct replacement replacements[] = {
    {SLICE_CONSTANT("\\w"), "[" WORD "]", WORD_IN_SET},
    {SLICE_CONSTANT("\\W"), "[^" WORD "]", NULL},
    {SLICE_CONSTANT("\\h"), "[" HEXADECIMAL "]", HEXADECIMAL},
    {SLICE_CONSTANT("\\H"), "[^" HEXADECIMAL "]", NULL},
    {SLICE_CONSTANT("\\b"), "(?:(?<=[" WORD "])(?![" WORD "])|(?<![" WORD "])(?=[" WORD "]))", "\\b"},
    {SLICE_CONSTANT("\\B"), "(?:(?<=[" WORD "])(?=[" WORD "])|(?<![" WORD "])(?![" WORD "]))", NULL},
};

static const struct replacement sets[] = {
    {SLICE_CONSTANT("[:alpha:]"), NULL, "\\p{Alphabetic}"},
    {SLICE_CONSTANT("[:alnum:]"), NULL, "\\p{Alphabetic}\\p{Nd}"},
    {SLICE_CONSTANT("[:digit:]"), NULL, "\\p{Nd}"},
    {SLICE_CONSTANT("[:punct:]"), NULL, "\\p{P}\\p{S}"},
    {SLICE_CONSTANT("[:upper:]"), NULL, "\\p{Uppercase}"},
    {SLICE_CONSTANT("[:lower:]"), NULL, "\\p{Lowercase}"},
    {SLICE_CONSTANT("[:space:]"), NULL, "\\s"},
    {SLICE_CONSTANT("[:word:]"), NULL, WORD_IN_SET},
    {SLICE_CONSTANT("[:cntrl:]"), NULL, "\\p{Cc}"},
    {SLICE_CONSTANT("[:xdigit:]"), NULL, HEXADECIMAL},
};

static const struct replacement *replacement_at(const struct replacement *list, size_t count, struct slice rest)
{
    for (size_t i = 0; i < count; i++)
        if (slice_starts_with(rest, list[i].from))
            return &list[i];
    return NULL;
}

/* "(?m-i:" and the like, from behind the question mark: how long, or 0. */
static size_t options_size(struct slice rest)
{
    size_t size = 0;
    while (size < rest.size &&
           (rest.data[size] == 'i' || rest.data[size] == 'm' || rest.data[size] == 'x' || rest.data[size] == '-'))
        size++;
    return size > 0 && size < rest.size && (rest.data[size] == ':' || rest.data[size] == ')') ? size : 0;
}

/* "\p{Han}" is a script; PCRE2 would take those that share its characters in, too. Names of up to two letters are categories. */
static size_t translate_property(struct slice rest, struct buffer *out)
{
    static const char *const others[] = {"Any", "Alphabetic", "Uppercase", "Lowercase", "White_Space", "Emoji"};
    size_t end;
    if (rest.size < 4 || rest.data[0] != '\\' || (rest.data[1] != 'p' && rest.data[1] != 'P') || rest.data[2] != '{' ||
        !slice_find(rest, '}', &end))
        return 0;
    size_t start = 3 + (rest.data[3] == '^');
    struct slice property = slice_range(rest, start, end > start ? end : start);
    bool is_script = property.size > 2 && !slice_find(property, ':', &start) && !slice_find(property, '=', &start);
    for (size_t i = 0; i < ARRAY_COUNT(others); i++)
        is_script = is_script && !slice_equal_text(property, others[i]);
    buffer_append(out, rest.data, (size_t)(property.data - rest.data));
    buffer_append_text(out, is_script ? "sc:" : "");
    buffer_append_slice(out, property);
    buffer_append_byte(out, '}');
    return end + 1;
}

static bool refuse(const char *name, const char *what, struct error *error)
{
    error_set(error, ERROR_INVALID, "cannot read the regular expression of %s: it has %s", name, what);
    return error_hint(error, "Write the set out, or use an alternative: a|b.");
}

/* One element at `at`; `*set` counts what the set holds so far, 0 outside of one. Returns its size, or 0 after a complaint. */
static size_t translate_one(struct slice expression, size_t at, size_t *set, const char *name, struct buffer *out,
                            struct error *error)
{
    struct slice rest = slice_range(expression, at, expression.size);
    const struct replacement *found = replacement_at(replacements, ARRAY_COUNT(replacements), rest);
    if (found != NULL) {
        if (*set > 0 && found->inside == NULL)
            return refuse(name, "a negated class within a set", error);
        buffer_append_text(out, *set > 0 ? found->inside : found->outside);
        *set += *set > 0;
        return found->from.size;
    }
    size_t size = translate_property(rest, out);
    if (size > 0) {
        *set += *set > 0;
        return size;
    }
    size = rest.data[0] == '\\' && rest.size > 1 ? 2 : 1;
    if (*set == 0 && rest.data[0] == '[') {
        size += rest.size > 1 && rest.data[1] == '^';
        *set = 1;
    } else if (*set == 0 && slice_starts_with(rest, SLICE("(?"))) {
        size = 2 + options_size(slice_range(rest, 2, rest.size));
        for (size_t i = 0; i < size; i++)
            buffer_append_byte(out, i > 1 && rest.data[i] == 'm' ? 's' : rest.data[i]);
        return size;
    } else if (*set > 0 && rest.data[0] == '[') {
        found = replacement_at(sets, ARRAY_COUNT(sets), rest);
        if (found == NULL)
            return refuse(name, "a set within a set", error);
        buffer_append_text(out, found->inside);
        (*set)++;
        return found->from.size;
    } else if (*set > 0 && slice_starts_with(rest, SLICE("&&"))) {
        return refuse(name, "an intersection of sets", error);
    } else if (*set > 1 && rest.data[0] == ']') {
        *set = 0;
    } else if (*set > 0) {
        (*set)++;
    }
    buffer_append(out, rest.data, size);
    return size;
}

bool pattern_translate(struct slice expression, const char *name, struct buffer *out, struct error *error)
{
    size_t set = 0, size;
    for (size_t at = 0; at < expression.size; at += size) {
        size = translate_one(expression, at, &set, name, out, error);
        if (size == 0)
            return false;
    }
    return buffer_finish(out, "regular expression", error);
}
