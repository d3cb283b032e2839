/* token_samples.h - what the tests of tokenizers' models share: a model as JSON text, and tokens as text. */
#ifndef TESTS_TOKEN_SAMPLES_H
#define TESTS_TOKEN_SAMPLES_H

#include "compare.h"
#include "text/pieces.h"
#include <stdlib.h>

/* A model, a piece, and its tokens as the original tells them: "number:start-end …", places in bytes. */
struct token_sample {
    const char *model;
    const char *piece;
    const char *tokens;
};

static inline void write_tokens(const struct piece_tokens *tokens, struct buffer *out)
{
    buffer_clear(out);
    for (size_t i = 0; i < tokens->count; i++)
        buffer_format(out, "%s%u:%u-%u", i > 0 ? " " : "", tokens->items[i].id, tokens->items[i].start, tokens->items[i].end);
}

/* The size bytes of a text that says `unit` again and again. */
static inline struct slice repeated(struct buffer *buffer, const char *unit, size_t size)
{
    buffer_clear(buffer);
    while (buffer->size < size && !buffer->failed)
        buffer_append_text(buffer, unit);
    return slice_range(buffer_slice(buffer), 0, size);
}

#endif
