/* embed.c - how alike texts are: turns them into vectors and prints the product of each with the first,
 * which is the cosine for models whose vectors have length 1.
 *
 *   cc embed.c -o embed $(pkg-config --cflags --libs assay)
 *   ./embed builtin "refund window" "how long may I send it back" "opening hours" */
#include <assay.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TEXTS_MAX = 16 };

static int fail(const struct assay_error *error)
{
    fprintf(stderr, "%s\n%s\n", error->message, error->hint);
    return 1;
}

static double product(const float *a, const float *b, size_t count)
{
    double sum = 0;
    for (size_t i = 0; i < count; i++)
        sum += (double)a[i] * (double)b[i];
    return sum;
}

int main(int argc, char **argv)
{
    struct assay_model *model = NULL;
    struct assay_model_place place;
    struct assay_error error = {ASSAY_NO_MEMORY, "no memory for the vectors", "Give fewer texts."};
    struct assay_text texts[TEXTS_MAX];
    if (argc < 3 || argc - 2 > TEXTS_MAX) {
        fprintf(stderr, "usage: embed MODEL TEXT...\n");
        return 2;
    }
    size_t count = (size_t)argc - 2;
    for (size_t i = 0; i < count; i++)
        texts[i] = (struct assay_text){argv[2 + i], strlen(argv[2 + i])};
    if (!assay_model_find(argv[1], NULL, &place, &error) ||
        !assay_model_open(&model, &(struct assay_model_options){.folder = place.folder}, &error))
        return fail(&error);
    size_t dimensions = assay_model_info(model)->dimensions;
    float *vectors = calloc(count * dimensions, sizeof(*vectors));
    bool ok = vectors != NULL && assay_model_embed(model, texts, count, NULL, vectors, &error);
    for (size_t i = 0; ok && i < count; i++)
        printf("%.3f  %s\n", product(vectors, vectors + i * dimensions, dimensions), argv[2 + i]);
    free(vectors);
    assay_model_close(model);
    return ok ? 0 : fail(&error);
}
