/* text_memory.h - what rows that come later see of those that went through the layers before them. Part of model.h.
 *
 *   source    s_0 … s_n   see each other in both directions; one pack's rows, all at once
 *   behind it h_0 h_1 …   see the source, and those before them: as many at a time as one likes, also one
 *
 * Of each row the keys and values of each layer are kept: rows [layers, capacity, 2 · hidden]. Several may stand behind one source. */
#ifndef MODEL_TEXT_MEMORY_H
#define MODEL_TEXT_MEMORY_H

#include "base/base.h"

struct text_memory {
    const struct text_memory *before; /* the source; NULL: it is one itself. Outlives it */
    size_t count, capacity; /* rows that are there, and that there is room for */
    size_t layers, hidden;
    float *rows;
};

struct model_info;
bool text_memory_init(struct text_memory *memory, const struct model_info *info, size_t capacity,
                      const struct text_memory *before, struct error *error) MUST_USE;
void text_memory_release(struct text_memory *memory); /* zeros are fine */

/* Keys, then values. */
float *text_memory_row(const struct text_memory *memory, size_t layer, size_t row);

/* Another line that begins as this one; `to` has room for it. */
void text_memory_copy(struct text_memory *to, const struct text_memory *from);

#endif
