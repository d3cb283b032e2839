/* tuned_model.c - the part of assay_tune.h about what was fine-tuned as a model by itself: what examples can be learned by, asking, removing. */
#include "tune.h"
#include "writer/writer.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool assay_tune_look(const char *data, struct assay_tune_look *look, struct assay_error *error)
{
    struct error inner;
    struct examples examples;
    struct examples_answers answers;
    *look = (struct assay_tune_look){0};
    bool ok = examples_open(&examples, data, &(struct examples_options){.wants_labels = true}, &inner);
    if (ok) {
        examples_look(&examples, &answers);
        bool is_classify = examples.shape == EXAMPLES_LABELED || answers.are_labels;
        look->kind = is_classify                          ? "classify"
                     : examples.shape == EXAMPLES_TURNS   ? "writer"
                     : examples.shape == EXAMPLES_READING ? "reader"
                                                          : NULL;
        look->examples = examples.count;
        look->rejected = examples.records - examples.count;
        look->answers = answers.different;
        look->system_differs = answers.system_differs;
        look->with_history = answers.with_history;
        if (examples.rejected_count > 0) {
            snprintf(look->memory, sizeof(look->memory), "%s", examples.rejected[0].reason);
            look->first = (struct assay_tune_rejected){examples.rejected[0].line,
                                                       example_fault_name(examples.rejected[0].fault), look->memory};
        }
        ok = look->kind != NULL ||
             error_set(&inner, ERROR_INVALID, "the examples are %s, from which no model that answers is made", examples.stated);
    }
    examples_release(&examples);
    return finish(ok, &inner, error);
}

/* ---- asking ---- */

struct assay_tuned_model {
    struct assay_classifier *classifier; /* NULL: a writer */
    struct writer *writer;
    struct pool *pool;
    struct tokenizer *tokenizer; /* of the base, to count with; NULL: it is not here */
    size_t tokens_max;
    struct arena arena; /* of the last answer */
};

bool adapter_task(const char *folder, struct arena *arena, struct slice *task, struct error *error)
{
    struct buffer text;
    struct json_value root;
    const struct json_value *value = NULL;
    const char *path = path_join(arena, folder, "provenance.json");
    buffer_init(&text, LIMIT_MODEL_CONFIG_BYTES);
    bool ok = file_read(path, LIMIT_MODEL_CONFIG_BYTES, &text, error) &&
              json_read(arena_slice(arena, buffer_slice(&text)), path, arena, &root, error) &&
              json_member(&root, path, "task", JSON_TEXT, &value, error);
    *task = value != NULL ? value->text : (struct slice){"", 0};
    buffer_release(&text);
    return ok;
}

static bool open_writer(struct assay *assay, const char *name, const char *folder, struct assay_tuned_model *model,
                        struct error *error)
{
    const char *base = NULL;
    if (!models_find_base_of(name, folder, assay->project->root, &model->arena, &base, error))
        return false;
    const struct writer_options options = {.base = base, .adapter = folder, .pool = model->pool};
    return base != NULL ? writer_open(&model->writer, &options, error)
                        : error_set(error, ERROR_NOT_FOUND, "the base of \"%s\" is not here", name);
}

static bool reads_as(struct assay *assay, struct assay_tuned_model *model, const char *adapter, const char **folder,
                     struct error *error)
{
    return model->classifier != NULL ? classifier_reads_as(assay, model->classifier, folder, error)
                                     : models_find_base(adapter, assay->project->root, &model->arena, folder, error);
}

bool assay_tuned_model_open(struct assay *assay, const char *name, struct assay_tuned_model **model, struct assay_error *error)
{
    struct error inner;
    const char *folder, *base;
    struct slice task = {"", 0};
    struct assay_tuned_model *opened = memory_alloc(1, sizeof(*opened));
    *opened = (struct assay_tuned_model){0};
    arena_init(&opened->arena);
    bool ok = finish(adapter_folder(assay, name, &opened->arena, &folder, &inner) &&
                         adapter_task(folder, &opened->arena, &task, &inner),
                     &inner, error);
    if (ok && slice_equal_text(task, "classify"))
        ok = assay_classifier_open(assay, name, &(struct assay_model_options){0}, &opened->classifier, error);
    else if (ok) {
        opened->pool = pool_create(0);
        ok = finish(slice_equal_text(task, "writer")
                        ? open_writer(assay, name, folder, opened, &inner)
                        : error_set(&inner, ERROR_INVALID, "\"%s\" is neither a classifier nor a writer", name),
                    &inner, error);
    }
    if (ok && reads_as(assay, opened, folder, &base, &inner) &&
        !model_read_tokenizer(&opened->tokenizer, &opened->tokens_max, base, &inner))
        opened->tokenizer = NULL;
    if (ok)
        *model = opened;
    else
        assay_tuned_model_close(opened);
    return ok;
}

void assay_tuned_model_close(struct assay_tuned_model *model)
{
    if (model == NULL)
        return;
    assay_classifier_close(model->classifier);
    writer_close(model->writer);
    pool_free(model->pool);
    tokenizer_free(model->tokenizer);
    arena_release(&model->arena);
    free(model);
}

size_t tune_token_count(const struct tokenizer *tokenizer, size_t most, struct slice text)
{
    size_t count = 0;
    if (tokenizer != NULL)
        free(writer_tokens(tokenizer, text, most, &count));
    return count;
}

static size_t count_tokens(const struct assay_tuned_model *model, struct slice text)
{
    return tune_token_count(model->tokenizer, model->tokens_max, text);
}

struct label_chance {
    const char *label;
    float chance;
};

static int by_chance(const void *a, const void *b)
{
    const struct label_chance *left = a, *right = b;
    return left->chance != right->chance ? (left->chance < right->chance) - (left->chance > right->chance)
                                         : strcmp(left->label, right->label);
}

static bool answer_by_label(struct assay_tuned_model *model, struct assay_text text, struct assay_tuned_answer *answer,
                            struct assay_error *error)
{
    struct assay_class found;
    const char *const *names;
    size_t count = assay_classifier_labels(model->classifier, &names);
    float *chances = arena_alloc(&model->arena, count, sizeof(*chances));
    if (!assay_classify_chances(model->classifier, &text, 1, &found, chances, NULL, error))
        return false;
    struct label_chance *ordered = arena_alloc(&model->arena, count, sizeof(*ordered));
    const char **labels = arena_alloc(&model->arena, count, sizeof(*labels));
    for (size_t i = 0; i < count; i++)
        ordered[i] = (struct label_chance){names[i], chances[i]};
    qsort(ordered, count, sizeof(*ordered), by_chance);
    for (size_t i = 0; i < count; i++) {
        labels[i] = ordered[i].label;
        chances[i] = ordered[i].chance;
    }
    *answer = (struct assay_tuned_answer){.text = found.label,
                                          .confidence = found.confidence,
                                          .abstained = found.abstained,
                                          .prompt_tokens = count_tokens(model, (struct slice){text.data, text.size}),
                                          .completion_tokens = count_tokens(model, slice_from(found.label)),
                                          .labels = labels,
                                          .chances = chances,
                                          .label_count = count};
    return true;
}

bool assay_tuned_model_answer(struct assay_tuned_model *model, struct assay_text text, struct assay_tuned_answer *answer,
                              struct assay_error *error)
{
    struct error inner;
    struct writer_answer written;
    arena_release(&model->arena);
    arena_init(&model->arena);
    if (model->classifier != NULL)
        return answer_by_label(model, text, answer, error);
    const struct writer_request request = {.question = {text.data, text.size}, .always = true};
    bool ok = writer_write(model->writer, &request, &model->arena, &written, &inner);
    if (ok)
        *answer = (struct assay_tuned_answer){.text = arena_text(&model->arena, written.text),
                                              .confidence = written.chance,
                                              .abstained = !written.answers,
                                              .prompt_tokens = count_tokens(model, request.question),
                                              .completion_tokens = written.id_count};
    return finish(ok, &inner, error);
}

/* ---- what lies there ---- */

bool assay_adapter_exists(struct assay *assay, const char *name)
{
    struct arena arena;
    struct error ignored;
    const char *folder;
    arena_init(&arena);
    bool is = adapter_folder(assay, name, &arena, &folder, &ignored) &&
              file_exists(path_join(&arena, folder, "provenance.json"));
    arena_release(&arena);
    return is;
}

bool assay_adapter_remove(struct assay *assay, const char *name, struct assay_error *error)
{
    struct arena arena;
    struct error inner;
    const char *folder;
    arena_init(&arena);
    bool ok = adapter_folder(assay, name, &arena, &folder, &inner) && folder_remove(folder, &inner) &&
              folder_remove(arena_format(&arena, "%s~training", folder), &inner);
    arena_release(&arena);
    return finish(ok, &inner, error);
}
