/* tune_again.c - the part of assay.h that trains an adapter once more, by its own recipe, on data that have grown or a base that has changed:
 *
 *   NAME/provenance.json ─▶ options ─▶ NAME.again, measured beside NAME ─┬─ not worse ─▶ takes its place
 *                                                                      └─ worse ─▶ stays beside it; assay_tune_take() puts it there all the same */
#include "tune.h"
#include <sodium.h>
#include <string.h>

struct again {
    struct assay *assay;
    const struct assay_tune_again_options *options;
    struct arena arena;
    struct json_value root; /* provenance.json */
    const char *folder, *candidate; /* of the adapter, and of what is trained now */
    struct assay_tune_reader_options training;
};

/* ---- the recipe ---- */

static const char *text_of(struct again *again, const struct json_value *object, const char *key)
{
    const struct json_value *value = object != NULL ? json_get(object, key) : NULL;
    return value != NULL && value->kind == JSON_TEXT ? arena_text(&again->arena, value->text) : NULL;
}

static double number_of(const struct json_value *object, const char *key)
{
    const struct json_value *value = object != NULL ? json_get(object, key) : NULL;
    return value != NULL && value->kind == JSON_NUMBER && value->real > 0 ? value->real : 0;
}

static size_t whole_of(const struct json_value *object, const char *key)
{
    const struct json_value *value = object != NULL ? json_get(object, key) : NULL;
    return value != NULL && value->is_integer && value->integer > 0 ? (size_t)value->integer : 0;
}

/* A file that it names. */
static const char *path_of(struct again *again, const struct json_value *object, const char *key)
{
    return tuning_found_path(again->assay, &again->arena, text_of(again, object, key));
}

/* An adapter that it began with: a name, unless it lies where the text says as a path. */
static const char *from_of(struct again *again, const struct json_value *recipe)
{
    const char *from = text_of(again, recipe, "from"), *path = path_of(again, recipe, "from");
    return path != NULL && file_exists(path_join(&again->arena, path, "adapter_config.json")) ? path : from;
}

static bool is_set(const struct json_value *object, const char *key)
{
    const struct json_value *value = object != NULL ? json_get(object, key) : NULL;
    return value != NULL && value->kind == JSON_BOOL && value->boolean;
}

static const char *base_of(struct again *again)
{
    const struct json_value *base = json_get(&again->root, "base");
    const char *folder = text_of(again, base, "folder");
    return folder != NULL && file_exists(path_join(&again->arena, folder, "config.json")) ? folder
                                                                                          : text_of(again, base, "name");
}

static void take_common(struct again *again)
{
    const struct assay_tune_again_options *options = again->options;
    const struct json_value *recipe = json_get(&again->root, "recipe"), *scores = json_get(&again->root, "scores");
    const char *data = path_of(again, json_get(&again->root, "data"), "path"),
               *test = path_of(again, json_get(&again->root, "test"), "path");
    again->training.common = (struct assay_tune_options){.data = options->data != NULL ? options->data : data,
                                                         .test = options->test != NULL ? options->test : test,
                                                         .format = text_of(again, recipe, "format"),
                                                         .text_name = text_of(again, recipe, "text"),
                                                         .label_name = text_of(again, recipe, "label"),
                                                         .group_name = text_of(again, recipe, "group"),
                                                         .name = path_name(again->candidate).data,
                                                         .method = text_of(again, &again->root, "method"),
                                                         .model = base_of(again),
                                                         .precision = text_of(again, recipe, "precision"),
                                                         .threads = options->threads,
                                                         .precision_wanted = number_of(scores, "precision_wanted"),
                                                         .seed = whole_of(recipe, "seed"),
                                                         .check = options->check,
                                                         .replace = true,
                                                         .resume = options->resume,
                                                         .epochs = whole_of(recipe, "epochs"),
                                                         .batch = whole_of(recipe, "batch"),
                                                         .learning_rate_multiplier = number_of(recipe, "rate_multiplier"),
                                                         .balanced = text_of(again, recipe, "class_weights") != NULL,
                                                         .label_smoothing = number_of(recipe, "label_smoothing"),
                                                         .focal_gamma = number_of(recipe, "focal_gamma"),
                                                         .moments_8bit = whole_of(recipe, "moments_bits") == 8,
                                                         .recompute = is_set(recipe, "recompute"),
                                                         .dora = is_set(recipe, "dora"),
                                                         .rival = options->name,
                                                         .on_progress = options->on_progress,
                                                         .on_metrics = options->on_metrics,
                                                         .context = options->context};
}

static void take_widths(struct again *again, const struct json_value *recipe)
{
    const struct json_value *widths = recipe != NULL ? json_get(recipe, "widths") : NULL;
    for (size_t i = 0; widths != NULL && widths->kind == JSON_ARRAY && i < widths->count && i < TRAIN_WIDTHS; i++)
        if (widths->items[i].is_integer && widths->items[i].integer > 0)
            again->training.widths[i] = (size_t)widths->items[i].integer;
}

static void take_steps(struct again *again)
{
    const struct json_value *recipe = json_get(&again->root, "recipe");
    const char *passages = text_of(again, &again->root, "passages");
    struct assay_tune_reader_options *training = &again->training;
    training->epochs = whole_of(recipe, "epochs");
    training->steps = whole_of(recipe, "steps_most");
    training->rank = whole_of(recipe, "rank");
    training->batch = whole_of(recipe, "batch");
    training->negatives = whole_of(recipe, "negatives");
    training->learning_rate = number_of(recipe, "learning_rate");
    training->dropout = number_of(recipe, "dropout");
    training->from = from_of(again, recipe);
    training->schema = path_of(again, recipe, "schema");
    training->alone = passages != NULL && strcmp(passages, "alone") == 0;
    training->with_context = recipe != NULL && json_get(recipe, "found_passages") != NULL;
    training->resume = again->options->resume;
    take_widths(again, recipe);
}

static bool read_recipe(struct again *again, struct error *error)
{
    const char *name = again->options->name, *path;
    struct buffer text;
    if (!adapter_folder(again->assay, name, &again->arena, &again->folder, error))
        return false;
    again->candidate = arena_format(&again->arena, "%s.again", again->folder);
    path = path_join(&again->arena, again->folder, "provenance.json");
    if (!file_exists(path)) {
        error_set(error, ERROR_NOT_FOUND, "there is no adapter \"%.64s\" in this project to be trained again", name);
        return error_hint(error, "`assay model list` shows those that are there.");
    }
    buffer_init(&text, LIMIT_MODEL_CONFIG_BYTES);
    bool ok = file_read(path, LIMIT_MODEL_CONFIG_BYTES, &text, error) &&
              json_read(arena_slice(&again->arena, buffer_slice(&text)), path, &again->arena, &again->root, error);
    buffer_release(&text);
    if (!ok)
        return false;
    take_common(again);
    take_steps(again);
    if (again->training.common.data != NULL)
        return true;
    error_set(error, ERROR_CORRUPT, "\"%s\" does not say what \"%.64s\" was trained on", path, name);
    return error_hint(error, "Name the file: `assay tune again %.64s DATA`.", name);
}

/* ---- whether there is anything new ---- */

static bool is_same_data(struct again *again, bool *same, struct error *error)
{
    struct examples examples;
    char hash[2 * SHA256_BYTES + 1];
    const struct assay_tune_options *common = &again->training.common;
    const char *data = common->data, *known = text_of(again, json_get(&again->root, "data"), "sha256");
    struct examples_options read = {.wants_labels = true, .text_name = common->text_name, .label_name = common->label_name};
    if (common->format != NULL)
        (void)!examples_format_named(common->format, &read.format); /* the training refuses what is none */
    if (!examples_open(&examples, data, &read, error)) {
        if (again->options->data == NULL)
            error_hint(error,
                       "That is the file that it was trained on; name the one to learn from: `assay tune again %.64s DATA`.",
                       again->options->name);
        return false;
    }
    sodium_bin2hex(hash, sizeof(hash), examples.hash, SHA256_BYTES);
    *same = known != NULL && strcmp(hash, known) == 0;
    examples_release(&examples);
    return true;
}

static bool is_same_base(struct again *again)
{
    char hash[BASE_HASH_BYTES];
    struct model_place place;
    struct error ignored;
    const char *known = text_of(again, json_get(&again->root, "base"), "sha256"),
               *input = text_of(again, json_get(&again->root, "base"), "input_sha256"), *name = again->training.common.model;
    return known != NULL && name != NULL && models_find(name, again->assay->project->root, &again->arena, &place, &ignored) &&
           base_hash(place.folder, hash, &ignored) && strcmp(hash, known) == 0 &&
           (input == NULL || (input_hash_of(place.folder, hash, &ignored) && strcmp(hash, input) == 0));
}

static bool check_news(struct again *again, struct error *error)
{
    bool same;
    if (!is_same_data(again, &same, error))
        return false;
    if (!same || again->options->check || !is_same_base(again))
        return true;
    error_set(error, ERROR_CONFLICT, "\"%.64s\" has learned from just this data, \"%.200s\", and on just this base",
              again->options->name, again->training.common.data);
    return error_hint(error, "Add examples to the file, or name another: `assay tune again %.64s DATA`.", again->options->name);
}

/* ---- the run ---- */

typedef bool train_function(struct assay *assay, const struct assay_tune_reader_options *options, struct assay_tuned **tuned,
                            struct assay_error *error);

static bool train_classifier(struct assay *assay, const struct assay_tune_reader_options *options, struct assay_tuned **tuned,
                             struct assay_error *error)
{
    return assay_tune_classify(assay, &options->common, tuned, error);
}

static train_function *trainer_of(struct again *again, struct error *error)
{
    static const struct {
        const char *task;
        train_function *train;
    } kinds[] = {{"classify", train_classifier},
                 {"reader", assay_tune_reader},
                 {"writer", assay_tune_writer},
                 {"rerank", assay_tune_rerank},
                 {"embed", assay_tune_embed}};
    const char *task = text_of(again, &again->root, "task");
    for (size_t i = 0; i < ARRAY_COUNT(kinds); i++)
        if (task != NULL && strcmp(task, kinds[i].task) == 0)
            return kinds[i].train;
    error_set(error, ERROR_INVALID, "adapter \"%.64s\" is of no task that is trained here", again->options->name);
    return NULL;
}

static bool put_in_place(struct again *again, struct assay_tuned *tuned, struct error *error)
{
    const struct assay_tune_rival *rival = &tuned->rival;
    if (again->options->check || (rival->unmeasured == NULL && rival->change < 0))
        return true;
    if (!folder_replace(again->candidate, again->folder, error))
        return false;
    tuned->rival.is_replaced = true;
    tuned->report.adapter = arena_text(&tuned->arena, slice_from(again->folder));
    return true;
}

bool assay_tune_again(struct assay *assay, const struct assay_tune_again_options *options, struct assay_tuned **tuned,
                      struct assay_error *error)
{
    struct again again = {.assay = assay, .options = options};
    struct error inner;
    train_function *train;
    arena_init(&again.arena);
    bool ok = read_recipe(&again, &inner) && (train = trainer_of(&again, &inner)) != NULL && check_news(&again, &inner);
    if (!ok)
        (void)finish(false, &inner, error);
    if (ok && (ok = train(assay, &again.training, tuned, error)) && !put_in_place(&again, *tuned, &inner)) {
        assay_tuned_free(*tuned);
        ok = finish(false, &inner, error);
    }
    arena_release(&again.arena);
    return ok;
}

bool assay_tune_take(struct assay *assay, const char *name, struct assay_error *error)
{
    struct arena arena;
    struct error inner;
    const char *folder;
    arena_init(&arena);
    bool ok = adapter_folder(assay, name, &arena, &folder, &inner);
    if (ok) {
        const char *candidate = arena_format(&arena, "%s.again", folder);
        ok = file_exists(path_join(&arena, candidate, "provenance.json"));
        if (ok) {
            ok = folder_replace(candidate, folder, &inner);
        } else {
            error_set(&inner, ERROR_NOT_FOUND, "no training of \"%.64s\" lies beside it", name);
            error_hint(&inner, "`assay tune again %.64s` makes one.", name);
        }
    }
    arena_release(&arena);
    return finish(ok, &inner, error);
}
