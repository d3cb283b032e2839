/* asked_tokens.c - a question cut at its blanks. */
#include "asked_tokens.h"
#include "span_parts.h"

void tokens_read(struct slice question, struct asked_tokens *tokens)
{
    struct slice rest = slice_trim(question), piece;
    tokens->count = 0;
    while (tokens->count < ASKED_TOKENS_MAX && slice_next(&rest, ' ', &piece)) {
        bool has_comma = piece.size > 0 && byte_among(piece.data[piece.size - 1], ",:;");
        while (piece.size > 0 && byte_among(piece.data[piece.size - 1], ",:;?!\""))
            piece.size--;
        while (piece.size > 0 && piece.data[0] == '"')
            piece = slice_range(piece, 1, piece.size);
        if (piece.size > 0)
            tokens->items[tokens->count++] = (struct asked_token){piece, has_comma};
    }
}

bool token_is(const struct asked_tokens *tokens, size_t at, const char *alternatives)
{
    if (at >= tokens->count)
        return false;
    struct span_word word = span_word_at(tokens->items[at].text, 0);
    return word.end == tokens->items[at].text.size && span_word_is(&word, alternatives);
}

bool token_is_named(const struct asked_tokens *tokens, size_t at)
{
    unsigned char first = (unsigned char)tokens->items[at].text.data[0];
    return (first >= 'A' && first <= 'Z') || (first >= '0' && first <= '9') || first >= 0xC3;
}

struct slice tokens_text(const struct asked_tokens *tokens, size_t start, size_t end)
{
    const char *from = tokens->items[start].text.data;
    struct slice last = tokens->items[end - 1].text;
    return (struct slice){from, (size_t)(last.data + last.size - from)};
}
