/* prepare.c - the cases, the examples and what a right answer is, before anything is asked. */
#include "arms_parts.h"
#include "train/train.h"
#include <stdlib.h>
#include <string.h>

enum { DEVELOPMENT_MOST = 40 };
#define DEVELOPMENT_SHARE 0.25
#define LABELLED_LEAST 0.5 /* of the answers wanted: else the labels of the examples are about something else */

const struct answer_case *test_case(const struct deciding *deciding, size_t test)
{
    return &deciding->cases.items[deciding->test[test]];
}

bool wants_style(const struct deciding *deciding, const struct answer_case *item)
{
    return item->style == CASE_STYLE_EXAMPLES || (deciding->settings->check_examples && item->style != CASE_STYLE_NONE);
}

/* ---- examples ---- */

/* In an order of their own, so that the first so many are a sample of all. */
static void shuffle(struct pairs *pairs, uint64_t seed)
{
    struct random random;
    random_init(&random, seed);
    for (size_t i = pairs->count; i > 1; i--) {
        size_t other = (size_t)random_below(&random, i);
        struct slice input = pairs->inputs[i - 1], output = pairs->outputs[i - 1];
        pairs->inputs[i - 1] = pairs->inputs[other];
        pairs->outputs[i - 1] = pairs->outputs[other];
        pairs->inputs[other] = input;
        pairs->outputs[other] = output;
    }
}

/* `without`: those that have no output, or several. */
static void tell_reading(struct deciding *deciding, const struct examples *examples, size_t without)
{
    struct arena *arena = deciding->arena;
    const char *name = deciding->settings->examples;
    size_t rejected = examples->records - examples->count;
    if (examples->note != NULL)
        deciding_check(deciding, "how the examples were read", true, arena_text(arena, slice_from(examples->note)));
    if (rejected > 0)
        deciding_check(deciding, "examples that can be used", false,
                       arena_format(arena, "%zu of %zu records of %s cannot be used and were left out: line %zu: %s%s",
                                    rejected, examples->records, name, examples->rejected[0].line, examples->rejected[0].reason,
                                    rejected > 1 ? ", …" : ""));
    if (without > 0)
        deciding_check(deciding, "examples with an output", false,
                       arena_format(arena, "%zu of %zu examples of %s have not one text as output, and were left out", without,
                                    examples->count, name));
}

/* A file that nobody has named need not be there. */
static bool refuse_missing(const struct deciding *deciding, const char *path, struct error *error)
{
    const char *name = deciding->settings->examples;
    if (strcmp(name, PROJECT_EXAMPLES) == 0)
        return true;
    error_set(error, ERROR_NOT_FOUND, "there is no file \"%s\" of examples", path);
    return error_hint(error, "assay.yaml names it: examples: %s", name);
}

static bool read_examples(struct deciding *deciding, struct error *error)
{
    const char *path = path_join(deciding->arena, deciding->project->root, deciding->settings->examples);
    struct pairs *pairs = &deciding->examples;
    struct examples examples;
    if (!file_exists(path))
        return refuse_missing(deciding, path, error);
    bool ok = examples_open(&examples, path, &(struct examples_options){0}, error);
    if (ok && examples.shape != EXAMPLES_LABELED && examples.shape != EXAMPLES_TURNS)
        ok = error_set(error, ERROR_INVALID, "\"%s\" is %s, expected inputs with outputs", path, examples.stated);
    if (ok) {
        pairs->inputs = arena_alloc(deciding->arena, examples.count, sizeof(*pairs->inputs));
        pairs->outputs = arena_alloc(deciding->arena, examples.count, sizeof(*pairs->outputs));
    }
    for (size_t i = 0; ok && i < examples.count; i++) {
        struct slice output = example_output(&examples, &examples.items[i]);
        if (output.size == 0)
            continue;
        pairs->inputs[pairs->count] = arena_slice(deciding->arena, examples.items[i].text);
        pairs->outputs[pairs->count++] = arena_slice(deciding->arena, output);
    }
    if (ok)
        tell_reading(deciding, &examples, examples.count - pairs->count);
    examples_release(&examples);
    deciding->example_count = pairs->count;
    shuffle(pairs, deciding->seed);
    return ok || error_wrap(error, "could not read the examples");
}

/* As they go into prompts: those that are like a test case would give its answer away. */
static bool write_examples(struct deciding *deciding, struct error *error)
{
    struct buffer lines;
    struct json_writer json;
    deciding->examples_path = path_join(deciding->arena, deciding->folder, "examples.jsonl");
    buffer_init(&lines, LIMIT_EXAMPLES_BYTES);
    for (size_t i = 0; i < deciding->examples.count; i++) {
        json_writer_init(&json, &lines);
        json_object_begin(&json);
        json_key(&json, "input");
        json_text(&json, deciding->examples.inputs[i]);
        json_key(&json, "output");
        json_text(&json, deciding->examples.outputs[i]);
        json_object_end(&json);
        buffer_append_byte(&lines, '\n');
    }
    bool ok = buffer_finish(&lines, "the examples of a run", error) &&
              file_replace(deciding->examples_path, buffer_slice(&lines), error);
    buffer_release(&lines);
    return ok;
}

/* ---- what a right answer is ---- */

/* Labels are what a test case wants when most of its answers are among them. */
static bool wants_labels(const struct deciding *deciding)
{
    size_t wanted = 0, labelled = 0;
    for (size_t i = 0; i < deciding->cases.count; i++) {
        const struct answer_case *item = &deciding->cases.items[i];
        bool found = false;
        for (size_t j = 0; j < item->gold_count; j++)
            found = found || learned_form_follows(&deciding->form, item->golds[j]);
        wanted += item->gold_count > 0;
        labelled += found;
    }
    return (double)labelled >= LABELLED_LEAST * (double)wanted;
}

/* By the examples more labels are known, and the frames that answers stand in. */
static void find_facts(struct deciding *deciding)
{
    answer_cases_facts(&deciding->cases, deciding->examples.outputs, deciding->examples.count, deciding->arena);
    for (size_t i = 0; i < deciding->cases.count; i++)
        for (size_t j = 0; j < deciding->cases.items[i].gold_count; j++) {
            struct case_facts *facts = &deciding->cases.items[i].facts[j];
            for (size_t k = 0; k < facts->count; k++)
                facts->items[k].text = learned_form_within(&deciding->form, facts->items[k].member, facts->items[k].text);
        }
}

static bool read_checks(struct deciding *deciding, struct error *error)
{
    const struct settings *settings = deciding->settings;
    learned_form_learn(deciding->examples.outputs, deciding->examples.count, deciding->arena, &deciding->form);
    find_facts(deciding);
    deciding->form_fits = deciding->form.kind != FORM_NONE && (deciding->form.kind != FORM_LABELS || wants_labels(deciding));
    deciding->form_asked = settings->check_examples && deciding->form_fits;
    deciding->measure = settings->check_answer;
    if (deciding->measure == CHECK_AUTO)
        deciding->measure = deciding->form_asked && deciding->form.kind == FORM_LABELS ? CHECK_STRICT : CHECK_RELAXED;
    return form_asked_read(deciding->project, deciding->arena, &deciding->asked, error);
}

/* ---- development and test ---- */

struct drawn_cluster {
    uint32_t cluster;
    uint64_t order;
};

static int by_order(const void *a, const void *b)
{
    const struct drawn_cluster *left = a, *right = b;
    return (left->order > right->order) - (left->order < right->order);
}

/* Whole documents go to one side: questions about one are alike. */
static void draw_development(const struct deciding *deciding, bool *is_development)
{
    size_t clusters = deciding->cases.cluster_count, taken = 0, *sizes = memory_alloc(clusters + 1, sizeof(*sizes));
    size_t wanted = (size_t)(DEVELOPMENT_SHARE * (double)deciding->cases.count);
    struct drawn_cluster *drawn = memory_alloc(clusters + 1, sizeof(*drawn));
    struct random random;
    random_init(&random, deciding->seed);
    for (size_t i = 0; i < clusters; i++)
        drawn[i] = (struct drawn_cluster){(uint32_t)i, random_u64(&random)};
    qsort(drawn, clusters, sizeof(*drawn), by_order);
    wanted = wanted < DEVELOPMENT_MOST ? wanted : DEVELOPMENT_MOST;
    for (size_t j = 0; j < deciding->cases.count; j++)
        sizes[deciding->cases.clusters[j]]++;
    for (size_t i = 0; i < clusters && taken < wanted; i++) {
        if (taken + sizes[drawn[i].cluster] > 2 * wanted) /* a document that most cases are about */
            continue;
        for (size_t j = 0; j < deciding->cases.count; j++)
            is_development[j] = is_development[j] || deciding->cases.clusters[j] == drawn[i].cluster;
        taken += sizes[drawn[i].cluster];
    }
    free(sizes);
    free(drawn);
}

static bool split_cases(struct deciding *deciding, struct error *error)
{
    size_t count = deciding->cases.count;
    bool has_variants = deciding->run->llm != NULL && (deciding->examples.count > 0 || deciding->asked.schema != NULL ||
                                                       learned_form_schema(&deciding->form, deciding->arena));
    bool *is_development = arena_alloc(deciding->arena, count, sizeof(*is_development));
    deciding->test = arena_alloc(deciding->arena, count, sizeof(*deciding->test));
    deciding->development = arena_alloc(deciding->arena, count, sizeof(*deciding->development));
    deciding->clusters = arena_alloc(deciding->arena, count, sizeof(*deciding->clusters));
    if (has_variants && count >= 4)
        draw_development(deciding, is_development);
    for (size_t i = 0; i < count; i++) {
        if (is_development[i]) {
            deciding->development[deciding->development_count++] = i;
        } else {
            deciding->clusters[deciding->test_count] = deciding->cases.clusters[i];
            deciding->test[deciding->test_count++] = i;
        }
    }
    if (deciding->test_count > 0)
        return true;
    error_set(error, ERROR_INVALID, "\"%s\" has no test case with an answer", deciding->tests_path);
    return error_hint(error,
                      "A line is {\"question\": …, \"answer\": …, \"source\": …}; 20 to 50 of them are a good beginning.");
}

static bool count_tokens(void *context, const struct store_passage *passage, const struct store_document *document,
                         struct error *error)
{
    size_t *tokens = context;
    (void)document, (void)error;
    *tokens += text_token_estimate(passage->text);
    return true;
}

bool prepare(struct deciding *deciding, struct error *error)
{
    struct project *project = deciding->project;
    const char *tests = deciding->run->tests;
    deciding->tests_path = tests != NULL ? tests : path_join(deciding->arena, project->root, deciding->settings->tests);
    if (!answer_cases_read(project, deciding->tests_path, deciding->arena, &deciding->cases, error) ||
        !read_examples(deciding, error) || !check_overlap(deciding, error) || !read_checks(deciding, error) ||
        !split_cases(deciding, error))
        return false;
    return store_count(project->store, &deciding->counts, error) &&
           store_each_passage(project->store, 1, INT64_MAX, count_tokens, &deciding->base_tokens, error);
}

bool prepare_files(struct deciding *deciding, struct error *error)
{
    return record_open(deciding, error) && write_examples(deciding, error);
}

void prepare_release(struct deciding *deciding)
{
    form_asked_release(&deciding->asked);
    record_close(deciding->record);
}
