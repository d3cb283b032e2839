/* grounding_probe.c - which sentences count as borne out by a passage, for bench/grounding_quality.py.
 *
 *   grounding_probe BASE [ADAPTER] < lines of a passage, a tab and a sentence
 *
 * Writes a line a sentence: borne out (0 or 1) by its words, borne out with the adapter's opinion, and the adapter's score. */
#include "ask/ask_parts.h"
#include "ranker/ranker.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool probe(struct ranker *ranker, struct slice passage, struct slice sentence, struct error *error)
{
    struct search_hit hit = {.passage = {.text = passage, .end = (int64_t)passage.size}, .language = SLICE("en")};
    struct ask_passage place = {.hit = &hit, .source = passage};
    struct ask_answer answer = {.asked = SLICE("?"), .search = {.hits = &hit, .count = 1}};
    const struct ask_request request = {.question = answer.asked, .grounding = ranker};
    arena_init(&answer.arena);
    struct asking asking = {.request = &request,
                            .answer = &answer,
                            .arena = &answer.arena,
                            .analyzer = analyzer_create(),
                            .passages = &place,
                            .passage_count = 1};
    float score = 0;
    passages_read(&asking, &place, 1);
    struct support support = support_find(&asking, sentence, 0);
    bool by_words = support.is_supported;
    bool ok = grounding_check(&asking, sentence, &support, error) &&
              (ranker == NULL || ranker_score(ranker, passage, &sentence, 1, &score, error));
    printf("%d\t%d\t%.6f\n", by_words, support.is_supported, (double)score);
    analyzer_free(asking.analyzer);
    arena_release(&answer.arena);
    return ok;
}

int main(int argc, char **argv)
{
    struct ranker *ranker = NULL;
    struct error error = {0};
    char *line = NULL;
    size_t capacity = 0;
    struct pool *pool = pool_create(2);
    const struct ranker_options options = {
        .base = argc > 1 ? argv[1] : "", .adapter = argc > 2 ? argv[2] : NULL, .precision = MODEL_INT8, .pool = pool};
    bool ok = argc <= 2 || ranker_open(&ranker, &options, &error);
    while (ok && getline(&line, &capacity, stdin) > 0) {
        struct slice whole = slice_trim(slice_from(line));
        size_t tab;
        if (slice_find(whole, '\t', &tab))
            ok = probe(ranker, slice_range(whole, 0, tab), slice_range(whole, tab + 1, whole.size), &error);
    }
    if (!ok)
        fprintf(stderr, "%s\n", error.message);
    free(line);
    ranker_close(ranker);
    pool_free(pool);
    return ok ? 0 : 1;
}
