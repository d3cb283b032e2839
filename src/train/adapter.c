/* adapter.c - what was trained, as other programs read it: PEFT's folders, and whole models.
 *
 *   adapter_config.json         PEFT's: what is added to which layers, at which scale
 *   adapter_model.safetensors   base_model.model.PATH.lora_A.weight, …lora_B.weight, of DoRA …lora_magnitude_vector, and the head's tensors
 *   assay_adapter.json          ours: the task, labels, and the SHA-256 of the base's weights
 *
 * PATH is the layer's in transformers' model for the task: that of AutoModel has no prefix, the others' have the architecture's name. */
#include "train_parts.h"
#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { TEXT_BYTES_MAX = 1 << 20 };

static const char *const task_names[] = {"classify", "classify_many", "regress", "rank",
                                         "tag",      "span",          "write",   "embed"}; /* by enum train_task */

/* ---- names ---- */

/* "bert." for models with a head: what transformers calls the encoder in them. */
static const char *path_prefix(const struct trainer *trainer)
{
    static const char *const names[][2] = {
        {"bert", "bert."}, {"roberta", "roberta."}, {"electra", "electra."}, {"distilbert", "distilbert."}};
    bool is_bare = trainer->recipe.task == TRAIN_EMBED || trainer->recipe.task == TRAIN_WRITE; /* AutoModel's */
    for (size_t i = 0; i < ARRAY_COUNT(names) && !is_bare; i++)
        if (strcmp(trainer->info->architecture, names[i][0]) == 0)
            return names[i][1];
    return "";
}

/* Where a tensor stands in transformers' model: BERT's pooler is the encoder's, other heads stand beside it. */
static const char *model_path(const struct trainer *trainer, const char *name, bool is_head, struct arena *arena)
{
    bool beside = is_head && !slice_starts_with(slice_from(name), SLICE("pooler."));
    return arena_format(arena, "%s%s", beside ? "" : path_prefix(trainer), name);
}

static const char *learned_path(const struct trainer *trainer, const struct learned *learned, struct arena *arena)
{
    return model_path(trainer, learned->parameter.name, learned->is_head, arena);
}

/* ---- tensors ---- */

/* One that lies turned, as its file has it. */
static const float *turned_copy(const struct parameter *parameter, struct arena *arena)
{
    float *copy = arena_alloc(arena, parameter->count, sizeof(*copy));
    for (size_t row = 0; row < parameter->rows; row++)
        for (size_t column = 0; column < parameter->columns; column++)
            copy[row * parameter->columns + column] = parameter->values[column * parameter->rows + row];
    return copy;
}

struct writing {
    struct arena arena;
    struct tensor_head *heads;
    struct slice *parts; /* the first is the head */
    size_t count;
};

static void writing_add_values(struct writing *writing, const char *name, const struct parameter *parameter,
                               const float *values)
{
    writing->heads[writing->count] = (struct tensor_head){name, parameter->rows, parameter->columns};
    writing->parts[++writing->count] = (struct slice){(const char *)values, parameter->count * sizeof(float)};
}

static void writing_add(struct writing *writing, const char *name, const struct parameter *parameter)
{
    writing_add_values(writing, name, parameter,
                       parameter->turned ? turned_copy(parameter, &writing->arena) : parameter->values);
}

static void writing_begin(struct writing *writing, size_t count)
{
    *writing = (struct writing){0};
    arena_init(&writing->arena);
    writing->heads = arena_alloc(&writing->arena, count + 1, sizeof(*writing->heads));
    writing->parts = arena_alloc(&writing->arena, count + 1, sizeof(*writing->parts));
}

static bool writing_end(struct writing *writing, const char *folder, const char *file, struct error *error)
{
    static const char *const metadata[] = {"format", "pt"};
    struct buffer head;
    buffer_init(&head, LIMIT_JSON_BYTES);
    safetensors_head(&head, writing->heads, writing->count, metadata, ARRAY_COUNT(metadata));
    writing->parts[0] = buffer_slice(&head);
    bool ok = buffer_finish(&head, "the head of the weights", error) &&
              file_replace_parts(path_join(&writing->arena, folder, file), writing->parts, writing->count + 1, error);
    buffer_release(&head);
    arena_release(&writing->arena);
    return ok;
}

/* ---- JSON ---- */

static void text_member(struct json_writer *json, const char *key, const char *text)
{
    json_key(json, key);
    json_text(json, slice_from(text));
}

static void text_array(struct json_writer *json, const char *key, const char *const *texts, size_t count)
{
    json_key(json, key);
    json_array_begin(json);
    for (size_t i = 0; i < count; i++)
        json_text(json, slice_from(texts[i]));
    json_array_end(json);
}

static const char *peft_task(enum train_task task)
{
    return task == TRAIN_EMBED || task == TRAIN_WRITE ? "FEATURE_EXTRACTION"
           : task == TRAIN_TAG                        ? "TOKEN_CLS"
           : task == TRAIN_SPAN                       ? "QUESTION_ANS"
                                                      : "SEQ_CLS";
}

static void write_config(const struct trainer *trainer, struct json_writer *json)
{
    const struct train_lora *lora = &trainer->recipe.lora;
    struct arena arena;
    const char *modules[2];
    size_t count = 0;
    arena_init(&arena);
    for (size_t i = 0; i < trainer->learned_count && trainer->recipe.task != TRAIN_WRITE; i++) { /* no module of the base's */
        struct slice name = slice_from(trainer->learned[i].parameter.name);
        if (trainer->learned[i].is_head && slice_ends_with(name, SLICE(".weight")))
            modules[count++] = arena_text(&arena, slice_range(name, 0, name.size - strlen(".weight")));
    }
    json_object_begin(json);
    text_member(json, "peft_type", "LORA");
    text_member(json, "task_type", peft_task(trainer->recipe.task));
    text_member(json, "base_model_name_or_path", trainer->base);
    json_key(json, "inference_mode");
    json_bool(json, true);
    json_key(json, "r");
    json_integer(json, (int64_t)lora->rank);
    json_key(json, "lora_alpha");
    json_real(json, (double)lora->alpha, 9);
    json_key(json, "lora_dropout");
    json_real(json, (double)lora->dropout, 9);
    json_key(json, "use_rslora");
    json_bool(json, lora->rank_stabilised);
    json_key(json, "use_dora");
    json_bool(json, lora->weight_decomposed);
    text_member(json, "bias", "none");
    json_key(json, "fan_in_fan_out");
    json_bool(json, false);
    if (lora->target_count == 1 && strcmp(lora->targets[0], "all-linear") == 0)
        text_member(json, "target_modules", "all-linear"); /* a word of its own in PEFT, no name of a layer */
    else
        text_array(json, "target_modules", lora->targets, lora->target_count);
    if (count > 0)
        text_array(json, "modules_to_save", modules, count);
    json_object_end(json);
    arena_release(&arena);
}

static void write_own(const struct trainer *trainer, struct json_writer *json)
{
    json_object_begin(json);
    text_member(json, "task", task_names[trainer->recipe.task]);
    text_member(json, "base_sha256", trainer->base_hash);
    text_member(json, "input_sha256", trainer->input_hash);
    text_member(json, "pooling", trainer->head.mean ? "mean" : "own");
    text_array(json, "labels", trainer->labels, trainer->recipe.outputs);
    json_object_end(json);
}

static bool write_json(const struct trainer *trainer, const char *folder, const char *name,
                       void (*content)(const struct trainer *trainer, struct json_writer *json), struct error *error)
{
    struct buffer text;
    struct json_writer json;
    struct arena arena;
    arena_init(&arena);
    buffer_init(&text, TEXT_BYTES_MAX);
    json_writer_init(&json, &text);
    content(trainer, &json);
    bool ok = buffer_finish(&text, name, error) && file_replace(path_join(&arena, folder, name), buffer_slice(&text), error);
    buffer_release(&text);
    arena_release(&arena);
    return ok;
}

/* ---- saving ---- */

/* How the training went, step by step. */
static bool write_log(const struct trainer *trainer, const char *folder, struct error *error)
{
    struct arena arena;
    if (buffer_slice(&trainer->log).size == 0)
        return true;
    arena_init(&arena);
    bool ok = file_replace(path_join(&arena, folder, "train.jsonl"), buffer_slice(&trainer->log), error);
    arena_release(&arena);
    return ok;
}

/* The files are written into a folder beside, which then takes the other's place: it is whole, or it is as it was. */
static bool save_whole(struct trainer *trainer, const char *folder,
                       bool (*write_files)(struct trainer *trainer, const char *folder, struct error *error),
                       struct error *error)
{
    struct arena arena;
    struct error ignored;
    arena_init(&arena);
    const char *fresh = arena_format(&arena, "%s.part-%ld", folder, (long)getpid());
    bool ok = folder_remove(fresh, error) && folder_create(fresh, error) && write_files(trainer, fresh, error) &&
              write_log(trainer, fresh, error) && folder_sync(fresh, error) && folder_replace(fresh, folder, error);
    if (!ok)
        (void)!folder_remove(fresh, &ignored);
    arena_release(&arena);
    return ok;
}

static bool write_adapter(struct trainer *trainer, const char *folder, struct error *error)
{
    struct writing writing;
    writing_begin(&writing, trainer->learned_count);
    for (size_t i = 0; i < trainer->learned_count; i++)
        writing_add(
            &writing,
            arena_format(&writing.arena, "base_model.model.%s", learned_path(trainer, &trainer->learned[i], &writing.arena)),
            &trainer->learned[i].parameter);
    return writing_end(&writing, folder, "adapter_model.safetensors", error) &&
           write_json(trainer, folder, "adapter_config.json", write_config, error) &&
           write_json(trainer, folder, "assay_adapter.json", write_own, error);
}

/* ---- loading ---- */

static bool check_recipe(const struct trainer *trainer, const struct peft *peft, struct error *error)
{
    const struct train_lora *lora = &trainer->recipe.lora;
    if (trainer->recipe.scope != TRAIN_LORA)
        return true;
    if (peft->rank_stabilised != lora->rank_stabilised)
        return error_set(error, ERROR_INVALID, "adapter \"%s\" is %srank-stabilised, and the recipe is not of that kind",
                         peft->folder, peft->rank_stabilised ? "" : "not ");
    if (peft->weight_decomposed != lora->weight_decomposed) {
        error_set(error, ERROR_INVALID, "adapter \"%s\" is %sweight-decomposed (DoRA), and the recipe is %s", peft->folder,
                  peft->weight_decomposed ? "" : "not ", peft->weight_decomposed ? "not" : "of that kind");
        return error_hint(error, "What was begun with --dora goes on with it, and what was begun without goes on without.");
    }
    if (peft->rank == lora->rank && fabs(peft->alpha - (double)lora->alpha) <= 1e-6)
        return true;
    error_set(error, ERROR_INVALID, "adapter \"%s\" has rank %zu and alpha %g, the recipe %zu and %g", peft->folder, peft->rank,
              peft->alpha, lora->rank, (double)lora->alpha);
    return error_hint(error, "What was begun with a --rank goes on with it: here %zu.", peft->rank);
}

/* Additions to layers that the recipe does not name would be lost in silence. */
static bool check_all_taken(const struct trainer *trainer, const struct peft *peft, struct error *error)
{
    size_t taken = 0;
    for (size_t i = 0; i < trainer->learned_count; i++)
        taken += !trainer->learned[i].is_head;
    return (peft->weight_decomposed ? 3 : 2) * peft->additions == taken ||
           error_set(error, ERROR_INVALID, "adapter \"%s\" adds to other layers than the recipe's targets", peft->folder);
}

/* A writer or reranker may begin with the layers of a reader, which finds what is to be written or put first: its own head is new then. */
static bool takes_layers_alone(const struct trainer *trainer, const struct peft *peft)
{
    return (trainer->recipe.task == TRAIN_WRITE || trainer->recipe.task == TRAIN_RANK) &&
           strcmp(peft->task, task_names[TRAIN_SPAN]) == 0;
}

static bool load_tensor(struct learned *learned, const struct peft *peft, struct error *error)
{
    struct parameter *parameter = &learned->parameter;
    const struct tensor *tensor = peft_tensor(peft, parameter->name);
    if (tensor == NULL && learned->is_head && slice_starts_with(slice_from(parameter->name), SLICE("pooler.")))
        return true; /* made elsewhere: the base's stays */
    if (tensor == NULL)
        return error_set(error, ERROR_INVALID, "adapter \"%s\" has no tensor \"%s\"", peft->folder, parameter->name);
    if (tensor->count != parameter->count || tensor->shape[0] != parameter->rows)
        return error_set(error, ERROR_INVALID, "adapter \"%s\": tensor \"%s\" has another shape than the model", peft->folder,
                         parameter->name);
    float *values = memory_try(tensor->count, sizeof(*values));
    if (values == NULL)
        return error_set(error, ERROR_NO_MEMORY, "no memory for %zu numbers of adapter \"%s\"", tensor->count, peft->folder);
    bool ok = true;
    tensor_to_f32(tensor, 0, tensor->count, values);
    for (size_t i = 0; i < tensor->count && ok; i++) {
        ok = isfinite(values[i]) || error_set(error, ERROR_INVALID, "adapter \"%s\": tensor \"%s\" holds what is no number",
                                              peft->folder, parameter->name);
        size_t row = i / (parameter->columns > 0 ? parameter->columns : 1), column = i - row * parameter->columns;
        parameter->values[parameter->turned ? column * parameter->rows + row : i] = values[i];
    }
    free(values);
    return ok;
}

bool adapter_load(struct trainer *trainer, const char *folder, struct error *error)
{
    struct peft peft;
    bool ok = peft_open(&peft, folder, error) && peft_check_base(&peft, trainer->base, trainer->base_hash, error) &&
              peft_check_input(&peft, trainer->base, trainer->input_hash, error) && check_recipe(trainer, &peft, error) &&
              check_all_taken(trainer, &peft, error);
    trainer->has_new_head = ok && takes_layers_alone(trainer, &peft);
    for (size_t i = 0; i < trainer->learned_count && ok; i++)
        ok = (trainer->has_new_head && trainer->learned[i].is_head) || load_tensor(&trainer->learned[i], &peft, error);
    peft_close(&peft);
    trainable_changed(trainer->trainable);
    return ok || error_wrap(error, "could not load adapter \"%s\"", folder);
}

/* ---- whole models ---- */

/* A head over the mean of all tokens is our own. Kept so, the model is as it was trained; for others one more layer brings the mean to where their heads read
 * (mean_layer.c). */
struct copying {
    const struct trainer *trainer;
    const char *from, *to;
    struct arena *arena;
    bool for_others;
};

static bool has_mean_layer(const struct trainer *trainer, bool for_others)
{
    return for_others && trainer->head.mean && trainer->recipe.task != TRAIN_EMBED && trainer->recipe.task != TRAIN_WRITE;
}

/* transformers' class for the head, called after the base's: "BertModel", "BertForMaskedLM" … */
static void add_class(const struct copying *copying, struct slice config, struct buffer *out)
{
    enum train_task task = copying->trainer->recipe.task;
    const struct json_value *classes;
    struct json_value root;
    struct error ignored;
    if (!json_read(config, "config.json", copying->arena, &root, &ignored))
        return;
    classes = json_get(&root, "architectures");
    if (classes == NULL || classes->kind != JSON_ARRAY || classes->count == 0 || classes->items[0].kind != JSON_TEXT)
        return;
    struct slice name = classes->items[0].text;
    size_t end = 0;
    while (end < name.size && !slice_starts_with(slice_range(name, end, name.size), SLICE("Model")) &&
           !slice_starts_with(slice_range(name, end, name.size), SLICE("For")))
        if (!isalnum((unsigned char)name.data[end++])) /* no name of a class: any bytes may stand there */
            return;
    buffer_format(out, ", \"architectures\": [\"" SLICE_FORMAT "%s\"]", SLICE_ARGUMENT(slice_range(name, 0, end)),
                  task == TRAIN_TAG    ? "ForTokenClassification"
                  : task == TRAIN_SPAN ? "ForQuestionAnswering"
                                       : "ForSequenceClassification");
}

static void add_labels(const struct trainer *trainer, struct buffer *config)
{
    struct json_writer json;
    char number[24];
    buffer_append_text(config, ", \"id2label\": ");
    json_writer_init(&json, config);
    json_object_begin(&json);
    for (size_t i = 0; i < trainer->recipe.outputs; i++) {
        snprintf(number, sizeof(number), "%zu", i);
        text_member(&json, number, trainer->labels[i]);
    }
    json_object_end(&json);
    buffer_append_text(config, ", \"label2id\": ");
    json_writer_init(&json, config);
    json_object_begin(&json);
    for (size_t i = 0; i < trainer->recipe.outputs; i++) {
        json_key(&json, trainer->labels[i]);
        json_integer(&json, (int64_t)i);
    }
    json_object_end(&json);
}

/* Behind the base's own members, where the last of a name counts: what the head is. */
static void add_head_members(const struct copying *copying, struct buffer *config)
{
    static const char *const kinds[] = {"single_label_classification", "multi_label_classification", "regression"};
    const struct trainer *trainer = copying->trainer;
    struct slice base = arena_slice(copying->arena, buffer_slice(config));
    while (config->size > 0 && config->data[config->size - 1] != '}')
        config->size--;
    if (config->size == 0 || trainer->recipe.task == TRAIN_EMBED)
        return;
    config->size--;
    add_class(copying, base, config);
    add_labels(trainer, config);
    if (trainer->recipe.task <= TRAIN_REGRESS)
        buffer_format(config, ", \"problem_type\": \"%s\"", kinds[trainer->recipe.task]);
    if (has_mean_layer(trainer, copying->for_others)) /* a base that is such a model says "mean" */
        buffer_format(config, ", \"classifier_pooling\": \"cls\", \"%s\": %zu",
                      strcmp(trainer->info->architecture, "distilbert") == 0 ? "n_layers" : "num_hidden_layers",
                      trainer->info->layers + 1);
    else if (trainer->head.mean)
        buffer_append_text(config, ", \"classifier_pooling\": \"mean\"");
    buffer_append_text(config, "}\n");
}

static bool copy_one(const struct copying *copying, const char *name, struct error *error)
{
    struct buffer content;
    buffer_init(&content, LIMIT_TOKENIZER_BYTES);
    bool ok = file_read(path_join(copying->arena, copying->from, name), LIMIT_TOKENIZER_BYTES, &content, error);
    if (ok && strcmp(name, "config.json") == 0)
        add_head_members(copying, &content);
    ok = ok && buffer_finish(&content, name, error) &&
         file_replace(path_join(copying->arena, copying->to, name), buffer_slice(&content), error);
    buffer_release(&content);
    return ok;
}

/* The base's small files; what makes vectors of states only where the model still does. */
static bool copy_entry(void *context, const char *name, struct error *error)
{
    const struct copying *copying = context;
    struct slice text = slice_from(name);
    bool embeds = copying->trainer->recipe.task == TRAIN_EMBED;
    const char *inner = arena_format(copying->arena, "%s/config.json", name);
    if (embeds && file_exists(path_join(copying->arena, copying->from, inner)))
        return folder_create(path_join(copying->arena, copying->to, name), error) && copy_one(copying, inner, error);
    bool wanted = (slice_ends_with(text, SLICE(".json")) || slice_ends_with(text, SLICE(".txt"))) &&
                  !slice_starts_with(text, SLICE("model.safetensors")) && strcmp(name, "assay_adapter.json") != 0 &&
                  (embeds || (strcmp(name, "modules.json") != 0 && strcmp(name, "config_sentence_transformers.json") != 0));
    return !wanted || copy_one(copying, name, error);
}

/* The encoder's, with what is added to them: `*merged`, of which there are `*merged_count`, are freed by the caller. */
static void add_encoder(struct trainer *trainer, struct writing *writing, float **merged, size_t *merged_count)
{
    size_t count;
    const struct parameter *parameters = trainable_parameters(trainer->trainable, &count);
    for (size_t i = 0; i < count; i++) {
        struct slice name = slice_from(parameters[i].name);
        if (slice_ends_with(name, SLICE(".lora_A.weight")) || slice_ends_with(name, SLICE(".lora_B.weight")) ||
            slice_ends_with(name, SLICE(".lora_magnitude_vector")))
            continue;
        float *values = trainable_merged(trainer->trainable, &parameters[i]);
        if (values != NULL)
            merged[(*merged_count)++] = values;
        writing_add_values(writing, model_path(trainer, parameters[i].name, false, &writing->arena), &parameters[i],
                           values != NULL ? values : parameters[i].values);
    }
}

/* The layer that brings the mean to the first token, and the head behind it. */
static bool add_mean_layer(struct trainer *trainer, struct writing *writing, struct error *error)
{
    const struct head_layer *out = &trainer->head.out;
    const struct mean_classifier classifier = {out->w, out->b, out->n};
    struct parameter *made;
    size_t count;
    if (!trainable_mean_layer(trainer->trainable, &classifier, &writing->arena, &made, &count, error))
        return false;
    for (size_t i = 0; i < count; i++) {
        struct slice name = slice_from(made[i].name);
        bool is_head = slice_starts_with(name, slice_from(trainer->info->head_dense)) ||
                       slice_starts_with(name, slice_from(trainer->info->head_out));
        writing_add(writing, model_path(trainer, made[i].name, is_head, &writing->arena), &made[i]);
    }
    return true;
}

/* All tensors of the encoder and the head. */
static bool write_model(struct trainer *trainer, const char *folder, bool for_others, struct error *error)
{
    enum { MEAN_TENSORS_MAX = 32 };
    size_t count, merged_count = 0;
    struct writing writing;
    (void)trainable_parameters(trainer->trainable, &count);
    float **merged = memory_alloc(count, sizeof(*merged));
    writing_begin(&writing, count + trainer->learned_count + MEAN_TENSORS_MAX);
    add_encoder(trainer, &writing, merged, &merged_count);
    bool has_layer = has_mean_layer(trainer, for_others), ok = !has_layer || add_mean_layer(trainer, &writing, error);
    for (size_t i = 0; i < trainer->learned_count && !has_layer; i++)
        if (trainer->learned[i].is_head)
            writing_add(&writing, learned_path(trainer, &trainer->learned[i], &writing.arena), &trainer->learned[i].parameter);
    if (ok)
        ok = writing_end(&writing, folder, "model.safetensors", error);
    else
        arena_release(&writing.arena);
    while (merged_count > 0)
        free(merged[--merged_count]);
    free(merged);
    return ok;
}

static bool write_whole(struct trainer *trainer, const char *folder, bool for_others, struct error *error)
{
    struct arena arena;
    arena_init(&arena);
    struct copying copying = {trainer, trainer->base, folder, &arena, for_others};
    bool ok = folder_list(trainer->base, copy_entry, &copying, error) && write_model(trainer, folder, for_others, error) &&
              (for_others || write_json(trainer, folder, "assay_adapter.json", write_own, error));
    arena_release(&arena);
    return ok;
}

static bool write_trained(struct trainer *trainer, const char *folder, struct error *error)
{
    return write_whole(trainer, folder, false, error);
}

static bool write_merged(struct trainer *trainer, const char *folder, struct error *error)
{
    return write_whole(trainer, folder, true, error);
}

static bool save_model(struct trainer *trainer, const char *folder,
                       bool (*write_files)(struct trainer *trainer, const char *folder, struct error *error),
                       struct error *error)
{
    return save_whole(trainer, folder, write_files, error) || error_wrap(error, "could not write model \"%s\"", folder);
}

bool trainer_save(struct trainer *trainer, const char *folder, struct error *error)
{
    if (trainer->recipe.scope == TRAIN_ALL)
        return save_model(trainer, folder, write_trained, error);
    return save_whole(trainer, folder, write_adapter, error) || error_wrap(error, "could not write adapter \"%s\"", folder);
}

bool trainer_save_merged(struct trainer *trainer, const char *folder, struct error *error)
{
    return save_model(trainer, folder, write_merged, error);
}
