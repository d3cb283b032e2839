/* found_probe.c - how soon a process that holds a project open finds what another one adds.
 *
 *   found_probe PROJECT
 *
 * Reads words, one a line; for each searches by words until a document comes, and prints the milliseconds from reading the line to the
 * end of that search. bench_search.py sends a word the moment its document is reported. */
#include <assay.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

static double now_ms(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return 1e3 * (double)time.tv_sec + 1e-6 * (double)time.tv_nsec;
}

int main(int argc, char **argv)
{
    struct assay *assay;
    struct assay_error error;
    char word[256];
    if (argc != 2 || !assay_open(&assay, &(struct assay_open_options){.folder = argv[1]}, &error)) {
        fprintf(stderr, "found_probe: %s\n", argc == 2 ? error.message : "usage: found_probe PROJECT");
        return 1;
    }
    struct assay_results *first; /* the files are open from here on */
    if (assay_search(assay, "anything", &(struct assay_search_options){.k = 1, .mode = "text"}, &first, &error))
        assay_results_free(first);
    while (fgets(word, sizeof(word), stdin) != NULL) {
        double start = now_ms();
        word[strcspn(word, "\n")] = '\0';
        for (size_t found = 0; found == 0;) {
            struct assay_results *results;
            if (!assay_search(assay, word, &(struct assay_search_options){.k = 1, .mode = "text"}, &results, &error)) {
                fprintf(stderr, "found_probe: %s\n", error.message);
                return 1;
            }
            found = assay_results_count(results);
            assay_results_free(results);
        }
        printf("%.3f\n", now_ms() - start);
        fflush(stdout);
    }
    assay_close(assay);
    return 0;
}
