/* arms_parts.h - a decision on its way. Private to arms. */
#ifndef ARMS_ARMS_PARTS_H
#define ARMS_ARMS_PARTS_H

#include "arms.h"
#include "eval/eval.h"
#include "learned_form.h"

enum { REPORT_CASES_MAX = 2000 };

/* A passage or quote that an answer came from. */
struct said_passage {
    struct slice document, text;
    int64_t start, end;
};

/* One answer to one question. */
struct said {
    struct slice text; /* without marks */
    bool abstained, failed;
    const char *failure; /* then */
    struct said_passage *passages, *citations; /* of a citation: document and text */
    size_t passage_count, citation_count;
    bool had_evidence; /* what proves the answer was among the passages */
    double took_ms;
    double input_tokens, cached_tokens, output_tokens;
    /* From here on grades: made anew from what is above. */
    double knowledge; /* is the fact right: 0 or 1 */
    double form; /* the same of the form; negative: none was asked for, or nothing was answered */
    double exact, strict;
    double forms[ANSWER_FORMS]; /* negative: not asked, or nothing was answered */
    double score;
    bool right;
};

/* How answers are made. */
enum maker { MAKER_ASK, MAKER_LABEL, MAKER_FORM };

struct built; /* what was learned: tuned.c */

struct way {
    const char *key; /* "rag+examples": names it in cases.jsonl */
    const char *label; /* in words */
    enum maker maker;
    enum ask_approach approach; /* of what is asked */
    struct llm *llm; /* NULL: the reader, or sentences */
    const char *model; /* its name, where that is neither the run's nor the tuned one's; NULL: it is */
    bool examples; /* shows examples */
    const char *schema; /* NULL: none */
    bool retrieves;
    bool keeps; /* sentences that no passage bears out: where it is asked what a model can say at all */
    struct built *built; /* MAKER_LABEL, MAKER_FORM */
    const int64_t *given; /* passages to answer from, in the place of a search; NULL: it searches */
    size_t given_count;
    struct project *project; /* asked instead; NULL: the run's own */
    struct embedder *embedder;
};

struct arm_state {
    enum arms_state state;
    const char *why;
    struct way way;
    struct said *said; /* one a test case */
    size_t done; /* that were asked: all, unless it was stopped midway */
    double *scores;
    double score, knowledge, form, exact, strict, similarity, grounded, citations,
        forms[ANSWER_FORMS]; /* negative: not measured */
    struct label_report labels; /* where the answers wanted are labels */
    struct statistics_interval interval;
    double p50_ms, p95_ms, input_tokens, cached_tokens, output_tokens;
    struct grade_abstention abstention;
    struct style_report style;
    struct cost_use use;
    struct cost cost;
    double cost_month;
    double stale; /* share; negative: not measured */
    size_t stale_cases;
    double drop; /* NaN: not measured */
    double tune_seconds;
    double trained_tokens; /* by a provider */
    const char *no_candidate; /* why it is none for the verdict; NULL: it is */
};

struct pairs { /* inputs with outputs */
    struct slice *inputs, *outputs;
    size_t count;
};

struct check {
    const char *name, *message;
    bool ok;
};

enum { CHECKS_MAX = 20 };

/* Why a case failed. */
struct repair {
    const char *name;
    struct said said;
    bool tried;
};
enum { REPAIR_ORACLE, REPAIR_EXHAUSTIVE, REPAIR_FORM, REPAIR_EXAMPLE, REPAIR_ORACLE_FORM, REPAIRS };

extern const char *const repair_names[REPAIRS]; /* "gold passage given", … */

struct failing {
    size_t test; /* its number among the test cases */
    struct counterfactual facts;
    struct diagnosis diagnosis;
    struct repair repairs[REPAIRS];
};

/* Why the cases of one arm fail. */
struct diagnosed {
    enum arm_kind arm;
    struct failing *failing;
    size_t failing_count;
    struct gap_shares gaps;
};

/* Where the answer of a case stands in the documents. */
struct gold_places {
    bool is_there; /* one of its sources is in the catalog */
    int64_t *passages; /* of its sources, that hold the answer */
    size_t count, capacity;
};

struct record; /* record.c */

struct deciding {
    const struct arms_run *run;
    struct arms_outcome *outcome;
    struct project *project;
    struct arena *arena; /* of the outcome */
    const struct settings *settings; /* the project's */
    const char *tests_path, *folder;
    const char *run_name; /* "0003" */
    double target;
    uint64_t seed;
    bool has_model_answered; /* a language model, to any case */
    struct answer_cases cases;
    size_t *test, *development; /* numbers of cases */
    size_t test_count, development_count;
    uint32_t *clusters; /* of test cases */
    struct gold_places *gold; /* of each case */
    struct pairs examples; /* to learn from and to show: none is like a test case */
    size_t example_count, overlapping, overlapping_same; /* in the file; of them left out */
    const char *examples_path; /* these, as a file */
    struct learned_form form;
    bool form_fits; /* cases may ask for it */
    bool form_asked; /* answers must have it */
    enum answer_check measure; /* never CHECK_AUTO */
    struct form_asked asked; /* schema and pattern of the project */
    struct store_counts counts;
    size_t base_tokens;
    struct check checks[CHECKS_MAX];
    size_t check_count;
    struct arm_state arms[ARM_KINDS];
    struct record *record;
    struct cost_prices prices;
    double requests; /* a month */
    /* diagnosis */
    struct diagnosed base; /* the simplest arm that was measured: what one would begin with */
    struct diagnosed left; /* the verdict's, or the best one, where that is another: what is left to be done */
    bool has_left;
    bool *doubtful;
    /* learning curve */
    struct curve_point *points;
    struct statistics_interval *point_intervals;
    size_t point_count;
    bool has_forecast;
    struct curve_forecast forecast;
    const char *curve_says;
    struct slice audit; /* of the documents, as JSON; empty: there is none */
    size_t held_in_sample; /* answers that were held back by a confidence that was fitted on the same case */
    bool has_retrieval;
    struct eval_report retrieval;
    struct verdict verdict;
    size_t verdict_arms[ARM_KINDS]; /* its arms, as numbers of arms */
    size_t verdict_arm_count;
    struct framework frameworks[FRAMEWORKS];
};

bool deciding_step(struct deciding *deciding, const char *stage, size_t done, size_t total, struct error *error) MUST_USE;
void deciding_check(struct deciding *deciding, const char *name, bool ok, const char *message);
const struct answer_case *test_case(const struct deciding *deciding, size_t test);
bool wants_style(const struct deciding *deciding, const struct answer_case *item); /* answers like the examples */

/* ---- prepare.c: what is asked, and what answers must be ---- */
bool prepare(struct deciding *deciding, struct error *error) MUST_USE;
bool prepare_files(struct deciding *deciding, struct error *error) MUST_USE; /* the folder of the run, and what goes into it */
void prepare_release(struct deciding *deciding);

/* ---- soundness.c: before any verdict ---- */
bool check_overlap(struct deciding *deciding, struct error *error) MUST_USE; /* takes examples that are like test cases out */
bool check_evidence(struct deciding *deciding, struct error *error) MUST_USE;
void check_numbers(struct deciding *deciding);

/* ---- record.c: .assay/runs/N/cases.jsonl ---- */
bool record_open(struct deciding *deciding, struct error *error) MUST_USE; /* fills folder and record */
void record_close(struct record *record); /* NULL is fine */
bool record_find(const struct record *record, const char *key, struct said *said);
bool deciding_hash_file(const char *path, char hash[2 * STORE_HASH_BYTES + 1]); /* false: it cannot be read */
bool deciding_hash_documents(struct deciding *deciding, char hash[2 * STORE_HASH_BYTES + 1]); /* over path and content of all */
bool record_keep(struct record *record, const char *key, const struct said *said, struct error *error) MUST_USE;

/* ---- way.c: a question answered in a way, and graded ---- */

/* `note` tells apart what is asked of one case: "" as it stands. What was asked before is taken from the record. */
bool way_ask(struct deciding *deciding, const struct way *way, const struct answer_case *item, const char *note,
             struct slice question, struct said *said, struct error *error) MUST_USE;
void grade_said(struct deciding *deciding, const struct answer_case *item, struct said *said);
const char *way_model(const struct deciding *deciding, const struct way *way); /* NULL: no language model */
struct slice words_normalized(struct slice text, struct arena *arena); /* as answers are compared */

/* ---- tuned.c: what can be learned from the examples here ---- */
struct built_options {
    size_t examples; /* the first so many */
    const char *name; /* of its files in the run's folder */
};
bool built_make(struct deciding *deciding, const struct built_options *options, struct built **built,
                struct error *error) MUST_USE;
void built_free(struct deciding *deciding, struct built *built); /* NULL is fine */
bool built_label(struct deciding *deciding, struct built *built, struct slice question, struct arena *arena,
                 struct slice *label, struct error *error) MUST_USE;
/* `fact` NULL: that of the example most like the question. */
bool built_write(struct deciding *deciding, struct built *built, struct slice question, const struct slice *fact,
                 struct arena *arena, struct slice *text, struct error *error) MUST_USE;

/* ---- hosted.c: what a provider fine-tunes ---- */
bool hosted_choose(struct deciding *deciding, enum arm_kind kind, struct error *error) MUST_USE; /* as arm_choose */
struct hosted_plan {
    const char *why; /* there would be no such arm; NULL: there would be */
    double tokens; /* to be paid for, about: none where there is a job already */
    bool is_done; /* the model is there */
};
bool hosted_plan(struct deciding *deciding, enum arm_kind kind, struct hosted_plan *plan, struct error *error) MUST_USE;

/* ---- measure.c: one arm over the cases ---- */
bool measure_arm(struct deciding *deciding, enum arm_kind kind, struct error *error) MUST_USE;
void measure_summarize(struct deciding *deciding, enum arm_kind kind);

/* ---- arm_ways.c: what the arms are in this project ---- */

/* Why there is no such arm here, as far as it is known before anything is asked or learned; NULL: there is one. */
const char *arm_why_not(const struct deciding *deciding, enum arm_kind kind);

/* Fills the arm's way, or says why there is none (ARM_SKIPPED). */
bool arm_choose(struct deciding *deciding, enum arm_kind kind, struct error *error) MUST_USE;

/* ---- after the arms ---- */
bool audit_base(struct deciding *deciding, struct error *error) MUST_USE; /* base_audit.c */
bool diagnose_base(struct deciding *deciding, struct error *error) MUST_USE; /* diagnose.c */
bool diagnose_left(struct deciding *deciding, struct error *error) MUST_USE; /* after settle */
bool measure_curve(struct deciding *deciding, struct error *error) MUST_USE; /* growth.c */
bool measure_staleness(struct deciding *deciding, struct error *error) MUST_USE; /* change.c */
bool measure_brittleness(struct deciding *deciding, struct error *error) MUST_USE; /* wording.c */
bool read_prices(struct deciding *deciding, struct error *error) MUST_USE; /* costs.c */
void cost_arm(struct deciding *deciding, enum arm_kind kind);
double cost_upkeep_least(const struct deciding *deciding); /* of a month, of the approach that takes the fewest hours */
bool settle(struct deciding *deciding, struct error *error) MUST_USE; /* settle.c: verdict and rules of thumb */
const char *arm_ruled_out(const struct deciding *deciding, enum arm_kind kind); /* by which limits; NULL: by none */
bool see_next(struct deciding *deciding, struct error *error) MUST_USE; /* next.c: what runs the winner */
bool settle_early(struct deciding *deciding, bool *is_settled,
                  struct error *error) MUST_USE; /* a simple arm is good enough for sure */
void costs_write(const struct deciding *deciding, struct json_writer *json); /* members of the report */
bool report_write(struct deciding *deciding, struct error *error) MUST_USE; /* arms_report.c */

/* A question with two letters of a word exchanged, and one worded otherwise; in the arena. */
struct slice wording_typo(struct slice question, uint64_t seed, struct arena *arena);
struct slice wording_other(struct slice question, struct arena *arena);

/* The text with its numbers changed to others of as many digits; empty: it has none. */
struct slice change_numbers(struct slice text, struct arena *arena);

/* ---- arm_ways.c ---- */

/* What a way scores on the development cases. */
bool way_score(struct deciding *deciding, const struct way *way, double *score, struct error *error) MUST_USE;

/* ---- written.c ---- */

bool way_is_written(const struct way *way); /* by the project's writer */
const char *written_why_not(const struct deciding *deciding); /* NULL: it may be an arm */
void check_written_form(struct deciding *deciding); /* is it asked as it was trained? */
/* Puts the writer in the place of the way that the arm has, if it scores more on the development cases, or the arm has none. */
bool written_choose(struct deciding *deciding, struct arm_state *state, enum arm_kind kind, struct error *error) MUST_USE;

#endif
