/* npy_write.c - the head of a NumPy file, as NumPy itself writes it.
 *
 *   93 "NUMPY" 01 00 │ u16 size │ {'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }      ⏎ │ rows · columns f32 …
 *                                └──────── spaces fill it, so that the data begin at a multiple of 64 ────────┘
 *
 * NumPy leaves room for a number of rows with 21 digits, so that rows can be added later; with it the head has 128 bytes. */
#include "codec.h"
#include <assert.h>
#include <stdio.h>

enum { FIXED_BYTES = 10, ALIGNMENT = 64, ROW_DIGITS = 21 };

void npy_head(struct buffer *out, size_t rows, size_t columns)
{
    char text[2 * ALIGNMENT];
    int row_digits = snprintf(text, sizeof(text), "%zu", rows);
    int size = snprintf(text, sizeof(text), "{'descr': '<f4', 'fortran_order': False, 'shape': (%zu, %zu), }%*s", rows, columns,
                        ROW_DIGITS - row_digits, "");
    assert(size > 0 && (size_t)size < sizeof(text));
    size_t used = FIXED_BYTES + (size_t)size + 1;
    size_t spaces = ALIGNMENT - used % ALIGNMENT;
    buffer_append(out, "\x93NUMPY\x01\x00", 8);
    buffer_u16(out, (uint16_t)((size_t)size + spaces + 1));
    buffer_append(out, text, (size_t)size);
    buffer_format(out, "%*s\n", (int)spaces, "");
}
