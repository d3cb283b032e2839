/* line_runs.c - sentences that answer together.
 *
 *   in the following colours:      ⏎ Blue ⏎ Red ⏎          the items
 *   1. Ask the lead. ⏎ 2. Sign in.                          steps, of which one fits the question
 *   Do you ship to Norway? No. We ship within the EU.       the verdict and its reason
 *
 * A passage's text has no marks of lists: whether lines are numbered is looked up in its source. */
#include "line_runs.h"
#include "line_parts.h"
#include <string.h>

enum { ITEMS_MAX = 20, RUN_BYTES = 1000, VERDICT_BYTES = 24, MARK_BYTES = 12 };

/* ---- lines ---- */

size_t lines_between(const struct ask_passage *passage, size_t sentence)
{
    struct slice before = passage->sentences[sentence - 1].text, text = passage->sentences[sentence].text;
    size_t count = 0;
    for (const char *at = before.data + before.size; at < text.data; at++)
        count += *at == '\n';
    return count;
}

struct slice text_of_sentences(const struct ask_passage *passage, size_t first, size_t last)
{
    const char *start = passage->sentences[first].text.data;
    struct slice end = passage->sentences[last].text;
    return (struct slice){start, (size_t)(end.data + end.size - start)};
}

static bool may_be_item(const struct ask_passage *passage, size_t sentence)
{
    const struct ask_sentence *item = &passage->sentences[sentence];
    return !item->is_order && !line_has_bar(item->text) && !line_leads_in(item->text);
}

bool run_below(const struct ask_passage *passage, size_t sentence, struct line_run *run)
{
    size_t first = sentence + 1, last = sentence;
    if (!line_leads_in(passage->sentences[sentence].text) || passage->sentences[sentence].is_order)
        return false;
    for (size_t i = first; i < passage->sentence_count && i < first + ITEMS_MAX; i++) {
        bool is_apart = i > first && lines_between(passage, i) > 1;
        if (is_apart || !may_be_item(passage, i) || text_of_sentences(passage, first, i).size > RUN_BYTES)
            break;
        last = i;
    }
    if (last == sentence)
        return false;
    *run = (struct line_run){sentence, last, text_of_sentences(passage, first, last)};
    return true;
}

/* ---- steps ---- */

/* The number that the digits are; 0: none, or one that no list has. */
static size_t number_of(struct slice digits)
{
    uint64_t number;
    return slice_to_u64(digits, &number) && number < 1000 ? (size_t)number : 0;
}

/* "12." or "3) Sign in": the number. */
static size_t number_before(struct slice text)
{
    size_t digits = 0;
    while (digits < text.size && digits < MARK_BYTES && text.data[digits] >= '0' && text.data[digits] <= '9')
        digits++;
    bool is_mark = digits > 0 && digits < text.size && byte_among(text.data[digits], ".)") &&
                   (digits + 1 == text.size || text.data[digits + 1] == ' ');
    return is_mark ? number_of(slice_range(text, 0, digits)) : 0;
}

/* It begins a line with "12. " or "3) ", there (as in plain text) or in the source: the number. */
static size_t number_at(const struct ask_passage *passage, size_t sentence)
{
    size_t start, end, at, number = number_before(passage->sentences[sentence].text);
    if ((sentence == 0 || lines_between(passage, sentence) > 0) && number > 0)
        return number;
    if ((sentence > 0 && lines_between(passage, sentence) == 0) ||
        !quote_find(passage->source, passage->sentences[sentence].text, &start, &end))
        return 0;
    size_t least = start > MARK_BYTES ? start - MARK_BYTES : 0;
    for (at = start; at > least && byte_among(passage->source.data[at - 1], " \t*_`\"");)
        at--;
    if (at <= least || at == start || !byte_among(passage->source.data[at - 1], ".)"))
        return 0;
    size_t digits = --at;
    while (digits > least && passage->source.data[digits - 1] >= '0' && passage->source.data[digits - 1] <= '9')
        digits--;
    bool begins = digits < at && (digits == 0 || byte_among(passage->source.data[digits - 1], " \t\n>"));
    return begins ? number_of(slice_range(passage->source, digits, at)) : 0;
}

/* A step of a list. The mark of the first one may stand before the passage's source: then the next line has the number 2. */
static bool is_numbered(const struct ask_passage *passage, size_t sentence)
{
    if (number_at(passage, sentence) > 0)
        return true;
    for (size_t i = 1; sentence == 0 && i < passage->sentence_count; i++)
        if (lines_between(passage, i) > 0)
            return number_at(passage, i) == 2;
    return false;
}

bool run_of_steps(const struct ask_passage *passage, size_t sentence, struct line_run *run)
{
    size_t first = sentence, last = sentence, items = 1;
    while (first > 0 && sentence - first < ITEMS_MAX && lines_between(passage, first) == 0)
        first--; /* the item's first sentence */
    if (!is_numbered(passage, first))
        return false;
    for (size_t i = first; i > 0 && sentence - i < ITEMS_MAX && may_be_item(passage, i - 1); i--)
        if (is_numbered(passage, i - 1)) {
            first = i - 1;
            items++;
        } else if (lines_between(passage, i) > 0 && (i < 2 || lines_between(passage, i - 1) > 0)) {
            break; /* a line that is no item, and goes on in none */
        }
    for (size_t i = first + 1; i < passage->sentence_count && i - first < 2 * ITEMS_MAX; i++) {
        bool begins = lines_between(passage, i) > 0;
        if (!may_be_item(passage, i) || (begins && !is_numbered(passage, i)) ||
            text_of_sentences(passage, first, i).size > RUN_BYTES)
            break;
        items += begins && i > sentence;
        last = i;
    }
    if (items < 2 || last < sentence)
        return false;
    *run = (struct line_run){first, last, text_of_sentences(passage, first, last)};
    return true;
}

/* ---- answers to questions ---- */

bool run_of_answer(const struct ask_passage *passage, size_t sentence, struct line_run *run)
{
    size_t first = sentence, last = sentence;
    while (first > 0 && !line_is_question(passage->sentences[first - 1].text) && may_be_item(passage, first - 1))
        first--;
    if (passage->sentences[sentence].is_order || !may_be_item(passage, first))
        return false;
    for (size_t i = first + 1; i < passage->sentence_count && may_be_item(passage, i); i++) {
        bool is_apart = lines_between(passage, i) > 1 && number_at(passage, i) == 0;
        if (line_is_question(passage->sentences[i].text) || is_apart || text_of_sentences(passage, first, i).size > RUN_BYTES)
            break;
        last = i;
    }
    if (last < sentence)
        return false;
    *run = (struct line_run){first, last, text_of_sentences(passage, first, last)};
    return last > first;
}

/* ---- verdicts ---- */

bool run_with_verdict(const struct ask_passage *passage, size_t sentence, struct line_run *run)
{
    if (sentence == 0 || passage->sentences[sentence - 1].is_order || lines_between(passage, sentence) > 1)
        return false;
    struct slice verdict = passage->sentences[sentence - 1].text, key, value;
    bool is_keyed = line_split(verdict, &key, &value); /* "A: No." */
    if (verdict.size > VERDICT_BYTES || !line_is_verdict(is_keyed ? value : verdict))
        return false;
    struct slice text = text_of_sentences(passage, sentence - 1, sentence);
    if (is_keyed)
        text = slice_range(text, (size_t)(value.data - text.data), text.size);
    *run = (struct line_run){sentence - 1, sentence, text};
    return true;
}
