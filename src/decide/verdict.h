/* verdict.h - the simplest arm that is good enough. Part of decide.h.
 *
 * Arms are looked at from the simplest on, among those within the limits and not below the target for sure:
 *
 *   good      it reaches the target for sure, or it is not worse than the best one by more than the margin
 *   worse     by more than the margin, and not by chance
 *   unclear   neither can be said with these cases
 *
 * The first good one is the verdict, when none before it is unclear. Otherwise the verdict is that more cases are needed, and how many. */
#ifndef DECIDE_VERDICT_H
#define DECIDE_VERDICT_H

#include "base/base.h"

enum arm_kind { ARM_PROMPT, ARM_FULL, ARM_RAG, ARM_TUNE, ARM_HYBRID, ARM_KINDS }; /* from the simplest on */
extern const char *const arm_names[ARM_KINDS]; /* "prompt", … */

/* What a limit is about. */
enum limit_kind { LIMIT_LATENCY, LIMIT_COST, LIMIT_PRIVACY, LIMIT_CITATIONS, LIMIT_FRESHNESS, LIMIT_KINDS };
extern const char *const limit_names[LIMIT_KINDS]; /* "latency_p95_ms", … */

struct arm {
    enum arm_kind kind;
    const char *model;
    const double *scores; /* of each case, 0 … 1 */
    double latency_p50_ms, latency_p95_ms, tokens_per_request;
    double cost_build, cost_per_1000, cost_per_month;
    double cost_people; /* of the month's: people's hours of upkeep, which are a guide's figure and not measured */
    bool is_private; /* nothing leaves the machine */
    bool cites; /* answers name their sources */
    double stale_share; /* of answers after a change of the documents that were the old ones */
    const char *no_candidate; /* why it may not be built whatever it scores, as "it learned nothing"; NULL: it may */
};

struct verdict_limits {
    double latency_p95_ms, cost_per_month; /* 0: none */
    bool is_private, citations;
    double stale_share_most; /* of answers that may be old; 1: any */
};

/* Whether the arm keeps all of them; `met`: each. */
bool limits_met(const struct verdict_limits *limits, const struct arm *arm, bool met[LIMIT_KINDS]);
/* Those that rule it out, each with what it takes, one after the other; NULL: it keeps them all. */
const char *limits_broken(const struct verdict_limits *limits, const struct arm *arm, struct arena *arena);

struct verdict_question {
    const struct arm *arms; /* each kind once at the most */
    size_t arm_count;
    size_t cases;
    const uint32_t *clusters; /* the document that each case is about; NULL: each its own */
    const bool *doubtful; /* cases whose wanted answer is in doubt: left out; NULL: none */
    double target; /* 0: none */
    double margin; /* 0: 0.05 */
    struct verdict_limits limits;
    uint64_t seed;
};

enum arm_standing { ARM_OUT_OF_LIMITS, ARM_BELOW_TARGET, ARM_NO_CANDIDATE, ARM_GOOD, ARM_WORSE, ARM_UNCLEAR };

struct arm_report {
    double score;
    struct statistics_interval interval;
    bool meets[LIMIT_KINDS];
    enum arm_standing standing;
    double behind; /* the best one's score less this one's */
    struct statistics_interval behind_interval;
    double chance; /* of so large a difference, if there were none; Holm's over all arms */
};

enum verdict_kind {
    VERDICT_ARM, /* build this one */
    VERDICT_UNDECIDED, /* `arm` and `other` cannot be told apart, or, the same one twice, there are too few cases for anything: more cases */
    VERDICT_NO_ARM /* none reaches the target, is within the limits and is a candidate */
};
enum target_state { TARGET_NONE, TARGET_REACHED, TARGET_UNCLEAR, TARGET_MISSED };

struct verdict {
    enum verdict_kind kind;
    size_t arm; /* in question.arms; of VERDICT_UNDECIDED: the simplest that may be good enough; of VERDICT_NO_ARM: the best */
    size_t other; /* of VERDICT_UNDECIDED: the one that is good for sure */
    size_t best;
    enum target_state target;
    bool is_alone; /* of VERDICT_ARM: no other one may be built, so that there is none to compare it with */
    /* 1 less the largest chance that the verdict is wrong in one way, at the most 0.975. Of the only arm that may be built: the chance that it reaches
     * the target. 0: undecided, or nothing is claimed: there is neither another arm nor a target, or the best is no candidate. */
    double confidence;
    size_t cases, doubtful, documents; /* documents: that the cases are about */
    double
        detectable; /* from this difference to the best on, these cases show it for each arm; of VERDICT_UNDECIDED: for `arm` */
    size_t cases_needed; /* in all, to tell `arm` from `other`, or the score from the target; 0: there are enough */
    size_t
        documents_needed; /* of VERDICT_UNDECIDED: that the cases must be about, at the least, to tell `arm` from `other`; 0: there are enough */
    struct arm_report *arms; /* in the order of question.arms; in the arena */
    const char **reasons, **changes; /* sentences; what would change it */
    size_t reason_count, change_count;
};

/* What is told of the mean of scores, in tables too: 95 %, within 0 and 1. Where they are rights and wrongs, Wilson's; that of the number right is the
 * least for others, since values that happen to be the same have no spread to draw from. */
void verdict_interval(const struct clustered *scores, struct statistics_interval *interval);

/* At least one arm and one case are needed; else ERROR_INVALID. */
bool verdict_reach(const struct verdict_question *question, struct arena *arena, struct verdict *verdict,
                   struct error *error) MUST_USE;

#endif
