/* span_edges.c - a reader marks tokens of a model, which end within words, file names and versions.
 *
 *   … now `stu[dio].toml` instead   ▶ studio.toml          costs [€ 15 (]up to …     ▶ € 15
 *   … see [https://a.example/b]?c=1 ▶ the whole address     is [UN 2967.]             ▶ UN 2967
 */
#include "span_edges.h"
#include "span_parts.h"
#include "text/text.h"
#include <string.h>

enum { TOKEN_MAX = 400, ABBREVIATION_BYTES = 4, PLACEHOLDER_MAX = 60 };

static bool is_ascii_word(char byte)
{
    return (byte >= '0' && byte <= '9') || ((byte | 0x20) >= 'a' && (byte | 0x20) <= 'z') || byte == '_';
}

/* Of a word in a script that puts blanks between words: letters of others, as Chinese, are no reason to go on. */
static bool is_word_byte(struct slice text, size_t at)
{
    unsigned char byte = (unsigned char)text.data[at];
    return is_ascii_word(text.data[at]) || (byte >= 0xC3 && byte <= 0xDF); /* Latin, Greek, Cyrillic, Hebrew, Arabic letters */
}

static bool is_tail(char byte)
{
    return ((unsigned char)byte & 0xC0) == 0x80;
}

/* The character before `at` begins there. */
static size_t before(struct slice text, size_t at)
{
    for (at--; at > 0 && is_tail(text.data[at]);)
        at--;
    return at;
}

static size_t behind(struct slice text, size_t at)
{
    for (at++; at < text.size && is_tail(text.data[at]);)
        at++;
    return at;
}

/* The size of what joins two words to one name, "." "::" "->" "://" or "–" between digits; 0: none does. */
static size_t joint_at(struct slice text, size_t at)
{
    size_t size = 0;
    while (size < 3 && at + size < text.size && byte_among(text.data[at + size], "._:/\\-@&#+~=?%,"))
        size++;
    if (size == 1 && text.data[at] == ',' && at > 0 && at + 1 < text.size) { /* only in numbers */
        bool is_number = text.data[at - 1] >= '0' && text.data[at - 1] <= '9' && text.data[at + 1] >= '0' &&
                         text.data[at + 1] <= '9';
        return is_number ? 1 : 0;
    }
    if (size == 0 && slice_starts_with(slice_range(text, at, text.size), SLICE("–")))
        size = strlen("–");
    return at > 0 && at + size < text.size && is_word_byte(text, at + size) ? size : 0;
}

static size_t widen_end(struct slice part, size_t end)
{
    size_t most = end + TOKEN_MAX < part.size ? end + TOKEN_MAX : part.size;
    while (end < most) {
        size_t last = end > 0 ? before(part, end) : 0;
        if (end == 0 || !is_word_byte(part, last))
            break;
        if (is_word_byte(part, end)) {
            end = behind(part, end);
            continue;
        }
        size_t joint = joint_at(part, end);
        if (joint == 0)
            break;
        end = behind(part, end + joint);
    }
    if (end >= part.size || end == 0)
        return end;
    struct slice rest = slice_range(part, end, part.size);
    bool has_joint = byte_among(part.data[end], "%/") && end > 0 && is_word_byte(part, before(part, end));
    return slice_starts_with(rest, SLICE("()")) ? end + 2 : has_joint ? end + 1 : end;
}

/* Where the signs begin that join the word at `start` to one before it; `start`: none do. */
static size_t joint_before(struct slice part, size_t start)
{
    for (size_t size = 1; size <= 3 && size < start; size++)
        if (!is_tail(part.data[start - size]) && is_word_byte(part, before(part, start - size)) &&
            joint_at(part, start - size) == size)
            return start - size;
    return start;
}

static size_t widen_start(struct slice part, size_t start)
{
    size_t least = start > TOKEN_MAX ? start - TOKEN_MAX : 0;
    while (start > least && is_word_byte(part, start)) {
        size_t last = before(part, start), joint = joint_before(part, start);
        if (is_word_byte(part, last))
            start = last;
        else if (joint < start)
            start = before(part, joint);
        else
            break;
    }
    while (start > least && byte_among(part.data[start - 1], "$#@.~/-+") && is_ascii_word(part.data[start]) &&
           (start == 1 || byte_among(part.data[start - 2], " \t\n(\"'`$#@.~/-+")))
        start--; /* "--force", ".env", "$HOME" */
    return start;
}

/* The bracket at one end whose other half is not in the text. */
static bool is_alone(struct slice text, size_t at)
{
    static const char opening[] = {'(', '[', '{', '<'}, closing[] = {')', ']', '}', '>'};
    const char *open = memchr(opening, text.data[at], sizeof(opening)),
               *close = memchr(closing, text.data[at], sizeof(closing));
    struct slice behind_it = slice_range(text, at + 1, text.size);
    if (open != NULL)
        return behind_it.size == 0 || memchr(behind_it.data, closing[open - opening], behind_it.size) == NULL;
    if (close != NULL)
        return at == 0 || memchr(text.data, opening[close - closing], at) == NULL;
    if (byte_among(text.data[at], "\"`")) {
        size_t count = 0;
        for (size_t i = 0; i < text.size; i++)
            count += text.data[i] == text.data[at];
        return count % 2 != 0;
    }
    return false;
}

/* "a.m.", "Inc.": the stop belongs to it. */
static bool is_abbreviated(struct slice text)
{
    size_t word = text.size - 1;
    while (word > 0 && text.data[word - 1] != ' ')
        word--;
    struct slice last = slice_range(text, word, text.size - 1);
    return last.size > 0 && last.size <= ABBREVIATION_BYTES && memchr(last.data, '.', last.size) != NULL;
}

/* ", car": a word that begins the next clause, with the comma before it. */
static struct slice without_joint(struct slice span)
{
    static const char
        joints[] = "and|or|but|because|und|oder|aber|denn|weil|et|ou|mais|car|y|o|pero|porque|e|ma|perché|en|of|maar|omdat";
    struct span_word last = span_word_before(span, span.size, NULL);
    bool is_joint = last.end == span.size && last.start > 2 && span_word_is(&last, joints) &&
                    span.data[last.start - 1] == ' ' && span.data[last.start - 2] == ',';
    return is_joint ? slice_range(span, 0, last.start - 2) : span;
}

static struct slice trimmed(struct slice part, struct slice span)
{
    bool is_sentence = span.data == part.data;
    for (bool changed = true; changed && span.size > 0;) {
        size_t size = span.size;
        span = without_joint(slice_trim(span));
        if (span.size > 0 && (is_alone(span, 0) || byte_among(span.data[0], ",;)]}|")))
            span = slice_range(span, 1, span.size);
        if (span.size > 0 && (is_alone(span, span.size - 1) || byte_among(span.data[span.size - 1], ",;:([{|")))
            span.size--;
        if (span.size > 1 && byte_among(span.data[span.size - 1], ".!?") && !is_sentence &&
            !(span.data[span.size - 1] == '.' && is_abbreviated(span)))
            span.size--;
        changed = span.size != size;
    }
    return span;
}

struct slice span_whole(struct slice part, struct slice span)
{
    span = slice_trim(span);
    if (span.size == 0)
        return span;
    size_t start = (size_t)(span.data - part.data);
    for (size_t size = 0; size < 3 && start > 0 && joint_at(part, start) > 0 && !is_tail(part.data[start - 1]); size++)
        start--; /* it begins within what joins: "::getLogger" */
    start = widen_start(part, start);
    size_t end = widen_end(part, (size_t)(span.data + span.size - part.data));
    return trimmed(part, slice_range(part, start, end));
}

/* ---- brackets ---- */

/* Where the bracket stands that is open at `end` of the text and not closed before; `end`: none. */
static size_t open_before(struct slice text, size_t end)
{
    size_t depth = 0;
    for (size_t at = end; at > 0; at--) {
        depth += text.data[at - 1] == ')';
        if (text.data[at - 1] == '(' && depth-- == 0)
            return at - 1;
    }
    return end;
}

static size_t clause_before(struct slice text, size_t at)
{
    while (at > 0 && !(byte_among(text.data[at - 1], ".;:!?|,") && byte_among(text.data[at], " \t")))
        at--;
    while (at < text.size && byte_among(text.data[at], " \t*-"))
        at++;
    return at;
}

struct slice span_closed(struct slice part, struct slice span)
{
    size_t start = (size_t)(span.data - part.data), end = start + span.size, depth = 0, first = start;
    for (size_t at = start; at < end; at++) {
        depth += part.data[at] == '(';
        if (part.data[at] != ')')
            continue;
        size_t open = depth == 0 ? open_before(part, first) : first;
        if (depth == 0 && open == first)
            return span; /* it is no bracket: "a)" */
        first = depth == 0 ? open : first;
        depth -= depth > 0;
    }
    while (depth > 0 && end < part.size) {
        depth += part.data[end] == '(';
        depth -= part.data[end] == ')';
        end++;
    }
    if (depth > 0)
        return span;
    return slice_range(part, first < start ? clause_before(part, first) : start, end);
}

/* ---- placeholders ---- */

/* "<MORE_TEXT:HERE>", "[Partner Name]", "{{name}}": capitals begin it or underscores bind it, and no number tells a footnote. */
static bool is_gap_text(struct slice inside)
{
    bool is_named = inside.size > 2 && inside.size <= PLACEHOLDER_MAX && inside.data[0] >= 'A' && inside.data[0] <= 'Z';
    for (size_t i = 0; i < inside.size && is_named; i++)
        is_named = is_ascii_word(inside.data[i]) || byte_among(inside.data[i], " :_-/'");
    return is_named;
}

static bool lies_in_gap(struct slice part, size_t start, size_t end)
{
    static const char opening[] = "<[", closing[] = ">]";
    for (size_t kind = 0; kind < 2; kind++) {
        size_t open = start + 1 < part.size ? start + 1 : part.size;
        while (open > 0 && open + PLACEHOLDER_MAX > start && part.data[open - 1] != opening[kind])
            open--;
        if (open == 0 || part.data[open - 1] != opening[kind])
            continue;
        const char *close = memchr(part.data + open, closing[kind], part.size - open);
        if (close == NULL)
            continue;
        size_t inside_end = (size_t)(close - part.data);
        bool is_link = inside_end + 1 < part.size && byte_among(part.data[inside_end + 1], "([");
        if (end <= inside_end + 1 && !is_link && is_gap_text(slice_range(part, open, inside_end)))
            return true;
    }
    return false;
}

bool span_is_placeholder(struct slice part, struct slice span)
{
    static const char *const marks[] = {"TO"
                                        "DO",
                                        "TBD", "TBC",
                                        "FIX"
                                        "ME"}; /* this file must not have them */
    size_t start = (size_t)(span.data - part.data);
    for (size_t i = 0; i < ARRAY_COUNT(marks); i++)
        if (slice_equal_text(span, marks[i]))
            return true;
    return slice_starts_with(span, SLICE("Lorem ipsum")) || (span.size > 0 && lies_in_gap(part, start, start + span.size));
}

/* ---- clauses ---- */

bool span_is_clause(struct slice part, struct slice span)
{
    size_t start = (size_t)(span.data - part.data), end = start + span.size;
    while (start > 0 && part.data[start - 1] == ' ')
        start--;
    bool begins = start == 0 || byte_among(part.data[start - 1], ",;:(.!?|");
    bool ends = end == part.size || byte_among(part.data[end], ",;:).!?|");
    static const char *const wide[] = {"。", "、", "，", "：", "（", "）"};
    for (size_t i = 0; i < ARRAY_COUNT(wide); i++) {
        begins = begins || slice_ends_with(slice_range(part, 0, start), slice_from(wide[i]));
        ends = ends || slice_starts_with(slice_range(part, end, part.size), slice_from(wide[i]));
    }
    return begins && ends;
}

/* What may stand behind a number that only tells which one of its kind it is. */
static bool ends_place(struct slice line, size_t at)
{
    static const char behind[] = "in|on|at|and|or|by|opposite|next|beside|behind|near|is|are|ist|sind|est|es|im|am|und|oder|"
                                 "neben|gegenüber|beim|en|y|et|e";
    if (at == line.size || byte_among(line.data[at], ",;|)\n"))
        return true;
    if (line.data[at] == '.')
        return at + 1 == line.size || line.data[at + 1] == ' ';
    size_t blank = span_blank_at(line, at);
    struct span_word word = span_word_at(line, at + blank);
    return blank > 0 && (span_word_is(&word, behind) || (at + blank < line.size && line.data[at + blank] == '|'));
}

struct slice span_with_number(struct slice line, struct slice place)
{
    enum { DIGITS_MOST = 4 };
    size_t start = (size_t)(place.data - line.data), end = start + place.size;
    if (place.data < line.data || end > line.size || place.size == 0 || span_letter_at(place, 0) == 0 ||
        span_is_digit(place, place.size - 1))
        return place;
    size_t at = end + span_blank_at(line, end), digits = span_digits_end(line, at), letter = span_letter_at(line, digits);
    if (digits == at || digits - at > DIGITS_MOST || span_is_year(slice_range(line, at, digits))) /* "in Leeds 1998" */
        return place;
    if (letter > 0 && span_letter_at(line, digits + letter) == 0) /* "18a" */
        digits += letter;
    return ends_place(line, digits) ? slice_range(line, start, digits) : place;
}
