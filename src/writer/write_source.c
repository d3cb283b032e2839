/* write_source.c - question and window into tokens, and through the encoder. */
#include "writer_parts.h"
#include <stdlib.h>
#include <string.h>

static void take_tokens(struct write_source *source, const struct tokens *tokens, struct slice question,
                        const struct slice *window)
{
    size_t count = tokens->count;
    source->texts[0] = question;
    source->texts[1] = window != NULL ? *window : (struct slice){0};
    source->count = count;
    source->ids = memory_alloc(3 * count + 1, sizeof(*source->ids));
    source->starts = source->ids + count;
    source->ends = source->starts + count;
    source->types = memory_alloc(2 * count + 1, 1);
    source->special = source->types + count;
    memcpy(source->ids, tokens->ids, count * sizeof(*source->ids));
    memcpy(source->starts, tokens->starts, count * sizeof(*source->starts));
    memcpy(source->ends, tokens->ends, count * sizeof(*source->ends));
    memcpy(source->types, tokens->types, count);
    memcpy(source->special, tokens->special, count);
    source->start = count > 0 ? tokens->ids[0] : 0;
    source->end = count > 0 ? tokens->ids[count - 1] : 0;
}

/* A folder's tokenizer.json may say of any token that it stands in any text. */
static bool check_places(const struct write_source *source, struct error *error)
{
    uint32_t before = 0;
    for (size_t i = 0; i < source->count; i++) {
        uint8_t type = source->types[i];
        if (source->special[i])
            continue;
        before = i > 0 && source->types[i - 1] == type && !source->special[i - 1] ? before : 0;
        if (type >= ARRAY_COUNT(source->texts) || source->starts[i] < before || source->starts[i] > source->ends[i] ||
            source->ends[i] > source->texts[type].size)
            return error_set(error, ERROR_INVALID, "the tokenizer takes a token for one of a text that does not hold it");
        before = source->starts[i];
    }
    return true;
}

static bool tokenize(const struct writer *writer, struct slice question, const struct slice *window,
                     struct write_source *source, struct error *error)
{
    struct tokenizer_workspace *workspace = tokenizer_workspace_create();
    struct tokens tokens;
    const struct tokenizer_options options = {.tokens_max = writer->info.tokens_max};
    tokens_init(&tokens);
    tokenizer_encode(model_tokenizer(writer->model), workspace, question, window, &options, &tokens);
    take_tokens(source, &tokens, question, window);
    tokens_release(&tokens);
    tokenizer_workspace_free(workspace);
    for (size_t i = 0; i < source->count; i++)
        if (source->ids[i] >= writer->vocabulary)
            return error_set(error, ERROR_INVALID, "the tokenizer makes token %u, the model has %zu", source->ids[i],
                             writer->vocabulary);
    if (source->count < 2 || source->count > writer->info.tokens_max)
        return error_set(error, ERROR_INVALID, "the tokenizer makes %zu tokens of a text, expected 2 to %zu", source->count,
                         writer->info.tokens_max);
    return check_places(source, error);
}

bool source_read(struct writer *writer, struct slice question, const struct slice *window, struct write_source *source,
                 struct error *error)
{
    *source = (struct write_source){0};
    if (!tokenize(writer, question, window, source, error) ||
        !text_memory_init(&source->memory, model_info(writer->model), source->count, NULL, error))
        return false;
    struct text_memory *const memories[] = {&source->memory};
    const struct text_rows rows = {.count = source->count};
    const struct pack pack = {.ids = source->ids,
                              .types = source->types,
                              .rows = source->count,
                              .texts = &rows,
                              .text_count = 1,
                              .memories = memories};
    source->states = memory_alloc(source->count, writer->hidden * sizeof(float));
    return model_remember(writer->model, &pack, source->states, error);
}

void source_release(struct write_source *source)
{
    free(source->ids);
    free(source->types);
    free(source->states);
    text_memory_release(&source->memory);
    *source = (struct write_source){0};
}
