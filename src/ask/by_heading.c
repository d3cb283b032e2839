/* by_heading.c - codes and versions that are asked for stand in headings, as in lists of changes and of errors, and so do their dates.
 *
 *   ## 5.2.0 (12 March 2026)          "When did 5.2.0 appear?"  ▶  12 March 2026
 *   ## E-2107: certificate expired    "E-2107"                  ▶  the first sentence below
 */
#include "by_heading.h"
#include "asked_shape.h"
#include "line_parts.h"
#include "span_parts.h"
#include <string.h>

enum { CODE_BYTES = 40 };

static bool is_of_code(char byte)
{
    return ((byte | 0x20) >= 'a' && (byte | 0x20) <= 'z') || (byte >= '0' && byte <= '9') || byte_among(byte, ".-_/");
}

/* "5.2.0", "E-2107": digits that something joins to others or to capital letters. An amount or a date is none. */
static bool is_code(struct slice text)
{
    size_t digits = 0, joints = 0, capitals = 0, stops = 0;
    for (size_t i = 0; i < text.size; i++) {
        digits += span_is_digit(text, i);
        capitals += text.data[i] >= 'A' && text.data[i] <= 'Z';
        joints += byte_among(text.data[i], "-_/");
        stops += text.data[i] == '.';
    }
    return text.size <= CODE_BYTES && digits > 0 && ((capitals > 0 && digits + joints > 1) || stops > 1);
}

/* The next code of the text from `*at` on. */
static bool next_code(struct slice text, size_t *at, struct slice *code)
{
    while (*at < text.size) {
        size_t start = *at, end;
        while (*at < text.size && is_of_code(text.data[*at]))
            ++*at;
        for (end = *at; end > start && byte_among(text.data[end - 1], ".-_/");)
            end--;
        *at += *at == start;
        *code = slice_range(text, start, end);
        if (end > start && is_code(*code))
            return true;
    }
    return false;
}

static bool has_code(struct slice text, struct slice code)
{
    struct slice found;
    for (size_t at = 0; next_code(text, &at, &found);)
        if (slice_equal(found, code))
            return true;
    return false;
}

/* Nothing but the code, and signs. */
static bool is_alone(struct slice question, struct slice code)
{
    size_t start = (size_t)(code.data - question.data);
    for (size_t i = 0; i < question.size; i++)
        if ((i < start || i >= start + code.size) && !byte_among(question.data[i], " ?!.:\"'"))
            return false;
    return true;
}

/* The last of the passage's headings that has the code; empty: none. */
static struct slice heading_with(struct asking *asking, const struct ask_passage *passage, struct slice code)
{
    struct slice rest = text_above(asking, passage), line, found = SLICE("");
    (void)slice_next(&rest, '\n', &line); /* the title */
    while (slice_next(&rest, '\n', &line))
        if (has_code(line, code))
            found = line;
    return found;
}

static bool take_first_sentence(const struct ask_passage *passage, struct candidate *item)
{
    for (size_t i = 0; i < passage->sentence_count; i++)
        if (!passage->sentences[i].is_order && passage->sentences[i].terms.count > 0) {
            item->sentence = item->last = i;
            item->text = passage->sentences[i].text;
            return true;
        }
    return false;
}

/* "18" and "18F" of "18F": what the question names is no answer to it. */
static bool stands_in_code(struct slice question, struct slice value)
{
    struct slice code;
    for (size_t at = 0; next_code(question, &at, &code);)
        if (memmem(code.data, code.size, value.data, value.size) != NULL)
            return true;
    return false;
}

/* What of the kind that is asked for stands in the heading beside the code. */
static bool take_value(struct asking *asking, struct slice heading, unsigned asked, struct candidate *item)
{
    struct span spans[4];
    struct slice question = asking->answer->asked;
    size_t count = asked != SPAN_NONE ? spans_find(question, heading, asked, spans, ARRAY_COUNT(spans)) : 0;
    for (size_t i = 0; i < count; i++)
        if (span_fits(asked, spans[i].kind) == 1 && !stands_in_code(question, spans[i].text)) {
            item->text = spans[i].text;
            return true;
        }
    return false;
}

bool heading_answers(struct asking *asking, struct candidate *item)
{
    struct slice question = asking->answer->asked, code;
    unsigned asked = shape_asked(question) == SHAPE_ANY ? span_asked(question) & ~(unsigned)SPAN_CODE : SPAN_NONE;
    for (size_t at = 0; next_code(question, &at, &code);) {
        bool alone = is_alone(question, code);
        for (size_t i = 0; i < asking->passage_count && (alone || asked != SPAN_NONE); i++) {
            const struct ask_passage *passage = &asking->passages[i];
            struct slice heading = heading_with(asking, passage, code);
            *item = (struct candidate){.passage = i};
            if (heading.size > 0 && !order_is(heading) && passage->sentence_count > 0 &&
                (alone ? take_first_sentence(passage, item) : take_value(asking, heading, asked, item)))
                return true;
        }
    }
    return false;
}
