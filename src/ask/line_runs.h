/* line_runs.h - sentences that answer together: a list, or "No." and what follows it. Private to ask. */
#ifndef ASK_LINE_RUNS_H
#define ASK_LINE_RUNS_H

#include "ask_parts.h"

struct line_run {
    size_t first, last; /* sentences of the passage: those that are cited */
    struct slice text; /* of the answer */
};

/* Ends of lines between the sentence and the one before it; there is one. */
size_t lines_between(const struct ask_passage *passage, size_t sentence);
/* From the first sentence to the last. */
struct slice text_of_sentences(const struct ask_passage *passage, size_t first, size_t last);

/* The items below a sentence that ends in ":", no more than a person reads at once. False: there are none. */
bool run_below(const struct ask_passage *passage, size_t sentence, struct line_run *run);

/* The numbered steps that the sentence is one of, two at the least. */
bool run_of_steps(const struct ask_passage *passage, size_t sentence, struct line_run *run);

/* The answer that the sentence is of: from behind the question before or above it to the next one, or a place where something else begins. */
bool run_of_answer(const struct ask_passage *passage, size_t sentence, struct line_run *run);

/* The sentence with the "Yes." or "No." right before it. */
bool run_with_verdict(const struct ask_passage *passage, size_t sentence, struct line_run *run);

#endif
