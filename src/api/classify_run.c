/* classify_run.c - the part of assay.h that uses classifiers, and shows what an adapter was made of. */
#include "tune.h"
#include <stdlib.h>
#include <string.h>

struct assay_classifier {
    struct classifier inner;
    struct model *model;
    struct pool *pool;
    const char *folder;
};

static bool open_adapter(struct assay *assay, const char *name, struct classifier *classifier, const char **folder,
                         struct error *error)
{
    struct arena arena;
    arena_init(&arena);
    *classifier = (struct classifier){0};
    bool ok = adapter_folder(assay, name, &arena, folder, error);
    if (ok && !file_exists(*folder)) {
        error_set(error, ERROR_NOT_FOUND, "there is no adapter \"%.64s\" in this project", name);
        ok = error_hint(error, "Make one with `assay tune classify DATA --name %.64s`.", name);
    }
    if (ok) {
        ok = classifier_open(classifier, *folder, error);
        if (ok)
            *folder = arena_text(&classifier->arena, slice_from(*folder));
        else
            classifier_release(classifier);
    }
    arena_release(&arena);
    return ok;
}

/* Where it lay when it was trained; else by its name. */
static bool find_base(struct assay *assay, struct assay_classifier *classifier, const char **folder, struct error *error)
{
    struct arena *arena = &classifier->inner.arena;
    struct model_place place;
    *folder = classifier->inner.base_folder;
    if (file_exists(path_join(arena, *folder, "config.json")))
        return true;
    bool ok = models_find(classifier->inner.base, assay->project->root, arena, &place, error);
    if (ok)
        *folder = place.folder;
    return ok || error_wrap(error, "could not find the base of adapter \"%s\"", classifier->inner.name);
}

bool classifier_reads_as(struct assay *assay, struct assay_classifier *classifier, const char **folder, struct error *error)
{
    if (classifier->inner.method != CLASSIFIER_FULL)
        return find_base(assay, classifier, folder, error);
    *folder = path_join(&classifier->inner.arena, classifier->folder, "model");
    return true;
}

static bool open_model(struct assay *assay, struct assay_classifier *classifier, const struct assay_model_options *options,
                       struct error *error)
{
    struct model_options inner = {.pool = classifier->pool, .precision = classifier->inner.precision};
    const char *folder = options->folder, *precision = options->precision;
    if (precision != NULL && strcmp(precision, "auto") != 0 && !model_precision_named(precision, &inner.precision)) {
        error_set(error, ERROR_INVALID, "unrecognized precision \"%.60s\"", precision);
        return error_hint(error, "Known: auto, f32, bf16, int8.");
    }
    const struct classifier *own = &classifier->inner;
    if (own->method == CLASSIFIER_FULL) /* it needs no base */
        folder = path_join(&classifier->inner.arena, classifier->folder, "model");
    else if (folder == NULL && !find_base(assay, classifier, &folder, error))
        return false;
    if (own->method == CLASSIFIER_LORA)
        inner.adapter = classifier->folder; /* which checks the base */
    if ((own->method == CLASSIFIER_HEAD && !classifier_check_base(own, folder, error)) ||
        !model_open(&classifier->model, folder, &inner, error))
        return false;
    if (own->method != CLASSIFIER_HEAD)
        return model_info(classifier->model)->labels == own->label_count ||
               error_set(error, ERROR_CORRUPT, "adapter \"%s\" has %zu labels, its head %zu", own->name, own->label_count,
                         model_info(classifier->model)->labels);
    size_t dimensions = model_info(classifier->model)->dimensions;
    return dimensions == classifier->inner.head.dimensions ||
           error_set(error, ERROR_CORRUPT, "the head of adapter \"%s\" reads %zu numbers, the base makes %zu",
                     classifier->inner.name, classifier->inner.head.dimensions, dimensions);
}

bool assay_classifier_open(struct assay *assay, const char *name, const struct assay_model_options *options,
                           struct assay_classifier **classifier, struct assay_error *error)
{
    struct error inner;
    struct assay_classifier *opened = memory_alloc(1, sizeof(*opened));
    opened->pool = pool_create(options->threads <= LIMIT_THREADS ? options->threads : LIMIT_THREADS);
    bool ok = open_adapter(assay, name, &opened->inner, &opened->folder, &inner) && open_model(assay, opened, options, &inner);
    if (ok)
        *classifier = opened;
    else
        assay_classifier_close(opened);
    return finish(ok, &inner, error);
}

void assay_classifier_close(struct assay_classifier *classifier)
{
    if (classifier == NULL)
        return;
    model_close(classifier->model);
    classifier_release(&classifier->inner);
    pool_free(classifier->pool);
    free(classifier);
}

static bool compute(struct assay_classifier *classifier, const struct slice *texts, size_t count, float *logits,
                    struct error *error)
{
    const struct linear_head *head = &classifier->inner.head;
    if (classifier->inner.method != CLASSIFIER_HEAD)
        return model_score(classifier->model, texts, NULL, count, logits, error);
    float *vectors = memory_try(count, head->dimensions * sizeof(float));
    if (vectors == NULL)
        return error_set(error, ERROR_NO_MEMORY, "no memory for %zu vectors", count);
    bool ok = model_embed(classifier->model, texts, count, model_prompt(classifier->model, NULL), vectors, NULL, error);
    if (ok)
        linear_head_run(head, vectors, count, logits, classifier->pool);
    free(vectors);
    return ok;
}

bool assay_classifier_is_current(const struct assay_classifier *classifier)
{
    struct arena arena;
    struct buffer text;
    struct error ignored;
    arena_init(&arena);
    buffer_init(&text, LIMIT_JSON_BYTES);
    bool is = file_read(path_join(&arena, classifier->folder, "provenance.json"), LIMIT_JSON_BYTES, &text, &ignored) &&
              slice_equal(buffer_slice(&text), buffer_slice(&classifier->inner.provenance));
    buffer_release(&text);
    arena_release(&arena);
    return is;
}

size_t assay_classifier_labels(const struct assay_classifier *classifier, const char *const **labels)
{
    *labels = classifier->inner.labels;
    return classifier->inner.label_count;
}

/* `chances`: [count, labels]. */
static bool classify(struct assay_classifier *classifier, const struct assay_text *texts, size_t count,
                     struct assay_class *classes, float *chances, uint64_t *tokens, struct error *error)
{
    const struct classifier *inner = &classifier->inner;
    struct slice *slices = memory_alloc(count + 1, sizeof(*slices));
    uint32_t *answers = memory_alloc(count + 1, sizeof(*answers));
    double *confidences = memory_alloc(count + 1, sizeof(*confidences));
    bool ok = true;
    for (size_t i = 0; ok && i < count; i++) {
        slices[i] = (struct slice){texts[i].data, texts[i].size};
        if (texts[i].size > LIMIT_TEXT_BYTES)
            ok = error_set(error, ERROR_LIMIT, "text %zu has %zu bytes, the limit is %zu", i + 1, texts[i].size,
                           LIMIT_TEXT_BYTES);
    }
    ok = ok && (count == 0 || compute(classifier, slices, count, chances, error));
    if (ok) {
        measure_softmax(chances, count, inner->label_count, inner->temperature);
        measure_answers(chances, count, inner->label_count, answers, confidences);
        for (size_t i = 0; i < count; i++)
            classes[i] = (struct assay_class){inner->labels[answers[i]], confidences[i], confidences[i] < inner->threshold};
    }
    for (size_t i = 0; ok && tokens != NULL && i < count; i++)
        *tokens += tune_token_count(model_tokenizer(classifier->model), model_info(classifier->model)->tokens_max, slices[i]);
    free(slices);
    free(answers);
    free(confidences);
    return ok;
}

bool assay_classify(struct assay_classifier *classifier, const struct assay_text *texts, size_t count,
                    struct assay_class *classes, struct assay_error *error)
{
    struct error inner;
    float *chances = memory_try(count + 1, classifier->inner.label_count * sizeof(float));
    bool ok = chances != NULL ? classify(classifier, texts, count, classes, chances, NULL, &inner)
                              : error_set(&inner, ERROR_NO_MEMORY, "no memory for %zu texts", count);
    free(chances);
    return finish(ok, &inner, error);
}

bool assay_classify_chances(struct assay_classifier *classifier, const struct assay_text *texts, size_t count,
                            struct assay_class *classes, float *chances, uint64_t *tokens, struct assay_error *error)
{
    struct error inner;
    return finish(classify(classifier, texts, count, classes, chances, tokens, &inner), &inner, error);
}

void assay_moderation(const struct assay *assay, struct assay_moderation *moderation)
{
    const struct settings *settings = &assay->project->settings;
    *moderation = (struct assay_moderation){settings->moderation, settings->moderation_fine, settings->moderation_fine_count};
}

/* A reader's, which is no classifier: as it stands there. */
static bool read_provenance(const char *folder, struct assay_text *provenance, struct arena *arena, struct error *error)
{
    struct buffer text;
    struct json_value root;
    const char *path = path_join(arena, folder, "provenance.json");
    buffer_init(&text, LIMIT_JSON_BYTES);
    bool ok = file_read(path, LIMIT_JSON_BYTES, &text, error) && json_read(buffer_slice(&text), path, arena, &root, error);
    if (ok)
        *provenance = (struct assay_text){memory_copy_text(buffer_text(&text), text.size), text.size};
    buffer_release(&text);
    return ok;
}

bool assay_adapter_provenance(struct assay *assay, const char *name, struct assay_text *provenance, struct assay_error *error)
{
    struct error inner;
    struct classifier classifier;
    struct arena arena;
    const char *folder, *found;
    arena_init(&arena);
    bool ok = adapter_folder(assay, name, &arena, &folder, &inner);
    bool is_reader = ok && file_exists(path_join(&arena, folder, "adapter_config.json")) &&
                     !file_exists(path_join(&arena, folder, "head.safetensors"));
    if (ok)
        ok = is_reader ? read_provenance(folder, provenance, &arena, &inner)
                       : open_adapter(assay, name, &classifier, &found, &inner);
    if (ok && !is_reader) {
        *provenance = (struct assay_text){memory_copy_text(classifier.provenance.data, classifier.provenance.size),
                                          classifier.provenance.size};
        classifier_release(&classifier);
    }
    arena_release(&arena);
    return finish(ok, &inner, error);
}

void assay_text_free(struct assay_text *text)
{
    free((void *)(uintptr_t)text->data);
    *text = (struct assay_text){0};
}
