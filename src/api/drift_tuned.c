/* drift_tuned.c - what has changed for a tuned model since it was trained, and whether it is time to train it again:
 *
 *   provenance.json ─┬─▶ data     is the file that it learned from still the same?
 *                    ├─▶ base     is the base?
 *                    ├─▶ inputs   is what comes in like what it learned from, and are the labels mixed alike? (drift)
 *                    └─▶ fresh    of classifiers: how many fresh examples does it get right, and how many of its cases then? */
#include "drift_run.h"
#include "codec/codec.h"
#include "drift/drift.h"
#include "tune.h"
#include <math.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

enum { FRESH_LEAST = 20, ASKED_AT_ONCE = 256 };

struct aging {
    struct assay *assay;
    const struct assay_drift_options *options;
    const struct drift_run *run;
    struct arena arena;
    struct json_value root; /* provenance.json */
    const char *task, *data;
    struct examples trained, fresh;
    bool has_trained;
    struct error unread; /* why not */
    size_t learned; /* of the fresh examples given: left out */
    struct json_writer *json;
};

/* What a part says of itself. */
struct finding {
    enum drift_verdict verdict;
    const char *says, *also; /* NULL: nothing */
};

/* ---- what it was made of ---- */

static const char *text_of(struct aging *aging, const struct json_value *object, const char *key)
{
    const struct slice text = json_text_at(object, key);
    return text.size > 0 ? arena_text(&aging->arena, text) : NULL;
}

static bool read_provenance(struct aging *aging, struct error *error)
{
    const char *name = aging->options->adapter, *folder;
    struct buffer text;
    if (!adapter_folder(aging->assay, name, &aging->arena, &folder, error))
        return false;
    const char *path = path_join(&aging->arena, folder, "provenance.json");
    if (!file_exists(path)) {
        error_set(error, ERROR_NOT_FOUND, "there is no adapter \"%.64s\" in this project", name);
        return error_hint(error, "`assay model list` shows those that are there.");
    }
    buffer_init(&text, LIMIT_MODEL_CONFIG_BYTES);
    bool ok = file_read(path, LIMIT_MODEL_CONFIG_BYTES, &text, error) &&
              json_read(arena_slice(&aging->arena, buffer_slice(&text)), path, &aging->arena, &aging->root, error);
    buffer_release(&text);
    if (!ok)
        return false;
    aging->task = text_of(aging, &aging->root, "task");
    aging->data = tuning_found_path(aging->assay, &aging->arena, text_of(aging, json_get(&aging->root, "data"), "path"));
    return (aging->task != NULL && aging->data != NULL) ||
           error_set(error, ERROR_CORRUPT, "\"%s\" does not say what \"%.64s\" was trained on", path, name);
}

static bool is_classifier(const struct aging *aging)
{
    return strcmp(aging->task, "classify") == 0;
}

/* As they were read when it was trained. */
static bool read_examples(struct aging *aging, const char *path, struct examples *examples, struct error *error)
{
    const struct json_value *recipe = json_get(&aging->root, "recipe");
    const char *format = text_of(aging, recipe, "format");
    struct examples_options options = {.wants_labels = is_classifier(aging),
                                       .text_name = text_of(aging, recipe, "text"),
                                       .label_name = text_of(aging, recipe, "label")};
    if (format != NULL && !examples_format_named(format, &options.format))
        return error_set(error, ERROR_CORRUPT, "\"%.64s\" was trained on data of the unrecognized format \"%.60s\"",
                         aging->options->adapter, format);
    if (!examples_open(examples, path, &options, error))
        return false;
    if (is_classifier(aging) && examples->shape == EXAMPLES_TURNS)
        examples_take_answers_as_labels(examples);
    return !is_classifier(aging) || examples->shape == EXAMPLES_LABELED ||
           error_set(error, ERROR_INVALID, "\"%s\" has no labels, expected examples of a classifier", path);
}

static struct slice label_of(const struct examples *examples, size_t i)
{
    const struct example *example = &examples->items[i];
    return examples->shape == EXAMPLES_LABELED && example->label_count > 0 ? examples->labels[example->labels[0]] : SLICE("");
}

/* ---- data and base ---- */

/* The file of its data is the one that it was trained on. */
static bool has_learned_from(const struct aging *aging)
{
    char hash[2 * SHA256_BYTES + 1];
    sodium_bin2hex(hash, sizeof(hash), aging->trained.hash, SHA256_BYTES);
    return aging->has_trained && slice_equal_text(json_text_at(json_get(&aging->root, "data"), "sha256"), hash);
}

/* What it has learned from says nothing of how it does on what is new to it: such fresh examples are left out. */
static bool leave_out_learned(struct aging *aging, struct error *error)
{
    struct examples *fresh = &aging->fresh;
    struct check_report report = {0};
    struct pool *pool;
    size_t kept = 0;
    if (!has_learned_from(aging) || fresh->count == 0 || fresh->shape != aging->trained.shape)
        return true;
    pool = pool_create(0);
    const struct check_request request = {.examples = fresh, .test = &aging->trained, .pool = pool};
    bool ok = check_examples(&request, &report, error);
    for (size_t i = 0; ok && i < fresh->count; i++)
        if (!(report.marks[i] & CHECK_MARK_LEAK))
            fresh->items[kept++] = fresh->items[i];
    if (ok) {
        aging->learned = fresh->count - kept;
        fresh->count = kept;
    }
    check_release(&report);
    pool_free(pool);
    return ok;
}

static struct finding look_at_data(struct aging *aging)
{
    if (!aging->has_trained)
        return (struct finding){
            .verdict = DRIFT_UNKNOWN,
            .says = arena_format(&aging->arena, "The file that it was trained on cannot be read: %s.", aging->unread.message)};
    if (has_learned_from(aging))
        return (struct finding){.verdict = DRIFT_NONE};
    return (struct finding){
        .verdict = DRIFT_FOUND,
        .says = arena_format(&aging->arena,
                             "\"%s\" is another file than it was trained on, with %zu examples: `assay tune again %s`.",
                             aging->data, aging->trained.count, aging->options->adapter)};
}

static struct finding look_at_base(struct aging *aging)
{
    const struct json_value *base = json_get(&aging->root, "base");
    const char *folder = text_of(aging, base, "folder"), *name = text_of(aging, base, "name");
    struct model_place place = {.folder = folder};
    char hash[BASE_HASH_BYTES];
    struct error why;
    const struct slice input = json_text_at(base, "input_sha256");
    if ((folder == NULL || !file_exists(path_join(&aging->arena, folder, "config.json"))) &&
        (name == NULL || !models_find(name, aging->assay->project->root, &aging->arena, &place, &why)))
        return (struct finding){.verdict = DRIFT_UNKNOWN, .says = "Its base is not there."};
    if (!base_hash(place.folder, hash, &why))
        return (struct finding){.verdict = DRIFT_UNKNOWN, .says = arena_text(&aging->arena, slice_from(why.message))};
    bool is_same = slice_equal_text(json_text_at(base, "sha256"), hash);
    if (is_same && input.size > 0) {
        if (!input_hash_of(place.folder, hash, &why))
            return (struct finding){
                .verdict = DRIFT_UNKNOWN,
                .says = arena_format(&aging->arena, "The tokenizer of its base cannot be read: %s.", why.message)};
        is_same = slice_equal_text(input, hash);
    }
    return is_same
               ? (struct finding){.verdict = DRIFT_NONE}
               : (struct finding){.verdict = DRIFT_FOUND,
                                  .says = arena_format(&aging->arena,
                                                       "Its base \"%s\" has changed, and it is refused: `assay tune again %s`.",
                                                       place.folder, aging->options->adapter)};
}

/* ---- fresh examples ---- */

static bool count_right(struct aging *aging, struct assay_classifier *classifier, size_t *right, struct assay_error *error)
{
    struct assay_text texts[ASKED_AT_ONCE];
    struct assay_class classes[ASKED_AT_ONCE];
    const struct examples *fresh = &aging->fresh;
    *right = 0;
    for (size_t at = 0; at < fresh->count; at += ASKED_AT_ONCE) {
        const size_t count = fresh->count - at < ASKED_AT_ONCE ? fresh->count - at : ASKED_AT_ONCE;
        for (size_t i = 0; i < count; i++)
            texts[i] = (struct assay_text){fresh->items[at + i].text.data, fresh->items[at + i].text.size};
        if (!assay_classify(classifier, texts, count, classes, error))
            return false;
        for (size_t i = 0; i < count; i++)
            *right += slice_equal_text(label_of(fresh, at + i), classes[i].label);
    }
    return true;
}

/* The share of fresh ones less that of then, with Newcombe's interval for two groups (1998, method 10). */
static struct finding judge(struct aging *aging, size_t right, size_t then_right, size_t then_cases)
{
    struct statistics_interval now, then;
    const double count = (double)aging->fresh.count, share = (double)right / count,
                 before = (double)then_right / (double)then_cases, change = share - before;
    statistics_wilson(right, aging->fresh.count, &now);
    statistics_wilson(then_right, then_cases, &then);
    const double low = change - hypot(share - now.low, then.high - before),
                 high = change + hypot(now.high - share, before - then.low);
    json_integers(aging->json, (const struct json_integer_member[]){{"cases", (int64_t)aging->fresh.count}}, 1);
    json_pair(aging->json, "accuracy", before, share, 6); /* then, now */
    json_pair(aging->json, "change_interval", low, high, 6);
    if (high >= 0)
        return (struct finding){.verdict = DRIFT_NONE};
    return (struct finding){
        .verdict = DRIFT_FOUND,
        .says = arena_format(&aging->arena,
                             "Of %zu fresh examples it has %.1f %% right, of its cases %.1f %% then: %.1f points "
                             "fewer (%.1f to %.1f). Add them to its examples: `assay tune again %s`.",
                             aging->fresh.count, 100 * share, 100 * before, -100 * change, -100 * high, -100 * low,
                             aging->options->adapter)};
}

static struct finding measure_fresh(struct aging *aging)
{
    const struct json_value *scores = json_get(&aging->root, "scores"), *after = json_get(scores, "after"),
                            *cases = json_get(scores, "cases"), *accuracy = json_get(after, "accuracy");
    struct assay_classifier *classifier = NULL;
    struct assay_error why;
    size_t right = 0;
    if (aging->options->fresh == NULL)
        return (struct finding){.verdict = DRIFT_UNKNOWN, .says = "No fresh examples were given (--fresh)."};
    if (!is_classifier(aging))
        return (struct finding){
            .verdict = DRIFT_UNKNOWN,
            .says = arena_format(&aging->arena,
                                 "Only classifiers are measured here: `assay tune again %s DATA`, with the fresh "
                                 "examples in DATA, measures the others before it replaces them.",
                                 aging->options->adapter)};
    if (cases == NULL || !cases->is_integer || cases->integer <= 0 || accuracy == NULL || accuracy->kind != JSON_NUMBER)
        return (struct finding){.verdict = DRIFT_UNKNOWN, .says = "How good it was then is not known."};
    if (aging->fresh.count < FRESH_LEAST)
        return (struct finding){.verdict = DRIFT_UNKNOWN,
                                .says = arena_format(&aging->arena, "Too few fresh examples: %zu; %d are needed.",
                                                     aging->fresh.count, FRESH_LEAST)};
    bool ok = assay_classifier_open(aging->assay, aging->options->adapter, &(struct assay_model_options){0}, &classifier,
                                    &why) &&
              count_right(aging, classifier, &right, &why);
    assay_classifier_close(classifier);
    if (!ok)
        return (struct finding){.verdict = DRIFT_UNKNOWN,
                                .says = arena_format(&aging->arena, "It could not be asked: %s.", why.message)};
    return judge(aging, right, (size_t)lround(accuracy->real * (double)cases->integer), (size_t)cases->integer);
}

static struct finding look_at_fresh(struct aging *aging)
{
    struct finding found = measure_fresh(aging);
    if (aging->learned == 0)
        return found;
    json_integers(aging->json, (const struct json_integer_member[]){{"learned", (int64_t)aging->learned}}, 1);
    found.also = arena_format(&aging->arena, "%zu fresh example%s left out: it has learned from %s.", aging->learned,
                              aging->learned == 1 ? " is" : "s are", aging->learned == 1 ? "it" : "them");
    return found;
}

/* ---- inputs ---- */

static struct drift_text *texts_of(struct aging *aging, const struct examples *examples)
{
    struct drift_text *texts = arena_alloc(&aging->arena, examples->count + 1, sizeof(*texts));
    for (size_t i = 0; i < examples->count; i++)
        texts[i] = (struct drift_text){examples->items[i].text, label_of(examples, i)};
    return texts;
}

/* What a classifier is given stands in no log: it is named, or not compared. */
static bool look_at_inputs(struct aging *aging, enum drift_verdict *verdict, struct error *error)
{
    struct drift_run run = *aging->run;
    struct drift_inputs inputs = {.trained = texts_of(aging, &aging->trained),
                                  .trained_count = aging->has_trained ? aging->trained.count : 0};
    if (run.questions == NULL && aging->options->fresh != NULL) {
        inputs.fresh = texts_of(aging, &aging->fresh);
        inputs.fresh_count = aging->fresh.count;
    }
    if (run.questions == NULL && is_classifier(aging))
        run.ledger = NULL;
    return drift_look_inputs(&run, &inputs, verdict, aging->json, error);
}

/* ---- the report ---- */

static enum drift_verdict write_part(struct aging *aging, const char *name, struct finding (*part)(struct aging *aging))
{
    struct json_writer *json = aging->json;
    json_key(json, name);
    json_object_begin(json);
    const struct finding found = part(aging);
    json_texts(json, &(struct json_text_member){"state", drift_verdict_names[found.verdict]}, 1);
    json_key(json, "says");
    json_array_begin(json);
    if (found.says != NULL)
        json_text(json, slice_from(found.says));
    if (found.also != NULL)
        json_text(json, slice_from(found.also));
    json_array_end(json);
    json_object_end(json);
    return found.verdict;
}

static bool write_report(struct aging *aging, bool *has_drifted, struct error *error)
{
    enum { PARTS = 4 };
    static const char *const names[PARTS] = {"data", "base", "inputs", "fresh"};
    enum drift_verdict verdicts[PARTS];
    char now[CLOCK_TEXT_BYTES];
    struct json_writer *json = aging->json;
    clock_text(clock_wall_ns(), now);
    json_object_begin(json);
    const struct json_text_member texts[] = {{"adapter", aging->options->adapter}, {"task", aging->task}, {"looked", now}};
    json_texts(json, texts, ARRAY_COUNT(texts));
    json_text_or_null(json, "made", text_of(aging, &aging->root, "created"));
    verdicts[0] = write_part(aging, names[0], look_at_data);
    verdicts[1] = write_part(aging, names[1], look_at_base);
    if (!look_at_inputs(aging, &verdicts[2], error))
        return false;
    verdicts[3] = write_part(aging, names[3], look_at_fresh);
    json_key(json, "drifted");
    json_array_begin(json);
    for (size_t i = 0; i < PARTS; i++)
        if (verdicts[i] == DRIFT_FOUND) {
            json_text(json, slice_from(names[i]));
            *has_drifted = true;
        }
    json_array_end(json);
    json_object_end(json);
    return true;
}

bool look_at_tuned(struct assay *assay, const struct assay_drift_options *options, const struct drift_run *inner,
                   struct assay_drift *drift, struct error *error)
{
    struct buffer text;
    struct json_writer json;
    struct aging aging = {.assay = assay, .options = options, .run = inner, .json = &json};
    arena_init(&aging.arena);
    buffer_init(&text, LIMIT_JSON_BYTES);
    json_writer_init(&json, &text);
    bool ok = read_provenance(&aging, error) &&
              (options->fresh == NULL || read_examples(&aging, options->fresh, &aging.fresh, error));
    if (ok)
        aging.has_trained = read_examples(&aging, aging.data, &aging.trained, &aging.unread);
    ok = ok && leave_out_learned(&aging, error) && write_report(&aging, &drift->has_drifted, error) &&
         buffer_finish(&text, "the report", error);
    if (ok)
        drift->report = (struct assay_text){memory_copy_text(buffer_text(&text), text.size), text.size};
    examples_release(&aging.fresh);
    examples_release(&aging.trained);
    buffer_release(&text);
    arena_release(&aging.arena);
    return ok;
}
