/* tune_general.c - what a tuning damages: how an adapter and what was there before it do on general texts (train/general_text.h), of which neither has learned.
 *
 *   classifier          texts are of none of its labels: the share that it abstains from; before: the regression
 *   reader, writer      questions with passages of other questions: the share that it abstains from; before: what it began with
 *   embedding model     whether each question's passage is the nearest of all; before: the base
 *   reranker            whether it puts each question's passage before those of eleven others; before: the base's vectors */
#include "kernel/kernel.h"
#include "ranker/ranker.h"
#include "tune_pairs.h"
#include "tune_reader.h"
#include <stdlib.h>
#include <string.h>

enum { RANKED = 12, OTHER = 7 /* passages further on stands one that does not answer */ };

static void tell_general(struct tuning *tuning, const char *measure, size_t texts, double before, double after)
{
    struct assay_tune_general *general = arena_alloc(&tuning->tuned->arena, 1, sizeof(*general));
    *general = (struct assay_tune_general){.measure = measure, .texts = texts, .before = before, .after = after};
    tuning->tuned->report.general = general;
}

void tuning_write_general(struct json_writer *json, const struct assay_tune_report *report)
{
    const struct assay_tune_general *general = report->general;
    if (general == NULL)
        return;
    json_key(json, "general");
    json_object_begin(json);
    json_texts(json, &(struct json_text_member){"measure", general->measure}, 1);
    json_integers(json, &(struct json_integer_member){"texts", (int64_t)general->texts}, 1);
    json_key(json, "before");
    if (general->before >= 0)
        json_real(json, general->before, 6);
    else
        json_null(json);
    json_key(json, "after");
    json_real(json, general->after, 6);
    json_object_end(json);
}

/* ---- classifiers ---- */

static void all_texts(struct slice texts[TUNING_GENERAL])
{
    for (size_t i = 0; i < GENERAL_TEXTS; i++) {
        texts[2 * i] = slice_from(general_texts[i].question);
        texts[2 * i + 1] = slice_from(general_texts[i].passage);
    }
}

bool tuning_general_fitted(struct tuning *tuning, struct error *error)
{
    struct slice texts[TUNING_GENERAL];
    float *vectors = memory_alloc(TUNING_GENERAL, tuning->head.dimensions * sizeof(*vectors));
    all_texts(texts);
    bool ok = model_embed(tuning->model, texts, TUNING_GENERAL, model_prompt(tuning->model, NULL), vectors, NULL, error);
    tuning->general_logits = memory_alloc(TUNING_GENERAL, tuning->labels * sizeof(*tuning->general_logits));
    if (ok)
        linear_head_run(&tuning->head, vectors, TUNING_GENERAL, tuning->general_logits, tuning->pool);
    free(vectors);
    return ok;
}

bool tuning_general_trained(struct model *model, float *logits, struct error *error)
{
    struct slice texts[TUNING_GENERAL];
    all_texts(texts);
    return model_score(model, texts, NULL, TUNING_GENERAL, logits, error);
}

double tuning_general_abstained(const struct tuning *tuning, double threshold)
{
    uint32_t answers[TUNING_GENERAL];
    double confidences[TUNING_GENERAL];
    size_t abstained = 0, size = TUNING_GENERAL * tuning->labels;
    float *shares = memory_alloc(size, sizeof(*shares));
    memcpy(shares, tuning->general_logits, size * sizeof(*shares));
    measure_softmax(shares, TUNING_GENERAL, tuning->labels, tuning->temperature);
    measure_answers(shares, TUNING_GENERAL, tuning->labels, answers, confidences);
    for (size_t i = 0; i < TUNING_GENERAL; i++)
        abstained += confidences[i] < threshold;
    free(shares);
    return (double)abstained / TUNING_GENERAL;
}

void tuning_tell_abstained(struct tuning *tuning, size_t texts, double before, double after)
{
    tell_general(tuning, "abstained", texts, before, after);
}

/* ---- readers and writers ---- */

void tuning_general_questions(struct examples *examples, uint32_t **items, struct arena *arena)
{
    *examples = (struct examples){.format = EXAMPLES_SQUAD, .shape = EXAMPLES_READING, .count = GENERAL_TEXTS};
    examples->items = arena_alloc(arena, GENERAL_TEXTS, sizeof(*examples->items));
    *items = arena_alloc(arena, GENERAL_TEXTS, sizeof(**items));
    for (size_t i = 0; i < GENERAL_TEXTS; i++) {
        examples->items[i].text = slice_from(general_texts[i].question);
        examples->items[i].context = slice_from(general_texts[(i + OTHER) % GENERAL_TEXTS].passage);
        (*items)[i] = (uint32_t)i;
    }
}

/* ---- embedding models and rerankers ---- */

/* Of the `count` passages from the question's own on: whether that is the best. */
static bool is_first(const float *scores, size_t count)
{
    for (size_t i = 1; i < count; i++)
        if (!(scores[0] > scores[i]))
            return false;
    return true;
}

static bool recall_by_vectors(struct model *model, size_t among, double *recall, struct error *error)
{
    struct slice texts[TUNING_GENERAL];
    size_t dimensions = model_info(model)->dimensions, found = 0;
    float *vectors = memory_alloc(TUNING_GENERAL, dimensions * sizeof(*vectors)), scores[GENERAL_TEXTS];
    all_texts(texts);
    bool ok = texts_vectors(model, texts, TUNING_GENERAL, vectors, error);
    for (size_t i = 0; i < GENERAL_TEXTS && ok; i++) {
        for (size_t j = 0; j < among; j++)
            scores[j] = kernels()->dot(vectors + 2 * i * dimensions, vectors + (2 * ((i + j) % GENERAL_TEXTS) + 1) * dimensions,
                                       dimensions);
        found += is_first(scores, among);
    }
    *recall = (double)found / GENERAL_TEXTS;
    free(vectors);
    return ok;
}

static bool recall_by_ranker(struct ranker *ranker, double *recall, struct error *error)
{
    struct slice passages[RANKED];
    float scores[RANKED];
    size_t found = 0;
    bool ok = true;
    for (size_t i = 0; i < GENERAL_TEXTS && ok; i++) {
        for (size_t j = 0; j < RANKED; j++)
            passages[j] = slice_from(general_texts[(i + j) % GENERAL_TEXTS].passage);
        ok = ranker_score(ranker, slice_from(general_texts[i].question), passages, RANKED, scores, error);
        found += ok && is_first(scores, RANKED);
    }
    *recall = (double)found / GENERAL_TEXTS;
    return ok;
}

bool pairs_general(struct pairs_tuning *pairs, const char *folder, struct error *error)
{
    struct tuning *tuning = &pairs->tuning;
    double before, after = 0;
    bool ok = recall_by_vectors(tuning->model, pairs->embeds ? GENERAL_TEXTS : RANKED, &before, error);
    if (ok && pairs->embeds) {
        struct model *model = NULL;
        const struct model_options options = {.pool = tuning->pool, .adapter = folder};
        ok = model_open(&model, tuning->base_folder, &options, error) && recall_by_vectors(model, GENERAL_TEXTS, &after, error);
        model_close(model);
    } else if (ok) {
        struct ranker *ranker = NULL;
        const struct ranker_options options = {.base = tuning->base_folder, .adapter = folder, .pool = tuning->pool};
        ok = ranker_open(&ranker, &options, error) && recall_by_ranker(ranker, &after, error);
        ranker_close(ranker);
    }
    if (ok)
        tell_general(tuning, "recall@1", GENERAL_TEXTS, before, after);
    return ok;
}
