/* assay_runs.h - recorded runs, and the reports of `assay decide`. Part of assay.h, which includes it. */
#ifndef ASSAY_RUNS_H
#define ASSAY_RUNS_H

#include "assay.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- recorded runs: folders below .assay/runs ---- */

struct assay_run {
    char folder[ASSAY_PATH_BYTES];
    char number[16]; /* "0004" */
};

/* A new run's folder, for what a measurement leaves. Also with a handle that was opened to read. */
ASSAY_API bool assay_run_create(const struct assay *assay, struct assay_run *run, struct assay_error *error);

/* The path of a run's file. `run`: its number, "last" for the newest one that has the file, or a path to the folder or the file itself. */
ASSAY_API bool assay_run_find(const struct assay *assay, const char *run, const char *file, char path[ASSAY_PATH_BYTES],
                              struct assay_error *error);

/* What a run left. */
struct assay_recorded {
    const char *number; /* "0004" */
    const char *kind; /* "decide", "eval" */
    const char *made; /* when it was written: "2026-03-02T10:20:30Z" */
    bool has_page; /* report.html */
};

/* Calls each() for every run, the newest first; false from it stops, and is ASSAY_CANCELLED. */
ASSAY_API bool assay_run_list(const struct assay *assay, bool (*each)(void *context, const struct assay_recorded *run),
                              void *context, struct assay_error *error);

/* ---- test cases ---- */

struct assay_case {
    const char *question;
    const char *answer; /* NULL: the documents do not answer it */
    const char *source; /* the document that proves the answer; NULL: none */
    bool keeps_rest; /* of assay_case_change: answer and source stay as they are */
};
struct assay_case_place {
    const char *file; /* the project's test cases, as assay.yaml says; good until assay_close */
    size_t line;
};

/* Adds one to the end of the project's test cases. A question that is there already is ASSAY_CONFLICT. Also with a handle that was opened to
 * read, and while others add. */
ASSAY_API bool assay_case_add(struct assay *assay, const struct assay_case *item, struct assay_case_place *place,
                              struct assay_error *error);

/* Calls each() for every one with its line as it stands in that file, a JSON object; false from it stops, and is ASSAY_CANCELLED. */
ASSAY_API bool assay_case_list(struct assay *assay, bool (*each)(void *context, size_t line, struct assay_text object),
                               void *context, struct assay_error *error);

struct assay_case_was {
    const char *question;
    const char *mark; /* assay_text_mark of the object as it was told; NULL: the question is enough */
};
/* Changes the one in a line, as it was told, or removes it (`item` NULL). What else its line tells stays. A line that is another one by now is
 * ASSAY_CONFLICT. */
ASSAY_API bool assay_case_change(struct assay *assay, size_t line, const struct assay_case_was *was,
                                 const struct assay_case *item, struct assay_error *error);
ASSAY_API const char *assay_case_file(const struct assay *assay); /* of the project's test cases, as assay.yaml says */

/* ---- reports of `assay decide` ---- */

struct assay_report_options {
    const char *folder; /* the project's; NULL: the nearest one at or above the current folder */
    const char *run; /* its number ("3"), "last", or a path to it or to its report.json; NULL: "last" */
    const char *html; /* where to write the page; NULL: report.html beside report.json */
};

/* Writes the page of a run: one file, which fetches nothing from anywhere. `path`: where it lies. */
ASSAY_API bool assay_report_write(const struct assay_report_options *options, char path[ASSAY_PATH_BYTES],
                                  struct assay_error *error);

/* One approach in two runs, over the cases that both have (by their questions). */
struct assay_arm_change {
    const char *arm; /* "rag" */
    bool in_first, in_second;
    double first, second; /* scores over all cases of either run; negative: not told */
    size_t paired; /* cases scored in both; 0: nothing below has a meaning */
    struct assay_interval difference; /* the second's less the first's */
    double chance; /* of a difference at least so large, if there were none */
    const char *test; /* by which that is: "mcnemar" where every score is 0 or 1, else "sign_flip" */
    size_t gained, lost; /* cases that became right, or wrong */
};

struct assay_case_change {
    const char *arm, *question;
    bool right_before, right_after;
    const char *before, *after; /* the answers; NULL: there was none */
};

struct assay_comparison_options {
    const char *folder, *first, *second; /* as for assay_report_options; neither run may be NULL */
    void (*on_arm)(void *context, const struct assay_arm_change *change); /* may be NULL */
    void (*on_case)(void *context,
                    const struct assay_case_change *change); /* of those that became right or wrong; may be NULL */
    void *context;
};

struct assay_comparison {
    char first_approach[32], second_approach[32]; /* of the verdicts */
    size_t first_cases, second_cases, shared_cases;
    bool same_cases;
    bool knows_documents, same_documents; /* by the hashes that the runs recorded */
};
ASSAY_API bool assay_report_compare(const struct assay_comparison_options *options, struct assay_comparison *comparison,
                                    struct assay_error *error);

#ifdef __cplusplus
}
#endif

#endif
