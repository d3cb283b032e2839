/* tune_writer.c - the part of assay.h that trains writers: what differs from the training of a reader (tune_reader.c, which goes through the steps).
 *
 *   questions on passages     the window that has the answer, and one that has not ─▶ the answer's tokens, or none
 *   {"input","output"}        the input, and passages that the project's search finds for it ─▶ the output's tokens; of JSON in its form (form.h)
 *
 * How well it writes is measured by the writer itself, opened from what was saved: what a person will get. */
#include "answer/answer.h"
#include "eval/eval.h"
#include "tune_reader.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { PASSAGES = 4, SCHEMA_BYTES_MAX = 1 << 20, PREDICTED_AT_ONCE = 64, LEAST_FORM_EXAMPLES = 20 };

/* ---- examples of a project ---- */

static struct slice last_answer(const struct example *example)
{
    struct slice text = {0};
    for (size_t i = 0; i < example->turn_count; i++)
        if (example->turns[i].role == TURN_ASSISTANT && example->turns[i].is_learned)
            text = example->turns[i].text;
    return text;
}

static bool find_passages(struct reader_tuning *reader, struct slice question, struct slice *context, struct error *error)
{
    struct assay *assay = reader->tuning.assay;
    struct search_result result;
    struct slice texts[PASSAGES];
    const struct search_request request = {.question = question, .k = PASSAGES, .embedder = assay->embedder, .plain = true};
    bool ok = answer_search(assay->project, &request, &result, error);
    size_t count = ok && result.count < PASSAGES ? result.count : ok ? PASSAGES : 0;
    for (size_t i = 0; i < count; i++)
        texts[i] = result.hits[i].passage.text;
    *context = count > 0 ? writer_join(texts, count, &reader->tuning.tuned->arena) : (struct slice){0};
    search_result_release(&result);
    return ok;
}

/* Each one gets an answer and passages, as questions on passages have them. */
static bool take_turns(struct reader_tuning *reader, struct examples *examples, struct error *error)
{
    struct arena *arena = &reader->tuning.tuned->arena;
    size_t found = 0;
    for (size_t i = 0; i < examples->count; i++) {
        struct example *example = &examples->items[i];
        struct example_answer *answer = arena_alloc(arena, 1, sizeof(*answer));
        answer->text = last_answer(example);
        example->answers = answer;
        example->answer_count = 1;
        if (!tuning_step(&reader->tuning, "searching passages", i, examples->count))
            return tuning_stopped("searching passages", error);
        if (!reader->options->alone && !find_passages(reader, example->text, &example->context, error))
            return false;
        found += example->context.size > 0;
    }
    if (found == 0 && examples == &reader->tuning.examples)
        reader->passages = WRITER_ALONE;
    return true;
}

/* ---- the form ---- */

/* The outputs as JSON, or NULL: one of them is none. */
static struct json_value *read_values(struct reader_tuning *reader, const struct examples *examples)
{
    struct arena *arena = &reader->tuning.tuned->arena;
    struct json_value *values = memory_alloc(examples->count + 1, sizeof(*values));
    struct error ignored;
    for (size_t i = 0; i < examples->count; i++) {
        struct slice text = examples->items[i].answers[0].text;
        if (json_read(arena_slice(arena, text), "an output", arena, &values[i], &ignored) && values[i].kind == JSON_OBJECT)
            continue;
        free(values);
        return NULL;
    }
    return values;
}

static bool take_schema(struct reader_tuning *reader, struct error *error)
{
    struct buffer schema;
    const struct examples *examples = &reader->tuning.examples;
    const char *path = reader->options->schema;
    bool ok = true, has_form = path != NULL;
    buffer_init(&schema, SCHEMA_BYTES_MAX);
    if (path != NULL) {
        ok = file_read(path, SCHEMA_BYTES_MAX, &schema, error);
    } else if (examples->count >= LEAST_FORM_EXAMPLES) {
        struct json_value *values = read_values(reader, examples);
        has_form = values != NULL && form_infer(values, examples->count, &schema);
        free(values);
    }
    if (ok && has_form)
        ok = form_read(&reader->form, buffer_slice(&schema), path != NULL ? path : "the outputs' form", reader->tokenizer,
                       error);
    buffer_release(&schema);
    return ok;
}

bool writer_tuning_prepare(struct reader_tuning *reader, struct error *error)
{
    struct tuning *tuning = &reader->tuning;
    size_t positions;
    if (reader->tokenizer == NULL)
        return true; /* without a base the data alone are looked at */
    if (!writer_check_base(reader->tokenizer, error) || !model_read_positions(&positions, tuning->base_folder, error))
        return false;
    writer_divide(positions, reader->tokens_max, &reader->tokens_max, &reader->target_max);
    if (tuning->options->check || tuning->examples.shape == EXAMPLES_READING)
        return true;
    reader->passages = reader->options->alone ? WRITER_ALONE : WRITER_JOINED;
    return take_turns(reader, &tuning->examples, error) &&
           (tuning->options->test == NULL || take_turns(reader, &tuning->test, error)) && take_schema(reader, error);
}

/* ---- what is learned ---- */

static bool target_of(struct reader_tuning *reader, const struct example *example, uint32_t **ids, size_t *count,
                      struct error *error)
{
    struct slice text = example->answers[0].text;
    struct json_value value;
    if (reader->form == NULL) {
        *ids = writer_tokens(reader->tokenizer, text, reader->target_max + 1, count);
        if (*count <= reader->target_max)
            return true;
        free(*ids);
        error_set(error, ERROR_LIMIT, "the output in line %zu has more than %zu tokens", example->line, reader->target_max);
        return error_hint(error, "The built-in writer is for short answers; choose a language model for long ones.");
    }
    struct arena *arena = &reader->tuning.tuned->arena;
    return (json_read(arena_slice(arena, text), "the output", arena, &value, error) &&
            form_tokens(reader->form, &value, reader->target_max, ids, count, error)) ||
           error_wrap(error, "could not take the output in line %zu for the form", example->line);
}

/* One item for each example, whose context is cut to what fits. */
static void make_items(const struct reader_tuning *reader, struct reader_part *part, size_t most)
{
    struct reading_set *set = &part->set;
    size_t count = most > 0 && most < part->count ? most : part->count;
    *set = (struct reading_set){.count = count, .items = count};
    set->examples = memory_alloc(count + 1, sizeof(*set->examples));
    set->ranges = memory_alloc(count + 1, sizeof(*set->ranges));
    set->windows = memory_alloc(count + 1, sizeof(*set->windows));
    for (size_t i = 0; i < count; i++) {
        const struct example *example = &part->examples->items[part->items[i]];
        set->examples[i] = (struct train_example){.first = example->text, .range_count = 1};
        if (reader->passages == WRITER_JOINED)
            set->examples[i].second = example->context.data != NULL ? example->context : SLICE("");
        set->windows[i].item = (uint32_t)i;
    }
}

bool writer_tuning_items(struct reader_tuning *reader, struct reader_part *part, size_t most, struct error *error)
{
    struct arena *arena = &reader->tuning.tuned->arena;
    if (part->examples->shape != EXAMPLES_READING)
        make_items(reader, part, most);
    for (size_t i = 0; i < part->set.count; i++) {
        struct train_example *item = &part->set.examples[i];
        const struct example *example = &part->examples->items[part->items[part->set.windows[i].item]];
        bool is_there = item->range_count > 0;
        if (is_there && part->examples->shape == EXAMPLES_READING) /* a part of an answer is none */
            is_there = item->ranges[0].end - item->ranges[0].start == example->answers[0].text.size;
        uint32_t *ids = NULL;
        if (is_there && !target_of(reader, example, &ids, &item->target_count, error)) {
            if (part->examples->shape != EXAMPLES_READING)
                return false;
            is_there = false; /* a long answer teaches only where it is not */
            ids = NULL;
            item->target_count = 0;
        }
        if (is_there)
            item->target = memcpy(arena_alloc(arena, item->target_count + 1, sizeof(*ids)), ids,
                                  item->target_count * sizeof(*ids));
        free(ids);
        item->range_count = 0;
    }
    return true;
}

/* The mean of log p of what is wanted. */
bool writer_tuning_score(struct reader_tuning *reader, double *score, struct error *error)
{
    const struct reading_set *set = &reader->scored.set;
    float log_p[PREDICTED_AT_ONCE];
    double sum = 0;
    for (size_t at = 0; at < set->count; at += PREDICTED_AT_ONCE) {
        size_t count = set->count - at < PREDICTED_AT_ONCE ? set->count - at : PREDICTED_AT_ONCE;
        if (!trainer_predict(reader->trainer, set->examples + at, count, log_p, error))
            return false;
        for (size_t i = 0; i < count; i++)
            sum += (double)log_p[i];
    }
    *score = set->count > 0 ? sum / (double)set->count : 0;
    return true;
}

/* ---- how well it writes ---- */

static void compare(const struct reader_tuning *reader, const struct example *example, const struct writer_answer *answer,
                    struct reading_case *item)
{
    struct slice *golds = memory_alloc(example->answer_count + 1, sizeof(*golds)), text = answer->text;
    struct grade_scores scores;
    for (size_t i = 0; i < example->answer_count; i++)
        golds[i] = example->answers[i].text;
    item->is_answerable = example->answer_count > 0;
    item->score = answer->score;
    if (item->is_answerable) {
        grade_answer(&(struct grade_gold){.texts = golds, .count = example->answer_count}, &text, &scores);
        item->exact = scores.values[GRADE_EXACT];
        item->f1 = scores.values[GRADE_F1];
    }
    if (item->is_answerable && reader->form != NULL) { /* the same value, whatever the order of its members is */
        struct error ignored;
        struct json_value value;
        struct arena arena;
        uint32_t *ids = NULL;
        size_t count = 0;
        arena_init(&arena);
        bool ok = json_read(golds[0], "the output", &arena, &value, &ignored) &&
                  form_tokens(reader->form, &value, reader->target_max, &ids, &count, &ignored);
        item->exact = ok && count == answer->id_count && memcmp(ids, answer->ids, count * sizeof(*ids)) == 0;
        /* Of words F1 would hang on the white space in the user's file: of fields it does not. */
        struct grade_fields fields;
        ok = grade_json(golds[0], text, NULL, NULL, &fields, &ignored);
        item->f1 = item->exact > 0 ? 1 : ok ? fields.f1 : 0;
        arena_release(&arena);
        free(ids);
    }
    free(golds);
}

static bool write_case(struct reader_tuning *reader, struct writer *writer, const struct example *example,
                       struct reading_case *item, size_t *written, struct error *error)
{
    struct arena arena;
    struct writer_answer answer;
    const struct writer_request request = {
        .question = example->text, .passages = &example->context, .count = reader->passages != WRITER_ALONE, .always = true};
    arena_init(&arena);
    bool ok = writer_write(writer, &request, &arena, &answer, error);
    if (ok) {
        compare(reader, example, &answer, item);
        *written += answer.text.size > 0;
    }
    arena_release(&arena);
    return ok;
}

bool writer_tuning_ask(struct reader_tuning *reader, struct writer *writer, const struct reader_part *part,
                       struct reading_case **cases, double *valid, struct error *error)
{
    static const char stage[] = "writing what was held out";
    size_t written = 0;
    *cases = memory_alloc(part->count + 1, sizeof(**cases));
    for (size_t i = 0; i < part->count; i++) {
        if (!tuning_step(&reader->tuning, stage, i, part->count))
            return tuning_stopped(stage, error);
        if (!write_case(reader, writer, &part->examples->items[part->items[i]], &(*cases)[i], &written, error))
            return false;
    }
    *valid = part->count > 0 ? (double)written / (double)part->count : 1;
    return true;
}

bool writer_tuning_open(struct reader_tuning *reader, struct writer **writer, struct error *error)
{
    struct arena *arena = &reader->tuning.tuned->arena;
    const char *folder = path_join(arena, reader->work, "written");
    const struct writer_options options = {.base = reader->tuning.base_folder, .adapter = folder, .pool = reader->tuning.pool};
    return trainer_save(reader->trainer, folder, error) && writer_tuning_put(reader, folder, error) &&
           writer_open(writer, &options, error);
}

/* What lies beside a writer's weights but for its provenance, which begins with the least of it. */
bool writer_tuning_put(struct reader_tuning *reader, const char *folder, struct error *error)
{
    struct arena *arena = &reader->tuning.tuned->arena;
    const char *least = arena_format(arena, "{\"passages\":\"%s\"}\n", writer_passages_name(reader->passages));
    return file_replace(path_join(arena, folder, "provenance.json"), slice_from(least), error) &&
           (reader->form == NULL || file_replace(path_join(arena, folder, "form.json"), form_schema(reader->form), error));
}

bool assay_tune_writer(struct assay *assay, const struct assay_tune_reader_options *options, struct assay_tuned **tuned,
                       struct assay_error *error)
{
    struct error inner;
    if (!options->with_context)
        return tune_reading(assay, options, true, tuned, error);
    error_set(&inner, ERROR_INVALID, "passages beside those of the examples are for readers alone");
    error_hint(&inner, "A writer reads what the project's search finds for each input already: leave `with_context` out.");
    return finish(false, &inner, error);
}
