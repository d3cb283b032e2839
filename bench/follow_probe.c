/* follow_probe.c - what a question in a conversation is searched for, without a language model. For bench/follow_quality.py, which builds it.
 *
 *   follow_probe < lines of QUESTION, tab, first question, tab, its answer, tab, second question, …
 *
 * Writes a line a question: what it was made of. */
#include "ask/follow.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TURNS_MOST = 64 };

static bool probe(struct slice line, struct error *error)
{
    struct ask_turn turns[TURNS_MOST];
    struct ask_answer answer = {0};
    struct slice rest = line, question, before, said;
    size_t count = 0;
    if (!slice_next(&rest, '\t', &question))
        return true;
    while (count < TURNS_MOST && slice_next(&rest, '\t', &before)) {
        if (!slice_next(&rest, '\t', &said))
            said = SLICE("");
        turns[count++] = (struct ask_turn){before, said};
    }
    const struct ask_request request = {.question = question, .turns = turns, .turn_count = count};
    arena_init(&answer.arena);
    arena_init(&answer.search.arena);
    struct asking asking = {.request = &request, .answer = &answer, .arena = &answer.arena, .analyzer = analyzer_create()};
    bool ok = follow_up(&asking, error);
    if (ok) {
        fwrite(answer.asked.data, 1, answer.asked.size, stdout);
        putchar('\n');
    }
    analyzer_free(asking.analyzer);
    ask_answer_release(&answer);
    return ok;
}

int main(void)
{
    struct error error = {0};
    char *line = NULL;
    size_t capacity = 0;
    ssize_t size;
    bool ok = true;
    while (ok && (size = getline(&line, &capacity, stdin)) > 0)
        ok = probe(slice_trim((struct slice){line, (size_t)size}), &error);
    if (!ok)
        fprintf(stderr, "follow_probe: %s\n", error.message);
    free(line);
    return ok ? 0 : 1;
}
