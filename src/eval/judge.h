/* judge.h - a language model as a judge of answers: one opinion beside measures that need none. Part of eval.h.
 *
 * A judgement that fails, or names no verdict, is an outcome, and is counted. Of two answers, each is shown first once: a judge that goes by the place
 * finds them equal. Whether a judge may count is for people to say: its agreement with theirs, beyond chance (Cohen's kappa), is told. */
#ifndef EVAL_JUDGE_H
#define EVAL_JUDGE_H

#include "llm/llm.h"

enum judge_verdict { JUDGED_FAILED, JUDGED_WRONG, JUDGED_RIGHT, JUDGED_SECOND, JUDGED_FIRST, JUDGED_EQUAL };

struct judge {
    struct llm *llm;
    struct slice rubric; /* what a right answer is; empty: it says what the wanted one says */
    struct llm_usage usage; /* of all */
    struct slice failure; /* of the last one that failed; in the arena that it was given */
};

/* False only where all of it is to stop. `wanted` data NULL: nothing answers the question, and to say so is right. */
bool judge_answer(struct judge *judge, struct slice question, struct slice wanted, struct slice answer, struct arena *arena,
                  enum judge_verdict *judgement, struct error *error) MUST_USE;

/* JUDGED_FIRST and _SECOND: that one is the better; JUDGED_EQUAL also where the order decides. */
bool judge_pair(struct judge *judge, struct slice question, struct slice wanted, struct slice first, struct slice second,
                struct arena *arena, enum judge_verdict *judgement, struct error *error) MUST_USE;

enum { JUDGE_LABELS_LEAST = 20 };
#define JUDGE_KAPPA_LEAST 0.6

/* What a person said of an answer, and what the judge did. */
struct judge_label {
    struct slice question, wanted, answer;
    bool is_right;
    enum judge_verdict judged; /* JUDGED_RIGHT, _WRONG, or _FAILED, which agrees with nobody */
};

struct judge_agreement {
    size_t labels, same; /* labels that are the same are counted once */
    double kappa; /* 0 without labels */
    struct statistics_interval interval; /* of kappa */
    bool counts; /* enough labels, and all of the interval is above JUDGE_KAPPA_LEAST */
};
void judge_agree(const struct judge_label *labels, size_t count, struct judge_agreement *agreement);

#endif
