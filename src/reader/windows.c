/* windows.c - passages that are longer than a model reads, in parts that overlap:
 *
 *   passage   t0 t1 t2 t3 t4 t5 t6 t7 t8 t9
 *   windows   └── 0 ───────┘
 *                      └── 1 ───────┘
 *                                └ 2 ────┘     neighbours share a third
 *
 * Borders are moved to where a word begins, so that a window's tokens are those of the passage. Inside of a word without an end, they may be
 * other ones and more: what is too much is cut off, and stands in the next window. */
#include "reader.h"

enum { SPECIAL_TOKENS = 4, WORD_TOKENS_MAX = 16, LEAST_TOKENS = 8 };

static void count_tokens(struct reader_cutter *cutter, struct slice text)
{
    const struct tokenizer_options options = {.bare = true, .tokens_max = SIZE_MAX};
    tokenizer_encode(cutter->tokenizer, cutter->workspace, text, NULL, &options, &cutter->tokens);
}

struct slice reader_cut_question(struct reader_cutter *cutter, struct slice question)
{
    size_t most = cutter->tokens_max / 4;
    question = slice_trim(question);
    count_tokens(cutter, question);
    return cutter->tokens.count > most && most > 0 ? slice_range(question, 0, cutter->tokens.ends[most - 1]) : question;
}

/* The token at or before `at` that stands behind white space, if there is one near. */
static size_t word_start(const struct tokens *tokens, size_t at, size_t least)
{
    for (size_t i = at; i > least && at - i < WORD_TOKENS_MAX; i--)
        if (tokens->starts[i] > tokens->ends[i - 1])
            return i;
    return at;
}

void reader_cut_passage(struct reader_cutter *cutter, struct slice question, struct slice passage,
                        struct reader_window **windows, size_t *count, size_t *capacity)
{
    count_tokens(cutter, question);
    size_t taken = cutter->tokens.count + SPECIAL_TOKENS;
    size_t room = cutter->tokens_max > taken + LEAST_TOKENS ? cutter->tokens_max - taken : LEAST_TOKENS, first = 0;
    count_tokens(cutter, passage);
    const struct tokens *tokens = &cutter->tokens;
    for (;;) {
        bool is_last = tokens->count - first <= room;
        size_t end = is_last ? tokens->count : word_start(tokens, first + room, first + room / 2);
        struct reader_window window = {first > 0 ? tokens->starts[first] : 0, is_last ? passage.size : tokens->ends[end - 1]};
        *windows = memory_more(*windows, *count, capacity, sizeof(**windows));
        (*windows)[(*count)++] = window;
        if (is_last)
            return;
        size_t next = word_start(tokens, end - room / 3, first + 1);
        first = next > first ? next : end;
    }
}
