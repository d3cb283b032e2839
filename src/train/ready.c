/* ready.c - examples into tokens, once, and items of a batch into packs. */
#include "train_parts.h"
#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { PACK_ROWS = 512 }; /* more keeps the weights near, fewer the states */

struct making {
    struct trainer *trainer;
    const struct train_example *examples;
    struct ready_set *set;
};

static size_t items_of(const struct trainer *trainer, const struct train_example *example)
{
    if (trainer->recipe.task != TRAIN_EMBED)
        return 1;
    return (example->second.data != NULL ? 2 : 1) + example->negative_count;
}

static float weight_of(const struct trainer *trainer, const struct train_example *example)
{
    float weight = example->weight > 0 ? example->weight : 1;
    if (trainer->recipe.task == TRAIN_CLASSIFY && trainer->recipe.class_weights != NULL)
        weight *= trainer->recipe.class_weights[example->label];
    return weight;
}

/* The label of a token: the range's that its first byte lies in. */
static uint32_t label_at(const struct train_example *example, size_t byte)
{
    for (size_t i = 0; i < example->range_count; i++)
        if (byte >= example->ranges[i].start && byte < example->ranges[i].end)
            return (uint32_t)example->ranges[i].label;
    return 0;
}

static void want_tags(struct ready *item, const struct train_example *example, const struct tokens *tokens)
{
    item->wanted = memory_alloc(tokens->count, sizeof(*item->wanted));
    for (size_t t = 0; t < tokens->count; t++)
        item->wanted[t] = tokens->special[t] || tokens->types[t] != 0 ? NOT_WANTED : label_at(example, tokens->starts[t]);
}

void second_tokens(const struct tokens *tokens, size_t *first, size_t *end)
{
    size_t last = tokens->count;
    while (last > 0 && tokens->special[last - 1])
        last--;
    *first = *end = 0;
    if (last == 0 || tokens->count - last > 1) /* two behind one another: the second text is empty */
        return;
    *first = *end = last;
    while (*first > 0 && !tokens->special[*first - 1])
        --*first;
}

/* The first and last token of the second text that share a byte with the answer. */
static void want_span(struct ready *item, const struct train_example *example, const struct tokens *tokens)
{
    size_t first, end;
    second_tokens(tokens, &first, &end);
    for (size_t t = first; t < end && example->range_count > 0; t++) {
        if (tokens->ends[t] <= example->ranges[0].start || tokens->starts[t] >= example->ranges[0].end)
            continue;
        if (item->start == 0)
            item->start = t;
        item->end = t;
    }
}

/* Behind the source stands its first token again, which begins the target, and then that; each wants what comes next, and the last one the
 * source's last token, which ends it. */
static void add_target(struct ready *item, const struct train_example *example)
{
    size_t source = item->count, count = example->target_count;
    if (source == 0)
        return; /* check_items tells */
    item->count = source + 1 + count;
    item->source = source;
    item->ids = memory_resize(item->ids, item->count, sizeof(*item->ids));
    item->types = memory_resize(item->types, item->count, sizeof(*item->types));
    item->wanted = memory_alloc(item->count, sizeof(*item->wanted));
    item->ids[source] = item->ids[0];
    memset(item->types + source, 0, 1 + count);
    for (size_t t = 0; t < item->count; t++)
        item->wanted[t] = NOT_WANTED;
    for (size_t t = 0; t < count; t++) {
        item->ids[source + 1 + t] = example->target[t];
        item->wanted[source + t] = example->target[t];
    }
    item->wanted[source + count] = item->ids[source - 1];
}

static void make_item(const struct making *making, size_t example, size_t number, size_t thread)
{
    struct trainer *trainer = making->trainer;
    struct token_tools *tools = &trainer->tools[thread];
    const struct train_example *from = &making->examples[example];
    struct ready *item = &making->set->items[making->set->firsts[example] + number];
    bool embeds = trainer->recipe.task == TRAIN_EMBED;
    size_t negative = number - (from->second.data != NULL ? 2 : 1);
    struct slice text = number == 0                                ? from->first
                        : number == 1 && from->second.data != NULL ? from->second
                                                                   : from->negatives[negative];
    struct tokenizer_options options = {.tokens_max = trainer->tokens_max};
    tokenizer_encode(trainer->tokenizer, tools->workspace, text, embeds || from->second.data == NULL ? NULL : &from->second,
                     &options, &tools->tokens);
    const struct tokens *tokens = &tools->tokens;
    *item = (struct ready){.count = tokens->count, .example = example, .weight = weight_of(trainer, from)};
    item->ids = memory_alloc(tokens->count, sizeof(*item->ids));
    item->types = memory_alloc(tokens->count, sizeof(*item->types));
    memcpy(item->ids, tokens->ids, tokens->count * sizeof(*item->ids));
    memcpy(item->types, tokens->types, tokens->count * sizeof(*item->types));
    if (trainer->recipe.task == TRAIN_TAG)
        want_tags(item, from, tokens);
    if (trainer->recipe.task == TRAIN_SPAN)
        want_span(item, from, tokens);
    if (trainer->recipe.task == TRAIN_WRITE)
        add_target(item, from);
}

static void make_example(void *context, size_t example, size_t thread)
{
    const struct making *making = context;
    for (size_t i = 0; i < making->set->firsts[example + 1] - making->set->firsts[example]; i++)
        make_item(making, example, i, thread);
}

static bool check_examples(const struct trainer *trainer, const struct train_example *examples, size_t count,
                           struct error *error)
{
    for (size_t i = 0; i < count; i++) {
        const struct train_example *example = &examples[i];
        size_t outputs = trainer->recipe.outputs;
        if (trainer->recipe.task == TRAIN_CLASSIFY && example->label >= outputs)
            return error_set(error, ERROR_INVALID, "example %zu has label %zu, there are %zu", i + 1, example->label, outputs);
        for (size_t r = 0; r < example->range_count && trainer->recipe.task == TRAIN_TAG; r++)
            if (example->ranges[r].label >= outputs)
                return error_set(error, ERROR_INVALID, "example %zu has label %zu, there are %zu", i + 1,
                                 example->ranges[r].label, outputs);
    }
    return true;
}

static bool check_items(const struct trainer *trainer, const struct ready_set *set, struct error *error)
{
    for (size_t i = 0; i < set->count; i++) {
        const struct ready *item = &set->items[i];
        size_t most = trainer->recipe.task == TRAIN_WRITE ? trainer->info->positions : trainer->tokens_max;
        if (item->count == 0 || item->count > most)
            return error_set(error, ERROR_INVALID, "example %zu has %zu tokens, expected 1 to %zu", item->example + 1,
                             item->count, most);
        for (size_t t = 0; t < item->count; t++)
            if (item->ids[t] >= trainer->info->vocabulary)
                return error_set(error, ERROR_INVALID, "the tokenizer makes token %u, the model has %zu", item->ids[t],
                                 trainer->info->vocabulary);
    }
    return true;
}

bool ready_make(struct trainer *trainer, const struct train_example *examples, size_t count, struct ready_set *set,
                struct error *error)
{
    struct making making = {trainer, examples, set};
    if (!check_examples(trainer, examples, count, error))
        return false;
    *set = (struct ready_set){.example_count = count, .firsts = memory_alloc(count + 1, sizeof(*set->firsts))};
    for (size_t i = 0; i < count; i++)
        set->firsts[i + 1] = set->count += items_of(trainer, &examples[i]);
    set->items = memory_alloc(set->count, sizeof(*set->items));
    pool_parallel_for(trainer->pool, count, make_example, &making);
    if (check_items(trainer, set, error))
        return true;
    ready_release(set);
    return false;
}

void ready_release(struct ready_set *set)
{
    for (size_t i = 0; i < set->count; i++) {
        free(set->items[i].ids);
        free(set->items[i].types);
        free(set->items[i].wanted);
    }
    free(set->items);
    free(set->firsts);
    *set = (struct ready_set){0};
}

/* ---- packs ---- */

static bool run_pack(const struct ready *const *items, size_t count, size_t rows, size_t first_item, size_t first_row,
                     pack_work *work, void *context, struct error *error)
{
    uint32_t *ids = memory_alloc(rows, sizeof(*ids));
    uint8_t *types = memory_alloc(rows, sizeof(*types));
    struct text_rows *texts = memory_alloc(count, sizeof(*texts));
    size_t row = 0;
    for (size_t i = 0; i < count; i++) {
        texts[i] = (struct text_rows){row, items[i]->count, items[i]->source};
        memcpy(ids + row, items[i]->ids, items[i]->count * sizeof(*ids));
        memcpy(types + row, items[i]->types, items[i]->count * sizeof(*types));
        row += items[i]->count;
    }
    assert(row == rows);
    struct batch_pack pack = {{.ids = ids, .types = types, .rows = rows, .texts = texts, .text_count = count}, items};
    bool ok = work(context, &pack, first_item, first_row, error);
    free(ids);
    free(types);
    free(texts);
    return ok;
}

struct ready_part ready_all(const struct ready *const *items, size_t count)
{
    return (struct ready_part){.items = items, .end = count};
}

/* Behind the item in whose middle a process's part of all rows ends: each process finds the same places. */
static void find_end(const struct ready *const *items, size_t count, size_t rows, size_t *item, size_t *row)
{
    *item = *row = 0;
    while (*item < count && *row + items[*item]->count / 2 < rows)
        *row += items[(*item)++]->count;
}

struct ready_part ready_own(const struct team *team, const struct ready *const *items, size_t count)
{
    struct ready_part part = ready_all(items, count);
    size_t rows = 0, place = team_place(team), size = team_size(team), end_row;
    for (size_t i = 0; i < count; i++)
        rows += items[i]->count;
    if (place > 0)
        find_end(items, count, rows * place / size, &part.first, &part.first_row);
    if (place + 1 < size)
        find_end(items, count, rows * (place + 1) / size, &part.end, &end_row);
    return part;
}

bool ready_packs(const struct ready_part *part, pack_work *work, void *context, struct error *error)
{
    size_t first = part->first, first_row = part->first_row;
    while (first < part->end) {
        size_t end = first, rows = 0;
        do
            rows += part->items[end++]->count;
        while (end < part->end && rows + part->items[end]->count <= PACK_ROWS);
        if (!run_pack(part->items + first, end - first, rows, first, first_row, work, context, error))
            return false;
        first = end;
        first_row += rows;
    }
    return true;
}
