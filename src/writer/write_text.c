/* write_text.c - tokens as text. A model of small letters knows neither capitals nor spaces; where it writes what stands in the source, they are
 * taken from there:
 *
 *   tokens      emb - 24 ##k         source   "… label EMB-24K is …"         text   EMB-24K
 *
 * The longest run of tokens that stands somewhere in the source is one piece; what stands nowhere is written as the vocabulary has it. */
#include "writer_parts.h"
#include <string.h>

struct piece {
    size_t first, count; /* of the tokens */
    size_t at; /* where it stands in the source, as tokens; count 1 and NOWHERE: nowhere */
};
#define NOWHERE SIZE_MAX

static bool is_glued(const struct writer *writer, uint32_t id, struct slice *token)
{
    if (!tokenizer_token(model_tokenizer(writer->model), id, token))
        *token = (struct slice){"", 0};
    if (!slice_starts_with(*token, SLICE("##")))
        return false;
    *token = slice_range(*token, 2, token->size);
    return true;
}

/* The longest run from `first` on; of equal ones that in the passage, and the first. */
static struct piece longest_run(const struct write_source *source, const uint32_t *ids, size_t first, size_t count)
{
    struct piece best = {first, 1, NOWHERE};
    size_t best_size = 0;
    for (size_t at = 0; at < source->count; at++) {
        size_t size = 0;
        while (first + size < count && at + size < source->count && source->ids[at + size] == ids[first + size] &&
               !source->special[at + size] && source->types[at + size] == source->types[at])
            size++;
        bool is_better = size > best_size ||
                         (size > 0 && size == best_size && source->types[best.at] == 0 && source->types[at] == 1);
        if (!is_better)
            continue;
        best_size = size;
        best = (struct piece){first, size, at};
    }
    return best;
}

static bool lacks_blank(struct slice before, struct slice piece)
{
    static const char closing[] = ".,;:!?)]}%'", opening[] = "([{$#'-/";
    if (before.size == 0 || piece.size == 0)
        return true;
    return byte_among(piece.data[0], closing) || byte_among(before.data[before.size - 1], opening) || piece.data[0] == '-' ||
           piece.data[0] == '/';
}

struct slice text_of(const struct writer *writer, const struct write_source *source, const uint32_t *ids, size_t count,
                     struct arena *arena, size_t *start, size_t *end)
{
    struct buffer text;
    buffer_init(&text, LIMIT_EXTRACT_BYTES);
    *start = *end = 0;
    for (size_t i = 0; i < count;) {
        struct piece piece = longest_run(source, ids, i, count);
        struct slice token, bytes;
        bool glued = is_glued(writer, ids[i], &token);
        bytes = token;
        if (piece.at != NOWHERE) {
            size_t from = source->starts[piece.at], to = source->ends[piece.at + piece.count - 1];
            bytes = slice_range(source->texts[source->types[piece.at]], from, to);
            if (piece.count == count && source->types[piece.at] == 1) {
                *start = from;
                *end = to;
            }
        }
        if (!glued && !lacks_blank(buffer_slice(&text), bytes))
            buffer_append_byte(&text, ' ');
        buffer_append_slice(&text, bytes);
        i += piece.count;
    }
    struct slice made = arena_slice(arena, buffer_slice(&text));
    buffer_release(&text);
    return made;
}

uint32_t *writer_tokens(const struct tokenizer *tokenizer, struct slice text, size_t most, size_t *count)
{
    struct tokenizer_workspace *workspace = tokenizer_workspace_create();
    struct tokens tokens;
    const struct tokenizer_options options = {.bare = true, .tokens_max = most};
    tokens_init(&tokens);
    tokenizer_encode(tokenizer, workspace, text, NULL, &options, &tokens);
    *count = tokens.count < most ? tokens.count : most;
    uint32_t *ids = memory_alloc(*count + 1, sizeof(*ids));
    if (*count > 0)
        memcpy(ids, tokens.ids, *count * sizeof(*ids));
    tokens_release(&tokens);
    tokenizer_workspace_free(workspace);
    return ids;
}
