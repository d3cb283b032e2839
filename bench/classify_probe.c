/* classify_probe.c - how long one text takes to be classified, one after the other, for bench_classify.py.
 *
 *   classify_probe PROJECT ADAPTER THREADS RUNS [PRECISION] < texts, one a line
 *
 * Prints p50 and p99 in ms, and how many texts got the label that stands before their tab. */
#include "assay.h"
#include "base/base.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TEXTS_MAX = 4096, LINE_BYTES = 4096 };

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void check(bool ok, const struct assay_error *error)
{
    if (ok)
        return;
    fprintf(stderr, "%s\n", error->message);
    exit(1);
}

static size_t read_texts(char **labels, struct assay_text *texts)
{
    char line[LINE_BYTES];
    size_t count = 0;
    while (count < TEXTS_MAX && fgets(line, sizeof(line), stdin) != NULL) {
        line[strcspn(line, "\n")] = '\0';
        char *tab = strchr(line, '\t');
        if (tab == NULL)
            continue;
        *tab = '\0';
        labels[count] = strdup(line);
        texts[count] = (struct assay_text){strdup(tab + 1), strlen(tab + 1)};
        count++;
    }
    return count;
}

int main(int argc, char **argv)
{
    static char *labels[TEXTS_MAX];
    static struct assay_text texts[TEXTS_MAX];
    struct assay_error error = {0};
    struct assay *assay;
    struct assay_classifier *classifier;
    struct assay_class class;
    if (argc != 5 && argc != 6)
        return 2;
    size_t count = read_texts(labels, texts), runs = strtoul(argv[4], NULL, 10), right = 0;
    check(assay_open(&assay, &(struct assay_open_options){.folder = argv[1]}, &error), &error);
    struct assay_model_options options = {.threads = strtoul(argv[3], NULL, 10), .precision = argc > 5 ? argv[5] : NULL};
    check(assay_classifier_open(assay, argv[2], &options, &classifier, &error), &error);
    double *each = memory_alloc(runs * count + 1, sizeof(*each));
    for (size_t i = 0; i < count; i++) { /* warms up, too */
        check(assay_classify(classifier, &texts[i], 1, &class, &error), &error);
        right += strcmp(class.label, labels[i]) == 0;
    }
    for (size_t i = 0; i < runs * count; i++) {
        uint64_t start = clock_now_ns();
        check(assay_classify(classifier, &texts[i % count], 1, &class, &error), &error);
        each[i] = clock_ms_since(start);
    }
    qsort(each, runs * count, sizeof(*each), by_size);
    printf("%.4f %.4f %zu %zu\n", each[runs * count / 2], each[runs * count * 99 / 100], right, count);
    free(each);
    assay_classifier_close(classifier);
    assay_close(assay);
    return 0;
}
