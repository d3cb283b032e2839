/* search.c - the library in thirty lines: takes the documents of a project in as they are now, and searches them. A folder that is no project is
 * told and left as it is; `assay init`, or assay_create(), makes one of it.
 *
 *   cc search.c -o search $(pkg-config --cflags --libs assay)
 *   ./search FOLDER "refund window" */
#include <assay.h>
#include <stdio.h>

static int fail(const struct assay_error *error)
{
    fprintf(stderr, "%s\n%s\n", error->message, error->hint);
    return 1;
}

int main(int argc, char **argv)
{
    struct assay *assay = NULL;
    struct assay_results *results = NULL;
    struct assay_add_report report;
    struct assay_error error;
    if (argc != 3) {
        fprintf(stderr, "usage: search FOLDER QUESTION\n");
        return 2;
    }
    const char *paths[] = {argv[1]};
    bool ok = assay_open(&assay, &(struct assay_open_options){.folder = argv[1], .write = true}, &error) &&
              assay_add(assay, &(struct assay_add_options){.paths = paths, .path_count = 1}, &report, &error) &&
              assay_search(assay, argv[2], &(struct assay_search_options){.k = 3}, &results, &error);
    if (ok)
        printf("%zu documents added, %zu passages searched\n", report.added, assay_results_searched(results));
    for (size_t i = 0; ok && i < assay_results_count(results); i++) {
        const struct assay_hit *hit = assay_results_hit(results, i);
        printf("%.2f  %s:%zu  %.*s\n", hit->score, hit->document, hit->line, (int)hit->text_size, hit->text);
    }
    assay_results_free(results);
    assay_close(assay);
    return ok ? 0 : fail(&error);
}
