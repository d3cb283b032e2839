/* tune_write.c - what the checks found, for the report; and the adapter's folder:
 *
 *   .assay/adapters/NAME.new-PID/ head.safetensors, provenance.json (each written and synced) ─ renamed to ─▶ .assay/adapters/NAME/
 *
 * A crash before leaves a folder that no adapter is called by; it can be removed. An adapter that is replaced changes
 * its name with the new one and is removed afterwards. */
#include "tune_parts.h"
#include "codec/codec.h"
#include "report/report.h"
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { NAME_BYTES_MAX = 64 };

bool adapter_folder(struct assay *assay, const char *name, struct arena *arena, const char **folder, struct error *error)
{
    static const char others[] = "-_";
    size_t size = strlen(name);
    bool is_right = size > 0 && size <= NAME_BYTES_MAX;
    for (size_t i = 0; is_right && i < size; i++) {
        char c = name[i];
        is_right = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || byte_among(c, others) ||
                   (c == '.' && i > 0);
    }
    if (!is_right) {
        error_set(error, ERROR_INVALID, "\"%.80s\" is no name for an adapter", name);
        return error_hint(error, "Letters, digits, -, _ and . (not first), at most %d.", NAME_BYTES_MAX);
    }
    *folder = path_join(arena, adapters_folder(arena, assay->project->root), name);
    return true;
}

/* ---- checks ---- */

static const struct assay_tune_place *fill_places(struct arena *arena, const struct check_finding *finding)
{
    struct assay_tune_place *places = arena_alloc(arena, finding->place_count + 1, sizeof(*places));
    for (size_t i = 0; i < finding->place_count; i++) {
        const struct check_place *place = &finding->places[i];
        places[i] = (struct assay_tune_place){place->in_test, place->other_in_test, place->line, place->other_line,
                                              arena_text(arena, slice_from(place->text))};
    }
    return places;
}

static void fill_findings(struct tuning *tuning)
{
    const struct check_report *checks = &tuning->checks;
    struct assay_tune_report *report = &tuning->tuned->report;
    struct arena *arena = &tuning->tuned->arena;
    struct assay_tune_finding *findings = arena_alloc(arena, checks->finding_count + 1, sizeof(*findings));
    for (size_t i = 0; i < checks->finding_count; i++) {
        const struct check_finding *finding = &checks->findings[i];
        findings[i] = (struct assay_tune_finding){.kind = check_kind_name(finding->kind),
                                                  .severity = check_severity_name(finding->severity),
                                                  .blocks = finding->blocks,
                                                  .count = finding->count,
                                                  .message = arena_text(arena, slice_from(finding->message)),
                                                  .remedy = finding->remedy,
                                                  .places = fill_places(arena, finding),
                                                  .place_count = finding->place_count};
    }
    report->findings = findings;
    report->finding_count = checks->finding_count;
}

void tuning_fill_checks(struct tuning *tuning)
{
    const struct check_report *checks = &tuning->checks;
    const struct examples *examples = &tuning->examples;
    struct assay_tune_report *report = &tuning->tuned->report;
    struct arena *arena = &tuning->tuned->arena;
    struct assay_tune_rejected *rejections = arena_alloc(arena, examples->rejected_count + 1, sizeof(*rejections));
    struct assay_tune_label *labels = arena_alloc(arena, examples->label_count + 1, sizeof(*labels));
    for (size_t i = 0; i < examples->rejected_count; i++)
        rejections[i] = (struct assay_tune_rejected){examples->rejected[i].line,
                                                     example_fault_name(examples->rejected[i].fault),
                                                     arena_text(arena, slice_from(examples->rejected[i].reason))};
    for (size_t i = 0; i < examples->label_count; i++)
        labels[i] = (struct assay_tune_label){.name = arena_text(arena, examples->labels[i]),
                                              .examples = checks->labels[i].count,
                                              .cases = checks->labels[i].test_count};
    *report = (struct assay_tune_report){.stated = arena_text(arena, slice_from(examples->stated)),
                                         .note = examples->note != NULL ? arena_text(arena, slice_from(examples->note)) : NULL,
                                         .records = examples->records,
                                         .examples = examples->count,
                                         .usable = checks->usable,
                                         .rejected = examples->records - examples->count,
                                         .rejections = rejections,
                                         .rejection_count = examples->rejected_count,
                                         .floor = checks->floor > 0 ? check_floors[checks->floor - 1].meaning : NULL,
                                         .floor_next = checks->floor < CHECK_FLOORS ? check_floors[checks->floor].least : 0,
                                         .tokens_median = checks->tokens_median,
                                         .tokens_p95 = checks->tokens_p95,
                                         .tokens_most = checks->tokens_most,
                                         .labels = labels,
                                         .label_count = examples->label_count};
    fill_findings(tuning);
}

/* ---- provenance.json ---- */

static void write_hash(struct json_writer *json, const char *key, const unsigned char hash[32])
{
    char text[65];
    sodium_bin2hex(text, sizeof(text), hash, 32);
    json_key(json, key);
    json_text(json, slice_from(text));
}

static void write_reals(struct json_writer *json, const char *const *keys, const double *values, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        json_key(json, keys[i]);
        json_real(json, values[i], 17);
    }
}

const char *tuning_kept_path(const struct tuning *tuning, const char *path)
{
    char working[LIMIT_PATH_BYTES];
    const char *root = tuning->assay->project->root;
    if (getcwd(working, sizeof(working)) == NULL)
        return path;
    const char *whole = path_normal(&tuning->tuned->arena, working, path);
    return path_is_below(whole, root) && whole[strlen(root)] == '/' ? whole + strlen(root) + 1 : whole;
}

const char *tuning_found_path(const struct assay *assay, struct arena *arena, const char *kept)
{
    return kept != NULL ? path_join(arena, assay->project->root, kept) : NULL;
}

static void write_set(struct json_writer *json, const char *key, const char *path, const struct examples *examples)
{
    json_key(json, key);
    json_object_begin(json);
    const struct json_text_member texts[] = {
        {"path", path}, {"format", examples_format_name(examples->format)}, {"read_as", examples->stated}};
    json_texts(json, texts, ARRAY_COUNT(texts));
    write_hash(json, "sha256", examples->hash);
    const struct json_integer_member counts[] = {{"examples", (int64_t)examples->count},
                                                 {"rejected", (int64_t)(examples->records - examples->count)}};
    json_integers(json, counts, ARRAY_COUNT(counts));
    json_object_end(json);
}

static void write_score(struct json_writer *json, const char *key, const struct assay_tune_score *score)
{
    static const char *const keys[] = {"accuracy", "low", "high", "macro_f1"};
    const double values[] = {score->accuracy, score->low, score->high, score->macro_f1};
    json_key(json, key);
    json_object_begin(json);
    write_reals(json, keys, values, ARRAY_COUNT(keys));
    json_object_end(json);
}

static void write_scores(struct json_writer *json, const struct tuning *tuning)
{
    static const char *const keys[] = {"change",           "change_low", "change_high", "mcnemar_p", "calibration_error",
                                       "precision_wanted", "precision",  "coverage"};
    const struct assay_tune_report *report = &tuning->tuned->report;
    const double values[] = {report->change,      report->change_low,       report->change_high, report->chance,
                             report->calibration, report->precision_wanted, report->precision,   report->coverage};
    json_key(json, "scores");
    json_object_begin(json);
    json_key(json, "cases");
    json_integer(json, (int64_t)tuning->cases);
    write_score(json, "before", &report->before);
    write_score(json, "after", &report->after);
    write_score(json, "commonest_label", &report->commonest.score);
    write_reals(json, keys, values, ARRAY_COUNT(keys));
    tuning_write_general(json, report);
    json_object_end(json);
}

void tuning_write_choices(struct json_writer *json, const struct train_recipe *recipe)
{
    json_integers(json, &(struct json_integer_member){"moments_bits", 8}, recipe->moments_8bit);
    const struct {
        const char *key;
        bool is_set;
    } flags[] = {{"recompute", recipe->recompute}, {"dora", recipe->lora.weight_decomposed}};
    for (size_t i = 0; i < ARRAY_COUNT(flags); i++)
        if (flags[i].is_set) {
            json_key(json, flags[i].key);
            json_bool(json, true);
        }
}

static void write_training(struct json_writer *json, const struct tuning *tuning)
{
    static const char *const keys[] = {"learning_rate", "head_learning_rate", "warmup", "dropout", "clip"};
    const struct train_recipe *recipe = &tuning->recipe;
    const double values[] = {(double)recipe->learning_rate, (double)recipe->head_learning_rate, (double)recipe->warmup,
                             (double)recipe->dropout, (double)recipe->clip},
                 multiplier = tuning_rate_multiplier(tuning);
    const struct json_integer_member numbers[] = {{"epochs", (int64_t)recipe->epochs},
                                                  {"batch", (int64_t)recipe->batch_examples},
                                                  {"patience", (int64_t)recipe->patience},
                                                  {"steps", (int64_t)tuning->trained.steps},
                                                  {"best_step", (int64_t)tuning->trained.best_step},
                                                  {"rank", (int64_t)recipe->lora.rank}};
    write_reals(json, keys, values, ARRAY_COUNT(keys));
    if (multiplier > 0)
        write_reals(json, (const char *const[]){"rate_multiplier"}, &multiplier, 1);
    json_integers(json, numbers, tuning->method == CLASSIFIER_LORA ? 6 : 5);
    if (tuning->options->label_smoothing > 0)
        write_reals(json, (const char *const[]){"label_smoothing"}, &tuning->options->label_smoothing, 1);
    if (tuning->options->focal_gamma > 0)
        write_reals(json, (const char *const[]){"focal_gamma"}, &tuning->options->focal_gamma, 1);
    tuning_write_choices(json, recipe);
}

static void write_recipe(struct json_writer *json, const struct tuning *tuning)
{
    static const char *const keys[] = {"C"};
    json_key(json, "recipe");
    json_object_begin(json);
    if (tuning->method == CLASSIFIER_HEAD)
        write_reals(json, keys, &tuning->strength, 1);
    else
        write_training(json, tuning);
    const struct json_integer_member numbers[] = {{"seed", (int64_t)(tuning->options->seed != 0 ? tuning->options->seed : 1)},
                                                  {"train", (int64_t)tuning->train},
                                                  {"validation", (int64_t)tuning->validation}};
    json_integers(json, numbers, ARRAY_COUNT(numbers));
    const struct json_text_member texts[] = {{"precision", model_precision_name(model_info(tuning->model)->precision)},
                                             {"prompt", arena_text(&tuning->tuned->arena, model_prompt(tuning->model, NULL))}};
    const struct json_text_member asked[] = {{"format", tuning->options->format},
                                             {"text", tuning->options->text_name},
                                             {"label", tuning->options->label_name},
                                             {"group", tuning->options->group_name},
                                             {"class_weights", tuning->options->balanced ? "balanced" : NULL}};
    json_texts(json, texts, ARRAY_COUNT(texts));
    for (size_t i = 0; i < ARRAY_COUNT(asked); i++)
        json_texts(json, &asked[i], asked[i].text != NULL);
    json_object_end(json);
}

static void write_base(struct json_writer *json, const struct tuning *tuning)
{
    static const char *const licences[] = {"LICENSE", "LICENSE.txt", "LICENCE", "COPYING"};
    struct arena *arena = &tuning->tuned->arena;
    const char *licence = "none lies with the base: look at where it came from";
    for (size_t i = 0; i < ARRAY_COUNT(licences); i++)
        if (file_exists(path_join(arena, tuning->base_folder, licences[i]))) {
            licence = path_join(arena, tuning->base_folder, licences[i]);
            break;
        }
    json_key(json, "base");
    json_object_begin(json);
    const struct json_text_member texts[] = {{"name", arena_text(arena, path_name(tuning->base_folder))},
                                             {"folder", tuning->base_folder},
                                             {"sha256", tuning->base_hash},
                                             {"input_sha256", tuning->input_hash},
                                             {"licence", licence}};
    json_texts(json, texts, ARRAY_COUNT(texts));
    json_object_end(json);
    json_key(json, "licence_note");
    json_text(json,
              SLICE("Whoever passes the adapter on needs the right to do so from the base's and from the data's licence."));
}

void tuning_begin_provenance(struct json_writer *json, const struct tuning *tuning, const char *name, const char *task,
                             const char *method)
{
    char now[32] = "";
    time_t seconds = (time_t)(clock_wall_ns() / 1000000000);
    struct tm utc;
    if (gmtime_r(&seconds, &utc) != NULL)
        strftime(now, sizeof(now), "%Y-%m-%dT%H:%M:%SZ", &utc);
    json_object_begin(json);
    const struct json_text_member texts[] = {
        {"name", name}, {"task", task}, {"method", method}, {"created", now}, {"assay", ASSAY_VERSION}};
    json_texts(json, texts, ARRAY_COUNT(texts));
    write_base(json, tuning);
    write_set(json, "data", tuning_kept_path(tuning, tuning->options->data), &tuning->examples);
    if (tuning->options->test != NULL)
        write_set(json, "test", tuning_kept_path(tuning, tuning->options->test), &tuning->test);
}

static void write_provenance(struct buffer *out, const struct tuning *tuning, const char *name)
{
    struct json_writer json;
    json_writer_init(&json, out);
    tuning_begin_provenance(&json, tuning, name, "classify", classifier_method_name(tuning->method));
    write_recipe(&json, tuning);
    static const char *const keys[] = {"temperature", "threshold"};
    write_reals(&json, keys, (const double[]){tuning->temperature, tuning->threshold.threshold}, 2);
    write_scores(&json, tuning);
    json_key(&json, "labels");
    json_array_begin(&json);
    for (size_t i = 0; i < tuning->labels; i++)
        json_text(&json, tuning->examples.labels[i]);
    json_array_end(&json);
    json_object_end(&json);
    buffer_append_byte(out, '\n');
}

/* ---- the folder ---- */

/* Reads back what was written: an adapter that does not open is none. */
static bool try_files(const char *folder, struct error *error)
{
    struct classifier classifier;
    bool ok = classifier_open(&classifier, folder, error);
    classifier_release(&classifier);
    return ok;
}

static bool write_files(void *context, const char *folder, const char *name, struct error *error)
{
    const struct tuning *tuning = context;
    struct arena *arena = &tuning->tuned->arena;
    struct buffer bytes;
    buffer_init(&bytes, LIMIT_JSON_BYTES);
    bool ok = true;
    if (tuning->method == CLASSIFIER_HEAD) {
        classifier_write_head(&tuning->head, &bytes);
        ok = buffer_finish(&bytes, "the head", error) &&
             file_replace(path_join(arena, folder, "head.safetensors"), buffer_slice(&bytes), error);
    }
    buffer_clear(&bytes);
    if (ok)
        write_provenance(&bytes, tuning, name);
    ok = ok && buffer_finish(&bytes, "the provenance", error) &&
         file_replace(path_join(arena, folder, "provenance.json"), buffer_slice(&bytes), error);
    buffer_release(&bytes);
    return ok && try_files(folder, error);
}

/* Another may have made one of that name meanwhile. */
static bool move_in(const struct tuning *tuning, const char *fresh, const char *folder, struct error *error)
{
    struct error ignored;
    if (file_exists(folder) && !tuning->options->replace && !tuning_is_early(tuning, folder)) {
        error_set(error, ERROR_CONFLICT, "there is an adapter \"%s\" already", folder);
        return error_hint(error, "Choose another --name, or --replace it.");
    }
    if (!folder_replace(fresh, folder, error))
        return false;
    if (tuning->ends_early) /* unnoted, the training that goes on would not take its place */
        (void)!tuning_note_early(tuning, folder, &ignored);
    return true;
}

/* What the training has recorded, as a page; a regression records none. */
static bool make_page(const struct tuning *tuning, const char *folder, struct error *error)
{
    struct arena *arena = &tuning->tuned->arena;
    struct buffer provenance, log, html;
    const char *path = path_join(arena, folder, "train.jsonl");
    if (!file_exists(path))
        path = path_join(arena, folder, "model/train.jsonl");
    if (!file_exists(path))
        return true;
    buffer_init(&provenance, LIMIT_MODEL_CONFIG_BYTES);
    buffer_init(&log, LIMIT_JSON_BYTES);
    buffer_init(&html, LIMIT_JSON_BYTES);
    bool ok = file_read(path_join(arena, folder, "provenance.json"), LIMIT_MODEL_CONFIG_BYTES, &provenance, error) &&
              file_read(path, LIMIT_JSON_BYTES, &log, error) &&
              report_training_html(buffer_slice(&provenance), buffer_slice(&log), folder, &html, error) &&
              file_replace(path_join(arena, folder, "training.html"), buffer_slice(&html), error);
    buffer_release(&html);
    buffer_release(&log);
    buffer_release(&provenance);
    return ok;
}

/* What was learned is worth more than its page: a page that cannot be made is told, and nothing is lost by it. Its folder has another name by then: files are told
 * without it. */
static void write_page(struct tuning *tuning, const char *folder)
{
    struct error why;
    struct buffer told;
    const struct slice inside = slice_from(arena_format(&tuning->tuned->arena, "%s/", folder));
    if (make_page(tuning, folder, &why))
        return;
    buffer_init(&told, sizeof(why.message));
    const char *rest = why.message;
    for (const char *at; (at = strstr(rest, inside.data)) != NULL; rest = at + inside.size)
        buffer_append_slice(&told, (struct slice){rest, (size_t)(at - rest)});
    buffer_append_slice(&told, slice_from(rest));
    tuning->tuned->report.pageless = arena_text(&tuning->tuned->arena, buffer_slice(&told));
    buffer_release(&told);
}

bool tuning_write_folder(struct tuning *tuning, const char *name, adapter_writer *put, void *context, struct error *error)
{
    struct arena *arena = &tuning->tuned->arena;
    const char *folder;
    struct error ignored;
    if (team_helps()) /* nothing was trained in steps, which all would have done together */
        return error_set(error, ERROR_CANCELLED, "the first of several processes keeps what was learned");
    if (!adapter_folder(tuning->assay, name, arena, &folder, error))
        return false;
    const char *fresh = tuning->fresh;
    if (tuning->method == CLASSIFIER_HEAD && (!folder_remove(fresh, error) || !folder_create(fresh, error)))
        return false;
    const char *told = tuning->options->rival != NULL ? tuning->options->rival : name; /* whose place it may take */
    bool ok = put(context, fresh, told, error) && tuning_write_held(tuning, fresh, error);
    if (ok)
        write_page(tuning, fresh);
    ok = ok && move_in(tuning, fresh, folder, error);
    if (!ok)
        (void)!folder_remove(fresh, &ignored);
    tuning->tuned->report.adapter = folder;
    return ok;
}

bool tuning_write(struct tuning *tuning, struct error *error)
{
    const char *name = tuning->options->name != NULL ? tuning->options->name : "classify";
    return tuning_write_folder(tuning, name, write_files, tuning, error);
}
