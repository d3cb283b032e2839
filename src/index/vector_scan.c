/* vector_scan.c - looks at every visible row, and yet reads the low plane of few.
 *
 * The high plane of a row with all bits of the question bounds the score: what the low plane can add is
 *
 *   Σ question · low ≤ |question| · |low| ≤ |question| · 128 · √dimensions
 *
 * Rows that could not get in even so are done; the others are scored by all bits. So the result is exactly that of the 16-bit codes. */
#include "vector_scan.h"
#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    BLOCK = 256, /* rows looked at together: they stay in the second cache for the next question */
    /* Rows are near each other where they stand near each other. So they are not taken from the first to the last, in which the best may
     * slowly become better, but these many words of 64 from here, there and everywhere, and then those behind them. */
    WORDS = 4,
    STRIDE = 64 * WORDS,
    TOGETHER = 2, /* questions whose products with a row are taken at once: four planes fit into the registers */
};

void vector_question_init(struct vector_question *question, const float *vector, size_t dimensions)
{
    size_t stride = vector_stride(dimensions);
    unsigned char *code = memory_alloc(vector_code_bytes(dimensions), 1);
    question->planes = memory_large(2, stride);
    if (question->planes == NULL)
        question->planes = memory_alloc(2, stride);
    vector_encode(code, vector, dimensions);
    bool is_sound = vector_split(&question->factor, question->planes, question->planes + stride, code, dimensions);
    assert(is_sound);
    (void)is_sound;
    double square = 0;
    for (size_t i = 0; i < dimensions; i++) {
        double number = 256.0 * question->planes[i] + question->planes[stride + i];
        square += number * number;
    }
    question->length = (float)sqrt(square);
    free(code);
}

void vector_question_release(struct vector_question *question)
{
    free(question->planes);
}

void vector_offer(const struct vector_segment *segment, const struct vector_question *question, uint32_t row,
                  struct best_hits *best)
{
    int32_t high[2], low[2];
    size_t at = row * segment->stride;
    const struct kernels *kernel = kernels();
    kernel->dots_i8(high, question->planes, 2, segment->high + at, NULL, 1, segment->stride);
    kernel->dots_i8(low, question->planes, 2, segment->low + at, NULL, 1, segment->stride);
    int64_t sum = 65536 * (int64_t)high[0] + 256 * ((int64_t)high[1] + low[0]) + low[1];
    float score = (float)((double)sum * (double)question->factor * (double)segment->factors[row]);
    if (best->count == best->k && score < best->hits[0].score)
        return;
    struct index_hit hit = {vector_passage(segment, row), score};
    if (best->count < best->k || score > best->hits[0].score || hit.passage < best->hits[0].passage)
        best_hits_add(best, hit);
}

/* The most that each of some rows can score: factors[i] · the question's with the high plane, and what the low one may add.
 * auto-vectorized */
static void bound(float *most, const int32_t *sums, const float *factors, size_t count, const struct vector_question *question,
                  size_t dimensions)
{
    /* A thousandth more pays for the roundings to f32 here, which are below a ten-thousandth of the bound. */
    float rest = 1.001F * 128 * sqrtf((float)dimensions) * question->length, factor = question->factor;
    for (size_t i = 0; i < count; i++)
        most[i] = (65536 * (float)sums[i] + 256 * (float)sums[count + i] + rest) * factor * factors[i];
}

/* The rows numbers[0 … count-1], whose products with the question's planes are there. */
static void offer_block(const struct vector_segment *segment, const struct vector_question *question, const uint32_t *numbers,
                        size_t count, const int32_t *sums, const float *factors, struct best_hits *best)
{
    float most[BLOCK];
    bound(most, sums, factors, count, question, segment->dimensions);
    for (size_t i = 0; i < count; i++)
        if (best->count < best->k || most[i] >= best->hits[0].score)
            vector_offer(segment, question, numbers[i], best);
}

/* The same for some questions, at most TOGETHER, whose planes stand one behind the other. */
static void scan_block(const struct vector_segment *segment, const struct vector_question *questions, size_t question_count,
                       const int8_t *planes, const uint32_t *numbers, size_t count, struct best_hits *bests)
{
    int32_t sums[2 * TOGETHER * BLOCK];
    float factors[BLOCK];
    kernels()->dots_i8(sums, planes, 2 * question_count, segment->high, numbers, count, segment->stride);
    for (size_t i = 0; i < count; i++)
        factors[i] = segment->factors[numbers[i]];
    for (size_t q = 0; q < question_count; q++)
        offer_block(segment, &questions[q], numbers, count, sums + 2 * q * count, factors, &bests[q]);
}

void vector_offer_rows(const struct vector_segment *segment, const struct vector_question *question, const uint32_t *rows,
                       size_t count, struct best_hits *best)
{
    for (size_t i = 0; i < count; i += BLOCK)
        scan_block(segment, question, 1, question->planes, rows + i, count - i < BLOCK ? count - i : BLOCK, best);
}

uint64_t vector_visible_word(const struct vector_segment *segment, const struct vector_visible *visible, size_t word)
{
    size_t left = segment->count - 64 * word;
    return visible->rows != NULL ? visible->rows[word] : left >= 64 ? UINT64_MAX : ((uint64_t)1 << left) - 1;
}

size_t vector_take_word(uint64_t bits, size_t word, uint32_t *numbers)
{
    size_t count = 0;
    if (bits == UINT64_MAX) {
        for (; count < 64; count++)
            numbers[count] = (uint32_t)(64 * word + count);
        return count;
    }
    for (; bits != 0; bits &= bits - 1)
        numbers[count++] = (uint32_t)(64 * word) + (uint32_t)__builtin_ctzll(bits);
    return count;
}

size_t vector_take_rows(struct vector_rows *from, uint32_t *rows, size_t room)
{
    assert(room >= 64);
    size_t filled = 0, words = ((size_t)from->segment->count + 63) / 64;
    while (from->first < STRIDE && filled <= room - 64) {
        if (from->word < words)
            filled += vector_take_word(vector_visible_word(from->segment, from->visible, from->word), from->word,
                                       rows + filled);
        from->word++;
        if (from->word % WORDS == 0)
            from->word += STRIDE - WORDS;
        if (from->word >= words) {
            from->first += WORDS;
            from->word = from->first;
        }
    }
    return filled;
}

/* The planes of all questions in one piece, for whom a row is read once. */
static int8_t *join_planes(const struct vector_question *questions, size_t count, size_t stride)
{
    int8_t *planes = memory_large(count, 2 * stride);
    if (planes == NULL)
        planes = memory_alloc(count, 2 * stride);
    for (size_t i = 0; i < count; i++)
        memcpy(planes + i * 2 * stride, questions[i].planes, 2 * stride);
    return planes;
}

static void scan_all(const struct vector_segment *segment, const struct vector_question *questions, const int8_t *planes,
                     const uint32_t *numbers, size_t row_count, struct best_hits *bests, size_t count)
{
    for (size_t i = 0; i < count; i += TOGETHER)
        scan_block(segment, &questions[i], count - i < TOGETHER ? count - i : TOGETHER, planes + i * 2 * segment->stride,
                   numbers, row_count, &bests[i]);
}

void vector_scan(const struct vector_segment *segment, const struct vector_visible *visible,
                 const struct vector_question *questions, struct best_hits *bests, size_t count)
{
    uint32_t numbers[BLOCK];
    int8_t *joined = count > 1 ? join_planes(questions, count, segment->stride) : NULL;
    const int8_t *planes = joined != NULL ? joined : questions->planes;
    struct vector_rows from = {.segment = segment, .visible = visible};
    size_t filled;
    while ((filled = vector_take_rows(&from, numbers, BLOCK)) > 0)
        scan_all(segment, questions, planes, numbers, filled, bests, count);
    free(joined);
}
