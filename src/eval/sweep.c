/* sweep.c - the test cases under many settings, each compared with the current ones case by case.
 *
 *   text     k1 × b              vector     hybrid   fusion × weight
 *
 * The best of many looks good by chance alone. So the interval of each difference is as wide as the number of settings demands (Bonferroni):
 * over all of them together, a difference that is none is taken for one in 5 of 100 sweeps at the most. */
#include "runs.h"
#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { SETTINGS_MAX = 64 };

#define OUTSIDE 0.05

struct sweeping {
    const struct eval_run *run;
    struct eval_setting settings[SETTINGS_MAX];
    size_t count;
    struct eval_scores *scores; /* [setting][case] */
    struct eval_cases cases;
    struct arena arena;
};

static bool same_setting(const struct eval_setting *a, const struct eval_setting *b)
{
    bool text = a->mode == RETRIEVE_VECTOR || (a->k1 == b->k1 && a->b == b->b);
    bool joined = a->mode != RETRIEVE_HYBRID || (a->fusion == b->fusion && a->vector_weight == b->vector_weight);
    return a->mode == b->mode && text && joined;
}

static void add_setting(struct sweeping *sweeping, struct eval_setting setting)
{
    for (size_t i = 0; i < sweeping->count; i++)
        if (same_setting(&sweeping->settings[i], &setting))
            return;
    assert(sweeping->count < SETTINGS_MAX);
    sweeping->settings[sweeping->count++] = setting;
}

/* The current settings first, then what is tried beside them. */
static void list_settings(struct sweeping *sweeping, bool has_vectors)
{
    static const float k1s[] = {0.6F, 0.9F, 1.2F, 1.5F, 2.0F}, bs[] = {0.3F, 0.5F, 0.75F, 0.9F};
    static const float weights[] = {0.1F, 0.2F, 0.3F, 0.4F, 0.5F, 0.6F, 0.7F, 0.8F, 0.9F};
    static const enum retrieve_fusion fusions[] = {FUSION_SCORES, FUSION_RANKS};
    const struct settings *now = &sweeping->run->project->settings;
    enum retrieve_mode asked = sweeping->run->mode != RETRIEVE_AUTO ? sweeping->run->mode : now->mode;
    struct eval_setting current = {asked, now->k1, now->b, now->vector_weight, now->fusion}, other;
    if (asked == RETRIEVE_AUTO)
        current.mode = has_vectors ? RETRIEVE_HYBRID : RETRIEVE_TEXT;
    add_setting(sweeping, current);
    for (size_t i = 0; i < ARRAY_COUNT(k1s); i++)
        for (size_t j = 0; j < ARRAY_COUNT(bs); j++) {
            other = current;
            other.mode = RETRIEVE_TEXT;
            other.k1 = k1s[i];
            other.b = bs[j];
            add_setting(sweeping, other);
        }
    other = current;
    other.mode = RETRIEVE_VECTOR;
    if (has_vectors)
        add_setting(sweeping, other);
    for (size_t i = 0; has_vectors && i < ARRAY_COUNT(fusions); i++)
        for (size_t j = 0; j < ARRAY_COUNT(weights); j++) {
            other = current;
            other.mode = RETRIEVE_HYBRID;
            other.fusion = fusions[i];
            other.vector_weight = weights[j];
            add_setting(sweeping, other);
        }
}

static void use_setting(struct settings *settings, const struct eval_setting *setting)
{
    settings->k1 = setting->k1;
    settings->b = setting->b;
    settings->vector_weight = setting->vector_weight;
    settings->fusion = setting->fusion;
}

/* Case by case, so that a question is embedded once for all settings. */
static bool ask_all(struct sweeping *sweeping, struct error *error)
{
    struct settings *settings = &sweeping->run->project->settings;
    const struct settings before = *settings;
    struct eval_run run = *sweeping->run;
    bool ok = true;
    for (size_t i = 0; ok && i < sweeping->cases.count; i++) {
        for (size_t j = 0; ok && j < sweeping->count; j++) {
            enum retrieve_mode mode;
            use_setting(settings, &sweeping->settings[j]);
            run.mode = sweeping->settings[j].mode;
            ok = eval_ask_case(&run, &sweeping->cases.items[i], NULL, &sweeping->scores[j * sweeping->cases.count + i], NULL,
                               NULL, &mode, error);
        }
        ok = ok && eval_step(&run.progress, "asking", i + 1, sweeping->cases.count, error);
    }
    *settings = before;
    return ok;
}

static int by_ndcg(const void *a, const void *b)
{
    const struct eval_row *left = a, *right = b;
    double l = left->mean.values[EVAL_NDCG_10], r = right->mean.values[EVAL_NDCG_10];
    if (l != r)
        return l < r ? 1 : -1;
    return (int)right->is_current - (int)left->is_current; /* of equals, the one that asks for no change */
}

void eval_compare(const struct eval_scores *scores, const uint32_t *clusters, size_t cases, struct eval_sweep *sweep)
{
    double *differences = memory_alloc(cases, sizeof(*differences));
    struct statistics_interval interval;
    const struct clustered clustered = {differences, clusters, cases, EVAL_SEED};
    const double outside = OUTSIDE / (double)(sweep->count > 1 ? sweep->count - 1 : 1);
    for (size_t j = 0; j < sweep->count; j++) {
        const struct eval_scores *own = scores + j * cases;
        struct eval_row *row = &sweep->rows[j];
        row->is_current = j == 0;
        eval_mean(own, cases, &row->mean);
        for (size_t i = 0; i < cases; i++)
            differences[i] = own[i].values[EVAL_NDCG_10] - scores[i].values[EVAL_NDCG_10];
        statistics_clustered_at(&clustered, outside, &interval);
        row->difference = (struct eval_interval){statistics_mean(&clustered), fmax(interval.low, -1), fmin(interval.high, 1)};
    }
    free(differences);
    qsort(sweep->rows, sweep->count, sizeof(*sweep->rows), by_ndcg);
    sweep->is_better = !sweep->rows[0].is_current && sweep->rows[0].difference.low > 0;
}

/* Whether a search by vectors is possible now. */
static bool find_vectors(const struct eval_run *run, bool *has_vectors, struct error *error)
{
    struct error why;
    *has_vectors = false;
    if (!project_refresh(run->project, error))
        return false;
    bool ok = project_refresh_vectors(run->project, error);
    if (ok)
        *has_vectors = embed_ready(run->embedder, &why);
    project_release(run->project);
    return ok;
}

bool eval_run_sweep(const struct eval_run *run, struct eval_sweep *sweep, struct error *error)
{
    struct sweeping sweeping = {.run = run};
    bool has_vectors;
    *sweep = (struct eval_sweep){0};
    arena_init(&sweeping.arena);
    bool ok = eval_open_cases(run, &sweeping.arena, &sweeping.cases, error) && find_vectors(run, &has_vectors, error);
    if (ok) {
        list_settings(&sweeping, has_vectors);
        sweeping.scores = memory_alloc(sweeping.count * sweeping.cases.count, sizeof(*sweeping.scores));
        ok = ask_all(&sweeping, error);
    }
    if (ok) {
        *sweep = (struct eval_sweep){
            .rows = memory_alloc(sweeping.count, sizeof(*sweep->rows)), .count = sweeping.count, .cases = sweeping.cases.count};
        for (size_t j = 0; j < sweep->count; j++)
            sweep->rows[j].setting = sweeping.settings[j];
        eval_compare(sweeping.scores, sweeping.cases.clusters, sweeping.cases.count, sweep);
    }
    free(sweeping.scores);
    arena_release(&sweeping.arena);
    return ok;
}
