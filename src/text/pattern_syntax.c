/* pattern_syntax.c - a regular expression as Oniguruma reads it, in PCRE2's words.
 *
 *   \w  [[:word:]] \b      letters are all that is Alphabetic, and marks, digits and connectors are of words too
 *   \h                     a hexadecimal digit, not a space
 *   [[:punct:]] ...        by the properties of Unicode
 *   \p{Han}                the script alone
 *   (?m)                   the dot matches line ends: (?s)
 *
 * A set that holds what PCRE2's sets cannot becomes a group that takes one character:
 *
 *   [a\W[bc]]              (?:[a]|[^…]|[bc])                its parts, one or the other
 *   [a-w&&[^c-g]z]         (?:(?=[a-w])(?:[z]|[^c-g]))      all sides look at the character, the last one takes it
 *   [^\W\d_]               (?:(?!(?:[\d_]|[^…]))(?s:.))      any other character */
#include "pattern_syntax.h"

#define WORD_IN_SET "\\p{Alphabetic}\\p{M}\\p{Nd}\\p{Pc}"
#define WORD WORD_IN_SET "\\x{B2}\\x{B3}\\x{B9}\\x{BC}-\\x{BE}" /* outside of sets some of Latin 1 too */
#define HEXADECIMAL "0-9A-Fa-f"

enum { SETS_MAX = 16 }; /* within each other */
#define ANY "(?s:.)"

struct replacement {
    struct slice from;
    const char *outside; /* NULL: as it is */
    const char *inside;  /* of a set; NULL: there it is a set of its own, of what is not in `opposite` */
    const char *opposite;
};

static const struct replacement replacements[] = {
    {SLICE_CONSTANT("\\w"), "[" WORD "]", WORD_IN_SET, NULL},
    {SLICE_CONSTANT("\\W"), "[^" WORD "]", NULL, WORD_IN_SET},
    {SLICE_CONSTANT("\\h"), "[" HEXADECIMAL "]", HEXADECIMAL, NULL},
    {SLICE_CONSTANT("\\H"), "[^" HEXADECIMAL "]", NULL, HEXADECIMAL},
    {SLICE_CONSTANT("\\b"), "(?:(?<=[" WORD "])(?![" WORD "])|(?<![" WORD "])(?=[" WORD "]))", "\\b", NULL},
    {SLICE_CONSTANT("\\B"), "(?:(?<=[" WORD "])(?=[" WORD "])|(?<![" WORD "])(?![" WORD "]))", "B", NULL},
};

static const struct {
    struct slice from;
    const char *inside;
} sets[] = {
    {SLICE_CONSTANT("[:alpha:]"), "\\p{Alphabetic}"},
    {SLICE_CONSTANT("[:alnum:]"), "\\p{Alphabetic}\\p{Nd}"},
    {SLICE_CONSTANT("[:digit:]"), "\\p{Nd}"},
    {SLICE_CONSTANT("[:punct:]"), "\\p{P}\\p{S}"},
    {SLICE_CONSTANT("[:upper:]"), "\\p{Uppercase}"},
    {SLICE_CONSTANT("[:lower:]"), "\\p{Lowercase}"},
    {SLICE_CONSTANT("[:space:]"), "\\s"},
    {SLICE_CONSTANT("[:word:]"), WORD_IN_SET},
    {SLICE_CONSTANT("[:cntrl:]"), "\\p{Cc}"},
    {SLICE_CONSTANT("[:xdigit:]"), HEXADECIMAL},
    {SLICE_CONSTANT("[:blank:]"), "\\p{Zs}\\t"},
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

/* ---- sets ---- */

/* One set of an expression, while it is read. */
struct set {
    struct buffer body; /* what PCRE2 has in a set */
    struct buffer apart; /* "|" and a group, for each of the others */
    struct buffer sides; /* "(?=…)" of each side of "&&" but the last */
};

/* What the side at hand takes: one character. */
static void append_side(struct buffer *out, const struct set *set)
{
    struct slice body = buffer_slice(&set->body), apart = buffer_slice(&set->apart);
    bool is_group = apart.size > 0 && body.size > 0;
    buffer_append_text(out, is_group ? "(?:" : "");
    if (body.size > 0) {
        buffer_append_text(out, "[");
        buffer_append_slice(out, body);
        buffer_append_text(out, "]");
    }
    if (apart.size > 0)
        buffer_append_slice(out, body.size > 0 ? apart : slice_range(apart, 1, apart.size));
    if (body.size == 0 && apart.size == 0)
        buffer_append_text(out, "(?!)"); /* nothing is in it */
    buffer_append_text(out, is_group ? ")" : "");
}

static void end_side(struct set *set)
{
    buffer_append_text(&set->sides, "(?=");
    append_side(&set->sides, set);
    buffer_append_text(&set->sides, ")");
    buffer_clear(&set->body);
    buffer_clear(&set->apart);
}

static void append_set(struct buffer *out, const struct set *set, bool is_negated)
{
    if (set->sides.size == 0 && set->apart.size == 0) {
        buffer_append_text(out, is_negated ? "[^" : "[");
        buffer_append_slice(out, buffer_slice(&set->body));
        buffer_append_text(out, "]");
        return;
    }
    buffer_append_text(out, is_negated ? "(?:(?!" : "(?:");
    buffer_append_slice(out, buffer_slice(&set->sides));
    buffer_append_text(out, "(?:");
    append_side(out, set);
    buffer_append_text(out, is_negated ? "))" ANY ")" : "))");
}

/* Oniguruma adds the other case to a set when all of it is read, so that [a-z&&[^S]] takes "s" again; PCRE2 has it in each part. */
static bool ignores_case(struct slice expression)
{
    for (size_t at = 0; at + 2 < expression.size; at++) {
        struct slice rest = slice_range(expression, at, expression.size);
        size_t size = slice_starts_with(rest, SLICE("(?")) ? options_size(slice_range(rest, 2, rest.size)) : 0, place;
        if (size > 0 && slice_find(slice_range(rest, 2, 2 + size), 'i', &place))
            return true;
    }
    return false;
}

static size_t translate_set(struct slice expression, size_t start, size_t depth, const char *name, struct buffer *out,
                            struct error *error);

/* One element of the set; its size, or 0 after a complaint. */
static size_t translate_element(struct slice expression, size_t at, size_t depth, struct set *set, const char *name,
                                struct error *error)
{
    struct slice rest = slice_range(expression, at, expression.size);
    const struct replacement *found = replacement_at(replacements, ARRAY_COUNT(replacements), rest);
    const char *inside = found != NULL ? found->inside : NULL, *opposite = found != NULL ? found->opposite : NULL;
    size_t size = found != NULL ? found->from.size : 0;
    bool is_negated = slice_starts_with(rest, SLICE("[:^")); /* [:^digit:] */
    for (size_t i = 0; i < ARRAY_COUNT(sets) && size == 0; i++) {
        struct slice name_in_set = slice_range(sets[i].from, 2, sets[i].from.size);
        if (slice_starts_with(rest, sets[i].from) ||
            (is_negated && slice_starts_with(slice_range(rest, 3, rest.size), name_in_set))) {
            inside = sets[i].inside;
            opposite = is_negated ? inside : NULL;
            size = sets[i].from.size + is_negated;
        }
    }
    if (opposite != NULL)
        buffer_format(&set->apart, "|[^%s]", opposite);
    else if (inside != NULL)
        buffer_append_text(&set->body, inside);
    if (size > 0)
        return size;
    if (slice_starts_with(rest, SLICE("[:")))
        return refuse(name, "a class in [: :] that has no such name", error);
    if (rest.data[0] == '[') {
        buffer_append_text(&set->apart, "|");
        return translate_set(expression, at, depth + 1, name, &set->apart, error);
    }
    size = translate_property(rest, &set->body);
    if (size > 0)
        return size;
    size = rest.data[0] == '\\' && rest.size > 1 ? 2 : 1;
    if (rest.data[0] == ']' || (rest.data[0] == '^' && set->body.size == 0))
        buffer_append_text(&set->body, "\\");
    buffer_append(&set->body, rest.data, size);
    return size;
}

/* The set that begins at `start`; its size, or 0 after a complaint. */
static size_t translate_set(struct slice expression, size_t start, size_t depth, const char *name, struct buffer *out,
                            struct error *error)
{
    size_t at = start + 1, size = 1;
    bool is_negated = at < expression.size && expression.data[at] == '^', is_first = true, is_ended = false;
    if (depth > SETS_MAX)
        return refuse(name, "too many sets within sets", error);
    if (depth > 0 && is_negated && ignores_case(expression))
        return refuse(name, "a negated set within a set where case is ignored", error);
    struct set set;
    buffer_init(&set.body, out->size_max);
    buffer_init(&set.apart, out->size_max);
    buffer_init(&set.sides, out->size_max);
    at += is_negated;
    while (!is_ended && size > 0 && at < expression.size) {
        struct slice rest = slice_range(expression, at, expression.size);
        if (!is_first && rest.data[0] == ']') {
            is_ended = true;
            size = 1;
        } else if (slice_starts_with(rest, SLICE("&&"))) {
            end_side(&set);
            size = ignores_case(expression) ? refuse(name, "an intersection of sets where case is ignored", error) : 2;
        } else {
            size = translate_element(expression, at, depth, &set, name, error);
        }
        is_first = false;
        at += size;
    }
    if (set.body.failed || set.apart.failed || set.sides.failed)
        is_ended = refuse(name, "too long a set", error);
    else if (is_ended)
        append_set(out, &set, is_negated);
    else if (size > 0)
        refuse(name, "a set without its end", error);
    buffer_release(&set.body);
    buffer_release(&set.apart);
    buffer_release(&set.sides);
    return is_ended ? at - start : 0;
}

/* ---- the rest ---- */

/* One element at `at`, outside of sets. Its size, or 0 after a complaint. */
static size_t translate_one(struct slice expression, size_t at, const char *name, struct buffer *out, struct error *error)
{
    struct slice rest = slice_range(expression, at, expression.size);
    const struct replacement *found = replacement_at(replacements, ARRAY_COUNT(replacements), rest);
    if (found != NULL) {
        buffer_append_text(out, found->outside);
        return found->from.size;
    }
    if (rest.data[0] == '[')
        return translate_set(expression, at, /* depth= */ 0, name, out, error);
    size_t size = translate_property(rest, out);
    if (size > 0)
        return size;
    size = rest.data[0] == '\\' && rest.size > 1 ? 2 : 1;
    if (slice_starts_with(rest, SLICE("(?"))) {
        size = 2 + options_size(slice_range(rest, 2, rest.size));
        for (size_t i = 0; i < size; i++)
            buffer_append_byte(out, i > 1 && rest.data[i] == 'm' ? 's' : rest.data[i]);
        return size;
    }
    buffer_append(out, rest.data, size);
    return size;
}

bool pattern_translate(struct slice expression, const char *name, struct buffer *out, struct error *error)
{
    for (size_t at = 0, size; at < expression.size; at += size) {
        size = translate_one(expression, at, name, out, error);
        if (size == 0)
            return false;
    }
    return buffer_finish(out, "regular expression", error);
}
