/* drop_body.h - dropout, once for every width of register (see vectors_body.h); drop_chance.h says what is dropped.
 *
 * A round multiplies two words of a counter to 64 bits each, which registers do with every second of their numbers. So counters of even lanes and
 * of odd ones are in registers of their own, a word in the lower half of 64 bits; the upper halves hold anything, and nothing reads them. */
#ifndef KERNEL_DROP_BODY_H
#define KERNEL_DROP_BODY_H

#include "drop_chance.h"
#include "vectors_body.h"

#if defined(__SSE4_1__) || defined(__aarch64__)

VECTOR void drop_round(integers c[DROP_WORDS], integers key0, integers key1)
{
    integers a = i_mul_wide(c[0], i_all((int32_t)DROP_FACTOR0)), b = i_mul_wide(c[2], i_all((int32_t)DROP_FACTOR1));
    c[0] = i_xor(i_xor(i_upper(b), c[1]), key0);
    c[2] = i_xor(i_xor(i_upper(a), c[3]), key1);
    c[1] = b;
    c[3] = a;
}

/* The words of the LANES counters from `first` on. */
VECTOR void drop_words(integers words[DROP_WORDS], const struct kernel_drop *drop, uint32_t first)
{
    static const int32_t lanes[DROP_LANES] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
    integers counter = i_add(i_all((int32_t)first), i_load(lanes));
    integers row = i_all((int32_t)drop->row), site = i_all((int32_t)drop->site), step = i_all((int32_t)drop->step);
    integers even[DROP_WORDS] = {counter, row, site, step}, odd[DROP_WORDS] = {i_upper(counter), row, site, step};
    integers key0 = i_all((int32_t)drop->key[0]), key1 = i_all((int32_t)drop->key[1]);
    for (int round = 0; round < DROP_ROUNDS; round++) {
        drop_round(even, key0, key1);
        drop_round(odd, key0, key1);
        key0 = i_add(key0, i_all((int32_t)DROP_RAISE0));
        key1 = i_add(key1, i_all((int32_t)DROP_RAISE1));
    }
    for (int w = 0; w < DROP_WORDS; w++)
        words[w] = i_zip(even[w], odd[w]);
}

/* Of LANES numbers or, at the end of the row, `count`. */
VECTOR void drop_numbers(float *values, size_t count, integers halves, const struct kernel_drop *drop)
{
    vector factor = v_where_above(halves, i_all((int32_t)drop->threshold - 1), v_all(drop->factor));
    if (count >= LANES)
        v_store(values, v_mul(v_load(values), factor));
    else
        v_store_part(values, v_mul(v_load_part(values, count, 0), factor), count);
}

static void drop(float *values, const struct kernel_drop *task, size_t count)
{
    for (size_t start = 0; start < count; start += KERNEL_DROP_COLUMNS) {
        uint32_t block = task->block + (uint32_t)(start / KERNEL_DROP_COLUMNS);
        for (size_t lane = 0; lane < DROP_LANES; lane += LANES) {
            integers words[DROP_WORDS];
            drop_words(words, task, block * DROP_LANES + (uint32_t)lane);
            for (size_t half = 0; half < 2 * DROP_WORDS; half++) {
                size_t at = start + half * DROP_LANES + lane;
                integers word = words[half / 2];
                if (at < count)
                    drop_numbers(values + at, count - at, half % 2 == 0 ? i_and(word, i_all(0xFFFF)) : i_right(word, 16), task);
            }
        }
    }
}

#endif
#endif
