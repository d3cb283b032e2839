/* cutters.c - a document that was read gets its passages: the unit is chosen, and what the model takes is the limit. */
#include "document.h"
#include <stdlib.h>

void cutters_init(struct cutters *cutters, const struct settings *settings, const struct passage_model *model,
                  size_t thread_count)
{
    *cutters = (struct cutters){.settings = settings, .model = model, .count = thread_count};
    cutters->meters = memory_alloc(thread_count, sizeof(struct token_meter *));
}

void cutters_release(struct cutters *cutters)
{
    for (size_t i = 0; i < cutters->count; i++)
        token_meter_free(cutters->meters[i]);
    free(cutters->meters);
}

void cutters_prepare(struct cutters *cutters)
{
    const struct tokenizer *tokenizer = NULL;
    if (cutters->is_measured)
        return;
    cutters->is_measured = true;
    cutters->has_tokenizer = cutters->model != NULL &&
                             cutters->model->measure(cutters->model->context, &tokenizer, &cutters->tokens_max);
    for (size_t i = 0; i < cutters->count; i++)
        cutters->meters[i] = token_meter_create(cutters->has_tokenizer ? tokenizer : NULL);
}

/* A title is put before each passage: a quarter of what the model takes is the most that it may have of it. */
static void fit_title(const struct cutters *cutters, struct loaded *loaded, struct cutting *cutting)
{
    struct slice *title = &loaded->document.title;
    cutting->title_tokens = token_meter_count(cutting->meter, *title);
    while (cutters->has_tokenizer && cutting->title_tokens > cutters->tokens_max / 4 && title->size > 4) {
        *title = slice_trim(slice_cut(*title, title->size * 3 / 4));
        cutting->title_tokens = token_meter_count(cutting->meter, *title);
    }
}

static void add_metadata(struct loaded *loaded, const char *key, struct slice text, const double *number)
{
    struct store_document *document = &loaded->document;
    struct store_value *values = arena_alloc(&loaded->arena, document->metadata_count + 1, sizeof(*values));
    for (size_t i = 0; i < document->metadata_count; i++)
        values[i] = document->metadata[i];
    values[document->metadata_count++] = (struct store_value){.key = slice_from(key),
                                                              .text = arena_slice(&loaded->arena, text),
                                                              .is_number = number != NULL,
                                                              .number = number != NULL ? *number : 0};
    document->metadata = values;
}

static struct cutting cutting_for(const struct cutters *cutters, const struct unit_choice *choice, size_t thread)
{
    const struct settings *settings = cutters->settings;
    return (struct cutting){.unit = choice->unit,
                            .tokens = settings->passage_tokens,
                            .overlap = settings->passage_overlap,
                            .join_records = settings->join_records,
                            .meter = cutters->meters[thread],
                            .tokens_max = cutters->has_tokenizer ? cutters->tokens_max : 0,
                            .model = cutters->model};
}

static bool cut(struct loaded *loaded, const struct cutting *cutting)
{
    if (!cut_document(loaded->text, &loaded->blocks, cutting, &loaded->arena, &loaded->passages, &loaded->error))
        return error_wrap(&loaded->error, "could not cut \"" SLICE_FORMAT "\"", SLICE_ARGUMENT(loaded->document.path));
    size_t mark = loaded->content.size - loaded->text.size; /* ranges count from the file's first byte */
    for (size_t i = 0; i < loaded->passages.count; i++) {
        loaded->passages.items[i].start += (int64_t)mark;
        loaded->passages.items[i].end += (int64_t)mark;
    }
    return true;
}

void cut_loaded(struct cutters *cutters, struct loaded *loaded, size_t thread)
{
    struct unit_choice choice = choose_unit(&loaded->blocks, cutters->settings, cutters->has_tokenizer);
    struct cutting cutting = cutting_for(cutters, &choice, thread);
    fit_title(cutters, loaded, &cutting);
    add_metadata(loaded, INGEST_UNIT_KEY, slice_from(passage_unit_name(choice.unit)), NULL);
    add_metadata(loaded, INGEST_REASON_KEY, slice_from(choice.reason), NULL);
    if (loaded->masked > 0)
        add_metadata(loaded, INGEST_MASKED_KEY, slice_from(arena_format(&loaded->arena, "%zu", loaded->masked)),
                     &(double){(double)loaded->masked});
    loaded->needs_vectors = choice.unit == UNIT_SEMANTIC;
    if (!loaded->needs_vectors && !cut(loaded, &cutting))
        loaded->outcome = LOAD_FAILED;
}

void cut_semantic(struct cutters *cutters, struct loaded *loaded)
{
    const struct unit_choice choice = {.unit = UNIT_SEMANTIC};
    struct cutting cutting = cutting_for(cutters, &choice, 0);
    cutting.title_tokens = token_meter_count(cutting.meter, loaded->document.title);
    if (!cut(loaded, &cutting))
        loaded->outcome = LOAD_FAILED;
}
