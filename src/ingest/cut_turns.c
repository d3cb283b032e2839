/* cut_turns.c - where a text turns to another subject, by the vectors of its sentences.
 *
 *   sentences   s0  s1  s2  s3 │ s4  s5  s6        likeness of the two before a place to the two behind it: a dip deeper than
 *   likeness      .7  .6  .7  .2  .6  .7           the others by their spread is a turn
 *
 * A long section is taken in stretches, so that memory stays bounded. Turns closer together than a quarter of a passage's room are passed
 * over: passages of a sentence or two say too little. */
#include "cut.h"
#include <math.h>
#include <stdlib.h>

enum { STRETCH = 1024, LEAST = 5 /* sentences that have a spread worth the name */ };

static double dot(const float *a, const float *b, size_t count)
{
    double sum = 0;
    for (size_t i = 0; i < count; i++)
        sum += (double)a[i] * (double)b[i];
    return sum;
}

/* The likeness of the sentences before `at` to those from it on, two on each side where there are two. */
static double likeness(const float *vectors, size_t count, size_t dimensions, size_t at)
{
    size_t first = at >= 2 ? at - 2 : 0, last = at + 2 < count ? at + 2 : count;
    double across = 0, before = 0, behind = 0;
    for (size_t i = first; i < last; i++)
        for (size_t j = first; j < last; j++) {
            double value = dot(vectors + i * dimensions, vectors + j * dimensions, dimensions);
            if (i < at && j < at)
                before += value;
            else if (i >= at && j >= at)
                behind += value;
            else if (i < at)
                across += value;
        }
    return before > 0 && behind > 0 ? across / sqrt(before * behind) : 0;
}

static void mark_turns(struct piece *pieces, const double *alike, size_t count)
{
    double sum = 0, squares = 0;
    for (size_t i = 1; i < count; i++) {
        sum += alike[i];
        squares += alike[i] * alike[i];
    }
    double mean = sum / (double)(count - 1), variance = squares / (double)(count - 1) - mean * mean;
    double bar = mean - sqrt(variance > 0 ? variance : 0);
    size_t tokens = pieces[0].tokens;
    for (size_t i = 1; i < count; i++) {
        bool is_dip = alike[i] < bar && (i == 1 || alike[i] <= alike[i - 1]) && (i + 1 == count || alike[i] < alike[i + 1]);
        pieces[i].is_turn = is_dip && 4 * tokens >= pieces[i].limit;
        tokens = pieces[i].is_turn ? pieces[i].tokens : tokens + pieces[i].tokens;
    }
}

static bool find_in_stretch(const struct cutting *cutting, struct piece *pieces, size_t count, struct error *error)
{
    struct slice *texts = memory_alloc(count, sizeof(*texts));
    double *alike = memory_alloc(count, sizeof(*alike));
    float *vectors = NULL;
    size_t dimensions;
    for (size_t i = 0; i < count; i++)
        texts[i] = slice_trim(pieces[i].text);
    bool ok = cutting->model->embed(cutting->model->context, texts, count, &vectors, &dimensions, error);
    for (size_t i = 1; ok && i < count; i++)
        alike[i] = likeness(vectors, count, dimensions, i);
    if (ok)
        mark_turns(pieces, alike, count);
    free(texts);
    free(alike);
    free(vectors);
    return ok;
}

void cut_find_turns(struct cutter *cutter)
{
    for (size_t first = 0; cutter->ok && first + LEAST <= cutter->piece_count; first += STRETCH) {
        size_t count = cutter->piece_count - first < STRETCH ? cutter->piece_count - first : STRETCH;
        if (count >= LEAST)
            cutter->ok = find_in_stretch(cutter->cutting, cutter->pieces + first, count, cutter->error);
    }
}
