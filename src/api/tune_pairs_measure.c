/* tune_pairs_measure.c - how well what answers a question is put first: while it learns, and before and after on what was held out.
 *
 * A reranker is measured by the order that it gives to a question's candidates, as the search ordered them before; a question whose answer is
 * not among them counts as 0 both times. An embedding model is measured by what it finds among all texts of the data. What is measured is the
 * adapter as it lies on disk, at the precision at which it will serve. */
#include "kernel/kernel.h"
#include "ranker/ranker.h"
#include "tune_pairs.h"
#include <math.h>
#include <stdlib.h>

enum { SCORED_QUESTIONS = 50, SCORED_CANDIDATES = 10, ASKED_AT_ONCE = 128, NEAREST = 10 };

struct placed {
    uint32_t place;
    float score;
};

static int best_first(const void *a, const void *b)
{
    const struct placed *left = a, *right = b;
    if (left->score != right->score)
        return left->score > right->score ? -1 : 1;
    return (left->place > right->place) - (left->place < right->place);
}

/* ---- one question ---- */

static void score_gains(const struct pair_question *question, const double *gains, size_t count, size_t answers,
                        struct eval_scores *scores)
{
    size_t wanted = answers > question->positive_count ? answers : question->positive_count;
    double *relevant = memory_alloc(wanted, sizeof(*relevant));
    for (size_t i = 0; i < wanted; i++)
        relevant[i] = 1;
    eval_question(gains, count, relevant, wanted, scores);
    free(relevant);
}

/* `by`: a score of each candidate; NULL: they stay as they stand. */
static void score_order(const struct pair_question *question, size_t count, const float *by, struct eval_scores *scores)
{
    struct placed *order = memory_alloc(count + 1, sizeof(*order));
    double *gains = memory_alloc(count + 1, sizeof(*gains));
    size_t answers = 0;
    for (size_t i = 0; i < count; i++)
        order[i] = (struct placed){(uint32_t)i, by != NULL ? by[i] : 0};
    if (count > 0)
        qsort(order, count, sizeof(*order), best_first);
    for (size_t i = 0; i < count; i++) {
        gains[i] = question->candidates[order[i].place].answers ? 1 : 0;
        answers += question->candidates[i].answers;
    }
    score_gains(question, gains, count, answers, scores);
    free(gains);
    free(order);
}

/* ---- while it learns ---- */

static size_t scored_candidates(const struct pair_question *question)
{
    return question->candidate_count < SCORED_CANDIDATES ? question->candidate_count : SCORED_CANDIDATES;
}

static bool predict(struct trainer *trainer, const struct train_example *examples, size_t count, size_t outputs, float *out,
                    struct error *error)
{
    bool ok = true;
    for (size_t at = 0; at < count && ok; at += ASKED_AT_ONCE)
        ok = trainer_predict(trainer, examples + at, count - at < ASKED_AT_ONCE ? count - at : ASKED_AT_ONCE,
                             out + at * outputs, error);
    return ok;
}

static bool score_ranking(const struct pairs_tuning *pairs, struct trainer *trainer, size_t questions, double *score,
                          struct error *error)
{
    struct train_example *examples = memory_alloc(questions * SCORED_CANDIDATES + 1, sizeof(*examples));
    float *out = memory_alloc(questions * SCORED_CANDIDATES + 1, sizeof(*out));
    size_t count = 0, at = 0;
    double sum = 0;
    for (size_t i = 0; i < questions; i++)
        for (size_t j = 0; j < scored_candidates(&pairs->validation.questions[i]); j++)
            examples[count++] = (struct train_example){
                .first = pairs->validation.questions[i].text,
                .second = pairs->texts.items[pairs->validation.questions[i].candidates[j].text]};
    bool ok = predict(trainer, examples, count, 1, out, error);
    for (size_t i = 0; i < questions && ok; i++) {
        const struct pair_question *question = &pairs->validation.questions[i];
        struct eval_scores scores;
        score_order(question, scored_candidates(question), out + at, &scores);
        at += scored_candidates(question);
        sum += scores.values[EVAL_NDCG_10];
    }
    *score = sum / (double)questions;
    free(out);
    free(examples);
    return ok;
}

/* Texts that answer the questions, and their candidates, each once: as a set of their own. */
static void gather_texts(const struct pairs_tuning *pairs, size_t questions, struct text_set *texts)
{
    for (size_t i = 0; i < questions; i++) {
        const struct pair_question *question = &pairs->validation.questions[i];
        for (size_t j = 0; j < question->positive_count; j++)
            texts_add(texts, pairs->texts.items[question->positives[j]]);
        for (size_t j = 0; j < scored_candidates(question); j++)
            texts_add(texts, pairs->texts.items[question->candidates[j].text]);
    }
}

/* The mean of 1 / rank of the best text that answers, among all that were gathered: finer than a count of hits. */
static double mean_reciprocal(const struct pairs_tuning *pairs, size_t questions, const struct text_set *texts,
                              const float *vectors, size_t dimensions)
{
    double sum = 0;
    for (size_t i = 0; i < questions; i++) {
        const struct pair_question *question = &pairs->validation.questions[i];
        const float *asked = vectors + (texts->count + i) * dimensions;
        float best = -2;
        size_t before = 0;
        for (size_t j = 0; j < question->positive_count; j++) {
            const struct map_entry *entry = map_get(&texts->by_text, pairs->texts.items[question->positives[j]]);
            float score = entry != NULL ? kernels()->dot(asked, vectors + entry->value * dimensions, dimensions) : -2;
            best = score > best ? score : best;
        }
        for (size_t j = 0; j < texts->count; j++)
            before += kernels()->dot(asked, vectors + j * dimensions, dimensions) > best;
        sum += 1 / (double)(before + 1);
    }
    return sum / (double)questions;
}

static bool score_vectors(const struct pairs_tuning *pairs, struct trainer *trainer, size_t questions, double *score,
                          struct error *error)
{
    struct text_set texts = {0};
    size_t dimensions = trainer_outputs(trainer);
    gather_texts(pairs, questions, &texts);
    size_t count = texts.count + questions;
    struct train_example *examples = memory_alloc(count, sizeof(*examples));
    float *vectors = memory_alloc(count, dimensions * sizeof(*vectors));
    for (size_t i = 0; i < texts.count; i++)
        examples[i].first = texts.items[i];
    for (size_t i = 0; i < questions; i++)
        examples[texts.count + i].first = pairs->validation.questions[i].text;
    bool ok = predict(trainer, examples, count, dimensions, vectors, error);
    if (ok)
        *score = mean_reciprocal(pairs, questions, &texts, vectors, dimensions);
    free(vectors);
    free(examples);
    texts_release(&texts);
    return ok;
}

bool pairs_score(struct pairs_tuning *pairs, struct trainer *trainer, double *score, struct error *error)
{
    size_t count = pairs->validation.count, most = pairs->embeds ? 4 * SCORED_QUESTIONS : SCORED_QUESTIONS;
    size_t questions = count < most ? count : most;
    return pairs->embeds ? score_vectors(pairs, trainer, questions, score, error)
                         : score_ranking(pairs, trainer, questions, score, error);
}

/* ---- before and after ---- */

static bool ask_ranker(struct pairs_tuning *pairs, const char *folder, struct eval_scores *before, struct eval_scores *after,
                       struct error *error)
{
    static const char stage[] = "reranking what was held out";
    struct ranker *ranker = NULL;
    const struct ranker_options options = {.base = pairs->tuning.base_folder, .adapter = folder, .pool = pairs->tuning.pool};
    bool ok = ranker_open(&ranker, &options, error);
    for (size_t i = 0; i < pairs->cases.count && ok; i++) {
        const struct pair_question *question = &pairs->cases.questions[i];
        size_t count = question->candidate_count;
        struct slice *texts = memory_alloc(count + 1, sizeof(*texts));
        float *scores = memory_alloc(count + 1, sizeof(*scores));
        for (size_t j = 0; j < count; j++)
            texts[j] = pairs->texts.items[question->candidates[j].text];
        ok = (tuning_step(&pairs->tuning, stage, i, pairs->cases.count) || tuning_stopped(stage, error)) &&
             ranker_score(ranker, question->text, texts, count, scores, error);
        score_order(question, count, NULL, &before[i]);
        score_order(question, count, scores, &after[i]);
        free(scores);
        free(texts);
    }
    ranker_close(ranker);
    return ok;
}

/* What is found for each of the cases, whose questions' vectors are `asked`. */
static void find_all(const struct pairs_tuning *pairs, const struct text_set *texts, const float *asked,
                     struct eval_scores *scores)
{
    uint32_t found[NEAREST];
    for (size_t i = 0; i < pairs->cases.count; i++) {
        const struct pair_question *question = &pairs->cases.questions[i];
        double gains[NEAREST] = {0};
        size_t count = texts_nearest(texts, asked + i * texts->dimensions, NEAREST, found), answers = 0;
        for (size_t j = 0; j < count; j++)
            for (size_t p = 0; p < question->positive_count; p++)
                gains[j] = question->positives[p] == found[j] ? 1 : gains[j];
        for (size_t j = 0; j < count; j++)
            answers += gains[j] > 0;
        score_gains(question, gains, count, answers, &scores[i]);
    }
}

/* The first `width` numbers of each vector, of length 1; freed by the caller. */
static float *shortened(const float *vectors, size_t count, size_t dimensions, size_t width)
{
    float *parts = memory_alloc(count + 1, width * sizeof(*parts));
    for (size_t i = 0; i < count; i++) {
        const float *vector = vectors + i * dimensions;
        float length = sqrtf(kernels()->dot(vector, vector, width));
        kernels()->scale(parts + i * width, vector, length > 0 ? 1 / length : 0, width);
    }
    return parts;
}

/* recall@10 by the first `width` numbers alone. */
static double recall_by_part(const struct pairs_tuning *pairs, const struct text_set *texts, const float *asked, size_t width)
{
    struct text_set part = *texts;
    struct eval_scores *scores = memory_alloc(pairs->cases.count + 1, sizeof(*scores));
    float *questions = shortened(asked, pairs->cases.count, texts->dimensions, width);
    double sum = 0;
    part.vectors = shortened(texts->vectors, texts->room, texts->dimensions, width);
    part.dimensions = width;
    find_all(pairs, &part, questions, scores);
    for (size_t i = 0; i < pairs->cases.count; i++)
        sum += scores[i].values[EVAL_RECALL_10];
    free(part.vectors);
    free(questions);
    free(scores);
    return sum / (double)pairs->cases.count;
}

/* `recalls`: by each of the widths. */
static bool find_with(struct pairs_tuning *pairs, struct text_set *texts, struct model *model, struct eval_scores *scores,
                      double *recalls, struct error *error)
{
    size_t dimensions = model_info(model)->dimensions, count = pairs->cases.count;
    uint32_t *all = memory_alloc(texts->own + 1, sizeof(*all));
    struct slice *questions = memory_alloc(count + 1, sizeof(*questions));
    float *asked = memory_alloc(count + 1, dimensions * sizeof(*asked));
    for (size_t i = 0; i < texts->own; i++)
        all[i] = (uint32_t)i;
    for (size_t i = 0; i < count; i++)
        questions[i] = pairs->cases.questions[i].text;
    bool ok = texts_embed(texts, model, all, texts->own, &pairs->tuning, error) &&
              texts_vectors(model, questions, count, asked, error);
    if (ok)
        find_all(pairs, texts, asked, scores);
    for (size_t i = 0; i < pairs->width_count && ok; i++)
        recalls[i] = recall_by_part(pairs, texts, asked, pairs->options->widths[i]);
    free(asked);
    free(questions);
    free(all);
    return ok;
}

static void tell_widths(struct pairs_tuning *pairs, const double *before, const double *after)
{
    struct assay_tune_report *report = &pairs->tuning.tuned->report;
    struct assay_tune_width *widths = arena_alloc(&pairs->tuning.tuned->arena, pairs->width_count + 1, sizeof(*widths));
    for (size_t i = 0; i < pairs->width_count; i++)
        widths[i] = (struct assay_tune_width){pairs->options->widths[i], before[i], after[i]};
    report->widths = widths;
    report->width_count = pairs->width_count;
}

static bool ask_vectors(struct pairs_tuning *pairs, const char *folder, struct eval_scores *before, struct eval_scores *after,
                        struct error *error)
{
    struct model *tuned = NULL;
    struct text_set own = {0};
    double recalls[2][TRAIN_WIDTHS];
    const struct model_options options = {.pool = pairs->tuning.pool, .adapter = folder};
    for (size_t i = 0; i < pairs->texts.own; i++)
        texts_add(&own, pairs->texts.items[i]);
    own.own = own.count;
    bool ok = find_with(pairs, &pairs->texts, pairs->tuning.model, before, recalls[0], error) &&
              model_open(&tuned, pairs->tuning.base_folder, &options, error) &&
              find_with(pairs, &own, tuned, after, recalls[1], error);
    if (ok && pairs->tuning.tuned->report.widths == NULL) /* of the new one, which is asked first */
        tell_widths(pairs, recalls[0], recalls[1]);
    model_close(tuned);
    texts_release(&own);
    return ok;
}

static struct assay_interval interval_of(const struct pairs_tuning *pairs, const struct eval_scores *first,
                                         const struct eval_scores *second, enum eval_measure measure)
{
    size_t count = pairs->cases.count;
    struct statistics_interval interval;
    double *values = memory_alloc(count + 1, sizeof(*values));
    for (size_t i = 0; i < count; i++)
        values[i] = second[i].values[measure] - (first != NULL ? first[i].values[measure] : 0);
    const struct clustered clustered = {.values = values, .count = count, .seed = pairs->seed};
    const double mean = statistics_mean(&clustered);
    if (first != NULL)
        statistics_difference_interval(&clustered, &interval);
    else
        statistics_mean_interval(&clustered, &interval);
    free(values);
    return (struct assay_interval){mean, interval.low, interval.high};
}

static const struct assay_tune_ranking *ranking_of(const struct pairs_tuning *pairs, const struct eval_scores *first,
                                                   const struct eval_scores *second)
{
    struct assay_tune_ranking *ranking = arena_alloc(&pairs->tuning.tuned->arena, 1, sizeof(*ranking));
    ranking->ndcg_10 = interval_of(pairs, first, second, EVAL_NDCG_10);
    ranking->recall_10 = interval_of(pairs, first, second, EVAL_RECALL_10);
    ranking->mrr_10 = interval_of(pairs, first, second, EVAL_MRR_10);
    return ranking;
}

static bool ask(struct pairs_tuning *pairs, const char *folder, struct eval_scores *before, struct eval_scores *after,
                struct error *error)
{
    return pairs->embeds ? ask_vectors(pairs, folder, before, after, error) : ask_ranker(pairs, folder, before, after, error);
}

/* `own`: the scores of the new one. */
static void compare_with_rival(struct pairs_tuning *pairs, const struct eval_scores *own)
{
    enum eval_measure measure = pairs->embeds ? EVAL_RECALL_10 : EVAL_NDCG_10;
    const char *folder = tuning_rival_folder(&pairs->tuning), *name = pairs->embeds ? "recall@10" : "nDCG@10";
    size_t count = pairs->cases.count;
    struct error why;
    struct eval_scores *scores = memory_alloc(2 * count + 1, sizeof(*scores));
    double *before = memory_alloc(2 * count + 1, sizeof(*before)), *after = before + count;
    if (ask(pairs, folder, scores, scores + count, &why)) {
        for (size_t i = 0; i < count; i++) {
            before[i] = scores[count + i].values[measure];
            after[i] = own[i].values[measure];
        }
        tuning_tell_rival(&pairs->tuning, name, before, after, count);
    } else {
        tuning_tell_unmeasured(&pairs->tuning, name, &why);
    }
    free(before);
    free(scores);
}

bool pairs_measure(struct pairs_tuning *pairs, const char *folder, struct error *error)
{
    struct assay_tune_report *report = &pairs->tuning.tuned->report;
    struct eval_scores *before = memory_alloc(2 * pairs->cases.count, sizeof(*before)), *after = before + pairs->cases.count;
    bool ok = ask(pairs, folder, before, after, error);
    if (ok) {
        report->ranking_before = ranking_of(pairs, NULL, before);
        report->ranking = ranking_of(pairs, NULL, after);
        report->ranking_change = ranking_of(pairs, before, after);
        if (tuning_rival_folder(&pairs->tuning) != NULL)
            compare_with_rival(pairs, after);
    }
    free(before);
    return ok;
}
