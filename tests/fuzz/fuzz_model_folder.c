/* fuzz_model_folder.c - any bytes as the JSON files of a model's folder. Input: the files in the order of `files`, a zero byte between
 * two; an empty one is not written. What is read keeps to what config.h says; what is not is told with a reason.
 *
 * Two small files of tensors lie in the folder, a.safetensors and b.safetensors, for the index to name. */
#include "codec/codec.h"
#include "kernel/kernel.h"
#include "model/config.h"
#include "model/weights.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define REQUIRE(condition)                                                                                                     \
    do {                                                                                                                       \
        if (!(condition))                                                                                                      \
            abort();                                                                                                           \
    } while (0)

static const char *const files[] = {"config.json",
                                    "modules.json",
                                    "1_Pooling/config.json",
                                    "sentence_bert_config.json",
                                    "config_sentence_transformers.json",
                                    "model.safetensors.index.json",
                                    "2_Dense/config.json",
                                    "tokenizer_config.json"};
static char folder[] = "/tmp/assay-fuzz-XXXXXX";

static void remove_folder(void)
{
    struct error error = {0};
    REQUIRE(folder_remove(folder, &error));
}

/* Not file_replace, which waits for the disk. */
static void write_bytes(struct arena *arena, const char *name, struct slice bytes)
{
    FILE *file = fopen(path_join(arena, folder, name), "wb");
    REQUIRE(file != NULL && (bytes.size == 0 || fwrite(bytes.data, bytes.size, 1, file) == 1));
    REQUIRE(fclose(file) == 0);
}

/* One folder for all inputs. */
static void make_folder(struct arena *arena)
{
    static bool is_made;
    static const struct slice tensors = SLICE_CONSTANT(
        "\x38\0\0\0\0\0\0\0{\"w\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}  \0\0\x80\x3F\0\0\0\x40");
    struct error error = {0};
    if (is_made)
        return;
    REQUIRE(mkdtemp(folder) != NULL && atexit(remove_folder) == 0);
    REQUIRE(folder_create(path_join(arena, folder, "1_Pooling"), &error));
    REQUIRE(folder_create(path_join(arena, folder, "2_Dense"), &error));
    write_bytes(arena, "a.safetensors", tensors);
    write_bytes(arena, "b.safetensors", tensors);
    is_made = true;
}

static void write_input(struct arena *arena, struct slice input)
{
    struct error error = {0};
    for (size_t i = 0, start = 0; i < ARRAY_COUNT(files); i++) {
        size_t end = start;
        while (end < input.size && input.data[end] != '\0')
            end++;
        if (end > start)
            write_bytes(arena, files[i], slice_range(input, start, end));
        else
            REQUIRE(file_remove(path_join(arena, folder, files[i]), &error));
        start = end < input.size ? end + 1 : end;
    }
}

static void require_reason(const struct error *error)
{
    REQUIRE(error->kind != ERROR_NONE && error->message[0] != '\0');
}

static void check_encoder(const struct encoder_config *config)
{
    size_t local = 0;
    REQUIRE(config->architecture != NULL && config->vocabulary > 0 && config->layers > 0 && config->intermediate > 0);
    REQUIRE(config->heads > 0 && config->head_size > 0 && config->heads * config->head_size == config->hidden);
    REQUIRE(config->head_size <= KERNEL_HEAD_SIZE_MAX && (!config->architecture->rotary || config->head_size % 2 == 0));
    REQUIRE(config->positions > 0 &&
            (config->architecture->positions == NULL || config->first_position + 2 < config->positions));
    REQUIRE(config->token_types == 0 || config->architecture->token_types != NULL);
    REQUIRE(isfinite(config->epsilon) && config->epsilon > 0);
    REQUIRE(!config->architecture->rotary || (isfinite(config->theta_full) && config->theta_full > 0));
    REQUIRE(!config->architecture->rotary || (isfinite(config->theta_local) && config->theta_local > 0));
    for (size_t i = 0; config->is_local != NULL && i < config->layers; i++)
        local += config->is_local[i];
    REQUIRE(local == 0 || config->window > 0);
}

static void check_folder(const struct folder_config *config)
{
    bool is_prompt = config->default_prompt == NULL;
    REQUIRE(strncmp(config->encoder_folder, folder, strlen(folder)) == 0 && strstr(config->encoder_folder, "/../") == NULL);
    REQUIRE(config->module_count > 0 && config->module_count <= MODULES_MAX && config->modules[0].kind == MODULE_POOLING);
    for (size_t i = 0; i < config->module_count; i++)
        REQUIRE(config->modules[i].kind != MODULE_DENSE || (config->modules[i].in > 0 && config->modules[i].out > 0));
    REQUIRE(config->tokens_max != 1);
    for (size_t i = 0; i < config->prompt_count; i++) {
        REQUIRE(config->prompts[i].name != NULL && strlen(config->prompts[i].text) < SIZE_MAX);
        is_prompt = is_prompt || strcmp(config->prompts[i].name, config->default_prompt) == 0;
    }
    REQUIRE(is_prompt);
}

static void check_weights(const char *where)
{
    struct weights weights;
    struct error error = {0};
    if (!weights_open(&weights, where, &error)) {
        require_reason(&error);
        return;
    }
    REQUIRE(weights_file_count(&weights) > 0 && weights_count(&weights) > 0);
    REQUIRE(weights_find(&weights, "w.weight") == NULL && weights_find_prefix(&weights, "w"));
    weights_close(&weights);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena;
    struct folder_config config;
    struct encoder_config encoder;
    struct error error = {0}, encoder_error = {0};
    const char *where = folder;
    arena_init(&arena);
    make_folder(&arena);
    write_input(&arena, (struct slice){(const char *)data, size});
    if (folder_config_read(&config, folder, &arena, &error)) {
        check_folder(&config);
        where = config.encoder_folder;
    } else
        require_reason(&error);
    if (encoder_config_read(&encoder, where, &arena, &encoder_error))
        check_encoder(&encoder);
    else
        require_reason(&encoder_error);
    check_weights(where);
    arena_release(&arena);
    return 0;
}
