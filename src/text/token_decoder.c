#include "tokenizer_parts.h"
void tokenizer_decode(const struct tokenizer *tokenizer, const uint32_t *ids, size_t count, bool keep_special,
                      struct buffer *out)
{
    (void)tokenizer;
    (void)ids;
    (void)count;
    (void)keep_special;
    (void)out;
}
