#include "tiny_model.h"
#include "codec/codec.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { WORDS = 15, SPECIALS = 5, TENSORS_MAX = 64 };

struct tensors {
    struct tensor_head heads[TENSORS_MAX];
    size_t count, numbers, hidden;
    struct arena arena;
};

static void add(struct tensors *tensors, const char *name, size_t rows, size_t columns)
{
    if (tensors->count == TENSORS_MAX)
        abort();
    tensors->heads[tensors->count++] = (struct tensor_head){arena_text(&tensors->arena, slice_from(name)), rows, columns};
    tensors->numbers += rows * (columns > 0 ? columns : 1);
}

static void add_pair(struct tensors *tensors, const char *name, size_t rows, size_t columns)
{
    add(tensors, arena_format(&tensors->arena, "%s.weight", name), rows, columns);
    add(tensors, arena_format(&tensors->arena, "%s.bias", name), rows, 0);
}

static void add_layer(struct tensors *tensors, size_t layer)
{
    size_t hidden = tensors->hidden;
    const struct {
        const char *name;
        size_t rows, columns;
    } parts[] = {{"attention.self.query", hidden, hidden},  {"attention.self.key", hidden, hidden},
                 {"attention.self.value", hidden, hidden},  {"attention.output.dense", hidden, hidden},
                 {"attention.output.LayerNorm", hidden, 0}, {"intermediate.dense", 2 * hidden, hidden},
                 {"output.dense", hidden, 2 * hidden},      {"output.LayerNorm", hidden, 0}};
    for (size_t i = 0; i < ARRAY_COUNT(parts); i++)
        add_pair(tensors, arena_format(&tensors->arena, "encoder.layer.%zu.%s", layer, parts[i].name), parts[i].rows,
                 parts[i].columns);
}

static void write_file(const char *folder, const char *name, const struct slice *parts, size_t count)
{
    struct error error = {0};
    char path[512];
    snprintf(path, sizeof(path), "%s/%s", folder, name);
    if (!file_replace_parts(path, parts, count, &error)) {
        fprintf(stderr, "%s\n", error.message);
        abort();
    }
}

static void write_weights(const char *folder, struct tensors *tensors, uint64_t seed)
{
    struct random random;
    struct buffer head;
    float *numbers = memory_alloc(tensors->numbers, sizeof(*numbers));
    size_t at = 0;
    float spread = sqrtf((float)TINY_HIDDEN / (float)tensors->hidden); /* a product's size does not depend on the width */
    random_init(&random, seed);
    for (size_t i = 0; i < tensors->count; i++) {
        const struct tensor_head *tensor = &tensors->heads[i];
        size_t count = tensor->rows * (tensor->columns > 0 ? tensor->columns : 1);
        struct slice name = slice_from(tensor->name);
        float middle = slice_ends_with(name, SLICE("LayerNorm.weight")) ? 1 : 0;
        for (size_t j = 0; j < count; j++)
            numbers[at++] = middle + spread * (float)(random_unit(&random) - 0.5);
    }
    buffer_init(&head, (size_t)1 << 20);
    safetensors_head(&head, tensors->heads, tensors->count, NULL, 0);
    struct slice parts[] = {buffer_slice(&head), {(const char *)numbers, tensors->numbers * sizeof(*numbers)}};
    write_file(folder, "model.safetensors", parts, 2);
    buffer_release(&head);
    free(numbers);
}

void tiny_model_write_wide(const char *folder, uint64_t seed, size_t hidden)
{
    struct tensors tensors = {.hidden = hidden};
    struct error error = {0};
    arena_init(&tensors.arena);
    if (!folder_create(folder, &error))
        abort();
    add(&tensors, "embeddings.word_embeddings.weight", SPECIALS + WORDS, hidden);
    add(&tensors, "embeddings.position_embeddings.weight", TINY_POSITIONS, hidden);
    add(&tensors, "embeddings.token_type_embeddings.weight", 2, hidden);
    add_pair(&tensors, "embeddings.LayerNorm", hidden, 0);
    for (size_t i = 0; i < TINY_LAYERS; i++)
        add_layer(&tensors, i);
    add_pair(&tensors, "pooler.dense", hidden, hidden);
    write_weights(folder, &tensors, seed);
    char *config = arena_format(
        &tensors.arena,
        "{\"model_type\": \"bert\", \"hidden_size\": %zu, \"num_hidden_layers\": %d, "
        "\"num_attention_heads\": 2, \"intermediate_size\": %zu, \"max_position_embeddings\": %d, "
        "\"vocab_size\": %d, \"type_vocab_size\": 2, \"hidden_act\": \"gelu\", \"layer_norm_eps\": 1e-12}\n",
        hidden, TINY_LAYERS, 2 * hidden, TINY_POSITIONS, SPECIALS + WORDS);
    struct slice text = slice_from(config);
    write_file(folder, "config.json", &text, 1);
    const char *words = "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\n";
    for (int i = 0; i < WORDS; i++)
        words = arena_format(&tensors.arena, "%sw%d\n", words, i);
    text = slice_from(words);
    write_file(folder, "vocab.txt", &text, 1);
    arena_release(&tensors.arena);
}

void tiny_model_write(const char *folder, uint64_t seed)
{
    tiny_model_write_wide(folder, seed, TINY_HIDDEN);
}
