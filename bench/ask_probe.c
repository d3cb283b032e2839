/* ask_probe.c - what may be the answer, and what speaks for it, for bench/ask_fit.py.
 *
 *   ask_probe PROJECT [BASE ADAPTERS] < questions, one a line       (ADAPTERS: a folder with reader, reranker or both, trained on BASE)
 *
 * Writes a line a candidate: the number of the question, the features in their order, its document and its text, with tabs between. */
#include "ask/features.h"
#include "ranker/ranker.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void show(size_t number, const struct asking *asking, const struct candidate *item)
{
    struct slice text = item->text, document = asking->passages[item->passage].hit->path;
    printf("%zu", number);
    for (size_t i = 0; i < FEATURES; i++)
        printf("\t%.6f", item->values[i]);
    printf("\t" SLICE_FORMAT "\t", SLICE_ARGUMENT(document));
    for (size_t i = 0; i < text.size; i++)
        putchar(byte_among(text.data[i], "\t\n\r") ? ' ' : text.data[i]);
    putchar('\n');
}

struct helpers {
    struct embedder *embedder;
    struct reader *reader;
    struct ranker *ranker;
};

static bool probe(struct project *project, const struct helpers *helpers, size_t number, struct slice question, struct error *error)
{
    struct ask_answer answer = {.asked = question};
    struct candidate *items;
    size_t count;
    const struct ask_request request = {.question = question, .embedder = helpers->embedder, .reader = helpers->reader};
    const struct search_request search = {
        .question = question, .embedder = helpers->embedder, .ranker = helpers->ranker, .plain = true};
    arena_init(&answer.arena);
    struct asking asking = {
        .project = project, .request = &request, .answer = &answer, .arena = &answer.arena, .analyzer = analyzer_create()};
    bool ok = answer_search(project, &search, &answer.search, error) && gate_passages(&asking, error);
    if (ok) {
        asking.question = terms_of(&asking, question, language_of(&asking, question));
        passages_read(&asking);
        ok = candidates_list(&asking, &items, &count, error);
        for (size_t i = 0; ok && i < count; i++)
            show(number, &asking, &items[i]);
    }
    analyzer_free(asking.analyzer);
    search_result_release(&answer.search);
    arena_release(&answer.arena);
    return ok;
}

static bool open_helpers(struct project *project, int argc, char **argv, struct helpers *helpers, struct error *error)
{
    char reader[4096], ranker[4096];
    *helpers = (struct helpers){.embedder = embedder_create(project)};
    if (argc < 4)
        return true;
    snprintf(reader, sizeof(reader), "%s/reader", argv[3]);
    snprintf(ranker, sizeof(ranker), "%s/reranker", argv[3]);
    const struct reader_options reads = {.base = argv[2], .adapter = reader, .pool = project->pool};
    const struct ranker_options ranks = {.base = argv[2], .adapter = ranker, .pool = project->pool};
    return (access(reader, F_OK) != 0 || reader_open(&helpers->reader, &reads, error)) &&
           (access(ranker, F_OK) != 0 || ranker_open(&helpers->ranker, &ranks, error));
}

int main(int argc, char **argv)
{
    struct project *project;
    struct helpers helpers;
    struct error error = {0};
    char line[4096];
    if ((argc != 2 && argc != 4) || !project_open(&project, argv[1], STORE_READ, "probe", &error)) {
        fprintf(stderr, "ask_probe PROJECT [BASE ADAPTERS]: %s\n", error.message);
        return 2;
    }
    bool ok = open_helpers(project, argc, argv, &helpers, &error);
    for (size_t number = 0; ok && fgets(line, sizeof(line), stdin) != NULL; number++)
        ok = probe(project, &helpers, number, slice_trim(slice_from(line)), &error);
    if (!ok)
        fprintf(stderr, "%s\n", error.message);
    reader_close(helpers.reader);
    ranker_close(helpers.ranker);
    embedder_free(helpers.embedder);
    project_close(project);
    return ok ? 0 : 1;
}
