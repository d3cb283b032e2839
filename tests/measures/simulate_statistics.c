/* simulate_statistics.c ROUNDS - draws cases whose truth is known, and prints how often 95 % intervals hold it and how often tests see what is not
 * there, one JSON object a line. */
#include "eval/eval.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { CASES_MOST = 1000 };

struct setup {
    const char *name;
    size_t documents, each; /* cases about one document */
    double share; /* of right answers */
    double bond; /* share of cases that do as the first of their document */
    enum { OF_SHARE, OF_SCORE, OF_PAIRS, OF_FLIPS } kind;
};

struct drawn {
    double values[CASES_MOST], others[CASES_MOST];
    uint32_t documents[CASES_MOST];
    size_t count;
};

static double draw_score(struct random *random, double share)
{
    return random_unit(random) < share ? 1 - 0.3 * random_unit(random) : 0.4 * random_unit(random);
}

static double draw_value(struct random *random, const struct setup *setup)
{
    return setup->kind == OF_SCORE || setup->kind == OF_FLIPS ? draw_score(random, setup->share)
                                                              : random_unit(random) < setup->share;
}

static void draw_cases(struct drawn *drawn, const struct setup *setup, struct random *random)
{
    drawn->count = setup->documents * setup->each;
    for (size_t i = 0; i < drawn->count; i++) {
        bool follows = i % setup->each != 0 && random_unit(random) < setup->bond;
        size_t first = i - i % setup->each;
        drawn->values[i] = follows ? drawn->values[first] : draw_value(random, setup);
        drawn->others[i] = follows                     ? drawn->others[first]
                           : random_unit(random) < 0.5 ? drawn->values[i]
                                                       : draw_value(random, setup);
        drawn->documents[i] = (uint32_t)(i / setup->each);
    }
}

static double truth_of(const struct setup *setup)
{
    if (setup->kind == OF_SCORE)
        return setup->share * 0.85 + (1 - setup->share) * 0.2;
    return setup->kind == OF_SHARE ? setup->share : 0;
}

/* Whether the interval holds the truth; of OF_FLIPS: whether the test gives alarm. */
static bool try_once(const struct setup *setup, struct drawn *drawn, uint64_t seed)
{
    struct clustered clustered = {drawn->values, drawn->documents, drawn->count, seed};
    struct statistics_interval interval = {0, 0};
    struct paired paired = {0};
    switch (setup->kind) {
    case OF_SHARE:
        statistics_share(&clustered, &interval);
        break;
    case OF_SCORE:
        statistics_clustered(&clustered, &interval);
        break;
    case OF_PAIRS:
        for (size_t i = 0; i < drawn->count; i++) {
            bool first = drawn->values[i] > 0, second = drawn->others[i] > 0;
            paired.both += first && second;
            paired.first_only += first && !second;
            paired.second_only += !first && second;
            paired.neither += !first && !second;
        }
        statistics_newcombe(&paired, &interval);
        break;
    case OF_FLIPS:
        for (size_t i = 0; i < drawn->count; i++)
            drawn->values[i] -= drawn->others[i];
        return statistics_sign_flip(&clustered) <= 0.05;
    }
    double truth = truth_of(setup);
    return interval.low <= truth && truth <= interval.high;
}

static double normal(struct random *random)
{
    double sum = -6;
    for (size_t i = 0; i < 12; i++)
        sum += random_unit(random);
    return sum;
}

/* Two groups of one style: how often the test by a classifier tells them apart. */
static void simulate_style(size_t rounds)
{
    enum { EACH = 25, WIDTH = 8 };
    struct slice texts[2 * EACH];
    float vectors[2 * EACH * WIDTH];
    struct random random;
    size_t alarms = 0;
    random_init(&random, 11);
    for (size_t i = 0; i < (size_t)2 * EACH; i++)
        texts[i] = SLICE("The same words.");
    for (size_t round = 0; round < rounds; round++) {
        struct style_report report;
        for (size_t i = 0; i < (size_t)2 * EACH * WIDTH; i++)
            vectors[i] = (float)normal(&random);
        style_compare(&(struct style_comparison){texts, vectors, WIDTH, EACH, EACH, 199, round}, &report);
        alarms += report.chance <= 0.05;
    }
    printf("{\"name\": \"style, 25 and 25 texts\", \"kind\": \"alarm\", \"rounds\": %zu, \"share\": %.5f}\n", rounds,
           (double)alarms / (double)rounds);
}

int main(int argc, char **argv)
{
    static const struct setup setups[] = {
        {"share, 60 cases of 60 documents", 60, 1, 0.8, 0, OF_SHARE},
        {"share, 60 cases of 20 documents", 20, 3, 0.8, 0.4, OF_SHARE},
        {"share, 200 cases of 50 documents", 50, 4, 0.7, 0.5, OF_SHARE},
        {"score, 60 cases of 60 documents", 60, 1, 0.7, 0, OF_SCORE},
        {"score, 60 cases of 20 documents", 20, 3, 0.7, 0.4, OF_SCORE},
        {"score, 200 cases of 50 documents", 50, 4, 0.5, 0.5, OF_SCORE},
        {"difference of rights, 60 cases", 60, 1, 0.7, 0, OF_PAIRS},
        {"difference of rights, 200 cases", 200, 1, 0.85, 0, OF_PAIRS},
        {"sign flips, 60 cases of 20 documents", 20, 3, 0.7, 0.4, OF_FLIPS},
        {"sign flips, 200 cases of 50 documents", 50, 4, 0.5, 0.4, OF_FLIPS},
    };
    uint64_t rounds = 1000;
    if (argc > 1 && (!slice_to_u64(slice_from(argv[1]), &rounds) || rounds == 0))
        return 2;
    struct drawn *drawn = memory_alloc(1, sizeof(*drawn));
    struct random random;
    random_init(&random, 7);
    for (size_t i = 0; i < ARRAY_COUNT(setups); i++) {
        size_t hits = 0;
        for (uint64_t round = 0; round < rounds; round++) {
            draw_cases(drawn, &setups[i], &random);
            hits += try_once(&setups[i], drawn, round);
        }
        printf("{\"name\": \"%s\", \"kind\": \"%s\", \"rounds\": %zu, \"share\": %.5f}\n", setups[i].name,
               setups[i].kind == OF_FLIPS ? "alarm" : "cover", (size_t)rounds, (double)hits / (double)rounds);
        fflush(stdout);
    }
    free(drawn);
    simulate_style((size_t)rounds);
    return 0;
}
