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

const char *assay_case_file(const struct assay *assay)
{
    return assay->project->settings.tests;
}

struct case_walk {
    bool (*each)(void *context, size_t line, struct assay_text object);
    void *context;
    struct buffer text;
};

static bool tell_line(void *context, size_t line, const struct json_value *object, struct error *error)
{
    struct case_walk *walk = context;
    struct json_writer json;
    buffer_clear(&walk->text);
    json_writer_init(&json, &walk->text);
    json_again(&json, object);
    return walk->each(walk->context, line, (struct assay_text){walk->text.data, walk->text.size}) ||
           error_set(error, ERROR_CANCELLED, "the listing was stopped");
}

bool assay_case_list(struct assay *assay, bool (*each)(void *context, size_t line, struct assay_text object), void *context,
                     struct assay_error *error)
{
    struct error inner;
    struct case_walk walk = {.each = each, .context = context};
    buffer_init(&walk.text, LIMIT_CASES_BYTES);
    bool ok = eval_each_case_line(assay->project, tell_line, &walk, &inner);
    buffer_release(&walk.text);
    return finish(ok, &inner, error);
}

bool assay_case_change(struct assay *assay, size_t line, const struct assay_case_was *was, const struct assay_case *item,
                       struct assay_error *error)
{
    const struct eval_case_was seen = {slice_from(was->question), was->mark};
    struct error inner;
    struct eval_new_case written = {0};
    if (item != NULL)
        written = (struct eval_new_case){.question = slice_from(item->question),
                                         .answer = optional_slice(item->answer),
                                         .source = optional_slice(item->source),
                                         .keeps_rest = item->keeps_rest};
    bool ok = eval_change_case(assay->project, line, &seen, item != NULL ? &written : NULL, &inner);
    return finish(ok, &inner, error);
}
