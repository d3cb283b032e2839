/* ask_probe.c - what may be the answer, and what speaks for it, for bench/ask_fit.py.
 *
 *   ask_probe PROJECT < questions, one a line
 *
 * With the reader that came with the program, where there is one. Writes a line a candidate: the number of the question, the features in their order, its document and its text, with tabs between. */
#include "ask/features.h"
#include "probes.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void show(size_t number, struct asking *asking, const struct candidate *item)
{
    struct slice text = item->text, path = asking->passages[item->passage].hit->path;
    printf("%zu", number);
    for (size_t i = 0; i < FEATURES; i++)
        printf("\t%.6f", item->values[i]);
    printf("\t" SLICE_FORMAT "\t", SLICE_ARGUMENT(path));
    put_text(text);
    putchar('\n');
}

static bool probe(struct project *project, struct embedder *embedder, struct reader *reader, size_t number,
                  struct slice question, struct error *error)
{
    struct ask_answer answer = {.asked = question};
    struct candidate *items;
    size_t count;
    const struct ask_request request = {.question = question, .embedder = embedder, .reader = reader};
    const struct search_request search = {.question = question, .embedder = embedder, .plain = true};
    arena_init(&answer.arena);
    struct asking asking = {
        .project = project, .request = &request, .answer = &answer, .arena = &answer.arena, .analyzer = analyzer_create()};
    bool ok = answer_search(project, &search, &answer.search, error) && gate_passages(&asking, error);
    if (ok) {
        asking.question = terms_of(&asking, question, language_of(&asking, question));
        passages_read(&asking, asking.passages, asking.passage_count);
        ok = candidates_list(&asking, &items, &count, error);
        for (size_t i = 0; ok && i < count; i++)
            show(number, &asking, &items[i]);
    }
    analyzer_free(asking.analyzer);
    search_result_release(&answer.search);
    arena_release(&answer.arena);
    return ok;
}

int main(int argc, char **argv)
{
    struct project *project;
    struct error error = {0};
    char line[4096];
    if (argc != 2 || !project_open(&project, argv[1], STORE_READ, "probe", &error)) {
        fprintf(stderr, "ask_probe PROJECT: %s\n", error.message);
        return 2;
    }
    struct embedder *embedder = embedder_create(project);
    struct reader *reader;
    bool ok = open_reader(project, &reader, &error);
    for (size_t number = 0; ok && fgets(line, sizeof(line), stdin) != NULL; number++)
        ok = probe(project, embedder, reader, number, slice_trim(slice_from(line)), &error);
    if (!ok)
        fprintf(stderr, "%s\n", error.message);
    reader_close(reader);
    embedder_free(embedder);
    project_close(project);
    return ok ? 0 : 1;
}
