/* text_memory.c - keys and values of rows that went through the layers, for rows that come behind them. */
#include "text_memory.h"
#include "model.h"
#include <stdlib.h>
#include <string.h>

bool text_memory_init(struct text_memory *memory, const struct model_info *info, size_t capacity,
                      const struct text_memory *before, struct error *error)
{
    *memory = (struct text_memory){.before = before, .capacity = capacity, .layers = info->layers, .hidden = info->hidden};
    memory->rows = memory_large(info->layers * capacity, 2 * info->hidden * sizeof(float));
    return memory->rows != NULL || error_set(error, ERROR_NO_MEMORY, "no memory to remember %zu tokens", capacity);
}

void text_memory_release(struct text_memory *memory)
{
    free(memory->rows);
    *memory = (struct text_memory){0};
}

float *text_memory_row(const struct text_memory *memory, size_t layer, size_t row)
{
    return memory->rows + (layer * memory->capacity + row) * 2 * memory->hidden;
}

void text_memory_copy(struct text_memory *to, const struct text_memory *from)
{
    to->before = from->before;
    to->count = from->count;
    for (size_t layer = 0; layer < from->layers && from->count > 0; layer++)
        memcpy(text_memory_row(to, layer, 0), text_memory_row(from, layer, 0), from->count * 2 * from->hidden * sizeof(float));
}
