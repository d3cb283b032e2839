/* cases_run.c - the part of assay_runs.h about test cases that are written one by one. */
#include "tell.h"
#include "eval/eval.h"

bool assay_case_add(struct assay *assay, const struct assay_case *item, struct assay_case_place *place,
                    struct assay_error *error)
{
    struct error inner;
    struct assay_case_place made = {.file = assay->project->settings.tests};
    const struct eval_new_case written = {
        .question = slice_from(item->question), .answer = optional_slice(item->answer), .source = optional_slice(item->source)};
    bool ok = eval_add_case(assay->project, &written, &made.line, &inner);
    if (ok)
        *place = made;
    return finish(ok, &inner, error);
}
