/* confidence.c - fitting, keeping and using. */
#include "confidence.h"
#include "codec/codec.h"
#include <math.h>
#include <sodium.h>
#include <string.h>

#define CONFIDENCE_LEAST 1e-4
#define PRIOR_SHIFT 2.0 /* standard deviations of what is believed before a case was seen */
#define PRIOR_SLOPE 1.0
#define PASSAGES_MAY_CHANGE 0.2
enum { STEPS_MOST = 50, HASH_TEXT = 2 * STORE_HASH_BYTES + 1, FIT_BYTES_MOST = 1 << 24, QUESTION_BYTES = 8 };

/* ---- the line ---- */

static double log_odds(double confidence)
{
    double inside = fmin(fmax(confidence, CONFIDENCE_LEAST), 1 - CONFIDENCE_LEAST);
    return log(inside / (1 - inside));
}

static double chance_at(double shift, double slope, double odds)
{
    return 1 / (1 + exp(-(shift + slope * odds)));
}

double confidence_chance(const struct confidence_fit *fit, double confidence)
{
    return chance_at(fit->shift, fit->slope, log_odds(confidence));
}

/* Newton's method on the penalized log loss, which is convex. */
void confidence_fit_line(const double *confidences, const bool *right, size_t count, double *shift, double *slope)
{
    double a = 0, b = 1;
    for (size_t step = 0; step < STEPS_MOST; step++) {
        double to_a = a / (PRIOR_SHIFT * PRIOR_SHIFT), to_b = (b - 1) / (PRIOR_SLOPE * PRIOR_SLOPE);
        double aa = 1 / (PRIOR_SHIFT * PRIOR_SHIFT), ab = 0, bb = 1 / (PRIOR_SLOPE * PRIOR_SLOPE);
        for (size_t i = 0; i < count; i++) {
            double x = log_odds(confidences[i]), p = chance_at(a, b, x), weight = p * (1 - p), off = p - right[i];
            to_a += off;
            to_b += off * x;
            aa += weight;
            ab += weight * x;
            bb += weight * x * x;
        }
        double determinant = aa * bb - ab * ab; /* above 0: the prior's parts are */
        double by_a = (bb * to_a - ab * to_b) / determinant, by_b = (aa * to_b - ab * to_a) / determinant;
        a -= by_a;
        b -= by_b;
        if (fabs(by_a) + fabs(by_b) < 1e-9)
            break;
    }
    *shift = a;
    *slope = fmax(b, 0); /* a greater confidence never means less */
}

/* ---- what it was fitted on ---- */

struct basis {
    char tests[HASH_TEXT], settings[HASH_TEXT], prompt[HASH_TEXT], version[HASH_TEXT];
    int64_t passages; /* the highest number: it grows with all that is added or changed */
};

static void hash_text(const void *bytes, size_t size, char text[HASH_TEXT])
{
    unsigned char hash[STORE_HASH_BYTES];
    crypto_hash_sha256(hash, bytes, size);
    sodium_bin2hex(text, HASH_TEXT, hash, sizeof(hash));
}

/* The beginning of its hash: enough to know it again. */
static void hash_question(struct slice question, char text[HASH_TEXT])
{
    const struct slice asked = slice_trim(question);
    hash_text(asked.data, asked.size, text);
    text[2 * QUESTION_BYTES] = '\0';
}

static bool hash_tests(const struct project *project, struct arena *arena, char text[HASH_TEXT], struct error *error)
{
    const char *path = path_join(arena, project->root, project->settings.tests);
    struct buffer content;
    text[0] = '\0';
    if (!file_exists(path))
        return true;
    buffer_init(&content, LIMIT_EXAMPLES_BYTES);
    bool ok = file_read(path, LIMIT_EXAMPLES_BYTES, &content, error);
    if (ok)
        hash_text(content.data, content.size, text);
    buffer_release(&content);
    return ok;
}

/* What of the settings decides which passages come. */
static void hash_settings(const struct settings *settings, struct arena *arena, char text[HASH_TEXT])
{
    const char *line = arena_format(
        arena, "%d %zu %.9g %.9g %zu %d %.9g %zu %d %.9g %zu %d %d %zu %.9g %s %d %d %zu", (int)settings->mode, settings->k,
        (double)settings->k1, (double)settings->b, settings->candidates, (int)settings->fusion, (double)settings->vector_weight,
        settings->per_document, settings->neighbors, (double)settings->diversity, settings->wordings, settings->hypothetical,
        settings->rerank, settings->rerank_candidates, (double)settings->rerank_weight, settings->embedding,
        (int)settings->prompt_order, (int)settings->prompt_examples, settings->prompt_tokens);
    hash_text(line, strlen(line), text);
}

static bool find_basis(const struct project *project, const struct confidence_subject *subject, struct arena *arena,
                       struct basis *basis, struct error *error)
{
    if (!hash_tests(project, arena, basis->tests, error) || !store_last_passage(project->store, &basis->passages, error))
        return false;
    hash_settings(&project->settings, arena, basis->settings);
    sodium_bin2hex(basis->prompt, sizeof(basis->prompt), subject->prompt, sizeof(subject->prompt));
    sodium_bin2hex(basis->version, sizeof(basis->version), subject->version, sizeof(subject->version));
    return true;
}

static const char *path_of(const struct project *project, const struct confidence_subject *subject, struct arena *arena)
{
    char name[HASH_TEXT];
    const char *line = arena_format(arena, "%s %s", subject->approach, subject->model);
    hash_text(line, strlen(line), name);
    return path_join(arena, path_join(arena, path_join(arena, project->root, PROJECT_STATE), "calibration"), name);
}

/* ---- keeping ---- */

struct fit_number {
    const char *key;
    double *value;
};
enum { FIT_NUMBERS = 9 };

static void list_numbers(struct confidence_fit *fit, struct fit_number numbers[FIT_NUMBERS])
{
    const struct fit_number all[FIT_NUMBERS] = {{"shift", &fit->shift},
                                                {"slope", &fit->slope},
                                                {"threshold", &fit->threshold},
                                                {"wanted", &fit->wanted},
                                                {"precision", &fit->precision},
                                                {"answered", &fit->answered},
                                                {"error", &fit->error},
                                                {"precision_low", &fit->precision_low},
                                                {"precision_high", &fit->precision_high}};
    memcpy(numbers, all, sizeof(all));
}

static void write_document(const struct confidence_subject *subject, const struct basis *basis, struct confidence_fit *fit,
                           struct buffer *out)
{
    struct json_writer json;
    struct fit_number numbers[FIT_NUMBERS];
    const struct json_text_member texts[] = {{"approach", subject->approach}, {"model", subject->model},
                                             {"tests", basis->tests},         {"settings", basis->settings},
                                             {"prompt", basis->prompt},       {"version", basis->version}};
    list_numbers(fit, numbers);
    json_writer_init(&json, out);
    json_object_begin(&json);
    json_texts(&json, texts, ARRAY_COUNT(texts));
    json_integers(&json,
                  (const struct json_integer_member[]){
                      {"passages", basis->passages}, {"cases", (int64_t)fit->cases}, {"right", (int64_t)fit->right}},
                  3);
    for (size_t i = 0; i < FIT_NUMBERS; i++) {
        json_key(&json, numbers[i].key);
        json_real(&json, *numbers[i].value, 17);
    }
    json_key(&json, "questions");
    json_array_begin(&json);
    for (size_t i = 0; i < fit->question_count; i++) {
        char hash[HASH_TEXT];
        hash_question(fit->questions[i], hash);
        json_text(&json, slice_from(hash));
    }
    json_array_end(&json);
    json_object_end(&json);
}

bool confidence_write(const struct project *project, const struct confidence_subject *subject, const struct confidence_fit *fit,
                      struct error *error)
{
    struct confidence_fit copy = *fit;
    struct arena arena;
    struct basis basis;
    struct buffer document;
    arena_init(&arena);
    buffer_init(&document, FIT_BYTES_MOST);
    const char *path = path_of(project, subject, &arena);
    bool ok = find_basis(project, subject, &arena, &basis, error);
    if (ok) {
        write_document(subject, &basis, &copy, &document);
        ok = buffer_finish(&document, "the calibration", error) &&
             folder_create(arena_text(&arena, path_folder(path)), error) && file_replace(path, buffer_slice(&document), error);
    }
    buffer_release(&document);
    arena_release(&arena);
    return ok;
}

static bool is_same(const struct json_value *root, const char *key, const char *wanted)
{
    const struct json_value *value = json_get(root, key);
    return value != NULL && value->kind == JSON_TEXT && slice_equal_text(value->text, wanted);
}

static const char *find_change(const struct json_value *root, const struct basis *basis)
{
    const struct json_value *passages = json_get(root, "passages");
    double before = passages != NULL && passages->kind == JSON_NUMBER ? passages->real : 0;
    return !is_same(root, "tests", basis->tests)                                   ? "the test cases"
           : !is_same(root, "settings", basis->settings)                           ? "the settings of search or prompt"
           : !is_same(root, "prompt", basis->prompt)                               ? "the prompt"
           : !is_same(root, "version", basis->version)                             ? "the model"
           : fabs((double)basis->passages - before) > PASSAGES_MAY_CHANGE * before ? "more than a fifth of the documents"
                                                                                   : NULL;
}

static bool has_question(const struct json_value *root, struct slice question)
{
    const struct json_value *questions = json_get(root, "questions");
    char hash[HASH_TEXT];
    bool found = false;
    hash_question(question, hash);
    for (size_t i = 0; questions != NULL && i < questions->count && !found; i++)
        found = slice_equal_text(questions->items[i].text, hash);
    return found;
}

static bool take_document(const struct json_value *root, const char *path, struct confidence_fit *fit, struct error *error)
{
    struct fit_number numbers[FIT_NUMBERS];
    list_numbers(fit, numbers);
    for (size_t i = 0; i < FIT_NUMBERS; i++) {
        const struct json_value *value = json_get(root, numbers[i].key);
        if (value == NULL || value->kind != JSON_NUMBER) {
            error_set(error, ERROR_CORRUPT, "\"%s\" is no calibration: it has no \"%s\"", path, numbers[i].key);
            return error_hint(error, "Remove it, or make it anew with `assay calibrate`.");
        }
        *numbers[i].value = value->real;
    }
    return true;
}

bool confidence_read(const struct project *project, const struct confidence_subject *subject, struct slice question,
                     struct confidence_fit *fit, struct confidence_state *state, struct error *error)
{
    struct arena arena;
    struct buffer content;
    struct json_value root;
    struct basis basis;
    arena_init(&arena);
    buffer_init(&content, FIT_BYTES_MOST);
    *fit = (struct confidence_fit){0};
    const char *path = path_of(project, subject, &arena);
    bool ok = true;
    *state = (struct confidence_state){.found = file_exists(path)};
    if (state->found) {
        ok = file_read(path, FIT_BYTES_MOST, &content, error) &&
             json_read(buffer_slice(&content), path, &arena, &root, error) && take_document(&root, path, fit, error) &&
             find_basis(project, subject, &arena, &basis, error);
        if (ok)
            state->stale = find_change(&root, &basis);
        state->is_fitted_on = ok && has_question(&root, question);
    }
    buffer_release(&content);
    arena_release(&arena);
    return ok;
}
