/* evidence_probe.c - what speaks for the answer that was chosen, for bench/evidence_fit.py.
 *
 *   evidence_probe PROJECT words|meaning|words_read|meaning_read < lines of FILTER, tab, QUESTION        (an empty filter: none)
 *
 * By words alone or with vectors, with the reader that came with the program or without. Writes a line a question: the number of what speaks for it in
 * the order of src/ask/evidence.h, each, the chance as it is fitted now, the answer's document and its text, with tabs between; an empty one where nothing was chosen. */
#include "ask/evidence.h"
#include "probes.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void show(const struct asking *asking, const struct builtin_choice *chosen)
{
    if (chosen->best != NULL) {
        struct slice text = chosen->best->text, path = asking->passages[chosen->best->passage].hit->path;
        for (size_t i = 0; i < EVIDENCES; i++)
            printf("%.5f\t", chosen->evidence[i]);
        printf("%.4f\t" SLICE_FORMAT "\t", chosen->chance, SLICE_ARGUMENT(path));
        put_text(text);
    }
    putchar('\n');
}

static bool probe(struct project *project, struct embedder *embedder, struct reader *reader, struct slice filter,
                  struct slice question, struct error *error)
{
    struct ask_answer answer = {.asked = question};
    const struct ask_request request = {.question = question, .embedder = embedder, .reader = reader};
    const struct search_request search = {
        .question = question, .filter = filter, .embedder = embedder, .plain = true, .tell_words = true};
    struct builtin_choice chosen = {0};
    arena_init(&answer.arena);
    struct asking asking = {
        .project = project, .request = &request, .answer = &answer, .arena = &answer.arena, .analyzer = analyzer_create()};
    bool ok = answer_search(project, &search, &answer.search, error) && gate_passages(&asking, error);
    if (ok) {
        asking.question = terms_of(&asking, question, language_of(&asking, question));
        passages_read(&asking, asking.passages, asking.passage_count);
        ok = builtin_choose(&asking, NULL, NULL, &chosen, error);
    }
    if (ok)
        show(&asking, &chosen);
    analyzer_free(asking.analyzer);
    search_result_release(&answer.search);
    arena_release(&answer.arena);
    return ok;
}

int main(int argc, char **argv)
{
    struct project *project;
    struct error error = {0};
    char line[8192];
    if (argc != 3 || !project_open(&project, argv[1], STORE_READ, "probe", &error)) {
        fprintf(stderr, "evidence_probe PROJECT words|meaning|words_read|meaning_read: %s\n", error.message);
        return 2;
    }
    struct embedder *embedder = strncmp(argv[2], "meaning", 7) == 0 ? embedder_create(project) : NULL;
    struct reader *reader = NULL;
    bool ok = strstr(argv[2], "_read") == NULL || open_reader(project, &reader, &error);
    while (ok && fgets(line, sizeof(line), stdin) != NULL) {
        char *tab = strchr(line, '\t');
        struct slice whole = slice_trim(slice_from(line)), filter = {0};
        if (tab != NULL && tab > line)
            filter = (struct slice){line, (size_t)(tab - line)};
        ok = probe(project, embedder, reader, filter, tab != NULL ? slice_trim(slice_from(tab + 1)) : whole, &error);
    }
    if (!ok)
        fprintf(stderr, "%s\n", error.message);
    reader_close(reader);
    if (embedder != NULL)
        embedder_free(embedder);
    project_close(project);
    return ok ? 0 : 1;
}
