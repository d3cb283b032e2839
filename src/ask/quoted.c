/* quoted.c - an error or a message that a question quotes, and what documents say to do about it.
 *
 *   The build stops with `E042: disk is full`, what now?
 *
 *       The build may fail with:
 *       E042: disk is full                 the quote itself tells nothing
 *       Delete old images and try again.   ▶ what stands behind it, in the same passage
 *
 * Quoted is what stands between grave accents or quotation marks, and is long enough to be no name. */
#include "quoted.h"
#include "span_parts.h"
#include "told_further.h"
#include <string.h>

enum { QUOTE_LEAST = 12, WORDS_LEAST = 2, BEHIND_WORDS_LEAST = 3 };

/* The text up to the mark that closes it; empty: there is none. */
static struct slice closed_by(struct slice text, size_t start, const char *mark)
{
    const char *end = memmem(text.data + start, text.size - start, mark, strlen(mark));
    return end != NULL ? slice_range(text, start, (size_t)(end - text.data)) : SLICE("");
}

static struct slice quote_in(struct slice question)
{
    static const char *const marks[][2] = {{"`", "`"}, {"\"", "\""}, {"“", "”"}, {"„", "“"}, {"«", "»"}};
    struct slice longest = SLICE("");
    for (size_t at = 0; at < question.size; at++)
        for (size_t i = 0; i < ARRAY_COUNT(marks); i++) {
            struct span_words words;
            if (!span_starts(question, at, marks[i][0]))
                continue;
            struct slice quote = slice_trim(closed_by(question, at + strlen(marks[i][0]), marks[i][1]));
            span_words_read(quote, &words);
            if (quote.size >= QUOTE_LEAST && words.count >= WORDS_LEAST && quote.size > longest.size)
                longest = quote;
        }
    return longest;
}

/* Where the quote ends in the text, in letters of any size; 0: it does not stand there. */
static size_t quote_end(struct slice text, struct slice quote)
{
    for (size_t at = 0; at + quote.size <= text.size; at++) {
        size_t same = 0;
        while (same < quote.size && byte_small(text.data[at + same]) == byte_small(quote.data[same]))
            same++;
        if (same == quote.size)
            return at + same;
    }
    return 0;
}

/* "If it shows `E042: disk is full`, │delete old images.│": the sentence itself says what to do. */
static bool goes_on_behind(const struct ask_passage *passage, size_t sentence, size_t end)
{
    struct span_words words;
    const struct slice text = passage->sentences[sentence].text;
    span_words_read(slice_range(text, end, text.size), &words);
    return words.count >= BEHIND_WORDS_LEAST && tells_action(passage, sentence);
}

/* The first sentence behind those that only quote it; SIZE_MAX: the passage does not have it. */
static size_t behind_quote(struct asking *asking, size_t passage, struct slice quote)
{
    const struct ask_passage *there = &asking->passages[passage];
    size_t behind = quote_end(text_above(asking, there), quote) > 0 ? 0 : SIZE_MAX;
    for (size_t i = 0; i < there->sentence_count; i++) {
        size_t end = quote_end(there->sentences[i].text, quote);
        if (end > 0)
            behind = i + !goes_on_behind(there, i, end);
    }
    return behind;
}

/* Those that tell what to do, as lists do; all where none does. */
static size_t actions_kept(const struct asking *asking, struct candidate *items, size_t count)
{
    size_t kept = 0;
    for (size_t i = 0; i < count; i++)
        if (items[i].last > items[i].sentence || tells_action(&asking->passages[items[i].passage], items[i].sentence))
            items[kept++] = items[i];
    return kept > 0 ? kept : count;
}

size_t quoted_kept(struct asking *asking, struct candidate *items, size_t count)
{
    const struct slice quote = quote_in(asking->answer->asked);
    size_t kept = 0;
    if (quote.size == 0)
        return count;
    size_t *behind = arena_alloc(asking->arena, asking->passage_count + 1, sizeof(*behind));
    for (size_t i = 0; i < asking->passage_count; i++)
        behind[i] = behind_quote(asking, i, quote);
    for (size_t i = 0; i < count; i++)
        if (behind[items[i].passage] != SIZE_MAX && items[i].sentence >= behind[items[i].passage])
            items[kept++] = items[i];
    kept = kept > 0 ? actions_kept(asking, items, kept) : 0;
    asking->is_quote_told = kept > 0;
    return kept > 0 ? kept : count;
}
