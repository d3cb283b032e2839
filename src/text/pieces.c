/* pieces.c - the tokens of one piece (pieces.h). */
#include "pieces.h"
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void piece_tokens_init(struct piece_tokens *tokens)
{
    *tokens = (struct piece_tokens){0};
}

void piece_tokens_release(struct piece_tokens *tokens)
{
    free(tokens->items);
    piece_tokens_init(tokens);
}

void piece_tokens_append(struct piece_tokens *tokens, uint32_t id, size_t start, size_t end)
{
    assert(start <= end && end <= PIECE_BYTES_MAX);
    tokens->items = memory_more(tokens->items, tokens->count, &tokens->capacity, sizeof(struct piece_token));
    tokens->items[tokens->count++] = (struct piece_token){.id = id, .start = (uint32_t)start, .end = (uint32_t)end};
}

struct token_label token_label(struct slice token)
{
    enum { SHOWN_MAX = 64 };
    struct token_label label = {0};
    size_t size = token.size;
    if (size > SHOWN_MAX)
        for (size = SHOWN_MAX; size > 0 && ((unsigned char)token.data[size] & 0xC0) == 0x80;)
            size--; /* not within a character */
    for (size_t i = 0; i < size; i++) {
        unsigned char byte = (unsigned char)token.data[i], next = i + 1 < size ? (unsigned char)token.data[i + 1] : 0;
        label.text[i] = byte < 0x20 || byte == 0x7F ? ' ' : (char)byte;
        if (byte == 0xC2 && next >= 0x80 && next < 0xA0) { /* U+0080 … U+009F */
            label.text[i++] = ' ';
            label.text[i] = ' ';
        }
    }
    if (size < token.size)
        memcpy(label.text + size, "...", 3);
    return label;
}

struct byte_token byte_token(uint8_t byte)
{
    struct byte_token token;
    snprintf(token.text, sizeof(token.text), "<0x%02X>", byte);
    return token;
}
